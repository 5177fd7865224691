package resolve

import (
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// completeKey names the work of completing a zone.
type completeKey struct {
	apex       dnsname.Name
	fresh, tcp bool
}

type completed struct {
	zone *zone
	err  *answer.LookupError
}

// completed returns a zone that was completed before.
func (c *Client) completed(key completeKey) (completed, bool) {
	known, ok := c.zones.known.get(key.apex)
	return completed{zone: known}, ok && known.whole
}

// finish returns the zone of that apex with all its servers: those that the parent lists, and those that it
// lists itself. The zone via, itself or its parent, has servers that answer for it: replies are what they said to a
// question about a name in it.
func (c *Client) finish(ctx context.Context, via *zone, apex dnsname.Name, q question, replies []reply) (*zone, error) {
	if via.whole && via.apex == apex {
		return via, nil
	}
	done, err := c.complete.do(ctx, completeKey{apex, q.fresh, q.tcp}, func(ctx context.Context) completed {
		z, err := c.union(ctx, via, apex, q, replies)
		if err == nil && ctx.Err() == nil {
			err = c.reject(z, apex)
		}
		switch {
		case ctx.Err() != nil:
			return completed{}
		case err != nil:
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

// union asks the servers of a zone for their lists of its servers, those as well that only such a list names, and returns
// the zone with the servers of all lists. Servers that left a question unanswered just now are not asked again.
func (c *Client) union(ctx context.Context, via *zone, apex dnsname.Name, q question, replies []reply) (*zone, *answer.LookupError) {
	z := &zone{apex: apex, above: via, inPublic: via.inPublic, whole: true, lifetime: via.lifetime, found: time.Now()}
	if via.apex == apex {
		z.top, z.above, z.split = via.top, via.above, via.split
		z.hosts, z.outsiders = slices.Clone(via.hosts), via.outsiders
	} else {
		z.admit(via, replies)
	}
	var servers []answer.Server
	for _, s := range via.servers(c.port) {
		silent := func(r reply) bool { return r.Server == s && r.unanswered() }
		if !slices.ContainsFunc(replies, silent) {
			servers = append(servers, s)
		}
	}
	ns := q.about(apex, dns.TypeNS)
	asked := via
	var lists []reply // of those that list servers
	for len(servers) > 0 {
		said := c.askServers(ctx, asked, servers, func(int) question { return ns })
		if ctx.Err() != nil {
			break
		}
		lists = append(lists, slices.DeleteFunc(said, func(r reply) bool { return r.Outcome != answer.Found })...)
		before := z.servers(c.port)
		if err := c.enlist(ctx, z, via, q, lists); err != nil {
			return nil, err
		}
		servers = slices.DeleteFunc(z.servers(c.port), func(s answer.Server) bool {
			known := func(old answer.Server) bool { return old.Addr == s.Addr }
			return !s.Addr.IsValid() || slices.ContainsFunc(before, known) || slices.ContainsFunc(via.servers(c.port), known)
		})
		asked = z
	}
	if len(lists) == 0 {
		z.lifetime = minZoneLifetime
	}
	if len(z.hosts) == 0 {
		z.hosts = via.hosts // It lists none, but servers of the zone above answered for it: they have to do.
	}
	z.outsiders = slices.DeleteFunc(slices.Clone(z.outsiders), func(o outsider) bool { return z.hasAddr(o.server.Addr.Addr()) })
	return z, nil
}

// enlist puts the servers of a zone's own lists among those that it has.
func (c *Client) enlist(ctx context.Context, z, via *zone, q question, lists []reply) *answer.LookupError {
	own := make(map[dnsname.Name]bool)
	for _, list := range lists {
		z.lifetime = min(z.lifetime, zoneLifetime(list.TTL))
		for _, name := range hostNames(list.Values) {
			own[name] = true
		}
	}
	names := sortedNames(own)
	for _, h := range z.hosts {
		names = append(names, h.name)
	}
	slices.SortFunc(names, dnsname.Name.Compare)
	names = slices.Compact(names)
	if len(names) > maxHosts {
		return manyHosts(q.name, z.apex, len(names))
	}
	hosts := make([]host, len(names))
	ctx = blaming(ctx, z.apex)
	c.all(len(names), func(i int) { hosts[i] = c.member(ctx, z, via, names[i], q, lists) })
	for i, name := range names {
		if hosts[i].uncertain {
			z.lifetime = minZoneLifetime
		}
		hosts[i].byParent, hosts[i].byZone, hosts[i].glue = z.find(name).byParent, own[name], z.find(name).glue
	}
	z.hosts = hosts
	return z.wide(q.name)
}

// manyQuestions bounds the questions about the addresses of one server to the servers of a zone.
const manyQuestions = 16

// member returns one name server of a zone with all its addresses. In its own zone, the zone itself is the
// authority, and what the parent sent along may be old: its servers send the addresses along with their lists, and those
// that do not are asked.
func (c *Client) member(ctx context.Context, z, via *zone, name dnsname.Name, q question, lists []reply) host {
	known := z.find(name)
	if via.apex != z.apex && len(known.addrs) == 0 {
		known = via.find(name)
	}
	switch {
	case name.IsIn(z.apex):
		addrs, reticent := slices.Clone(known.addrs), false
		for _, list := range lists {
			sent := addressesIn(list.extra, name)
			addrs, reticent = append(addrs, sent...), reticent || len(sent) == 0
		}
		return c.lookUp(ctx, name, addrs, q, 0, nil, func(q question) reply {
			if via.apex != z.apex || reticent && len(via.servers(c.port)) <= manyQuestions {
				return c.iterate(ctx, via, q, 0)
			}
			return c.consult(ctx, via, q)
		})
	case len(known.addrs) > 0:
		return known
	}
	return c.locate(ctx, via, name, q, 0, nil)
}
