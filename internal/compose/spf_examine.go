package compose

import (
	"errors"
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// examine counts the cost of a record, and checks the records that it includes. A record that every receiver rejects is an
// error, unless the configuration asks for a warning.
func (b *builder) examine(m mergedOwner, t *tree.Tree, f tree.Flattening) {
	owner := m.Owner
	apex := owner == b.config.Domain
	if apex {
		b.live.result.Tree = t.String()
	}
	cost, err := t.Cost(f)
	var unanswered *tree.UnansweredError
	if errors.As(err, &unanswered) {
		b.unanswered(unanswered)
	} else {
		b.judge(m, cost, err)
	}
	if apex && unanswered == nil {
		b.live.result.Cost = &cost
	}
	b.guard(t)
	b.findings(m, t.Findings(), err)
}

// judge compares a cost with the limits.
func (b *builder) judge(m mergedOwner, cost tree.Cost, err error) {
	owner := m.Owner
	var limit *tree.LimitError
	var loop *tree.LoopError
	switch {
	case errors.As(err, &loop):
		b.reject(b.place(m.Source(loop.Term)), "SPF record that leads to itself", Sentence(loop.Error()), err)
	case errors.As(err, &limit):
		b.reject(Attribute("domain"), "SPF record past a limit of RFC 7208", Sentence(limit.Error())+" "+b.limitAdvice(limit), err)
	case err != nil:
		b.problems = append(b.problems, &Problem{Path: Attribute("domain"), Summary: "SPF lookups cannot be counted", Detail: Sentence(err.Error()), Err: err})
	case cost.Lookups >= tree.ManyLookups:
		b.warn(warnManyLookups, Attribute("domain"), "SPF record near the limit of lookups", fmt.Sprintf(
			"Evaluating the record of %s takes %d of the 10 lookups that receivers make (RFC 7208 §4.6.4). A sender that adds an include to its own record can take it past the limit, "+
				"and then every receiver rejects it: flatten an include, or drop one.", owner, cost.Lookups))
	}
	if family, ok := cost.FamilyLimit(); ok && loop == nil {
		b.warn(warnFamily, Attribute("domain"), "SPF record past a limit for one family of addresses", familyText(owner, family))
	}
}

// familyText describes a limit that is exceeded for one address family: the clients, the terms, and the remedy.
func familyText(owner dnsname.Name, limit tree.FamilyLimit) string {
	other, records := "IPv6", "A"
	if limit.Family == "IPv6" {
		other, records = "IPv4", "AAAA"
	}
	network := map[string]string{"IPv4": "ip4", "IPv6": "ip6"}[other]
	return fmt.Sprintf("For clients with %s addresses, evaluating the record of %s takes %d lookups that find nothing, and receivers stop with an error (permerror) after 2 (RFC 7208 §4.6.4); "+
		"for %s clients, it does not. The terms are %s. Give the hosts that they name %s records, or write the addresses of the hosts with `%s:` in place of the terms.",
		limit.Family, owner, limit.Count, other, quoteTerms(limit.Terms), records, network)
}

// reject adds the error about a record that every receiver rejects, or the warning if the configuration asks for that.
func (b *builder) reject(path Path, summary, detail string, err error) {
	if b.config.WarnOnPermError {
		b.warn(warnPermError, path, summary, detail)
		return
	}
	b.problems = append(b.problems, &Problem{
		Path: path, Summary: summary, Err: err,
		Detail: detail + " To continue all the same, for example because another resource of the same apply corrects it, set `on_permerror = \"warn\"`.",
	})
}

// findings adds the problems with included records. The error about the cost, counted, covers some of them already.
func (b *builder) findings(m mergedOwner, found []tree.Finding, counted error) {
	var unanswered *tree.UnansweredError
	var loop *tree.LoopError
	var limit *tree.LimitError
	told := map[tree.FindingKind]bool{
		tree.FindingMacro:      true, // It makes the count "at least", which the tree says.
		tree.FindingUnanswered: errors.As(counted, &unanswered),
		tree.FindingLoop:       errors.As(counted, &loop),
		tree.FindingMXNames:    errors.As(counted, &limit) && limit.Limit == tree.LimitMXNames,
	}
	for _, finding := range found {
		switch {
		case told[finding.Kind]:
		case finding.Kind.Permanent():
			b.reject(b.place(m.Source(finding.Path[0])), "SPF term that receivers reject", finding.Text+below(finding.Path), nil)
		default:
			b.warn(warnBelow, b.place(m.Source(finding.Path[0])), "SPF term that leads to nothing", finding.Text)
		}
	}
}

// below returns the path of includes to a term, empty for a term of the record itself.
func below(path []string) string {
	if len(path) < 2 {
		return ""
	}
	return fmt.Sprintf(" It is reached by %s.", quoteTerms(slices.Clone(path[:len(path)-1])))
}

// unanswered warns once that DNS did not answer for the included records.
func (b *builder) unanswered(err *tree.UnansweredError) {
	if b.live.silent {
		return
	}
	b.live.silent = true
	b.warn(warnUncounted, Attribute("domain"), "SPF lookups not counted", Sentence(err.Error())+
		" The record is made; the cost of its evaluation and the addresses that its includes pass are unknown.")
}

// guard adds the error about a record whose includes pass too many addresses.
func (b *builder) guard(t *tree.Tree) {
	warnings, err := merge.GuardTree(t, b.config.AllowPassAll)
	if err != nil {
		b.problems = append(b.problems, mergeProblem(err))
	}
	for _, w := range warnings {
		b.warn(w.Code, sourcePath(w.Source), "SPF record", advised(w.Text, w.Advice))
	}
}

// itselfProblem returns the problem with a record that leads to itself by a term, as found without DNS.
func itselfProblem(owner dnsname.Name, term string, source merge.Source) *Problem {
	return &Problem{Path: sourcePath(source), Summary: "SPF record that leads to itself", Detail: fmt.Sprintf(
		"The record of %s includes itself by %s, and receivers follow the loop until they stop with an error (permerror, RFC 7208 §4.6.4). Remove the term.", owner, quoteTerms([]string{term}))}
}
