package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// spfParts collects the terms of each owner, in the template's order.
type spfParts []spfPart

type spfPart struct {
	owner  dnsname.Name
	terms  []string
	groups []string
	// unknown has the parts that are unknown in one of the records.
	unknown problem.Unknown
}

// addSPF adds the terms of one record.
func (s *scope) addSPF(parts *spfParts, e *entry) error {
	owner, err := s.owner(e)
	if err != nil {
		return err
	}
	var terms []string
	for _, field := range e.terms {
		text, err := s.term(e, field, field.whole() && len(e.terms) == 1)
		if err != nil {
			return err
		}
		terms = append(terms, text...)
	}
	i := slices.IndexFunc(*parts, func(p spfPart) bool { return p.owner == owner })
	if i < 0 {
		i = len(*parts)
		*parts = append(*parts, spfPart{owner: owner})
	}
	part := &(*parts)[i]
	part.unknown.Put(nil, s.unknownParts(e))
	part.terms = append(part.terms, terms...)
	if e.group != "" && !slices.Contains(part.groups, e.group) {
		part.groups = append(part.groups, e.group)
	}
	return nil
}

func isAll(term string) bool {
	return strings.EqualFold(strings.TrimLeft(term, "+-~?"), "all")
}

// term fills in one term, or all terms of a variable that stands alone, and returns them as RFC 7208 has them. It
// returns none where they are unknown.
func (s *scope) term(e *entry, field expr, alone bool) ([]string, error) {
	at := inTerm
	switch {
	case alone:
		at = allTerms
	case isAddressTerm(field):
		at = inAddress
	}
	text, err := s.fill(e, e.valueField, field, at)
	if err != nil || s.unknownIn(field) {
		return nil, err
	}
	if alone {
		terms, err := userTerms(text)
		return terms, s.blame(e, e.valueField, field, err)
	}
	parsed, err := spf.ParseTerms(text)
	switch {
	case err != nil:
	case len(parsed.Directives)+len(parsed.Modifiers) != 1:
		err = fmt.Errorf("%s must be one SPF term", show(text))
	case len(parsed.Directives) == 1 && parsed.Directives[0].Mechanism == spf.MechAll:
		err = errors.New(`a variable cannot stand for "all"`)
	}
	return []string{text}, s.blame(e, e.valueField, field, err)
}

// isAddressTerm reports whether a variable is all that stands in an ip4 or ip6 term, but for a prefix length.
func isAddressTerm(field expr) bool {
	start := strings.ToLower(strings.TrimLeft(literalStart(field), "+-~?"))
	return (start == "ip4:" || start == "ip6:") &&
		(len(field) == 2 || len(field) == 3 && strings.HasPrefix(field[2].text, "/"))
}

// userTerms reads all rules of a service as its user was given them: terms, with or without the version before
// and `all` behind them.
func userTerms(text string) ([]string, error) {
	parsed, _, err := spf.ParseEither(text)
	if err != nil {
		return nil, err
	}
	var terms []string
	for _, term := range parsed.Directives {
		if term.Mechanism == spf.MechAll {
			break
		}
		terms = append(terms, term.String())
	}
	for _, m := range parsed.Modifiers {
		terms = append(terms, m.String())
	}
	return terms, nil
}

// join parses what was collected for each owner.
func (p spfParts) join(t *Template) ([]SPF, error) {
	var all []SPF
	for _, part := range p {
		terms, err := spf.ParseTerms(strings.Join(part.terms, " "))
		if err != nil {
			return nil, &TemplateError{Record: -1, Field: "spfRules", Reason: fmt.Sprintf("the rules for %s do not go together: %v", part.owner, err)}
		}
		all = append(all, SPF{Owner: part.owner, Terms: terms, NeverFlatten: t.extra.neverFlatten, Groups: part.groups, Unknown: part.unknown})
	}
	return all, nil
}
