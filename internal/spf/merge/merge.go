// Package merge makes one SPF record of the existing one, of the services that send for the domain, and of the owner's
// own terms.
package merge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// Merge makes one record of the existing one, of what services ask for and of the owner's own terms. The zero
// Merge makes "v=spf1 -all".
//
// Merging is idempotent: with its result as the existing record, it gives that result again. Where no input
// has a term that refuses senders, an address passes the merged record exactly if it passes an input.
type Merge struct {
	Owner    dnsname.Name // of the merged record; the zero Name where it is not known
	Existing *spf.Record  // nil: none
	Services []Input      // merged in the order of their names
	// Mechanisms are the owner's own terms, and Remove those that the result must not have, whatever their
	// qualifier. Both have one input for each element of the user's list.
	Mechanisms []Input
	Remove     []Input

	Options
}

// Options hold those choices of the owner that count for the record of each name.
type Options struct {
	// All is the ending of the record. The zero value means AllFail, and lets a redirect= that stands alone end the record,
	// as AllKeep does: beside any other ending, a redirect= becomes an include.
	All          All
	AllowPassAll bool // senders from half of an address family on may pass
}

// Result is a merged record and what there is to say about it.
type Result struct {
	Record   spf.Record
	Warnings []Warning

	sources map[string]Source // of the terms and modifiers of the record, by their texts
}

// Source returns the input that a term or a modifier of the record comes from, given its text; for any other, and for
// the ending that was asked for, that is the record as a whole.
func (r Result) Source(text string) Source { return r.sources[text] }

// Do merges. It returns a *Error where the inputs contradict each other or the result would be unsafe.
func (m Merge) Do() (Result, error) { return m.from(Source{Kind: Existing}) }

// Texts merges records or terms, given as text with or without the version, in their order. The first is
// the existing record, the others are the owner's terms. It returns a *Error that names the text,
// `records[1]`.
func Texts(records []string, all All) (Result, error) {
	m := Merge{Options: Options{All: all}}
	for i, text := range records {
		input, err := ParseInput(Source{Kind: Argument, Index: i}, text)
		if err != nil {
			return Result{}, err
		}
		if i == 0 {
			m.Existing = &input.Record
			continue
		}
		m.Mechanisms = append(m.Mechanisms, input)
	}
	result, err := m.from(Source{Kind: Argument})
	if err != nil {
		return Result{}, err
	}
	if term, ok := tree.LeadsToItself(result.Record, dnsname.Name{}); ok {
		return Result{}, &Error{Source: result.Source(term), Term: term, Err: ErrLeadsToItself, Detail: "receivers follow the loop until they stop with an error (permerror); take the term out"}
	}
	return result, nil
}

func (m Merge) from(existing Source) (Result, error) {
	if m.All != "" {
		if _, err := ParseAll(string(m.All)); err != nil {
			return Result{}, &Error{Err: err}
		}
	}
	w := merging{Merge: m, existingSource: existing}
	record, err := w.do()
	if err != nil {
		return Result{}, err
	}
	return Result{Record: record, Warnings: w.warnings, sources: w.sources()}, nil
}

// merging is a merge in progress.
type merging struct {
	Merge
	existingSource Source
	existing       existingEnding
	ownerEnds      bool           // an input of the owner has an `all`
	entries        []entry        // what was collected, in order
	redirects      []entry        // those that stand for the redirect= of the record
	modifiers      []spf.Modifier // the owner's, without redirect=
	warnings       []Warning
}

// A list is inputs whose order is one author's. What the owner of the domain writes, in the existing record and
// in mechanisms, may do more than what a service asks for.
type list struct {
	number   int
	inputs   []Input
	existing bool
	service  bool
}

// An entry is a term on its way into the merged record.
type entry struct {
	spf.Directive
	source   Source
	list     int  // the number of its list
	service  bool // a service asks for it
	redirect bool // it stands for a redirect= to its domain, at the end of its list
}

func (w *merging) do() (spf.Record, error) {
	if err := w.collect(); err != nil {
		return spf.Record{}, err
	}
	removals, err := w.remove()
	if err != nil {
		return spf.Record{}, err
	}
	if err := w.settleServices(); err != nil {
		return spf.Record{}, err
	}
	if err := w.settleOwner(); err != nil {
		return spf.Record{}, err
	}
	redirect, err := w.settleRedirect()
	if err != nil {
		return spf.Record{}, err
	}
	entries, err := w.reduce(w.entries)
	if err != nil {
		return spf.Record{}, err
	}
	record := spf.Record{Directives: termsOf(entries)}
	if redirect != "" {
		record.Modifiers = []spf.Modifier{{Name: spf.Redirect, Value: redirect}}
	}
	record.Modifiers = append(record.Modifiers, w.modifiers...)
	w.reportRemovals(removals, record)
	if redirect != "" {
		return record, w.check(record)
	}
	q, err := w.ending()
	if err != nil {
		return spf.Record{}, err
	}
	record.Directives = append(record.Directives, spf.Directive{Qualifier: q, Mechanism: spf.MechAll})
	return record, w.check(record)
}

// check applies the guard and the limits to the merged record.
func (w *merging) check(r spf.Record) error {
	if err := w.guard(r.Directives); err != nil {
		return err
	}
	switch n := len(r.String()); {
	case n > spf.MaxLength:
		return &Error{Err: ErrTooLong, Detail: fmt.Sprintf(
			"it has %d octets, and DNS carries at most %d; name networks instead of single addresses, or move terms to a record of their own and include it", n, spf.MaxLength)}
	case n > spf.AdvisedLength(w.Owner):
		w.warn(WarnLength, Source{}, "", "The record%s has %d octets. With more than %d, its answer, including the name, does not fit a DNS message of %d octets, the most that some receivers accept (RFC 7208 §3.4); remove senders that are no longer used.",
			w.ofOwner(), n, spf.AdvisedLength(w.Owner), spf.PlainAnswerSize)
	}
	return nil
}

// sources returns where what the record is made of comes from, by its text.
func (w *merging) sources() map[string]Source {
	sources := make(map[string]Source)
	note := func(text string, source Source) {
		if _, noted := sources[text]; !noted {
			sources[text] = source
		}
	}
	for _, e := range w.entries {
		note(e.String(), e.source)
	}
	for _, e := range w.redirects {
		note(spf.Redirect+"="+e.Domain, e.source)
	}
	return sources
}

// lists returns the inputs in the order of the merge: the existing record, each service, the owner's own terms.
func (w *merging) lists() []list {
	var lists []list
	if w.Existing != nil {
		lists = append(lists, list{inputs: []Input{{Source: w.existingSource, Record: *w.Existing}}, existing: true})
	}
	services := slices.Clone(w.Services)
	slices.SortStableFunc(services, func(a, b Input) int { return cmp.Compare(a.Source.Name, b.Source.Name) })
	for _, service := range services {
		lists = append(lists, list{inputs: []Input{service}, service: true})
	}
	if len(w.Mechanisms) > 0 {
		lists = append(lists, list{inputs: w.Mechanisms})
	}
	for i := range lists {
		lists[i].number = i
	}
	return lists
}

// The kinds of warnings.
const (
	WarnEnding      = "spf-ending"        // the record ends otherwise than the existing one, or an input, does
	WarnRedirect    = "spf-redirect"      // a redirect= is left out, or becomes an include
	WarnDeadTerm    = "spf-dead-term"     // a term that no receiver reaches is left out
	WarnQualifiers  = "spf-qualifiers"    // terms that differ in their qualifiers alone
	WarnModifier    = "spf-modifier"      // a service's modifier is left out
	WarnRemove      = "spf-remove"        // a removal changes nothing
	WarnLength      = "spf-length"        // the record is long
	WarnWide        = "spf-wide"          // a large part of all addresses passes
	WarnFormerOwner = "spf-former-record" // a live term names a record that flattening made
)

// warn adds a warning; the text is a format.
func (w *merging) warn(code string, source Source, term, text string, args ...any) {
	w.warnAdvised(code, Advice{}, source, term, text, args...)
}

// warnAdvised adds a warning that an option of the caller settles; the text is a format.
func (w *merging) warnAdvised(code string, advice Advice, source Source, term, text string, args ...any) {
	advice.Term = term
	w.warnings = append(w.warnings, Warning{Code: code, Source: source, Term: term, Text: fmt.Sprintf(text, args...), Advice: advice})
}

// ofOwner names the owner in a sentence about the record, where it is known.
func (w *merging) ofOwner() string {
	if !w.Owner.IsValid() {
		return ""
	}
	return " of " + w.Owner.String()
}

func termsOf(entries []entry) []spf.Directive {
	if len(entries) == 0 {
		return nil
	}
	terms := make([]spf.Directive, len(entries), len(entries)+1) // room for `all`
	for i, e := range entries {
		terms[i] = e.Directive
	}
	return terms
}

// joinTerms returns the terms as a record has them.
func joinTerms(terms []spf.Directive) string {
	var b strings.Builder
	for i, t := range terms {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.String())
	}
	return b.String()
}
