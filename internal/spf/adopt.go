package spf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrSeveralRecords is the class of errors about a name with more than one SPF record (RFC 7208 §4.5).
var ErrSeveralRecords = errors.New("several SPF records")

// Live is what the TXT records of a name hold.
type Live struct {
	Record *Record  // nil: none
	Extra  []string // the other TXT values, each once, sorted
}

// ReadLive tells the SPF record of a name from its other TXT values. It returns a *MergeError about the existing
// record where there are several, where it does not parse, or where a value was meant as SPF and is not.
func ReadLive(txts []string) (Live, error) {
	var live Live
	var records []string
	for _, value := range slices.Compact(slices.Sorted(slices.Values(txts))) {
		if IsRecord(value) {
			records = append(records, value)
		} else {
			live.Extra = append(live.Extra, value)
		}
	}
	if err := brokenRecords(records, live.Extra); err != nil {
		return Live{}, err
	}
	switch len(records) {
	case 0:
		return live, nil
	case 1:
		input, err := ParseInput(Source{Kind: Existing}, records[0])
		if err != nil {
			return Live{}, err
		}
		live.Record = &input.Record
		return live, nil
	}
	return Live{}, &MergeError{Source: Source{Kind: Existing}, Err: ErrSeveralRecords, Detail: fmt.Sprintf(
		"one is %s, another %s, and receivers stop with an error (permerror) where there is more than one (RFC 7208 §4.5); delete all but the right one",
		quote(records[0]), quote(records[1]))}
}

// Adoption is a record that was merged with the live one, and what of it only the live one asks for.
type Adoption struct {
	Result

	// Adopted are the terms and modifiers, in the order of the record, that nothing but the live record asks for:
	// they stay until they are removed. `all` is not among them.
	Adopted []string
}

// Adopt merges with the live record as the existing one, so that nothing is lost which it has. Includes of records that
// flattening made of a source that m still asks for stand for the source: with the flattened record published, adopting
// it gives the same again. It returns the errors of [Merge.Do].
func (m Merge) Adopt(live Live, f Flattening) (Adoption, error) {
	m.Existing = nil
	wanted, err := m.Do()
	if err != nil {
		return Adoption{}, err
	}
	if live.Record == nil {
		return Adoption{Result: wanted}, nil
	}
	existing := m.unflatten(*live.Record, f)
	m.Existing = &existing
	merged, err := m.Do()
	if err != nil {
		return Adoption{}, err
	}
	a := Adoption{Result: merged, Adopted: m.beyond(merged.Record, wanted.Record)}
	for _, term := range a.Adopted {
		if m.isFormer(term) {
			a.Warnings = append(a.Warnings, Warning{Code: WarnFormerOwner, Source: Source{Kind: Existing}, Term: term, Advice: Advice{Kind: AdviceRemove, Term: term}, Text: fmt.Sprintf(
				"%s has the name of a record that flattening makes, of a source that nothing asks for any more. Where that record goes away with its source, receivers stop with an error (permerror) when they come to the term.", quote(term))})
		}
	}
	return a, nil
}

// unflatten puts the includes of a source back in the place of the records that were made of it.
func (m Merge) unflatten(r Record, f Flattening) Record {
	if !m.Owner.IsValid() {
		return r
	}
	includes := slices.DeleteFunc(m.includes(slices.Concat(m.Services, m.Mechanisms)...), func(t Term) bool { return t.Qualifier != Pass })
	own, names := f.ownRecords(m.Owner, includes), f.senderNames(m.Owner)
	sources := make(map[string][]Term) // by their labels
	for _, t := range includes {
		label := names.source(t.Domain).label
		sources[label] = append(sources[label], t)
	}
	restored := Record{Modifiers: r.Modifiers}
	for _, t := range r.Terms {
		of := sources[own(t.Domain)]
		if t.Mechanism != MechInclude || t.Qualifier != Pass || len(of) == 0 {
			of = []Term{t}
		}
		restored.Terms = append(restored.Terms, of...) // the merge drops what comes twice
	}
	return restored
}

// includes returns the includes that inputs ask for, as the merged record has them.
func (m Merge) includes(inputs ...Input) []Term {
	var includes []Term
	for _, input := range inputs {
		moved, err := (&merging{Merge: m}).moved(input)
		if err != nil {
			continue // the merge has refused it
		}
		for _, t := range moved.Terms {
			if t.Mechanism == MechInclude {
				includes = append(includes, t)
			}
		}
		if target, ok := moved.Modifier(modRedirect); ok {
			includes = append(includes, Term{Mechanism: MechInclude, Domain: target}) // what the merge makes of it
		}
	}
	return includes
}

// beyond returns the terms and modifiers of a record that another one does not ask for.
func (m Merge) beyond(r, wanted Record) []string {
	w := merging{Merge: m}
	asked := make(map[Term]Qualifier)
	var passing networks
	for _, t := range wanted.Terms {
		asked[w.identity(t)] = t.Qualifier
		if t.Qualifier == Pass {
			passing.add(entry{Term: t})
		}
	}
	if target, ok := wanted.Modifier(modRedirect); ok {
		asked[Term{Mechanism: MechInclude, Domain: target}] = Pass // what it becomes beside other terms
	}
	var texts []string
	for _, t := range r.Terms {
		qualifier, ok := asked[w.identity(t)]
		_, covered := passing.widest(t.Prefix)
		if t.Mechanism == MechAll || ok && qualifier == t.Qualifier || covered && t.Qualifier == Pass {
			continue
		}
		texts = append(texts, t.String())
	}
	for _, modifier := range r.Modifiers {
		if !slices.Contains(wanted.Modifiers, modifier) {
			texts = append(texts, modifier.String())
		}
	}
	return texts
}

// isFormer reports whether a term includes a name that flattening gives its records.
func (m Merge) isFormer(term string) bool {
	label, below := strings.CutSuffix(term, "."+m.Owner.String())
	label, include := strings.CutPrefix(label, string(MechInclude)+":"+flatPrefix)
	return m.Owner.IsValid() && below && include && !strings.Contains(label, ".")
}
