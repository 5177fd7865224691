package tree

import (
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// A passer finds which addresses the records of a tree let pass, for each page once.
type passer struct {
	*Tree

	sets map[*page]*netipx.IPSet
}

func (t *Tree) passer() *passer {
	return &passer{Tree: t, sets: make(map[*page]*netipx.IPSet)}
}

// page returns the addresses that are known to pass the record of a page, whoever the sender is; nil is a page that was
// not asked for. An include that leads round in a loop matches nothing here; receivers stop there with an error.
func (p *passer) page(at *page) *netipx.IPSet {
	if at == nil || at.status != pageRead {
		return &netipx.IPSet{}
	}
	set, known := p.sets[at]
	if !known {
		p.sets[at] = &netipx.IPSet{} // while it is open
		set = p.record(at)
		p.sets[at] = set
	}
	return set
}

// record returns the addresses that are known to pass the terms of a page. The first term that matches decides
// (RFC 7208 §4.6.2).
func (p *passer) record(at *page) *netipx.IPSet {
	terms, redirect := at.record.Reached()
	if redirect != "" {
		terms = append(slices.Clip(terms), spf.Directive{Mechanism: spf.MechInclude, Domain: redirect})
	}
	var runs []run
	includes := make(map[string]bool) // for all of one name, the first decides
	for _, t := range terms {
		if t.Mechanism == spf.MechInclude && includes[t.Domain] {
			continue
		}
		includes[t.Domain] = includes[t.Domain] || t.Mechanism == spf.MechInclude
		runs = appendRun(runs, t.Qualifier)
		p.match(&runs[len(runs)-1].match, t, at.name)
	}
	if all, ok := at.record.Ending(); ok && all.Qualifier == spf.Pass {
		runs = appendRun(runs, spf.Pass)
		addEverything(&runs[len(runs)-1].match)
	}
	passed, _ := decide(runs)
	return passed
}

// A run is what successive terms match that all pass, or all do not.
type run struct {
	passes bool
	match  netipx.IPSetBuilder
}

// appendRun returns the runs with one at their end for a term of that qualifier.
func appendRun(runs []run, q spf.Qualifier) []run {
	if n := len(runs); n > 0 && runs[n-1].passes == (q == spf.Pass) {
		return runs
	}
	return append(runs, run{passes: q == spf.Pass})
}

// decide returns what passes the runs and what they match, the first having the last word. Half of them at a time, so
// that the work does not grow with the square of their number.
func decide(runs []run) (passed, matched *netipx.IPSet) {
	switch len(runs) {
	case 0:
		return &netipx.IPSet{}, &netipx.IPSet{}
	case 1:
		matched = setOf(&runs[0].match)
		if !runs[0].passes {
			return &netipx.IPSet{}, matched
		}
		return matched, matched
	}
	passedFirst, matchedFirst := decide(runs[:len(runs)/2])
	passedNext, matchedNext := decide(runs[len(runs)/2:])
	var pass, match netipx.IPSetBuilder
	pass.AddSet(passedNext)
	pass.RemoveSet(matchedFirst)
	pass.AddSet(passedFirst)
	match.AddSet(matchedFirst)
	match.AddSet(matchedNext)
	return setOf(&pass), setOf(&match)
}

// match adds the addresses that a term is known to match in the record of a name.
func (p *passer) match(b *netipx.IPSetBuilder, t spf.Directive, name string) {
	switch t.Mechanism {
	case spf.MechIP4, spf.MechIP6:
		b.AddPrefix(t.Prefix)
	case spf.MechInclude:
		b.AddSet(p.page(p.child(newBranch(t, name))))
	case spf.MechExists:
		if found := newBranch(t, name); p.answers[question{found.target, spf.TypeA}].count > 0 {
			addEverything(b) // whoever the client is
		}
	case spf.MechA, spf.MechMX:
		for _, network := range p.networks(newBranch(t, name)) {
			b.AddPrefix(network)
		}
	}
}

// networks returns what an a or mx term matches: the addresses that were found, with its prefix lengths.
func (t *Tree) networks(b branch) []netip.Prefix {
	var networks []netip.Prefix
	if b.fault != branchSound {
		return nil
	}
	t.eachAnswer(b, func(_ question, a answer, _ bool) {
		for _, addr := range a.addresses {
			bits := b.term.CIDR.Bits6()
			if addr.Is4() {
				bits = b.term.CIDR.Bits4()
			}
			networks = append(networks, netip.PrefixFrom(addr, bits).Masked())
		}
	})
	return networks
}

func addEverything(b *netipx.IPSetBuilder) {
	b.AddPrefix(netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	b.AddPrefix(netip.PrefixFrom(netip.IPv6Unspecified(), 0))
}

// setOf returns what was built of valid prefixes.
func setOf(b *netipx.IPSetBuilder) *netipx.IPSet {
	set, _ := b.IPSet() // its error is about prefixes that are not valid
	return set
}
