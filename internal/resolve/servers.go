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

// askServers puts a question each to servers of a zone. When the context is over its result means nothing.
func (c *Client) askServers(ctx context.Context, z *zone, servers []answer.Server, q func(i int) question) []reply {
	groups, replies := make([][]candidate, len(servers)), make([]reply, len(servers))
	for i, s := range servers {
		groups[i] = []candidate{authoritative(s, q(i))}
	}
	c.inquire(ctx, groups, func(i, _ int, got *response) bool {
		replies[i] = c.readCandidate(z, servers[i], got, groups[i][0].q)
		return true
	})
	return replies
}

// authoritative is a server that is put a question.
func authoritative(s answer.Server, q question) candidate {
	return candidate{to: target{addr: s.Addr}, q: q, nobody: !s.Addr.IsValid()}
}

// readCandidate reads the response of a server of a zone, or says why it cannot be asked.
func (c *Client) readCandidate(z *zone, s answer.Server, got *response, q question) reply {
	if got == nil {
		h := z.find(s.Name)
		return reply{Answer: answer.Answer{Server: s, Outcome: answer.Unreachable, Detail: h.why, Trouble: h.trouble}}
	}
	return c.readServer(z, s, *got, q)
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
	return slices.DeleteFunc(c.askAny(ctx, z, groups, q, reply.settles), isIdle)
}

// askAny puts a question to one of several servers of a zone in each group, the likeliest first, until one gives an
// answer that is enough. It returns those by group, and the failure of one where none does. It changes the order of groups.
func (c *Client) askAny(ctx context.Context, z *zone, groups [][]answer.Server, q question, enough func(reply) bool) []reply {
	replies, asked := make([]reply, len(groups)), make([][]candidate, len(groups))
	for i, servers := range groups {
		c.order(servers)
		for _, s := range servers {
			asked[i] = append(asked[i], authoritative(s, q))
		}
	}
	c.inquire(ctx, asked, func(i, j int, got *response) bool {
		r := c.readCandidate(z, groups[i][j], got, q)
		if j == 0 || enough(r) {
			replies[i] = r
		}
		return enough(r)
	})
	return replies
}

// order puts the likeliest servers first, and those that are alike in any order.
func (c *Client) order(servers []answer.Server) {
	if len(servers) < 2 {
		return
	}
	//nolint:gosec // It spreads the load over the servers; nothing has to be hard to guess.
	rand.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	ranks := make(map[answer.Server]int, len(servers))
	for _, s := range servers {
		ranks[s] = c.peers.rank(target{addr: s.Addr})
	}
	slices.SortStableFunc(servers, func(a, b answer.Server) int { return cmp.Compare(ranks[a], ranks[b]) })
}

// hedging returns the time until the next server is asked as well.
func hedging(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(time.Millisecond, min(hedge, time.Until(deadline)/hedgeShare))
	}
	return hedge
}
