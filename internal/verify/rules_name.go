package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// nameRules are about records that stand under another name, or are handed to somebody else.
var nameRules = []rule{
	{
		code: "zone-appended-twice", meaning: "the DNS provider appended the zone to a name that had it already", content: true,
		find: func(e *evidence) []Cause {
			return e.stands(func(p *probes) []place { return p.doubled }, func(p place) string {
				return fmt.Sprintf("The record is at %s: the DNS provider appended the zone %s to a name that had it already.", shown(p.name), shown(e.published().set.Zone))
			})
		},
		remedy: "Give the DNS provider the name relative to the zone (`name`, or `relative_name` if the zone is another domain), or with a final dot, and remove the misplaced record.",
	},
	{
		code: "key-at-another-name", meaning: "the DKIM record is at another name than `<selector>._domainkey.<domain>`", content: true,
		find: func(e *evidence) []Cause {
			return e.stands(func(p *probes) []place { return p.key }, func(p place) string {
				return fmt.Sprintf("The DKIM record is at %s, and receivers look for it only at %s (RFC 6376 §3.6.2.1).", shown(p.name), shown(e.Owner))
			})
		},
		remedy: "Publish it under the expected name, and remove the misplaced record.",
	},
	{
		code: "policy-at-another-name", content: true,
		meaning: "the DMARC, MTA-STS, TLS reporting or BIMI record is at the domain itself, or at a name without its underscores",
		find:    policyElsewhere,
		remedy:  "Publish the record under the expected name, and remove the misplaced one.",
	},
	{
		code: "policy-hosted-elsewhere", meaning: "a CNAME leaves the policy of the domain to a service, which serves another one", content: true,
		find: func(e *evidence) []Cause {
			return e.eachAnswer(func(d difference) (Cause, bool) { return policyHosted(e, d) })
		},
	},
}

// stands holds for each of the places at which the record stands, and not by the grace of a wildcard.
func (e *evidence) stands(places func(*probes) []place, say func(place) string) []Cause {
	if e.probes == nil {
		return nil
	}
	published := e.published()
	var causes []Cause
	for _, p := range places(e.probes) {
		if len(p.standing(published.has)) > 0 {
			causes = append(causes, Cause{Sentence: say(p)})
		}
	}
	return causes
}

// standing returns the values at the place that fit, by server; those that a wildcard gives are left out.
func (p place) standing(fits func(answer.Answer) bool) [][]string {
	var standing [][]string
	for _, a := range p.at.answers.List {
		if a.Outcome == answer.Found && fits(a) && !alike(p.sibling, a) {
			standing = append(standing, a.Values)
		}
	}
	return standing
}

// alike reports whether a server answers a name as it answers another.
func alike(r *reply, a answer.Answer) bool {
	return r != nil && slices.ContainsFunc(r.answers.List, func(b answer.Answer) bool {
		return b.Outcome == answer.Found && slices.Equal(a.Values, b.Values) && slices.Equal(a.Aliases, b.Aliases)
	})
}

// fromWildcard reports whether a wildcard record answers in the owner's place.
func (e *evidence) fromWildcard() bool {
	byWildcard := func(p place) bool {
		return slices.ContainsFunc(p.at.answers.List, func(a answer.Answer) bool { return a.Outcome == answer.Found && alike(p.sibling, a) })
	}
	if slices.ContainsFunc(e.probes.text, byWildcard) || slices.ContainsFunc(e.probes.addresses, byWildcard) {
		return true
	}
	published := e.published()
	return slices.ContainsFunc(published.Seen, func(j Judgement) bool {
		return j.Outcome == answer.Found && (!e.expects() || !published.has(j.Answer)) && alike(e.probes.sibling, j.Answer)
	})
}

// own returns the values at the place to which neither an alias nor a wildcard led, by server.
func (p place) own() [][]string {
	return p.standing(func(a answer.Answer) bool { return len(a.Aliases) == 0 })
}

// policyLabels are the labels at whose name receivers look for a policy of a domain.
var policyLabels = []string{"_dmarc", "_mta-sts", "_smtp._tls", "default._bimi"}

// policyDomain returns the domain whose policy stands at an owner, and reports false where none does.
func policyDomain(owner dnsname.Name) (label string, domain dnsname.Name, ok bool) {
	for _, label := range policyLabels {
		if rest, found := strings.CutPrefix(owner.String(), label+"."); found {
			domain, err := dnsname.Parse(rest)
			return label, domain, err == nil
		}
	}
	return "", dnsname.Name{}, false
}

// policyElsewhere says that a policy, the expected one or another, stands at another name than receivers look at.
func policyElsewhere(e *evidence) []Cause {
	if e.probes == nil || e.kind.is == nil {
		return nil
	}
	var causes []Cause
	for _, p := range e.probes.policy {
		for _, values := range p.standing(func(a answer.Answer) bool { return len(e.kind.among(a.Values)) > 0 }) {
			causes = append(causes, Cause{Sentence: fmt.Sprintf("The %s is at %s, and receivers look for it only at %s: %s.",
				e.kind.name, shown(p.name), shown(e.Owner), briefAll(e.kind.among(values)))})
			break
		}
	}
	return causes
}

// policyHosted says that a CNAME hands the policy to a service, which serves another one.
func policyHosted(e *evidence, d difference) (Cause, bool) {
	label, _, ok := policyDomain(e.Owner)
	if !ok || !d.aliased || d.earlier || d.Outcome != answer.Found || e.Type != record.TXT {
		return Cause{}, false
	}
	values := slices.DeleteFunc(slices.Clone(d.Values), func(v string) bool { return record.FormatOf(v) == "" })
	if len(values) == 0 {
		return Cause{}, false
	}
	return Cause{
		Sentence: fmt.Sprintf("%s is a CNAME of %s, whose operator sets the policy: %s.", shown(e.Owner), shown(d.Aliases[len(d.Aliases)-1]), briefAll(values)),
		Remedy:   fmt.Sprintf("Set the policy at the service that hosts it, or remove the CNAME at %s and publish the record in its place.", label),
	}, true
}
