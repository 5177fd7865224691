package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// DefaultTTL is the TTL of records whose template names none, in seconds.
const DefaultTTL = 3600

// Template is a parsed template. It does not change, and may be used by several goroutines at once.
type Template struct {
	id           string // of a built-in service
	providerID   string
	provider     string
	serviceID    string
	service      string
	description  string
	version      string
	hint         string // variableDescription, one text for all variables
	hostRequired bool
	entries      []entry
	groups       []string // the ids of the groups, in the template's order
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
	if err := t.readRecords(top); err != nil {
		return nil, err
	}
	t.collectGroups()
	if err := numberEntries(t.entries); err != nil {
		return nil, err
	}
	if err := t.collectVariables(); err != nil {
		return nil, err
	}
	if err := t.extra.checkGroups(t.groups); err != nil {
		return nil, err
	}
	return t, nil
}

// readRecords reads the records one by one, so that a list with too many of them is not read to its end. A record that
// says the same as one before it in the same group is left out: it would be the same DNS record, whatever the
// variables hold.
func (t *Template) readRecords(top object) error {
	list := json.NewDecoder(bytes.NewReader(top["records"]))
	if start, err := list.Token(); err != nil || start != json.Delim('[') || !list.More() {
		return &TemplateError{Record: -1, Field: "records", Reason: "it must be a list of at least one record" + top.misspelt("records")}
	}
	seen := make(map[string]bool)
	for i := 0; list.More(); i++ {
		if i == MaxRecords {
			return &TemplateError{Record: -1, Field: "records", Reason: fmt.Sprintf("it holds more than %d records, which is the most that are read", MaxRecords)}
		}
		var o object
		if err := list.Decode(&o); err != nil || o == nil {
			return &TemplateError{Record: i, Reason: "it is not a JSON object"}
		}
		e, err := parseEntry(i, o)
		if err != nil {
			return err
		}
		if same := e.String(); e.id != "" || !seen[same] {
			t.entries = append(t.entries, e)
			seen[same] = true
		}
	}
	return nil
}

// collectGroups lists the groups, and marks the records of those that are applied by default.
func (t *Template) collectGroups() {
	seen := make(map[string]bool)
	for i := range t.entries {
		e := &t.entries[i]
		if e.group != "" && !seen[e.group] {
			seen[e.group] = true
			t.groups = append(t.groups, e.group)
		}
		e.byDefault = t.isDefault(e.group)
	}
}

func (t *Template) readHeader(top object) error {
	for _, field := range []struct {
		name string
		to   *string
	}{
		{"providerId", &t.providerID},
		{"providerName", &t.provider},
		{"serviceId", &t.serviceID},
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

// Name returns what the service is called, fit to be shown.
func (t *Template) Name() string {
	for _, name := range []string{t.service, t.provider} {
		if name != "" {
			return record.Display(name)
		}
	}
	return "the service"
}

// isDefault reports whether a group is applied where the user names none: in our own templates the ones that are
// marked, in others all.
func (t *Template) isDefault(group string) bool {
	g, ok := t.extra.group(group)
	return !ok || g.Default
}
