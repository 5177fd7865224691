package verify

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// targetRules are about the targets of records, and about aliases in their place.
var targetRules = []rule{
	{
		code: "target-relative", meaning: "the zone was appended to the target, which was taken for a relative name", content: true,
		find: func(e *evidence) []Cause {
			return e.eachTarget(func(d difference, v string) (Cause, bool) { return targetRelative(e, d, v) })
		},
	},
	{
		code: "target-differs", meaning: "the record leads to another target", content: true, moot: true,
		find: func(e *evidence) []Cause {
			return e.eachTarget(func(d difference, v string) (Cause, bool) { return targetDiffers(e, d, v) })
		},
		remedy: "Change the target at the DNS provider, or, if the service gives the live one, expect that.",
	},
	{
		code: "cname-in-place-of-record", meaning: "a CNAME is in the place of another record", content: true,
		find: aliasForRecord,
	},
	{
		code: "txt-in-place-of-cname", meaning: "a TXT record is in the place of a CNAME", content: true,
		find: textForAlias,
	},
	{
		code: "cname-flattened", meaning: "the DNS provider flattens or proxies the CNAME, and serves other data instead", content: true,
		find: func(e *evidence) []Cause {
			var addresses []string
			if e.probes != nil && (e.wildcard || !e.sees(flattenedKey)) {
				for _, p := range e.probes.addresses {
					addresses = slices.Concat(append(p.own(), addresses)...)
				}
			}
			if len(addresses) == 0 {
				return nil
			}
			slices.Sort(addresses)
			return only(fmt.Sprintf("%s has addresses, %s, and no CNAME: the DNS provider may flatten or proxy it.", shown(e.Owner), briefAll(slices.Compact(addresses))), "")
		},
		remedy: "Turn proxying and flattening off for this name (\"DNS only\"), or remove the address records that are in the place of the CNAME.",
	},
}

// sees reports whether a server's answer has a fault.
func (e *evidence) sees(f fault) bool {
	return slices.ContainsFunc(e.Seen, func(j Judgement) bool { return j.fault == f })
}

// eachTarget is eachValue where a record that ends in a name is expected.
func (e *evidence) eachTarget(say func(d difference, v string) (Cause, bool)) []Cause {
	if !slices.Contains([]record.Type{record.CNAME, record.MX, record.SRV, record.NS}, e.Type) {
		return nil
	}
	return e.eachValue(say)
}

// targetRelative finds the expected target with the name of the owner or of a zone above it appended.
func targetRelative(e *evidence, d difference, v string) (Cause, bool) {
	for zone := e.Owner; len(zone.Labels()) > 0; zone = zone.Parent() {
		if v != e.Value+"."+zone.String() {
			continue
		}
		if d.redirected {
			return Cause{}, true
		}
		target := e.Value[strings.LastIndex(e.Value, " ")+1:]
		return Cause{
			Sentence: fmt.Sprintf("The %s at %s leads to %s: %s was appended to the target, which was taken for a relative name.", e.Type, shown(e.Owner), brief(v), shown(zone)),
			Remedy:   fmt.Sprintf("Write the target with a final dot at the DNS provider, as «%s.» (`quoted` has it so).", record.Display(target)),
		}, true
	}
	return Cause{}, false
}

// targetDiffers finds another target than the expected one. Other records at an owner that may have several are left alone.
func targetDiffers(e *evidence, d difference, v string) (Cause, bool) {
	switch {
	case otherPreference(e, v) || !e.kind.single():
		return Cause{}, false
	case d.earlier || d.redirected:
		return Cause{}, true
	}
	c := Cause{Sentence: fmt.Sprintf("The %s at %s leads to %s, and %s is expected.", e.Type, shown(e.Owner), brief(v), brief(e.Value))}
	if base := common(dnsname.FromDNS(v), dnsname.FromDNS(e.Value)); base != "" {
		c.Sentence = fmt.Sprintf("The %s at %s leads to %s, and %s is expected; both are in %s, so this may be an earlier or another set-up of the same service.",
			e.Type, shown(e.Owner), brief(v), brief(e.Value), base)
	}
	return c, true
}

// otherPreference reports whether a value is the expected MX with another preference.
func otherPreference(e *evidence, v string) bool {
	_, target, _ := strings.Cut(v, " ")
	_, same, _ := strings.Cut(e.Value, " ")
	return e.Type == record.MX && target == same && v != e.Value
}

// common returns the last labels that names share, empty where that is no more than a public suffix, below which
// anybody registers domains.
func common(a, b dnsname.Name) string {
	for base := a; len(base.Labels()) > 1; base = base.Parent() {
		if b.IsIn(base) {
			if suffix, _ := publicsuffix.PublicSuffix(base.String()); suffix == base.String() {
				return ""
			}
			return shown(base)
		}
	}
	return ""
}

// aliasForRecord says that an alias leaves no room for the record: a CNAME at the name, or a DNAME record above it.
func aliasForRecord(e *evidence) []Cause {
	isAliased := slices.ContainsFunc(e.differing, func(d difference) bool { return d.aliased })
	causes := e.eachAnswer(func(d difference) (Cause, bool) {
		switch {
		case !d.aliased:
			return Cause{}, false
		case d.redirected, d.earlier: // Other servers serve the record.
			return Cause{}, true
		}
		there := "which has no such record"
		switch d.Outcome {
		case answer.Found:
			there = "where something else stands"
		case answer.NXDomain:
			there = "which does not exist"
		}
		return Cause{
			Sentence: fmt.Sprintf("%s is an alias (CNAME or DNAME) of %s, %s, and leaves no room for the %s record.", shown(e.Owner), shown(d.Aliases[len(d.Aliases)-1]), there, e.Type),
			Remedy:   fmt.Sprintf("Remove the alias and publish the %s record in its place, or, if the service asks for a CNAME, expect that.", e.Type),
		}, true
	})
	for _, j := range e.judged {
		if by := j.set.Redirects; len(by) > 0 && j.Err == nil && (e.expects() || isAliased) {
			causes = append(causes, Cause{
				Sentence: fmt.Sprintf("A DNAME record at %s redirects every name below it, so %s cannot have its own records.", shownNames(by), shown(e.Owner)),
				Remedy:   "Remove the DNAME record, or publish the record in the zone that it leads to; resolvers do not see records below it in this zone (RFC 6672 §2.4).",
			})
		}
	}
	return causes
}

// textForAlias finds a TXT record where a CNAME belongs.
func textForAlias(e *evidence) []Cause {
	if e.probes == nil || len(e.probes.text) == 0 || e.sees(flattenedKey) && !e.wildcard || len(keyUnknown(e)) > 0 {
		return nil // A key in place of the CNAME has rules of its own.
	}
	own := e.probes.text[0].own()
	if len(own) == 0 {
		return nil
	}
	isTarget := func(v string) bool { return strings.EqualFold(strings.TrimSuffix(unquote(v), "."), e.Value) }
	if slices.ContainsFunc(own[0], isTarget) {
		return only(fmt.Sprintf("The target %s stands at %s as a TXT record, and a CNAME is expected.", brief(e.Value), shown(e.Owner)),
			"Change the record's type to CNAME at the DNS provider.")
	}
	return only(fmt.Sprintf("%s has a TXT record, %s, and no CNAME.", shown(e.Owner), briefAll(own[0])),
		"Replace the TXT record with the CNAME, which excludes other records at its name (RFC 1034 §3.6.2).")
}
