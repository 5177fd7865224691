package service

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// DefaultTTL is the TTL of records whose template names none, in seconds.
const DefaultTTL = 3600

// Template is a parsed template. It does not change, and may be used by several goroutines at once.
type Template struct {
	id           string // of a built-in service
	provider     string
	service      string
	description  string
	version      string
	hint         string // variableDescription, one text for all variables
	hostRequired bool
	entries      []entry
	variables    variables
	extra        extra
}

// Parse reads and checks a Domain Connect template. Content that depends on a variable, or that is wrong in a
// record which may never be asked for, is checked by [Template.Apply]. It returns a *TemplateError.
func Parse(data []byte) (*Template, error) {
	top, err := decode(data)
	if err != nil {
		return nil, err
	}
	t := &Template{}
	if err := t.readHeader(top); err != nil {
		return nil, err
	}
	var records []json.RawMessage
	if err := json.Unmarshal(top["records"], &records); err != nil || len(records) == 0 {
		return nil, &TemplateError{Record: -1, Field: "records", Reason: "it must be a list of at least one record"}
	}
	if len(records) > MaxRecords {
		return nil, &TemplateError{Record: -1, Field: "records", Reason: fmt.Sprintf("it holds %d records, and at most %d are read", len(records), MaxRecords)}
	}
	for i, raw := range records {
		var o object
		if err := json.Unmarshal(raw, &o); err != nil || o == nil {
			return nil, &TemplateError{Record: i, Reason: "it is not a JSON object"}
		}
		e, err := parseEntry(i, o)
		if err != nil {
			return nil, err
		}
		t.entries = append(t.entries, e)
	}
	if err := numberEntries(t.entries); err != nil {
		return nil, err
	}
	if err := t.collectVariables(); err != nil {
		return nil, err
	}
	if err := t.checkGroups(); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Template) readHeader(top object) error {
	for _, field := range []struct {
		name string
		to   *string
	}{
		{"providerName", &t.provider},
		{"serviceName", &t.service},
		{"description", &t.description},
		{"version", &t.version},
		{"variableDescription", &t.hint},
	} {
		text, err := top.text(-1, field.name)
		if err != nil {
			return err
		}
		*field.to = text
	}
	if spec, err := top.text(-1, "templateSpecVersion"); err != nil || spec != "" && spec != "1" {
		return &TemplateError{Record: -1, Field: "templateSpecVersion", Reason: `only version "1" of the template format is known`}
	}
	if err := top.critical(-1, func(field string) bool { return slices.Contains(knownProperties, field) }); err != nil {
		return err
	}
	var err error
	if t.hostRequired, err = top.flag("hostRequired"); err != nil {
		return err
	}
	t.extra, err = parseExtra(top[extraField])
	return err
}

// knownProperties are the properties of a template that a list "crit" may name: what this package acts upon, and
// what belongs to the web flow, which has no part here.
var knownProperties = []string{
	"providerId", "providerName", "serviceId", "serviceName", "version", "templateSpecVersion", "logoUrl", "description",
	"variableDescription", "syncBlock", "shared", "sharedProviderName", "sharedServiceName", "syncPubKeyDomain",
	"syncRedirectDomain", "multiInstance", "warnPhishing", "hostRequired", "records", "crit", extraField,
}

func (t *Template) checkGroups() error {
	known := t.groups()
	for _, g := range t.extra.groups {
		if !slices.Contains(known, g.ID) {
			return extraError("groups", fmt.Sprintf("no record is in the group %q", g.ID))
		}
	}
	return nil
}

// groups returns the ids of the groups in the template's order.
func (t *Template) groups() []string {
	var ids []string
	for _, e := range t.entries {
		if e.group != "" && !slices.Contains(ids, e.group) {
			ids = append(ids, e.group)
		}
	}
	return ids
}

// Name returns what the service is called, fit to be shown.
func (t *Template) Name() string {
	for _, name := range []string{t.service, t.provider} {
		if name != "" {
			return record.Display(name)
		}
	}
	return "the service"
}

// Info is what a template says about itself. Its texts have passed [record.Display].
type Info struct {
	ID            string // of a built-in service, empty for others
	Name          string
	Provider      string
	Description   string
	Version       string
	Documentation string // URL
	Checked       string // date, as in 2026-11-23
	Evidence      string // V, I, O or ?
	HostRequired  bool
	NeverFlatten  bool
	Groups        []Group
	Variables     []Variable
	Zones         []dnsname.Name // names in them need no records
	Notes         []string       // for the person who applies
}

// Group is a set of records that are asked for together.
type Group struct {
	ID          string
	Description string
	Default     bool // applied where the user names no groups
}

// Info returns what the template says about itself.
func (t *Template) Info() Info {
	i := Info{
		ID: t.id, Name: t.Name(),
		Provider: record.Display(t.provider), Description: record.Display(t.description), Version: record.Display(t.version),
		Documentation: t.extra.documentation, Checked: t.extra.checked, Evidence: t.extra.evidence,
		HostRequired: t.hostRequired, NeverFlatten: t.extra.neverFlatten,
		Variables: t.variables.clone(), Zones: slices.Clone(t.extra.zones),
	}
	for _, id := range t.groups() {
		g := Group{ID: id, Default: t.isDefault(id)}
		if known, ok := t.extra.group(id); ok {
			g.Description = known.Description
		}
		i.Groups = append(i.Groups, g)
	}
	for _, n := range t.extra.notes {
		i.Notes = append(i.Notes, n.Text)
	}
	return i
}

// isDefault reports whether a group is applied where the user names none: in our own templates the ones that are
// marked, in others all.
func (t *Template) isDefault(group string) bool {
	g, ok := t.extra.group(group)
	return !ok || g.Default
}
