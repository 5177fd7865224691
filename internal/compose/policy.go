package compose

import (
	"cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// A policy is a part of the configuration that becomes the owner's own records.
type policy struct {
	at      Path   // of the configuration
	source  string // in the keys of its records
	unknown bool   // values of the records are unknown
}

// addOwn adds a record of the owner's own, and claims it. Records of one policy do not exclude each other.
func (b *builder) addOwn(p *policy, by *applied, id string, owner dnsname.Name, t record.Type, value string) {
	r := record.Record{Domain: b.config.Domain, Owner: owner, Type: t, TTL: cmp.Or(b.config.TTL, DefaultTTL)}
	if !p.unknown {
		var err error
		if r.Value, err = record.Canonical(t, value); err != nil {
			b.problems = append(b.problems, &Problem{Path: p.at, Summary: "Record that DNS cannot hold", Detail: Sentence(err.Error()), Err: err})
			return
		}
	}
	b.claims = append(b.claims, &claim{by: by, id: cmp.Or(id, p.source), unknown: p.unknown, Record: r})
	b.store(record.Key(b.config.Domain, p.source, id), r, valueUnknown(p.unknown), p.at)
}

// below returns the name of a policy's record. It returns false for a name that is longer than DNS allows.
func (b *builder) below(p *policy, label string) (dnsname.Name, bool) {
	owner, err := dnsname.ParseIn(label, b.config.Domain)
	if err != nil {
		b.problems = append(b.problems, &Problem{Path: p.at, Summary: "Record that DNS cannot hold", Detail: Sentence(err.Error()), Err: err})
	}
	return owner, err == nil
}

// ofOwner returns the source of a policy's claims.
func (p *policy) ofOwner() *applied { return &applied{path: p.at, own: "`" + p.at.String() + "`"} }

// standIn is the domain that policies are checked at while their own is unknown.
var standIn = dnsname.MustParse("domain.example")

// checkPolicies returns the problems with the policies at any domain.
func (c Config) checkPolicies() Problems {
	if problems := c.checkParked(); len(problems) > 0 {
		return problems
	}
	c.Domain = standIn
	b := bare(c)
	b.partial = true
	if c.Parked {
		b.park()
	}
	b.addPolicies()
	return b.problems
}

// addPolicies adds the records of the policies.
func (b *builder) addPolicies() {
	b.addMX()
	b.addMTASTS(Attribute("mta_sts"))
	b.addTLSRPT(Attribute("tls_rpt"))
	built, known := b.addDMARC(Attribute("dmarc"))
	b.addBIMI(Attribute("bimi"), built, known)
}
