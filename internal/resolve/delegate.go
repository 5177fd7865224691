package resolve

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// delegated returns the zone below its parent that the servers of the parent refer to in their replies to a question; nil
// where none refers. All that they refer to are servers of the zone, and so is who answers in the place of a referral:
// where they do not agree, nobody's word outvotes that of others. Silence and failures are no word. The depth is that of
// [Client.locate].
func (c *Client) delegated(ctx context.Context, parent *zone, q question, replies []reply, depth int) (*zone, *answer.LookupError) {
	apex := closest(replies)
	if !apex.IsValid() {
		return nil, nil
	}
	child := &zone{apex: apex, above: parent, lifetime: maxLifetime, found: time.Now()}
	glue := make(map[dnsname.Name][]netip.Addr)
	var names []dnsname.Name
	for _, r := range replies {
		if r.referral == nil || r.referral.apex != apex {
			continue
		}
		names = append(names, r.referral.hosts...)
		child.inPublic = child.inPublic || netblock.IsPublic(r.Server.Addr.Addr())
		child.lifetime = min(child.lifetime, zoneLifetime(r.referral.ttl))
		for name, addrs := range r.referral.glue {
			glue[name] = append(glue[name], addrs...)
		}
	}
	slices.SortFunc(names, dnsname.Name.Compare)
	names = slices.Compact(names)
	if len(names) > maxHosts {
		return nil, manyHosts(q.name, apex, len(names))
	}
	child.hosts = make([]host, len(names))
	ctx = blaming(ctx, apex)
	c.all(len(names), func(i int) {
		if len(glue[names[i]]) == 0 && !names[i].IsIn(apex) {
			child.hosts[i] = c.locate(ctx, parent, names[i], q, depth, nil)
			return
		}
		child.hosts[i] = newHost(names[i], glue[names[i]], fmt.Sprintf("the servers of %s do not send its address along (glue)", parent.apex))
	})
	for i := range child.hosts {
		child.hosts[i].byParent, child.hosts[i].glue = true, sortedAddresses(glue[names[i]])
	}
	child.admit(parent, replies)
	child.split = disagreement(parent, child, replies)
	if err := child.wide(q.name); err != nil {
		return nil, err
	}
	return child, c.reject(child, q.name)
}

// closest returns the apex closest to the root that a server refers to; the zero Name where none refers.
func closest(replies []reply) dnsname.Name {
	var apex dnsname.Name
	for _, r := range replies {
		if r.referral != nil && (!apex.IsValid() || len(r.referral.apex.Labels()) < len(apex.Labels())) {
			apex = r.referral.apex
		}
	}
	return apex
}

// admit makes those servers of the zone above outsiders of a zone that answer for it, or refer to a zone below it.
func (z *zone) admit(above *zone, replies []reply) {
	for _, r := range replies {
		addr := r.Server.Addr.Addr()
		if r.settles() && (r.referral == nil || r.referral.apex != z.apex) && !z.hasAddr(addr) {
			z.outsiders = append(z.outsiders, outsider{server: r.Server, apex: above.apexAt(addr)})
		}
	}
}

// disagreement says how the servers of a zone differ about the delegation of the zone below, nil where they do not. One
// that serves the zone below as well has no need to refer to it.
func disagreement(parent, child *zone, replies []reply) *answer.Disagreement {
	d := &answer.Disagreement{Zone: parent.apex, At: child.apex}
	for _, r := range replies {
		var refers []dnsname.Name
		switch {
		case !r.settles(), r.referral == nil && (child.hasAddr(r.Server.Addr.Addr()) || r.apex == child.apex):
			continue
		case r.referral != nil && !r.referral.apex.IsIn(child.apex):
			continue
		case r.referral != nil && r.referral.apex != child.apex && child.hasAddr(r.Server.Addr.Addr()):
			continue
		case r.referral != nil:
			refers = slices.Clone(r.referral.hosts)
			slices.SortFunc(refers, dnsname.Name.Compare)
		}
		i := slices.IndexFunc(d.Views, func(v answer.View) bool { return slices.Equal(v.Refers, refers) })
		if i < 0 {
			i, d.Views = len(d.Views), append(d.Views, answer.View{Refers: refers})
		}
		d.Views[i].Servers = append(d.Views[i].Servers, r.Server)
	}
	if len(d.Views) < 2 {
		return nil
	}
	slices.SortFunc(d.Views, func(a, b answer.View) int {
		return cmp.Or(slices.CompareFunc(a.Refers, b.Refers, dnsname.Name.Compare))
	})
	return d
}

// splits returns what servers do not agree on, on the way down to a zone.
func (z *zone) splits() []answer.Disagreement {
	var splits []answer.Disagreement
	for ; z != nil; z = z.above {
		if z.split != nil {
			splits = append(splits, *z.split)
		}
	}
	return splits
}

// wide returns an error where a name server of a zone has too many addresses.
func (z *zone) wide(name dnsname.Name) *answer.LookupError {
	for _, h := range z.hosts {
		if len(h.addrs) > MaxAddresses {
			return &answer.LookupError{
				Name: name, At: z.apex, Outcome: answer.Unreachable, Reason: answer.Excessive,
				Detail: record.Display(fmt.Sprintf("its name server %s has %d addresses, and may have %d here", h.name, len(h.addrs), MaxAddresses)),
			}
		}
	}
	return nil
}

// manyHosts says that a zone has more name servers than are asked.
func manyHosts(name, apex dnsname.Name, hosts int) *answer.LookupError {
	return &answer.LookupError{
		Name: name, At: apex, Outcome: answer.Unreachable, Reason: answer.Excessive,
		Detail: fmt.Sprintf("%d name servers are listed for it, and a zone may have %d here", hosts, maxHosts),
	}
}
