package merge

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// settleOwner makes what services ask for pass, where a term of the owner says otherwise: a neutral or softfail term
// that is the same, or a part of it, passes too; a neutral or softfail term that covers it comes after it. A fail
// term is a decision that the owner has to take back: where it covers all of a service's term, that is an error.
func (w *merging) settleOwner() error {
	owned := slices.ContainsFunc(w.entries, func(e entry) bool { return !e.service && e.Qualifier != spf.Pass })
	asked := slices.ContainsFunc(w.entries, func(e entry) bool { return e.service })
	if !owned || !asked {
		return nil
	}
	if err := w.yieldOwner(); err != nil {
		return err
	}
	return w.hoistServices()
}

// yieldOwner makes the neutral and softfail terms of the owner pass that are the same as a term of a service, or that
// keep a part of it from passing, and warns of fail terms that do so.
func (w *merging) yieldOwner() error {
	for i := range w.entries {
		e := &w.entries[i]
		if e.service || e.Qualifier == spf.Pass {
			continue
		}
		at := slices.IndexFunc(w.entries, func(s entry) bool {
			return s.service && s.covers(w, e.Directive) && (w.identity(s.Directive) == w.identity(e.Directive) || w.decider(i, e.Directive) == i)
		})
		switch {
		case at < 0:
		case w.identity(w.entries[at].Directive) == w.identity(e.Directive) && e.Qualifier == spf.Fail:
			if w.entries[at].redirect { // It comes behind all terms, or [merging.dedupe] refuses it.
				return conflict(w.entries[at], *e)
			}
		case e.Qualifier == spf.Fail && at < i: // It stands behind the service's term, and keeps nothing from passing.
		case e.Qualifier == spf.Fail:
			s := w.entries[at]
			w.warn(WarnQualifiers, e.source, e.String(), "%s%s stands before %s of %v, and refuses some of its senders. Take it out if the service sends from there.",
				spf.Quote(e.String()), e.source.of(e.source), spf.Quote(s.String()), s.source)
		case at > i || w.identity(w.entries[at].Directive) == w.identity(e.Directive):
			s, was := w.entries[at], e.String()
			e.Qualifier = spf.Pass
			w.warn(WarnQualifiers, e.source, was, "%s%s and %s of %v differ; the senders of the service pass, and the record has %s. Take %[1]s out.",
				spf.Quote(was), e.source.of(e.source), spf.Quote(s.String()), s.source, spf.Quote(e.String()))
		}
	}
	return nil
}

// hoistServices moves each term of a service before the neutral or softfail term that would decide over it.
func (w *merging) hoistServices() error {
	for i := range w.entries {
		e := w.entries[i]
		if !e.service {
			continue
		}
		at := w.decider(i, e.Directive)
		by := w.entries[at]
		if by.service || by.Qualifier == spf.Pass {
			continue
		}
		if by.Qualifier == spf.Fail {
			return conflict(e, by)
		}
		w.warn(WarnQualifiers, by.source, by.String(), "%s%s would override %s of %v, which lets its senders pass; it now comes after it. Take %[1]s out, or write it without them.",
			spf.Quote(by.String()), by.source.of(by.source), spf.Quote(e.String()), e.source)
		copy(w.entries[at+1:i+1], w.entries[at:i])
		w.entries[at] = e
	}
	return nil
}

// decider returns the index of the first entry up to i that matches wherever the term of that entry does.
func (w *merging) decider(i int, t spf.Directive) int {
	at := slices.IndexFunc(w.entries[:i], func(e entry) bool { return !e.redirect && e.covers(w, t) })
	if at < 0 {
		return i
	}
	return at
}

// covers reports whether an entry matches wherever another term does, as far as their texts show.
func (e entry) covers(w *merging, t spf.Directive) bool {
	if e.Mechanism != t.Mechanism {
		return false
	}
	switch t.Mechanism {
	case spf.MechIP4, spf.MechIP6:
		return e.Prefix.Bits() <= t.Prefix.Bits() && e.Prefix.Contains(t.Prefix.Addr())
	case spf.MechA, spf.MechMX:
		wide, narrow := w.identity(e.Directive), w.identity(t)
		return wide.Domain == narrow.Domain && wide.CIDR.Bits4() <= narrow.CIDR.Bits4() && wide.CIDR.Bits6() <= narrow.CIDR.Bits6()
	default:
		return w.identity(e.Directive) == w.identity(t)
	}
}

// conflict is about an entry that an earlier one of another list leaves without effect.
func conflict(e, earlier entry) error {
	advice := "remove one of the two"
	if e.service && !earlier.service {
		advice = fmt.Sprintf("take %s out, or the service", spf.Quote(earlier.String()))
	}
	return &Error{Source: e.source, Term: e.String(), Err: ErrQualifierConflict, Detail: fmt.Sprintf(
		"%s%s stands before it and matches first, so it would have no effect; %s", spf.Quote(earlier.String()), earlier.source.of(e.source), advice)}
}
