package service

import (
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Info is what a template says about itself. Its texts have passed [record.Display].
type Info struct {
	ID            string // of a built-in service, empty for others
	Name          string
	Provider      string
	ProviderID    string // with ServiceID, how Domain Connect names the template
	ServiceID     string
	Description   string
	Version       string
	Documentation string // URL
	Checked       string // date, as in 2026-11-23
	Evidence      string // V, I, O or ?
	HostRequired  bool
	NeverFlatten  bool
	Groups        []Group
	Variables     []Variable
	Records       []RecordInfo   // in the template's order
	Zones         []dnsname.Name // names in them need no records
	ZonesNote     string         // a sentence that says why
	Support       string         // what its support is to do once the records are live, behind "please"; empty: not known
	Notes         []string       // for the person who applies
	Facts
}

// Group is a set of records that are asked for together.
type Group struct {
	ID          string
	Description string
	Default     bool // applied where the user names no groups
}

// RecordInfo is what a template says of one of its records. Host and Value are as the template writes them.
type RecordInfo struct {
	ID        string
	Type      string
	Host      string // "@" for the root; of SRV, with service and protocol before it
	Value     string // the rules, for SPF; empty for what is left out
	Group     string // empty where it always applies
	Kind      Kinds
	Treatment Treatment
	Variables []string // that it needs, as the template spells them; the built-in ones are not among them
	Source             // how it is known; empty where it is known as all of the template is
}

// Treatment is what becomes of a record when its template is applied.
type Treatment string

// The treatments.
const (
	Published   Treatment = "published"   // it becomes a DNS record
	Merged      Treatment = "merged"      // its terms go into the SPF record of its owner
	LeftOut     Treatment = "left out"    // it is a web feature or a policy, and skipped with a warning
	Unsupported Treatment = "unsupported" // its type cannot be published, and asking for it is an error
)

// Info returns what the template says about itself.
func (t *Template) Info() Info {
	i := Info{
		ID: t.id, Name: t.Name(),
		Provider: record.Display(t.provider), ProviderID: record.Display(t.providerID), ServiceID: record.Display(t.serviceID),
		Description: record.Display(t.description), Version: record.Display(t.version),
		Documentation: t.extra.documentation, Checked: t.extra.checked, Evidence: t.extra.evidence,
		HostRequired: t.hostRequired, NeverFlatten: t.extra.neverFlatten,
		Variables: t.variables.clone(), Zones: slices.Clone(t.extra.zones), ZonesNote: t.extra.zonesNote, Support: t.extra.support, Facts: t.extra.facts,
	}
	for _, id := range t.groups {
		g := Group{ID: id, Default: t.isDefault(id)}
		if known, ok := t.extra.group(id); ok {
			g.Description = known.Description
		}
		i.Groups = append(i.Groups, g)
	}
	for j := range t.entries {
		i.Records = append(i.Records, t.recordInfo(&t.entries[j]))
	}
	for _, n := range t.extra.notes {
		i.Notes = append(i.Notes, n.Text)
	}
	return i
}

func (t *Template) recordInfo(e *entry) RecordInfo {
	i := RecordInfo{
		ID: record.Display(e.id), Type: e.typ, Host: record.Display(e.owner()), Group: record.Display(e.group),
		Kind: e.kind, Treatment: e.treatment(), Source: e.source,
	}
	switch i.Treatment {
	case Published:
		i.Value = record.Display(e.value.String())
	case Merged:
		for j, term := range e.terms {
			if j > 0 {
				i.Value += " "
			}
			i.Value += record.Display(term.String())
		}
	}
	for _, name := range e.needs {
		if v, ok := t.variables.find(name); ok {
			i.Variables = append(i.Variables, v.Name)
		}
	}
	return i
}

func (e *entry) treatment() Treatment {
	switch e.fate {
	case publish:
		return Published
	case mergeSPF:
		return Merged
	case unsupported:
		return Unsupported
	default:
		return LeftOut
	}
}
