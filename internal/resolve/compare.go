package resolve

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Compare implements verify.Comparer. Servers that did not answer lately are not waited for again.
func (c *Client) Compare(ctx context.Context, name dnsname.Name) (answer.Comparison, error) {
	ctx, end := budgeted(ctx, name)
	comparison, err := c.compare(ctx, name)
	return comparison, end(err)
}

func (c *Client) compare(ctx context.Context, name dnsname.Name) (answer.Comparison, error) {
	f, err := c.find(ctx, question{name: name, code: dns.TypeNS})
	if err != nil {
		return answer.Comparison{}, err
	}
	comparison := answer.Comparison{Zone: f.zone.apex, Glue: c.staleGlue(ctx, f.zone)}
	for _, r := range c.repliesOf(ctx, f.zone, question{name: f.zone.apex, code: dns.TypeSOA}) {
		comparison.Authorities = append(comparison.Authorities, originOf(r))
	}
	if _, known := c.serials(ctx, f.zone); known && c.isDelegated(ctx, f.zone) {
		recursors := c.recursors()
		comparison.Resolvers = make([]answer.Origin, len(recursors))
		c.all(len(recursors), func(i int) {
			q := question{name: f.zone.apex, code: dns.TypeSOA}
			comparison.Resolvers[i] = originOf(c.askResolver(ctx, recursors[i], c.current(recursors[i], q)))
		})
	}
	return comparison, ctx.Err()
}

// repliesOf returns what each server of a zone says to a question, in their order.
func (c *Client) repliesOf(ctx context.Context, z *zone, q question) []reply {
	servers := z.servers(c.port)
	replies := c.askServers(ctx, z, servers, func(i int) question { return c.current(target{addr: servers[i].Addr}, q) })
	for i := range replies {
		replies[i].Server = servers[i]
	}
	return replies
}

// originOf reads the answer to a question for the SOA record of a zone.
func originOf(r reply) answer.Origin {
	o := answer.Origin{Server: r.Server, Outcome: r.Outcome, Serial: r.Serial, TTL: r.TTL}
	if len(r.Values) > 0 {
		if fields := strings.Fields(strings.ToLower(r.Values[0])); len(fields) > 2 {
			o.Source = fields[0] + " " + fields[1]
		}
	}
	return o
}

// staleGlue compares the addresses that the zone above sends along for the name servers of a zone with those that the
// servers of the zone have. What the server at such an address says of it counts for nothing: it may be left over itself.
func (c *Client) staleGlue(ctx context.Context, z *zone) []answer.Glue {
	var stale []answer.Glue
	for _, h := range z.hosts {
		if len(h.glue) == 0 || !h.name.IsIn(z.apex) {
			continue
		}
		var parent, own []netip.Addr
		for _, code := range []uint16{dns.TypeA, dns.TypeAAAA} {
			replies := c.repliesOf(ctx, z, question{name: h.name, code: code})
			for _, addr := range h.glue {
				if addr.Is4() == (code == dns.TypeA) {
					if others := denying(addr, replies); len(others) > 0 {
						parent, own = append(parent, addr), append(own, others...)
					}
				}
			}
		}
		if len(parent) > 0 {
			stale = append(stale, answer.Glue{Host: h.name, Parent: sortedAddresses(parent), Own: sortedAddresses(own)})
		}
	}
	return stale
}

// denying returns the addresses that servers other than the one at an address have in its place; none where one of them has
// it.
func denying(addr netip.Addr, replies []reply) []netip.Addr {
	var others []netip.Addr
	for _, r := range replies {
		if r.Outcome != answer.Found || r.Server.Addr.Addr() == addr {
			continue
		}
		has := parseAddresses(r.Values)
		if slices.Contains(has, addr) {
			return nil
		}
		others = append(others, has...)
	}
	return others
}
