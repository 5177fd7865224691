package compose

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// Records makes all mail records of a domain: the SPF records of [SPF], the DKIM records of [DKIM], those of policies, and
// the other records of services. It asks no DNS, and neither counts, adopts nor flattens. A domain without any SPF terms
// or ending gets no SPF record.
//
// Unknown values leave only their own part of their own record unknown: the keys depend on the domain, on the names of
// services and keys, on template, groups and host of the services, and on whether `existing`, `mechanisms` or `all` is
// given where no service has SPF terms for the domain. Known values are checked.
// It returns Problems.
func Records(c Config) (Result, error) { return makeRecords(c, service.Kinds(0)) }

// DKIM makes the DKIM records of a domain from its services and keys. It returns Problems.
func DKIM(c Config) (Result, error) { return makeRecords(c, service.DKIMKind) }

// makeRecords makes the records of some kinds without DNS.
func makeRecords(c Config, kinds service.Kinds) (Result, error) {
	if !c.Domain.IsValid() {
		return Result{Unknown: problem.UnknownAt(nil)}, c.checkAnywhere().OrNil()
	}
	if problems := c.checkParked(); len(problems) > 0 {
		return Result{}, problems
	}
	b := newBuilder(c, kinds)
	b.make(context.Background())
	return b.result()
}

// make makes the records of the builder's kinds.
func (b *builder) make(ctx context.Context) {
	whole := len(b.problems) == 0
	if b.config.Parked {
		b.park()
	} else {
		b.dropPolicies()
		b.addServices()
	}
	b.addExtra()
	b.addKeys()
	hasSPF := b.kinds.Has(service.SPFKind) && !b.config.Parked
	if hasSPF {
		b.claimSPF()
	}
	b.addPolicies()
	b.addConflicts()
	// Without the terms of the services at fault, the SPF record is incomplete, and not judged.
	if whole && hasSPF {
		b.addSPF(ctx)
	}
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

// addServices adds the records of services, without their SPF terms.
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
			if !r.Unknown.Any() {
				b.examineService(s, r.Record)
			}
			b.store(record.Key(b.config.Domain, s.key, r.ID), r.Record, r.Unknown, s.path)
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

// claimSPF claims the domain's own SPF record, unless a service does.
func (b *builder) claimSPF() {
	merge, ok := b.merges()[b.config.Domain]
	if !ok || len(merge.Services) > 0 {
		return
	}
	by := &applied{path: Attribute("domain"), own: "the domain's own SPF record"}
	b.claims = append(b.claims, &claim{by: by, Record: record.Record{Owner: b.config.Domain, Type: record.TXT}})
}

// addSPF adds the SPF record of each owner.
func (b *builder) addSPF(ctx context.Context) {
	merges := b.merges()
	all := b.mergeAll(ctx, merges)
	if b.live != nil {
		then := b.planned(all)
		for _, m := range all {
			b.build(ctx, m, then)
		}
	} else {
		for _, m := range all {
			b.publish(m.Owner, m.Record, m.unknown)
		}
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
		b.warn(merge.WarnRemove, Attribute("remove"), "Nothing to remove from",
			fmt.Sprintf("%s gets no SPF record, since nothing but `remove` says anything about SPF there. Leave `remove` out.", b.config.Domain))
	}
}

// unknownTerms reports whether options with unknown values decide on an SPF record, which may be that of the domain itself.
func (c Config) unknownTerms(own bool) bool {
	return slices.ContainsFunc(c.spfOptions(), func(o option) bool { return (own || !o.own) && c.Unknown.Attribute(o.name).Any() })
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
