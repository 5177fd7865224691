package merge

import (
	"net/netip"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// reduce drops entries that repeat earlier ones, and networks that others cover.
func (w *merging) reduce(entries []entry) ([]entry, error) {
	kept, err := w.dedupe(entries)
	if err != nil {
		return nil, err
	}
	return cover(kept)
}

// dedupe keeps the first of the entries that are the same term. Where lists give it different qualifiers, no
// order does justice to both.
func (w *merging) dedupe(entries []entry) ([]entry, error) {
	first := make(map[spf.Directive]int, len(entries))
	kept := make([]entry, 0, len(entries))
	for _, e := range entries {
		id := w.identity(e.Directive)
		i, repeated := first[id]
		if !repeated {
			first[id] = len(kept)
			kept = append(kept, e)
			continue
		}
		if kept[i].Qualifier != e.Qualifier {
			return nil, conflict(e, kept[i])
		}
	}
	return kept, nil
}

// cover drops each passing network that another one covers. The first of those that stand between the same
// non-pass terms is widened for them: to pass earlier than written changes nothing among pass terms, and
// something across a non-pass one.
func cover(entries []entry) ([]entry, error) {
	var decided networks // by the entries before, the first that matches
	kept := make([]entry, 0, len(entries))
	for start := 0; start < len(entries); {
		end := start
		var run networks // of pass terms
		for ; end < len(entries) && entries[end].Qualifier == spf.Pass; end++ {
			run.add(entries[end])
		}
		for _, e := range entries[start:end] {
			if by, dead := decided.narrowest(e.Prefix); dead && by.Qualifier == spf.Pass {
				continue
			} else if dead {
				return nil, conflict(e, by)
			}
			if widest, ok := run.widest(e.Prefix); ok {
				e.Directive = widest.Directive
			}
			decided.decide(e)
			kept = append(kept, e)
		}
		if end < len(entries) {
			decided.decide(entries[end])
			kept = append(kept, entries[end])
			end++
		}
		start = end
	}
	return kept, nil
}

// networks are entries of ip4 and ip6 terms by their network.
type networks struct {
	entries map[netip.Prefix]entry
	lengths []int // of the prefixes, in order, each once
}

// add takes the entry in, unless its term has no network.
func (n *networks) add(e entry) {
	if !e.Prefix.IsValid() {
		return
	}
	if n.entries == nil {
		n.entries = make(map[netip.Prefix]entry)
	}
	n.entries[e.Prefix] = e
	if i, found := slices.BinarySearch(n.lengths, e.Prefix.Bits()); !found {
		n.lengths = slices.Insert(n.lengths, i, e.Prefix.Bits())
	}
}

// decide takes the entry in, unless what was taken in before covers it. Of the networks that cover another one,
// the narrowest is then the first: had a wider one come before it, it would not be there.
func (n *networks) decide(e entry) {
	if _, dead := n.narrowest(e.Prefix); !dead {
		n.add(e)
	}
}

// widest returns the widest of the networks that cover p, p itself among them.
func (n *networks) widest(p netip.Prefix) (entry, bool) {
	for _, bits := range n.lengths {
		if e, ok := n.at(p, bits); ok {
			return e, true
		}
	}
	return entry{}, false
}

// narrowest returns the narrowest of the networks that cover p, p itself among them.
func (n *networks) narrowest(p netip.Prefix) (entry, bool) {
	for _, bits := range slices.Backward(n.lengths) {
		if e, ok := n.at(p, bits); ok {
			return e, true
		}
	}
	return entry{}, false
}

// at returns the network of that prefix length which covers p.
func (n *networks) at(p netip.Prefix, bits int) (entry, bool) {
	if bits > p.Bits() {
		return entry{}, false // none of its length covers p, or p is no network
	}
	e, ok := n.entries[netip.PrefixFrom(p.Addr(), bits).Masked()]
	return e, ok
}
