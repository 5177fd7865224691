package tree

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// The sizes of a flattened record in octets.
const (
	DefaultFlatSize = spf.AdvisedUsually // at a name of usual length, it fits a DNS message of 512 octets (RFC 7208 §3.4)
	MinFlatSize     = 64                 // room for one network
)

// EverySource in [Flattening.Names] stands for all sources.
const EverySource = "*"

// Flattening says which includes of a record give way to records that hold their addresses, and how.
//
// A source is a sender, or the domain of an include that no sender brings. All includes of a source are flattened
// together. A large source has records of its own: no address moves from one record to another when another source
// changes. Small sources share records, each whole in one of them, so that a record with many small sources costs few
// lookups; see [Tree.pack] for when one moves.
type Flattening struct {
	Names   []string // sources, or domains of their includes; EverySource: all
	Senders []Sender // which includes belong to whom
	Adopted []string // terms that only the live record asks for ([merge.Adoption]): they are left alone
	MaxSize int      // the most octets of a record, from MinFlatSize to MaxLength; 0: DefaultFlatSize, and less at a long name
}

// Sender is a service whose terms are in the record, under the name that users know it by.
type Sender struct {
	Name         string
	Includes     []string // the domains of its includes, as the record has them
	NeverFlatten bool     // it asks that its terms stay as they are
}

// Flattened is a record whose includes gave way to addresses, and the records that hold these.
type Flattened struct {
	// Apex includes the records in place of what they were made of: each of them, so that a record that becomes
	// two is published before anything leads to it. A chain, in which the first includes the second, would cost as
	// many lookups, and make receivers that see the first before the second stop with an error.
	Apex    spf.Record
	Records []FlatRecord // in the order of the apex
	Sources []FlatSource // in the order of the apex
	Tree    *Tree        // of the apex, with the records as if published
}

// FlatRecord is a record that holds addresses of one large source, or of several small ones.
type FlatRecord struct {
	Owner   dnsname.Name
	Sources []string
	Record  spf.Record
}

// FlatSource says what was made of a source.
type FlatSource struct {
	Name       string
	Includes   []string // the domains of its includes, in the order of the record
	Records    int      // that hold its addresses
	CIDRs      int
	Addresses4 uint64   // IPv4 addresses that pass
	Addresses6 *big.Int // IPv6 addresses that pass
}

// Errors that a [*FlattenError] wraps.
var (
	ErrUnknownSource = errors.New("there is no such source")
	ErrNeverFlatten  = errors.New("its sender asks for it to stay as it is")
	ErrNotStatic     = errors.New("it lets no fixed set of addresses pass")
	ErrBroken        = errors.New("receivers stop there with an error (permerror)")
	ErrUnread        = errors.New("DNS could not be read in full")
	ErrFlatSize      = errors.New("the size of the records")
)

// FlattenError says which source cannot be flattened, and why.
type FlattenError struct {
	Source string   // empty where it is about all
	Path   []string // the terms that lead to the cause, the last one being it; safe to be shown
	Err    error    // its class: one of the Err values above
	Detail string   // what is wrong and what to do
}

func (e *FlattenError) Error() string {
	var b strings.Builder
	if e.Source != "" {
		b.WriteString("the source " + spf.Quote(e.Source) + ": ")
	}
	if len(e.Path) > 0 {
		b.WriteString(strings.Join(e.Path, " → ") + ": ")
	}
	fmt.Fprintf(&b, "%v: %s", e.Err, e.Detail)
	return b.String()
}

func (e *FlattenError) Unwrap() error { return e.Err }

// Flatten replaces the includes that f names. It takes only those that pass, and whose passing set is static; it
// returns a *FlattenError for each source that is not, joined, and flattens nothing then. The same answers of DNS, in
// any order, give the same records.
func (t *Tree) Flatten(f Flattening) (Flattened, error) {
	if _, err := f.size(); err != nil {
		return Flattened{}, err
	}
	chosen, errs := t.choose(f)
	var flats []flat
	for _, s := range chosen {
		made, err := t.flatten(s)
		if err != nil {
			errs = append(errs, err)
		}
		flats = append(flats, made)
	}
	if len(errs) > 0 {
		return Flattened{}, errors.Join(errs...)
	}
	batches, errs := t.pack(flats, f)
	if len(errs) > 0 {
		return Flattened{}, errors.Join(errs...)
	}
	return t.publish(batches), nil
}

// size returns the most octets of a record. Its error is a *FlattenError.
func (f Flattening) size() (int, error) {
	switch {
	case f.MaxSize == 0:
		return DefaultFlatSize, nil
	case f.MaxSize < MinFlatSize || f.MaxSize > spf.MaxLength:
		return 0, &FlattenError{Err: ErrFlatSize, Detail: fmt.Sprintf("%d octets; it must be from %d to %d", f.MaxSize, MinFlatSize, spf.MaxLength)}
	}
	return f.MaxSize, nil
}

// A flat is a source with the networks that pass it.
type flat struct {
	source
	networks []spf.Directive
}

// flatten reads the networks of a source. Its error is a *FlattenError.
func (t *Tree) flatten(s source) (flat, error) {
	if err := t.permit(s); err != nil {
		return flat{}, err
	}
	set, refused := t.passingSet(s)
	if refused != nil {
		return flat{}, refused
	}
	made := flat{source: s}
	for _, p := range set.Prefixes() {
		m := spf.MechIP6
		if p.Addr().Is4() {
			m = spf.MechIP4
		}
		made.networks = append(made.networks, spf.Directive{Mechanism: m, Prefix: p})
	}
	return made, nil
}

// publish puts the records in the place of what they were made of.
func (t *Tree) publish(batches []batch) Flattened {
	root := t.root.record
	dropped := make(map[int]bool)
	first := make(map[int][]batch)
	sources := make(map[int]FlatSource)
	for _, b := range batches {
		all := b.all()
		first[all[0]] = append(first[all[0]], b)
		for _, i := range all {
			dropped[i] = true
		}
		for _, made := range b.flats {
			sources[made.terms[0]] = made.summary(root, len(b.records))
		}
	}
	result := Flattened{Apex: spf.Record{Modifiers: root.Modifiers}}
	published := make(map[string]spf.Record)
	for i, term := range root.Directives {
		if !dropped[i] {
			result.Apex.Directives = append(result.Apex.Directives, term)
		}
		for _, b := range first[i] {
			for _, r := range b.records {
				published[r.Owner.String()] = r.Record
				result.Records = append(result.Records, r)
				result.Apex.Directives = append(result.Apex.Directives, spf.Directive{Mechanism: spf.MechInclude, Domain: r.Owner.String()})
			}
		}
		if s, ok := sources[i]; ok {
			result.Sources = append(result.Sources, s)
		}
	}
	result.Apex.Directives = withoutRepeated(result.Apex.Directives, published)
	result.Tree = t.with(result.Apex, published)
	return result
}

// withoutRepeated drops all but the first of the includes of a published record. The owner's own terms may name one,
// behind which another of the same record is never reached.
func withoutRepeated(terms []spf.Directive, published map[string]spf.Record) []spf.Directive {
	seen := make(map[spf.Directive]bool)
	return slices.DeleteFunc(terms, func(t spf.Directive) bool {
		_, flattened := published[t.Domain]
		repeated := flattened && seen[t]
		seen[t] = true
		return repeated
	})
}

// summary counts what was made of a source of the record.
func (f flat) summary(root spf.Record, records int) FlatSource {
	s := FlatSource{Name: f.name, Records: records, Addresses6: new(big.Int), CIDRs: len(f.networks)}
	if f.shared {
		s.Records = 1
	}
	for _, i := range f.terms {
		s.Includes = append(s.Includes, root.Directives[i].Domain)
	}
	for _, t := range f.networks {
		if t.Mechanism == spf.MechIP4 {
			s.Addresses4 += 1 << (32 - t.Prefix.Bits())
			continue
		}
		s.Addresses6.Add(s.Addresses6, new(big.Int).Lsh(big.NewInt(1), uint(128-t.Prefix.Bits())))
	}
	return s
}

// with returns the tree of another record of the same owner, beside which the published records stand. All else that
// it leads to must have been read for this tree.
func (t *Tree) with(root spf.Record, published map[string]spf.Record) *Tree {
	other := &Tree{owner: t.owner, pages: maps.Clone(t.pages), answers: t.answers, asked: t.asked}
	for name, r := range published {
		other.pages[name] = newPage(name, 1, r)
	}
	other.root = newPage(t.root.name, 0, root)
	other.pages[other.root.name] = other.root
	return other.settle()
}
