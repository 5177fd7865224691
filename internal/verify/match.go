package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// A kind is a sort of record that has a meaning beyond its text: which values at an owner are of
// the kind, how many there may be, and when two of them say the same.
type kind struct {
	name string                      // as error texts have it
	is   func(value string) bool     // nil: every value of the type
	same func(want, got string) bool // equal in meaning
	why  string                      // why there may be only one; empty where there may be several
}

func (k kind) single() bool { return k.why != "" }

func equalText(want, got string) bool { return want == got }

// kindOf returns the kind of an expected record.
func kindOf(e Expectation) kind {
	switch e.Type {
	case record.TXT:
		return kindOfTXT(e)
	case record.CNAME:
		return kind{name: "CNAME record", same: equalText, why: "RFC 2181 §10.1 allows one"}
	case record.MX:
		if e.Value == "0 ." {
			return kind{name: "MX record", same: equalText, why: "a null MX stands alone (RFC 7505 §3)"}
		}
	}
	return kind{name: string(e.Type) + " record", same: equalText}
}

// policies are the records of RFC 9989, 8461, 8460 and BIMI, told apart by their version tag.
var policies = []struct{ name, version, why string }{
	{"DMARC record", "v=DMARC1", "with several, receivers apply none (RFC 9989 §4.10)"},
	{"MTA-STS record", "v=STSv1", "with several, senders apply none (RFC 8461 §3.1)"},
	{"TLS-RPT record", "v=TLSRPTv1", "with several, senders report to none (RFC 8460 §3)"},
	{"BIMI record", "v=BIMI1", "with several, receivers show none"},
}

func kindOfTXT(e Expectation) kind {
	if isSPF(e) {
		return kind{
			name: "SPF record", is: spf.IsRecord, same: sameSPF,
			why: "with several, receivers reject all of them as a permanent error (RFC 7208 §4.5)",
		}
	}
	if IsDKIMOwner(e.Owner) {
		// Everything at a selector is meant to be a key, also what is broken.
		return kind{name: "DKIM key record", same: sameDKIM, why: "with several, the result is undefined (RFC 6376 §3.6.2.2)"}
	}
	for _, p := range policies {
		if hasVersion(e.Value, p.version) {
			return kind{name: p.name, is: func(v string) bool { return hasVersion(v, p.version) }, same: sameTags, why: p.why}
		}
	}
	return kind{name: "TXT record", same: equalText}
}

// IsDKIMOwner reports whether a name is that of a DKIM key: a selector below "_domainkey".
func IsDKIMOwner(owner dnsname.Name) bool {
	return slices.Index(owner.Labels(), "_domainkey") > 0
}

func hasVersion(value, version string) bool {
	first, _, _ := strings.Cut(value, ";")
	tag, number, _ := strings.Cut(first, "=")
	return strings.TrimSpace(tag)+"="+strings.TrimSpace(number) == version
}

// sameTags compares tag lists (RFC 6376 §3.2) without the blanks around their tags and values.
func sameTags(want, got string) bool { return slices.Equal(tags(want), tags(got)) }

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

func sameSPF(want, got string) bool {
	a, err := spf.Parse(want)
	if err != nil {
		return want == got
	}
	b, err := spf.ParseWire(got)
	return err == nil && a.String() == b.String()
}

func sameDKIM(want, got string) bool {
	a, err := dkim.Parse(want)
	if err != nil {
		return want == got
	}
	b, err := dkim.Parse(got)
	return err == nil && a.Equivalent(b)
}

// Verdict is what one server's answer means for one expectation.
type Verdict int

// The verdicts. The zero Verdict is Unknown.
const (
	Unknown  Verdict = iota // the server did not say
	Matches                 // the server serves the record
	Mismatch                // the server serves something else, or nothing
)

// match compares an answer with what is expected. The text says what was seen, and is empty for Matches.
func match(e Expectation, a Answer) (Verdict, string) {
	switch {
	case !a.Outcome.Definite():
		text := a.Outcome.String()
		if a.Detail != "" {
			text += ": " + a.Detail
		}
		return Unknown, text
	case a.Outcome != Found:
		return Mismatch, a.Outcome.String()
	}
	k := kindOf(e)
	values := a.Values
	if k.is != nil {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !k.is(v) })
	}
	found := slices.ContainsFunc(values, func(v string) bool { return k.same(e.Value, v) })
	switch {
	case k.single() && len(values) > 1:
		return Mismatch, fmt.Sprintf("%d of them, and there may be one only: %s; seen %s", len(values), k.why, quoteAll(values))
	case found:
		return Matches, ""
	case len(values) == 0:
		return Mismatch, fmt.Sprintf("no %s among the %s records there; seen %s", k.name, e.Type, quoteAll(a.Values))
	}
	return Mismatch, "other content: " + quoteAll(values)
}

// maxShown is how many values of one owner an error text shows.
const maxShown = 5

func quoteAll(values []string) string {
	shown := make([]string, 0, maxShown+1)
	for i, v := range values {
		if i == maxShown {
			shown = append(shown, fmt.Sprintf("and %d more", len(values)-maxShown))
			break
		}
		shown = append(shown, "«"+record.Display(v)+"»")
	}
	return strings.Join(shown, ", ")
}

// checkKey says what is wrong with the key that a DKIM CNAME leads to; Matches where nothing is.
func checkKey(a Answer) (Verdict, string) {
	switch {
	case !a.Outcome.Definite():
		text := "the key behind the CNAME: " + a.Outcome.String()
		if a.Detail != "" {
			text += ": " + a.Detail
		}
		return Unknown, text
	case a.Outcome != Found:
		return Mismatch, "the CNAME stands, but its target has no key yet: " + a.Outcome.String()
	case len(a.Values) != 1:
		return Mismatch, fmt.Sprintf("the CNAME leads to %d TXT records, and there must be one key (RFC 6376 §3.6.2.2)", len(a.Values))
	}
	key, err := dkim.Parse(a.Values[0])
	if err != nil {
		return Mismatch, "the CNAME leads to a record that is no DKIM key: " + err.Error()
	}
	if key.Revoked() {
		return Mismatch, "the CNAME leads to a revoked key (empty p=, RFC 6376 §3.6.1)"
	}
	return Matches, ""
}
