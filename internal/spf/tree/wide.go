package tree

import (
	"math"

	"go4.org/netipx"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// Owner returns the name whose record the tree is of.
func (t *Tree) Owner() dnsname.Name { return t.owner }

// Shares returns how much of each family passes the record with all that it includes, as [PassingShares] measures it.
func (t *Tree) Shares() (bits4, bits6 int) { return shares(t.passer().record(t.root)) }

// Wide reports how much passes the record with all that it includes: half of an address family, or as much as a /8 of
// IPv4 or a /16 of IPv6 has.
func (t *Tree) Wide() (half, large bool) {
	bits4, bits6 := t.Shares()
	return bits4 <= RefuseBits || bits6 <= RefuseBits, bits4 <= WarnBits4 || bits6 <= WarnBits6
}

// Widest returns the term of the record, or its redirect=, that lets most addresses of a family pass.
func (t *Tree) Widest(ipv4 bool) string {
	p := t.passer()
	widest, most := "", math.MaxInt
	for _, b := range p.root.branches {
		if b.term.Qualifier != spf.Pass {
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

// shares returns how much of each family a set holds, as [PassingShares] measures it.
func shares(set *netipx.IPSet) (bits4, bits6 int) {
	prefixes := set.Prefixes()
	terms := make([]spf.Directive, len(prefixes))
	for i, p := range prefixes {
		terms[i].Prefix = p
	}
	return PassingShares(terms)
}
