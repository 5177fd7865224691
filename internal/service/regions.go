package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// regions is the table of an enumerated variable that decides the defaults of others.
type regions struct {
	variable string                     // lower case
	names    []string                   // the values that are known, in the table's order
	values   map[string]map[string]expr // variable that is decided → value of the enumerated one → default
}

// regionsJSON is the table as JSON has it. A row's defaults may hold the variable itself.
type regionsJSON struct {
	Variable string `json:"variable"`
	Rows     []struct {
		Names  []string          `json:"names"`
		Values map[string]string `json:"values"`
	} `json:"rows"`
}

// rowsOf returns the defaults of a variable by the values of the one that decides it; nil where none does.
func (r regions) rowsOf(name string) map[string]expr { return r.values[strings.ToLower(name)] }

// parseRegions reads the table, in which each value stands once.
func parseRegions(from *regionsJSON) (regions, error) {
	if from == nil {
		return regions{}, nil
	}
	r := regions{variable: strings.ToLower(from.Variable), values: make(map[string]map[string]expr)}
	fail := func(format string, args ...any) (regions, error) {
		return regions{}, extraError("regions", fmt.Sprintf(format, args...))
	}
	for _, row := range from.Rows {
		if len(row.Names) == 0 || len(row.Values) == 0 {
			return fail("a row names no value of %q, or decides nothing", from.Variable)
		}
		for _, name := range row.Names {
			if name == "" || name != strings.ToLower(name) || slices.Contains(r.names, name) {
				return fail("%q stands in it twice, or is not in lower case", name)
			}
			r.names = append(r.names, name)
			for variable, value := range row.Values {
				r.set(strings.ToLower(variable), name, parseExpr(value))
			}
		}
	}
	if len(r.names) == 0 || len(r.names) > MaxRecords {
		return fail("it has %d values, and must have 1 to %d", len(r.names), MaxRecords)
	}
	return r, nil
}

func (r regions) set(variable, name string, value expr) {
	if r.values[variable] == nil {
		r.values[variable] = make(map[string]expr)
	}
	r.values[variable][name] = value
}

// checkRegions holds the table against the described variables. The defaults of the variables that it decides stand
// in it alone.
func (x extra) checkRegions() error {
	if x.regions.variable == "" {
		return nil
	}
	by, ok := x.variable(x.regions.variable)
	if !ok || len(by.fallback.variables()) > 0 {
		return extraError("regions", fmt.Sprintf("%q is not a described variable, or its default holds another", x.regions.variable))
	}
	if by.Default != "" && !slices.Contains(x.regions.names, by.Default) {
		return extraError("regions", fmt.Sprintf("the default of %q, %q, stands in no row", by.Name, by.Default))
	}
	for _, name := range slices.Sorted(maps.Keys(x.regions.values)) {
		v, ok := x.variable(name)
		if !ok || len(v.fallback) > 0 || strings.EqualFold(name, x.regions.variable) {
			return extraError("regions", fmt.Sprintf("it decides %q, which is not a described variable without a default", name))
		}
		for _, value := range x.regions.values[name] {
			for _, other := range value.variables() {
				if other != x.regions.variable {
					return extraError("regions", fmt.Sprintf("a default of %q holds %q, and may hold %q alone", name, other, x.regions.variable))
				}
			}
		}
	}
	return nil
}
