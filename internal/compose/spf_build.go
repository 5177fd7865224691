package compose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// DNS answers the questions that an SPF record asks of live DNS.
type DNS interface {
	spf.Resolver
	// PublishedTXT returns the TXT values of an owner, as all its authoritative servers agree on them; none
	// where it has none.
	PublishedTXT(ctx context.Context, owner dnsname.Name) ([]string, error)
}

// live holds live DNS, by which SPF records are counted, adopted and flattened, and the result.
type live struct {
	dns    DNS
	result SPFResult
	// silent says that DNS did not answer, and that the warning is given.
	silent bool
}

// A mergedOwner is an owner whose terms are merged.
type mergedOwner struct {
	merge.Merge
	merge.Result

	adopted []string
	unknown bool // terms are unknown
}

// mergeAll merges the terms of each owner.
func (b *builder) mergeAll(ctx context.Context, merges map[dnsname.Name]merge.Merge) []mergedOwner {
	var all []mergedOwner
	for _, owner := range slices.SortedFunc(maps.Keys(merges), dnsname.Name.Compare) {
		if !owner.IsValid() {
			b.unknown.Add(nil) // A service sends from an unknown owner.
			continue
		}
		merged, ok := b.merge(ctx, merges[owner])
		if !ok {
			continue
		}
		all = append(all, merged)
		if merged.unknown {
			continue
		}
		for _, w := range merged.Warnings {
			b.warn(w.Code, b.place(w.Source), "SPF record", advised(w.Text, w.Advice))
		}
	}
	return all
}

// build makes the record of one owner.
func (b *builder) build(ctx context.Context, m mergedOwner, dns planned) {
	tree, err := tree.Walk(ctx, dns, m.Record, m.Owner)
	if err != nil {
		return // The context is over.
	}
	final, flattening := m.Record, b.flattening(m.Merge, m.adopted)
	if m.Owner == b.config.Domain && len(b.config.Flatten) > 0 {
		flat, err := tree.Flatten(flattening)
		if err != nil {
			b.flattenProblems(err)
			return
		}
		final, tree = flat.Apex, flat.Tree
		b.addFlattened(flat)
	}
	b.examine(m, tree, flattening)
	b.publish(m.Owner, final, false)
}

// merge merges the terms of one owner, with those of its live record if it is adopted.
func (b *builder) merge(ctx context.Context, m merge.Merge) (mergedOwner, bool) {
	if m.Owner == b.config.Domain && b.config.AdoptLive && b.live != nil {
		return b.adopt(ctx, m)
	}
	own := m.Owner == b.config.Domain
	unknown := b.config.unknownTerms(own) || unknownTerms(b.services, m.Owner)
	merged, err := m.Do()
	switch {
	case err != nil && own && b.config.Unknown.Attribute("remove").Any() && !errors.Is(err, merge.ErrServiceRemoved):
		// The term in the way may be removed.
	case err != nil:
		b.failMerge(err)
		return mergedOwner{}, false
	}
	if term, ok := tree.LeadsToItself(merged.Record, m.Owner); ok && b.live == nil && !unknown {
		b.problems = append(b.problems, itselfProblem(m.Owner, term, merged.Source(term)))
		return mergedOwner{}, false
	}
	if limit := tree.LeastLookups(merged.Record, m.Owner); limit != nil && b.live == nil && !unknown {
		b.warn(warnPermError, Attribute("domain"), "SPF record past a limit of RFC 7208", Sentence(limit.Error())+
			" Remove senders that are no longer used, or make the record with the data source maildomain_spf, which can replace includes by addresses.")
	}
	return mergedOwner{Merge: m, Result: merged, unknown: unknown}, true
}

// adopt merges the terms of the domain with those of its live record.
func (b *builder) adopt(ctx context.Context, m merge.Merge) (mergedOwner, bool) {
	live, ok := b.readLive(ctx, m.Owner)
	if !ok {
		return mergedOwner{}, false
	}
	adoption, err := m.Adopt(live, b.flattening(m, nil))
	if err != nil {
		b.failMerge(err)
		return mergedOwner{}, false
	}
	b.live.result.Adopted, b.live.result.ExtraTXT = adoption.Adopted, live.Extra
	if len(adoption.Adopted) > 0 {
		b.warn(warnAdopted, Attribute("adopt_live"), "Live SPF terms that nothing asks for", fmt.Sprintf(
			"The live record has terms that neither a service nor `mechanisms` asks for, and they stay: %s. Name them in `mechanisms` if they are wanted, "+
				"and in `remove` if they are not.", quoteTerms(adoption.Adopted)))
	}
	return mergedOwner{Merge: m, Result: adoption.Result, adopted: adoption.Adopted}, true
}

// readLive reads the live record of an owner.
func (b *builder) readLive(ctx context.Context, owner dnsname.Name) (merge.Live, bool) {
	txts, doubts, err := b.published(ctx, owner)
	if err != nil {
		b.problems = append(b.problems, &Problem{
			Path: Attribute("adopt_live"), Summary: "Live record cannot be read", Err: err,
			Detail: Sentence(err.Error()) + " " + adoptAdvice(err),
		})
		return merge.Live{}, false
	}
	if len(doubts) > 0 {
		b.warn(warnSilent, Attribute("adopt_live"), "Name servers of "+record.Display(owner.String())+" that say nothing of the live record, or not over TCP",
			strings.Join(doubts, " ")+" Repair these servers, or give the record as `existing`.")
	}
	live, err := merge.ReadLive(txts)
	if err != nil {
		b.failMerge(err)
		return merge.Live{}, false
	}
	return live, true
}

// witness is a [DNS] that returns remarks on the servers as well, in sentences.
type witness interface {
	WitnessedTXT(ctx context.Context, owner dnsname.Name) (values, doubts []string, err error)
}

func (b *builder) published(ctx context.Context, owner dnsname.Name) (values, doubts []string, err error) {
	if dns, ok := b.live.dns.(witness); ok {
		return dns.WitnessedTXT(ctx, owner)
	}
	values, err = b.live.dns.PublishedTXT(ctx, owner)
	return values, nil, err
}

// adoptAdvice returns the remedy for a live record that cannot be read.
func adoptAdvice(err error) string {
	if errors.Is(err, answer.ErrTooFew) {
		return "Without an answer of at least two name servers, or of all there are, terms of the live record could be lost. " +
			"Repair the servers that are silent, or remove them from the NS records; or give the record as `existing`."
	}
	return "Without an answer that all name servers agree on, terms of the live record could be lost. Try again, or give the record as `existing`."
}

// place returns the path to the input of a term: for the existing record, to the option that gives or reads it.
func (b *builder) place(s merge.Source) Path {
	if s.Kind == merge.Existing && b.config.AdoptLive {
		return Attribute("adopt_live")
	}
	return sourcePath(s)
}

// failMerge adds the problem with a merge.
func (b *builder) failMerge(err error) {
	p := mergeProblem(err)
	if merge, ok := errors.AsType[*merge.Error](err); ok {
		p.Path = b.place(merge.Source)
	}
	b.problems = append(b.problems, p)
}

func quoteTerms(terms []string) string {
	quoted := make([]string, len(terms))
	for i, t := range terms {
		quoted[i] = "`" + record.Display(t) + "`"
	}
	return strings.Join(quoted, ", ")
}

// flattening returns the sources of an owner's record that may be flattened, with their senders.
func (b *builder) flattening(m merge.Merge, adopted []string) tree.Flattening {
	f := tree.Flattening{Adopted: adopted, MaxSize: b.config.MaxSize}
	if m.Owner == b.config.Domain {
		f.Names = b.config.Flatten
	}
	for _, input := range m.Services {
		f.Senders = append(f.Senders, tree.Sender{Name: input.Source.Name, Includes: input.Includes(m.Owner), NeverFlatten: b.neverFlatten(input.Source.Name, m.Owner)})
	}
	return f
}

func (b *builder) neverFlatten(key string, owner dnsname.Name) bool {
	for _, s := range b.services {
		for _, part := range s.SPF {
			if s.key == key && part.Owner == owner {
				return part.NeverFlatten
			}
		}
	}
	return false
}

// flattenProblems adds the problems with names in `flatten`.
func (b *builder) flattenProblems(err error) {
	for _, err := range each(err) {
		p := &Problem{Path: Attribute("flatten"), Summary: "SPF terms that cannot be flattened", Detail: Sentence(err.Error()), Err: err}
		if flatten, ok := errors.AsType[*tree.FlattenError](err); ok {
			if i := slices.Index(b.config.Flatten, flatten.Source); i >= 0 {
				p.Path = p.Path.At(i)
			}
			p.Detail = strings.TrimSpace(p.Detail + " " + flattenAdvice(flatten))
		}
		b.problems = append(b.problems, p)
	}
}

func (b *builder) addFlattened(flat tree.Flattened) {
	for _, r := range flat.Records {
		if key, flat, ok := b.spfRecord(r.Owner, r.Record.String()); ok {
			b.live.result.Flattened[key] = flat
		}
	}
	for _, s := range flat.Sources {
		b.live.result.Sources[s.Name] = s
	}
}

// publish adds the record of an owner.
func (b *builder) publish(owner dnsname.Name, r spf.Record, unknown bool) {
	value := ""
	if !unknown {
		value = r.String()
	}
	if key, made, ok := b.spfRecord(owner, value); ok {
		b.store(key, made, valueUnknown(unknown), Attribute("domain"))
	}
	if owner != b.config.Domain || b.live == nil {
		return
	}
	b.live.result.Value = value
	if !b.config.AdoptLive {
		return
	}
	b.live.result.AnswerSize = spf.AnswerSize(owner, append(slices.Clone(b.live.result.ExtraTXT), value))
	if b.live.result.AnswerSize > spf.SafeAnswerSize {
		b.warn(warnLargeAnswer, Attribute("domain"), "Large TXT answer", fmt.Sprintf(
			"The TXT records of %s take %d octets in one answer, more than the %d that fit a datagram everywhere (DNS flag day 2020). "+
				"Receivers then ask over TCP, which some networks do not let pass: remove verification tokens that are no longer needed.",
			owner, b.live.result.AnswerSize, spf.SafeAnswerSize))
	}
}

// spfRecord makes the SPF record of an owner, and its key.
func (b *builder) spfRecord(owner dnsname.Name, value string) (key string, r record.Record, ok bool) {
	r, err := record.New(b.config.Domain, owner, record.TXT, cmp.Or(b.config.TTL, DefaultTTL), value)
	if err != nil {
		b.problems = append(b.problems, &Problem{Path: Attribute("domain"), Summary: "SPF record that DNS cannot hold", Detail: Sentence(err.Error()), Err: err})
		return "", r, false
	}
	id := ""
	if owner != b.config.Domain {
		id = r.Name()
	}
	return record.Key(b.config.Domain, "spf", id), r, true
}
