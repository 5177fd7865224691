package verify

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// valueCauses says what is wrong with the values of an answer that does not match.
func valueCauses(e Expectation, a answer.Answer) []Cause {
	k := kindOf(e)
	if len(a.Aliases) > 0 && e.Type != record.CNAME {
		return []Cause{aliasForRecord(e.Owner, e.Type, a)}
	}
	if a.Outcome != answer.Found {
		return []Cause{notPublished(e, a)}
	}
	values := k.among(a.Values)
	if k.single() && len(values) > 1 {
		return []Cause{several(e.Owner, k, e.Value, values)}
	}
	if e.Type == record.MX && !k.single() && slices.Contains(values, nullMX) {
		return []Cause{nullBeside(e.Owner, values)}
	}
	var causes []Cause
	for _, v := range a.Values {
		if c, ok := valueCause(e, k, v); ok {
			causes = append(causes, c)
		}
		if len(causes) == maxShown {
			break // What else stands there says the same, or does not matter.
		}
	}
	switch {
	case len(causes) > 0:
		return causes
	case slices.Contains([]record.Type{record.A, record.AAAA, record.CAA, record.SRV, record.TLSA}, e.Type):
		return []Cause{{
			Code: ValueDiffers,
			What: fmt.Sprintf("The %s %s at %s %s %s, and %s is expected.", e.Type, plural(len(values), "record", "records"), shown(e.Owner),
				plural(len(values), "is", "are"), briefAll(values), brief(e.Value)),
			Do: "Change the record to the expected value at the DNS provider, or add one where the others are to stay.",
		}}
	}
	return []Cause{notPublished(e, a)}
}

// nullBeside says that a null MX keeps mail away, where a mail server is expected.
func nullBeside(owner dnsname.Name, values []string) Cause {
	c := Cause{
		Code: ValueDiffers,
		What: fmt.Sprintf("%s has a null MX, %s, which says that it takes no mail.", shown(owner), brief(nullMX)),
		Do:   "Replace the null MX with the expected record at the DNS provider.",
	}
	if others := without(values, []string{nullMX}); len(others) > 0 {
		c.Code = SeveralRecords
		c.What = fmt.Sprintf("%s has a null MX, %s, which must stand alone (RFC 7505 §3), beside %s.", shown(owner), brief(nullMX), briefAll(others))
		c.Do = "Remove the null MX at the DNS provider."
	}
	return c
}

// valueCause compares one value with the expected one. It returns false for a value that has nothing to do with it.
func valueCause(e Expectation, k kind, v string) (Cause, bool) {
	switch e.Type {
	case record.CNAME, record.MX, record.SRV, record.NS:
		return targetCause(e, k, v)
	case record.TXT:
		return textCause(e, k, v)
	}
	return Cause{}, false
}

func textCause(e Expectation, k kind, v string) (Cause, bool) {
	if c, ok := literals(e.Owner, v, func(plain string) bool {
		return k.same(e.Value, plain) || k.is != nil && k.is(plain) || k.name == keyKind && isKey(plain)
	}); ok {
		return c, true
	}
	if c, ok := misplacedBlank(e, v); ok {
		return c, true
	}
	if c, ok := cut(e, k, v); ok {
		return c, true
	}
	switch {
	case IsDKIMOwner(e.Owner):
		return keyCause(e, v), true
	case k.is != nil && k.is(v):
		return contentCause(e, k, v), true
	}
	return Cause{}, false
}

// several says that there is more than one record of a kind, and which of them is the expected one.
func several(owner dnsname.Name, k kind, want string, values []string) Cause {
	c := Cause{
		Code: SeveralRecords,
		What: fmt.Sprintf("%s has %d records where one may stand, since %s: %s.", shown(owner), len(values), k.why, briefAll(values)),
		Do:   fmt.Sprintf("Remove every %s but the right one at the DNS provider.", k.name),
	}
	switch k.name {
	case spfKind:
		c.Code = SeveralSPF
	case keyKind:
		c.Code = SeveralKeys
		c.Do = "Remove every TXT record at the selector but the right key, and give another key a selector of its own."
	}
	if want == "" {
		return c
	}
	right := slices.IndexFunc(values, func(v string) bool { return k.same(want, v) })
	if right < 0 {
		c.What = fmt.Sprintf("%s has %d %ss where one may stand, and none of them is the expected one: %s.", shown(owner), len(values), k.name, briefAll(values))
		return c
	}
	others := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == values[right] })
	if len(others) == 0 {
		c.What = fmt.Sprintf("%s has the expected %s %d times, and one may stand there.", shown(owner), k.name, len(values))
		return c
	}
	c.What = fmt.Sprintf("%s has %d %ss where one may stand: %s is the expected one, and %s %s.", shown(owner), len(values), k.name,
		brief(values[right]), briefAll(others), plural(len(others), "is another, perhaps an old one", "are others, perhaps old ones"))
	c.Do = fmt.Sprintf("Remove the other %s at the DNS provider; where Terraform replaces it with `create_before_destroy`, the old record goes only after "+
		"this validation, which then never matches, so change the record in place or leave `create_before_destroy` out.", k.name)
	return c
}

// seams are the quotes between the strings of a TXT in presentation form.
var seams = regexp.MustCompile(`"\s*"`)

// unquote takes off quotes that were meant as delimiters.
func unquote(v string) string {
	t := strings.TrimSpace(v)
	if len(t) < 2 || t[0] != '"' || t[len(t)-1] != '"' {
		return v
	}
	return seams.ReplaceAllString(t[1:len(t)-1], "")
}

// literals finds quotes and escapes that were meant for a zone file, and became part of the value. The function
// says which plain value would have been right.
func literals(owner dnsname.Name, v string, right func(plain string) bool) (Cause, bool) {
	unescaped := record.Unescape(v)
	switch {
	case right(v):
		return Cause{}, false
	case unquote(v) != v && right(unquote(v)):
		return Cause{
			Code: LiteralQuotes,
			What: fmt.Sprintf("The quotes of the TXT record at %s are part of its value: %s.", shown(owner), brief(v)),
			Do:   "Give the DNS provider the value without quotes (`value` in place of `quoted`), or in the form that `txt_encode` has for that provider.",
		}, true
	case unescaped != v && (right(unescaped) || right(unquote(unescaped))):
		return Cause{
			Code: LiteralBackslashes,
			What: fmt.Sprintf("The backslashes of the TXT record at %s are part of its value: %s.", shown(owner), brief(v)),
			Do:   "Give the DNS provider the value without escapes (`value` in place of `quoted`), or in the form that `txt_encode` has for that provider.",
		}, true
	}
	return Cause{}, false
}

var noBlanks = strings.NewReplacer(" ", "", "\t", "")

// misplacedBlank finds a value that differs from the expected one in blanks alone.
func misplacedBlank(e Expectation, v string) (Cause, bool) {
	if v == e.Value || noBlanks.Replace(v) != noBlanks.Replace(e.Value) {
		return Cause{}, false
	}
	at := 0
	for at < len(v) && at < len(e.Value) && v[at] == e.Value[at] {
		at++
	}
	what := "lacks a blank"
	if len(v) > len(e.Value) {
		what = "has a blank too many"
	}
	return Cause{
		Code: BlankMisplaced,
		What: fmt.Sprintf("The TXT record at %s %s behind octet %d: readers join the strings of a TXT without a blank (RFC 7208 §3.3), and the rest is as expected.",
			shown(e.Owner), what, at),
		Do: "Publish the value whole or cut as `txt_chunks` cuts it, with every blank inside one of the strings.",
	}, true
}

// cut finds a value of which only the beginning is there.
func cut(e Expectation, k kind, v string) (Cause, bool) {
	c := Cause{
		Code: ValueCut,
		Do:   "Publish the whole value, in the form that `txt_encode` has for the DNS provider, which cuts a long one into strings.",
	}
	rest, isPrefix := strings.CutPrefix(e.Value, v)
	switch {
	case v != "" && rest != "" && isPrefix && !endsWhole(k, v, rest):
		c.What = fmt.Sprintf("The TXT record at %s ends after %d octets of the expected %d%s.", shown(e.Owner), len(v), len(e.Value), whyCut(v, rest))
		return c, true
	case !IsDKIMOwner(e.Owner):
		return Cause{}, false
	}
	want, err := dkim.Parse(e.Value)
	if err != nil {
		return Cause{}, false
	}
	got, err := dkim.Parse(v)
	if err != nil || got.Revoked() || got.KeyData() == want.KeyData() || !strings.HasPrefix(want.KeyData(), got.KeyData()) {
		return Cause{}, false
	}
	filled := ""
	if len(v) == record.MaxString {
		filled = ", where its record fills one string of a TXT"
	}
	c.What = fmt.Sprintf("The DKIM key at %s ends after %d characters of the expected %d in its tag p%s.", shown(e.Owner), len(got.KeyData()), len(want.KeyData()), filled)
	return c, true
}

// endsWhole reports whether what is missing are whole terms or tags, as where somebody left them out. A value that ends
// at its first blank or semicolon was more likely cut there, and one that fills a string likewise.
func endsWhole(k kind, v, rest string) bool {
	separator := ";"
	if k.name == spfKind {
		separator = " "
	}
	return k.parts != nil && len(v) != record.MaxString && strings.Contains(v, separator) && strings.HasPrefix(rest, separator)
}

// whyCut says what cuts a value where it ends, as far as that tells.
func whyCut(v, rest string) string {
	switch {
	case len(v) == record.MaxString:
		return ", which is what one string of a TXT holds"
	case strings.HasPrefix(rest, ";"):
		return ", before a semicolon, which starts a comment in a zone file where it is not quoted"
	}
	return ""
}

// keyCause says what is wrong with a DKIM key record that is not the expected one.
func keyCause(e Expectation, v string) Cause {
	if c, ok := unusable(e.Owner, v); ok {
		return c
	}
	c := Cause{
		Code: ValueDiffers,
		What: fmt.Sprintf("The DKIM key at %s is another one than expected: %s.", shown(e.Owner), brief(v)),
		Do:   "Replace it with the expected key at the DNS provider, or give the new key a selector of its own where the old one is still in use.",
	}
	want, _ := dkim.Parse(e.Value) // An invalid record has no key that is the same.
	if got, _ := dkim.Parse(v); want.SameKey(got) {
		c.What = fmt.Sprintf("The DKIM key at %s is the expected one, and the tags k, h or s beside it are not: %s.", shown(e.Owner), brief(v))
		c.Do = "Replace the record with the expected one at the DNS provider."
	}
	return c
}

// unusable says why the record at a selector is no key that receivers can use.
func unusable(owner dnsname.Name, v string) (Cause, bool) {
	key, err := dkim.Parse(v)
	if err == nil && key.Revoked() {
		return revoked(fmt.Sprintf("The DKIM key at %s", shown(owner))), true
	}
	if err == nil {
		_, err = key.PublicKey()
	}
	if err != nil {
		return broken(fmt.Sprintf("The record at %s", shown(owner)), v, err), true
	}
	return Cause{}, false
}

func revoked(subject string) Cause {
	return Cause{
		Code: KeyRevoked,
		What: subject + " is revoked: its p= is empty (RFC 6376 §3.6.1).",
		Do:   "Publish the key that signs now, and ask the sender for a new one where that is the one that was withdrawn.",
	}
}

func broken(subject, v string, err error) Cause {
	reason := reasonOf(err)
	if errors.Is(err, dkim.ErrNotDKIM) {
		reason = `it has neither "v=DKIM1" nor a tag "p"`
	}
	return Cause{
		Code: KeyBroken,
		What: fmt.Sprintf("%s is no usable DKIM key: %s; seen %s.", subject, reason, brief(v)),
		Do:   "Publish the whole key as the sender gives it, copied without gaps.",
	}
}

// isKey reports whether a value is a DKIM key that receivers can use.
func isKey(v string) bool {
	return validKey(answer.Answer{Outcome: answer.Found, Values: []string{v}}).IsValid()
}

// contentCause says what a record of the expected kind lacks and has too much.
func contentCause(e Expectation, k kind, v string) Cause {
	c := Cause{Code: ValueDiffers, Do: "Change the record to the expected value at the DNS provider."}
	if k.name == spfKind {
		if broken, ok := brokenSPF(e.Owner, v); ok {
			return broken
		}
	}
	missing, extra := without(k.parts(e.Value), k.parts(v)), without(k.parts(v), k.parts(e.Value))
	switch {
	case len(missing) > 0 && len(extra) > 0:
		c.What = fmt.Sprintf("The %s at %s lacks %s, and has %s in addition.", k.name, shown(e.Owner), briefAll(missing), briefAll(extra))
	case len(missing) > 0:
		c.What = fmt.Sprintf("The %s at %s lacks %s.", k.name, shown(e.Owner), briefAll(missing))
	case len(extra) > 0:
		c.What = fmt.Sprintf("The %s at %s has %s in addition.", k.name, shown(e.Owner), briefAll(extra))
	default:
		c.What = fmt.Sprintf("The %s at %s has the expected terms in another order: %s.", k.name, shown(e.Owner), brief(v))
	}
	return c
}

// brokenSPF says why an SPF record is one that receivers cannot read.
func brokenSPF(owner dnsname.Name, v string) (Cause, bool) {
	_, err := spf.ParseWire(v)
	if err == nil {
		return Cause{}, false
	}
	return Cause{
		Code: SPFBroken,
		What: fmt.Sprintf("The SPF record at %s is invalid, and receivers take that for a permanent error: %s.", shown(owner), reasonOf(err)),
		Do:   "Correct the record at the DNS provider.",
	}, true
}

// without returns what a list holds and another does not.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
