package resolve

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// newHost returns a host with its addresses, sorted, each once. Why is kept where there are none.
func newHost(name dnsname.Name, addrs []netip.Addr, why string) host {
	addrs = slices.DeleteFunc(sortedAddresses(addrs), func(a netip.Addr) bool {
		return a.IsUnspecified() || a.IsMulticast() || a.Is4In6()
	})
	if len(addrs) > 0 {
		return host{name: name, addrs: addrs}
	}
	h := host{name: name, why: record.Display(why), trouble: answer.WithoutAddress}
	if addr, ok := addressIn(name); ok {
		h.why, h.trouble = fmt.Sprintf("it is the address %s, where the name of a host belongs", addr), answer.AddressForName
	}
	return h
}

// sortedAddresses returns addresses in their order, each once.
func sortedAddresses(addrs []netip.Addr) []netip.Addr {
	return slices.Compact(slices.SortedFunc(slices.Values(addrs), netip.Addr.Compare))
}

// addressIn returns the address that a name consists of, perhaps with the name of a zone appended. Whoever runs a zone may
// have written one where the name of a host belongs.
func addressIn(name dnsname.Name) (netip.Addr, bool) {
	labels := name.Labels()
	for _, n := range []int{1, 4} {
		if len(labels) < n {
			continue
		}
		if addr, err := netip.ParseAddr(strings.Join(labels[:n], ".")); err == nil && addr.Zone() == "" {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

// locate returns a name server with its addresses. Where its name lies in a zone that was found by its
// delegation, that zone is asked; the resolvers otherwise. The zone near may be nil. The trail holds the aliases that led
// to the name.
func (c *Client) locate(ctx context.Context, near *zone, name dnsname.Name, q question, depth int, trail []dnsname.Name) host {
	if searching(ctx, name) {
		return host{name: name, why: "the search for its address leads in a circle", trouble: answer.InCircle}
	}
	if depth > maxDepth {
		return host{name: name, why: "the search for its address leads through too many other zones", trouble: answer.AddressUnknown}
	}
	ctx = searchingAlso(ctx, name)
	if near != nil || depth > 0 { // What the resolvers name themselves is no work for others.
		spendName(ctx, name)
	}
	if ctx.Err() != nil {
		return host{name: name}
	}
	from := c.zones.deepest(name)
	if near != nil && name.IsIn(near.apex) && (from == nil || from.top) {
		from = near
	}
	look := func(q question) host {
		return c.lookUp(ctx, name, nil, q, depth, trail, func(q question) reply {
			if from == nil || from.top {
				return c.recurse(ctx, q)
			}
			return c.iterate(ctx, from, q, depth+1)
		})
	}
	// One server has many zones. Its address may be remembered even where the answers of the zones may not; that
	// it has none may not.
	remembered := q
	remembered.fresh = false
	h := look(remembered)
	if q.fresh && (len(h.addrs) == 0 || h.uncertain) {
		h = look(q)
	}
	return c.explainHost(ctx, near, h, q, depth)
}

type searchingKey struct{}

// searching reports whether the address of a name server is looked up for the sake of itself.
func searching(ctx context.Context, name dnsname.Name) bool {
	names, _ := ctx.Value(searchingKey{}).([]dnsname.Name)
	return slices.Contains(names, name)
}

// searchingAlso returns a context in which the address of one more name server is looked up.
func searchingAlso(ctx context.Context, name dnsname.Name) context.Context {
	names, _ := ctx.Value(searchingKey{}).([]dnsname.Name)
	return context.WithValue(ctx, searchingKey{}, append(slices.Clip(names), name))
}

// explainHost finds out whether delegations in a circle are why the resolvers fail to look the address of a name server up,
// by following them. Addresses that it comes to on the way do not count: what resolvers refuse stays refused.
func (c *Client) explainHost(ctx context.Context, near *zone, h host, q question, depth int) host {
	if len(h.addrs) > 0 || h.failed != answer.ServFail || near == nil {
		return h
	}
	if !h.name.IsIn(near.apex) {
		if near, _ = c.top(ctx, q.about(startingPoints(h.name)[0], dns.TypeNS)); near == nil || len(near.hosts) > maxHosts {
			return h
		}
	}
	if r := c.iterate(ctx, near, q.about(h.name, dns.TypeA), depth+1); r.Trouble == answer.InCircle {
		h.why, h.trouble = "the search for its address leads in a circle", answer.InCircle
	}
	return h
}

// lookUp returns a host with the addresses that ask finds, and those known before. It follows aliases, as resolvers do:
// what a server is called is one matter, and whether it can be asked another.
func (c *Client) lookUp(ctx context.Context, name dnsname.Name, known []netip.Addr, q question, depth int, trail []dnsname.Name,
	ask func(question) reply,
) host {
	codes := []uint16{dns.TypeA, dns.TypeAAAA}
	replies := make([]reply, len(codes))
	c.all(len(codes), func(i int) { replies[i] = ask(q.about(name, codes[i])) })
	addrs, uncertain := slices.Clone(known), false
	var targets []dnsname.Name
	alias := false
	for _, r := range replies {
		addrs = append(addrs, parseAddresses(r.Values)...)
		uncertain = uncertain || !r.settles()
		alias = alias || r.alias.IsValid() || len(r.Aliases) > 0
		targets = append(targets, r.targets...)
	}
	why := "it has no address: " + replies[0].Outcome.String()
	circle := slices.ContainsFunc(replies, func(r reply) bool { return r.Trouble == answer.InCircle })
	if circle {
		why = "the search for its address leads in a circle"
	}
	slices.SortFunc(targets, dnsname.Name.Compare)
	for _, target := range slices.Compact(targets) {
		if target == name || slices.Contains(trail, target) || len(trail) >= maxAliases {
			why = "its name is an alias that leads in a circle, or through too many other aliases"
			continue
		}
		behind := c.locate(ctx, nil, target, q, depth, append(slices.Clip(trail), name))
		addrs, uncertain = append(addrs, behind.addrs...), uncertain || behind.uncertain
		why = fmt.Sprintf("its name is an alias of %s, and that: %s", target, behind.why)
		circle = circle || behind.trouble == answer.InCircle
	}
	h := newHost(name, addrs, why)
	h.uncertain, h.alias, h.failed = uncertain, alias, replies[0].Outcome
	switch {
	case len(h.addrs) > 0 || h.trouble == answer.AddressForName:
	case circle:
		h.trouble = answer.InCircle
	case uncertain:
		h.trouble = answer.AddressUnknown
	}
	return h
}

// consult returns what any server of a zone says that settles a question; without such a one, the failure
// of one of them.
func (c *Client) consult(ctx context.Context, z *zone, q question) reply {
	servers := z.servers(c.port)
	if len(servers) == 0 {
		return merge(nil)
	}
	r := c.askAny(ctx, z, [][]answer.Server{servers}, q, reply.settles)[0]
	if r.settles() {
		return merge([]reply{r})
	}
	return r
}

// iterate asks every server of a zone, and of the zones that they delegate the name to, and returns all that they have.
func (c *Client) iterate(ctx context.Context, z *zone, q question, depth int) reply {
	for {
		replies := c.askEach(ctx, z, q)
		child, err := c.delegated(ctx, z, q, replies, depth)
		switch {
		case ctx.Err() != nil:
			return reply{}
		case err != nil:
			return reply{Answer: answer.Answer{Outcome: err.Outcome, Detail: err.Detail, Trouble: err.Trouble}}
		case child == nil:
			return merge(replies)
		}
		z = child
	}
}

// merge returns one reply with the values and the aliases of several.
func merge(replies []reply) reply {
	if len(replies) == 0 {
		return reply{Answer: answer.Answer{Outcome: answer.Unreachable}}
	}
	merged := replies[0]
	for _, r := range replies {
		if r.settles() && (!merged.settles() || r.Outcome == answer.Found && merged.Outcome != answer.Found) {
			merged = r
		}
	}
	merged.Values, merged.targets = nil, nil
	for _, r := range replies {
		merged.Values = append(merged.Values, r.Values...)
		if r.alias.IsValid() {
			merged.targets, merged.alias = append(merged.targets, r.alias), r.alias
		}
	}
	return merged
}
