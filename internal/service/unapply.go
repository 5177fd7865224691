package service

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// SPFTerm is the type of a [Fact] that is a term or a modifier of the SPF record at its owner.
const SPFTerm record.Type = "SPF"

// Fact is one thing that live DNS says: the value of a record, or one term of an SPF record.
type Fact struct {
	Owner dnsname.Name
	Type  record.Type // [SPFTerm] for terms
	Value string      // in the form of record.Canonical; a term as spf.Directive writes it, without `all`
}

// Weight says how well a live fact tells that a service is used.
type Weight int

// The weights, from the lightest.
const (
	Fits   Weight = iota // the form of the record allows it
	Shared               // it has the text of the template, which another service may have as well
	Own                  // the service is known by it
)

// Claim is a fact that a record of a template explains.
type Claim struct {
	Fact
	Record string // the id of the template's record
	Weight Weight
	Fixed  bool // it stands at a name below where the template is applied that is known without what the service hands out
}

// FoundGroup is a group of a template whose records are all live.
type FoundGroup struct {
	ID      string // empty: the records that are in no group
	Default bool
	Claims  []Claim // in the template's order
	// Others says that other live records fit as well, and another choice would be as good.
	Others bool
}

// Weight returns the greatest weight of the claims.
func (g FoundGroup) Weight() Weight {
	most := Fits
	for _, c := range g.Claims {
		most = max(most, c.Weight)
	}
	return most
}

// Unresolved is what live DNS does not tell.
type Unresolved struct {
	Variable string
	Why      string // a whole sentence
}

// Found is what of a template is live.
type Found struct {
	Groups    []FoundGroup // in the template's order
	Variables map[string]string
	// Unresolved are variables of the groups whose values live DNS does not tell apart from others.
	Unresolved []Unresolved
}

// GroupIDs returns the names of the groups.
func (f Found) GroupIDs() []string {
	var ids []string
	for _, g := range f.Groups {
		if g.ID != "" {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// Unapply finds the groups of a template whose records are all live, and the values of their variables: applied to the
// same place, the groups and the variables give these records. The template is applied to the host, or to the domain
// where that is empty. Keep, where it is not nil, decides which groups count: it is asked once for each that is found.
func (t *Template) Unapply(domain dnsname.Name, host string, live []Fact, keep func(FoundGroup) bool) Found {
	s, err := newScope(t, Use{Domain: domain, Host: host})
	if err != nil || s.inOwnZone() {
		return Found{}
	}
	u := unapplying{matcher: matcher{scope: &s, steps: maxUnify}, live: sortedFacts(live), bound: bindings{}}
	u.findGroups(keep)
	if len(u.found) == 0 {
		return Found{}
	}
	return u.result()
}

// sortedFacts puts facts in order, each once.
func sortedFacts(live []Fact) []Fact {
	sorted := slices.Clone(live)
	slices.SortFunc(sorted, compareFacts)
	return slices.Compact(sorted)
}

func compareFacts(a, b Fact) int {
	if n := a.Owner.Compare(b.Owner); n != 0 {
		return n
	}
	if n := strings.Compare(string(a.Type), string(b.Type)); n != 0 {
		return n
	}
	return strings.Compare(a.Value, b.Value)
}

// unapplying is one search.
type unapplying struct {
	matcher
	live  []Fact
	bound bindings
	found []FoundGroup
	spent int // steps of the searches for groups
}

// A solution is one way in which the records of a group are live.
type solution struct {
	bound  bindings
	claims []Claim
	score  int
	// rivalled says that a way as good takes other facts.
	rivalled bool
}

// compare orders ways by how well live DNS tells them: one that has no rival is before the others, one of several
// records before one of few.
func (s solution) compare(other solution) int {
	if s.rivalled != other.rivalled {
		if s.rivalled {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(s.score, other.score), cmp.Compare(len(s.claims), len(other.claims)))
}

// maxSolutions is how many ways of one group are looked at.
const maxSolutions = 32

// findGroups takes the groups one by one, the one that live DNS tells best first: what its variables are bound to holds
// for the others.
func (u *unapplying) findGroups(keep func(FoundGroup) bool) {
	left := append(slices.Clone(u.ungrouped()), u.Template.groups...)
	for len(left) > 0 {
		best, at := solution{rivalled: true, score: -1}, -1
		for i, group := range left {
			if i > 0 && left[0] == "" {
				break // Records in no group apply whatever else does.
			}
			if way, ok := u.bestWay(group); ok && best.compare(way) < 0 {
				best, at = way, i
			}
		}
		if at < 0 {
			return
		}
		group := FoundGroup{ID: left[at], Default: left[at] == "" || u.isDefault(left[at]), Claims: best.claims, Others: best.rivalled}
		left = slices.Delete(left, at, at+1)
		with := append(slices.Clone(u.found), group)
		if (keep == nil || keep(group)) && u.holds(with, best.bound) {
			u.bound, u.found = best.bound, with
		} else if group.ID == "" {
			return
		}
	}
}

// bestWay returns the best way in which all records of a group are live.
func (u *unapplying) bestWay(group string) (solution, bool) {
	all := u.waysOf(group)
	if len(all) == 0 {
		return solution{}, false
	}
	top := slices.MaxFunc(all, func(a, b solution) int { return cmp.Compare(a.score, b.score) })
	top.rivalled = rivals(all, top)
	return top, true
}

// ungrouped is the group without a name, where there are records in it.
func (u *unapplying) ungrouped() []string {
	if slices.ContainsFunc(u.entries, func(e entry) bool { return e.group == "" && e.isLive() }) {
		return []string{""}
	}
	return nil
}

// isLive reports whether an entry becomes something that DNS shows.
func (e *entry) isLive() bool { return e.fate == publish || e.fate == mergeSPF }

// rivals reports whether a way as good as another takes other facts.
func rivals(all []solution, top solution) bool {
	facts := func(s solution) map[Fact]bool {
		set := make(map[Fact]bool)
		for _, c := range s.claims {
			set[c.Fact] = true
		}
		return set
	}
	return slices.ContainsFunc(all, func(s solution) bool { return s.score == top.score && !maps.Equal(facts(s), facts(top)) })
}

// waysOf returns the ways in which all records of a group are live.
func (u *unapplying) waysOf(group string) []solution {
	var entries []*entry
	for i := range u.entries {
		if e := &u.entries[i]; e.group == group && e.isLive() {
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	// Those with few variables come first: they bind the others.
	slices.SortStableFunc(entries, func(a, b *entry) int { return u.freedom(a) - u.freedom(b) })
	var all []solution
	budget := min(maxUnify, maxUnapply-u.spent)
	u.steps = budget
	u.extend(entries, solution{bound: u.bound}, func(s solution) bool {
		s.score = u.rate(s)
		slices.SortStableFunc(s.claims, func(a, b Claim) int { return u.indexOf(a.Record) - u.indexOf(b.Record) })
		all = append(all, s)
		return len(all) < maxSolutions
	})
	u.spent += budget - max(u.steps, 0)
	return all
}

func (u *unapplying) indexOf(id string) int {
	return slices.IndexFunc(u.entries, func(e entry) bool { return e.id == id })
}

// freedom is how little an entry says by itself.
func (u *unapplying) freedom(e *entry) int {
	literal := 0
	for _, field := range append([]expr{u.literal(e.host), u.literal(e.value)}, e.terms...) {
		for _, part := range field {
			if part.variable == "" {
				literal += len(part.text)
			}
		}
	}
	return len(e.needs)*100 - min(literal, 99)
}

// extend finds the facts for the first entry and goes on with the others.
func (u *unapplying) extend(entries []*entry, s solution, yield func(solution) bool) bool {
	if len(entries) == 0 {
		return yield(s)
	}
	e := entries[0]
	if e.fate == mergeSPF {
		return u.extendTerms(e, e.terms, entries[1:], s, yield)
	}
	owner, content := u.ownerOf(e), u.contentOf(e)
	fold := e.typ != "TXT"
	for _, fact := range u.live {
		if string(fact.Type) != e.typ || u.isTaken(fact, s) || !e.mayStandAt(fact.Owner) {
			continue
		}
		for b := range u.solutions(owner, fact.Owner.String(), true, s.bound) {
			for b := range u.solutions(content, fact.Value, fold, b) {
				if e.typ == "TXT" && !u.isText(e, fact) {
					continue
				}
				claim := Claim{Fact: fact, Record: e.id, Weight: u.weigh(e, fact), Fixed: u.isFixed(e, fact)}
				if !u.extend(entries[1:], solution{bound: b, claims: append(slices.Clone(s.claims), claim)}, yield) {
					return false
				}
			}
		}
	}
	return u.steps > 0
}

// isTaken reports whether another record of the template has claimed a fact.
func (u *unapplying) isTaken(fact Fact, s solution) bool {
	claims := func(c Claim) bool { return c.Fact == fact }
	return slices.ContainsFunc(s.claims, claims) ||
		slices.ContainsFunc(u.found, func(g FoundGroup) bool { return slices.ContainsFunc(g.Claims, claims) })
}

// mayStandAt reports whether an owner is of the kind that an entry has: what is no key does not stand where keys do.
func (e *entry) mayStandAt(owner dnsname.Name) bool {
	return e.kind == DKIMKind || !slices.Contains(owner.Labels(), "_domainkey")
}

// isText reports whether a TXT value is of the kind that an entry has: a key where it is one, and nothing that has
// another meaning where the whole value is a variable.
func (u *unapplying) isText(e *entry, fact Fact) bool {
	if e.kind == DKIMKind {
		key, err := dkim.Parse(fact.Value)
		return err == nil && key.IsValid()
	}
	return !e.value.whole() || record.FormatOf(fact.Value) == ""
}

// extendTerms finds the terms of one SPF entry at one owner.
func (u *unapplying) extendTerms(e *entry, terms []expr, rest []*entry, s solution, yield func(solution) bool) bool {
	if len(terms) == 0 {
		return u.extend(rest, s, yield)
	}
	owner, field := u.ownerOf(e), u.literal(terms[0])
	for _, fact := range u.live {
		if fact.Type != SPFTerm || u.isTaken(fact, s) {
			continue
		}
		for b := range u.solutions(owner, fact.Owner.String(), true, s.bound) {
			for b := range u.solutions(field, fact.Value, true, b) {
				claim := Claim{Fact: fact, Record: e.id, Weight: u.weigh(e, fact), Fixed: u.isFixed(e, fact)}
				if !u.extendTerms(e, terms[1:], rest, solution{bound: b, claims: append(slices.Clone(s.claims), claim)}, yield) {
					return false
				}
			}
		}
	}
	return u.steps > 0
}
