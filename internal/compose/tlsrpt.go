package compose

import (
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// TLSRPTRecord makes the record of [Config.TLSRPT]. It returns Problems, whose paths start at the attributes of the policy.
func TLSRPTRecord(c Config) (Result, tlsrpt.Record, error) {
	if !c.Domain.IsValid() {
		c.Domain = standIn
	}
	b := bare(Config{Domain: c.Domain, TTL: c.TTL, TLSRPT: c.TLSRPT, Unknown: c.Unknown})
	built := b.addTLSRPT(nil)
	result, err := b.result()
	return result, built, err
}

// addTLSRPT adds the record that stands at a path.
func (b *builder) addTLSRPT(at Path) tlsrpt.Record {
	if b.config.TLSRPT == nil {
		return tlsrpt.Record{}
	}
	unknown := b.config.Unknown.Attribute("tls_rpt")
	p := &policy{at: at, source: "tls_rpt", unknown: unknown.Any()}
	built, err := b.config.TLSRPT.Record()
	problems := unknown.Settled(problemsOf(err))
	b.problems = append(b.problems, problems.In(at)...)
	if owner, ok := b.below(p, tlsrpt.Label); ok && len(problems) == 0 {
		b.addOwn(p, p.ofOwner(), "", owner, record.TXT, built.String())
	}
	return built
}
