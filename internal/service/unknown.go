package service

import (
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

// The parts of a record that variables with unknown values make unknown, as attributes in [Record.Unknown]. Id, kind and
// type of a record are always known.
const (
	OwnerPart = "name"
	TTLPart   = "ttl"
	ValuePart = "value"
)

// isUnknown reports whether the value of a variable, or of another in its default, is unknown.
func (s *scope) isUnknown(name string) bool {
	if s.unknown == nil {
		return false
	}
	i, ok := s.variables.indexOf(name)
	switch {
	case !ok:
		return false
	case s.unknown[i]:
		return true
	}
	if s.values[i] != "" {
		return false
	}
	decides := s.extra.regions.variable
	return s.extra.regions.rowsOf(name) != nil && s.isUnknown(decides) || s.unknownIn(s.extra.defaultOf(name))
}

// unknownIn reports whether one of the fields holds a variable whose value is unknown.
func (s *scope) unknownIn(fields ...expr) bool {
	return s.unknown != nil && slices.ContainsFunc(fields, func(field expr) bool {
		return slices.ContainsFunc(field, func(part segment) bool { return part.variable != "" && s.isUnknown(part.variable) })
	})
}

// unknownOwner reports whether the owner of a record is unknown.
func (s *scope) unknownOwner(e *entry) bool { return s.unknownIn(e.host, e.service, e.protocol) }

// unknownParts returns the unknown parts of a record.
func (s *scope) unknownParts(e *entry) (unknown problem.Unknown) {
	for _, part := range []struct {
		name    string
		unknown bool
	}{
		{OwnerPart, s.unknownOwner(e)},
		{TTLPart, s.unknownIn(e.ttl)},
		{ValuePart, s.unknownIn(e.value, e.priority, e.weight, e.port) || s.unknownIn(e.terms...)},
	} {
		if part.unknown {
			unknown.Add(problem.Attribute(part.name))
		}
	}
	return unknown
}
