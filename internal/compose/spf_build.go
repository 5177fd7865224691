package compose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// DNS is what an SPF record needs of live DNS.
type DNS interface {
	spf.Resolver
	// PublishedTXT returns the TXT values of an owner, as all its authoritative servers agree on them; none
	// where it has none.
	PublishedTXT(ctx context.Context, owner dnsname.Name) ([]string, error)
}

// spfBuilder makes the records of one domain, owner by owner.
type spfBuilder struct {
	config   SPFConfig
	dns      DNS
	services []applied
	result   SPFResult
	problems Problems
	// silent is set once DNS did not answer: one warning is enough.
	silent bool
}

// build makes the record of one owner.
func (b *spfBuilder) build(ctx context.Context, m spf.Merge) {
	merged, adopted, ok := b.merge(ctx, m)
	if !ok {
		return
	}
	for _, w := range merged.Warnings {
		b.warn(sourcePath(w.Source), "SPF record", advised(w.Text, w.Advice))
	}
	tree, err := spf.Walk(ctx, b.dns, merged.Record, m.Owner)
	if err != nil {
		return // The context is over.
	}
	final, flattening := merged.Record, b.flattening(m, adopted)
	if m.Owner == b.config.Domain && len(b.config.Flatten) > 0 {
		flat, err := tree.Flatten(flattening)
		if err != nil {
			b.flattenProblems(err)
			return
		}
		final, tree = flat.Apex, flat.Tree
		b.addFlattened(flat)
	}
	b.examine(m.Owner, tree, flattening)
	b.publish(m.Owner, final)
}

// merge merges the terms of one owner, those of its live record among them where it is adopted.
func (b *spfBuilder) merge(ctx context.Context, m spf.Merge) (spf.Result, []string, bool) {
	if m.Owner != b.config.Domain || !b.config.AdoptLive {
		merged, err := m.Do()
		if err != nil {
			b.problems = append(b.problems, mergeProblem(err))
		}
		return merged, nil, err == nil
	}
	live, ok := b.live(ctx, m.Owner)
	if !ok {
		return spf.Result{}, nil, false
	}
	adoption, err := m.Adopt(live, b.flattening(m, nil))
	if err != nil {
		b.problems = append(b.problems, atLive(mergeProblem(err)))
		return spf.Result{}, nil, false
	}
	b.result.Adopted, b.result.ExtraTXT = adoption.Adopted, live.Extra
	if len(adoption.Adopted) > 0 {
		b.warn(Attribute("adopt_live"), "Live SPF terms that nothing asks for", fmt.Sprintf(
			"The live record has terms that neither a service nor `mechanisms` asks for, and they stay: %s. Name them in `mechanisms` where they are wanted, "+
				"and in `remove` where they are not.", quoteTerms(adoption.Adopted)))
	}
	return adoption.Result, adoption.Adopted, true
}

// live reads what the owner has in live DNS.
func (b *spfBuilder) live(ctx context.Context, owner dnsname.Name) (spf.Live, bool) {
	txts, err := b.dns.PublishedTXT(ctx, owner)
	if err != nil {
		b.problems = append(b.problems, &Problem{
			Path: Attribute("adopt_live"), Summary: "Live record cannot be read", Err: err,
			Detail: Sentence(err.Error()) + " Without an answer that all name servers agree on, terms of the live record could be lost. Try again, or give the record as `existing`.",
		})
		return spf.Live{}, false
	}
	live, err := spf.ReadLive(txts)
	if err != nil {
		b.problems = append(b.problems, atLive(mergeProblem(err)))
		return spf.Live{}, false
	}
	return live, true
}

// atLive lets a problem with the existing record point at the option that read it.
func atLive(p *Problem) *Problem {
	if p.Path.String() == "existing" {
		p.Path = Attribute("adopt_live")
	}
	return p
}

func quoteTerms(terms []string) string {
	quoted := make([]string, len(terms))
	for i, t := range terms {
		quoted[i] = "`" + record.Display(t) + "`"
	}
	return strings.Join(quoted, ", ")
}

// flattening says what of an owner's record may be flattened, and at whose word.
func (b *spfBuilder) flattening(m spf.Merge, adopted []string) spf.Flattening {
	f := spf.Flattening{Adopted: adopted, MaxSize: b.config.MaxSize}
	if m.Owner == b.config.Domain {
		f.Names = b.config.Flatten
	}
	for _, input := range m.Services {
		f.Senders = append(f.Senders, spf.Sender{Input: input, NeverFlatten: b.neverFlatten(input.Source.Name, m.Owner)})
	}
	return f
}

func (b *spfBuilder) neverFlatten(key string, owner dnsname.Name) bool {
	for _, s := range b.services {
		for _, part := range s.SPF {
			if s.key == key && part.Owner == owner {
				return part.NeverFlatten
			}
		}
	}
	return false
}

// flattenProblems points at the names in `flatten` that an error is about.
func (b *spfBuilder) flattenProblems(err error) {
	for _, err := range each(err) {
		p := &Problem{Path: Attribute("flatten"), Summary: "SPF terms that cannot be flattened", Detail: Sentence(err.Error()), Err: err}
		if flatten, ok := errors.AsType[*spf.FlattenError](err); ok {
			if i := slices.Index(b.config.Flatten, flatten.Source); i >= 0 {
				p.Path = p.Path.At(i)
			}
		}
		b.problems = append(b.problems, p)
	}
}

func (b *spfBuilder) addFlattened(flat spf.Flattened) {
	for _, r := range flat.Records {
		b.put(b.result.Flattened, r.Owner, r.Record.String())
	}
	for _, s := range flat.Sources {
		b.result.Sources[s.Name] = s
	}
}

// examine counts what a record costs, and looks at what it includes.
func (b *spfBuilder) examine(owner dnsname.Name, tree *spf.Tree, f spf.Flattening) {
	apex := owner == b.config.Domain
	if apex {
		b.result.Tree = tree.String()
	}
	cost, err := tree.Cost(f)
	var limit *spf.LimitError
	var unanswered *spf.UnansweredError
	switch {
	case errors.As(err, &unanswered):
		b.unanswered(unanswered)
	case errors.As(err, &limit) && !b.config.WarnOnLimit:
		b.problems = append(b.problems, &Problem{Path: Attribute("domain"), Summary: "SPF record past a limit of RFC 7208", Detail: Sentence(limit.Error()) + " " + b.limitAdvice(limit), Err: err})
		return
	case errors.As(err, &limit):
		b.warn(Attribute("domain"), "SPF record past a limit of RFC 7208", Sentence(limit.Error())+" "+b.limitAdvice(limit))
	case err != nil:
		b.problems = append(b.problems, &Problem{Path: Attribute("domain"), Summary: "SPF lookups cannot be counted", Detail: Sentence(err.Error()), Err: err})
	case cost.Lookups >= spf.ManyLookups:
		b.warn(Attribute("domain"), "SPF record near the limit of lookups", fmt.Sprintf(
			"Evaluating the record of %s takes %d of the 10 lookups that receivers make (RFC 7208 §4.6.4). A sender that adds an include to its own record can take it past the limit, "+
				"and then every receiver rejects it: flatten an include, or drop one.", owner, cost.Lookups))
	}
	if apex && unanswered == nil {
		b.result.Cost = &cost
	}
	b.guard(tree)
	for _, finding := range tree.Findings() {
		switch {
		case finding.Kind == spf.FindingMacro: // It makes the count "at least", which the tree says.
		case finding.Kind == spf.FindingUnanswered && unanswered != nil: // That is one warning already.
		default:
			b.warn(Attribute("domain"), "SPF record below this one", finding.Text)
		}
	}
}

// unanswered warns once that DNS did not say what the records include.
func (b *spfBuilder) unanswered(err *spf.UnansweredError) {
	if b.silent {
		return
	}
	b.silent = true
	b.warn(Attribute("domain"), "SPF lookups not counted", Sentence(err.Error())+
		" The record stands; what evaluating it costs, and what its includes let pass, is not known.")
}

// guard refuses a record whose includes let pass what no record should.
func (b *spfBuilder) guard(tree *spf.Tree) {
	warnings, err := tree.Guard(b.config.AllowPassAll)
	if err != nil {
		b.problems = append(b.problems, mergeProblem(err))
	}
	for _, w := range warnings {
		b.warn(sourcePath(w.Source), "SPF record", advised(w.Text, w.Advice))
	}
}

// publish puts the record of an owner into the result.
func (b *spfBuilder) publish(owner dnsname.Name, r spf.Record) {
	value := r.String()
	b.put(b.result.Records, owner, value)
	if owner != b.config.Domain {
		return
	}
	b.result.Value = value
	if !b.config.AdoptLive {
		return
	}
	b.result.AnswerSize = spf.AnswerSize(owner, append(slices.Clone(b.result.ExtraTXT), value))
	if b.result.AnswerSize > spf.SafeAnswerSize {
		b.warn(Attribute("domain"), "Large TXT answer", fmt.Sprintf(
			"The TXT records of %s take %d octets in one answer, more than the %d that fit a datagram everywhere (DNS flag day 2020). "+
				"Receivers then ask over TCP, which some networks do not let pass: remove verification tokens that are no longer needed.",
			owner, b.result.AnswerSize, spf.SafeAnswerSize))
	}
}

// put adds one record to a set.
func (b *spfBuilder) put(set record.Set, owner dnsname.Name, value string) {
	key, r, problem := spfRecord(b.config.Domain, owner, b.config.TTL, value)
	if problem != nil {
		b.problems = append(b.problems, problem)
		return
	}
	set[key] = r
}

// spfRecord makes the SPF record of an owner, and its key. A TTL of 0 is [DefaultTTL].
func spfRecord(domain, owner dnsname.Name, ttl uint32, value string) (key string, r record.Record, problem *Problem) {
	r, err := record.New(domain, owner, record.TXT, cmp.Or(ttl, DefaultTTL), value)
	if err != nil {
		return "", r, &Problem{Path: Attribute("domain"), Summary: "SPF record that DNS cannot hold", Detail: Sentence(err.Error()), Err: err}
	}
	id := ""
	if owner != domain {
		id = r.Name()
	}
	return record.Key(domain, "spf", id), r, nil
}

func (b *spfBuilder) warn(path Path, summary, detail string) {
	b.result.Warnings = append(b.result.Warnings, &Problem{Path: path, Summary: summary, Detail: detail})
}
