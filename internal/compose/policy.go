package compose

import (
	"cmp"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// Later names the attributes of a policy that are known only later, in whole or in part.
type Later map[string]PendingList

// hides reports whether what is wrong at a path inside the policy may be right once the rest is known.
func (l Later) hides(p Path) bool {
	if len(p) == 0 {
		return len(l) > 0
	}
	pending, ok := l[p[0].Name]
	switch {
	case !ok:
		return false
	case pending.Whole || len(p) < 2:
		return true
	}
	return slices.Contains(pending.At, p[1].Index)
}

// settled returns the problems that stay whatever is known later.
func (l Later) settled(problems Problems) Problems {
	if len(l) == 0 {
		return problems
	}
	return slices.DeleteFunc(slices.Clone(problems), func(p *Problem) bool { return l.hides(p.Path) })
}

// A policy is a part of the configuration that becomes records of the owner's own.
type policy struct {
	at      Path   // of the configuration
	source  string // in the keys of its records
	pending bool   // what the records hold is known only later
}

// addOwn adds a record of the owner's own below the domain, and claims its owner. Records that are claimed by one policy
// stand beside each other.
func (b *builder) addOwn(p *policy, by *applied, id string, owner dnsname.Name, t record.Type, value string) {
	r := record.Record{Domain: b.config.Domain, Owner: owner, Type: t, TTL: cmp.Or(b.config.TTL, DefaultTTL)}
	if !p.pending {
		var err error
		if r.Value, err = record.Canonical(t, value); err != nil {
			b.problems = append(b.problems, &Problem{Path: p.at, Summary: "Record that DNS cannot hold", Detail: Sentence(err.Error()), Err: err})
			return
		}
	}
	b.claims = append(b.claims, &claim{by: by, id: cmp.Or(id, p.source), later: p.pending, Record: r})
	b.store(record.Key(b.config.Domain, p.source, id), r, service.Pending{Value: p.pending}, p.at)
}

// below returns the name of a policy's record, and reports false where that is longer than DNS allows.
func (b *builder) below(p *policy, label string) (dnsname.Name, bool) {
	owner, err := dnsname.ParseIn(label, b.config.Domain)
	if err != nil {
		b.problems = append(b.problems, &Problem{Path: p.at, Summary: "Record that DNS cannot hold", Detail: Sentence(err.Error()), Err: err})
	}
	return owner, err == nil
}

// ofOwner returns what the claims of a policy are made by.
func (p *policy) ofOwner() *applied { return &applied{path: p.at, own: "`" + p.at.String() + "`"} }

// standIn is the domain that policies are checked at while their own is not known.
var standIn = dnsname.MustParse("domain.example")

// checkPolicies finds what is wrong with the policies whatever their domain is.
func (c Config) checkPolicies() Problems {
	if problems := c.checkParked(); len(problems) > 0 {
		return problems
	}
	c.Domain = standIn
	b := bare(c)
	b.partial = true
	if c.Parked {
		b.config.DMARC = c.parkedPolicy()
		b.addParked()
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
