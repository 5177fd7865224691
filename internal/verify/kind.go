package verify

import (
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// kind describes records with a meaning beyond their text: the values at an owner that are of the kind, how many there may
// be, and when two of them say the same.
type kind struct {
	name  string                      // as error texts have it
	is    func(value string) bool     // nil: every value of the type
	read  func(value string) error    // says why a value is none; nil where every value is one
	same  func(want, got string) bool // equal in meaning
	parts func(value string) []string // what a difference is told in; nil where a value has no parts
	why   string                      // why there may be only one; empty where there may be several
}

// The names of the kinds that have causes of their own.
const (
	spfKind = "SPF record"
	keyKind = "DKIM key record"
)

// isNullMX reports whether the value of an MX record says that the domain takes no mail, by naming no host (RFC 7505 §3).
// Senders look at the name alone, whatever its preference.
func isNullMX(value string) bool { return strings.HasSuffix(value, " .") }

// single reports whether there may be only one record of the kind.
func (k kind) single() bool { return k.why != "" }

// among returns the values that are of the kind.
func (k kind) among(values []string) []string {
	if k.is == nil {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !k.is(v) })
}

// equalText compares values that have no meaning beyond their text.
func equalText(want, got string) bool { return want == got }

// kindOf returns the kind of an expected record.
func kindOf(e Expectation) kind {
	switch e.Type {
	case record.TXT:
		return kindOfTXT(e)
	case record.CNAME:
		return kind{name: "CNAME record", same: equalText, why: "RFC 2181 §10.1 allows one"}
	case record.MX:
		if isNullMX(e.Value) {
			return kind{name: "MX record", same: equalText, why: "a null MX must be the only MX record (RFC 7505 §3)"}
		}
	case record.CAA:
		return kind{name: "CAA record", same: sameCAA}
	}
	return kind{name: string(e.Type) + " record", same: equalText}
}

// policies are the records of RFC 9989, 8461, 8460 and BIMI, told apart by their version tag.
var policies = []struct {
	name, why string
	is        func(value string) bool
	read      func(value string) error
	same      func(want, got string) bool
}{
	{"DMARC record", "with several, receivers apply none (RFC 9989 §4.10)", dmarc.IsRecord, errorOf(dmarc.Parse), sameDMARC},
	{"MTA-STS record", "with several, senders apply none (RFC 8461 §3.1)", mtasts.IsRecord, errorOf(mtasts.Parse), sameSTS},
	{"TLS-RPT record", "with several, senders report to none (RFC 8460 §3)", tlsrpt.IsRecord, errorOf(tlsrpt.Parse), sameTLSRPT},
	{"BIMI record", "with several, receivers show none", bimi.IsRecord, errorOf(bimi.Parse), sameBIMI},
}

// errorOf returns a parser without what it makes of a value.
func errorOf[T any](parse func(value string) (T, error)) func(value string) error {
	return func(value string) error {
		_, err := parse(value)
		return err
	}
}

// kindOfTXT returns the kind of an expected TXT record.
func kindOfTXT(e Expectation) kind {
	if isSPF(e) {
		return kind{
			name: spfKind, is: spf.IsRecord, read: errorOf(spf.ParseWire), parts: spfParts,
			same: func(want, got string) bool { return sameSPF(e.Owner, want, got) },
			why:  "with several, receivers reject all of them as a permanent error (RFC 7208 §4.5)",
		}
	}
	if dkim.IsOwner(e.Owner) {
		// Everything at a selector is meant to be a key, also what is broken.
		return kind{name: keyKind, same: sameDKIM, why: "with several, the result is undefined (RFC 6376 §3.6.2.2)"}
	}
	if dmarc.Authorises(e.Owner) && dmarc.IsRecord(e.Value) {
		return kind{name: "DMARC record that authorises reports", is: dmarc.IsRecord, read: errorOf(dmarc.Parse), same: sameAuthorisation, parts: tags}
	}
	for _, p := range policies {
		if p.is(e.Value) {
			return kind{name: p.name, is: p.is, read: p.read, same: p.same, parts: tags, why: p.why}
		}
	}
	return kind{name: "TXT record", same: equalText}
}

// sameTags compares tag lists (RFC 6376 §3.2) without the blanks around their tags and values. Behind the version,
// which comes first, the order of tags has no meaning.
func sameTags(want, got string) bool { return equalSets(tags(want), tags(got)) }

// tags returns the tags of a list without the blanks around names and values.
func tags(s string) []string {
	var list []string
	for tag := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(tag, "=")
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name+"="+strings.TrimSpace(value))
		}
	}
	return list
}

// equalSets compares lists whose order has no meaning.
func equalSets(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// sameSPF compares what receivers heed of two records of an owner: terms in their order, and modifiers in any (RFC 7208 §6).
func sameSPF(owner dnsname.Name, want, got string) bool {
	a, err := spf.Parse(want)
	if err != nil {
		return want == got
	}
	if !spf.IsRecord(got) {
		return false // What is wrong with it is not asked.
	}
	b, err := spf.ParseWire(got)
	if err != nil {
		return false
	}
	a, b = heeded(a, owner), heeded(b, owner)
	return slices.Equal(a.Directives, b.Directives) && equalSets(modifiers(a), modifiers(b))
}

// heeded returns what receivers heed of a record: no term behind "all", no redirect beside it (RFC 7208 §5.1), and no modifier that
// they do not know (§6). A record that ends in neither says "?all" (§4.7), and a term without a domain means that of the record.
func heeded(r spf.Record, owner dnsname.Name) spf.Record {
	all := slices.IndexFunc(r.Directives, func(d spf.Directive) bool { return d.Mechanism == spf.MechAll })
	_, redirects := r.Modifier(spf.Redirect)
	r.Directives = slices.Clone(r.Directives)
	switch {
	case all >= 0:
		r.Directives = r.Directives[:all+1]
	case !redirects:
		r.Directives = append(r.Directives, spf.Directive{Qualifier: spf.Neutral, Mechanism: spf.MechAll})
	}
	for i, d := range r.Directives {
		mayLeaveOut := d.Mechanism == spf.MechA || d.Mechanism == spf.MechMX || d.Mechanism == spf.MechPTR
		if mayLeaveOut && (d.Domain == owner.String() || strings.EqualFold(d.Domain, "%{d}")) {
			r.Directives[i].Domain = ""
		}
	}
	r.Modifiers = slices.DeleteFunc(slices.Clone(r.Modifiers), func(m spf.Modifier) bool {
		return m.Name != spf.Exp && (m.Name != spf.Redirect || all >= 0)
	})
	return r
}

// modifiers returns the modifiers of an SPF record.
func modifiers(r spf.Record) []string {
	texts := make([]string, len(r.Modifiers))
	for i, m := range r.Modifiers {
		texts[i] = m.String()
	}
	return texts
}

// spfParts returns the terms and modifiers of a record in normal form; none where it is invalid.
func spfParts(value string) []string {
	r, err := spf.ParseWire(value)
	if err != nil {
		return nil
	}
	var parts []string
	for _, t := range r.Directives {
		parts = append(parts, t.String())
	}
	return append(parts, modifiers(r)...)
}

// sameDKIM compares keys with the tags that receivers heed.
func sameDKIM(want, got string) bool {
	a, err := dkim.Parse(want)
	if err != nil {
		return want == got
	}
	if !record.IsDKIM(got) {
		return false
	}
	b, err := dkim.Parse(got)
	return err == nil && a.Equivalent(b)
}

// sameCAA compares flags, tag and value. Tags know no case (RFC 8659 §4.1), nor do the names in issue and
// issuewild, and a value may stand in quotes or not.
func sameCAA(want, got string) bool { return plainCAA(want) == plainCAA(got) }

// plainCAA returns a CAA record in the form in which equal ones are the same.
func plainCAA(s string) string {
	flags, rest, _ := strings.Cut(s, " ")
	tag, value, _ := strings.Cut(rest, " ")
	tag, value = strings.ToLower(tag), record.Unescape(unquote(value))
	if tag == "issue" || tag == "issuewild" {
		issuer, parameters, _ := strings.Cut(value, ";")
		value = strings.ToLower(strings.TrimSpace(issuer)) + ";" + strings.Join(strings.Fields(parameters), " ")
	}
	return flags + " " + tag + " " + value
}
