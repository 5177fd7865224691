package service

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

// scope is where a template is applied, and with which values.
type scope struct {
	*Template
	domain dnsname.Name
	fqdn   dnsname.Name // [host.]domain
	host   string       // relative to the domain; empty where fqdn is the domain
	values []string     // in the order of the template's variables
	// unknown says in the same order which values are unknown; nil where none are.
	unknown []bool
	given   []string // idle variables that have a value, as the user spells them
	allow   []string
	groups  []string // that the user named
}

// newScope reads the place and the variables of a use.
func newScope(t *Template, u Use) (scope, error) {
	s := scope{Template: t, domain: u.Domain, allow: u.Allow, groups: u.Groups}
	if err := s.setHost(u.Host); err != nil {
		return scope{}, err
	}
	err := s.setValues(u.Variables, u.Unknown)
	return s, err
}

// setValues takes the values of variables, and the names of those whose values are unknown, in any case.
func (s *scope) setValues(values map[string]string, unknown problem.Unknown) error {
	s.values = make([]string, len(s.variables.list))
	if len(values) == 0 && !unknown.Any() {
		return nil
	}
	given := make([]bool, len(s.values))
	var errs []error
	give := func(name string) (i int, ok bool) {
		i, ok = s.variables.indexOf(name)
		isIdle := s.variables.idle[strings.ToLower(name)]
		if isIdle {
			s.given = append(s.given, name)
		}
		switch {
		case !ok && isIdle:
		case !ok:
			errs = append(errs, s.unknownVariable(name))
		case given[i]:
			errs = append(errs, s.variableError(name, Twice, ""))
		default:
			given[i] = true
		}
		return i, ok
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if i, ok := give(name); ok {
			s.values[i] = values[name]
		}
	}
	if unknown.Any() {
		s.unknown = make([]bool, len(s.values))
	}
	for i := range s.unknown {
		s.unknown[i] = unknown.Whole() && !given[i]
	}
	for _, name := range unknown.Keys() {
		if i, ok := give(name); ok {
			s.unknown[i] = true
		}
	}
	return errors.Join(errs...)
}

// valueOf returns what the user gave for a variable, empty where that is nothing.
func (s *scope) valueOf(name string) string {
	if i, ok := s.variables.indexOf(name); ok {
		return s.values[i]
	}
	return ""
}

func (s *scope) setHost(host string) error {
	fail := func(reason string) error { return &HostError{Service: s.Name(), Host: host, Reason: reason} }
	if !s.domain.IsValid() || s.domain == dnsname.Root {
		return fail("there is no domain to apply it to")
	}
	relative := strings.ToLower(host)
	if relative == s.domain.String() {
		return fail("it is the domain itself, which is appended: leave it out, or write a host below the domain")
	}
	if before, ok := strings.CutSuffix(relative, "."+s.domain.String()); ok {
		return fail("it is relative to the domain: write " + show(before))
	}
	fqdn, err := dnsname.ParseIn(host, s.domain)
	switch {
	case err != nil:
		return fail(err.Error())
	case strings.HasPrefix(fqdn.String(), "*."):
		return fail("a service cannot be applied to a wildcard")
	case strings.HasPrefix(fqdn.String(), "_dmarc."):
		return fail("only the owner of a domain sets its policy, so a service cannot be at this host")
	case s.hostRequired && fqdn == s.domain:
		return fail("its records belong to a host below the domain, not to the domain itself: set `host`")
	}
	s.fqdn = fqdn
	if fqdn != s.domain {
		s.host, _ = fqdn.In(s.domain)
	}
	return nil
}

// inOwnZone reports whether the service looks after the name itself.
func (s *scope) inOwnZone() bool {
	return slices.ContainsFunc(s.extra.zones, s.fqdn.IsIn)
}

// builtin returns the value of a variable that users do not set.
func (s *scope) builtin(name string) (string, bool) {
	switch name {
	case "domain":
		return s.domain.String(), true
	case "host":
		return s.host, true
	case "fqdn":
		return s.fqdn.String(), true
	}
	return "", false
}
