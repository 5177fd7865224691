package merge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// A removal is a term or modifier that the result must not have.
type removal struct {
	source  Source
	term    spf.Directive // the zero Term for a modifier
	text    string
	matched bool

	services []string // that ask for the term, by name
}

// of notes whose term the removal matches.
func (rm *removal) of(e entry) {
	if e.service && !slices.Contains(rm.services, e.source.Name) {
		rm.services = append(rm.services, e.source.Name)
	}
}

// refused is the error about a removal that would leave services without their term.
func (rm *removal) refused() error {
	names, ask := make([]string, len(rm.services)), "asks"
	for i, name := range rm.services {
		names[i] = Source{Kind: Service, Name: name}.String()
	}
	if len(names) > 1 {
		ask = "ask"
	}
	return &Error{
		Source: rm.source, Term: rm.text, Err: ErrServiceRemoved, Advice: Advice{Kind: AdviceServices, Term: rm.text, Services: rm.services},
		Detail: fmt.Sprintf("%s %s for it, and could not send without it", strings.Join(names, " and "), ask),
	}
}

// remove drops the unwanted terms from the entries, and the unwanted modifiers. It returns what was asked for,
// for [merging.reportRemovals].
func (w *merging) remove() ([]*removal, error) {
	var removals []*removal
	terms := make(map[spf.Directive]*removal)
	modifiers := make(map[spf.Modifier]*removal)
	for _, input := range w.Remove {
		if err := input.removable(); err != nil {
			return nil, err
		}
		r, err := input.moved(w.Owner)
		if err != nil {
			return nil, err
		}
		for _, t := range r.Directives {
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
		rm := terms[w.identity(e.Directive)]
		if rm == nil && e.redirect {
			rm = modifiers[spf.Modifier{Name: spf.Redirect, Value: e.Domain}]
		}
		if rm != nil {
			rm.matched = true
			rm.of(e)
		}
		return rm != nil
	})
	for _, rm := range removals {
		if len(rm.services) > 0 {
			return nil, rm.refused()
		}
	}
	w.modifiers = slices.DeleteFunc(w.modifiers, func(m spf.Modifier) bool {
		rm := modifiers[m]
		if rm != nil {
			rm.matched = true
		}
		return rm != nil
	})
	return removals, nil
}

// reportRemovals warns of removals that did not remove, now that the record is made.
func (w *merging) reportRemovals(removals []*removal, record spf.Record) {
	if len(removals) == 0 {
		return
	}
	var passing networks
	for _, t := range record.Directives {
		if t.Qualifier == spf.Pass {
			passing.add(entry{Directive: t})
		}
	}
	for _, rm := range removals {
		wider, covered := passing.widest(rm.term.Prefix)
		switch {
		case covered:
			w.warnAdvised(WarnRemove, Advice{Kind: AdviceKeep}, rm.source, rm.text, "%s does not keep its addresses out: %s%s still lets them pass. In its place, name the networks that should stay.",
				spf.Quote(rm.text), spf.Quote(wider.String()), w.askedBy(wider.Directive))
		case !rm.matched:
			w.warnAdvised(WarnRemove, Advice{Kind: AdviceKeep}, rm.source, rm.text, "%s matches no term of the record%s", spf.Quote(rm.text), w.instead(rm, record))
		}
	}
}

// instead ends the sentence about a removal that matches nothing: with the term of the record that is most like it, as it
// may have been meant.
func (w *merging) instead(rm *removal, record spf.Record) string {
	nearest, by, most := "", "", 0.0
	for _, t := range record.Directives {
		if t.Mechanism == spf.MechAll {
			continue
		}
		if l := likeness(rm, t, t.String()); l > most {
			nearest, by, most = t.String(), w.askedBy(t), l
		}
	}
	for _, m := range record.Modifiers {
		if l := likeness(rm, spf.Directive{}, m.String()); l > most {
			nearest, by, most = m.String(), "", l
		}
	}
	switch {
	case most < leastLike:
		return ", and no term is similar. Check how the record spells it."
	case by != "":
		return fmt.Sprintf("; the most similar one is %s%s.", spf.Quote(nearest), by)
	}
	return fmt.Sprintf("; the most similar one is %s. If you mean that one, name it.", spf.Quote(nearest))
}

// leastLike is the likeness below which a term is not named.
const leastLike = 0.5

// likeness says how much of what is removed and of a term of the record is the same, from 0 to 1: their starts and their
// ends, or networks that overlap.
func likeness(rm *removal, t spf.Directive, text string) float64 {
	sameName := rm.term.Mechanism == t.Mechanism && rm.term.Domain == t.Domain
	switch {
	case rm.term.Prefix.IsValid() && t.Prefix.IsValid() && rm.term.Prefix.Overlaps(t.Prefix), (t.Mechanism == spf.MechA || t.Mechanism == spf.MechMX) && sameName:
		return 1
	case rm.term.Mechanism == t.Mechanism && (rm.term.Domain == "") != (t.Domain == ""):
		return leastLike
	}
	_, a := spf.CutQualifier(rm.text)
	_, b := spf.CutQualifier(text)
	short, start := min(len(a), len(b)), 0
	for start < short && a[start] == b[start] {
		start++
	}
	end := 0
	for end < short-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return float64(start+end) / float64(max(len(a), len(b)))
}

// askedBy names the service that asks for a term, and nothing where the owner does.
func (w *merging) askedBy(t spf.Directive) string {
	for _, e := range w.entries {
		if w.identity(e.Directive) == w.identity(t) {
			if e.service {
				return fmt.Sprintf(" of %v", e.source)
			}
			break
		}
	}
	return ""
}
