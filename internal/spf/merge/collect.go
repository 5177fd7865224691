package merge

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// collect takes the inputs apart into entries, in the order of the merge, and what the owner's records hold
// beside terms.
func (w *merging) collect() error {
	w.existing.all = spf.Neutral
	for _, l := range w.lists() {
		start := len(w.entries)
		var redirects []entry
		for _, input := range l.inputs {
			redirect, err := w.collectInput(l, input)
			if err != nil {
				return err
			}
			if redirect.redirect {
				redirects = append(redirects, redirect)
			}
		}
		if !l.service {
			w.dropShadowed(start)
		}
		// A redirect is followed when nothing in the whole list matched (RFC 7208 §6.1).
		w.entries = append(w.entries, redirects...)
	}
	return nil
}

// collectInput appends the live terms of one input. It returns the entry for its redirect=, if that is alive.
func (w *merging) collectInput(l list, input Input) (entry, error) {
	r, err := input.moved(w.Owner)
	if err != nil {
		return entry{}, err
	}
	terms := r.Directives
	end := slices.IndexFunc(terms, func(t spf.Directive) bool { return t.Mechanism == spf.MechAll })
	if end >= 0 {
		if err := w.takeAll(l, input.Source, terms[end], terms[end+1:]); err != nil {
			return entry{}, err
		}
		terms = terms[:end]
	}
	for _, t := range terms {
		w.entries = append(w.entries, entry{Directive: t, source: input.Source, list: l.number, service: l.service})
	}
	var redirect entry
	for _, m := range r.Modifiers {
		switch {
		case m.Name == spf.Redirect && end >= 0:
			w.warn(WarnRedirect, input.Source, m.String(), `%s%s is beside an "all", so receivers never follow it (RFC 7208 §5.1); it was left out. Remove it, or the "all" if the redirect is meant.`,
				spf.Quote(m.String()), input.Source.of(input.Source))
		case m.Name == spf.Redirect:
			redirect = entry{Directive: spf.Directive{Mechanism: spf.MechInclude, Domain: m.Value}, source: input.Source, list: l.number, service: l.service, redirect: true}
		default:
			if err := w.takeModifier(l, input.Source, m); err != nil {
				return entry{}, err
			}
		}
	}
	if l.existing {
		w.existing.redirect = redirect.Domain
	}
	return redirect, nil
}

// takeAll takes `all` off an input, and what stands behind it, which is never reached (RFC 7208 §5.1).
func (w *merging) takeAll(l list, source Source, all spf.Directive, dead []spf.Directive) error {
	if all.Qualifier == spf.Pass && !w.AllowPassAll {
		return &Error{
			Source: source, Term: spf.AllText(spf.Pass), Err: ErrPassAll, Advice: Advice{Kind: AdviceAllowPassAll},
			Detail: "it lets every host on the internet send as the domain; take it out",
		}
	}
	if len(dead) > 0 {
		text := joinTerms(dead)
		w.warn(WarnDeadTerm, source, text, `%s comes after %q%s, where no receiver reaches it (RFC 7208 §5.1); it was left out. To make it count, write it before the "all".`,
			spf.Quote(text), spf.AllText(all.Qualifier), source.of(source))
	}
	if l.service {
		return nil
	}
	w.ownerEnds = true
	if l.existing {
		w.existing.ends, w.existing.all = true, all.Qualifier
		return nil
	}
	if w.All != AllKeep && all.Qualifier != w.All.qualifier() {
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceAll, All: All(all.Qualifier.Word())}, source, spf.AllText(all.Qualifier), `%q was removed: the record ends in %q.`,
			spf.AllText(all.Qualifier), spf.AllText(w.All.qualifier()))
	}
	return nil
}

// takeModifier keeps an owner's exp= and unknown modifiers; a service's say nothing about the owner's record.
func (w *merging) takeModifier(l list, source Source, m spf.Modifier) error {
	if l.service {
		w.warnAdvised(WarnModifier, Advice{Kind: AdviceMechanisms}, source, m.String(), "%s was left out: only the owner of the record sets modifiers.", spf.Quote(m.String()))
		return nil
	}
	if slices.Contains(w.modifiers, m) {
		return nil
	}
	if m.Name == spf.Exp {
		if other, ok := (spf.Record{Modifiers: w.modifiers}).Modifier(spf.Exp); ok {
			return &Error{
				Source: source, Term: m.String(), Err: ErrExplanations,
				Detail: fmt.Sprintf("the record has %s already, and a record has at most one (RFC 7208 §6); remove one of them", spf.Quote(spf.Exp+"="+other)),
			}
		}
	}
	w.modifiers = append(w.modifiers, m)
	return nil
}

// dropShadowed drops, from the entries of one list of the owner, those that earlier ones leave without effect:
// the first that matches decides, whatever the second says.
func (w *merging) dropShadowed(start int) {
	first := make(map[spf.Directive]entry)
	var decided networks
	list := w.entries[start:]
	kept := list[:0]
	for _, e := range list {
		id := w.identity(e.Directive)
		earlier, shadowed := first[id]
		if !shadowed {
			first[id] = e
			earlier, shadowed = decided.narrowest(e.Prefix)
			// Non-pass networks stay as their owner wrote them.
			shadowed = shadowed && e.Qualifier == spf.Pass
			decided.decide(e)
		}
		switch {
		case !shadowed:
			kept = append(kept, e)
		case earlier.Qualifier != e.Qualifier:
			w.warn(WarnDeadTerm, e.source, e.String(), "%s%s comes after %s, which matches first; it was left out. Remove one of the two.",
				spf.Quote(e.String()), e.source.of(e.source), spf.Quote(earlier.String()))
		}
	}
	w.entries = w.entries[:start+len(kept)]
}

// identity returns what makes two terms the same: mechanism, argument and CIDR. Where a, mx and ptr name the
// owner of the record, they mean what they mean without a name.
func (w *merging) identity(t spf.Directive) spf.Directive {
	t.Qualifier = spf.Pass
	switch t.Mechanism {
	case spf.MechA, spf.MechMX, spf.MechPTR:
		if t.Domain == "%{d}" || w.Owner.IsValid() && t.Domain == w.Owner.String() {
			t.Domain = ""
		}
	}
	return t
}
