package resolve

import (
	"context"
	"fmt"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// undelegated returns an error where a zone that has no names of its users, as those of registries, says
// that it does not know the name: the domain is not delegated.
func (c *Client) undelegated(ctx context.Context, z *zone, q question, r reply) error {
	domain := z.below(q.name, 1)
	if !isRegistry(z.apex, q.name) || r.Outcome != verify.NXDomain && r.Outcome != verify.NoData {
		return nil
	}
	// The registry's servers have the domain as well, and answered from there.
	if r.apex.IsValid() && r.apex != z.apex {
		return nil
	}
	// A record that stands right below a private zone is no domain.
	if isRecordLabel(domain.Labels()[0]) {
		return nil
	}
	if domain != q.name {
		soa, _, ok := c.probe(ctx, z, q.about(domain, dns.TypeSOA), func(r reply) bool { return r.Outcome.Definite() })
		if !ok {
			return ctx.Err()
		}
		r = soa
	}
	// An unknown top-level domain may be a private zone, where the domain may stand without records.
	if r.Outcome == verify.NXDomain || r.Outcome == verify.NoData && isPublicSuffix(z.apex) {
		return &verify.LookupError{
			Name: q.name, At: domain, Outcome: r.Outcome, Reason: verify.NotDelegated,
			Detail: record.Display(fmt.Sprintf("the servers of %s do not delegate it", z.apex)),
		}
	}
	return nil
}

// isRegistry reports whether a zone is one under which the domain of a name is registered: the root, a
// top-level domain, or a public suffix that a registry runs, as co.uk.
func isRegistry(apex, name dnsname.Name) bool {
	if apex == name {
		return false
	}
	suffix, icann := publicsuffix.PublicSuffix(name.String())
	return len(apex.Labels()) < 2 || icann && dnsname.FromDNS(suffix).IsIn(apex)
}

// isPublicSuffix reports whether a zone is run by a registry, as far as is known.
func isPublicSuffix(apex dnsname.Name) bool {
	suffix, icann := publicsuffix.PublicSuffix(apex.String())
	return icann && suffix == apex.String() || apex == dnsname.Root
}

// isRegistered reports whether a zone is, or lies in, a domain that was registered with a public registry.
func isRegistered(apex dnsname.Name) bool {
	suffix, icann := publicsuffix.PublicSuffix(apex.String())
	return icann && suffix != apex.String() && apex != dnsname.Root
}
