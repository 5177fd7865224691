package resolve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// askResolvers asks every resolver that is configured.
func (c *Client) askResolvers(ctx context.Context, q question) (answer.Set, error) {
	recursors := c.recursors()
	list := make([]answer.Answer, len(recursors))
	c.all(len(list), func(i int) {
		list[i] = c.validated(c.askResolver(ctx, recursors[i], q).Answer)
	})
	if err := ctx.Err(); err != nil {
		return answer.Set{}, err
	}
	slices.SortFunc(list, compareAnswers)
	return answer.Set{List: list}, nil
}

// askAuthorities asks every server of the zone that holds the name, and of the zones that aliases lead
// to. The trail holds the names that led here, this one last.
func (c *Client) askAuthorities(ctx context.Context, q question, trail []dnsname.Name) (answer.Set, error) {
	f, err := c.find(ctx, q)
	if err != nil {
		return answer.Set{}, err
	}
	return c.askZone(ctx, f, q, trail)
}

// askZone asks every server of a zone that was found, or of one that was delegated below it since.
func (c *Client) askZone(ctx context.Context, f found, q question, trail []dnsname.Name) (answer.Set, error) {
	replies := f.seen
	if !f.dead {
		replies = c.askAll(ctx, f, q)
	}
	if err := ctx.Err(); err != nil {
		return answer.Set{}, err
	}
	if !slices.ContainsFunc(replies, reply.settles) {
		// Its delegation may have changed since the zone was found.
		c.zones.forget(f.zone)
	}
	child, fault := c.delegated(ctx, f.zone, q, replies, 0)
	switch {
	case ctx.Err() != nil:
		return answer.Set{}, ctx.Err()
	case fault != nil:
		return answer.Set{}, fault
	case child == nil:
		return c.conclude(ctx, f.zone, q, replies, trail)
	}
	c.zones.put(child)
	below, err := c.walk(ctx, child, q)
	if err != nil {
		return answer.Set{}, err
	}
	return c.askZone(ctx, below, q, trail)
}

// askAll puts a question to every server of a zone, but for those whose answer came already: that is read as one of a
// server of this zone.
func (c *Client) askAll(ctx context.Context, f found, q question) []reply {
	servers := f.zone.servers(c.port)
	replies := make([]reply, len(servers))
	var open []answer.Server
	var places []int
	for i, s := range servers {
		said := slices.IndexFunc(f.seen, func(r reply) bool { return s.Addr.IsValid() && r.Server.Addr == s.Addr })
		if said >= 0 {
			replies[i] = c.readServer(f.zone, s, f.seen[said].raw, q)
			continue
		}
		open, places = append(open, s), append(places, i)
	}
	for i, r := range c.askServers(ctx, f.zone, open, func(int) question { return q }) {
		replies[places[i]] = r
	}
	return slices.DeleteFunc(replies, isIdle)
}

// conclude turns the replies of a zone's servers into answers. Where some of them are aliases, the servers that these
// lead to are asked, and answer in their place.
func (c *Client) conclude(ctx context.Context, z *zone, q question, replies []reply, trail []dnsname.Name) (answer.Set, error) {
	answers := answer.Set{Zone: z.apex, Disagreements: z.splits()}
	for _, h := range z.hosts {
		if h.alias {
			answers.AliasedServers = append(answers.AliasedServers, h.name)
		}
	}
	aliases := make(map[dnsname.Name][]reply)
	for _, r := range replies {
		if r.alias.IsValid() {
			aliases[r.alias] = append(aliases[r.alias], r)
		} else {
			answers.List = append(answers.List, r.Answer)
		}
	}
	for _, target := range sortedNames(aliases) {
		behind, err := c.follow(blaming(ctx, z.apex), q, target, aliases[target], trail)
		if err != nil {
			return answer.Set{}, err
		}
		answers.Zone = cmp.Or(behind.Zone, answers.Zone)
		answers.List = append(answers.List, behind.List...)
		answers.Disagreements = append(answers.Disagreements, behind.Disagreements...)
		answers.AliasedServers = append(answers.AliasedServers, behind.AliasedServers...)
	}
	slices.SortStableFunc(answers.List, compareAnswers)
	answers.List = slices.CompactFunc(answers.List, func(a, b answer.Answer) bool {
		return a.Server == b.Server && slices.Equal(a.Aliases, b.Aliases)
	})
	return answers, nil
}

// follow asks on behind an alias. Where that leads nowhere, the servers that gave the alias answer so.
func (c *Client) follow(ctx context.Context, q question, target dnsname.Name, given []reply, trail []dnsname.Name) (answer.Set, error) {
	if slices.Contains(trail, target) {
		return deadEnd(given, target, answer.Malformed, "aliases in a circle: "+chain(append(trail, target))), nil
	}
	if len(trail) > maxAliases {
		return deadEnd(given, target, answer.Malformed, fmt.Sprintf("more than %d aliases: %s", maxAliases, chain(append(trail, target)))), nil
	}
	behind, err := c.askAuthorities(ctx, q.about(target, q.code), append(slices.Clip(trail), target))
	var lookup *answer.LookupError
	switch {
	case errors.As(err, &lookup):
		return deadEnd(given, target, lookup.Outcome, lookup.Error()), nil
	case err != nil:
		return answer.Set{}, err
	}
	for i := range behind.List {
		behind.List[i].Aliases = append([]dnsname.Name{target}, behind.List[i].Aliases...)
	}
	return behind, nil
}

// deadEnd returns the answers of servers whose alias leads nowhere. The detail has passed record.Display.
func deadEnd(given []reply, target dnsname.Name, outcome answer.Outcome, detail string) answer.Set {
	var answers answer.Set
	for _, r := range given {
		a := r.Answer
		a.Outcome, a.Aliases, a.Detail = outcome, []dnsname.Name{target}, detail
		answers.List = append(answers.List, a)
	}
	return answers
}

// chain returns names with arrows between them. They have passed record.Display.
func chain(names []dnsname.Name) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = record.Display(n.String())
	}
	return strings.Join(texts, " -> ")
}

func sortedNames[V any](m map[dnsname.Name]V) []dnsname.Name {
	names := make([]dnsname.Name, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, dnsname.Name.Compare)
	return names
}

func compareAnswers(a, b answer.Answer) int {
	return cmp.Or(
		a.Server.Name.Compare(b.Server.Name),
		netip.AddrPort.Compare(a.Server.Addr, b.Server.Addr),
		cmp.Compare(a.Server.URL, b.Server.URL),
		slices.CompareFunc(a.Aliases, b.Aliases, dnsname.Name.Compare),
	)
}
