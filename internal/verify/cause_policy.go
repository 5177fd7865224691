package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

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

// misplacedPolicy wants the records of the names at which policies are published by mistake: the domain itself, and the
// label without its underscores.
func (d *diagnosis) misplacedPolicy(s subject) []elsewhere {
	label, domain, ok := policyDomain(s.owner)
	if !ok || s.typ != record.TXT || s.want == "" || !domain.IsIn(s.zone) {
		return nil
	}
	// No wildcard answers for a domain that has a zone, or records of its own.
	places := []elsewhere{{name: domain, at: d.questions.want(domain, s.typ)}}
	return append(places, d.elsewhere(s.typ, strings.ReplaceAll(label, "_", "")+"."+domain.String())...)
}

// policyElsewhere says that a policy stands at another name than receivers look at.
func (p *probes) policyElsewhere() []Cause {
	k := kindOf(Expectation{Owner: p.owner, Type: p.typ, Value: p.want})
	var causes []Cause
	for _, place := range p.policies {
		at := slices.IndexFunc(place.at.answers.List, func(a answer.Answer) bool {
			return a.Outcome == answer.Found && len(k.among(a.Values)) > 0 && !alike(place.sibling, a)
		})
		if at < 0 || k.is == nil {
			continue
		}
		causes = append(causes, Cause{
			Code: PolicyElsewhere,
			What: fmt.Sprintf("The %s stands at %s, and receivers look for it at %s alone: %s.", k.name, shown(place.name), shown(p.owner), briefAll(k.among(place.at.answers.List[at].Values))),
			Do:   "Publish the record under the expected name, and remove the misplaced one.",
		})
	}
	return causes
}

// policyHosted says that a CNAME hands the policy to a service, which serves another one.
func policyHosted(owner dnsname.Name, a answer.Answer) (Cause, bool) {
	label, _, ok := policyDomain(owner)
	if !ok || a.Outcome != answer.Found || len(a.Aliases) == 0 {
		return Cause{}, false
	}
	values := slices.DeleteFunc(slices.Clone(a.Values), func(v string) bool { return record.FormatOf(v) == "" })
	if len(values) == 0 {
		return Cause{}, false
	}
	target := a.Aliases[len(a.Aliases)-1]
	return Cause{
		Code: PolicyHosted,
		What: fmt.Sprintf("%s is a CNAME of %s, whose owner says what the policy is: %s.", shown(owner), shown(target), briefAll(values)),
		Do:   fmt.Sprintf("Set the policy at the service that hosts it, or remove the CNAME at %s and publish the record in its place.", label),
	}, true
}
