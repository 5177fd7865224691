package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// together are variables whose values the service hands out as one: all are set, or none is.
type together struct {
	Variables []string `json:"variables"`
	// Forms are the domains that their values lie in, of which one lies in the same as the others.
	Forms []string `json:"forms"`
}

// checkTogether holds the described sets against the described variables.
func (x extra) checkTogether() error {
	for _, set := range x.together {
		for _, name := range set.Variables {
			if _, ok := x.variable(name); !ok || len(set.Variables) < 2 {
				return extraError("together", fmt.Sprintf("%q is not a described variable, or stands alone", name))
			}
		}
	}
	return nil
}

// apart returns an error for the values of one set that cannot stand together: one of them is given and another
// derived, or they have different forms. Unknown values count as given.
func (s *scope) apart(entries []*entry) error {
	if len(s.extra.together) == 0 {
		return nil
	}
	needed := func(name string) bool {
		return slices.ContainsFunc(entries, func(e *entry) bool { return slices.Contains(e.needs, strings.ToLower(name)) })
	}
	var errs []error
	for _, set := range s.extra.together {
		if !slices.ContainsFunc(set.Variables, needed) {
			continue
		}
		if !slices.ContainsFunc(set.Variables, s.isGiven) {
			continue
		}
		given := slices.DeleteFunc(slices.Clone(set.Variables), func(name string) bool { return !s.isGiven(name) })
		for _, name := range set.Variables {
			if !s.isGiven(name) {
				errs = append(errs, s.variableError(name, Missing, fmt.Sprintf("`%s` is set, and the two are not mixed with derived values", given[0])))
			}
		}
		errs = append(errs, s.otherForm(set, given))
	}
	return errors.Join(errs...)
}

// isGiven reports whether the user gave a variable a value, which may be unknown.
func (s *scope) isGiven(name string) bool {
	i, ok := s.variables.indexOf(name)
	return ok && (s.values[i] != "" || len(s.unknown) > 0 && s.unknown[i])
}

// otherForm returns an error for the first value that lies in another domain than the first of the set.
func (s *scope) otherForm(set together, given []string) error {
	form := func(name string) string {
		value := strings.ToLower(strings.TrimSuffix(s.valueOf(name), "."))
		i := slices.IndexFunc(set.Forms, func(suffix string) bool { return strings.HasSuffix(value, "."+suffix) })
		if i < 0 {
			return ""
		}
		return set.Forms[i]
	}
	known := slices.DeleteFunc(slices.Clone(given), func(name string) bool { return s.valueOf(name) == "" })
	for _, name := range known {
		if first := known[0]; form(name) != form(first) {
			return s.variableError(name, Invalid, fmt.Sprintf("it does not have the form of `%s`, %s: the service gives both in one form; copy them from there unchanged",
				first, show(s.valueOf(first))))
		}
	}
	return nil
}
