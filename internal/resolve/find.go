package resolve

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// found is the zone that holds a name.
type found struct {
	zone *zone
	// seen are the answers to the question that came while the zone was looked for.
	seen []reply
	// dead says that none of the zone's servers gave a usable answer; seen has what each of them gave.
	dead bool
}

// find returns the zone that holds the name of a question. It returns a *verify.LookupError where there is
// none, and the context's error when that is over.
func (c *Client) find(ctx context.Context, q question) (found, error) {
	if q.fresh {
		c.zones.forgetOld(q.name)
	}
	if z := c.zones.holder(q.name); z != nil {
		return found{zone: z}, nil
	}
	if z := c.zones.deepest(q.name); z != nil && !z.top {
		return c.walk(ctx, z, q)
	}
	return c.search(ctx, q)
}

// search starts from the resolvers. They are asked for the servers of the top-level domain, and of longer names
// only where those are unknown or cannot be reached: behind private zones, and in labs.
func (c *Client) search(ctx context.Context, q question) (found, error) {
	if asked, ok := c.peers.stillBlocked(q.fresh); ok {
		return found{}, c.blockedSearch(q.name, asked)
	}
	var s search
	for i, apex := range startingPoints(q.name) {
		if apex == dnsname.Root && i > 0 && s.last.Outcome != answer.NoData {
			continue // It delegates the top-level domain, or does not know it.
		}
		if s.lost.zone != nil && (apex == q.name || !isRegistry(s.lost.zone.apex, q.name)) {
			break // The zone above is there and does not answer: that is no reason to ask about what may be missing.
		}
		var top *zone
		var said reply
		if i == 0 {
			top, said, s.withoutNS = c.firstTop(ctx, q, apex)
		} else {
			top, said = c.top(ctx, q.about(apex, dns.TypeNS))
		}
		if err := ctx.Err(); err != nil {
			return found{}, err
		}
		if top == nil {
			s.last = heard{said, apex}
			if i == 0 {
				s.first = s.last
			}
			continue
		}
		if err := c.refuse(top, q.name); err != nil {
			return found{}, err
		}
		f, err := c.walk(ctx, top, q)
		if err != nil || !f.dead || !f.zone.top {
			return f, err
		}
		s.lost = f
		s.registry = s.registry || isRegistry(f.zone.apex, q.name)
	}
	return c.giveUp(ctx, q, s)
}

// refuse returns an error where a search cannot start from a zone.
func (c *Client) refuse(top *zone, name dnsname.Name) error {
	if len(top.hosts) > maxHosts {
		return manyHosts(name, top.apex, len(top.hosts))
	}
	if err := top.wide(name); err != nil {
		return err
	}
	if err := c.reject(top, name); err != nil {
		return err
	}
	return nil
}

// search holds the result of a search that has found no zone whose servers answer.
type search struct {
	lost     found // the deepest zone that is known, but whose servers do not answer
	first    heard // about the top-level domain; zero where the resolvers know it
	last     heard // about the last zone that the resolvers do not know
	registry bool  // zones of registries were tried in vain
	// withoutNS says that the resolvers answer, and not what is asked for NS records.
	withoutNS bool
}

// heard holds the reply of the resolvers about a zone that they do not know.
type heard struct {
	reply
	at dnsname.Name
}

// giveUp says how a search ended: in the lost zone at best.
func (c *Client) giveUp(ctx context.Context, q question, s search) (found, error) {
	switch {
	case s.lost.zone == nil:
		return found{}, c.unknownZone(ctx, q, s)
	case s.last.Outcome == answer.NXDomain && s.last.at != q.name && s.last.at.IsIn(s.lost.zone.apex):
		// The domain is not there, whoever else does not answer.
		return found{}, c.unknownZone(ctx, q, s)
	}
	if s.registry && !s.last.unanswered() {
		if asked, ok := c.peers.block(q.fresh); ok {
			return found{}, c.blockedSearch(q.name, asked)
		}
	}
	if isRegistry(s.lost.zone.apex, q.name) {
		return found{}, deadZone(q.name, s.lost)
	}
	return s.lost, nil
}

// startingPoints returns the zones that resolvers may be asked about on the way to a name, shortest first:
// its ancestors, and the name itself. The root stands behind the top-level domain. What begins with an
// underscore, and all below it, may be about to be created: resolvers must not hear of it before.
func startingPoints(name dnsname.Name) []dnsname.Name {
	var points []dnsname.Name
	labels := name.Labels()
	for i, label := range slices.Backward(labels) {
		if isRecordLabel(label) {
			break
		}
		points = append(points, dnsname.FromDNS(strings.Join(labels[i:], ".")))
		if len(points) == 1 {
			points = append(points, dnsname.Root)
		}
	}
	if len(points) == 0 {
		return []dnsname.Name{dnsname.Root}
	}
	return points
}

// isRecordLabel reports whether a label starts the name of a record, rather than of a domain.
func isRecordLabel(label string) bool { return label == "*" || strings.HasPrefix(label, "_") }

// walk follows the delegations from a zone down to the one that holds the name.
func (c *Client) walk(ctx context.Context, z *zone, q question) (found, error) {
	for {
		s, err := c.cut(ctx, z, q)
		switch {
		case err != nil:
			return found{}, err
		case s.child != nil:
			z = s.child
		case !s.settled():
			dead := found{zone: z, seen: s.replies, dead: true}
			if !z.top && isRegistry(z.apex, q.name) {
				return found{}, deadZone(q.name, dead)
			}
			return dead, nil
		default:
			return c.settle(ctx, z, q, s.replies)
		}
	}
}

// cutKey names the search for a delegation from one zone towards names at or below next.
type cutKey struct {
	apex, next dnsname.Name
	fresh, tcp bool
}

// step holds the replies of a zone's servers to a question about a name in it, or the delegation in them.
type step struct {
	by      question
	child   *zone   // the zone below that they delegate the name to
	replies []reply // without a child: what each of them said
	err     *answer.LookupError
}

// settled reports whether a server says what there is.
func (s step) settled() bool { return slices.ContainsFunc(s.replies, reply.settles) }

// unanswered reports whether no server could be reached: that does not depend on the question.
func (s step) unanswered() bool {
	return !slices.ContainsFunc(s.replies, func(r reply) bool { return !r.unanswered() })
}

// answers reports whether a step holds for a question, whoever took it. A delegation says nothing of names outside
// the zone that it leads to, and an answer nothing of any other question.
func (s step) answers(q question) bool {
	switch {
	case s.by == q:
		return true
	case s.err != nil:
		return q.name.IsIn(s.err.At)
	case s.child != nil:
		return q.name.IsIn(s.child.apex)
	}
	return s.unanswered()
}

// cut asks the servers of a zone whether they delegate the name. Of those who ask about names behind the
// same label one goes ahead, so that a delegation is found once for all records of a domain; where it finds the
// delegation of a zone that others do not lie in, one of those behind the same two labels goes ahead next.
func (c *Client) cut(ctx context.Context, z *zone, q question) (step, error) {
	for labels := 1; ; labels++ {
		key := cutKey{apex: z.apex, next: z.below(q.name, labels), fresh: q.fresh, tcp: q.tcp}
		s, err := c.cuts.do(ctx, key, func(ctx context.Context) step { return c.step(ctx, z, q) })
		if err == nil && !s.answers(q) {
			if s.child != nil && key.next != q.name {
				continue
			}
			s = c.step(ctx, z, q)
			err = ctx.Err()
		}
		switch {
		case err != nil:
			return step{}, err
		case s.err != nil:
			own := *s.err
			own.Name = q.name
			return step{}, &own
		}
		return s, nil
	}
}

// step asks every server of a zone a question, and finds the zone below where they delegate its name.
func (c *Client) step(ctx context.Context, z *zone, q question) step {
	// Another question may have found it since this one looked.
	if known := c.zones.deepest(q.name); known != nil && !known.top && known.apex != z.apex && known.apex.IsIn(z.apex) {
		return step{by: q, child: known}
	}
	replies := c.askEach(ctx, z, q)
	child, err := c.delegated(ctx, z, q, replies, 0)
	switch {
	case ctx.Err() != nil:
		return step{by: q}
	case err != nil:
		return step{by: q, err: err}
	case child == nil:
		return step{by: q, replies: replies}
	}
	c.zones.put(child)
	return step{by: q, child: child}
}

// settle completes a zone whose servers have answered a question about a name in it.
func (c *Client) settle(ctx context.Context, z *zone, q question, replies []reply) (found, error) {
	if err := c.undelegated(ctx, z, q, replies); err != nil {
		return found{}, err
	}
	apex := c.apexOf(ctx, z, q, replies)
	whole, err := c.finish(ctx, z, apex, q, replies)
	if err != nil {
		return found{}, err
	}
	c.zones.hold(q.name, whole)
	return found{zone: whole, seen: replies}, nil
}

// apexOf returns the apex of the zone that holds the name. Where a server has both a zone and the one
// below it, it answers from the latter without a referral: the cut is hidden, and shows in the SOA alone. Where
// servers see different zones, the deepest is it: the others are asked along with its own servers.
func (c *Client) apexOf(ctx context.Context, z *zone, q question, replies []reply) dnsname.Name {
	name := q.name
	if slices.ContainsFunc(replies, func(r reply) bool {
		return r.alias.IsValid() || q.code == dns.TypeCNAME && r.Outcome == answer.Found
	}) {
		// What owns an alias owns no SOA (RFC 1034 §3.6.2): a question about it would follow the alias.
		name = name.Parent()
	}
	var apexes []dnsname.Name
	var open []answer.Server
	for _, r := range replies {
		apexes = append(apexes, z.apex)
		switch {
		case r.apex.IsValid():
			apexes = append(apexes, r.apex)
		case r.settles() && name != z.apex && name.IsIn(z.apex):
			open = append(open, r.Server)
		}
	}
	soa := q.about(name, dns.TypeSOA)
	for _, r := range c.askServers(ctx, z, open, func(int) question { return soa }) {
		if r.apex.IsValid() {
			apexes = append(apexes, r.apex)
		}
	}
	return slices.MaxFunc(apexes, func(a, b dnsname.Name) int { return cmp.Compare(len(a.Labels()), len(b.Labels())) })
}
