package tree

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// Limit is what RFC 7208 §4.6.4 limits.
type Limit string

// The limits.
const (
	LimitLookups Limit = "lookups"      // terms that look something up: 10
	LimitVoid    Limit = "void lookups" // lookups without an answer, for clients of both families: 2
	LimitMXNames Limit = "mail servers" // of one mx term: 10
)

// Max returns the number that is allowed.
func (l Limit) Max() int {
	switch l {
	case LimitVoid:
		return spf.MaxVoidLookups
	case LimitMXNames:
		return spf.MaxNames
	default:
		return spf.MaxLookups
	}
}

// mostHeaviest is how many terms a [LimitError] names.
const mostHeaviest = 3

// LimitError says that a record makes receivers look up more than they do: they stop with a permerror
// (RFC 7208 §4.6.4).
type LimitError struct {
	Owner   dnsname.Name
	Limit   Limit
	Count   int
	AtLeast bool // the number is the least; see [Count]

	Heaviest []TermCost // the terms that contribute most, the heaviest first; at most 3

	// Flatten is, for lookups, a smallest set of sources whose flattening brings the record within the limit, and
	// After the lookups that it then has. There is none where nothing does.
	Flatten []string
	After   int
}

func (e *LimitError) Error() string {
	var b strings.Builder
	count := fmt.Sprint(e.Count)
	switch {
	case e.Count >= mostCounted:
		count = fmt.Sprintf("%d or more", mostCounted)
	case e.AtLeast:
		count = "at least " + count
	}
	things := "DNS lookups"
	switch e.Limit {
	case LimitVoid:
		things = "DNS lookups that find nothing"
	case LimitMXNames:
		things = "mail servers for one mx term"
	}
	fmt.Fprintf(&b, "the record of %s asks for %s %s, and receivers stop with an error (permerror) after %d (RFC 7208 §4.6.4)",
		e.Owner, count, things, e.Limit.Max())
	for i, t := range e.Heaviest {
		lead := ", "
		if i == 0 {
			lead = "; the heaviest terms are "
			if len(e.Heaviest) == 1 {
				lead = "; the heaviest term is "
			}
		}
		fmt.Fprintf(&b, "%s%s (%d)", lead, spf.Quote(t.Term), t.of(e.Limit))
	}
	return b.String()
}

// of returns the number that the limit is about.
func (c Count) of(l Limit) int {
	switch l {
	case LimitVoid:
		return c.Void()
	case LimitMXNames:
		return c.MXNames
	default:
		return c.Lookups
	}
}

// overLimit returns the error about the gravest limit that a cost is past, and nil where it is past none.
func (t *Tree) overLimit(cost Cost, f Flattening) *LimitError {
	for _, limit := range []Limit{LimitLookups, LimitMXNames, LimitVoid} {
		count := cost.of(limit)
		if limit == LimitVoid {
			count = cost.everyVoid()
		}
		if count <= limit.Max() {
			continue
		}
		e := &LimitError{Owner: t.owner, Limit: limit, Count: count, Heaviest: heaviest(cost.Terms, limit)}
		switch limit {
		case LimitLookups:
			e.AtLeast = cost.LookupsAtLeast
			e.Flatten, e.After = t.relief(cost, f)
		case LimitVoid:
			e.AtLeast = cost.VoidAtLeast || cost.Void4 != cost.Void6
		}
		return e
	}
	return nil
}

// LeastLookups returns the error about a record of owner whose own terms alone are past the limit of lookups, which shows
// without DNS, and nil for any other.
func LeastLookups(r spf.Record, owner dnsname.Name) *LimitError {
	count := 0
	for _, b := range newPage(owner.String(), 0, r).branches {
		count += b.ownLookups()
	}
	if count <= spf.MaxLookups {
		return nil
	}
	return &LimitError{Owner: owner, Limit: LimitLookups, Count: count, AtLeast: true}
}

// FamilyLimit says that a record makes receivers stop with a permerror for clients of one family of addresses alone: too
// many lookups find no address of that family (RFC 7208 §4.6.4).
type FamilyLimit struct {
	Family string // "IPv4" or "IPv6"
	Count  int    // of the lookups that find nothing
	Terms  []string
}

// FamilyLimit returns the family whose clients alone meet too many lookups without an answer, and false where there is
// none.
func (c Cost) FamilyLimit() (FamilyLimit, bool) {
	if c.everyVoid() > spf.MaxVoidLookups || c.Void() <= spf.MaxVoidLookups {
		return FamilyLimit{}, false
	}
	limit := FamilyLimit{Family: "IPv4", Count: c.Void4}
	if c.Void6 > c.Void4 {
		limit = FamilyLimit{Family: "IPv6", Count: c.Void6}
	}
	for _, t := range c.Terms {
		if limit.Family == "IPv4" && t.Void4 > 0 || limit.Family == "IPv6" && t.Void6 > 0 {
			limit.Terms = append(limit.Terms, t.Term)
		}
	}
	return limit, true
}

// heaviest returns the terms that contribute most, in record order where they contribute the same.
func heaviest(terms []TermCost, l Limit) []TermCost {
	sorted := slices.DeleteFunc(slices.Clone(terms), func(t TermCost) bool { return t.of(l) == 0 })
	slices.SortStableFunc(sorted, func(a, b TermCost) int { return cmp.Compare(b.of(l), a.of(l)) })
	return sorted[:min(len(sorted), mostHeaviest)]
}

// relief returns a smallest set of sources whose flattening brings the lookups within the limit, in record order, and how
// many lookups are left; none where nothing does. A source saves the lookups of its includes; a large one costs one for
// each of its records, and small ones cost one for each record that they share. Of sources that save the same, the first
// in the record are taken.
func (t *Tree) relief(cost Cost, f Flattening) (names []string, after int) {
	if cost.Lookups == mostCounted {
		return nil, 0
	}
	large, small, former := t.savings(f)
	sum := func(savings []saving) (sums []int) {
		sums = []int{0}
		for _, s := range savings {
			sums = append(sums, sums[len(sums)-1]+s.lookups)
		}
		return sums
	}
	ofLarge, ofSmall := sum(large), sum(small)
	slot := t.room(sharedLabel, f) / slots
	for j := 1; j < len(ofSmall); j++ {
		flats := make([]flat, j)
		for i, s := range small[:j] {
			flats[i] = s.flat
		}
		ofSmall[j] += former - len(fill(flats, slot))
	}
	for n := 1; n <= len(large)+len(small); n++ {
		best, most := -1, 0 // how many of the n are small
		for j := max(0, n-len(large)); j <= min(n, len(small)); j++ {
			if saved := ofSmall[j] + ofLarge[n-j]; best < 0 || saved > most {
				best, most = j, saved
			}
		}
		if after = cost.Lookups - most; after > spf.MaxLookups {
			continue
		}
		chosen := slices.Concat(small[:best], large[:n-best])
		slices.SortFunc(chosen, func(a, b saving) int { return cmp.Compare(a.terms[0], b.terms[0]) })
		for _, s := range chosen {
			names = append(names, s.name)
		}
		return names, after
	}
	return nil, 0
}

// A saving is a source and the lookups that its flattening saves; of a small one without those of shared records.
type saving struct {
	flat

	lookups int
}

// savings returns the sources that can be flattened, those that save most first, and the lookups of the shared records
// that give way to new ones.
func (t *Tree) savings(f Flattening) (large, small []saving, former int) {
	var flats []flat
	for _, s := range t.sources(f) {
		if made, err := t.flatten(s); err == nil {
			flats = append(flats, made)
		}
	}
	c := t.counter()
	lookups := func(terms []int) (n int) {
		for _, i := range terms {
			n += c.branch(newBranch(t.root.record.Directives[i], t.root.name)).Lookups
		}
		return n
	}
	batches, _ := t.pack(flats, f)
	for _, b := range batches {
		for _, made := range b.flats {
			s := saving{made, lookups(made.all())}
			if made.shared {
				small = append(small, s)
			} else if s.lookups -= len(b.records); s.lookups > 0 && len(b.records) > 0 {
				large = append(large, s)
			}
		}
		former += lookups(b.former)
	}
	for _, list := range [][]saving{large, small} {
		slices.SortStableFunc(list, func(a, b saving) int { return cmp.Compare(b.lookups, a.lookups) })
	}
	return large, small, former
}
