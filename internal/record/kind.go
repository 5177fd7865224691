package record

import (
	"errors"
	"slices"
	"strings"
)

// blanks are the octets that folding white space is made of (RFC 6376 §2.8).
const blanks = " \t\r\n"

// IsDMARC reports whether a TXT value is a DMARC record: its first tag is the version, in exactly these letters
// (RFC 9989 §4.7).
func IsDMARC(txt string) bool {
	first, _, _ := strings.Cut(txt, ";")
	name, value, found := strings.Cut(first, "=")
	// Nothing stands before the version (RFC 9989 §4.8).
	return found && strings.TrimRight(name, " \t") == "v" && strings.Trim(value, " \t") == "DMARC1"
}

// FormatOf names the format of a text by the version that it starts with, "a DMARC record", and is empty for any other
// text. Whether the text is a record that receivers take, is not looked at.
func FormatOf(text string) string {
	for _, format := range []struct{ version, name string }{
		{"v=spf1", "an SPF record"},
		{"v=DMARC1", "a DMARC record"},
		{"v=DKIM1", "a DKIM key record"},
		{"v=STSv1", "an MTA-STS record"},
		{"v=TLSRPTv1", "a TLS reporting record"},
		{"v=BIMI1", "a BIMI record"},
	} {
		if len(text) >= len(format.version) && strings.EqualFold(text[:len(format.version)], format.version) {
			return format.name
		}
	}
	return ""
}

// IsDKIM tells DKIM key records, broken ones included, from other texts.
func IsDKIM(txt string) bool {
	for i, spec := range strings.Split(txt, ";") {
		name, value, _ := strings.Cut(spec, "=")
		name = strings.Trim(name, blanks)
		if i == 0 && name == "v" {
			// Records of another version are discarded (RFC 6376 §3.6.1). DKIM1 in lower case is a slip, and
			// a backslash behind it an escape that was meant for a zone file.
			return strings.EqualFold(strings.Trim(value, blanks+`\`), "DKIM1")
		}
		if name == "p" {
			return true
		}
	}
	return false
}

// isSPF reports whether a TXT value is an SPF record: its version ends at a blank or at the end (RFC 7208 §4.5).
func isSPF(txt string) bool {
	const version = "v=spf1"
	return len(txt) >= len(version) && strings.EqualFold(txt[:len(version)], version) &&
		(len(txt) == len(version) || txt[len(version)] == ' ')
}

// startsWithVersion returns a predicate for the records whose first tag is that version.
func startsWithVersion(version string) func(r Record) bool {
	return func(r Record) bool {
		first, _, _ := strings.Cut(r.Value, ";")
		return strings.TrimSpace(first) == "v="+version
	}
}

// A soleKind is a kind of TXT record of which an owner has one: where there are two, receivers use neither.
type soleKind struct {
	err error
	is  func(r Record) bool // of a TXT record
	why string
}

// soleKinds lists them.
var soleKinds = [...]soleKind{
	{ErrTwoSPF, func(r Record) bool { return isSPF(r.Value) }, "with two of them, SPF always fails (RFC 7208 §4.5); merge the two"},
	{ErrTwoDMARC, func(r Record) bool { return IsDMARC(r.Value) }, "receivers discard both (RFC 9989 §4.10); keep one of them"},
	{ErrTwoKeys, func(r Record) bool {
		return slices.Contains(r.Owner.Labels(), "_domainkey") && IsDKIM(r.Value)
	}, "it is undefined which one receivers use (RFC 6376 §3.6.2.2); give each key its own selector"},
	{ErrTwoSTS, startsWithVersion("STSv1"), "senders treat the domain as one without MTA-STS (RFC 8461 §3.1); keep one of them"},
	{ErrTwoTLSRPT, startsWithVersion("TLSRPTv1"), "senders report to neither (RFC 8460 §3); keep one of them"},
}

// Errors of [RRsets] about two records of a kind that stands alone.
var (
	ErrTwoSPF    = errors.New("two SPF records with one owner")
	ErrTwoDMARC  = errors.New("two DMARC records with one owner")
	ErrTwoKeys   = errors.New("two DKIM keys at one selector")
	ErrTwoSTS    = errors.New("two MTA-STS records with one owner")
	ErrTwoTLSRPT = errors.New("two TLS reporting records with one owner")
)

// sole returns the kind of which the record must be the only one at its owner.
func (r Record) sole() (soleKind, bool) {
	if r.Type != TXT {
		return soleKind{}, false
	}
	for _, kind := range soleKinds {
		if kind.is(r) {
			return kind, true
		}
	}
	return soleKind{}, false
}
