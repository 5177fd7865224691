package resolve

import (
	"context"
	"errors"
	"slices"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// askCut asks for the NS records of a name. Where a zone begins there, the zone above has them too, and they are what leads
// to the zone: where they are not the same, or the zone cannot be asked, its servers answer as well. The error is that of the
// search for the zone.
func (c *Client) askCut(ctx context.Context, f found, err error, q question, trail []dnsname.Name) (answer.Set, error) {
	var own answer.Set
	if err == nil {
		own, err = c.askZone(ctx, f, q, trail)
	}
	var lookup *answer.LookupError
	switch {
	case errors.As(err, &lookup):
		if lookup.At != q.name || lookup.Reason == answer.NotDelegated {
			return answer.Set{}, err
		}
	case err != nil:
		return answer.Set{}, err
	case own.Zone != q.name:
		return own, nil
	}
	above := c.cutFromAbove(ctx, f, q)
	if ctx.Err() != nil {
		return answer.Set{}, ctx.Err()
	}
	if lookup != nil && len(above.List) == 0 {
		return answer.Set{}, lookup
	}
	own.Zone = q.name
	for _, a := range above.List {
		same := func(b answer.Answer) bool { return b.Outcome == answer.Found && slices.Equal(a.Values, b.Values) }
		there := func(b answer.Answer) bool { return b.Server == a.Server }
		if (len(own.List) == 0 || slices.ContainsFunc(own.List, func(b answer.Answer) bool { return !same(b) })) && !slices.ContainsFunc(own.List, there) {
			own.List, own.Above = append(own.List, a), append(own.Above, a.Server)
		}
	}
	slices.SortStableFunc(own.List, compareAnswers)
	return own, nil
}

// cutFromAbove returns what the servers of the zone above say about the NS records of a zone; nothing of those that do not
// say.
func (c *Client) cutFromAbove(ctx context.Context, f found, q question) answer.Set {
	var above *zone
	if f.zone != nil && f.zone.apex == q.name {
		above = f.zone.above
	}
	if above == nil && len(q.name.Labels()) > 1 {
		if parent, err := c.find(ctx, q.about(q.name.Parent(), dns.TypeSOA)); err == nil {
			above = parent.zone
		}
	}
	var said answer.Set
	if above == nil || above.apex == q.name {
		return said
	}
	for _, r := range c.askEach(ctx, above, q) {
		switch {
		case r.referral != nil && r.referral.apex == q.name:
			r.Outcome, r.TTL = answer.Found, r.referral.ttl
			for _, host := range r.referral.hosts {
				r.Values = append(r.Values, host.String())
			}
			slices.Sort(r.Values)
			said.List = append(said.List, r.Answer)
		case r.Outcome.Definite() && !r.alias.IsValid():
			said.List = append(said.List, r.Answer)
		}
	}
	return said
}
