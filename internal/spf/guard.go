package spf

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"go4.org/netipx"
)

// From which share of an address family on a record lets too many pass: networks of these prefix lengths, or as
// many addresses in smaller ones.
const (
	refuseBits = 1  // half of the family
	warnBits4  = 8  // of IPv4
	warnBits6  = 16 // of IPv6
)

// guard looks at what the terms let pass, whatever they are called: half of an address family is an error
// unless that is allowed, and a large part of one is a warning. What include, exists and ptr let pass is not
// known here.
func (w *merging) guard(terms []Term) error {
	for _, t := range terms {
		if t.Qualifier != Pass || t.Mechanism != MechA && t.Mechanism != MechMX {
			continue
		}
		// One address of the host is enough to make the whole network pass.
		if err := w.guardShares(t.CIDR.Bits4(), t.CIDR.Bits6(), t.String()); err != nil {
			return err
		}
	}
	bits4, bits6 := passingShares(terms)
	return w.guardShares(bits4, bits6, "")
}

// guardShares judges what one term lets pass, or all ip4 and ip6 terms together where term is empty: at least as
// many addresses of each family as a network of that prefix length has.
func (w *merging) guardShares(bits4, bits6 int, term string) error {
	if bits4 <= warnBits4 {
		if err := w.guardShare("IPv4", bits4, term); err != nil {
			return err
		}
	}
	if bits6 <= warnBits6 {
		return w.guardShare("IPv6", bits6, term)
	}
	return nil
}

func (w *merging) guardShare(family string, prefixLength int, term string) error {
	what := "its ip4 and ip6 terms let"
	if term != "" {
		what = "it lets"
	}
	size := fmt.Sprintf("as many %s addresses pass as a /%d has, or more", family, prefixLength)
	if prefixLength <= refuseBits && !w.AllowPassAll {
		return &MergeError{Term: term, Err: ErrPassAll, Advice: Advice{Kind: AdviceAllowPassAll}, Detail: fmt.Sprintf(
			"%s %s; name the networks that send", what, size)}
	}
	subject := "The ip4 and ip6 terms of the record" + w.ofOwner() + " let"
	if term != "" {
		subject = quote(term) + " lets"
	}
	w.warn(WarnWide, Source{}, term, "%s %s. Whoever sends from one of them may send as the domain; name the networks that send.", subject, size)
	return nil
}

// passingShares returns how much of each family ip4 and ip6 terms let pass, in first-match order, as the prefix
// length of a network with as many addresses, or somewhat fewer.
func passingShares(terms []Term) (bits4, bits6 int) {
	const none = math.MaxInt
	if !mayPassMuch(terms) {
		return none, none
	}
	// From the last term to the first, so that the first one that matches has the last word.
	var b netipx.IPSetBuilder
	for _, term := range slices.Backward(terms) {
		switch t := term; {
		case !t.Prefix.IsValid():
		case t.Qualifier == Pass:
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
func mayPassMuch(terms []Term) bool {
	var sum4, sum6 float64 // of the families, 1 being all
	for i := range terms {
		p := terms[i].Prefix
		switch {
		case !p.IsValid() || terms[i].Qualifier != Pass:
		case p.Addr().Is4():
			sum4 += math.Ldexp(1, -p.Bits())
		default:
			sum6 += math.Ldexp(1, -p.Bits())
		}
	}
	// Half of the limits, so that rounding does not matter.
	return sum4 >= math.Ldexp(0.5, -warnBits4) || sum6 >= math.Ldexp(0.5, -warnBits6)
}
