package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// entry is a built-in service: what its template says about itself, and its records as the template writes them.
type entry struct {
	service.Info
	records []row
}

// row is a record of a template with its variables unfilled.
type row struct {
	id, group string
	typ       string // SPF for the terms that are merged into the SPF record
	host      string // of SRV, with service and protocol before it
	value     string
	isDefault bool           // its group is applied where the user names none
	source    service.Source // how it is known
}

// load reads the templates of a folder in the order of their ids.
func load(templates fs.FS) ([]entry, error) {
	files, err := fs.Glob(templates, "*.json")
	if err != nil {
		return nil, err
	}
	catalogue := make([]entry, 0, len(files))
	for _, file := range files {
		data, err := fs.ReadFile(templates, file)
		if err != nil {
			return nil, err
		}
		e, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		e.ID = strings.TrimSuffix(path.Base(file), ".json")
		catalogue = append(catalogue, e)
	}
	if len(catalogue) == 0 {
		return nil, fmt.Errorf("there is no template in the folder: %w", fs.ErrNotExist)
	}
	slices.SortFunc(catalogue, func(a, b entry) int { return strings.Compare(a.ID, b.ID) })
	return catalogue, nil
}

func parse(data []byte) (entry, error) {
	template, err := service.Parse(data)
	if err != nil {
		return entry{}, err
	}
	e := entry{Info: template.Info()}
	var raw struct {
		Records []struct {
			Type, GroupID, Host, PointsTo, Data, SPFRules string
			Name, Service, Protocol, Target               string // of SRV
			Priority, Weight, Port                        any
			Own                                           struct{ ID string } `json:"x-maildomain"`
		}
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return entry{}, err
	}
	for _, r := range raw.Records {
		value := r.PointsTo + r.Data + r.SPFRules + r.Target // A record has one of them.
		switch {
		case r.Type == "SRV":
			value = fmt.Sprintf("%v %v %v %s", r.Priority, r.Weight, r.Port, value)
			r.Host = strings.TrimSuffix(r.Service+"."+r.Protocol+"."+r.Name, ".@")
		case r.Priority != nil:
			value = fmt.Sprintf("%v %s", r.Priority, value)
		}
		isGroup := func(g service.Group) bool { return g.ID == r.GroupID }
		i := slices.IndexFunc(e.Groups, isGroup)
		e.records = append(e.records, row{
			id: r.Own.ID, group: r.GroupID, typ: strings.TrimSuffix(r.Type, "M"), host: r.Host, value: value,
			isDefault: i < 0 || e.Groups[i].Default, source: e.sourceOf(r.Own.ID),
		})
	}
	return e, nil
}

// sourceOf says how a record is known: as the service is, where the record does not say it itself.
func (e entry) sourceOf(id string) service.Source {
	i := slices.IndexFunc(e.Records, func(r service.RecordInfo) bool { return r.ID == id })
	if i < 0 || e.Records[i].Source == (service.Source{}) {
		return service.Source{Documentation: e.Documentation, Evidence: e.Evidence, Checked: e.Checked}
	}
	return e.Records[i].Source
}

// isKey reports whether the record holds a DKIM key, or leads to one.
func (r row) isKey() bool { return strings.HasSuffix(r.host, "._domainkey") }

// spf says what the service adds to SPF records, for a table.
func (e entry) spf() string {
	var terms []string
	optional := false
	for _, r := range e.records {
		switch {
		case r.typ != "SPF":
		case !r.isDefault:
			optional = true
		case r.host == "@":
			terms = append(terms, code(r.value))
		default:
			terms = append(terms, code(r.value)+" at "+code(r.host))
		}
	}
	if len(terms) == 0 && optional {
		return "optional"
	}
	return strings.Join(terms, ", ")
}

// dkim names the types of the records that the service's keys are published by.
func (e entry) dkim() string {
	var types []string
	for _, r := range e.records {
		if r.isKey() && !slices.Contains(types, r.typ) {
			types = append(types, r.typ)
		}
	}
	slices.Sort(types)
	return strings.Join(types, " or ")
}

// takesMail reports whether the service has hosts that take the domain's mail.
func (e entry) takesMail() bool {
	return slices.ContainsFunc(e.records, func(r row) bool { return r.typ == "MX" && r.host == "@" })
}

// demanded returns the variables that must be set where no groups are named. Of a variable and another that its default
// is made of, it is the one that stands in a record: the value as the service shows it goes before what is derived.
func (e entry) demanded() []service.Variable {
	var all strings.Builder
	for _, r := range e.records {
		fmt.Fprintln(&all, r.host, r.value)
	}
	direct := func(v service.Variable) bool {
		decides := func(other service.Variable) bool { return other.DecidedBy == v.Name }
		return strings.Contains(all.String(), "%"+v.Name+"%") || slices.ContainsFunc(e.Variables, decides)
	}
	var demanded []service.Variable
	for _, v := range e.Variables {
		isDefault := func(g service.Group) bool { return g.Default && slices.Contains(v.Groups, g.ID) }
		derived := func(other service.Variable) bool {
			return !direct(other) && strings.Contains(v.Default, "%"+other.Name+"%")
		}
		if direct(v) && slices.ContainsFunc(e.Groups, isDefault) && v.DecidedBy == "" && (v.Default == "" || slices.ContainsFunc(e.Variables, derived)) {
			demanded = append(demanded, v)
		}
	}
	return demanded
}
