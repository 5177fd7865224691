package resolve

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

const (
	// maxHosts is how many name servers of a zone are used. The root has 13; a list of hundreds would make
	// this client flood others with questions for their addresses.
	maxHosts = 20
	// maxDepth is how deep the search for the address of one name server may lead to the search for
	// another's.
	maxDepth = 2
	// hedge is how long a server is waited for, where any of them will do, before the next one is asked as
	// well. With little time left, it is less.
	hedge      = 400 * time.Millisecond
	hedgeShare = 10
)

// askServer puts a question to one server of a zone. When the context is over its result means nothing.
func (c *Client) askServer(ctx context.Context, z *zone, s verify.Server, q question) reply {
	if !s.Addr.IsValid() {
		h := z.find(s.Name)
		return reply{Answer: verify.Answer{Server: s, Outcome: verify.Unreachable, Detail: h.why}}
	}
	got, err := c.query(ctx, target{addr: s.Addr}, q)
	if err != nil {
		return reply{}
	}
	r := readAuthority(got, z.apex, q)
	r.Server = s
	return r
}

// probe asks the servers of a zone, the likeliest first, until one gives an answer that is enough. It returns
// that one; without one, what each server said.
func (c *Client) probe(ctx context.Context, z *zone, q question, enough func(reply) bool) (reply, []reply, bool) {
	servers := z.servers(c.port)
	//nolint:gosec // It spreads the load over the servers; nothing has to be hard to guess.
	rand.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	ranks := make(map[verify.Server]int, len(servers))
	for _, s := range servers {
		ranks[s] = c.peers.rank(target{addr: s.Addr})
	}
	slices.SortStableFunc(servers, func(a, b verify.Server) int { return cmp.Compare(ranks[a], ranks[b]) })

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

// delegate returns the zone that a server of its parent refers to. The depth is that of [Client.locate].
func (c *Client) delegate(ctx context.Context, parent *zone, r reply, q question, depth int) *zone {
	names := r.referral.hosts[:min(maxHosts, len(r.referral.hosts))]
	child := &zone{
		apex:     r.referral.apex,
		above:    parent,
		hosts:    make([]host, len(names)),
		inPublic: isPublic(r.Server.Addr.Addr()),
		lifetime: zoneLifetime(r.referral.ttl),
		found:    time.Now(),
	}
	all(len(names), func(i int) {
		glue := r.referral.glue[names[i]]
		if len(glue) == 0 && !names[i].IsIn(child.apex) {
			child.hosts[i] = c.locate(ctx, parent, names[i], q, depth)
			return
		}
		child.hosts[i] = newHost(names[i], glue, fmt.Sprintf("the servers of %s do not send its address along (glue)", parent.apex))
	})
	for i := range child.hosts {
		child.hosts[i].byParent = true
	}
	return child
}

// newHost returns a host with its addresses, sorted, each once. Why is kept where there are none.
func newHost(name dnsname.Name, addrs []netip.Addr, why string) host {
	addrs = slices.Clone(addrs)
	slices.SortFunc(addrs, netip.Addr.Compare)
	addrs = slices.DeleteFunc(slices.Compact(addrs), func(a netip.Addr) bool {
		return a.IsUnspecified() || a.IsMulticast() || a.Is4In6()
	})
	if len(addrs) > 0 {
		return host{name: name, addrs: addrs}
	}
	return host{name: name, why: record.Display(why)}
}

// locate returns a name server with its addresses. Where its name lies in a zone that was found by its
// delegation, that zone is asked; the resolvers otherwise. The zone near may be nil.
func (c *Client) locate(ctx context.Context, near *zone, name dnsname.Name, q question, depth int) host {
	if depth > maxDepth {
		return host{name: name, why: "the search for its address leads in a circle"}
	}
	from := c.zones.deepest(name)
	if near != nil && name.IsIn(near.apex) && (from == nil || from.top) {
		from = near
	}
	look := func(q question) host {
		return c.lookUp(name, nil, func(code uint16) reply {
			if from == nil || from.top {
				return c.recurse(ctx, q.about(name, code))
			}
			return c.iterate(ctx, from, q.about(name, code), depth+1)
		})
	}
	// One server has many zones. Its address may be remembered even where the answers of the zones may not; that
	// it has none may not.
	remembered := q
	remembered.fresh = false
	if h := look(remembered); !q.fresh || len(h.addrs) > 0 && !h.uncertain {
		return h
	}
	return look(q)
}

// lookUp returns a host with the addresses that ask finds, and those known before.
func (c *Client) lookUp(name dnsname.Name, known []netip.Addr, ask func(code uint16) reply) host {
	codes := []uint16{dns.TypeA, dns.TypeAAAA}
	replies := make([]reply, len(codes))
	all(len(codes), func(i int) { replies[i] = ask(codes[i]) })
	addrs, uncertain := slices.Clone(known), false
	for _, r := range replies {
		addrs = append(addrs, parseAddresses(r.Values)...)
		uncertain = uncertain || !r.settles()
	}
	why := "it has no address: " + replies[0].Outcome.String()
	if replies[0].alias.IsValid() {
		why = "its name is an alias (RFC 2181 section 10.3 forbids that)"
	}
	h := newHost(name, addrs, why)
	h.uncertain = uncertain
	return h
}

// consult returns what any server of a zone says that settles a question; without such a one, the failure
// of one of them.
func (c *Client) consult(ctx context.Context, z *zone, q question) reply {
	r, replies, ok := c.probe(ctx, z, q, reply.settles)
	switch {
	case ok:
		return r
	case len(replies) > 0:
		return replies[0]
	}
	return reply{Answer: verify.Answer{Outcome: verify.Unreachable}}
}

// iterate asks the servers of a zone, and of the zones that they delegate the name to.
func (c *Client) iterate(ctx context.Context, z *zone, q question, depth int) reply {
	r := c.consult(ctx, z, q)
	for r.referral != nil {
		z = c.delegate(ctx, z, r, q, depth)
		r = c.consult(ctx, z, q)
	}
	return r
}

// completeKey names the work of completing a zone.
type completeKey struct {
	apex       dnsname.Name
	fresh, tcp bool
}

type completed struct {
	zone *zone
	err  *verify.LookupError
}

// finish returns the zone of that apex with all its servers: those that the parent lists, and those that it
// lists itself. The zone via, itself or its parent, has servers that answer for it.
func (c *Client) finish(ctx context.Context, via *zone, apex dnsname.Name, q question) (*zone, error) {
	if via.whole && via.apex == apex {
		return via, nil
	}
	done, err := c.complete.do(ctx, completeKey{apex, q.fresh, q.tcp}, func(ctx context.Context) completed {
		if known, ok := c.zones.known.get(apex); ok && known.whole {
			return completed{zone: known}
		}
		z := c.union(ctx, via, apex, q)
		if ctx.Err() != nil {
			return completed{}
		}
		if err := c.reject(z, apex); err != nil {
			return completed{err: err}
		}
		c.zones.put(z)
		return completed{zone: z}
	})
	if err == nil && done.err != nil {
		own := *done.err
		own.Name = q.name
		err = &own
	}
	return done.zone, err
}

// union asks a zone for its own list of servers, and returns it with those of both lists.
func (c *Client) union(ctx context.Context, via *zone, apex dnsname.Name, q question) *zone {
	z := &zone{apex: apex, inPublic: via.inPublic, whole: true, lifetime: via.lifetime, found: time.Now()}
	var names []dnsname.Name
	z.above = via
	if via.apex == apex {
		z.top, z.above = via.top, via.above
		for _, h := range via.hosts {
			names = append(names, h.name)
		}
	}
	ns := q.about(apex, dns.TypeNS)
	own, _, ok := c.probe(ctx, via, ns, func(r reply) bool { return r.Outcome == verify.Found })
	if ok {
		names = append(names, hostNames(own.Values)...)
		z.lifetime = min(z.lifetime, zoneLifetime(own.TTL))
	}
	if len(names) == 0 {
		// It lists none, but servers of the zone above answered for it: they have to do.
		for _, h := range via.hosts {
			names = append(names, h.name)
		}
	}
	slices.SortFunc(names, dnsname.Name.Compare)
	names = slices.Compact(names)
	names = names[:min(maxHosts, len(names))]
	z.hosts = make([]host, len(names))
	all(len(names), func(i int) { z.hosts[i] = c.member(ctx, via, apex, names[i], q) })
	for i, name := range names {
		if z.hosts[i].uncertain || !ok {
			z.lifetime = minZoneLifetime
		}
		known := via.find(name)
		z.hosts[i].byParent = known.byParent && via.apex == apex
		z.hosts[i].byZone = slices.Contains(own.Values, name.String())
	}
	return z
}

// member returns one name server of a zone with all its addresses. In its own zone, the zone itself is the
// authority, and what the parent sent along may be old.
func (c *Client) member(ctx context.Context, via *zone, apex, name dnsname.Name, q question) host {
	known := via.find(name)
	switch {
	case name.IsIn(apex):
		return c.lookUp(name, known.addrs, func(code uint16) reply {
			return c.consult(ctx, via, q.about(name, code))
		})
	case len(known.addrs) > 0:
		return known
	}
	return c.locate(ctx, via, name, q, 0)
}
