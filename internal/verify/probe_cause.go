package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// add adds the causes that the probes showed to those that were known.
func (p *probes) add(known []Cause) []Cause {
	causes := slices.Clone(known)
	has := func(codes ...CauseCode) bool {
		return slices.ContainsFunc(causes, func(c Cause) bool { return slices.Contains(codes, c.Code) })
	}
	for _, place := range p.doubled {
		if p.stands(place) {
			causes = append(causes, Cause{
				Code: ZoneAppendedTwice,
				What: fmt.Sprintf("The record stands at %s: the DNS provider appended the zone %s to a name that had it already.", shown(place.name), shown(p.zone)),
				Do:   "Give the DNS provider the name relative to the zone (`name`, or `relative_name` where the zone is another domain), or with a final dot, and remove the misplaced record.",
			})
		}
	}
	for _, place := range p.elsewhere {
		if p.stands(place) {
			causes = append(causes, Cause{
				Code: KeyElsewhere,
				What: fmt.Sprintf("The DKIM record stands at %s, and receivers look for it at %s alone (RFC 6376 §3.6.2.1).", shown(place.name), shown(p.owner)),
				Do:   "Publish it under the expected name, and remove the misplaced record.",
			})
		}
	}
	causes = append(causes, p.policyElsewhere()...)
	if p.wildcard() {
		// What the wildcard says is not meant for this name, and so nothing to correct.
		moot := []CauseCode{ValueDiffers, TargetDiffers, SPFBroken, KeyBroken, FlattenedKeyDiffers}
		causes = slices.DeleteFunc(causes, func(c Cause) bool { return slices.Contains(moot, c.Code) })
		causes = append(causes, Cause{
			Code: WildcardAnswers,
			What: fmt.Sprintf("What %s answers comes from a wildcard record: any name beside it answers the same.", shown(p.owner)),
			Do:   "Publish the record at the name itself, which takes precedence over the wildcard.",
		})
	}
	if p.text != nil && !has(FlattenedKeyDiffers, KeyUnknown) {
		if c, ok := p.textForAlias(); ok {
			causes = append(causes, c)
		}
	}
	if c, ok := p.flattened(); ok && !has(FlattenedKeyDiffers) {
		causes = append(causes, c)
	}
	causes = p.withSerials(append(causes, p.zoneCauses(has)...))
	if p.leftOver() {
		// They follow no primary any more.
		causes = slices.DeleteFunc(causes, func(c Cause) bool { return c.Code == ServersBehind })
	}
	return causes
}

// stands reports whether the record stands at another name, and not by the grace of a wildcard.
func (p *probes) stands(place elsewhere) bool {
	return slices.ContainsFunc(place.at.answers.List, func(a answer.Answer) bool {
		return a.Outcome == answer.Found && p.has(a) && !alike(place.sibling, a)
	})
}

// alike reports whether a server answers a name as it answers another.
func alike(r *reply, a answer.Answer) bool {
	return r != nil && slices.ContainsFunc(r.answers.List, func(b answer.Answer) bool {
		return b.Outcome == answer.Found && slices.Equal(a.Values, b.Values) && slices.Equal(a.Aliases, b.Aliases)
	})
}

func (p *probes) wildcard() bool {
	if p.text != nil && p.text.wildcard() || slices.ContainsFunc(p.addresses, besides.wildcard) {
		return true
	}
	return slices.ContainsFunc(p.seen, func(a answer.Answer) bool {
		return a.Outcome == answer.Found && (p.want == "" || !p.has(a)) && alike(p.sibling, a)
	})
}

// wildcard reports whether what stands there is what any name beside it has.
func (b besides) wildcard() bool {
	return slices.ContainsFunc(b.at.answers.List, func(a answer.Answer) bool { return a.Outcome == answer.Found && alike(b.sibling, a) })
}

// own returns the answers about records of the name itself, which no alias and no wildcard led to.
func (b besides) own() []answer.Answer {
	return slices.DeleteFunc(slices.Clone(b.at.answers.List), func(a answer.Answer) bool {
		return a.Outcome != answer.Found || len(a.Aliases) > 0 || alike(b.sibling, a)
	})
}

// textForAlias finds a TXT record where a CNAME belongs.
func (p *probes) textForAlias() (Cause, bool) {
	own := p.text.own()
	if len(own) == 0 {
		return Cause{}, false
	}
	values := own[0].Values
	c := Cause{
		Code: TextForAlias,
		What: fmt.Sprintf("%s has a TXT record, %s, and no CNAME.", shown(p.owner), briefAll(values)),
		Do:   "Replace the TXT record with the CNAME, which leaves no room for other records of its name (RFC 1034 §3.6.2).",
	}
	isTarget := func(v string) bool { return strings.EqualFold(strings.TrimSuffix(unquote(v), "."), p.want) }
	if p.want != "" && slices.ContainsFunc(values, isTarget) {
		c.What = fmt.Sprintf("The target %s stands at %s as a TXT record, and a CNAME is expected.", brief(p.want), shown(p.owner))
		c.Do = "Change the record's type to CNAME at the DNS provider."
	}
	return c, true
}

// flattened finds addresses where a CNAME belongs.
func (p *probes) flattened() (Cause, bool) {
	var addresses []string
	for _, r := range p.addresses {
		for _, a := range r.own() {
			addresses = append(addresses, a.Values...)
		}
	}
	if len(addresses) == 0 {
		return Cause{}, false
	}
	slices.Sort(addresses)
	return Cause{
		Code: AliasFlattened,
		What: fmt.Sprintf("%s has addresses, %s, and no CNAME, as where the DNS provider flattens or proxies it.", shown(p.owner), briefAll(slices.Compact(addresses))),
		Do:   "Turn proxying and flattening off for this name (\"DNS only\"), or remove the address records that stand in place of the CNAME.",
	}, true
}

// zoneCauses says what the survey of the zone shows. The function tells which causes are known already.
func (p *probes) zoneCauses(has func(...CauseCode) bool) []Cause {
	s := p.survey
	var causes []Cause
	if s.Security == answer.Bogus && !has(ZoneBogus) {
		causes = append(causes, Cause{
			Code: ZoneBogus,
			What: fmt.Sprintf("Validating resolvers refuse the zone %s, since its DNSSEC signatures do not hold%s.", shown(s.Zone), inBrackets(s.Detail)),
			Do:   resign,
		})
	}
	if len(s.Parent) > 0 && len(s.Own) > 0 && !equalNames(s.Parent, s.Own) {
		causes = append(causes, Cause{
			Code: ParentElsewhere,
			What: fmt.Sprintf("The parent zone delegates %s to %s, and the zone itself lists %s.", shown(s.Zone), shownNames(s.Parent), shownNames(s.Own)),
			Do:   "Make the name servers at the registrar and the zone's own NS records the same, and see that the record is published at the DNS provider that runs them.",
		})
	}
	causes = append(causes, p.glueCauses()...)
	if c, ok := p.laggards(has(ServersBehind)); ok {
		causes = append(causes, c)
	}
	return causes
}

// glueCauses says of which name servers the zone above sends other addresses along than the zone has.
func (p *probes) glueCauses() []Cause {
	var causes []Cause
	for _, g := range p.comparison.Glue[:min(len(p.comparison.Glue), maxShown)] {
		causes = append(causes, Cause{
			Code: GlueStale,
			What: fmt.Sprintf("The zone above %s sends %s along as the address of %s (glue), and the zone itself has %s.",
				shown(p.comparison.Zone), addressList(g.Parent), shown(g.Host), addressList(g.Own)),
			Do: "Correct the address of the name server at the registrar (glue, host record); until then, resolvers come to the old one as well.",
		})
	}
	return causes
}

// leftOver reports whether every server that lacks the record is one that stale glue alone leads to.
func (p *probes) leftOver() bool {
	stale := func(s answer.Server) bool {
		return slices.ContainsFunc(p.comparison.Glue, func(g answer.Glue) bool { return slices.Contains(g.Parent, s.Addr.Addr()) })
	}
	return len(p.lacking) > 0 && !slices.ContainsFunc(p.lacking, func(s answer.Server) bool { return !stale(s) })
}

func addressList(addrs []netip.Addr) string {
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	return enumerate(texts)
}

func equalNames(a, b []dnsname.Name) bool {
	byName := dnsname.Name.Compare
	return slices.Equal(slices.SortedFunc(slices.Values(a), byName), slices.SortedFunc(slices.Values(b), byName))
}
