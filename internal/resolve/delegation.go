package resolve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Delegation is a zone with the two lists of its name servers, which RFC 1034 §4.2.2 wants to be equal.
type Delegation struct {
	Zone dnsname.Name
	// Parent are the name servers that the parent zone refers to, sorted. They are unknown where the
	// resolvers named the zone, and where a server of the parent has the zone as well and so
	// answers instead of referring.
	Parent []dnsname.Name
	// Own are the name servers that the zone lists itself, sorted; none where its servers do not answer.
	Own []dnsname.Name
}

// Delegation returns the delegation of the zone that holds a name. Its errors are those of [Client.Ask].
func (c *Client) Delegation(ctx context.Context, name dnsname.Name) (Delegation, error) {
	f, err := c.find(ctx, question{name: name, code: dns.TypeNS})
	if err != nil {
		return Delegation{}, err
	}
	d := Delegation{Zone: f.zone.apex}
	for _, h := range f.zone.hosts {
		if h.byParent {
			d.Parent = append(d.Parent, h.name)
		}
		if h.byZone {
			d.Own = append(d.Own, h.name)
		}
	}
	return d, ctx.Err()
}
