package merge

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// settleServices makes every term of a service a pass term. Where services differ over a term, the least
// restrictive qualifier is taken; a term that no service lets pass would shadow what follows, and is refused.
func (w *merging) settleServices() error {
	passing := make(map[spf.Directive]Source)
	for _, e := range w.entries {
		if e.service && e.Qualifier == spf.Pass {
			passing[w.identity(e.Directive)] = e.source
		}
	}
	for i := range w.entries {
		e := &w.entries[i]
		if !e.service || e.Qualifier == spf.Pass {
			continue
		}
		other, ok := passing[w.identity(e.Directive)]
		if !ok {
			return &Error{Source: e.source, Term: e.String(), Err: ErrNonPassService, Advice: Advice{Kind: AdviceMechanisms, Term: e.String()}, Detail: fmt.Sprintf(
				"it would give the result %q to senders that other services let pass; take it out of the service's terms", e.Qualifier.Word())}
		}
		was := e.String()
		e.Qualifier = spf.Pass
		w.warn(WarnQualifiers, e.source, was, "%s%s and %s%s differ; the least restrictive one, %[3]s, was taken.",
			spf.Quote(was), e.source.of(e.source), spf.Quote(e.String()), other.of(e.source))
	}
	return nil
}

// settleRedirect decides what becomes of redirect=. It returns its target where it stays, and otherwise turns
// the entries that stand for it into plain includes.
func (w *merging) settleRedirect() (string, error) {
	first := slices.IndexFunc(w.entries, func(e entry) bool { return e.redirect })
	if first < 0 {
		return "", nil
	}
	target := w.entries[first].Domain
	carriers := make(map[int]bool) // the lists that end in the redirect
	for _, e := range w.entries {
		if !e.redirect {
			continue
		}
		carriers[e.list] = true
		if e.Domain != target {
			return "", &Error{Source: e.source, Term: spf.Redirect + "=" + e.Domain, Err: ErrRedirects, Detail: fmt.Sprintf(
				"%v has %s, and a record has at most one (RFC 7208 §6); write one of them as an include",
				w.entries[first].source, spf.Quote(spf.Redirect+"="+target))}
		}
	}
	plain := slices.DeleteFunc(slices.Clone(w.entries), func(e entry) bool { return e.redirect })
	adds, err := w.adds(plain, carriers)
	if err != nil {
		return "", err
	}
	// Behind a redirect, no `all` counts: an ending that was asked for needs an include.
	if !adds && !w.ownerEnds && (w.All == "" || w.All == AllKeep) {
		w.redirects = slices.DeleteFunc(w.entries, func(e entry) bool { return !e.redirect })
		w.entries = plain
		return target, nil
	}
	w.convertRedirects()
	return "", nil
}

// convertRedirects turns the entries that stand for a redirect= into includes. What their own list says of the
// same domain before stays as it is.
func (w *merging) convertRedirects() {
	type member struct {
		list int
		id   spf.Directive
	}
	said := make(map[member]spf.Directive)
	kept := w.entries[:0]
	for _, e := range w.entries {
		key := member{e.list, w.identity(e.Directive)}
		earlier, repeated := said[key]
		if !repeated {
			said[key] = e.Directive
		}
		if !e.redirect {
			kept = append(kept, e)
			continue
		}
		fate := "became " + spf.Quote(e.String())
		if repeated {
			fate = "was left out behind " + spf.Quote(earlier.String())
		}
		text := spf.Redirect + "=" + e.Domain
		w.warn(WarnRedirect, e.source, text, `%s%s %s, because receivers follow a redirect only if nothing else ends the record (RFC 7208 §6.1). The ending of this record now decides about other senders, in place of the "all" in the record of %s.`,
			spf.Quote(text), e.source.of(e.source), fate, spf.Quote(e.Domain))
		if !repeated {
			e.redirect = false
			kept = append(kept, e)
		}
	}
	w.entries = kept
}

// adds reports whether lists other than those that end in the redirect add anything to the record.
func (w *merging) adds(plain []entry, carriers map[int]bool) (bool, error) {
	all, err := w.reduce(plain)
	if err != nil {
		return false, err
	}
	own, err := w.reduce(slices.DeleteFunc(slices.Clone(plain), func(e entry) bool { return !carriers[e.list] }))
	if err != nil {
		return false, err
	}
	return !slices.Equal(termsOf(all), termsOf(own)), nil
}
