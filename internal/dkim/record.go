// Package dkim reads, checks and prints DKIM key records (RFC 6376 §3.6.1, with RFC 8301 and RFC 8463).
//
// A [Record] is one key record as a comparable value; the zero Record is invalid. [Parse] tells a text
// that is no key record ([ErrNotDKIM]) from one that is broken ([*SyntaxError]); what is well-formed but
// unwise or useless (a short key, a truncated one, test mode) is for [Record.Check] to say.
package dkim

import (
	"cmp"
	"slices"
	"strings"
)

// Version is the value of the tag v, the only one there is.
const Version = "DKIM1"

// Key types (tag k).
const (
	RSA     = "rsa"     // RFC 6376 §3.6.1
	Ed25519 = "ed25519" // RFC 8463 §4.2
)

// Record is a key record. Records are comparable with ==: two are equal where they say the same in the
// same tags, however they were spaced and ordered.
type Record struct {
	k     string // never empty in a valid record
	p     string // base64 without blanks; empty means revoked
	h     string // colon-separated, empty where the tag is missing, as below
	s     string
	t     string
	n     string // quoted-printable, as written
	other string // unknown tags as written, "a=1; b=2"
}

// IsValid reports whether r came from [Parse] or [FromPEM], as every Record but the zero one does.
func (r Record) IsValid() bool { return r.k != "" }

// KeyType returns the tag k, [RSA] where the record has none.
func (r Record) KeyType() string { return r.k }

// KeyData returns the tag p, base64 without blanks; empty where the key is revoked.
func (r Record) KeyData() string { return r.p }

// Revoked reports whether the key was withdrawn: its tag p is empty (RFC 6376 §3.6.1).
func (r Record) Revoked() bool { return r.IsValid() && r.p == "" }

// Revoke returns the record that withdraws the key (RFC 6376 §3.6.1): that of an RSA key for the zero Record.
func (r Record) Revoke() Record { return Record{k: cmp.Or(r.k, RSA)} }

// Hashes returns the hash algorithms that the tag h allows; none means that all are.
func (r Record) Hashes() []string { return items(r.h) }

// takesSHA256 reports whether the tag h allows SHA-256, the one hash that receivers accept: SHA-1 is ruled out (RFC 8301 §3.1), and
// they ignore names that they do not know (RFC 6376 §3.6.1).
func (r Record) takesSHA256() bool { return r.h == "" || slices.Contains(r.Hashes(), "sha256") }

// Services returns the service types of the tag s, "*" where the record has none.
func (r Record) Services() []string {
	if r.s == "" {
		return []string{"*"}
	}
	return items(r.s)
}

// Flags returns the flags of the tag t.
func (r Record) Flags() []string { return items(r.t) }

// Notes returns the tag n as written, in quoted-printable.
func (r Record) Notes() string { return r.n }

// Testing reports whether the flag y tells receivers to treat mail as if it were not signed.
func (r Record) Testing() bool { return slices.Contains(r.Flags(), "y") }

// Strict reports whether the flag s holds signatures to the domain itself: no subdomain of it may stand in their i=
// (RFC 6376 §3.6.1).
func (r Record) Strict() bool { return slices.Contains(r.Flags(), "s") }

func items(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ":")
}

// String prints the record in canonical form: v, k, h, s, t, n, unknown tags in their order, p. It is the
// inverse of [Parse]. The zero Record is the empty string.
func (r Record) String() string {
	if !r.IsValid() {
		return ""
	}
	tags := []string{"v=" + Version, "k=" + r.k}
	for _, tag := range []struct{ name, value string }{{"h", r.h}, {"s", r.s}, {"t", r.t}, {"n", r.n}} {
		if tag.value != "" {
			tags = append(tags, tag.name+"="+tag.value)
		}
	}
	if r.other != "" {
		tags = append(tags, r.other)
	}
	return strings.Join(append(tags, "p="+r.p), "; ")
}

// Equivalent reports whether receivers treat both records alike: the same key in the same form, since not all of them read an RSA
// key as PKCS#1 ([KeyPKCS1]), and the same v, k and s once defaults stand for missing tags, the same [Record.Strict], and the
// same say on SHA-256, which is all that receivers heed of h. Notes, unknown tags and the other flags, as y for tests, may differ.
func (r Record) Equivalent(o Record) bool {
	if !r.IsValid() || !o.IsValid() {
		return false
	}
	return r.k == o.k &&
		(r.Revoked() && o.Revoked() || r.SameKey(o) && r.PKCS1() == o.PKCS1()) &&
		r.Strict() == o.Strict() &&
		r.takesSHA256() == o.takesSHA256() &&
		sameItems(r.Services(), o.Services())
}

// sameItems compares lists as sets: the order of a tag's items means nothing.
func sameItems(a, b []string) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
