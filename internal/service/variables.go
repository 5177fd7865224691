package service

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
)

// MaxVariables is how many variables a template may have. Public ones have up to some tens.
const MaxVariables = 1000

// isBuiltin reports whether every template has the variable.
func isBuiltin(name string) bool { return name == "domain" || name == "host" || name == "fqdn" }

// variables are the variables that users can set, in the order in which the records need them.
type variables struct {
	list  []Variable
	index map[string]int  // by lower-case name
	needs map[need]bool   // what Groups and Always of the list say
	idle  map[string]bool // those, by lower-case name, that only records which are left out hold; listed where the user can grant one
}

// A need is that of the records in a group for a variable, which stands at an index of the list.
type need struct {
	variable int
	group    string
}

// collectVariables finds the variables of the records, and those in their defaults. It refuses two whose names
// differ by case alone: users may write them in any case.
func (t *Template) collectVariables() error {
	t.variables.index, t.variables.needs, t.variables.idle = make(map[string]int), make(map[need]bool), make(map[string]bool)
	used := make(map[string]string)
	for i := range t.entries {
		e := &t.entries[i]
		for _, field := range e.fields() {
			for name, spelling := range field.spellings() {
				if isBuiltin(name) {
					continue
				}
				if first, seen := used[name]; seen && first != spelling {
					return &TemplateError{Record: e.index, Reason: fmt.Sprintf("its variable %q differs from %q by case alone", spelling, first)}
				}
				used[name] = spelling
				t.variables.live(name, e.fate)
				t.addVariable(name, spelling, e.group)
			}
		}
		if len(t.variables.list) > MaxVariables {
			return &TemplateError{Record: -1, Field: "records", Reason: fmt.Sprintf("they hold more than %d variables", MaxVariables)}
		}
	}
	t.addIdle(used)
	return t.extra.checkVariables(used)
}

// live notes whether a record that holds a variable is left out, unless the user grants it.
func (vs *variables) live(name string, f fate) {
	if idle, seen := vs.idle[name]; f != skipDMARC {
		vs.idle[name] = false
	} else if !seen || idle {
		vs.idle[name] = true
	}
}

// addIdle adds the variables that only records hold which are always left out: they are not listed, and their values are
// accepted, and of no use.
func (t *Template) addIdle(used map[string]string) {
	for i := range t.entries {
		for _, spelling := range t.entries[i].idle {
			name := strings.ToLower(spelling)
			if _, known := t.variables.index[name]; !known && !isBuiltin(name) {
				used[name], t.variables.idle[name] = spelling, true
			}
		}
	}
}

func (t *Template) addVariable(name, spelling, group string) {
	described, ok := t.extra.variable(name)
	if !ok {
		described.Variable = Variable{Name: spelling, Description: t.hintText()}
	}
	t.variables.add(name, described.Variable, group)
	// One step is all that a default takes; what decides a variable on the way is the other.
	for _, other := range append(described.fallback.variables(), name) {
		if v, ok := t.extra.variable(other); ok {
			t.variables.add(other, v.Variable, group)
		}
		if by, ok := t.extra.variable(t.extra.regions.variable); ok && t.extra.regions.rowsOf(other) != nil {
			t.variables.add(t.extra.regions.variable, by.Variable, group)
		}
	}
}

func (vs *variables) add(name string, v Variable, group string) {
	i, seen := vs.index[name]
	if !seen {
		i = len(vs.list)
		vs.index[name] = i
		vs.list = append(vs.list, v)
	}
	if n := (need{i, group}); !vs.needs[n] {
		vs.needs[n] = true
		if group == "" {
			vs.list[i].Always = true
		} else {
			vs.list[i].Groups = append(vs.list[i].Groups, group)
		}
	}
}

// find returns a variable by its name in any case.
func (vs *variables) find(name string) (Variable, bool) {
	i, ok := vs.indexOf(name)
	if !ok {
		return Variable{}, false
	}
	return vs.list[i], true
}

func (vs *variables) indexOf(name string) (int, bool) {
	i, ok := vs.index[strings.ToLower(name)]
	return i, ok
}

func (vs *variables) names() []string {
	all := make([]string, len(vs.list))
	for i, v := range vs.list {
		all[i] = v.Name
	}
	return all
}

func (vs *variables) clone() []Variable {
	all := slices.Clone(vs.list)
	for i := range all {
		all[i].Groups = slices.Clone(all[i].Groups)
		all[i].Values, all[i].With = slices.Clone(all[i].Values), slices.Clone(all[i].With)
	}
	return all
}

// hintText is the template's own text about its variables, which covers all of them.
func (t *Template) hintText() string {
	if t.hint == "" {
		return ""
	}
	return fmt.Sprintf("not described by itself; of its variables the template says %s", show(t.hint))
}

// variableError makes an error about a variable of the template.
func (t *Template) variableError(name string, p Problem, reason string) *VariableError {
	v, _ := t.variables.find(name)
	return &VariableError{
		Service: t.Name(), Name: v.Name, Problem: p, Reason: reason, Description: v.Description, Where: v.Where, Known: t.variables.names(),
	}
}

func (t *Template) unknownVariable(name string) *VariableError {
	known := t.variables.names()
	return &VariableError{Service: t.Name(), Name: name, Problem: Unknown, Near: display.Nearest(name, known), Known: known}
}
