package service

import (
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// weigh says how well a fact tells that the service is used.
func (u *unapplying) weigh(e *entry, fact Fact) Weight {
	known := u.extra.facts.Recognise
	domains := slices.Concat(known.Includes, known.CNAMEs, known.MX, zonesText(u.extra.zones))
	if fact.Type != record.TXT && isWithin(target(fact.Value), domains) {
		return Own
	}
	content := u.contentOf(e)
	if e.fate == mergeSPF {
		content = u.literal(e.terms[0])
	}
	usual := u.usual(content)
	vendor := fact.Type != record.TXT && len(content) > 0 &&
		(namesDomain(content[len(content)-1]) || len(usual) == 1 && namesDomain(usual[0]) && strings.EqualFold(usual.String(), fact.Value))
	fixed := u.isFixed(e, fact)
	switch {
	case vendor && fixed && len(domains) == 0:
		return Own
	case vendor, fixed:
		return Shared
	}
	return Fits
}

// isFixed reports whether a fact stands at the name that its record has by default, below where the template is applied,
// or at a selector that the service is known by.
func (u *unapplying) isFixed(e *entry, fact Fact) bool {
	owner := u.usual(u.ownerOf(e))
	if fact.Owner == u.fqdn {
		return false
	}
	selector, _, _ := strings.Cut(fact.Owner.String(), "._domainkey.")
	return len(owner) == 1 && strings.EqualFold(owner.String(), fact.Owner.String()) || slices.Contains(u.extra.facts.Recognise.Selectors, selector)
}

// usual fills the defaults that hold no variable into a field.
func (u *unapplying) usual(field expr) expr {
	filled := slices.Clone(field)
	for i, part := range filled {
		if fallback := u.literal(u.extra.defaultOf(part.variable)); part.variable != "" && len(fallback) == 1 && fallback[0].variable == "" {
			filled[i] = fallback[0]
		}
	}
	return u.literal(filled)
}

// namesDomain reports whether the last part of a field holds a domain.
func namesDomain(last segment) bool {
	if last.variable != "" {
		return false
	}
	labels := strings.FieldsFunc(last.text[strings.LastIndexAny(last.text, " :=")+1:], func(c rune) bool { return c == '.' })
	return len(labels) > 1
}

// target returns the name in a value: the last word, and behind the mechanism of a term.
func target(value string) string {
	value = value[strings.LastIndexAny(value, " :=")+1:]
	name, _, _ := strings.Cut(value, "/")
	return strings.TrimSuffix(name, ".")
}

// rate prefers what is known, and values that are the defaults.
func (u *unapplying) rate(s solution) int {
	score := 0
	for _, c := range s.claims {
		score += 10 * int(c.Weight)
	}
	for name, value := range s.bound {
		if _, before := u.bound[name]; !before && u.isUsual(name, value) {
			score++
		}
	}
	return score
}

// isUsual reports whether a value is the default of a variable, or one that a region decides.
func (u *unapplying) isUsual(name, value string) bool {
	for _, fallback := range u.extra.regions.rowsOf(name) {
		if text := fallback.String(); len(fallback.variables()) == 0 && strings.EqualFold(text, value) {
			return true
		}
	}
	fallback := u.extra.defaultOf(name)
	if len(fallback) == 0 {
		return false
	}
	field := u.literal(fallback)
	steps := u.steps
	defer func() { u.steps = steps }()
	u.steps = maxUnify
	for range u.solutions(field, value, true, bindings{}) {
		return true
	}
	return false
}
