package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Shown returns what live DNS shows where the records are published.
func (a Applied) Shown() []Fact {
	var facts []Fact
	for _, r := range a.Records {
		facts = append(facts, Fact{Owner: r.Owner, Type: r.Type, Value: r.Value})
	}
	for _, part := range a.SPF {
		for _, term := range part.Terms.Directives {
			facts = append(facts, Fact{Owner: part.Owner, Type: SPFTerm, Value: term.String()})
		}
		for _, m := range part.Terms.Modifiers {
			facts = append(facts, Fact{Owner: part.Owner, Type: SPFTerm, Value: m.String()})
		}
	}
	return facts
}

// normal is a fact with the value that others of the same meaning have too.
func normal(f Fact) Fact {
	if key, err := dkim.Parse(f.Value); f.Type == record.TXT && err == nil && key.IsValid() {
		f.Value = key.String()
	}
	if f.Type == SPFTerm {
		f.Value = strings.ToLower(f.Value)
	}
	return f
}

// holds reports whether the groups, applied with these values, give exactly the facts that they claim.
func (u *unapplying) holds(groups []FoundGroup, values bindings) bool {
	use := Use{Domain: u.domain, Host: u.host, Groups: []string{}, Variables: u.spelt(values)}
	claimed := make(map[Fact]bool)
	for _, g := range groups {
		if g.ID != "" {
			use.Groups = append(use.Groups, g.ID)
		}
		for _, c := range g.Claims {
			claimed[normal(c.Fact)] = true
		}
	}
	applied, err := u.Apply(use)
	if err != nil {
		return false
	}
	made := make(map[Fact]bool)
	for _, f := range applied.Shown() {
		made[normal(f)] = true
	}
	for _, e := range u.selectEntries(use.Groups, 0) { // Those that always apply, and are not found.
		if e.group == "" && !slices.ContainsFunc(groups, func(g FoundGroup) bool { return g.ID == "" }) {
			return false
		}
	}
	return maps.Equal(made, claimed)
}

// spelt gives variables the names that the template has for them.
func (u *unapplying) spelt(values bindings) map[string]string {
	named := make(map[string]string, len(values))
	for name, value := range values {
		if v, ok := u.variables.find(name); ok {
			named[v.Name] = value
		}
	}
	return named
}

// result puts together what was found.
func (u *unapplying) result() Found {
	slices.SortStableFunc(u.found, func(a, b FoundGroup) int {
		return slices.Index(u.Template.groups, a.ID) - slices.Index(u.Template.groups, b.ID)
	})
	values, unresolved := u.fewest()
	if !u.holds(u.found, values) {
		values, unresolved = u.bound, nil
	}
	return Found{Groups: u.found, Variables: u.spelt(values), Unresolved: unresolved}
}

// fewest returns the values without those that the template derives by itself.
func (u *unapplying) fewest() (bindings, []Unresolved) {
	values := maps.Clone(u.bound)
	for _, set := range u.sets() {
		if fewer, ok := u.derived(values, set); ok && u.holds(u.found, u.regional(fewer, "")) {
			values = fewer
		}
	}
	region := u.extra.regions.variable
	if region == "" || !u.decides(values) {
		return values, nil
	}
	if chosen := values[region]; chosen != "" {
		return u.withoutDecided(values, chosen), nil
	}
	return u.chooseRegion(values)
}

// sets are the variables that have a default of their own, and those that are set together as one.
func (u *unapplying) sets() [][]string {
	var sets [][]string
	seen := make(map[string]bool)
	for _, set := range u.extra.together {
		var names []string
		for _, name := range set.Variables {
			names = append(names, strings.ToLower(name))
			seen[strings.ToLower(name)] = true
		}
		sets = append(sets, names)
	}
	for _, v := range u.variables.list {
		if name := strings.ToLower(v.Name); !seen[name] && len(u.extra.defaultOf(name)) > 0 {
			sets = append(sets, []string{name})
		}
	}
	return sets
}

// derived replaces the values of a set by those of the variables that its defaults are made of.
func (u *unapplying) derived(values bindings, set []string) (bindings, bool) {
	left := maps.Clone(values)
	for _, name := range set {
		value, bound := values[name]
		if !bound {
			continue
		}
		fallback := u.literal(u.extra.defaultOf(name))
		found := false
		u.steps = maxUnify
		for b := range u.solutions(fallback, value, true, left) {
			if found = u.areKnown(b, left); found {
				left = b
				break
			}
		}
		if !found {
			return nil, false
		}
	}
	left = maps.Clone(left)
	for _, name := range set {
		delete(left, name)
	}
	return left, true
}

// areKnown reports whether the values that bindings have beyond others, of variables that a region decides, are those of
// some region.
func (u *unapplying) areKnown(b, before bindings) bool {
	for name, value := range b {
		if _, old := before[name]; old {
			continue
		}
		if rows := u.extra.regions.rowsOf(name); rows != nil && len(u.regionsOf(name, value)) == 0 {
			return false
		}
	}
	return true
}

// regionsOf returns the regions, in the table's order, for which a variable has a value by itself.
func (u *unapplying) regionsOf(name, value string) []string {
	rows := u.extra.regions.rowsOf(name)
	var fitting []string
	for _, region := range u.extra.regions.names {
		if fallback, ok := rows[region]; ok && strings.EqualFold(u.expandRegion(fallback, region), value) {
			fitting = append(fitting, region)
		}
	}
	return fitting
}

// expandRegion fills the region into a default that it decides.
func (u *unapplying) expandRegion(fallback expr, region string) string {
	text, err := fallback.expand(func(string) (string, error) { return region, nil })
	if err != nil {
		return ""
	}
	return text
}

// decides reports whether a region decides one of the variables that have values.
func (u *unapplying) decides(values bindings) bool {
	for name := range values {
		if u.extra.regions.rowsOf(name) != nil {
			return true
		}
	}
	return false
}

// withoutDecided leaves out what a region decides as it is.
func (u *unapplying) withoutDecided(values bindings, region string) bindings {
	left := maps.Clone(values)
	for name, value := range values {
		fallback, ok := u.extra.regions.rowsOf(name)[strings.ToLower(region)]
		if ok && strings.EqualFold(u.expandRegion(fallback, strings.ToLower(region)), value) {
			delete(left, name)
		}
	}
	return left
}

// regional is values as they stand beside a region; an empty one changes nothing.
func (u *unapplying) regional(values bindings, region string) bindings {
	if region == "" {
		return values
	}
	return u.withoutDecided(values, region).with(u.extra.regions.variable, region)
}

// chooseRegion finds the region that decides most of the values as they are. Where several do, the default one is taken
// if it is among them, and none otherwise.
func (u *unapplying) chooseRegion(values bindings) (bindings, []Unresolved) {
	name := u.extra.regions.variable
	var best []string
	most := 0
	for _, region := range u.extra.regions.names {
		n := len(values) - len(u.withoutDecided(values, region))
		if n > most {
			best, most = nil, n
		}
		if n == most && n > 0 {
			best = append(best, region)
		}
	}
	if len(best) == 0 {
		return values, nil
	}
	var unresolved []Unresolved
	if len(best) > 1 {
		v, _ := u.variables.find(name)
		unresolved = []Unresolved{{Variable: v.Name, Why: fmt.Sprintf("The records are the same for %s.", joined(best))}}
	}
	fallback := u.extra.defaultOf(name).String()
	switch {
	case slices.Contains(best, fallback):
		return u.withoutDecided(values, fallback), unresolved
	case len(best) == 1:
		return u.regional(values, best[0]), nil
	}
	return values, unresolved
}

// joined writes some names in a row.
func joined(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = `"` + name + `"`
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}
