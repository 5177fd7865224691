package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// extraField is the key of the extra object, in a template and in its records.
const extraField = "x-maildomain"

// maxExtra is the largest extra object of a template, in octets. Our own have a few kilobytes.
const maxExtra = 1 << 17

// VariableKind is what the value of a variable must be.
type VariableKind string

// The kinds of variables.
const (
	KindDomain   VariableKind = "domain"   // an absolute domain name
	KindHost     VariableKind = "host"     // one or more labels, below the domain
	KindLabel    VariableKind = "label"    // one label
	KindSelector VariableKind = "selector" // a DKIM selector
	KindToken    VariableKind = "token"    // printable ASCII without blanks
	KindText     VariableKind = "text"     // the value of a TXT record
	KindDKIM     VariableKind = "dkim"     // a DKIM key record
	KindSPF      VariableKind = "spf"      // SPF terms
)

var variableKinds = []VariableKind{KindDomain, KindHost, KindLabel, KindSelector, KindToken, KindText, KindDKIM, KindSPF}

// Variable is a variable that users can set.
type Variable struct {
	Name        string // as the template spells it; users may write it in any case
	Kind        VariableKind
	Description string   // what it is: "the name that …"
	Where       string   // where its value is found: "in the …"
	Default     string   // used where it is not set; may hold %domain%, %fqdn_dashed% and other variables
	Values      []string // those that are known of one that decides others; it may have others
	DecidedBy   string   // the variable whose value decides its default; empty where none does
	With        []string // variables that are set together with it, or not at all
	Groups      []string // whose records need it
	Always      bool     // a record that is in no group needs it
}

// extra is the object "x-maildomain" of a template. Its texts have passed [record.Display]: a template from
// elsewhere may have the object too.
type extra struct {
	documentation string
	checked       string
	evidence      string
	neverFlatten  bool
	zones         []dnsname.Name
	zonesNote     string
	support       string
	groups        []Group
	variables     []extraVariable
	regions       regions
	together      []together
	notes         []note
	facts         Facts
}

type extraVariable struct {
	Variable
	fallback expr
}

// note is a text for the person who applies the template, shown with the groups that it is about.
type note struct {
	Text   string   `json:"text"`
	Groups []string `json:"groups"`
}

// extraJSON is the object as JSON has it. Misspelt keys are errors: the format is ours alone.
type extraJSON struct {
	Documentation string   `json:"documentation"`
	Checked       string   `json:"checked"`
	Evidence      string   `json:"evidence"`
	NeverFlatten  bool     `json:"never_flatten"`
	Zones         []string `json:"zones"`
	ZonesNote     string   `json:"zones_note"`
	Support       string   `json:"support"`
	Groups        []struct {
		ID          string `json:"id"`
		Description string `json:"description"`
		Default     bool   `json:"default"`
	} `json:"groups"`
	Variables []struct {
		Name        string       `json:"name"`
		Kind        VariableKind `json:"kind"`
		Description string       `json:"description"`
		Where       string       `json:"where"`
		Default     string       `json:"default"`
	} `json:"variables"`
	Regions    *regionsJSON `json:"regions"`
	Together   []together   `json:"together"`
	Notes      []note       `json:"notes"`
	MailFrom   string       `json:"mail_from"`
	DKIMAligns *bool        `json:"dkim_aligns"`
	MXPatterns []string     `json:"mx_patterns"`
	Recognise  Recognise    `json:"recognise"`
	Replaces   []Replaced   `json:"replaces"`
}

func extraError(field, reason string) error {
	if field != "" {
		field = "." + field
	}
	return &TemplateError{Record: -1, Field: extraField + field, Reason: reason}
}

func parseExtra(raw json.RawMessage) (extra, error) {
	if len(raw) == 0 {
		return extra{}, nil
	}
	if len(raw) > maxExtra {
		return extra{}, extraError("", fmt.Sprintf("it has %d octets, and at most %d are read", len(raw), maxExtra))
	}
	var from extraJSON
	if err := strict(raw, &from); err != nil {
		return extra{}, extraError("", err.Error())
	}
	if n := max(len(from.Groups), len(from.Variables), len(from.Notes), len(from.Zones), len(from.Together)); n > MaxRecords {
		return extra{}, extraError("", fmt.Sprintf("a list in it has %d elements, and at most %d are read", n, MaxRecords))
	}
	x := extra{
		documentation: record.Display(from.Documentation), checked: record.Display(from.Checked), evidence: record.Display(from.Evidence),
		neverFlatten: from.NeverFlatten, zonesNote: record.Display(from.ZonesNote), support: record.Display(from.Support), together: from.Together, facts: from.facts(),
	}
	if err := x.facts.check(); err != nil {
		return extra{}, err
	}
	var err error
	if x.regions, err = parseRegions(from.Regions); err != nil {
		return extra{}, err
	}
	for _, n := range from.Notes {
		x.notes = append(x.notes, note{Text: record.Display(n.Text), Groups: n.Groups})
	}
	for _, zone := range from.Zones {
		name, err := dnsname.Parse(zone)
		if err != nil {
			return extra{}, extraError("zones", err.Error())
		}
		x.zones = append(x.zones, name)
	}
	for _, g := range from.Groups {
		x.groups = append(x.groups, Group{ID: g.ID, Description: record.Display(g.Description), Default: g.Default})
	}
	for _, v := range from.Variables {
		if v.Kind != "" && !slices.Contains(variableKinds, v.Kind) {
			return extra{}, extraError("variables", fmt.Sprintf("%q has the kind %q, and must have one of %q", v.Name, v.Kind, variableKinds))
		}
		x.variables = append(x.variables, extraVariable{
			Variable: Variable{
				Name: v.Name, Kind: v.Kind, Description: record.Display(v.Description), Where: record.Display(v.Where), Default: record.Display(v.Default),
			},
			fallback: parseExpr(v.Default),
		})
	}
	x.relate()
	return x, nil
}

// relate says in the variables which of them decides which, and which are set together.
func (x *extra) relate() {
	for i := range x.variables {
		v := &x.variables[i]
		for _, set := range x.together {
			if slices.Contains(set.Variables, v.Name) {
				v.With = append(v.With, slices.DeleteFunc(slices.Clone(set.Variables), func(name string) bool { return name == v.Name })...)
			}
		}
		if name := strings.ToLower(v.Name); name == x.regions.variable {
			v.Values = x.regions.names
		} else if x.regions.rowsOf(name) != nil {
			v.DecidedBy = x.regions.variable
		}
	}
}

func (from *extraJSON) facts() Facts {
	return Facts{MailFrom: from.MailFrom, DKIMAligns: from.DKIMAligns, MXPatterns: from.MXPatterns, Recognise: from.Recognise, Replaces: from.Replaces}
}

// strict decodes JSON whose keys must all be known.
func strict(raw json.RawMessage, to any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

func (x extra) group(id string) (Group, bool) {
	i := slices.IndexFunc(x.groups, func(g Group) bool { return g.ID == id })
	if i < 0 {
		return Group{}, false
	}
	return x.groups[i], true
}

// variable finds a variable by its lower-case name.
func (x extra) variable(name string) (extraVariable, bool) {
	i := slices.IndexFunc(x.variables, func(v extraVariable) bool { return strings.EqualFold(v.Name, name) })
	if i < 0 {
		return extraVariable{}, false
	}
	return x.variables[i], true
}

func (x extra) defaultOf(name string) expr {
	v, _ := x.variable(name)
	return v.fallback
}

// checkGroups holds the described groups against those of the records.
func (x extra) checkGroups(known []string) error {
	for _, g := range x.groups {
		if !slices.Contains(known, g.ID) {
			return extraError("groups", fmt.Sprintf("no record is in the group %q", g.ID))
		}
	}
	return nil
}

// checkVariables holds the described variables against those that records use, by lower-case name.
func (x extra) checkVariables(used map[string]string) error {
	inDefaults := make(map[string]bool)
	for _, v := range x.variables {
		for _, name := range v.fallback.variables() {
			if isBuiltin(name) || isDerived(name) {
				continue
			}
			other, ok := x.variable(name)
			// One step is all that any service needs, and it cannot run in circles.
			if !ok || len(other.fallback) > 0 {
				return extraError("variables", fmt.Sprintf("the default of %q uses %q, which is not a described variable without a default", v.Name, name))
			}
			inDefaults[name] = true
		}
		if x.regions.rowsOf(v.Name) != nil {
			inDefaults[x.regions.variable] = true
		}
	}
	seen := make(map[string]bool)
	for _, v := range x.variables {
		name := strings.ToLower(v.Name)
		if _, ok := used[name]; !ok && !inDefaults[name] || seen[name] {
			return extraError("variables", fmt.Sprintf("%q is used by no record, or described twice", v.Name))
		}
		seen[name] = true
	}
	if err := x.checkRegions(); err != nil {
		return err
	}
	return x.checkTogether()
}
