package compose

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// Records makes all mail records of a domain: the SPF records of [SPF], the DKIM records of [DKIM], and what else the
// services ask for. It asks no DNS, so that nothing is counted, adopted or flattened. An SPF record is made where
// something says anything about SPF; where nothing does, there is none.
//
// What is known only later leaves nothing but its own part of its own record open: the keys depend on the domain, on
// the names of services and keys, on template, groups and host of the services, and on whether `existing`, `mechanisms`
// or `all` is given where no service has SPF terms for the domain. What is known is checked.
// It returns Problems.
func Records(c Config) (Result, error) {
	if problems := c.checkParked(); len(problems) > 0 {
		return Result{}, problems
	}
	b := newBuilder(c, 0)
	if c.Parked {
		b.config.DMARC = c.parkedPolicy()
		// Nobody sends, so that nobody's mail is lost.
		b.config.Acknowledge = append(slices.Clone(c.Acknowledge), "dmarc-mailing-lists", "dmarc-no-aggregate-reports", warnNoDKIM)
		b.addParked()
		b.addPolicies()
		b.addExtra()
		b.addConflicts()
		return b.result()
	}
	whole := len(b.problems) == 0
	b.dropPolicies()
	b.addServices()
	b.addExtra()
	b.addKeys()
	b.claimSPF()
	b.addPolicies()
	b.addConflicts()
	// Terms of services that cannot be applied are missing: what is left is no record to judge.
	if whole {
		b.addSPF()
	}
	return b.result()
}

// Check finds what is wrong with a configuration whatever is known only later, also where that leaves the keys of
// the records open. An invalid domain is one that is known only later, or at fault: then only what is wrong with any
// domain is found, which is names and templates of services, names of groups and variables, keys, and SPF of the owner's
// own.
func Check(c Config) Problems {
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
		_, own := c.parseOwn()
		return slices.Concat(own, problems, checkKeys(c.Keys), checkExtra(c.Extra), c.checkPolicies(), c.checkAcknowledged())
	}
	c.Pending.Services = c.Pending.Services || len(services) < len(c.Services)
	c.Services = services
	if _, err := Records(c); err != nil {
		var more Problems
		errors.As(err, &more)
		problems = append(problems, more...)
	}
	return problems
}

// mayAsk reports whether something that is known only later decides whether the domain has an SPF record.
func (c Config) mayAsk(services []applied) bool {
	return c.Pending.Existing || c.Pending.Mechanisms.Whole || c.Pending.All && !inOwnZone(services)
}

// addServices adds the records that services ask for, but for SPF.
func (b *builder) addServices() {
	for _, s := range b.services {
		for _, r := range s.Records {
			if r.Kind == service.DKIMKind || !r.Pending.Owner && isKey(r.Record) {
				b.addService(s, r)
				continue
			}
			if b.config.TTL != 0 {
				r.TTL = b.config.TTL
			}
			if !r.Pending.Any() {
				b.examineService(s, r.Record)
			}
			b.store(record.Key(b.config.Domain, s.key, r.ID), r.Record, r.Pending, s.path)
		}
	}
}

// examineService looks at a record that a service asks for beside SPF and keys.
func (b *builder) examineService(s applied, r record.Record) {
	if reason := whyNoTLSA(r); reason != "" {
		b.problems = append(b.problems, &Problem{
			Path: s.path, Summary: "Invalid record value", Detail: fmt.Sprintf("%s asks for the TLSA record of %s, which nobody can use: %s.", s.name(), r.Owner, reason),
		})
	}
	b.warnUnread(r, s.path)
}

// claimSPF claims the domain's own SPF record, where no service does.
func (b *builder) claimSPF() {
	merge, ok := b.merges(b.config.asks(b.services))[b.config.Domain]
	if !ok || len(merge.Services) > 0 {
		return
	}
	by := &applied{path: Attribute("domain"), own: "the domain's own SPF record"}
	b.claims = append(b.claims, &claim{by: by, Record: record.Record{Owner: b.config.Domain, Type: record.TXT}})
}

// addSPF merges the SPF record of each owner.
func (b *builder) addSPF() {
	merges := b.merges(b.config.asks(b.services))
	for _, owner := range slices.SortedFunc(maps.Keys(merges), dnsname.Name.Compare) {
		if !owner.IsValid() {
			b.unknown = true // A service sends from an owner that is known only later.
			continue
		}
		b.merge(merges[owner])
	}
	if _, ok := merges[b.config.Domain]; ok {
		return
	}
	b.unknown = b.unknown || b.config.mayAsk(b.services)
	if len(b.services) > 0 && !inOwnZone(b.services) {
		b.warnings = append(b.warnings, b.config.nothing())
	}
	if len(b.config.Remove) > 0 {
		b.warnings = append(b.warnings, &Problem{
			Code: merge.WarnRemove, Path: Attribute("remove"), Summary: "Nothing to remove from",
			Detail: fmt.Sprintf("%s gets no SPF record, since nothing but `remove` says anything about SPF there. Leave `remove` out.", b.config.Domain),
		})
	}
}

// merge adds the SPF record of one owner.
func (b *builder) merge(m merge.Merge) {
	own := m.Owner == b.config.Domain
	pending := b.config.Pending.ending() || own && b.config.Pending.own() || pendingTerms(b.services, m.Owner)
	merged, err := m.Do()
	switch {
	case err != nil && own && b.config.Pending.Remove.Any() && !errors.Is(err, merge.ErrServiceRemoved):
		// What is in the way may be removed.
	case err != nil:
		b.problems = append(b.problems, mergeProblem(err))
		return
	}
	value := ""
	if !pending {
		if term, ok := tree.LeadsToItself(merged.Record, m.Owner); ok {
			b.problems = append(b.problems, itselfProblem(m.Owner, term, merged.Source(term)))
			return
		}
		if limit := tree.LeastLookups(merged.Record, m.Owner); limit != nil {
			b.warn(warnPermError, Attribute("domain"), "SPF record past a limit of RFC 7208", Sentence(limit.Error())+
				" Remove senders that are no longer used, or make the record with the data source maildomain_spf, which can replace includes by addresses.")
		}
		value = merged.Record.String()
		for _, w := range merged.Warnings {
			b.warnings = append(b.warnings, &Problem{Code: w.Code, Path: sourcePath(w.Source), Summary: "SPF record", Detail: advised(w.Text, w.Advice)})
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
