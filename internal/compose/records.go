package compose

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// RecordsConfig says what the mail records of a domain are made of. Its fields are those of [SPFConfig] and
// [DKIMConfig].
type RecordsConfig struct {
	Domain       dnsname.Name
	Services     map[string]Service
	Keys         map[string]Key
	Existing     string
	Mechanisms   []string
	Remove       []string
	All          spf.All
	AllowPassAll bool
	TTL          uint32 // seconds; 0: what a service's template says, and DefaultTTL
	Pending      PendingConfig
}

// PendingConfig says which fields of a [RecordsConfig] are known only later, in whole or in part.
type PendingConfig struct {
	Existing, All, AllowPassAll, TTL bool
	Mechanisms, Remove               PendingList
}

// PendingList says what of a list is known only later: the whole, so that even its length is not known, or the elements
// at some indices. Those elements stand as empty texts in the list, so that the others keep their indices.
type PendingList struct {
	Whole bool
	At    []int
}

// Any reports whether something of the list is known only later.
func (p PendingList) Any() bool { return p.Whole || len(p.At) > 0 }

// own reports whether something that the owner writes at the domain itself is known only later.
func (p PendingConfig) own() bool { return p.Existing || p.Mechanisms.Any() || p.Remove.Any() }

// ending reports whether the end of every SPF record is known only later.
func (p PendingConfig) ending() bool { return p.All || p.AllowPassAll }

// RecordsResult is the mail records of a domain.
type RecordsResult struct {
	Records record.Set
	// Pending says by key what of a record is known only later; those that are known in full are not in it.
	Pending map[string]service.Pending
	// Unknown says that not even the keys and types of all records are known: SPF stands at an owner that is known
	// only later, what is known only later decides whether the domain has an SPF record, or one of two forms of a
	// DKIM key will be given.
	Unknown  bool
	Warnings Problems
}

// Records makes all mail records of a domain: the SPF records of [SPF], the DKIM records of [DKIM], and what else the
// services ask for. It asks no DNS, so that nothing is counted, adopted or flattened. An SPF record is made where
// something says anything about SPF; where nothing does, there is none.
//
// What is known only later leaves nothing but its own part of its own record open: the keys depend on the domain, on
// the names of services and keys, on template, groups and host of the services, and on whether `existing`, `mechanisms`
// or `all` is given where no service has SPF terms for the domain. What is known is checked.
// It returns Problems.
func Records(c RecordsConfig) (RecordsResult, error) {
	own, problems := c.spf().parseOwn(c.Pending)
	services, warnings, more := applyServices(c.Domain, c.Services, 0)
	problems = append(problems, more...)
	b := recordsBuilder{dkimBuilder: newDKIMBuilder(DKIMConfig{Domain: c.Domain, Keys: c.Keys, TTL: c.TTL}), all: c}
	b.warnings, b.problems = slices.Concat(warnings, notes(services)), problems
	b.addServices(services)
	b.addKeys()
	b.claimSPF(own, services)
	b.addConflicts(services)
	// Terms of services that cannot be applied are missing: what is left is no record to judge.
	if len(problems) == 0 {
		b.addSPF(own, services)
	}
	return b.done()
}

// CheckRecords finds what is wrong with a configuration whatever is known only later, also where that leaves the keys of
// the records open. An invalid domain is one that is known only later, or at fault: then only what is wrong with any
// domain is found, which is names and templates of services, names of groups and variables, keys, and SPF of the owner's
// own.
func CheckRecords(c RecordsConfig) Problems {
	if problem := tooManyServices(c.Services); problem != nil {
		return Problems{problem}
	}
	var problems Problems
	services := make(map[string]Service, len(c.Services))
	for _, key := range slices.Sorted(maps.Keys(c.Services)) {
		if s := c.Services[key]; s.Partial || !c.Domain.IsValid() {
			problems = append(problems, checkService(key, s)...)
		} else {
			services[key] = s
		}
	}
	if !c.Domain.IsValid() {
		_, own := c.spf().parseOwn(c.Pending)
		return slices.Concat(own, problems, checkKeys(c.Keys))
	}
	c.Services = services
	if _, err := Records(c); err != nil {
		var more Problems
		errors.As(err, &more)
		problems = append(problems, more...)
	}
	return problems
}

// spf is the part of the configuration that SPF records are made of. What is known only later makes no error.
func (c RecordsConfig) spf() SPFConfig {
	return SPFConfig{
		Domain: c.Domain, Services: c.Services, Existing: c.Existing, Mechanisms: c.Mechanisms, Remove: c.Remove,
		All: c.All, AllowPassAll: c.AllowPassAll || c.Pending.AllowPassAll, TTL: c.TTL,
	}
}

// spfMerges are the merges of the SPF records, by their owners.
func (c RecordsConfig) spfMerges(own own, services []applied) map[dnsname.Name]spf.Merge {
	s := c.spf()
	return s.merges(own, services, s.asks(services))
}

// mayAsk reports whether something that is known only later decides whether the domain has an SPF record.
func (c RecordsConfig) mayAsk(services []applied) bool {
	return c.Pending.Existing || c.Pending.Mechanisms.Whole || c.Pending.All && !inOwnZone(services)
}

// recordsBuilder makes the other records of a domain beside those of DKIM.
type recordsBuilder struct {
	dkimBuilder
	all RecordsConfig
}

// addServices adds the records that services ask for, but for SPF.
func (b *recordsBuilder) addServices(services []applied) {
	for _, s := range services {
		for _, r := range s.Records {
			if r.Kind == service.DKIMKind || !r.Pending.Owner && isKey(r.Record) {
				b.addService(s, r)
				continue
			}
			if b.config.TTL != 0 {
				r.TTL = b.config.TTL
			}
			b.store(record.Key(b.config.Domain, s.key, r.ID), r.Record, r.Pending, s.path)
		}
	}
}

// claimSPF claims the domain's own SPF record, where no service does.
func (b *recordsBuilder) claimSPF(own own, services []applied) {
	merge, ok := b.all.spfMerges(own, services)[b.config.Domain]
	if !ok || len(merge.Services) > 0 {
		return
	}
	by := &applied{path: Attribute("domain"), own: "the domain's own SPF record"}
	b.dkimBuilder.own = append(b.dkimBuilder.own, &claim{by: by, Record: record.Record{Owner: b.config.Domain, Type: record.TXT}})
}

// addSPF merges the SPF record of each owner.
func (b *recordsBuilder) addSPF(own own, services []applied) {
	merges := b.all.spfMerges(own, services)
	for _, owner := range slices.SortedFunc(maps.Keys(merges), dnsname.Name.Compare) {
		if !owner.IsValid() {
			b.unknown = true // A service sends from an owner that is known only later.
			continue
		}
		b.merge(merges[owner], services)
	}
	if _, ok := merges[b.config.Domain]; ok {
		return
	}
	b.unknown = b.unknown || b.all.mayAsk(services)
	if len(services) > 0 && !inOwnZone(services) {
		b.warnings = append(b.warnings, b.all.spf().nothing())
	}
	if len(b.all.Remove) > 0 {
		b.warnings = append(b.warnings, &Problem{
			Path: Attribute("remove"), Summary: "Nothing to remove from",
			Detail: fmt.Sprintf("%s gets no SPF record, since nothing but `remove` says anything about SPF there. Leave `remove` out.", b.config.Domain),
		})
	}
}

// merge adds the SPF record of one owner.
func (b *recordsBuilder) merge(m spf.Merge, services []applied) {
	own := m.Owner == b.config.Domain
	pending := b.all.Pending.ending() || own && b.all.Pending.own() || pendingTerms(services, m.Owner)
	merged, err := m.Do()
	switch {
	case err != nil && own && b.all.Pending.Remove.Any() && !errors.Is(err, spf.ErrServiceRemoved):
		// What is in the way may be removed.
	case err != nil:
		b.problems = append(b.problems, mergeProblem(err))
		return
	}
	value := ""
	if !pending {
		if term, ok := merged.Record.LeadsToItself(m.Owner); ok {
			b.problems = append(b.problems, itselfProblem(m.Owner, term, merged.Source(term)))
			return
		}
		value = merged.Record.String()
		for _, w := range merged.Warnings {
			b.warnings = append(b.warnings, &Problem{Path: sourcePath(w.Source), Summary: "SPF record", Detail: advised(w.Text, w.Advice)})
		}
	}
	key, r, problem := spfRecord(b.config.Domain, m.Owner, b.config.TTL, value)
	if problem != nil {
		b.problems = append(b.problems, problem)
		return
	}
	b.store(key, r, service.Pending{Value: pending}, Attribute("domain"))
}

// pendingTerms reports whether a service has SPF terms for an owner that are known only later.
func pendingTerms(services []applied, owner dnsname.Name) bool {
	for _, s := range services {
		for _, part := range s.SPF {
			if part.Owner == owner && part.Pending.Value {
				return true
			}
		}
	}
	return false
}

// done returns what was put together.
func (b *recordsBuilder) done() (RecordsResult, error) {
	if err := b.problems.OrNil(); err != nil {
		return RecordsResult{}, err
	}
	if b.all.Pending.TTL {
		for key := range b.records {
			p := b.pending[key]
			p.TTL = true
			b.pending[key] = p
		}
	}
	return RecordsResult{Records: b.records, Pending: b.pending, Unknown: b.unknown, Warnings: b.warnings}, nil
}
