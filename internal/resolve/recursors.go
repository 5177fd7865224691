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
	asked := make([]candidate, len(recursors))
	for i, to := range recursors {
		asked[i] = candidate{to: to, q: q}
	}
	var heard, first reply
	c.inquire(ctx, [][]candidate{asked}, func(_, i int, got *response) bool {
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

// beginning is a zone to start a search from; without one, what the resolvers said.
type beginning struct {
	zone *zone
	said reply
}

// knownTop returns a zone that searches started from before.
func (c *Client) knownTop(q question) (beginning, bool) {
	z, ok := c.zones.known.get(q.name)
	return beginning{zone: z}, ok && z.top
}

// top returns the zone that a question for NS records is about, to start a search from; nil, and the reply of the
// resolvers, where they do not know it. Those who want it at the same time share the search for it: the list of its
// servers, and then their addresses.
func (c *Client) top(ctx context.Context, q question) (*zone, reply) {
	if isBeginning(ctx) {
		// The search for one zone would wait for itself, where it led to another one that leads back.
		if known, ok := c.knownTop(q); ok {
			return known.zone, reply{}
		}
		b := c.begin(ctx, q)
		return b.zone, b.said
	}
	// An error is that of the context, at which callers look.
	b, _ := c.tops.do(ctx, q, func(ctx context.Context) beginning { return c.begin(beginningAt(ctx), q) })
	return b.zone, b.said
}

type beginningKey struct{}

// beginningAt returns a context in which a zone to start from is searched for. It does not depend on the name server for
// whose address that one caller needs the zone.
func beginningAt(ctx context.Context) context.Context {
	return context.WithValue(context.WithValue(ctx, searchingKey{}, nil), beginningKey{}, true)
}

// isBeginning reports whether a zone to start from is searched for.
func isBeginning(ctx context.Context) bool { return ctx.Value(beginningKey{}) != nil }

// begin asks the resolvers for the servers of a zone. The addresses that they do not send along are looked up, unless the
// zone has more name servers than it may: then it has none of them. None is left out otherwise, as the one left out may be
// the one that differs.
func (c *Client) begin(ctx context.Context, q question) beginning {
	got := c.recurse(ctx, q)
	names := hostNames(got.Values)
	switch {
	case got.Outcome != answer.Found:
		return beginning{said: got}
	case len(names) == 0:
		got.Outcome = answer.NoData // None that can be asked.
		return beginning{said: got}
	}
	slices.SortFunc(names, dnsname.Name.Compare)
	names = slices.Compact(names)
	z := &zone{apex: q.name, top: true, lifetime: zoneLifetime(got.TTL), hosts: make([]host, len(names))}
	if len(names) > maxHosts {
		return beginning{zone: z}
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
	return beginning{zone: z}
}
