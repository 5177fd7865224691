package tree

import "github.com/catglobe/terraform-provider-maildomain/internal/spf"

// ManyLookups is from how many lookups on a record is close to the limit of 10, and warned of.
const ManyLookups = 8

// mostCounted bounds counts, which may grow exponentially: a record may include the same one many times, and that
// one another.
const mostCounted = 1_000_000

// Count is how much receivers look up in the worst case, that of a client that no term matches (RFC 7208 §4.6.4).
type Count struct {
	Lookups      int // terms that look something up, each as often as it is reached; 1,000,000: that many or more
	Void4, Void6 int // lookups without an answer, for IPv4 and IPv6 clients
	MXNames      int // the most mail servers that one mx term finds

	// The numbers are the least: a macro stands in the way, DNS did not answer, or not all was read.
	LookupsAtLeast, VoidAtLeast bool
}

// Void returns the number of lookups without an answer, for the family of clients that meets more of them.
func (c Count) Void() int { return max(c.Void4, c.Void6) }

// everyVoid returns the number of lookups without an answer that clients of both families meet at least.
func (c Count) everyVoid() int { return min(c.Void4, c.Void6) }

// plus returns the count of both.
func (c Count) plus(d Count) Count {
	return Count{
		Lookups:        min(c.Lookups+d.Lookups, mostCounted),
		Void4:          min(c.Void4+d.Void4, mostCounted),
		Void6:          min(c.Void6+d.Void6, mostCounted),
		MXNames:        max(c.MXNames, d.MXNames),
		LookupsAtLeast: c.LookupsAtLeast || d.LookupsAtLeast,
		VoidAtLeast:    c.VoidAtLeast || d.VoidAtLeast,
	}
}

// TermCost is what a term of a record contributes to its cost.
type TermCost struct {
	Term string
	Count
}

// Cost is what a record makes receivers look up.
type Cost struct {
	Count

	Terms []TermCost // the record's own terms that look something up, in its order, equal ones together
}

// Cost returns the cost of the record. It returns a *LoopError where the record leads to itself, otherwise a *LimitError
// where the cost is past a limit, saying what of f could be flattened, and otherwise a *UnansweredError where DNS did not
// answer all that the count needs. The cost is there in any case, and then the least that it can be.
func (t *Tree) Cost(f Flattening) (Cost, error) {
	cost := t.cost()
	if loop := t.loop(); loop != nil {
		return cost, loop
	}
	if limit := t.overLimit(cost, f); limit != nil {
		return cost, limit
	}
	return cost, t.Unanswered()
}

func (t *Tree) cost() Cost {
	var cost Cost
	at := make(map[string]int)
	c := t.counter()
	for _, b := range t.root.branches {
		count, text := c.branch(b), b.String()
		cost.Count = cost.plus(count)
		i, repeated := at[text]
		if !repeated {
			i = len(cost.Terms)
			at[text] = i
			cost.Terms = append(cost.Terms, TermCost{Term: text})
		}
		cost.Terms[i].Count = cost.Terms[i].plus(count)
	}
	return cost
}

// A counter counts each page once, and takes the result wherever the page occurs.
type counter struct {
	*Tree

	counts map[*page]Count
}

func (t *Tree) counter() *counter {
	return &counter{Tree: t, counts: make(map[*page]Count)}
}

// page returns the count of all that the record of a page looks up.
func (c *counter) page(p *page) Count {
	if c.endless[p] {
		// A loop ends where receivers give up, at the first lookup past the limit.
		return Count{Lookups: spf.MaxLookups + 1, LookupsAtLeast: true, VoidAtLeast: true}
	}
	count, known := c.counts[p]
	if !known {
		for _, b := range p.branches {
			count = count.plus(c.branch(b))
		}
		c.counts[p] = count
	}
	return count
}

// branch returns the count of a term and of what it leads to.
func (c *counter) branch(b branch) Count {
	count := Count{Lookups: b.ownLookups()}
	switch {
	case b.fault == branchMacro:
		count.VoidAtLeast, count.LookupsAtLeast = true, b.follows()
	case b.fault == branchMalformed:
	case b.follows():
		count = count.plus(c.followed(c.child(b)))
	case b.term.Mechanism == spf.MechPTR:
		count.VoidAtLeast = true // the client may have no name
	default:
		c.eachAnswer(b, func(q question, a answer, asked bool) {
			count.take(b.term.Mechanism, q, a, asked)
		})
	}
	return count
}

// ownLookups returns the lookups of a term itself, without what it leads to.
func (b branch) ownLookups() int {
	if spf.HasNameMacro(b.term.Domain) {
		return 2 // the PTR lookup, as the evaluation counts it
	}
	return 1
}

// followed returns the count of what an include or redirect leads to; nil is a page that was not asked for.
func (c *counter) followed(p *page) Count {
	switch {
	case p == nil || p.status == pageLarge || p.status == pageUnanswered:
		return Count{LookupsAtLeast: true, VoidAtLeast: true}
	case p.status == pageVoid:
		return Count{Void4: 1, Void6: 1}
	}
	return c.page(p)
}

// take counts one question about addresses or mail servers.
func (c *Count) take(m spf.Mechanism, q question, a answer, asked bool) {
	if q.rrtype == spf.TypeMX {
		c.MXNames = max(c.MXNames, a.count)
	}
	switch {
	case !asked || a.err != nil:
		c.VoidAtLeast = true
	case a.count > 0:
	case q.rrtype == spf.TypeMX || m == spf.MechExists: // the same question for all clients
		c.Void4++
		c.Void6++
	case q.rrtype == spf.TypeA:
		c.Void4++
	default:
		c.Void6++
	}
}
