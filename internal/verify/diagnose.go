package verify

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// MaxDiagnosed is about how many owners of records that are not met further questions are asked in one diagnosis.
const MaxDiagnosed = 20

// Explain returns the report with the likely causes of every finding that is not met. For up to [MaxDiagnosed] of
// the owners it asks further questions, of authoritative servers alone: at the names under which a slip may have
// published the record, and about the zone, where the surveyor is not nil. What cannot be asked, or not before the
// context is over, makes for fewer causes.
func (r Report) Explain(ctx context.Context, resolver Resolver, surveyor Surveyor) Report {
	d := newDiagnosis()
	cases := make([]*inquest, len(r.Findings))
	for i, f := range r.Findings {
		if !f.Met() {
			cases[i] = r.inquire(d, f)
		}
	}
	d.questions.ask(ctx, resolver)
	for _, c := range cases {
		if c != nil {
			c.judge(d)
		}
	}
	d.ask(ctx, resolver, surveyor)
	r.Findings = slices.Clone(r.Findings)
	for i, c := range cases {
		if c != nil {
			r.Findings[i].Causes = c.explain()
		}
	}
	return r
}

// An inquest is the search for the causes of one finding.
type inquest struct {
	Finding
	authorities *Finding // what the authorities say about the same record; nil where that is not known
	asked       *reply   // their answer, where the report had none
	probes      *probes  // nil where no further questions are asked
	comparison  *answer.Comparison
}

// inquire finds out what the authorities say about a record: resolvers may only be late.
func (r Report) inquire(d *diagnosis, f Finding) *inquest {
	c := &inquest{Finding: f}
	if f.Via == answer.Authorities {
		c.authorities = &f
		return c
	}
	for _, other := range r.Findings {
		if other.Via == answer.Authorities && other.Expectation == f.Expectation {
			c.authorities = &other
			return c
		}
	}
	if d.admits(f.Owner) {
		c.asked = d.questions.want(f.Owner, f.Type)
	}
	return c
}

// judge decides which further questions to ask.
func (c *inquest) judge(d *diagnosis) {
	if c.asked != nil && c.asked.err == nil {
		f := find(c.Expectation, Require{}, answer.Authorities, *c.asked)
		c.authorities = &f
	}
	if c.served() && d.admits(c.Owner) {
		c.comparison = d.compare(c.authorities.Zone, c.Owner)
	}
	if c.authorities == nil || c.served() || hopeless(c.authorities.Err) || !d.admits(c.Owner) {
		return
	}
	s := subject{owner: c.Owner, typ: c.Type, zone: c.authorities.Zone, want: c.Value, has: func(a answer.Answer) bool {
		verdict, _ := match(c.Expectation, a)
		return verdict == Matches
	}}
	for _, seen := range c.authorities.Seen {
		s.seen = append(s.seen, seen.Answer)
		switch seen.Verdict {
		case Matches:
			s.serving = append(s.serving, seen.Server)
		case Mismatch:
			if !slices.Contains(c.authorities.above, seen.Server) {
				s.lacking = append(s.lacking, seen.Server)
			}
		}
	}
	c.probes = d.probe(s)
}

// hopeless reports whether an error leaves nothing to ask about the zone.
func hopeless(err error) bool {
	lookup, ok := errors.AsType[*answer.LookupError](err)
	return ok && lookup.Reason != answer.Failure
}

// served reports whether it is resolvers alone that do not have the record.
func (c *inquest) served() bool {
	return c.Via == answer.Resolvers && c.authorities != nil && c.authorities.State() == Valid
}

// explain puts together what was found out.
func (c *inquest) explain() []Cause {
	if c.served() {
		return arrange(append(serverCauses(c.Owner, c.Via, c.Seen), c.cached(c.comparison)...))
	}
	causes := slices.Clone(c.Causes)
	if c.asked != nil && c.authorities != nil {
		causes = redirected(append(causes, c.authorities.causes()...), c.Owner, c.authorities.redirects)
	}
	if c.probes != nil {
		causes = c.probes.add(causes)
	}
	return arrange(causes)
}

// A diagnosis asks what the findings of one report, or one lookup, want to know.
type diagnosis struct {
	questions *batch
	owners    map[dnsname.Name]bool
	surveys   map[dnsname.Name]*answer.Survey // by zone, or by domain where the zone is not known
	// comparisons are by the same names.
	comparisons map[dnsname.Name]*answer.Comparison
}

func newDiagnosis() *diagnosis {
	return &diagnosis{
		questions: newBatch(answer.Authorities, false),
		owners:    make(map[dnsname.Name]bool),
		surveys:   make(map[dnsname.Name]*answer.Survey),

		comparisons: make(map[dnsname.Name]*answer.Comparison),
	}
}

// admits reports whether questions may be asked on behalf of an owner.
func (d *diagnosis) admits(owner dnsname.Name) bool {
	if !d.owners[owner] && len(d.owners) == MaxDiagnosed {
		return false
	}
	d.owners[owner] = true
	return true
}

// ask asks everything that was wanted. The zones are surveyed at the same time.
func (d *diagnosis) ask(ctx context.Context, resolver Resolver, surveyor Surveyor) {
	var group sync.WaitGroup
	if surveyor != nil && ctx.Err() == nil {
		names := slices.Collect(maps.Keys(d.surveys))
		group.Go(func() {
			each(len(names), func(i int) {
				if survey, err := surveyor.Survey(ctx, names[i]); err == nil {
					*d.surveys[names[i]] = survey
				}
			})
		})
	}
	if comparer, ok := surveyor.(Comparer); ok && ctx.Err() == nil {
		for name, place := range d.comparisons {
			group.Go(func() {
				if comparison, err := comparer.Compare(ctx, name); err == nil {
					*place = comparison
				}
			})
		}
	}
	d.questions.ask(ctx, resolver)
	group.Wait()
}

// A subject is what a diagnosis is about: a record that is expected, or the answer to a question.
type subject struct {
	owner dnsname.Name
	typ   record.Type
	zone  dnsname.Name    // zero where it is not known
	want  string          // the expected value; empty where none is
	seen  []answer.Answer // of the authorities
	has   func(answer.Answer) bool

	serving, lacking []answer.Server // those that serve what is expected, and those that serve something else
}

// probes are the questions about a subject.
type probes struct {
	subject
	doubled, elsewhere []elsewhere
	policies           []elsewhere // names at which the policy of a domain may stand by mistake
	sibling            *reply      // of a name that does not exist beside the owner
	text               *besides
	addresses          []besides
	survey             *answer.Survey
	comparison         *answer.Comparison
}

// besides are the answers about a type of record that may stand where a CNAME belongs, and about a name beside it that
// only a wildcard answers for: nil where there can be no such name.
type besides struct{ at, sibling *reply }

// elsewhere is a name under which a slip may have published a record, and a name beside it that only a wildcard
// answers for.
type elsewhere struct {
	name        dnsname.Name
	at, sibling *reply
}

// unlikely is a label that no zone has.
const unlikely = "maildomain-wildcard-probe"

// probe wants the answers that tell the causes of a subject apart.
func (d *diagnosis) probe(s subject) *probes {
	p := &probes{subject: s, survey: d.survey(s), comparison: d.compare(s.zone, s.owner)}
	missing, foreign, bare := false, false, false
	for _, a := range s.seen {
		missing = missing || a.Outcome.Definite() && !s.has(a)
		foreign = foreign || a.Outcome == answer.Found && (s.want == "" || !s.has(a))
		bare = bare || a.Outcome == answer.NoData && len(a.Aliases) == 0
	}
	if missing && s.owner.IsIn(s.zone) {
		p.doubled = d.elsewhere(s.typ, s.owner.String()+"."+s.zone.String())
	}
	if missing && IsDKIMOwner(s.owner) && (s.want != "" || s.typ == record.TXT) {
		selector, domain, _ := strings.Cut(s.owner.String(), "._domainkey.")
		p.elsewhere = d.elsewhere(s.typ, selector+"."+domain, "_domainkey."+selector+"."+domain)
	}
	if missing {
		p.policies = d.misplacedPolicy(s)
	}
	if foreign {
		p.sibling = d.sibling(s, s.typ)
	}
	if bare && s.typ == record.CNAME && s.want != "" {
		p.text = &besides{d.questions.want(s.owner, record.TXT), d.sibling(s, record.TXT)}
		for _, t := range []record.Type{record.A, record.AAAA} {
			p.addresses = append(p.addresses, besides{d.questions.want(s.owner, t), d.sibling(s, t)})
		}
	}
	return p
}

// sibling wants the records of a name beside the owner that does not exist; nil where it would not lie in the zone.
func (d *diagnosis) sibling(s subject, t record.Type) *reply {
	if s.owner == s.zone || !s.owner.IsIn(s.zone) {
		return nil
	}
	sibling, ok := beside(s.owner)
	if !ok {
		return nil
	}
	return d.questions.want(sibling, t)
}

func (d *diagnosis) elsewhere(t record.Type, names ...string) []elsewhere {
	var places []elsewhere
	for _, text := range names {
		name, err := dnsname.Parse(text)
		if err != nil {
			continue // No name can be as long.
		}
		if sibling, ok := beside(name); ok {
			places = append(places, elsewhere{name, d.questions.want(name, t), d.questions.want(sibling, t)})
		}
	}
	return places
}

// survey wants the survey of a subject's zone.
func (d *diagnosis) survey(s subject) *answer.Survey {
	zone := zoneOf(s.zone, s.owner)
	if d.surveys[zone] == nil {
		d.surveys[zone] = &answer.Survey{}
	}
	return d.surveys[zone]
}

// zoneOf returns the zone to look at for an owner.
func zoneOf(zone, owner dnsname.Name) dnsname.Name {
	if !owner.IsIn(zone) {
		return DomainOf(owner) // The answers came from behind an alias, or there were none.
	}
	return zone
}

// compare wants the comparison of the zone that holds an owner.
func (d *diagnosis) compare(zone, owner dnsname.Name) *answer.Comparison {
	zone = zoneOf(zone, owner)
	if d.comparisons[zone] == nil {
		d.comparisons[zone] = &answer.Comparison{}
	}
	return d.comparisons[zone]
}

// beside returns a name with the same parent that does not exist, unless by a wildcard.
func beside(n dnsname.Name) (dnsname.Name, bool) {
	if len(n.Labels()) < 2 {
		return dnsname.Name{}, false
	}
	sibling, err := dnsname.Parse(unlikely + "." + n.Parent().String())
	return sibling, err == nil
}
