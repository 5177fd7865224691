package compose

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// SPFConfig says what an SPF record is made of.
type SPFConfig struct {
	Domain       dnsname.Name
	Services     map[string]Service
	Existing     string   // the record that the domain has; empty: none
	Mechanisms   []string // terms of the owner's own
	Remove       []string // terms that go
	All          spf.All  // empty: fail
	AllowPassAll bool
	TTL          uint32 // seconds; 0: DefaultTTL
}

// SPFResult is the SPF record of a domain, and those of other owners that its services send from.
type SPFResult struct {
	Value    string // of the domain's own record; empty where it needs none
	Records  record.Set
	Warnings Problems
}

// SPF merges the one SPF record of a domain (RFC 7208 §3.2), and one for each other owner that a service
// sends from. It returns Problems.
func SPF(c SPFConfig) (SPFResult, error) {
	own, problems := c.parseOwn()
	services, warnings, more := applyServices(c.Domain, c.Services, service.SPFKind)
	if problems = append(problems, more...); len(problems) > 0 {
		return SPFResult{}, problems
	}
	result := SPFResult{Records: make(record.Set), Warnings: append(warnings, notes(services)...)}
	merges := c.merges(own, services)
	for _, owner := range slices.SortedFunc(maps.Keys(merges), dnsname.Name.Compare) {
		merged, err := merges[owner].Do()
		if err != nil {
			problems = append(problems, mergeProblem(err))
			continue
		}
		for _, w := range merged.Warnings {
			result.Warnings = append(result.Warnings, &Problem{Path: sourcePath(w.Source), Summary: "SPF record", Detail: w.Text})
		}
		if p := c.add(&result, owner, merged.Record.String()); p != nil {
			problems = append(problems, p)
		}
	}
	if _, ok := merges[c.Domain]; !ok && !inOwnZone(services) {
		result.Warnings = append(result.Warnings, c.nothing())
	}
	if len(problems) > 0 {
		return SPFResult{}, problems
	}
	return result, nil
}

// own is what the owner of the domain wrote, parsed.
type own struct {
	existing           *spf.Record
	mechanisms, remove []spf.Input
}

func (c SPFConfig) parseOwn() (own, Problems) {
	var o own
	var problems Problems
	if c.Existing != "" {
		existing, err := spf.Parse(oneLine(c.Existing))
		if err != nil {
			problems = append(problems, syntaxProblem(Attribute("existing"), c.Existing, err))
		}
		o.existing = &existing
	}
	parse := func(kind spf.SourceKind, texts []string) (inputs []spf.Input) {
		for i, text := range texts {
			source := spf.Source{Kind: kind, Index: i}
			input, err := spf.ParseInput(source, text)
			if err != nil {
				problems = append(problems, syntaxProblem(sourcePath(source), text, err))
			}
			inputs = append(inputs, input)
		}
		return inputs
	}
	o.mechanisms = parse(spf.Mechanisms, c.Mechanisms)
	o.remove = parse(spf.Remove, c.Remove)
	return o, problems
}

// merges returns one merge for each owner that needs an SPF record. The domain itself needs one where
// anything is said about it, and where nothing sends at all: then the record says that.
func (c SPFConfig) merges(o own, services []applied) map[dnsname.Name]spf.Merge {
	merges := make(map[dnsname.Name]spf.Merge)
	if o.existing != nil || len(o.mechanisms) > 0 || len(c.Services) == 0 || c.All != "" && !inOwnZone(services) {
		merges[c.Domain] = spf.Merge{Owner: c.Domain}
	}
	for _, s := range services {
		for _, part := range s.SPF {
			m := merges[part.Owner]
			m.Owner = part.Owner
			m.Services = append(m.Services, spf.Input{Source: spf.Source{Kind: spf.Service, Name: s.key}, Record: part.Terms})
			merges[part.Owner] = m
		}
	}
	for owner, m := range merges {
		m.All, m.AllowPassAll = c.All, c.AllowPassAll
		if owner == c.Domain {
			m.Existing, m.Mechanisms, m.Remove = o.existing, o.mechanisms, o.remove
		} else if m.All == spf.AllKeep {
			m.All = spf.AllFail // The record to keep from is that of the domain.
		}
		merges[owner] = m
	}
	return merges
}

// add puts the record of one owner into the result.
func (c SPFConfig) add(result *SPFResult, owner dnsname.Name, value string) *Problem {
	ttl := c.TTL
	if ttl == 0 {
		ttl = DefaultTTL
	}
	r, err := record.New(c.Domain, owner, record.TXT, ttl, value)
	if err != nil {
		return &Problem{Path: Attribute("domain"), Summary: "SPF record too long", Detail: Sentence(err.Error()), Err: err}
	}
	id := ""
	if owner == c.Domain {
		result.Value = value
	} else {
		id = r.Name()
	}
	result.Records[record.Key(c.Domain, "spf", id)] = r
	return nil
}

// nothing says why the domain gets no record.
func (c SPFConfig) nothing() *Problem {
	return &Problem{
		Path: Attribute("services"), Summary: "No SPF record for the domain itself",
		Detail: fmt.Sprintf("No service asks for SPF at %s itself, so there is no record for it. "+
			"Set `existing` or `mechanisms` where other servers send with this domain, or `all = \"fail\"` to publish that none does.", c.Domain),
	}
}

// inOwnZone reports whether a service needs nothing because the domain is its own.
func inOwnZone(services []applied) bool {
	return slices.ContainsFunc(services, func(s applied) bool { return s.OwnZone })
}

// notes tells of services that need nothing because the domain is their own.
func notes(services []applied) Problems {
	var problems Problems
	for _, s := range services {
		if !s.OwnZone {
			continue
		}
		for _, note := range s.Notes {
			problems = append(problems, &Problem{Path: s.path, Summary: "Nothing to add for the service", Detail: note})
		}
	}
	return problems
}

// oneLine takes off what a file or a heredoc puts around a record, and puts records that stand on lines of their
// own, as DNS tools print them, behind each other.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.TrimSpace(text), func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

func syntaxProblem(path Path, text string, err error) *Problem {
	p := &Problem{Path: path, Summary: "Invalid SPF terms", Detail: Sentence(err.Error()), Err: err}
	var merge *spf.MergeError
	if errors.As(err, &merge) && merge.Detail != "" {
		p.Detail = Sentence(merge.Detail)
	}
	if path.String() == "existing" {
		p.Summary = "Invalid SPF record"
		p.Detail += " Give the record that the domain has as it stands in DNS, one record, without quotes: `v=spf1 include:… ~all`."
	}
	if shown := record.Display(text); !strings.Contains(p.Detail, shown) && len(text) <= record.MaxDisplay {
		p.Detail += fmt.Sprintf(" The value is «%s».", shown)
	}
	return p
}

// mergeProblem points at the input that a merge fails on.
func mergeProblem(err error) *Problem {
	p := &Problem{Path: Attribute("domain"), Summary: "SPF records cannot be merged", Detail: Sentence(err.Error()), Err: err}
	if merge, ok := errors.AsType[*spf.MergeError](err); ok {
		p.Path = sourcePath(merge.Source)
	}
	if errors.Is(err, spf.ErrPassAll) {
		p.Summary = "SPF record that lets everyone send"
	}
	return p
}

// sourcePath leads to the input that a term comes from.
func sourcePath(s spf.Source) Path {
	switch s.Kind {
	case spf.Existing:
		return Attribute("existing")
	case spf.Service:
		return Attribute("services").Key(s.Name)
	case spf.Mechanisms:
		return Attribute("mechanisms").At(s.Index)
	case spf.Remove:
		return Attribute("remove").At(s.Index)
	case spf.Argument:
		return Attribute("records").At(s.Index)
	default:
		return Attribute("domain")
	}
}
