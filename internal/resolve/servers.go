package resolve

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

const (
	// hedge is how long a server is waited for, where any of them will do, before the next one is asked as
	// well. With little time left, it is less.
	hedge      = 400 * time.Millisecond
	hedgeShare = 10
)

// askServer puts a question to one server of a zone. When the context is over its result means nothing.
func (c *Client) askServer(ctx context.Context, z *zone, s answer.Server, q question) reply {
	if !s.Addr.IsValid() {
		h := z.find(s.Name)
		return reply{Answer: answer.Answer{Server: s, Outcome: answer.Unreachable, Detail: h.why, Trouble: h.trouble}}
	}
	got, err := c.query(ctx, target{addr: s.Addr}, q)
	if err != nil {
		return reply{}
	}
	return c.readServer(z, s, got, q)
}

// readServer reads the response of a server of a zone. An outsider may refer to the zone's servers, or to those of a zone
// passed on the way to it: it has a zone further below as well, which another question led to, and no say about this name.
// Where it knows of other servers, the zone has changed: it is found anew.
func (c *Client) readServer(z *zone, s answer.Server, got response, q question) reply {
	r := readAuthority(got, z.apexAt(s.Addr.Addr()), q)
	r.Server = s
	if r.referral == nil || r.referral.apex != z.apex && r.referral.apex.IsIn(z.apex) {
		return r
	}
	passed := z.passed(r.referral.apex)
	known := func(name dnsname.Name) bool { return passed.find(name).name.IsValid() }
	r.idle = passed != nil && !slices.ContainsFunc(r.referral.hosts, func(name dnsname.Name) bool { return !known(name) })
	if !r.idle {
		r.fail(answer.NotAuthoritative, fmt.Sprintf("it refers to other servers of %s now", r.referral.apex))
		c.zones.forgetWay(z, r.referral.apex)
	}
	r.referral = nil
	return r
}

// isIdle reports whether a reply counts for nothing.
func isIdle(r reply) bool { return r.idle }

// askEach puts a question to every server of a zone. Of a zone under which domains are registered, whose servers are
// many and have IPv4 and IPv6 addresses each, any address of each server will do.
func (c *Client) askEach(ctx context.Context, z *zone, q question) []reply {
	servers := z.servers(c.port)
	groups := make([][]answer.Server, 0, len(servers))
	for _, s := range servers {
		if last := len(groups) - 1; last >= 0 && groups[last][0].Name == s.Name && isRegistry(z.apex, q.name) {
			groups[last] = append(groups[last], s)
			continue
		}
		groups = append(groups, []answer.Server{s})
	}
	replies := make([]reply, len(groups))
	all(len(groups), func(i int) { replies[i] = c.askAny(ctx, z, groups[i], q) })
	return slices.DeleteFunc(replies, isIdle)
}

// askAny puts a question to one of several addresses of a zone's servers, the likeliest first, until one settles it; it
// returns the failure of one where none does.
func (c *Client) askAny(ctx context.Context, z *zone, servers []answer.Server, q question) reply {
	if len(servers) == 1 {
		return c.askServer(ctx, z, servers[0], q)
	}
	r, replies, ok := c.contest(ctx, z, servers, q, reply.settles)
	if ok {
		return r
	}
	return replies[0]
}

// probe asks the servers of a zone, the likeliest first, until one gives an answer that is enough. It returns
// that one; without one, what each server said.
func (c *Client) probe(ctx context.Context, z *zone, q question, enough func(reply) bool) (reply, []reply, bool) {
	return c.contest(ctx, z, z.servers(c.port), q, enough)
}

// contest is probe for some of the servers. It changes their order.
func (c *Client) contest(ctx context.Context, z *zone, servers []answer.Server, q question, enough func(reply) bool) (reply, []reply, bool) {
	//nolint:gosec // It spreads the load over the servers; nothing has to be hard to guess.
	rand.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	ranks := make(map[answer.Server]int, len(servers))
	for _, s := range servers {
		ranks[s] = c.peers.rank(target{addr: s.Addr})
	}
	slices.SortStableFunc(servers, func(a, b answer.Server) int { return cmp.Compare(ranks[a], ranks[b]) })

	replies := make([]reply, len(servers))
	winner := race(ctx, len(servers), hedging(ctx), func(ctx context.Context, i int) bool {
		replies[i] = c.askServer(ctx, z, servers[i], q)
		return enough(replies[i])
	})
	if winner < 0 {
		return reply{}, replies, false
	}
	return replies[winner], nil, true
}

// hedging returns the time until the next server is asked as well.
func hedging(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(time.Millisecond, min(hedge, time.Until(deadline)/hedgeShare))
	}
	return hedge
}
