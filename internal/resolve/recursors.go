package resolve

import (
	"cmp"
	"context"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// recurse asks the resolvers, in their order, until one has a definite answer. It returns that, or the
// failure of the first one.
func (c *Client) recurse(ctx context.Context, q question) reply {
	recursors := slices.Clone(c.recursors())
	preferred, ranks := recursors[0], make(map[target]int, len(recursors))
	for _, to := range recursors {
		ranks[to] = c.peers.rank(to)
	}
	slices.SortStableFunc(recursors, func(a, b target) int { return cmp.Compare(ranks[a], ranks[b]) })
	asked := make([]contender, len(recursors))
	for i, to := range recursors {
		asked[i] = contender{to: to, q: q}
	}
	var heard, first reply
	c.inquire(ctx, [][]contender{asked}, func(_, i int, got *response) bool {
		r := c.readResolver(recursors[i], *got, q)
		if recursors[i] == preferred {
			first = r
		}
		if r.Outcome.Definite() {
			heard = r
		}
		return r.Outcome.Definite()
	})
	if !heard.Outcome.Definite() {
		return first
	}
	return heard
}

// askResolver puts a question to one resolver. When the context is over its result means nothing.
func (c *Client) askResolver(ctx context.Context, to target, q question) reply {
	got, err := c.query(ctx, to, q)
	if err != nil {
		return reply{}
	}
	return c.readResolver(to, got, q)
}

// readResolver reads the response of a resolver.
func (c *Client) readResolver(to target, got response, q question) reply {
	r := readRecursor(got, q)
	server, ok := c.shown[to.resolver]
	if !ok {
		server = to.resolver.server()
	}
	r.Server = server
	return r
}

// top returns a zone to start a search from, as the resolvers know it; nil, and what they said, where they
// do not. The addresses that they do not send along are looked up, unless the zone has more name servers than it may:
// then it has none of them. None is left out otherwise, as the one left out may be the one that differs.
func (c *Client) top(ctx context.Context, q question) (*zone, reply) {
	if z, ok := c.zones.known.get(q.name); ok && z.top {
		return z, reply{}
	}
	got := c.recurse(ctx, q)
	names := hostNames(got.Values)
	switch {
	case got.Outcome != answer.Found:
		return nil, got
	case len(names) == 0:
		got.Outcome = answer.NoData // None that can be asked.
		return nil, got
	}
	slices.SortFunc(names, dnsname.Name.Compare)
	names = slices.Compact(names)
	z := &zone{apex: q.name, top: true, lifetime: zoneLifetime(got.TTL), hosts: make([]host, len(names))}
	if len(names) > maxHosts {
		return z, reply{}
	}
	c.all(len(names), func(i int) {
		z.hosts[i] = newHost(names[i], addressesIn(got.extra, names[i]), "")
		if len(z.hosts[i].addrs) == 0 {
			z.hosts[i] = c.locate(ctx, nil, names[i], q, 0, nil)
		}
	})
	if ctx.Err() == nil && z.reachable() {
		c.zones.put(z)
	}
	return z, reply{}
}
