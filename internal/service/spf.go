package service

import (
	"errors"
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// spfParts collects the terms of each owner, in the template's order.
type spfParts struct {
	owners   []dnsname.Name
	terms    map[dnsname.Name][]string
	warnings []string
}

// addSPF adds the terms of one record. An `all` is taken off: the merged record has its own.
func (s *scope) addSPF(parts *spfParts, e entry) error {
	owner, err := s.owner(e)
	if err != nil {
		return err
	}
	fields := live(e.terms)
	var terms []string
	for _, field := range fields {
		whole := field.whole()
		text, err := s.term(e, field, whole && len(fields) == 1)
		if err != nil {
			return err
		}
		terms = append(terms, text...)
	}
	if dropped := len(e.terms) - len(fields) - 1; dropped > 0 {
		parts.warnings = append(parts.warnings, fmt.Sprintf(
			"%s has %d SPF terms behind an \"all\", which are dropped: nothing behind it is ever looked at (RFC 7208 §5.1).", s.Name(), dropped))
	}
	if parts.terms == nil {
		parts.terms = make(map[dnsname.Name][]string)
	}
	if _, seen := parts.terms[owner]; !seen {
		parts.owners = append(parts.owners, owner)
	}
	parts.terms[owner] = append(parts.terms[owner], terms...)
	return nil
}

// live returns the terms before the first `all`.
func live(terms []expr) []expr {
	for i, term := range terms {
		if isAll(term.String()) {
			return terms[:i]
		}
	}
	return terms
}

func isAll(term string) bool {
	return strings.EqualFold(strings.TrimLeft(term, "+-~?"), "all")
}

// term fills in one term, or all terms of a variable that stands alone, and returns them as RFC 7208 has them.
func (s *scope) term(e entry, field expr, alone bool) ([]string, error) {
	at := inTerm
	switch {
	case alone:
		at = allTerms
	case isAddressTerm(field):
		at = inAddress
	}
	text, err := s.fill(e, e.valueField, field, at)
	if err != nil {
		return nil, err
	}
	if alone {
		terms, err := userTerms(text)
		return terms, s.blame(e, e.valueField, field, err)
	}
	parsed, err := spf.ParseTerms(text)
	switch {
	case err != nil:
	case len(parsed.Terms)+len(parsed.Modifiers) != 1:
		err = fmt.Errorf("%s must be one SPF term", show(text))
	case len(parsed.Terms) == 1 && parsed.Terms[0].Mechanism == spf.MechAll:
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
	for _, term := range parsed.Terms {
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
func (p *spfParts) join(t *Template) ([]SPF, error) {
	var all []SPF
	for _, owner := range p.owners {
		terms, err := spf.ParseTerms(strings.Join(p.terms[owner], " "))
		if err != nil {
			return nil, &TemplateError{Record: -1, Field: "spfRules", Reason: fmt.Sprintf("the rules for %s do not go together: %v", owner, err)}
		}
		all = append(all, SPF{Owner: owner, Terms: terms, NeverFlatten: t.extra.neverFlatten})
	}
	return all, nil
}
