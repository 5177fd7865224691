package spf

import (
	"slices"
)

// A removal is a term or modifier that the result must not have.
type removal struct {
	source  Source
	term    Term // the zero Term for a modifier
	text    string
	matched bool
}

// remove drops the unwanted terms from the entries, and the unwanted modifiers. It returns what was asked for,
// for [merging.reportRemovals].
func (w *merging) remove() ([]*removal, error) {
	var removals []*removal
	terms := make(map[Term]*removal)
	modifiers := make(map[Modifier]*removal)
	for _, input := range w.Remove {
		r, err := w.moved(input)
		if err != nil {
			return nil, err
		}
		for _, t := range r.Terms {
			if t.Mechanism == MechAll {
				w.warn(input.Source, t.String(), `%q in %v has no effect: the ending of the record is set with all.`, allText(t.Qualifier), input.Source)
				continue
			}
			if id := w.identity(t); terms[id] == nil {
				terms[id] = &removal{source: input.Source, term: t, text: t.String()}
				removals = append(removals, terms[id])
			}
		}
		for _, m := range r.Modifiers {
			if modifiers[m] == nil {
				modifiers[m] = &removal{source: input.Source, text: m.String()}
				removals = append(removals, modifiers[m])
			}
		}
	}
	if len(removals) == 0 {
		return nil, nil
	}
	w.entries = slices.DeleteFunc(w.entries, func(e entry) bool {
		// To remove a domain's senders is to remove the redirect to them too.
		rm := terms[w.identity(e.Term)]
		if rm == nil && e.redirect {
			rm = modifiers[Modifier{Name: modRedirect, Value: e.Domain}]
		}
		if rm != nil {
			rm.matched = true
		}
		return rm != nil
	})
	w.modifiers = slices.DeleteFunc(w.modifiers, func(m Modifier) bool {
		rm := modifiers[m]
		if rm != nil {
			rm.matched = true
		}
		return rm != nil
	})
	return removals, nil
}

// reportRemovals warns of removals that did not remove, now that the record is made.
func (w *merging) reportRemovals(removals []*removal, record Record) {
	if len(removals) == 0 {
		return
	}
	var passing networks
	for _, t := range record.Terms {
		if t.Qualifier == Pass {
			passing.add(entry{Term: t})
		}
	}
	for _, rm := range removals {
		wider, covered := passing.widest(rm.term.Prefix)
		switch {
		case covered:
			w.warn(rm.source, rm.text, "%s in %v does not keep its addresses out: %s still lets them pass. Remove that term, and name the networks that are to stay.",
				quote(rm.text), rm.source, quote(wider.String()))
		case !rm.matched:
			w.warn(rm.source, rm.text, "%s in %v matches no term of the record. Take it out of remove, or check how the record writes it.",
				quote(rm.text), rm.source)
		}
	}
}
