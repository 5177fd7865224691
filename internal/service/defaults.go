package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// The forms of the name that a service is applied to which defaults of our own templates may hold. Each is one label,
// and exists only for the names for which the rule is known: for others, the variable is demanded.
const (
	fqdnDashed  = "fqdn_dashed"  // hyphens for dots; names without hyphens alone
	fqdnDoubled = "fqdn_doubled" // two hyphens for one, and one for each dot; names without A-labels alone
)

// isDerived reports whether the defaults in our own templates have the variable.
func isDerived(name string) bool { return name == fqdnDashed || name == fqdnDoubled }

// derive returns a form of a name as one label, or says why the name has none.
func derive(form string, name dnsname.Name) (string, error) {
	text := name.String()
	switch {
	case form == fqdnDashed && strings.Contains(text, "-"):
		// a-b.example and a.b.example would be the same; what services do about it is not published.
		return "", fmt.Errorf("it cannot be derived from %s, which has a hyphen", text)
	case form == fqdnDoubled && hasALabel(text):
		return "", fmt.Errorf("it cannot be derived from %s, which is internationalised", text)
	case form == fqdnDoubled:
		text = strings.ReplaceAll(text, "-", "--")
	}
	return strings.ReplaceAll(text, ".", "-"), nil
}

// hasALabel reports whether a label of a name is an A-label (RFC 5890 §2.3.2.1).
func hasALabel(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "."), func(label string) bool { return strings.HasPrefix(label, "xn--") })
}

// maxLabel is the longest label of a name in octets (RFC 1035 §2.3.4).
const maxLabel = 63

// defaultFor returns the default that a variable has where the template is applied, its own or the one that a region
// decides; none where there is none.
func (s *scope) defaultFor(name string) expr {
	if rows := s.extra.regions.rowsOf(name); rows != nil {
		return s.regionalDefault(rows)
	}
	fallback := s.extra.defaultOf(name)
	if s.checkDerived(fallback) != nil {
		return nil
	}
	return fallback
}

// regionalDefault finds the default of a variable in the table of regions; there is none for a region that is not
// known.
func (s *scope) regionalDefault(rows map[string]expr) expr {
	region := s.valueOf(s.extra.regions.variable)
	if region == "" {
		region = s.extra.defaultOf(s.extra.regions.variable).String()
	}
	return rows[strings.ToLower(region)]
}

// checkDerived says why a default cannot be made for the name that the template is applied to, where it cannot.
func (s *scope) checkDerived(fallback expr) error {
	if !slices.ContainsFunc(fallback, func(part segment) bool { return isDerived(part.variable) }) {
		return nil
	}
	label := 0 // octets of the label that is being written
	for _, part := range fallback {
		text := part.text
		switch {
		case isDerived(part.variable):
			derived, err := derive(part.variable, s.fqdn)
			if err != nil {
				return err
			}
			text = derived
		case part.variable != "":
			text = s.valueOf(part.variable)
		}
		for _, c := range []byte(text) {
			label++
			if c == '.' {
				label = 0
			}
			if label > maxLabel {
				return fmt.Errorf("it cannot be derived from %s: a label would have more than %d octets", s.fqdn, maxLabel)
			}
		}
	}
	return nil
}

// fallback fills in the default of a variable.
func (s *scope) fallback(name string) (string, error) {
	return s.defaultFor(name).expand(func(other string) (string, error) {
		if isDerived(other) {
			return derive(other, s.fqdn)
		}
		return s.value(other, spot{at: inTarget})
	})
}

// isSet reports whether a variable has a value, or a default whose own variables have one. An empty value is
// none: it is what an unset variable of the caller's turns into.
func (s *scope) isSet(name string) bool {
	if isBuiltin(name) || isDerived(name) || s.valueOf(name) != "" || s.isUnknown(name) {
		return true
	}
	fallback := s.defaultFor(name)
	return len(fallback) > 0 && !slices.ContainsFunc(fallback.variables(), func(other string) bool { return !s.isSet(other) })
}

// missing returns an error for each variable that the entries need and that has no value.
func (s *scope) missing(entries []*entry) error {
	var named []string
	var errs []error
	for _, e := range entries {
		for _, name := range e.needs {
			if s.leavesOut(e) || s.isSet(name) {
				continue
			}
			if err := s.missingVariable(name); !slices.Contains(named, err.Name) {
				named = append(named, err.Name)
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// checkRegion returns an error where the region is none that could be one. No field has it: it decides other variables.
func (s *scope) checkRegion() error {
	region := s.extra.regions.variable
	if region == "" || s.valueOf(region) == "" {
		return nil
	}
	_, err := s.value(region, spot{at: inTarget})
	return err
}

// missingVariable says which variable must be set for one that has no value: that one, or the region that decides it.
// Where it has a default elsewhere, and what that is made of is set, the error says why it has none here.
func (s *scope) missingVariable(name string) *VariableError {
	if s.extra.regions.rowsOf(name) != nil {
		return s.missingRegional(name)
	}
	fallback := s.extra.defaultOf(name)
	for _, other := range fallback.variables() {
		if s.extra.regions.rowsOf(other) != nil && s.valueOf(name) == "" && !s.isSet(other) {
			return s.variableError(name, Missing, s.missingRegional(other).Reason)
		}
		if !s.isSet(other) {
			return s.variableError(name, Missing, "")
		}
	}
	if err := s.checkDerived(fallback); err != nil {
		return s.variableError(name, Missing, err.Error())
	}
	return s.variableError(name, Missing, "")
}

// missingRegional is missingVariable for a variable that a region decides.
func (s *scope) missingRegional(name string) *VariableError {
	by, described := s.extra.regions.variable, s.variableError(name, Missing, "").Name
	region := s.valueOf(by)
	if region == "" {
		return s.variableError(by, Missing, fmt.Sprintf("it decides `%s`, which is not set", described))
	}
	return s.variableError(name, Missing, fmt.Sprintf("its value for the %s %s is not known", by, show(region)))
}
