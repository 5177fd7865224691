package service

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// maxUnify is how many steps a search for the values of the variables of a group takes, and maxUnapply how many those of
// all groups take. Templates of this project need some hundreds.
const (
	maxUnify   = 4000
	maxUnapply = 10 * maxUnify
)

// bindings are the values of variables, by lower-case name.
type bindings map[string]string

// with returns the bindings and one more.
func (b bindings) with(variable, value string) bindings {
	more := make(bindings, len(b)+1)
	maps.Copy(more, b)
	more[variable] = value
	return more
}

// A matcher unifies fields of a template with live names and values.
type matcher struct {
	*scope
	steps int // that are left
}

// literal returns a field with the text of the variables that every template has in their place.
func (m *matcher) literal(field expr) expr {
	var out expr
	for _, part := range field {
		if v, ok := m.builtin(part.variable); ok {
			part = segment{text: v}
		} else if isDerived(part.variable) {
			form, err := derive(part.variable, m.fqdn)
			if err != nil {
				return nil
			}
			part = segment{text: form}
		}
		if last := len(out) - 1; last >= 0 && part.variable == "" && out[last].variable == "" {
			out[last].text += part.text
			continue
		}
		out = append(out, part)
	}
	return out
}

// ownerOf returns the whole owner of an entry as one field.
func (m *matcher) ownerOf(e *entry) expr {
	host := m.withoutEmptyHost(e.host)
	absolute := m.endsInFQDN(host)
	field := m.literal(host)
	if text := field.String(); text == "" || text == "@" {
		field, absolute = expr{{text: m.fqdn.String()}}, true
	}
	if last := len(field) - 1; field[last].variable == "" && strings.HasSuffix(field[last].text, ".") {
		field[last].text = strings.TrimSuffix(field[last].text, ".")
		absolute = true
	}
	if !absolute {
		field = append(slices.Clone(field), segment{text: "." + m.fqdn.String()})
	}
	if e.typ == "SRV" {
		before := slices.Concat(oneUnderscored(e.service), expr{{text: "."}}, oneUnderscored(e.protocol), expr{{text: "."}})
		field = append(before, field...)
	}
	return m.literal(field)
}

// oneUnderscored is a field that starts with one underscore.
func oneUnderscored(field expr) expr {
	if len(field) > 0 && field[0].variable == "" {
		return append(expr{{text: oneUnderscore(field[0].text)}}, field[1:]...)
	}
	return append(expr{{text: "_"}}, field...)
}

// contentOf returns the value of an entry that is not SPF as one field, its numbers before it.
func (m *matcher) contentOf(e *entry) expr {
	field := m.literal(m.withoutEmptyHost(e.value))
	if len(field) == 1 && field[0].text == "@" {
		field = expr{{text: m.fqdn.String()}}
	}
	if last := len(field) - 1; e.typ != "TXT" && last >= 0 && field[last].variable == "" {
		field[last].text = strings.TrimSuffix(field[last].text, ".")
	}
	var numbers expr
	for _, n := range []expr{e.priority, e.weight, e.port} {
		if n != nil {
			numbers = append(append(numbers, n...), segment{text: " "})
		}
	}
	return m.literal(append(numbers, field...))
}

// solutions yields the bindings under which a field is a text. Names and SPF terms are the same in any case.
func (m *matcher) solutions(field expr, text string, fold bool, b bindings) iter.Seq[bindings] {
	return func(yield func(bindings) bool) {
		if last := len(field) - 1; last >= 0 && field[last].variable == "" && !hasSuffix(text, field[last].text, fold) {
			return
		}
		m.solve(field, text, fold, b, yield)
	}
}

func hasSuffix(text, suffix string, fold bool) bool {
	if len(text) < len(suffix) {
		return false
	}
	end := text[len(text)-len(suffix):]
	return end == suffix || fold && strings.EqualFold(end, suffix)
}

// solve returns whether the search goes on.
func (m *matcher) solve(field expr, text string, fold bool, b bindings, yield func(bindings) bool) bool {
	if m.steps--; m.steps < 0 {
		return false
	}
	if len(field) == 0 {
		return text != "" || yield(b)
	}
	part := field[0]
	if part.variable == "" {
		rest, ok := cutPrefix(text, part.text, fold)
		return !ok || m.solve(field[1:], rest, fold, b, yield)
	}
	if value, ok := b[part.variable]; ok {
		rest, ok := cutPrefix(text, value, fold || m.foldsCase(part.variable))
		return !ok || m.solve(field[1:], rest, fold, b, yield)
	}
	for end := len(text); end > 0; end-- {
		if len(field) == 1 && end < len(text) {
			break
		}
		value, ok := m.mayBe(part.variable, text[:end])
		if ok && !m.solve(field[1:], text[end:], fold, b.with(part.variable, value), yield) {
			return false
		}
	}
	return true
}

func cutPrefix(text, prefix string, fold bool) (string, bool) {
	if len(text) < len(prefix) || text[:len(prefix)] != prefix && !(fold && strings.EqualFold(text[:len(prefix)], prefix)) {
		return "", false
	}
	return text[len(prefix):], true
}

// foldsCase reports whether the value of a variable is a name or a part of one.
func (m *matcher) foldsCase(variable string) bool {
	switch v, _ := m.variables.find(variable); v.Kind {
	case KindDomain, KindHost, KindLabel, KindSelector:
		return true
	}
	return false
}

// mayBe reports whether a text may be the value of a variable, and returns it as the variable takes it.
func (m *matcher) mayBe(variable, text string) (string, bool) {
	v, _ := m.variables.find(variable)
	switch v.Kind {
	case KindDKIM:
		key, err := dkim.Parse(text)
		return text, err == nil && key.IsValid()
	case KindText, KindSPF:
		return text, plain(text) == nil
	case "":
		return text, plain(text) == nil && !strings.HasPrefix(text, ".") && !strings.HasSuffix(text, ".")
	}
	right, err := m.checkKind(text, v.Kind)
	if err != nil || v.Kind == KindLabel && strings.Contains(text, "@") {
		return "", false
	}
	return right, true
}

// isWithin reports whether a name in the text of a value is one of some domains, or lies in one.
func isWithin(text string, domains []string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(domains, func(domain string) bool { return text == domain || strings.HasSuffix(text, "."+domain) })
}

// zonesText are the zones of the service itself as texts.
func zonesText(zones []dnsname.Name) []string {
	texts := make([]string, len(zones))
	for i, zone := range zones {
		texts[i] = zone.String()
	}
	return texts
}
