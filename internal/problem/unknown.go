package problem

import (
	"slices"
)

// Unknown is a set of the values of an input or a result that Terraform knows only after the apply. Each value has its path,
// as a [Problem] does. The zero Unknown is empty: all values are known.
type Unknown struct {
	whole bool
	parts map[Step]Unknown
}

// UnknownAt returns the set of the values at some paths.
func UnknownAt(paths ...Path) (u Unknown) {
	for _, p := range paths {
		u.Add(p)
	}
	return u
}

// Add adds the value at a path, with all its parts.
func (u *Unknown) Add(p Path) { u.Put(p, Unknown{whole: true}) }

// Put adds unknown parts of the value at a path. Their own paths start at that value.
func (u *Unknown) Put(p Path, parts Unknown) {
	switch {
	case u.whole || !parts.Any():
	case len(p) == 0 && parts.whole:
		*u = parts
	case len(p) == 0:
		for step, part := range parts.parts {
			u.Put(Path{step}, part)
		}
	default:
		part := u.parts[p[0]]
		part.Put(p[1:], parts)
		if u.parts == nil {
			u.parts = make(map[Step]Unknown)
		}
		u.parts[p[0]] = part
	}
}

// Any reports whether the value, or a part of it, is unknown.
func (u Unknown) Any() bool { return u.whole || len(u.parts) > 0 }

// Whole reports whether nothing of the value is known: neither the length of a list nor the keys of a map.
func (u Unknown) Whole() bool { return u.whole }

// Of returns the unknown parts of the value at a path.
func (u Unknown) Of(p Path) Unknown {
	for _, s := range p {
		u = u.at(s)
	}
	return u
}

// Attribute returns the unknown parts of an attribute.
func (u Unknown) Attribute(name string) Unknown { return u.at(Step{Kind: StepAttribute, Name: name}) }

// Key returns the unknown parts of a map's element.
func (u Unknown) Key(key string) Unknown { return u.at(Step{Kind: StepKey, Name: key}) }

// At returns the unknown parts of a list's element.
func (u Unknown) At(index int) Unknown { return u.at(Step{Kind: StepIndex, Index: index}) }

func (u Unknown) at(s Step) Unknown {
	if u.whole {
		return u
	}
	return u.parts[s]
}

// Keys returns the keys of those elements of a map that are unknown or have unknown parts, sorted.
func (u Unknown) Keys() []string {
	var keys []string
	for step := range u.parts {
		if step.Kind == StepKey {
			keys = append(keys, step.Name)
		}
	}
	slices.Sort(keys)
	return keys
}

// Settled returns the problems that do not depend on unknown values.
func (u Unknown) Settled(problems Problems) Problems {
	if !u.Any() {
		return problems
	}
	return slices.DeleteFunc(slices.Clone(problems), func(p *Problem) bool { return u.Of(p.Path).Any() })
}
