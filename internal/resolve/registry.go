package resolve

import (
	"context"
	"fmt"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// undelegated returns an error where a zone that has no names of its users, as those of registries, says
// that it does not know the name: the domain is not delegated.
func (c *Client) undelegated(ctx context.Context, z *zone, q question, replies []reply) error {
	domain := z.below(q.name, 1)
	outcome := denied(z, replies)
	if !isRegistry(z.apex, q.name) || outcome == 0 {
		return nil
	}
	// A record that stands right below a private zone is no domain.
	if isRecordLabel(domain.Labels()[0]) {
		return nil
	}
	if domain != q.name {
		outcome = denied(z, c.askEach(ctx, z, q.about(domain, dns.TypeSOA)))
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	// An unknown top-level domain may be a private zone, where the domain may stand without records.
	if outcome == answer.NXDomain || outcome == answer.NoData && isPublicSuffix(z.apex) {
		return &answer.LookupError{
			Name: q.name, At: domain, Outcome: outcome, Reason: answer.NotDelegated,
			Detail: record.Display(fmt.Sprintf("the servers of %s do not delegate it", z.apex)),
		}
	}
	return nil
}

// denied returns NXDomain or NoData where all servers of a zone that say anything say from the zone itself that there is
// nothing; 0 otherwise. Servers of a registry may have the domain as well, and answer from there.
func denied(z *zone, replies []reply) answer.Outcome {
	outcome := answer.Outcome(0)
	for _, r := range replies {
		switch {
		case !r.settles():
		case r.Outcome != answer.NXDomain && r.Outcome != answer.NoData, r.apex.IsValid() && r.apex != z.apex:
			return 0
		default:
			outcome = max(outcome, r.Outcome)
		}
	}
	return outcome
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
