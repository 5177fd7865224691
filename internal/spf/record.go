// Package spf reads, prints, merges, counts, flattens and evaluates SPF records (RFC 7208). It asks DNS through
// [Resolver] alone.
//
// A [Record] is a record's syntax tree in normal form, [Record.String] its inverse. [Merge] makes one
// record of an existing one and of what the services that send for the domain ask for. [Walk] reads what a record
// includes, and its [Tree] tells what evaluating it costs, and flattens it. [Checker] is check_host.
package spf

import (
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// version starts every record (RFC 7208 §4.5).
const version = "v=spf1"

// MaxLength is the longest record in octets: the largest TXT value whose answer still fits a DNS message of
// 65,535 octets (RFC 1035 §4.2.2) beside the header, the longest question, the fixed part of the answer and an
// OPT record. Every 255 octets of value cost one more, the length of their string.
const MaxLength = (65535 - 12 - (255 + 4) - 12 - 11) / 256 * 255

// Modifier is a name=value pair of a record (RFC 7208 §6). Redirect and exp hold a domain-spec in the form of
// [Term.Domain]; the values of other modifiers stand as they were written.
type Modifier struct {
	Name  string // in lower case
	Value string
}

// The modifiers that RFC 7208 §6 defines.
const (
	modRedirect = "redirect"
	modExp      = "exp"
)

// String returns the modifier as records have it.
func (m Modifier) String() string { return m.Name + "=" + m.Value }

// Record is an SPF record. Directives are evaluated in their order; where modifiers stand has no meaning
// (RFC 7208 §4.6.3), so that they are kept apart.
type Record struct {
	Terms     []Term // as written, `all` and what stands behind it included; nil where there is none
	Modifiers []Modifier
}

// String returns the record in canonical form: directives, then modifiers, with single blanks. No `all` is
// added. Parsing it gives the record back.
func (r Record) String() string {
	var buf [512]byte
	return string(r.AppendTo(buf[:0]))
}

// TermsString returns the record without its version, as [ParseTerms] reads it.
func (r Record) TermsString() string {
	full := r.String()
	if full == version {
		return ""
	}
	return full[len(version)+1:]
}

// AppendTo appends the text of [Record.String] to b.
func (r Record) AppendTo(b []byte) []byte {
	b = append(b, version...)
	for i := range r.Terms {
		b = r.Terms[i].AppendTo(append(b, ' '))
	}
	for _, m := range r.Modifiers {
		b = append(append(b, ' '), m.Name...)
		b = append(append(b, '='), m.Value...)
	}
	return b
}

// Ending returns the first `all`, which ends the evaluation (RFC 7208 §5.1), and false where there is none.
func (r Record) Ending() (Term, bool) {
	for i := range r.Terms {
		if r.Terms[i].Mechanism == MechAll {
			return r.Terms[i], true
		}
	}
	return Term{}, false
}

// Modifier returns the value of the first modifier of that name, and false where there is none.
func (r Record) Modifier(name string) (string, bool) {
	for _, m := range r.Modifiers {
		if m.Name == name {
			return m.Value, true
		}
	}
	return "", false
}

// At returns the record as it must be written at a name other than its owner's; see [Term.At].
func (r Record) At(owner dnsname.Name) (Record, error) {
	moved := Record{Terms: slices.Clone(r.Terms), Modifiers: slices.Clone(r.Modifiers)}
	for i, t := range r.Terms {
		var err error
		if moved.Terms[i], err = t.At(owner); err != nil {
			return Record{}, err
		}
	}
	for i, m := range r.Modifiers {
		if m.Name != modRedirect && m.Name != modExp {
			continue
		}
		var err error
		if moved.Modifiers[i].Value, err = spellOut(m.Value, owner); err != nil {
			return Record{}, err
		}
	}
	return moved, nil
}

// Reached returns the terms before the first `all`, behind which nothing is reached (RFC 7208 §5.1), and the
// target of a redirect=, which counts only where there is no `all` (§6.1).
func (r Record) Reached() (terms []Term, redirect string) {
	for i := range r.Terms {
		if r.Terms[i].Mechanism == MechAll {
			return r.Terms[:i], ""
		}
	}
	redirect, _ = r.Modifier(modRedirect)
	return r.Terms, redirect
}
