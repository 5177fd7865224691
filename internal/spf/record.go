// Package spf reads and prints SPF records (RFC 7208 §4.6.1, §5, §6, §7.1), and says what is wrong with a text that is not
// one and how it is mended.
//
// A [Record] is the syntax tree in normal form, and [Record.String] its inverse. Four packages stand on this one:
// merge makes one record of several sources, tree reads what a record includes, counts the lookups and flattens, check
// evaluates check_host, and qname has the rules for names that are asked for.
package spf

import (
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Version starts every record (RFC 7208 §4.5).
const Version = "v=spf1"

// MaxLength is the longest record in octets: the largest TXT value whose answer still fits a DNS message of
// 65,535 octets (RFC 1035 §4.2.2) beside the header, the longest question, the fixed part of the answer and an
// OPT record. Every 255 octets of value cost one more, the length of their string.
const MaxLength = (65535 - 12 - (255 + 4) - 12 - 11) / 256 * 255

// Modifier is a name=value pair of a record (RFC 7208 §6). Redirect and exp hold a domain-spec in the form of
// [Directive.Domain]; the values of other modifiers stand as they were written.
type Modifier struct {
	Name  string // in lower case
	Value string
}

// The modifiers that RFC 7208 §6 defines.
const (
	Redirect = "redirect"
	Exp      = "exp"
)

// String returns the modifier as records have it.
func (m Modifier) String() string { return m.Name + "=" + m.Value }

// Record is an SPF record. Directives are evaluated in their order; where modifiers stand has no meaning
// (RFC 7208 §4.6.3), so that they are kept apart.
type Record struct {
	Directives []Directive // as written, `all` and what stands behind it included; nil where there is none
	Modifiers  []Modifier
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
	if full == Version {
		return ""
	}
	return full[len(Version)+1:]
}

// AppendTo appends the text of [Record.String] to b.
func (r Record) AppendTo(b []byte) []byte {
	b = append(b, Version...)
	for i := range r.Directives {
		b = r.Directives[i].AppendTo(append(b, ' '))
	}
	for _, m := range r.Modifiers {
		b = append(append(b, ' '), m.Name...)
		b = append(append(b, '='), m.Value...)
	}
	return b
}

// Ending returns the first `all`, which ends the evaluation (RFC 7208 §5.1), and false where there is none.
func (r Record) Ending() (Directive, bool) {
	for i := range r.Directives {
		if r.Directives[i].Mechanism == MechAll {
			return r.Directives[i], true
		}
	}
	return Directive{}, false
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

// At returns the record as it must be written at a name other than its owner's; see [Directive.At].
func (r Record) At(owner dnsname.Name) (Record, error) {
	moved := Record{Directives: slices.Clone(r.Directives), Modifiers: slices.Clone(r.Modifiers)}
	for i, t := range r.Directives {
		var err error
		if moved.Directives[i], err = t.At(owner); err != nil {
			return Record{}, err
		}
	}
	for i, m := range r.Modifiers {
		if m.Name != Redirect && m.Name != Exp {
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
func (r Record) Reached() (terms []Directive, redirect string) {
	for i := range r.Directives {
		if r.Directives[i].Mechanism == MechAll {
			return r.Directives[:i], ""
		}
	}
	redirect, _ = r.Modifier(Redirect)
	return r.Directives, redirect
}
