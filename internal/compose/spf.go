package compose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// SPFResult is the SPF record of a domain, and those of other owners that its services send from.
type SPFResult struct {
	Result

	Value     string     // of the domain's own record; empty where it needs none
	Flattened record.Set // records that Value includes, to be published before it
	Sources   map[string]tree.FlatSource
	Adopted   []string // live terms that nothing asks for
	ExtraTXT  []string // the other live TXT values of the domain; with AdoptLive alone
	// Cost is the cost of evaluating Value; nil if DNS did not answer.
	Cost       *tree.Cost
	Tree       string
	AnswerSize int // octets of the domain's TXT answer; 0 without AdoptLive
}

// SPF merges the one SPF record of a domain (RFC 7208 §3.2), and one for each other owner that a service
// sends from. It reads the included records to count the cost of evaluation. It returns
// Problems, or the context's error.
func SPF(ctx context.Context, c Config, dns DNS) (SPFResult, error) {
	b := newBuilder(c, service.SPFKind)
	b.live = &live{dns: dns, result: SPFResult{Flattened: make(record.Set), Sources: make(map[string]tree.FlatSource)}}
	b.make(ctx)
	if ctx.Err() != nil {
		return SPFResult{}, context.Cause(ctx)
	}
	result, err := b.result()
	if err != nil {
		return SPFResult{}, err
	}
	b.live.result.Result = result
	return b.live.result, nil
}

// own is the parsed SPF of the domain's owner.
type own struct {
	existing           *spf.Record
	mechanisms, remove []merge.Input
}

// parseOwn parses the known parts of it.
func (c Config) parseOwn() (own, Problems) {
	var o own
	var problems Problems
	if c.Existing != "" && c.AdoptLive {
		problems = append(problems, &Problem{
			Path: Attribute("adopt_live"), Summary: "Two existing records",
			Detail: "Both `existing` and `adopt_live` are set. Keep `adopt_live` to take over the record that live DNS has, and `existing` once the record is yours.",
		})
	}
	if c.Existing != "" {
		existing, err := spf.Parse(oneLine(c.Existing))
		if err != nil {
			problems = append(problems, syntaxProblem(Attribute("existing"), c.Existing, err))
		}
		o.existing = &existing
	}
	parse := func(kind merge.SourceKind, read func(merge.Source, string) (merge.Input, error), texts []string, unknown problem.Unknown) (inputs []merge.Input) {
		for i, text := range texts {
			if unknown.At(i).Any() {
				continue
			}
			source := merge.Source{Kind: kind, Index: i}
			if strings.TrimSpace(text) == "" {
				problems = append(problems, &Problem{
					Path: sourcePath(source), Summary: "Empty value", Detail: "It is an empty text. Write an SPF term, or leave the element out, as with compact().",
				})
				continue
			}
			input, err := read(source, text)
			switch {
			case errors.Is(err, merge.ErrAllRemoved):
				problems = append(problems, mergeProblem(err))
			case err != nil:
				problems = append(problems, syntaxProblem(sourcePath(source), text, err))
			}
			inputs = append(inputs, input)
		}
		return inputs
	}
	o.mechanisms = parse(merge.Mechanisms, merge.ParseInput, c.Mechanisms, c.Unknown.Attribute("mechanisms"))
	o.remove = parse(merge.Remove, merge.ParseRemoval, c.Remove, c.Unknown.Attribute("remove"))
	return o, problems
}

// option is an attribute of the configuration.
type option struct {
	name string
	set  bool // to another value than the one of a parked domain
	own  bool // it counts for the SPF record of the domain itself alone
}

// spfOptions returns the attributes that SPF records depend on.
func (c Config) spfOptions() []option {
	return []option{
		{"existing", c.Existing != "", true},
		{"mechanisms", len(c.Mechanisms) > 0, true},
		{"remove", len(c.Remove) > 0, true},
		{"all", c.All != "" && c.All != merge.AllFail, false},
		{"allow_pass_all", c.AllowPassAll, false},
	}
}

// asks reports whether the configuration asks for SPF at the domain itself. `remove` alone does not.
func (c Config) asks(services []applied) bool {
	return c.Existing != "" || c.AdoptLive || len(c.Mechanisms) > 0 || c.All != "" && !inOwnZone(services)
}

// merges returns one merge for each owner that needs an SPF record: the domain itself if the configuration asks for it, and
// the owners that services have terms for.
func (b *builder) merges() map[dnsname.Name]merge.Merge {
	merges := make(map[dnsname.Name]merge.Merge)
	if b.config.asks(b.services) || b.live != nil && len(b.config.Services) == 0 {
		merges[b.config.Domain] = merge.Merge{Owner: b.config.Domain}
	}
	for _, s := range b.services {
		for _, part := range s.SPF {
			m := merges[part.Owner]
			m.Owner = part.Owner
			m.Services = append(m.Services, merge.Input{Source: merge.Source{Kind: merge.Service, Name: s.key}, Record: part.Terms})
			merges[part.Owner] = m
		}
	}
	for owner, m := range merges {
		m.Options = b.config.Options
		m.AllowPassAll = m.AllowPassAll || b.config.Unknown.Attribute("allow_pass_all").Any()
		if owner == b.config.Domain {
			m.Existing, m.Mechanisms, m.Remove = b.own.existing, b.own.mechanisms, b.own.remove
		} else if m.All == merge.AllKeep {
			m.All = "" // The record to keep from is that of the domain.
		}
		merges[owner] = m
	}
	return merges
}

// nothing returns the warning about a domain without an SPF record.
func (c Config) nothing() *Problem {
	return &Problem{
		Code: warnNoSPF, Path: Attribute("services"), Summary: "No SPF record for the domain itself",
		Detail: fmt.Sprintf("No service asks for SPF at %s itself, so there is no record for it. "+
			"Set `existing` or `mechanisms` if other servers send with this domain, or `all = \"fail\"` to publish that none does.", c.Domain),
	}
}

// inOwnZone reports whether a service needs no records because the domain is its own.
func inOwnZone(services []applied) bool {
	return slices.ContainsFunc(services, func(s applied) bool { return s.OwnZone })
}

// notes returns the warnings about services that need no records because the domain is their own.
func notes(services []applied) Problems {
	var problems Problems
	for _, s := range services {
		if !s.OwnZone {
			continue
		}
		for _, note := range s.Notes {
			problems = append(problems, &Problem{Code: warnOwnZone, Path: s.path, Summary: "Nothing to add for the service", Detail: note})
		}
	}
	return problems
}

// oneLine removes the line ends that a file or a heredoc puts around a record, and joins records on several lines, as DNS
// tools print them.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.TrimSpace(text), func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

func syntaxProblem(path Path, text string, err error) *Problem {
	p := &Problem{Path: path, Summary: "Invalid SPF terms", Detail: Sentence(err.Error()), Err: err}
	if merge, ok := errors.AsType[*merge.Error](err); ok {
		p.Detail = Sentence(cmp.Or(merge.Detail, merge.Fault()))
	}
	if path.String() == "existing" {
		p.Summary = "Invalid SPF record"
		p.Detail += " Give the record of the domain as DNS serves it, one record, without quotes: `v=spf1 include:… ~all`."
	}
	if shown := record.Display(text); !strings.Contains(p.Detail, shown) && len(text) <= record.MaxDisplay {
		p.Detail += fmt.Sprintf(" The value is «%s».", shown)
	}
	return p
}

// mergeProblem returns the problem with the input that a merge fails on.
func mergeProblem(err error) *Problem {
	p := &Problem{Path: Attribute("domain"), Summary: "SPF records cannot be merged", Detail: Sentence(err.Error()), Err: err}
	if merge, ok := errors.AsType[*merge.Error](err); ok {
		p.Path, p.Detail = sourcePath(merge.Source), advised(merge.Fault(), merge.Advice)
	}
	switch {
	case errors.Is(err, merge.ErrPassAll):
		p.Summary = "SPF record that lets everyone send"
	case errors.Is(err, merge.ErrAllRemoved):
		p.Summary = "Ending of the record among terms to remove"
	case errors.Is(err, spf.ErrBrokenRecord):
		p.Summary = "TXT record meant as SPF"
	}
	return p
}

// sourcePath returns the path to the input of a term.
func sourcePath(s merge.Source) Path {
	switch s.Kind {
	case merge.Existing:
		return Attribute("existing")
	case merge.Service:
		return Attribute("services").Key(s.Name)
	case merge.Mechanisms:
		return Attribute("mechanisms").At(s.Index)
	case merge.Remove:
		return Attribute("remove").At(s.Index)
	case merge.Argument:
		return Attribute("records").At(s.Index)
	default:
		return Attribute("domain")
	}
}
