package merge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// ErrSeveralRecords is the class of errors about a name with more than one SPF record (RFC 7208 §4.5).
var ErrSeveralRecords = errors.New("several SPF records")

// Live is what the TXT records of a name hold.
type Live struct {
	Record *spf.Record // nil: none
	Extra  []string    // the other TXT values, each once, sorted
}

// ReadLive tells the SPF record of a name from its other TXT values. It returns a *Error about the existing
// record where there are several, where it does not parse, or where a value was meant as SPF and is not.
func ReadLive(txts []string) (Live, error) {
	var live Live
	var records []string
	for _, value := range slices.Compact(slices.Sorted(slices.Values(txts))) {
		if spf.IsRecord(value) {
			records = append(records, value)
		} else {
			live.Extra = append(live.Extra, value)
		}
	}
	if broken := spf.BrokenRecords(records, live.Extra); broken != "" {
		return Live{}, &Error{Source: Source{Kind: Existing}, Err: spf.ErrBrokenRecord, Detail: broken}
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
	return Live{}, &Error{Source: Source{Kind: Existing}, Err: ErrSeveralRecords, Detail: fmt.Sprintf(
		"one is %s, another %s, and receivers stop with an error (permerror) where there is more than one (RFC 7208 §4.5); delete all but the right one",
		spf.Quote(records[0]), spf.Quote(records[1]))}
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
func (m Merge) Adopt(live Live, f tree.Flattening) (Adoption, error) {
	m.Existing = nil
	wanted, err := m.Do()
	if err != nil {
		return Adoption{}, err
	}
	if live.Record == nil {
		return Adoption{Result: wanted}, nil
	}
	existing := f.Restore(*live.Record, m.Owner, m.passingIncludes())
	m.Existing = &existing
	merged, err := m.Do()
	if err != nil {
		return Adoption{}, err
	}
	a := Adoption{Result: merged, Adopted: m.beyond(merged.Record, wanted.Record)}
	for _, term := range a.Adopted {
		if domain, include := strings.CutPrefix(term, string(spf.MechInclude)+":"); include && tree.IsFlattened(domain, m.Owner) {
			a.Warnings = append(a.Warnings, Warning{Code: WarnFormerOwner, Source: Source{Kind: Existing}, Term: term, Advice: Advice{Kind: AdviceRemove, Term: term}, Text: fmt.Sprintf(
				"%s has the name of a record that flattening makes, of a source that the configuration no longer has. If that record is removed with its source, receivers stop with an error (permerror) at the term.", spf.Quote(term))})
		}
	}
	return a, nil
}

// passingIncludes returns the includes that the services and the owner ask for and that pass, as the merged record has
// them.
func (m Merge) passingIncludes() []spf.Directive {
	var includes []spf.Directive
	for _, input := range slices.Concat(m.Services, m.Mechanisms) {
		includes = append(includes, input.includes(m.Owner)...)
	}
	return slices.DeleteFunc(includes, func(t spf.Directive) bool { return t.Qualifier != spf.Pass })
}

// Includes returns the domains of the includes of an input, as the merged record of owner has them.
func (i Input) Includes(owner dnsname.Name) []string {
	var domains []string
	for _, t := range i.includes(owner) {
		domains = append(domains, t.Domain)
	}
	return domains
}

// includes returns the includes of an input, and the one that its redirect= becomes.
func (i Input) includes(owner dnsname.Name) []spf.Directive {
	moved, err := i.moved(owner)
	if err != nil {
		return nil // the merge refuses it
	}
	includes := slices.DeleteFunc(slices.Clone(moved.Directives), func(t spf.Directive) bool { return t.Mechanism != spf.MechInclude })
	if target, ok := moved.Modifier(spf.Redirect); ok {
		includes = append(includes, spf.Directive{Mechanism: spf.MechInclude, Domain: target})
	}
	return includes
}

// beyond returns the terms and modifiers of a record that another one does not ask for.
func (m Merge) beyond(r, wanted spf.Record) []string {
	w := merging{Merge: m}
	asked := make(map[spf.Directive]spf.Qualifier)
	var passing networks
	for _, t := range wanted.Directives {
		asked[w.identity(t)] = t.Qualifier
		if t.Qualifier == spf.Pass {
			passing.add(entry{Directive: t})
		}
	}
	if target, ok := wanted.Modifier(spf.Redirect); ok {
		asked[spf.Directive{Mechanism: spf.MechInclude, Domain: target}] = spf.Pass // what it becomes beside other terms
	}
	var texts []string
	for _, t := range r.Directives {
		qualifier, ok := asked[w.identity(t)]
		_, covered := passing.widest(t.Prefix)
		if t.Mechanism == spf.MechAll || ok && qualifier == t.Qualifier || covered && t.Qualifier == spf.Pass {
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
