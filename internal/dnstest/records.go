package dnstest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// DefaultTTL is the time to live of a record that is written without one, in seconds.
const DefaultTTL = 300

// maxString is the length of a character-string, in octets (RFC 1035 §3.3).
const maxString = 255

// TXT returns a TXT record with the given octets, cut into strings of at most 255 octets. The owner
// is taken relative to the zone that the record is added to, unless it has a final dot.
func TXT(owner string, ttl uint32, value string) dns.RR {
	var chunks []string
	for len(value) > maxString {
		chunks = append(chunks, value[:maxString])
		value = value[maxString:]
	}
	return TXTStrings(owner, ttl, append(chunks, value)...)
}

// TXTStrings returns a TXT record with exactly these strings, given as raw octets. A string of more
// than 255 octets does not fit a TXT record: adding the record to a zone fails.
func TXTStrings(owner string, ttl uint32, strs ...string) dns.RR {
	escaped := make([]string, len(strs))
	for i, s := range strs {
		escaped[i] = escapeString(s)
	}
	header := dns.RR_Header{Name: owner, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: ttl}
	return &dns.TXT{Hdr: header, Txt: escaped}
}

// escapeString writes raw octets as miekg/dns holds a string: in presentation form without its quotes
// (RFC 1035 §5.1).
func escapeString(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// parseRecords reads records in presentation form relative to origin. Every line starts with its
// owner, whatever blanks stand before it, so that a raw string in Go may be indented.
func parseRecords(origin string, texts ...string) ([]dns.RR, error) {
	var records []dns.RR
	for _, given := range texts {
		before := len(records)
		// A $TTL line, because SetDefaultTTL alone makes a record's own TTL the default of those behind it.
		text := fmt.Sprintf("$TTL %d\n%s", DefaultTTL, unindent(given))
		parser := dns.NewZoneParser(strings.NewReader(text), origin, "")
		for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
			records = append(records, rr)
		}
		if err := parser.Err(); err != nil {
			return nil, fmt.Errorf("record %q: %w", given, err)
		}
		if len(records) == before && strings.TrimSpace(given) != "" {
			return nil, fmt.Errorf("record %q: no record found in it", given)
		}
	}
	return records, nil
}

// buffers holds buffers that records are packed into: a new one for each record is most of the work for it.
var buffers = sync.Pool{New: func() any { return new([dns.MaxMsgSize]byte) }}

func unindent(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, " \t")
	}
	return strings.Join(lines, "\n") + "\n"
}

// normalise returns a copy of rr as it comes off the wire, with an owner inside origin. It fails for
// records that cannot be sent, such as a TXT string of 256 octets.
func normalise(rr dns.RR, origin string) (dns.RR, error) {
	owner, err := parseNameIn(rr.Header().Name, origin)
	if err != nil {
		return nil, err
	}
	if !dns.IsSubDomain(origin, owner) {
		return nil, fmt.Errorf("record %q lies outside the zone %s", rr, displayName(origin))
	}
	if rr.Header().Class != dns.ClassINET {
		return nil, fmt.Errorf("record %q: only class IN is served", rr)
	}
	if t := rr.Header().Rrtype; t == dns.TypeANY || isMeta(t) {
		return nil, fmt.Errorf("record %q: a zone holds no records of this type", rr)
	}
	whole := dns.Copy(rr)
	if !dns.IsFqdn(whole.Header().Name) {
		whole.Header().Name = owner
	}
	buffer := buffers.Get().(*[dns.MaxMsgSize]byte)
	defer buffers.Put(buffer)
	n, err := dns.PackRR(whole, buffer[:], 0, nil, false)
	if err != nil {
		return nil, fmt.Errorf("record %q cannot be sent: %w", rr, err)
	}
	whole, _, err = dns.UnpackRR(slices.Clone(buffer[:n]), 0)
	if err != nil {
		return nil, fmt.Errorf("record %q cannot be read back: %w", rr, err)
	}
	return whole, nil
}

// sameData reports whether two records of one RRset hold the same data, whatever their TTL.
func sameData(a, b dns.RR) bool { return dns.IsDuplicate(a, b) }

func copyRecords(records []dns.RR) []dns.RR {
	copies := make([]dns.RR, len(records))
	for i, rr := range records {
		copies[i] = dns.Copy(rr)
	}
	return copies
}
