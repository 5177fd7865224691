package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// A spot is where a variable stands: its place, and the text of the field on either side of it, in lower case.
type spot struct {
	at            place
	before, after string
}

// spotOf returns the spot of the variable that is part i of a field. A neighbour with an unknown value ends
// the text on its side, and so does the length of the longest name.
func (s *scope) spotOf(field expr, i int, at place) spot {
	sp := spot{at: at}
	if !at.isName() {
		return sp
	}
	for j := i - 1; j >= 0 && len(sp.before) <= dnsname.MaxName && i-j <= maxBeside; j-- {
		text, ok := s.plainText(field[j])
		if !ok {
			break
		}
		sp.before = text + sp.before
	}
	if at == inTerm { // The name starts behind the mechanism.
		sp.before = sp.before[strings.LastIndexAny(sp.before, ":=")+1:]
	}
	for j := i + 1; j < len(field) && len(sp.after) <= dnsname.MaxName && j-i <= maxBeside; j++ {
		text, ok := s.plainText(field[j])
		if !ok {
			break
		}
		sp.after += text
	}
	sp.before, sp.after = strings.ToLower(sp.before), strings.TrimSuffix(strings.ToLower(sp.after), ".")
	return sp
}

// maxBeside is how many parts of a field on either side of a variable are looked at.
const maxBeside = 8

// plainText returns the text of a part of a field as far as it is known, unchecked.
func (s *scope) plainText(part segment) (string, bool) {
	if part.variable == "" {
		return part.text, true
	}
	if v, ok := s.builtin(part.variable); ok {
		return v, true
	}
	if s.isUnknown(part.variable) {
		return "", false
	}
	v := s.valueOf(part.variable)
	if v == "" {
		fallback := s.extra.defaultOf(part.variable)
		if len(fallback) == 0 || len(fallback.variables()) > 0 {
			return "", false
		}
		v = fallback.String()
	}
	return v, true
}

// isName reports whether a place holds a name or a part of one.
func (p place) isName() bool {
	switch p {
	case inOwner, endOfOwner, allOwner, inTarget, inTerm, allTarget:
		return true
	}
	return false
}

// overlap returns what the value of a variable repeats of the text on either side, empty where it repeats nothing that
// it may not: the whole text, two labels or more of it, or a label with an underscore. One label alone may be the
// same by chance.
func (sp spot) overlap(v string) (atStart, atEnd string) {
	for end := len(sp.after); end > 0; end = strings.LastIndexByte(sp.after[:end], '.') {
		tail := sp.after[:end]
		if matches := strings.HasSuffix(v, tail) || v == strings.TrimPrefix(tail, "."); matches && sp.counts(tail, end == len(sp.after)) {
			atEnd = tail
			break
		}
	}
	for start := 0; start < len(sp.before); {
		head := sp.before[start:]
		if strings.HasPrefix(v, head) && sp.counts(head, start == 0) {
			atStart = head
			break
		}
		next := strings.IndexByte(head, '.')
		if next < 0 {
			break
		}
		start += next + 1
	}
	return atStart, atEnd
}

// counts reports whether a text beside a variable cannot stand in its value by chance.
func (sp spot) counts(text string, whole bool) bool {
	labels := strings.FieldsFunc(text, func(c rune) bool { return c == '.' })
	switch {
	case len(labels) == 0:
		return false
	case len(labels) > 1, strings.Contains(text, "_") && strings.Trim(text, "._-") != "":
		return true
	}
	return whole && len(strings.Trim(text, ".-")) > 1
}

// checkBeside refuses a value that repeats what stands beside its variable.
func (sp spot) checkBeside(v string) error {
	if !sp.at.isName() {
		return nil
	}
	atStart, atEnd := sp.overlap(strings.ToLower(strings.TrimSuffix(v, ".")))
	switch {
	case atStart != "":
		return fmt.Errorf("it repeats %s, which the record has before it", show(strings.Trim(atStart, ".")))
	case atEnd != "":
		return fmt.Errorf("it repeats %s, which the record has behind it", show(strings.Trim(atEnd, ".")))
	}
	return nil
}

// checked holds a value against its kind, its place and what stands beside it, and returns it in canonical form.
func (s *scope) checked(v string, kind VariableKind, sp spot) (string, error) {
	if err := sp.checkBeside(v); err != nil && plain(v) == nil {
		return "", err
	}
	v, err := s.checkKind(v, kind)
	if err != nil {
		return "", err
	}
	return s.checkPlace(v, sp.at)
}

// spots returns all spots of a variable that are names or parts of one.
func (s *scope) spots(variable string) []spot {
	var all []spot
	add := func(field expr, at place) {
		for i, part := range field {
			if part.variable == variable && at.isName() {
				all = append(all, s.spotOf(field, i, at))
			}
		}
	}
	for i := range s.entries {
		e := &s.entries[i]
		add(e.host, hostPlace(e.host))
		switch {
		case e.fate == mergeSPF:
			for _, term := range e.terms {
				if !isAddressTerm(term) && !(term.whole() && len(e.terms) == 1) {
					add(term, inTerm)
				}
			}
		case e.typ == "CNAME", e.typ == "MX", e.typ == "SRV", e.typ == "NS":
			add(e.value, targetPlace(e.value))
		}
	}
	return all
}

// hostPlace returns the place of the variables in a host.
func hostPlace(host expr) place {
	switch {
	case host.whole():
		return allOwner
	case endsAbsolute(host):
		return endOfOwner
	}
	return inOwner
}

// targetPlace returns the place of the variables in a target.
func targetPlace(target expr) place {
	if target.whole() {
		return allTarget
	}
	return inTarget
}

// advise adds to an error about a value what to write in its place: what is left of it once everything that people
// paste around it is taken off, if that passes the checks of all places where the variable stands.
func (s *scope) advise(name, v string, kind VariableKind, wrong error) error {
	spots := s.spots(name)
	named := kind == KindDomain || kind == KindHost || kind == KindSelector || kind == KindLabel
	if len(spots) == 0 && !named || len(v) > maxField {
		return wrong
	}
	if len(spots) == 0 { // It stands in the default of another variable.
		spots = []spot{{at: inTarget}}
	}
	reason, _, _ := strings.Cut(wrong.Error(), `: write "`)
	for _, meant := range s.meant(v, kind, spots) {
		passes := func(sp spot) bool { _, err := s.checked(meant, kind, sp); return err == nil }
		if meant != "" && meant != v && !slices.ContainsFunc(spots, func(sp spot) bool { return !passes(sp) }) {
			return errors.New(reason + ": write " + show(meant))
		}
	}
	return errors.New(reason)
}

// meant lists what a value may have been meant to be, likeliest first.
func (s *scope) meant(v string, kind VariableKind, spots []spot) []string {
	v = strings.TrimSuffix(strings.Trim(v, " \t\r\n\"'"), ".")
	starts := []string{v}
	if name, ok := dnsname.Meant(v); ok {
		starts = append([]string{name.String()}, v)
	}
	var all []string
	for _, start := range starts {
		candidate := strings.ToLower(start)
		for range 2 * len(spots) {
			stripped := s.withoutRepeats(candidate, kind, spots)
			if stripped == candidate {
				break
			}
			candidate = stripped
		}
		all = append(all, sameCase(start, candidate))
		if label, _, more := strings.Cut(candidate, "."); more && kind == KindLabel {
			all = append(all, sameCase(start, label))
		}
	}
	return all
}

// withoutRepeats takes off the most that stands beside the variable somewhere, the domain where it is appended, and
// _domainkey.
func (s *scope) withoutRepeats(v string, kind VariableKind, spots []spot) string {
	relative := kind == KindHost || kind == KindSelector || slices.ContainsFunc(spots, func(sp spot) bool { return sp.at == inOwner || sp.at == allOwner })
	if relative {
		for _, zone := range []string{s.fqdn.String(), s.domain.String()} {
			v = strings.TrimSuffix(v, "."+zone)
		}
	}
	var start, end string
	for _, sp := range spots {
		atStart, atEnd := sp.overlap(v)
		if len(atStart) > len(start) {
			start = atStart
		}
		if len(atEnd) > len(end) {
			end = atEnd
		}
	}
	v = strings.TrimSuffix(strings.TrimPrefix(v, start), end)
	if kind == KindSelector {
		v, _, _ = strings.Cut(v, "._domainkey")
	}
	if kind == KindDomain || slices.ContainsFunc(spots, func(sp spot) bool { return sp.at == allTarget }) {
		if name, err := dnsname.ParseForeign(v); err == nil {
			if once, doubled := name.Doubled(); doubled {
				v = once.String()
			}
		}
	}
	return v
}

// sameCase returns the part of a text that was found in its lower-case form.
func sameCase(text, part string) string {
	if i := strings.Index(strings.ToLower(text), part); i >= 0 && len(strings.ToLower(text)) == len(text) {
		return text[i : i+len(part)]
	}
	return part
}
