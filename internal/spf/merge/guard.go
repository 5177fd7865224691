package merge

import (
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// guard looks at what the terms let pass, whatever they are called: half of an address family is an error
// unless that is allowed, and a large part of one is a warning. What include, exists and ptr let pass is not
// known here.
func (w *merging) guard(terms []spf.Directive) error {
	for _, t := range terms {
		if t.Qualifier != spf.Pass || t.Mechanism != spf.MechA && t.Mechanism != spf.MechMX {
			continue
		}
		// One address of the host is enough to make the whole network pass.
		if err := w.guardShares(t.CIDR.Bits4(), t.CIDR.Bits6(), t.String()); err != nil {
			return err
		}
	}
	bits4, bits6 := tree.PassingShares(terms)
	return w.guardShares(bits4, bits6, "")
}

// guardShares judges what one term lets pass, or all ip4 and ip6 terms together where term is empty: at least as
// many addresses of each family as a network of that prefix length has.
func (w *merging) guardShares(bits4, bits6 int, term string) error {
	if bits4 <= tree.WarnBits4 {
		if err := w.guardShare("IPv4", bits4, term); err != nil {
			return err
		}
	}
	if bits6 <= tree.WarnBits6 {
		return w.guardShare("IPv6", bits6, term)
	}
	return nil
}

func (w *merging) guardShare(family string, prefixLength int, term string) error {
	what := "its ip4 and ip6 terms let"
	if term != "" {
		what = "it lets"
	}
	size := fmt.Sprintf("at least as many %s addresses pass as a /%d has", family, prefixLength)
	if prefixLength <= tree.RefuseBits && !w.AllowPassAll {
		return &Error{Term: term, Err: ErrPassAll, Advice: Advice{Kind: AdviceAllowPassAll}, Detail: fmt.Sprintf(
			"%s %s; name the networks that send", what, size)}
	}
	subject := "The ip4 and ip6 terms of the record" + w.ofOwner() + " let"
	if term != "" {
		subject = spf.Quote(term) + " lets"
	}
	w.warn(WarnWide, Source{}, term, "%s %s. Anyone who sends from one of them may send as the domain; name the networks that send.", subject, size)
	return nil
}
