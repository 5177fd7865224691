package verify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// valueRules are about records that stand too often, or that were mangled on their way into the zone.
var valueRules = []rule{
	{
		code: "value-in-pieces", meaning: "the strings of a long value are separate TXT records", content: true,
		find: func(e *evidence) []Cause {
			return e.eachAnswer(func(d difference) (Cause, bool) {
				n := pieces(e.Value, d.Values)
				if e.Type != record.TXT || d.aliased || n < 2 {
					return Cause{}, false
				}
				return Cause{Sentence: fmt.Sprintf("The expected value is at %s in %d TXT records, and readers join only the strings of one record.", shown(e.Owner), n)}, true
			})
		},
		remedy: "Publish one TXT record with all the strings, in the form that `txt_encode` has for the DNS provider, and remove the pieces.",
	},
	{
		code: "several-spf", meaning: "the name has several SPF records, and may have only one", content: true,
		find: func(e *evidence) []Cause { return e.several(func(k kind) bool { return k.name == spfKind }) },
	},
	{
		code: "several-keys", meaning: "the selector has several TXT records, and may have only one DKIM key", content: true,
		find: func(e *evidence) []Cause {
			return append(e.several(func(k kind) bool { return k.name == keyKind }), severalBehind(e)...)
		},
	},
	{
		code: "several-records", meaning: "the name has several records of a kind, and may have only one", content: true,
		find: func(e *evidence) []Cause {
			causes := e.several(func(k kind) bool { return k.name != spfKind && k.name != keyKind })
			return append(causes, e.eachAnswer(func(d difference) (Cause, bool) {
				null, others := nullMXOf(d.Values)
				if d.fault != besideNullMX || d.aliased || len(others) == 0 {
					return Cause{}, false
				}
				return Cause{
					Sentence: fmt.Sprintf("%s has a null MX, %s, which must be the only one (RFC 7505 §3), beside %s.", shown(e.Owner), brief(null), briefAll(others)),
					Remedy:   "Remove the null MX at the DNS provider.",
				}, true
			})...)
		},
	},
	{
		code: "literal-backslashes", meaning: "backslashes that were meant as escapes are part of the value", content: true,
		find: func(e *evidence) []Cause {
			return e.eachText(func(_ difference, v string) (Cause, bool) {
				return Cause{Sentence: fmt.Sprintf("The backslashes of the TXT record at %s are part of its value: %s.", shown(e.Owner), brief(v))}, e.hasBackslashes(v)
			})
		},
		remedy: "Give the DNS provider the value without escapes (`value` in place of `quoted`), or in the form that `txt_encode` has for that provider.",
	},
	{
		code: "literal-quotes", meaning: "quotes that were meant as delimiters are part of the value", content: true,
		find: func(e *evidence) []Cause {
			return e.eachText(func(_ difference, v string) (Cause, bool) {
				return Cause{Sentence: fmt.Sprintf("The quotes of the TXT record at %s are part of its value: %s.", shown(e.Owner), brief(v))}, e.hasQuotes(v)
			})
		},
		remedy: "Give the DNS provider the value without quotes (`value` in place of `quoted`), or in the form that `txt_encode` has for that provider.",
	},
	{
		code: "blank-at-chunk-border", meaning: "the value lacks a blank or has one too many, which happens when a long TXT value is cut into strings", content: true,
		find: func(e *evidence) []Cause {
			if !e.expects() {
				return e.eachText(func(_ difference, v string) (Cause, bool) { return blankInKey(e, v) })
			}
			return e.eachText(func(_ difference, v string) (Cause, bool) { return blankMisplaced(e, v) })
		},
	},
	{
		code: "letters-changed", meaning: "the value differs in upper and lower case alone, where that matters", content: true,
		find: func(e *evidence) []Cause {
			return e.eachText(func(_ difference, v string) (Cause, bool) {
				return Cause{Sentence: fmt.Sprintf("The TXT record at %s differs from the expected one in upper and lower case alone, which matters there: %s.", shown(e.Owner), brief(v))},
					e.expects() && strings.EqualFold(v, e.Value)
			})
		},
		remedy: "Publish the value letter for letter; where the DNS provider writes it in lower case, it is for its support to mend.",
	},
	{
		code: "value-cut", meaning: "only the beginning of the value is published", content: true,
		find: func(e *evidence) []Cause {
			return e.eachText(func(_ difference, v string) (Cause, bool) { return cut(e, v) })
		},
		remedy: "Publish the whole value, in the form that `txt_encode` has for the DNS provider, which cuts a long one into strings.",
	},
	{
		code: "record-unrecognised", meaning: "a record of the kind was meant, and begins so that receivers do not take it for one", content: true, moot: true,
		find: func(e *evidence) []Cause {
			return e.eachText(func(_ difference, v string) (Cause, bool) { return unrecognised(e, v) })
		},
		remedy: "Correct that record at the DNS provider, rather than adding another one.",
	},
}

// unrecognised finds a value that was meant as a record of the expected kind, and is none.
func unrecognised(e *evidence, v string) (Cause, bool) {
	if e.kind.read == nil || e.kind.is(v) {
		return Cause{}, false
	}
	format := record.FormatOf(strings.TrimLeft(v, " \t\r\n\"'\ufeff"))
	if format == "" || format != record.FormatOf(e.Value) {
		return Cause{}, false
	}
	_, reason, _ := strings.Cut(reasonOf(e.kind.read(v)), ": ")
	return Cause{Sentence: fmt.Sprintf("The TXT record %s at %s was meant as the %s, and receivers do not take it for one: %s.", brief(v), shown(e.Owner), e.kind.name, reason)}, true
}

// nullMXOf returns the null MX among MX records, and the others.
func nullMXOf(values []string) (null string, others []string) {
	for _, v := range values {
		if isNullMX(v) {
			null = v
		} else {
			others = append(others, v)
		}
	}
	return null, others
}

// eachText is eachValue where the record is a TXT.
func (e *evidence) eachText(say func(d difference, v string) (Cause, bool)) []Cause {
	if e.Type != record.TXT {
		return nil
	}
	return e.eachValue(say)
}

// several holds for each answer with more records than one of a kind that the function holds for.
func (e *evidence) several(is func(kind) bool) []Cause {
	if e.expects() {
		return e.eachAnswer(func(d difference) (Cause, bool) {
			if d.fault != several || d.aliased || !is(e.kind) {
				return Cause{}, false
			}
			return saySeveral(e, e.kind, e.kind.among(d.Values)), true
		})
	}
	var causes []Cause
	for _, d := range e.differing {
		for _, v := range d.values {
			k := kindOf(Expectation{Owner: e.Owner, Type: e.Type, Value: v})
			if of := k.among(d.values); k.single() && len(of) > 1 && is(k) {
				causes = append(causes, saySeveral(e, k, of))
			}
		}
	}
	return causes
}

// pieces returns how many values a wanted one consists of, whatever blanks stand between them; 0 where it does not.
func pieces(want string, values []string) (n int) {
	var open []string // the longest first
	for _, v := range values {
		open = append(open, noBlanks.Replace(v))
	}
	slices.SortFunc(open, func(a, b string) int { return len(b) - len(a) })
	for rest := noBlanks.Replace(want); rest != ""; n++ {
		at := slices.IndexFunc(open, func(v string) bool { return v != "" && strings.HasPrefix(rest, v) })
		if at < 0 {
			return 0
		}
		rest = rest[len(open[at]):]
		open = slices.Delete(open, at, at+1)
	}
	return n
}

// saySeveral says that there is more than one record of a kind, and which of them is the expected one.
func saySeveral(e *evidence, k kind, values []string) Cause {
	c := Cause{
		Sentence: fmt.Sprintf("%s has %d records and may have only one, since %s: %s.", shown(e.Owner), len(values), k.why, briefAll(values)),
		Remedy:   fmt.Sprintf("Remove every %s but the right one at the DNS provider.", k.name),
	}
	if k.name == keyKind {
		c.Remedy = "Remove every TXT record at the selector but the right key, and give any other key its own selector."
	}
	if !e.expects() {
		return c
	}
	right := slices.IndexFunc(values, func(v string) bool { return k.same(e.Value, v) })
	if right < 0 {
		c.Sentence = fmt.Sprintf("%s has %d %ss and may have only one, and none of them is the expected one: %s.", shown(e.Owner), len(values), k.name, briefAll(values))
		return c
	}
	others := without(values, values[right:right+1])
	if len(others) == 0 {
		c.Sentence = fmt.Sprintf("%s has the expected %s %d times, and may have it only once.", shown(e.Owner), k.name, len(values))
		return c
	}
	c.Sentence = fmt.Sprintf("%s has %d %ss and may have only one: %s is the expected one, and %s %s.", shown(e.Owner), len(values), k.name,
		brief(values[right]), briefAll(others), plural(len(others), "is another, perhaps an old one", "are others, perhaps old ones"))
	c.Remedy = fmt.Sprintf("Remove the other %s at the DNS provider; if Terraform replaces it with `create_before_destroy`, it removes the old record only after "+
		"this validation, which then never matches, so change the record in place or remove `create_before_destroy`.", k.name)
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

// isPlain reports whether a form of a value would be right in its place: a record of the expected kind or, where none is
// expected, anything without signs of a zone file.
func (e *evidence) isPlain(v, plain string) bool {
	if !e.expects() {
		return plain != v || unquote(v) == v && !strings.Contains(v, `\"`) && !strings.Contains(v, `\;`)
	}
	if e.kind.is != nil {
		return e.kind.is(plain) // To say why a text is none takes far more time.
	}
	return e.kind.same(e.Value, plain) || e.kind.name == keyKind && isKey(plain)
}

// hasQuotes reports whether quotes that were meant for a zone file became part of a value.
func (e *evidence) hasQuotes(v string) bool {
	plain := unquote(v)
	return plain != v && !e.isPlain(v, v) && e.isPlain(v, plain)
}

// hasBackslashes reports whether escapes that were meant for a zone file became part of a value.
func (e *evidence) hasBackslashes(v string) bool {
	plain := record.Unescape(v)
	return plain != v && !e.isPlain(v, v) && !e.hasQuotes(v) && (e.isPlain(v, plain) || e.isPlain(v, unquote(plain)))
}

// noBlanks takes blanks away.
var noBlanks = strings.NewReplacer(" ", "", "\t", "")

// blankMisplaced finds a value that differs from the expected one in blanks alone.
func blankMisplaced(e *evidence, v string) (Cause, bool) {
	if v == e.Value || noBlanks.Replace(v) != noBlanks.Replace(e.Value) {
		return Cause{}, false
	}
	at := 0
	for at < len(v) && at < len(e.Value) && v[at] == e.Value[at] {
		at++
	}
	has := "lacks a blank"
	if len(v) > len(e.Value) {
		has = "has one blank too many"
	}
	return Cause{
		Sentence: fmt.Sprintf("The TXT record at %s %s after octet %d: readers join the strings of a TXT record without a blank (RFC 7208 §3.3); everything else is as expected.",
			shown(e.Owner), has, at),
		Remedy: "Publish the value whole, or cut as `txt_chunks` cuts it, with every blank inside one of the strings.",
	}, true
}

// blankInKey finds a usable key with a blank inside.
func blankInKey(e *evidence, v string) (Cause, bool) {
	_, p, ok := strings.Cut(v, "p=")
	p, _, _ = strings.Cut(p, ";")
	p = strings.TrimSpace(p)
	if at := strings.IndexAny(p, " \t"); ok && at >= 0 && dkim.IsOwner(e.Owner) && isKey(v) {
		return Cause{
			Sentence: fmt.Sprintf("The key at %s has a blank after %d characters, perhaps because it was cut into strings: receivers should skip it (RFC 6376 §3.6.1), but not all do.", shown(e.Owner), at),
			Remedy:   "Publish the key whole, or cut as `txt_chunks` cuts it, without a blank between the strings.",
		}, true
	}
	return Cause{}, false
}

// cut finds a value of which only the beginning is there.
func cut(e *evidence, v string) (Cause, bool) {
	rest, isPrefix := strings.CutPrefix(e.Value, v)
	switch {
	case !e.expects():
		return Cause{}, false
	case v != "" && rest != "" && isPrefix && !endsWhole(e.kind, v, rest):
		return Cause{Sentence: fmt.Sprintf("The TXT record at %s ends after %d octets of the expected %d%s.", shown(e.Owner), len(v), len(e.Value), whyCut(v, rest))}, true
	case !dkim.IsOwner(e.Owner):
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
	return Cause{Sentence: fmt.Sprintf("The DKIM key at %s ends after %d characters of the expected %d in its tag p%s.", shown(e.Owner), len(got.KeyData()), len(want.KeyData()), filled)}, true
}

// endsWhole reports whether whole terms or tags are missing, as where somebody left them out. A value that ends
// at its first blank or semicolon was more likely cut there, and one that fills a string likewise.
func endsWhole(k kind, v, rest string) bool {
	separator := ";"
	if k.name == spfKind {
		separator = " "
	}
	return k.parts != nil && len(v) != record.MaxString && strings.Contains(v, separator) && strings.HasPrefix(rest, separator)
}

// whyCut names the reason why a value was cut, as far as its end tells.
func whyCut(v, rest string) string {
	switch {
	case len(v) == record.MaxString:
		return ", which is what one string of a TXT holds"
	case strings.HasPrefix(rest, ";"):
		return ", before a semicolon, which starts a comment in a zone file unless it is quoted"
	}
	return ""
}

// without returns the elements of a list that another list does not hold.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
