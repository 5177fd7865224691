package verify

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// MaxDiagnosed is about how many owners of records that are not met further questions are asked in one diagnosis.
const MaxDiagnosed = 20

// Explain returns the report with more evidence for the causes of every finding that is not met. For up to [MaxDiagnosed]
// owners it asks further questions, of authoritative servers alone: at the names under which a slip may have published the
// record and, where the surveyor is not nil, about the zone. A question that cannot be asked before the context is over makes
// for fewer causes, never for an error.
func (r Report) Explain(ctx context.Context, resolver Resolver, surveyor Surveyor) Report {
	d := newDiagnosis()
	r.Findings = slices.Clone(r.Findings)
	published := make(map[Expectation]*Finding)
	for i := range r.Findings {
		if f := r.Findings[i]; f.Via == answer.Authorities && published[f.Expectation] == nil {
			published[f.Expectation] = &f
		}
	}
	replies := make([]*reply, len(r.Findings))
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.authorities = published[f.Expectation]; !f.Met() && f.authorities == nil && d.admits(f.Owner) {
			replies[i] = d.questions.want(f.Owner, f.Type)
		}
	}
	d.questions.ask(ctx, resolver)
	for i := range r.Findings {
		f := &r.Findings[i]
		if replies[i] != nil && replies[i].err == nil {
			authorities := find(f.Expectation, requireAll, answer.Authorities, *replies[i])
			f.authorities, f.asked = &authorities, true
		}
		if !f.Met() {
			f.probe(d)
		}
	}
	d.ask(ctx, resolver, surveyor)
	return r
}

// probe adds the further questions that tell the causes of the finding apart.
func (f *Finding) probe(d *diagnosis) {
	switch {
	case f.authorities == nil:
	case f.cached():
		if d.admits(f.Owner) {
			f.probes = &probes{survey: &answer.Survey{}, comparison: d.compare(f.authorities.set.Zone, f.Owner)}
		}
	case !hopeless(f.authorities.Err) && d.admits(f.Owner):
		f.probes = d.probe(*f.authorities)
	}
}

// cached reports whether the authorities serve the record, and only resolvers do not have it.
func (f Finding) cached() bool {
	return f.Via == answer.Resolvers && f.authorities != nil && f.authorities.State() == Valid
}

// hopeless reports whether an error leaves nothing to ask about the zone.
func hopeless(err error) bool {
	lookup, ok := errors.AsType[*answer.LookupError](err)
	return ok && lookup.Reason != answer.Failure
}

// diagnosis asks the further questions of one report, or of one lookup.
type diagnosis struct {
	questions *batch
	owners    map[dnsname.Name]bool
	// Both are by zone, or by domain where the zone is not known.
	surveys     map[dnsname.Name]*answer.Survey
	comparisons map[dnsname.Name]*answer.Comparison
}

// newDiagnosis returns a diagnosis without questions.
func newDiagnosis() *diagnosis {
	return &diagnosis{
		questions:   newBatch(answer.Authorities, false),
		owners:      make(map[dnsname.Name]bool),
		surveys:     make(map[dnsname.Name]*answer.Survey),
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

// ask asks all questions that were added. The zones are surveyed at the same time.
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
		for name, place := range d.comparisons {
			group.Go(func() {
				if comparison, err := surveyor.Compare(ctx, name); err == nil {
					*place = comparison
				}
			})
		}
	}
	d.questions.ask(ctx, resolver)
	group.Wait()
}

// probes hold the replies to further questions about one record.
type probes struct {
	doubled, key, policy []place // names at which a slip may have published the record
	sibling              *reply  // of a name that does not exist beside the owner
	text, addresses      []place // records of other types at the owner, where a CNAME is expected
	survey               *answer.Survey
	comparison           *answer.Comparison
}

// place is a name that may hold the record or stand in its way. Only a wildcard answers for the sibling beside it, which is nil
// where there can be no other name.
type place struct {
	name        dnsname.Name
	at, sibling *reply
}

// unlikely is a label that no zone has.
const unlikely = "maildomain-wildcard-probe"

// probe adds the questions that tell the causes apart for which authorities do not serve a record.
func (d *diagnosis) probe(f Finding) *probes {
	p := &probes{survey: d.survey(f.set.Zone, f.Owner), comparison: d.compare(f.set.Zone, f.Owner)}
	missing, foreign, bare := false, false, false
	for _, a := range f.Seen {
		missing = missing || a.Outcome.Definite() && !f.has(a.Answer)
		foreign = foreign || a.Outcome == answer.Found && (!f.expects() || !f.has(a.Answer))
		bare = bare || mayBeFlattened(a)
	}
	owner, zone := f.Owner.String(), f.set.Zone
	if missing && f.Owner.IsIn(zone) {
		p.doubled = d.places(f.Type, owner+"."+zone.String())
	}
	if missing && dkim.IsOwner(f.Owner) && (f.expects() || f.Type == record.TXT) {
		selector, domain, _ := strings.Cut(owner, "._domainkey.")
		p.key = d.places(f.Type, selector+"."+domain, "_domainkey."+selector+"."+domain)
	}
	if missing {
		p.policy = d.misplacedPolicy(f)
	}
	if foreign {
		p.sibling = d.sibling(f, f.Type)
	}
	if bare && f.Type == record.CNAME && f.expects() {
		p.text = []place{{f.Owner, d.questions.want(f.Owner, record.TXT), d.sibling(f, record.TXT)}}
		for _, t := range []record.Type{record.A, record.AAAA} {
			p.addresses = append(p.addresses, place{f.Owner, d.questions.want(f.Owner, t), d.sibling(f, t)})
		}
	}
	return p
}

// misplacedPolicy adds questions about the names at which policies are published by mistake: the domain itself, and the
// label without its underscores.
func (d *diagnosis) misplacedPolicy(f Finding) []place {
	label, domain, ok := policyDomain(f.Owner)
	if !ok || f.Type != record.TXT || !f.expects() || !domain.IsIn(f.set.Zone) {
		return nil
	}
	// No wildcard answers for a domain that has a zone, or records of its own.
	places := []place{{name: domain, at: d.questions.want(domain, f.Type)}}
	return append(places, d.places(f.Type, strings.ReplaceAll(label, "_", "")+"."+domain.String())...)
}

// places adds questions about names, each with one about a name beside it. It leaves out texts that are no valid name.
func (d *diagnosis) places(t record.Type, names ...string) []place {
	var places []place
	for _, text := range names {
		name, err := dnsname.Parse(text)
		if err != nil {
			continue // No name can be as long.
		}
		if sibling, ok := beside(name); ok {
			places = append(places, place{name, d.questions.want(name, t), d.questions.want(sibling, t)})
		}
	}
	return places
}

// sibling adds a question about a name beside the owner that does not exist; it returns nil where that name would not lie
// in the zone.
func (d *diagnosis) sibling(f Finding, t record.Type) *reply {
	if f.Owner == f.set.Zone || !f.Owner.IsIn(f.set.Zone) {
		return nil
	}
	sibling, ok := beside(f.Owner)
	if !ok {
		return nil
	}
	return d.questions.want(sibling, t)
}

// beside returns a name with the same parent that does not exist, unless by a wildcard.
func beside(n dnsname.Name) (dnsname.Name, bool) {
	if len(n.Labels()) < 2 {
		return dnsname.Name{}, false
	}
	sibling, err := dnsname.Parse(unlikely + "." + n.Parent().String())
	return sibling, err == nil
}

// survey adds a survey of the zone that holds an owner.
func (d *diagnosis) survey(zone, owner dnsname.Name) *answer.Survey {
	zone = zoneOf(zone, owner)
	if d.surveys[zone] == nil {
		d.surveys[zone] = &answer.Survey{}
	}
	return d.surveys[zone]
}

// compare adds a comparison of the zone that holds an owner.
func (d *diagnosis) compare(zone, owner dnsname.Name) *answer.Comparison {
	zone = zoneOf(zone, owner)
	if d.comparisons[zone] == nil {
		d.comparisons[zone] = &answer.Comparison{}
	}
	return d.comparisons[zone]
}

// zoneOf returns the zone to look at for an owner.
func zoneOf(zone, owner dnsname.Name) dnsname.Name {
	if !owner.IsIn(zone) {
		return DomainOf(owner) // The answers came from behind an alias, or there were none.
	}
	return zone
}
