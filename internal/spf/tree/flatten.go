package tree

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

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
// together, into records of their own: so no address moves from one record to another when another source changes.
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

// FlatRecord is a record that holds addresses of a source.
type FlatRecord struct {
	Owner  dnsname.Name
	Source string
	Record spf.Record
}

// FlatSource says what was made of a source.
type FlatSource struct {
	Name       string
	Includes   []string // the domains of its includes, in the order of the record
	Records    int
	CIDRs      int
	Addresses4 uint64   // IPv4 addresses that pass
	Addresses6 *big.Int // IPv6 addresses that pass
}

// Errors that a [*FlattenError] wraps.
var (
	ErrUnknownSource = errors.New("there is no such source")
	ErrNeverFlatten  = errors.New("its sender asks that it stays as it is")
	ErrNotStatic     = errors.New("it lets no fixed set of addresses pass")
	ErrBroken        = errors.New("receivers stop there with an error (permerror)")
	ErrUnread        = errors.New("DNS was not read to the end")
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
	b.WriteString("flatten")
	if e.Source != "" {
		b.WriteString(" " + spf.Quote(e.Source))
	}
	if len(e.Path) > 0 {
		b.WriteString(", " + strings.Join(e.Path, " → "))
	}
	fmt.Fprintf(&b, ": %v: %s", e.Err, e.Detail)
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
		made, err := t.flatten(s, f)
		if err != nil {
			errs = append(errs, err)
		}
		flats = append(flats, made)
	}
	if len(errs) > 0 {
		return Flattened{}, errors.Join(errs...)
	}
	return t.publish(flats), nil
}

// size returns the most octets of a record. Its error is a *FlattenError.
func (f Flattening) size() (int, error) {
	switch {
	case f.MaxSize == 0:
		return DefaultFlatSize, nil
	case f.MaxSize < MinFlatSize || f.MaxSize > spf.MaxLength:
		return 0, &FlattenError{Err: ErrFlatSize, Detail: fmt.Sprintf("max_size is %d octets, and must be from %d to %d", f.MaxSize, MinFlatSize, spf.MaxLength)}
	}
	return f.MaxSize, nil
}

// A flat is what is made of a source.
type flat struct {
	source
	set    *netipx.IPSet
	owners []dnsname.Name // of the records
	parts  []spf.Record
}

// flatten makes the records of a source. Its error is a *FlattenError.
func (t *Tree) flatten(s source, f Flattening) (flat, error) {
	made := flat{source: s}
	most, err := f.size()
	if err != nil {
		return made, err
	}
	if f.MaxSize == 0 {
		// The last record that there may be has the longest name.
		most = min(most, spf.LongestValue(1+len(flatLabel(s.label, spf.MaxLookups-1))+spf.NameOctets(t.owner)))
	}
	if err := t.permit(s); err != nil {
		return made, err
	}
	set, refused := t.passingSet(s)
	if refused != nil {
		return made, refused
	}
	made.set = set
	prefixes := made.set.Prefixes()
	made.parts = cutNetworks(prefixes, most)
	if n := len(made.parts); n > spf.MaxLookups {
		return made, &FlattenError{Source: s.name, Err: ErrFlatSize, Detail: fmt.Sprintf(
			"its %d networks make %d records of at most %d octets, and a record has room for %d lookups; raise max_size, or %s",
			len(prefixes), n, most, spf.MaxLookups, leaveOut)}
	}
	for i := range made.parts {
		owner, err := dnsname.ParseIn(flatLabel(s.label, i), t.owner)
		if err != nil {
			return made, &FlattenError{Source: s.name, Err: ErrFlatSize, Detail: fmt.Sprintf("its record would have no valid name: %v", err)}
		}
		made.owners = append(made.owners, owner)
	}
	return made, nil
}

// publish puts the records in the place of what they were made of.
func (t *Tree) publish(flats []flat) Flattened {
	root := t.root.record
	dropped := make(map[int]bool)
	first := make(map[int]flat)
	for _, made := range flats {
		all := made.all()
		first[all[0]] = made
		for _, i := range all {
			dropped[i] = true
		}
	}
	result := Flattened{Apex: spf.Record{Modifiers: root.Modifiers}}
	published := make(map[string]spf.Record)
	for i, term := range root.Directives {
		if !dropped[i] {
			result.Apex.Directives = append(result.Apex.Directives, term)
		}
		made, ok := first[i]
		if !ok {
			continue
		}
		for j, owner := range made.owners {
			published[owner.String()] = made.parts[j]
			result.Records = append(result.Records, FlatRecord{Owner: owner, Source: made.name, Record: made.parts[j]})
			result.Apex.Directives = append(result.Apex.Directives, spf.Directive{Mechanism: spf.MechInclude, Domain: owner.String()})
		}
		result.Sources = append(result.Sources, made.summary(root))
	}
	result.Tree = t.with(result.Apex, published)
	return result
}

// summary counts what was made of a source of the record.
func (f flat) summary(root spf.Record) FlatSource {
	s := FlatSource{Name: f.name, Records: len(f.parts), Addresses6: new(big.Int)}
	for _, i := range f.terms {
		s.Includes = append(s.Includes, root.Directives[i].Domain)
	}
	for _, p := range f.set.Prefixes() {
		s.CIDRs++
		if p.Addr().Is4() {
			s.Addresses4 += 1 << (32 - p.Bits())
			continue
		}
		s.Addresses6.Add(s.Addresses6, new(big.Int).Lsh(big.NewInt(1), uint(128-p.Bits())))
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

// cutNetworks returns records of at most so many octets that let the networks pass, and nothing else.
func cutNetworks(prefixes []netip.Prefix, most int) []spf.Record {
	terms := make([]spf.Directive, len(prefixes))
	for i, p := range prefixes {
		m := spf.MechIP6
		if p.Addr().Is4() {
			m = spf.MechIP4
		}
		terms[i] = spf.Directive{Mechanism: m, Prefix: p}
	}
	var records []spf.Record
	start := 0
	for _, end := range append(cuts(terms, most-emptyFlatRecord), len(terms)) {
		part := slices.Clone(terms[start:end])
		records = append(records, spf.Record{Directives: append(part, spf.Directive{Qualifier: spf.Fail, Mechanism: spf.MechAll})})
		start = end
	}
	return records
}

// emptyFlatRecord is the octets of a flattened record without addresses.
const emptyFlatRecord = len(spf.Version + " -all")
