package spf

import (
	"fmt"
	"math"

	"go4.org/netipx"
)

// Guard looks at what passes anywhere in the tree: half of an address family is an error that wraps [ErrPassAll] in a
// *MergeError, unless that is allowed, and a /8 of IPv4 or a /16 of IPv6 is worth a warning. It is about what records
// below and host names add to what [Merge.Do] has seen already.
func (t *Tree) Guard(allowPassAll bool) ([]Warning, error) {
	p := t.passer()
	seen4, seen6 := seenShares(t.root.record)
	bits4, bits6 := shares(p.record(t.root))
	var warnings []Warning
	for _, family := range []struct {
		name             string
		seen, bits, warn int
	}{
		{"IPv4", seen4, bits4, warnBits4},
		{"IPv6", seen6, bits6, warnBits6},
	} {
		refused := family.bits <= refuseBits
		if family.bits > family.warn || family.seen <= refuseBits || !refused && family.seen <= family.warn {
			continue
		}
		term := p.widest(family.name == "IPv4")
		size := fmt.Sprintf("as many %s addresses pass as a /%d has, or more", family.name, family.bits)
		if refused && !allowPassAll {
			return nil, &MergeError{Term: term, Err: ErrPassAll, Advice: Advice{Kind: AdviceAllowPassAll}, Detail: fmt.Sprintf(
				"with what it includes, the record of %s lets %s, most of them by this term; take it out", t.owner, size)}
		}
		warnings = append(warnings, Warning{Code: WarnWide, Term: term, Text: fmt.Sprintf(
			"With what it includes, the record of %s lets %s, most of them by %s. Whoever sends from one of them may send as the domain; check that the term is still needed.",
			t.owner, size, quote(term))})
	}
	return warnings, nil
}

// Wide reports how much passes the record with all that it includes: half of an address family, or as much as a /8 of
// IPv4 or a /16 of IPv6 has.
func (t *Tree) Wide() (half, large bool) {
	bits4, bits6 := shares(t.passer().record(t.root))
	return bits4 <= refuseBits || bits6 <= refuseBits, bits4 <= warnBits4 || bits6 <= warnBits6
}

// seenShares returns how much of each family a merge has judged already.
func seenShares(r Record) (bits4, bits6 int) {
	if all, ok := r.Ending(); ok && all.Qualifier == Pass {
		return 0, 0
	}
	terms, _ := liveTerms(r)
	bits4, bits6 = passingShares(terms)
	for _, t := range terms {
		if t.Qualifier == Pass && (t.Mechanism == MechA || t.Mechanism == MechMX) {
			bits4, bits6 = min(bits4, t.CIDR.Bits4()), min(bits6, t.CIDR.Bits6())
		}
	}
	return bits4, bits6
}

// widest returns the term of the record, or its redirect=, that lets most addresses of a family pass.
func (p *passer) widest(ipv4 bool) string {
	widest, most := "", math.MaxInt
	for _, b := range p.root.branches {
		if b.term.Qualifier != Pass {
			continue
		}
		var match netipx.IPSetBuilder
		p.match(&match, b.term, p.root.name)
		bits4, bits6 := shares(setOf(&match))
		bits := bits6
		if ipv4 {
			bits = bits4
		}
		if bits < most {
			widest, most = b.String(), bits
		}
	}
	return widest
}

// shares returns how much of each family a set holds, as [passingShares] measures it.
func shares(set *netipx.IPSet) (bits4, bits6 int) {
	prefixes := set.Prefixes()
	terms := make([]Term, len(prefixes))
	for i, p := range prefixes {
		terms[i].Prefix = p
	}
	return passingShares(terms)
}
