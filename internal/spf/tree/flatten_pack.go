package tree

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

const (
	// emptyFlatRecord is the octets of a flattened record without addresses.
	emptyFlatRecord = len(spf.Version + " -all")

	// slots is how many parts of equal size the room of a shared record has. A small source takes whole parts, so that
	// its addresses may change within them and no other source moves.
	slots = 8

	// sharedLabel stands for the small sources in the names of records: _spf-flat, _spf-flat-2.
	sharedLabel = "flat"
)

// A batch is sources that are flattened together: one large source, or all small ones.
type batch struct {
	flats   []flat
	former  []int // shared records that were made before, which give way too
	records []FlatRecord
}

// all returns the terms that give way, in record order.
func (b batch) all() []int {
	all := slices.Clone(b.former)
	for _, f := range b.flats {
		all = append(all, f.source.all()...)
	}
	slices.Sort(all)
	return all
}

// pack puts sources, in record order, into records. The errors are *FlattenErrors.
//
// The small sources go by their names, each whole into the first shared record that has room for it. A source so moves
// from one record to another only when sources come or go whose names sort before its own, or when one of those, or it
// itself, takes more or fewer slots.
func (t *Tree) pack(flats []flat, f Flattening) ([]batch, []error) {
	var batches []batch
	var errs []error
	small := t.small(flats, f)
	if len(small) > 0 {
		b, err := t.share(small, f)
		if err != nil {
			errs = append(errs, err)
		}
		batches = append(batches, b)
	}
	for _, made := range flats {
		if slices.ContainsFunc(small, func(s flat) bool { return s.label == made.label }) {
			continue
		}
		b, err := t.cut(made, f)
		if err != nil {
			errs = append(errs, err)
		}
		batches = append(batches, b)
	}
	return batches, errs
}

// small returns the sources that share records: those that fill at most half of one, and that may stand where the first
// of them stands.
func (t *Tree) small(flats []flat, f Flattening) []flat {
	var small []flat
	most := t.room(sharedLabel, f) / slots * slots / 2
	for _, made := range flats {
		if octets(made.networks) > most || len(small) > 0 && t.refusesBetween(small[0].all()[0], made.all()[0]) {
			continue
		}
		made.shared = true
		small = append(small, made)
	}
	return small
}

// share packs small sources into shared records.
func (t *Tree) share(small []flat, f Flattening) (batch, error) {
	b := batch{flats: small}
	former := t.sharedBefore(f)
	if len(former) > 0 && !t.refusesBetween(min(former[0], small[0].all()[0]), max(former[len(former)-1], small[0].all()[0])) {
		b.former = former
	}
	slot := t.room(sharedLabel, f) / slots
	var parts [][]spf.Directive
	var names [][]string
	for bin, sources := range fill(small, slot) {
		parts, names = append(parts, nil), append(names, nil)
		for _, made := range sources {
			for _, network := range made.networks {
				if !slices.Contains(parts[bin], network) {
					parts[bin] = append(parts[bin], network)
				}
			}
			names[bin] = append(names[bin], made.name)
		}
	}
	if n := len(parts); n > spf.MaxLookups {
		return b, &FlattenError{Err: ErrFlatSize, Detail: fmt.Sprintf(
			"the %d small sources make %d shared records, and a record may have %d lookups", len(small), n, spf.MaxLookups)}
	}
	var err error
	b.records, err = t.named(sharedLabel, parts, func(i int) []string { return names[i] })
	return b, err
}

// fill puts each source, by its name, into the first record that has slots for it.
func fill(small []flat, slot int) [][]flat {
	sorted := slices.Clone(small)
	slices.SortFunc(sorted, func(a, b flat) int { return cmp.Compare(a.label, b.label) })
	var bins [][]flat
	var free []int
	for _, made := range sorted {
		need := max(1, (octets(made.networks)+slot-1)/slot)
		at := slices.IndexFunc(free, func(n int) bool { return n >= need })
		if at < 0 {
			at = len(bins)
			bins, free = append(bins, nil), append(free, slots)
		}
		bins[at] = append(bins[at], made)
		free[at] -= need
	}
	return bins
}

// cut packs a large source into records of its own.
func (t *Tree) cut(made flat, f Flattening) (batch, error) {
	b := batch{flats: []flat{made}}
	room := t.room(made.label, f)
	var parts [][]spf.Directive
	start := 0
	for _, end := range append(cuts(made.networks, room), len(made.networks)) {
		parts = append(parts, made.networks[start:end])
		start = end
	}
	if n := len(parts); n > spf.MaxLookups {
		return b, &FlattenError{Source: made.name, Err: ErrFlatSize, Detail: fmt.Sprintf(
			"its %d networks make %d records of at most %d octets, and a record may have %d lookups",
			len(made.networks), n, room+emptyFlatRecord, spf.MaxLookups)}
	}
	var err error
	b.records, err = t.named(made.label, parts, func(int) []string { return []string{made.name} })
	return b, err
}

// named makes the records of a label.
func (t *Tree) named(label string, parts [][]spf.Directive, sources func(i int) []string) ([]FlatRecord, error) {
	var records []FlatRecord
	for i, part := range parts {
		owner, err := dnsname.ParseIn(flatLabel(label, i), t.owner)
		if err != nil {
			return nil, &FlattenError{Source: sources(i)[0], Err: ErrFlatSize, Detail: fmt.Sprintf("its record would have no valid name: %v", err)}
		}
		record := spf.Record{Directives: append(slices.Clone(part), spf.Directive{Qualifier: spf.Fail, Mechanism: spf.MechAll})}
		records = append(records, FlatRecord{Owner: owner, Sources: sources(i), Record: record})
	}
	return records, nil
}

// room returns the octets that networks may take, each with a blank before it, in a record of a label.
func (t *Tree) room(label string, f Flattening) int {
	most, err := f.size()
	if err != nil || f.MaxSize == 0 {
		// The last record that there may be has the longest name.
		most = min(DefaultFlatSize, spf.LongestValue(1+len(flatLabel(label, spf.MaxLookups-1))+spf.NameOctets(t.owner)))
	}
	return most - emptyFlatRecord
}

// octets returns what networks take in a record, each with a blank before it.
func octets(networks []spf.Directive) int {
	n := 0
	for _, t := range networks {
		n += 1 + len(t.String())
	}
	return n
}

// refusesBetween reports whether a term from one place of the record up to another does not let pass: what stands behind
// it cannot come before it.
func (t *Tree) refusesBetween(from, to int) bool {
	return slices.ContainsFunc(t.root.record.Directives[min(from, to):max(from, to)], func(d spf.Directive) bool { return d.Qualifier != spf.Pass })
}
