package service

import "slices"

// Pending are the parts of a record that are known only later, since a variable in them is: a value that another
// resource hands out, say. The zero Pending is none. Id, kind and type of a record are always known.
type Pending struct {
	Owner, TTL bool
	Value      bool // or a part of it
}

// Any reports whether a part is known only later.
func (p Pending) Any() bool { return p != Pending{} }

// isPending reports whether a variable, or another in its default, is known only later.
func (s *scope) isPending(name string) bool {
	if s.pending == nil {
		return false
	}
	i, ok := s.variables.indexOf(name)
	switch {
	case !ok:
		return false
	case s.pending[i]:
		return true
	}
	if s.values[i] != "" {
		return false
	}
	decides := s.extra.regions.variable
	return s.extra.regions.rowsOf(name) != nil && s.isPending(decides) || s.pendingIn(s.extra.defaultOf(name))
}

// pendingIn reports whether one of the fields holds a variable that is known only later.
func (s *scope) pendingIn(fields ...expr) bool {
	return s.pending != nil && slices.ContainsFunc(fields, func(field expr) bool {
		return slices.ContainsFunc(field, func(part segment) bool { return part.variable != "" && s.isPending(part.variable) })
	})
}

// pendingOwner reports whether the owner of a record is known only later.
func (s *scope) pendingOwner(e *entry) bool { return s.pendingIn(e.host, e.service, e.protocol) }

func (s *scope) pendingParts(e *entry) Pending {
	return Pending{
		Owner: s.pendingOwner(e),
		TTL:   s.pendingIn(e.ttl),
		Value: s.pendingIn(e.value, e.priority, e.weight, e.port),
	}
}
