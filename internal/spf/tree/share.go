package tree

import (
	"math"
	"math/big"
	"slices"

	"go4.org/netipx"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// From which share of an address family on a record lets too many pass: networks of these prefix lengths, or as
// many addresses in smaller ones.
const (
	RefuseBits = 1  // half of the family
	WarnBits4  = 8  // of IPv4
	WarnBits6  = 16 // of IPv6
)

// PassingShares returns how much of each family ip4 and ip6 terms let pass, in first-match order, as the prefix
// length of a network with as many addresses, or somewhat fewer.
func PassingShares(terms []spf.Directive) (bits4, bits6 int) {
	const none = math.MaxInt
	if !mayPassMuch(terms) {
		return none, none
	}
	// From the last term to the first, so that the first one that matches has the last word.
	var b netipx.IPSetBuilder
	for _, term := range slices.Backward(terms) {
		switch t := term; {
		case !t.Prefix.IsValid():
		case t.Qualifier == spf.Pass:
			b.AddPrefix(t.Prefix)
		default:
			b.RemovePrefix(t.Prefix)
		}
	}
	set, err := b.IPSet()
	if err != nil {
		return none, none // only for prefixes that are invalid, and those were left out
	}
	var sum4, sum6 big.Int // addresses
	for _, p := range set.Prefixes() {
		sum, size := &sum6, new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
		if p.Addr().Is4() {
			sum = &sum4
		}
		sum.Add(sum, size)
	}
	bits4, bits6 = none, none
	if n := sum4.BitLen(); n > 0 {
		bits4 = 33 - n
	}
	if n := sum6.BitLen(); n > 0 {
		bits6 = 129 - n
	}
	return bits4, bits6
}

// mayPassMuch is a quick upper bound: whether the passing networks, laid end to end, reach what is warned of.
func mayPassMuch(terms []spf.Directive) bool {
	var sum4, sum6 float64 // of the families, 1 being all
	for i := range terms {
		p := terms[i].Prefix
		switch {
		case !p.IsValid() || terms[i].Qualifier != spf.Pass:
		case p.Addr().Is4():
			sum4 += math.Ldexp(1, -p.Bits())
		default:
			sum6 += math.Ldexp(1, -p.Bits())
		}
	}
	// Half of the limits, so that rounding does not matter.
	return sum4 >= math.Ldexp(0.5, -WarnBits4) || sum6 >= math.Ldexp(0.5, -WarnBits6)
}
