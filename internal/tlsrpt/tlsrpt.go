// Package tlsrpt reads and prints the TXT records that say where reports on TLS go (RFC 8460 §3).
package tlsrpt

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
)

// Version is the version of records, the only one there is.
const Version = "TLSRPTv1"

// Label stands before the domain in the owner of the record.
const Label = "_smtp._tls"

// ErrNotTLSRPT is the class of errors of [Parse] about a text that senders do not take for a TLS reporting record.
var ErrNotTLSRPT = errors.New("not a TLS reporting record")

// format is what the record shares with others.
var format = taglist.Format{
	Name: "a TLS reporting record", Version: Version, Owner: Label, Section: "RFC 8460 §3", Example: "v=TLSRPTv1; rua=mailto:tls-reports@example.com",
	Names: []string{"v", "rua"}, Tags: record.NewTagNames([]string{"v", "rua"}), Err: ErrNotTLSRPT,
	Stray: strayAddress, Mend: mendAddresses,
}

// strayAddress is about an address that stands behind a semicolon in place of a comma.
func strayAddress(before, text string) (rule, joined string) {
	uri, reason := reporturi.Write(strings.Trim(text, " \t"), reporturi.TLS)
	if reason != "" || !strings.HasPrefix(strings.Trim(before, " \t"), "rua=") {
		return "", ""
	}
	return "addresses are separated by commas, not by semicolons", before + "," + uri
}

// mendAddresses writes each address of a tag rua that can be understood as a URI, with commas between them.
func mendAddresses(_, value string) string {
	words := strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' })
	for i, word := range words {
		if limit := reporturi.Limit(word); limit != "" {
			word = strings.TrimSuffix(word, limit)
		}
		if uri, reason := reporturi.Write(strings.TrimRight(word, "."), reporturi.TLS); reason == "" {
			words[i] = uri
		}
	}
	return strings.Join(words, ",")
}

// Record is the TXT record at _smtp._tls.
type Record struct {
	RUA []string // URIs that reports go to, with mailto: or https:, one at least
	// Other are tags that RFC 8460 does not define, as written: "a=1; b=2". Senders ignore them.
	Other string
	// Remarks are sentences about what senders ignore.
	Remarks []string
}

// IsRecord reports whether senders take a TXT value for a TLS reporting record, be it a broken one.
func IsRecord(txt string) bool { return format.IsRecord(txt) }

// Parse reads a record, strictly: what breaks the grammar is left to each sender to make something of. It returns an error
// that wraps [ErrNotTLSRPT], or a *taglist.SyntaxError.
func Parse(txt string) (Record, error) {
	r, err := parse(txt)
	return r, format.Advise(txt, err, func(txt string) error {
		_, err := parse(txt)
		return err
	})
}

func parse(txt string) (Record, error) {
	tags, err := format.Read(txt)
	if err != nil {
		return Record{}, err
	}
	var r Record
	var other []string
	seen := make(map[string]bool)
	for _, t := range tags {
		switch {
		case t.Name == "rua": // It may stand several times (RFC 8460 §3).
			if err := r.addresses(t, seen); err != nil {
				return Record{}, err
			}
		case t.Name == "v":
			return Record{}, format.Fail(t, "the version appears twice; two records may have been joined into one")
		case t.Value == "" || strings.ContainsAny(t.Value, " \t="):
			return Record{}, format.Fail(t, "its value is empty, or holds a blank or an equals sign, which no tag but rua may (RFC 8460 §3)")
		default:
			other = append(other, t.Name+"="+t.Value)
			r.Remarks = taglist.Remark(r.Remarks, "The tag %s is not one of TLS reporting: senders ignore it.", record.ShortQuoted(t.Name))
		}
	}
	if len(r.RUA) == 0 {
		return Record{}, format.Fail(taglist.Tag{Name: "rua", Offset: len(txt)}, "it is missing; it is required, since it names the destination of reports")
	}
	r.Other = strings.Join(other, "; ")
	return r, nil
}

// addresses reads the URIs of a tag rua; those that were seen are left out.
func (r *Record) addresses(t taglist.Tag, seen map[string]bool) error {
	for text := range strings.SplitSeq(t.Value, ",") {
		uri := strings.Trim(text, " \t")
		if reason := reporturi.Why(uri, reporturi.TLS); reason != "" {
			return format.Fail(t, "%s is not an address for reports: %s", record.ShortQuoted(uri), reason)
		}
		if seen[strings.ToLower(uri)] {
			r.Remarks = taglist.Remark(r.Remarks, "The address %s appears twice, and once is enough.", record.ShortQuoted(uri))
			continue
		}
		seen[strings.ToLower(uri)] = true
		r.RUA = append(r.RUA, uri)
	}
	return nil
}

// String prints the record. It is the inverse of [Parse], but for remarks. A record without an address is the empty string.
func (r Record) String() string {
	if len(r.RUA) == 0 {
		return ""
	}
	text := "v=" + Version + "; rua=" + strings.Join(r.RUA, ",")
	if r.Other != "" {
		text += "; " + r.Other
	}
	return text
}

// Owner returns the name that the record stands at, and reports false where that is too long.
func Owner(domain dnsname.Name) (dnsname.Name, bool) {
	owner, err := dnsname.ParseIn(Label, domain)
	return owner, err == nil
}

// Config is a record as its owner writes it.
type Config struct {
	Reports []string // addresses, or URIs with mailto: or https:
}

// Record returns the record. Its problems lead to reports. It returns problem.Problems.
func (c Config) Record() (Record, error) {
	var problems problem.Problems
	path := problem.Attribute("reports")
	add := func(path problem.Path, format string, args ...any) {
		problems = append(problems, &problem.Problem{Path: path, Summary: "TLS reporting record", Detail: problem.Sentence(fmt.Sprintf(format, args...))})
	}
	var r Record
	for i, text := range c.Reports {
		uri, reason := reporturi.Write(text, reporturi.TLS)
		switch {
		case reason != "":
			add(path.At(i), "%s is not an address for reports: %s", record.ShortQuoted(text), reason)
		case slices.ContainsFunc(r.RUA, func(other string) bool { return strings.EqualFold(uri, other) }):
			add(path.At(i), "%s appears twice: remove one of the two", record.ShortQuoted(text))
		default:
			r.RUA = append(r.RUA, uri)
		}
	}
	if len(c.Reports) == 0 {
		add(path, "a TLS reporting record must name at least one address for reports (RFC 8460 §3)")
	}
	if len(r.String()) > record.MaxTXT {
		add(path, "the record has %d octets, and a TXT record holds at most %d", len(r.String()), record.MaxTXT)
	}
	if err := problems.OrNil(); err != nil {
		return Record{}, err
	}
	return r, nil
}
