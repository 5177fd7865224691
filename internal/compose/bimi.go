package compose

import (
	"cmp"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// BIMI is the logo of a domain.
type BIMI struct {
	bimi.Config // without the domain

	DMARC string // the DMARC record of the domain, where the configuration has no policy; empty: none is given
}

// BIMIRecord makes the record of [Config.BIMI]. It returns Problems, whose paths start at the attributes of the policy.
func BIMIRecord(c Config) (Result, bimi.Record, error) {
	if !c.Domain.IsValid() {
		c.Domain = standIn
	}
	b := bare(Config{Domain: c.Domain, TTL: c.TTL, BIMI: c.BIMI, Acknowledge: c.Acknowledge, Unknown: c.Unknown})
	built := b.addBIMI(nil, dmarc.Built{}, false)
	b.problems = append(b.problems, b.config.checkAcknowledged()...)
	result, err := b.result()
	return result, built, err
}

// addBIMI adds the record that stands at a path, beside a DMARC policy where one is known.
func (b *builder) addBIMI(at Path, beside dmarc.Built, known bool) bimi.Record {
	if b.config.BIMI == nil {
		return bimi.Record{}
	}
	l := *b.config.BIMI
	l.Domain = b.config.Domain
	unknown := b.config.Unknown.Attribute("bimi")
	built, _, err := l.Record()
	problems := slices.DeleteFunc(unknown.Settled(problemsOf(err)), func(p *Problem) bool {
		return p.Path.String() == "logo" && l.Logo == "" && unknown.Attribute("declined").Any() // It may decline.
	})
	policy, usable := beside.Record, known
	if l.DMARC != "" {
		r, err := dmarc.Parse(l.DMARC)
		if err != nil {
			problems = append(problems, &Problem{Path: Attribute("dmarc"), Summary: "BIMI record", Detail: Sentence(err.Error()), Err: err})
		}
		policy, usable = r, true
	}
	b.problems = append(b.problems, problems.In(at)...)
	if len(problems) > 0 {
		return bimi.Record{}
	}
	b.addLogo(at, &l, built)
	if unknown.Any() || !usable || built.Declined() {
		return built
	}
	if reason := bimi.WhyNotShown(string(policy.Policy()), string(policy.SubdomainPolicy())); reason != "" {
		b.warn(warnNotShown, slices.Concat(at, Attribute("logo")), "BIMI record", Sentence(reason))
	}
	return built
}

// addLogo adds the record. An unknown selector makes its owner unknown.
func (b *builder) addLogo(at Path, l *BIMI, built bimi.Record) {
	unknown := b.config.Unknown.Attribute("bimi")
	p := &policy{at: at, source: "bimi", unknown: unknown.Any()}
	if !unknown.Attribute("selector").Any() {
		owner, _ := bimi.Owner(l.Selector, b.config.Domain) // The record would be refused otherwise.
		b.addOwn(p, p.ofOwner(), "", owner, record.TXT, built.String())
		return
	}
	r := record.Record{Domain: b.config.Domain, Owner: b.config.Domain, Type: record.TXT, TTL: cmp.Or(b.config.TTL, DefaultTTL)}
	b.store(record.Key(b.config.Domain, p.source, ""), r, problem.UnknownAt(Attribute(service.OwnerPart), Attribute(service.ValuePart)), at)
}
