package compose

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// DMARCResult holds the record of a policy, and the authorisation records of its report receivers.
type DMARCResult struct {
	Result

	dmarc.Built
	// AuthorisationRecords are the records that the receivers of the reports publish. Their domain is the organisational
	// domain of the destination, the zone of the records.
	AuthorisationRecords record.Set
	Warnings             Problems
}

// DMARCPolicy makes the DMARC record of a domain from [Config.DMARC] alone. It returns Problems, whose paths start at the
// attributes of the policy.
func DMARCPolicy(c Config) (DMARCResult, error) {
	if !c.Domain.IsValid() {
		c.Domain = standIn // It is unknown, or at fault: the other problems are found all the same.
	}
	b := bare(Config{Domain: c.Domain, TTL: c.TTL, DMARC: c.DMARC, Acknowledge: c.Acknowledge, Unknown: c.Unknown})
	built, ok := b.addDMARC(nil)
	b.problems = append(b.problems, b.config.checkAcknowledged()...)
	if err := b.problems.OrNil(); err != nil || !ok {
		return DMARCResult{}, err
	}
	result, err := b.result()
	set := make(record.Set)
	for _, a := range built.Authorisations {
		r := record.Record{Domain: a.Zone, Owner: a.Owner, Type: record.TXT, TTL: b.records[record.Key(c.Domain, "dmarc", "")].TTL, Value: dmarc.AuthorisationValue}
		set[authorisationKey(a, c.Domain.String())] = r
	}
	return DMARCResult{Result: result, Built: built, AuthorisationRecords: set, Warnings: result.Warnings}, err
}

// authorisationKey returns the key of an authorisation record: the zone, the host that receives the reports, and the domain
// of the reports.
func authorisationKey(a dmarc.Authorisation, of string) string {
	return record.Key(a.Zone, "dmarc_authorisation", a.Host.String()+"/"+of)
}

// addDMARC adds the record of the policy at a path. It returns false without a known and valid policy.
func (b *builder) addDMARC(at Path) (dmarc.Built, bool) {
	if b.config.DMARC == nil {
		return dmarc.Built{}, false
	}
	d := *b.config.DMARC
	d.Domain = b.config.Domain
	unknown := b.config.Unknown.Attribute("dmarc")
	p := &policy{at: at, source: "dmarc", unknown: unknown.Any()}
	built, err := stoodIn(d, unknown).Build()
	// The existing record may have a policy, and a parked domain has that of reject.
	given := d.Policy != "" || unknown.Attribute("existing").Any() || b.config.Unknown.Attribute("parked").Any()
	problems := slices.DeleteFunc(unknown.Settled(problemsOf(err)), func(p *Problem) bool {
		return d.Policy == "" && given && p.Path.String() == "policy"
	})
	if b.config.Parked {
		problems = append(problems, unreachable(d)...)
	}
	owner, ok := b.below(p, "_dmarc")
	b.problems = append(b.problems, problems.In(at)...)
	if !ok || len(problems) > 0 {
		return dmarc.Built{}, false
	}
	b.addOwn(p, p.ofOwner(), "", owner, record.TXT, built.Record.String())
	if p.unknown {
		return dmarc.Built{}, false
	}
	warnings := built.Warnings
	if len(at) > 0 { // It stands in a whole configuration.
		warnings = slices.Concat(warnings, b.beside(built.Record))
	}
	b.warnings = append(b.warnings, warnings.In(at)...)
	return built, true
}

// stoodIn returns a policy with valid values in the place of those unknown ones that others are held against.
func stoodIn(c dmarc.Config, unknown problem.Unknown) dmarc.Config {
	if unknown.Attribute("aggregate_reports").Whole() {
		c.AggregateReports = []string{}
	}
	if unknown.Attribute("failure_reports").Whole() {
		c.FailureReports = []string{}
	}
	if unknown.Attribute("psd").Any() {
		c.PSD = "u"
	}
	return c
}

// beside returns the warnings about a policy that the rest of the configuration calls for.
func (b *builder) beside(r dmarc.Record) (warnings Problems) {
	warn := func(attribute, code, format string, args ...any) {
		warnings = append(warnings, &Problem{Path: Attribute(attribute), Summary: "DMARC policy", Code: code, Detail: Sentence(fmt.Sprintf(format, args...))})
	}
	if r.Policy() == dmarc.Reject && !b.signs() && !inOwnZone(b.services) {
		warn("policy", warnNoDKIM, "the configuration has no DKIM record: mail passes by SPF alone, which fails for forwarded mail, and a policy of reject must not rely on that (RFC 9989 §7.4)")
	}
	for i := range b.services {
		s := &b.services[i]
		if host := s.Facts.MailFrom; r.SPFAlignment() == dmarc.Strict && host != "" && host != service.MailFromDomain {
			where := "to a host below the domain"
			if host == service.MailFromOwn {
				where = "to a domain of its own"
			}
			warn("spf_alignment", warnAlignment, "mail of %s bounces %s, which is never aligned with %s strictly: DKIM alone lets it pass", s.name(), where, b.config.Domain)
		}
		if r.DKIMAlignment() != dmarc.Strict {
			continue
		}
		if below := b.signsBelow(s); below.IsValid() {
			warn("dkim_alignment", warnAlignment, "%s signs with %s, which is not aligned with %s strictly: SPF alone lets its mail pass", s.name(), below, b.config.Domain)
		} else if s.Facts.DKIMAligns != nil && !*s.Facts.DKIMAligns {
			warn("dkim_alignment", warnAlignment, "%s signs with a domain of its own, which is not aligned with %s: SPF alone lets its mail pass", s.name(), b.config.Domain)
		}
	}
	return warnings
}

// signs reports whether there is a DKIM key that is not revoked.
func (b *builder) signs() bool {
	for _, from := range b.keys {
		if from.state != KeyRevoked {
			return true
		}
	}
	return false
}

// signsBelow returns the name below the domain that a service signs with, if all its keys are below the domain.
func (b *builder) signsBelow(s *applied) (below dnsname.Name) {
	for _, r := range s.Records {
		if r.Unknown.Attribute(service.OwnerPart).Any() || !isKey(r.Record) {
			continue
		}
		_, signer, _ := strings.Cut(r.Owner.String(), "._domainkey.")
		name, err := dnsname.Parse(signer)
		if err != nil || name == b.config.Domain {
			return dnsname.Name{}
		}
		below = name
	}
	return below
}

// dropPolicies removes the DMARC records of services at the domain if the owner has a policy, which decides.
func (b *builder) dropPolicies() {
	if b.config.DMARC == nil {
		return
	}
	owner, err := dnsname.ParseIn("_dmarc", b.config.Domain)
	if err != nil {
		return
	}
	for i := range b.services {
		s := &b.services[i]
		kept := make([]service.Record, 0, len(s.Records))
		for _, r := range s.Records {
			if r.Unknown.Attribute(service.OwnerPart).Any() || r.Owner != owner {
				kept = append(kept, r)
				continue
			}
			b.warn(warnLeftOut, s.path, "Part of the service was left out", fmt.Sprintf(
				"The %s record at %s is left out: `dmarc` sets the policy of the domain. Name in `allow` the other owners and types that the service may publish, without %q and %q.", r.Type, owner, "_dmarc", "*"))
		}
		s.Records = kept
	}
}

// problemsOf returns the problems that an error holds.
func problemsOf(err error) Problems {
	problems, _ := errors.AsType[Problems](err)
	return problems
}
