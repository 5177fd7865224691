package spf

import (
	"fmt"
	"net/netip"
	"slices"
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
	first := make(map[Term]int, len(entries))
	kept := make([]entry, 0, len(entries))
	for _, e := range entries {
		id := w.identity(e.Term)
		i, repeated := first[id]
		if !repeated {
			first[id] = len(kept)
			kept = append(kept, e)
			continue
		}
		if kept[i].Qualifier != e.Qualifier && kept[i].list != e.list {
			return nil, conflict(e, kept[i])
		}
	}
	return kept, nil
}

// conflict is about an entry that an earlier one of another list leaves without effect.
func conflict(e, earlier entry) error {
	return &MergeError{Source: e.source, Term: e.String(), Err: ErrQualifierConflict, Detail: fmt.Sprintf(
		"%s of %v stands before it and matches first, so that it would have no effect; remove one of the two", quote(earlier.String()), earlier.source)}
}

// cover drops each passing network that another one covers. The first of those that stand between the same
// non-pass terms is widened for them: to pass earlier than written changes nothing among pass terms, and
// something across a non-pass one.
func cover(entries []entry) ([]entry, error) {
	var passed, refused networks
	refusing := make(map[netip.Prefix]entry)
	kept := make([]entry, 0, len(entries))
	for start := 0; start < len(entries); {
		end := start
		var run networks // of pass terms
		for ; end < len(entries) && entries[end].Qualifier == Pass; end++ {
			run.add(entries[end].Term)
		}
		for _, e := range entries[start:end] {
			if !e.Prefix.IsValid() {
				kept = append(kept, e)
				continue
			}
			// Behind a network that passes, it is never reached, whatever stands between.
			if _, dead := passed.widest(e.Prefix); dead {
				continue
			}
			if by, dead := refused.widest(e.Prefix); dead && refusing[by.Prefix].list != e.list {
				return nil, conflict(e, refusing[by.Prefix])
			}
			e.Term, _ = run.widest(e.Prefix)
			passed.add(e.Term)
			kept = append(kept, e)
		}
		if end < len(entries) {
			e := entries[end]
			kept = append(kept, e)
			if e.Prefix.IsValid() {
				refused.add(e.Term)
				refusing[e.Prefix] = e
			}
			end++
		}
		start = end
	}
	return kept, nil
}

// networks are ip4 and ip6 terms by their network.
type networks struct {
	terms   map[netip.Prefix]Term
	lengths []int // of the prefixes, in order, each once
}

// add takes the term in, unless it has no network.
func (n *networks) add(t Term) {
	if !t.Prefix.IsValid() {
		return
	}
	if n.terms == nil {
		n.terms = make(map[netip.Prefix]Term)
	}
	n.terms[t.Prefix] = t
	if i, found := slices.BinarySearch(n.lengths, t.Prefix.Bits()); !found {
		n.lengths = slices.Insert(n.lengths, i, t.Prefix.Bits())
	}
}

// widest returns the widest of the networks that cover p, p itself among them.
func (n *networks) widest(p netip.Prefix) (Term, bool) {
	for _, bits := range n.lengths {
		if bits > p.Bits() {
			break
		}
		if t, ok := n.terms[netip.PrefixFrom(p.Addr(), bits).Masked()]; ok {
			return t, true
		}
	}
	return Term{}, false
}
