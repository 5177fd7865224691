package merge

import (
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// GuardTree looks at what passes anywhere in a tree: half of an address family is an error that wraps [ErrPassAll] in a
// *Error, unless that is allowed, and a /8 of IPv4 or a /16 of IPv6 is worth a warning. It is about what records
// below and host names add to what [Merge.Do] has seen already.
func GuardTree(t *tree.Tree, allowPassAll bool) ([]Warning, error) {
	seen4, seen6 := seenShares(t.Root())
	bits4, bits6 := t.Shares()
	var warnings []Warning
	for _, family := range []struct {
		name             string
		seen, bits, warn int
	}{
		{"IPv4", seen4, bits4, tree.WarnBits4},
		{"IPv6", seen6, bits6, tree.WarnBits6},
	} {
		refused := family.bits <= tree.RefuseBits
		if family.bits > family.warn || family.seen <= tree.RefuseBits || !refused && family.seen <= family.warn {
			continue
		}
		term := t.Widest(family.name == "IPv4")
		size := fmt.Sprintf("at least as many %s addresses pass as a /%d has", family.name, family.bits)
		if refused && !allowPassAll {
			return nil, &Error{Term: term, Err: ErrPassAll, Advice: Advice{Kind: AdviceAllowPassAll}, Detail: fmt.Sprintf(
				"with what it includes, the record of %s lets %s, most of them by this term; take it out", t.Owner(), size)}
		}
		warnings = append(warnings, Warning{Code: WarnWide, Term: term, Text: fmt.Sprintf(
			"With what it includes, the record of %s lets %s, most of them by %s. Anyone who sends from one of them may send as the domain; check that the term is still needed.",
			t.Owner(), size, spf.Quote(term))})
	}
	return warnings, nil
}

// seenShares returns how much of each family a merge has judged already.
func seenShares(r spf.Record) (bits4, bits6 int) {
	if all, ok := r.Ending(); ok && all.Qualifier == spf.Pass {
		return 0, 0
	}
	terms, _ := r.Reached()
	bits4, bits6 = tree.PassingShares(terms)
	for _, t := range terms {
		if t.Qualifier == spf.Pass && (t.Mechanism == spf.MechA || t.Mechanism == spf.MechMX) {
			bits4, bits6 = min(bits4, t.CIDR.Bits4()), min(bits6, t.CIDR.Bits6())
		}
	}
	return bits4, bits6
}
