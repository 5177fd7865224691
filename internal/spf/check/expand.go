package check

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// expandName returns the name that a domain-spec stands for in a record of the domain (RFC 7208 §4.8, §7): expanded,
// without its final dot, and cut on the left to the length of a name. It may still be malformed.
// It returns false where a macro stands for something that is not ASCII: such terms match nothing (RFC 8616 §4).
func (e *evaluation) expandName(ctx context.Context, domainSpec, domain string) (string, bool, error) {
	if !strings.Contains(domainSpec, "%") {
		return qname.Cut(domainSpec), true, nil
	}
	segments, err := spf.Segments(domainSpec)
	if err != nil {
		return "", false, err // the parser has refused such records
	}
	var b []byte
	for _, s := range segments {
		text, ascii, err := e.expandSegment(ctx, s, domain)
		if err != nil || !ascii {
			return "", false, err
		}
		b = qname.KeepEnd(append(b, text...))
	}
	return qname.Cut(qname.Fold(strings.TrimSuffix(string(b), "."))), true, nil
}

// expandSegment returns what one segment stands for, and whether that was ASCII before it was URL-escaped.
func (e *evaluation) expandSegment(ctx context.Context, s spf.Segment, domain string) (text string, ascii bool, err error) {
	if text, ok := s.Literal(); ok {
		return text, true, nil
	}
	value, err := e.macro(ctx, s.Letter, domain)
	if err != nil {
		return "", false, err
	}
	return s.Transform(value), qname.IsASCII(value), nil
}

// macro returns what a macro letter stands for in a record of the domain (RFC 7208 §7.2).
func (e *evaluation) macro(ctx context.Context, letter byte, domain string) (string, error) {
	switch letter {
	case 's':
		return e.local + "@" + e.origin, nil
	case 'l':
		return e.local, nil
	case 'o':
		return e.origin, nil
	case 'd':
		return domain, nil
	case 'i':
		return dotted(e.client), nil
	case 'p':
		return e.validatedName(ctx, domain)
	case 'v':
		return reverseZone(e.client), nil
	case 'h':
		return e.helo, nil
	case 'c':
		return e.client.String(), nil
	case 'r':
		return e.receiver, nil
	default: // 't'
		now := e.time
		if now.IsZero() {
			now = time.Now()
		}
		return strconv.FormatInt(now.Unix(), 10), nil
	}
}

// dotted returns an address as the macro i has it: IPv6 as 32 hexadecimal digits with dots between them
// (RFC 7208 §7.3).
func dotted(addr netip.Addr) string {
	if addr.Is4() {
		return addr.String()
	}
	const hex = "0123456789ABCDEF"
	var b [63]byte
	for i, octet := range addr.As16() {
		b[4*i], b[4*i+1], b[4*i+2] = hex[octet>>4], '.', hex[octet&15]
		if i < 15 {
			b[4*i+3] = '.'
		}
	}
	return string(b[:])
}

// reverseZone is the macro v, and the label below arpa (RFC 7208 §7.3).
func reverseZone(addr netip.Addr) string {
	if addr.Is4() {
		return "in-addr"
	}
	return "ip6"
}
