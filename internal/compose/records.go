package compose

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// Records makes all mail records of a domain: the SPF records of [SPF], the DKIM records of [DKIM], and what else the
// services ask for. It asks no DNS, so that nothing is counted, adopted or flattened. An SPF record is made where
// something says anything about SPF; where nothing does, there is none.
//
// Unknown values leave only their own part of their own record unknown: the keys depend on the domain, on the names of
// services and keys, on template, groups and host of the services, and on whether `existing`, `mechanisms` or `all` is
// given where no service has SPF terms for the domain. Known values are checked.
// It returns Problems.
func Records(c Config) (Result, error) {
	if !c.Domain.IsValid() {
		return Result{Unknown: problem.UnknownAt(nil)}, c.checkAnywhere().OrNil()
	}
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

// Check returns the problems of a configuration that stay whatever the unknown values turn out to be. An invalid domain is
// unknown, or at fault: then Check returns the problems at any domain, which are those with names and templates of
// services, names of groups and variables, keys, and the owner's own SPF.
func Check(c Config) Problems {
	_, err := Records(c)
	return problemsOf(err)
}

// checkAnywhere returns the problems at any domain.
func (c Config) checkAnywhere() Problems {
	if problem := c.tooManyServices(); problem != nil {
		return Problems{problem}
	}
	_, problems := c.parseOwn()
	for _, key := range slices.Sorted(maps.Keys(c.Services)) {
		problems = append(problems, c.checkService(key)...)
	}
	return slices.Concat(problems, c.checkKeys(), c.checkExtra(), c.checkPolicies(), c.checkAcknowledged())
}

// mayAsk reports whether unknown values decide whether the domain has an SPF record.
func (c Config) mayAsk(services []applied) bool {
	return c.Unknown.Attribute("existing").Any() || c.Unknown.Attribute("mechanisms").Whole() || c.Unknown.Attribute("all").Any() && !inOwnZone(services)
}

// addServices adds the records that services ask for, but for SPF.
func (b *builder) addServices() {
	for _, s := range b.services {
		for _, r := range s.Records {
			if r.Kind == service.DKIMKind || !r.Unknown.Attribute(service.OwnerPart).Any() && isKey(r.Record) {
				b.addService(s, r)
				continue
			}
			if b.config.TTL != 0 {
				r.TTL = b.config.TTL
			}
			b.store(record.Key(b.config.Domain, s.key, r.ID), r.Record, r.Unknown, s.path)
		}
	}
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
			b.unknown.Add(nil) // A service sends from an unknown owner.
			continue
		}
		b.merge(merges[owner])
	}
	if _, ok := merges[b.config.Domain]; ok {
		return
	}
	if b.config.mayAsk(b.services) {
		b.unknown.Add(nil)
	}
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
	unknown := b.config.unknownTerms(own) || unknownTerms(b.services, m.Owner)
	merged, err := m.Do()
	switch {
	case err != nil && own && b.config.Unknown.Attribute("remove").Any() && !errors.Is(err, merge.ErrServiceRemoved):
		// What is in the way may be removed.
	case err != nil:
		b.problems = append(b.problems, mergeProblem(err))
		return
	}
	value := ""
	if !unknown {
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
	b.store(key, r, valueUnknown(unknown), Attribute("domain"))
}

// unknownTerms reports whether options make the SPF record of an owner unknown: those for the end of each record, and for
// the domain itself those for its terms.
func (c Config) unknownTerms(own bool) bool {
	names := []string{"all", "allow_pass_all"}
	if own {
		names = append(names, "existing", "mechanisms", "remove")
	}
	return slices.ContainsFunc(names, func(name string) bool { return c.Unknown.Attribute(name).Any() })
}

// unknownTerms reports whether a service has unknown SPF terms for an owner.
func unknownTerms(services []applied, owner dnsname.Name) bool {
	for _, s := range services {
		for _, part := range s.SPF {
			if part.Owner == owner && part.Unknown.Attribute(service.ValuePart).Any() {
				return true
			}
		}
	}
	return false
}
