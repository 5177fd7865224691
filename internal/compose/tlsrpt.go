package compose

import (
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// TLSRPT says where reports on TLS go.
type TLSRPT struct {
	tlsrpt.Config

	Later Later
}

// TLSRPTRecord makes the record of [Config.TLSRPT]. It returns Problems, whose paths start at the attributes of the policy.
func TLSRPTRecord(c Config) (Result, tlsrpt.Record, error) {
	if !c.Domain.IsValid() {
		c.Domain = standIn
	}
	b := bare(Config{Domain: c.Domain, TTL: c.TTL, TLSRPT: c.TLSRPT})
	built := b.addTLSRPT(nil)
	result, err := b.result()
	return result, built, err
}

// addTLSRPT adds the record that stands at a path.
func (b *builder) addTLSRPT(at Path) tlsrpt.Record {
	if b.config.TLSRPT == nil {
		return tlsrpt.Record{}
	}
	r := *b.config.TLSRPT
	p := &policy{at: at, source: "tls_rpt", pending: len(r.Later) > 0}
	built, err := r.Record()
	problems := r.Later.settled(problemsOf(err))
	b.problems = append(b.problems, problems.In(at)...)
	if owner, ok := b.below(p, tlsrpt.Label); ok && len(problems) == 0 {
		b.addOwn(p, p.ofOwner(), "", owner, record.TXT, built.String())
	}
	return built
}
