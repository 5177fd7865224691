// Package record holds DNS records as the provider hands them out, and the forms that zone files and
// DNS providers want them in: TXT cut into strings, quoted, escaped and put back together.
package record

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Type is the type of a record, as zone files write it.
type Type string

// The types that mail domains need.
const (
	TXT   Type = "TXT"
	CNAME Type = "CNAME"
	MX    Type = "MX"
	SRV   Type = "SRV"
	A     Type = "A"
	AAAA  Type = "AAAA"
	NS    Type = "NS"
	TLSA  Type = "TLSA"
	CAA   Type = "CAA"
)

// Types lists the known types in the order that documentation names them.
func Types() []Type { return []Type{TXT, CNAME, MX, SRV, A, AAAA, NS, TLSA, CAA} }

// ErrType is the class of errors about a type that is not one of [Types].
var ErrType = errors.New("unknown record type")

// ParseType reads a type in any case.
func ParseType(s string) (Type, error) {
	t := Type(strings.ToUpper(s))
	if !slices.Contains(Types(), t) {
		return "", fmt.Errorf("%w %s: it must be %s", ErrType, DisplayQuoted(s), OneOf(Types()))
	}
	return t, nil
}

// Record is one record of a mail domain. Records are comparable with ==.
type Record struct {
	Domain dnsname.Name // the mail domain it belongs to
	Owner  dnsname.Name // at or below the domain
	Type   Type
	TTL    uint32 // seconds
	Value  string // as a person reads it; made by [Canonical]
}

// New returns a record whose value is in canonical form. It returns a *ValueError where the value is
// not one of its type, and an error that wraps [dnsname.ErrOutside] where the owner is not in the domain.
func New(domain, owner dnsname.Name, t Type, ttl uint32, value string) (Record, error) {
	if !owner.IsIn(domain) {
		return Record{}, &dnsname.ParseError{Name: owner.String(), Err: dnsname.ErrOutside}
	}
	canonical, err := Canonical(t, value)
	if err != nil {
		return Record{}, err
	}
	return Record{Domain: domain, Owner: owner, Type: t, TTL: ttl, Value: canonical}, nil
}

// Name returns the owner relative to the domain, "@" for the domain itself.
func (r Record) Name() string {
	name, _ := r.Owner.In(r.Domain)
	return name
}

// Quoted returns the value in presentation form (RFC 1035 §5.1): TXT as quoted strings of at most 255
// octets, names with their final dot.
func (r Record) Quoted() string {
	switch r.Type {
	case TXT:
		return QuoteTXT(r.Value)
	case CNAME, NS, MX, SRV:
		if strings.HasSuffix(r.Value, ".") {
			return r.Value
		}
		return r.Value + "."
	default:
		return r.Value
	}
}

// Parts are the fields of MX, SRV and CNAME values. A number is -1, and the target the zero Name,
// where the type has none.
type Parts struct {
	Priority, Weight, Port int
	Target                 dnsname.Name
}

// Parts takes the value apart.
func (r Record) Parts() Parts {
	none := Parts{Priority: -1, Weight: -1, Port: -1}
	fields := strings.Fields(r.Value)
	switch {
	case r.Type == CNAME && len(fields) == 1:
		none.Target = dnsname.FromDNS(fields[0])
	case r.Type == MX && len(fields) == 2:
		none.Priority = atoi(fields[0])
		none.Target = dnsname.FromDNS(fields[1])
	case r.Type == SRV && len(fields) == 4:
		none.Priority, none.Weight, none.Port = atoi(fields[0]), atoi(fields[1]), atoi(fields[2])
		none.Target = dnsname.FromDNS(fields[3])
	}
	return none
}

func atoi(s string) int {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return -1
	}
	return int(n)
}

// ValueError says which value is none of its type, and why.
type ValueError struct {
	Type   Type
	Value  string
	Reason string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s value %s: %s", e.Type, shownValue(e.Value), e.Reason)
}

// maxShown is how many octets of a wrong value an error shows.
const maxShown = 200

// shownValue shows a value in an error without possible secrets: a key in PEM, or the login and the query
// of a URL.
func shownValue(v string) string {
	if strings.Contains(v, "-----BEGIN") || strings.Contains(strings.ToUpper(v), "PRIVATE KEY") {
		return "(a key in PEM, which is not shown)"
	}
	if strings.Contains(v, "://") {
		v = secretInURL.ReplaceAllString(v, "$1$3…$2")
	}
	return `"` + display.Text(v, maxShown) + `"`
}

// secretInURL matches the login of a URL, and its query and fragment.
var secretInURL = regexp.MustCompile(`(://)[^/?#\s]*(@)|([?#])\S*`)

// MaxTXT is the largest TXT value, in octets, whose record still fits a DNS message of 65,535 octets
// (RFC 1035 §4.2.2) beside the header, the longest question, the fixed part of the answer and an OPT record.
// Every 255 octets of value cost one more, the length of their string.
const MaxTXT = (65535 - 12 - (255 + 4) - 12 - 11) / 256 * 255

// Canonical brings a value to the one form in which equal values are equal strings: names in lower
// case and without final dot, single blanks, plain numbers. TXT values stay as they are. It returns a
// *ValueError.
func Canonical(t Type, value string) (string, error) {
	if t == TXT {
		return canonicalTXT(value)
	}
	fields := strings.Fields(value)
	fail := func(reason string) (string, error) { return "", &ValueError{Type: t, Value: value, Reason: reason} }
	want := map[Type]int{CNAME: 1, NS: 1, A: 1, AAAA: 1, MX: 2, SRV: 4}
	if n, ok := want[t]; ok && len(fields) != n {
		return fail("it must look like " + shapes[t] + meantTarget(t, nil, value))
	}
	switch t {
	case A, AAAA:
		addr, err := netip.ParseAddr(fields[0])
		if err != nil || addr.Zone() != "" || addr.Is4() != (t == A) || addr.Is4In6() {
			return fail("it must look like " + shapes[t])
		}
		return addr.String(), nil
	case CNAME, NS, MX, SRV:
		return canonicalTarget(t, value, fields)
	case TLSA:
		return canonicalTLSA(value, fields)
	case CAA:
		return canonicalCAA(value)
	}
	return "", fmt.Errorf("%w %q", ErrType, t)
}

// shapes shows one value of each type, for error texts.
var shapes = map[Type]string{
	CNAME: "target.example.net",
	NS:    "ns1.example.net",
	A:     "192.0.2.1",
	AAAA:  "2001:db8::1",
	MX:    "10 mx.example.net",
	SRV:   "0 1 443 host.example.net",
	TLSA:  "3 1 1 <hexadecimal digest>",
	CAA:   `0 issue "ca.example.net"`,
}

func canonicalTXT(value string) (string, error) {
	if len(value) > MaxTXT {
		return "", &ValueError{Type: TXT, Value: value, Reason: fmt.Sprintf(
			"it has %d octets, and a DNS message holds at most %d of one TXT record (RFC 1035 §4.2.2)", len(value), MaxTXT)}
	}
	return value, nil
}

// canonicalTarget handles the types whose last field is a name and whose others are 16-bit numbers.
func canonicalTarget(t Type, value string, fields []string) (string, error) {
	last := len(fields) - 1
	for i, field := range fields[:last] {
		n := atoi(field)
		if n < 0 {
			return "", &ValueError{Type: t, Value: value, Reason: fmt.Sprintf("%s must be a number from 0 to 65535", DisplayQuoted(field)) + meantTarget(t, nil, value)}
		}
		fields[i] = strconv.Itoa(n)
	}
	if _, err := netip.ParseAddr(fields[last]); err == nil {
		return "", &ValueError{Type: t, Value: value, Reason: "the target must be a name, not an address: it must look like " + shapes[t]}
	}
	target, err := dnsname.ParseForeign(fields[last])
	if err != nil {
		reason := "the target " + err.Error()
		// A pasted value may be a secret: ValueError alone shows it.
		if parse, ok := errors.AsType[*dnsname.ParseError](err); ok {
			reason = "the target is not a name: " + parse.Err.Error()
		}
		return "", &ValueError{Type: t, Value: value, Reason: reason + meantTarget(t, fields[:last], fields[last])}
	}
	fields[last] = target.String()
	return strings.Join(fields, " "), nil
}

// meantTarget returns the advice about a text that holds a target and other text. Before are the numbers that stand before
// the target, nil if the text may hold them as well.
func meantTarget(t Type, before []string, text string) string {
	if t != CNAME && t != NS && t != MX && t != SRV || t == SRV && before == nil {
		return ""
	}
	name, ok := dnsname.Meant(text)
	if !ok {
		return ""
	}
	if t == MX && before == nil {
		before = []string{meantPreference(text)}
	}
	return fmt.Sprintf("; write %q", strings.Join(append(slices.Clone(before), name.String()), " "))
}

// meantPreference returns the preference in a text that holds an MX value: the number next to the type, or alone.
func meantPreference(text string) string {
	preference := "10"
	for word := range strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune(" \t\r\n,;\"()", c) }) {
		if n := atoi(word); n >= 0 {
			preference = strconv.Itoa(n)
		}
	}
	return preference
}

// CheckTarget returns a *ValueError for a target that cannot be meant: the owner itself, a single label, which leads
// to no host, or a name whose end was appended twice. Only CNAME, NS, MX and SRV records have one.
func (r Record) CheckTarget() error {
	fields := strings.Fields(r.Value)
	if len(fields) == 0 || r.Type != CNAME && r.Type != NS && r.Type != MX && r.Type != SRV {
		return nil
	}
	target := dnsname.FromDNS(fields[len(fields)-1])
	fail := func(reason string) error { return &ValueError{Type: r.Type, Value: r.Value, Reason: reason} }
	if target == r.Owner && (r.Type == CNAME || r.Type == NS) {
		return fail("it is the name of the record itself, so the record would lead to itself; write the name that the service gave for it")
	}
	if target != dnsname.Root && len(target.Labels()) == 1 {
		return fail("the target has one label; write the whole name, such as " + target.String() + ".example.net")
	}
	if labels := target.Labels(); len(labels) > 0 && labels[0] == "*" {
		return fail("the target is a wildcard, which stands for the names that are asked for and leads to none; write the name that the service gave")
	}
	if once, doubled := target.Doubled(); doubled {
		return fail(fmt.Sprintf("the target ends in the same name twice; write %q", once))
	}
	return nil
}

func canonicalTLSA(value string, fields []string) (string, error) {
	fail := func() (string, error) {
		return "", &ValueError{Type: TLSA, Value: value, Reason: "it must look like " + shapes[TLSA]}
	}
	if len(fields) < 4 {
		return fail()
	}
	for i, field := range fields[:3] {
		n, err := strconv.ParseUint(field, 10, 8)
		if err != nil {
			return fail()
		}
		fields[i] = strconv.FormatUint(n, 10)
	}
	digest := strings.ToLower(strings.Join(fields[3:], ""))
	if len(digest)%2 != 0 || strings.Trim(digest, "0123456789abcdef") != "" {
		return fail()
	}
	return strings.Join(append(fields[:3:3], digest), " "), nil
}

// Set is a map of records by key, as data sources and functions hand them out.
type Set map[string]Record

// Key returns the key of a record: its domain, the source it comes from (a service, "spf", "dkim", …) and its
// id there. The id is empty where the source has one record only.
func Key(domain dnsname.Name, source, id string) string {
	if id == "" {
		return domain.String() + "/" + source
	}
	return domain.String() + "/" + source + "/" + id
}

// Keys returns the keys in order.
func (s Set) Keys() []string { return slices.Sorted(maps.Keys(s)) }
