package resolve

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// maxSaid bounds the servers that an error names.
const maxSaid = 3

// unknownZone says that the resolvers do not know a zone. That they deny it is an answer only of resolvers that know
// the top-level domain: some networks answer so, whatever is asked.
func (c *Client) unknownZone(ctx context.Context, q question, s search) *answer.LookupError {
	err := &answer.LookupError{Name: q.name, At: s.last.at, Outcome: s.last.Outcome}
	switch {
	case s.withoutNS && s.last.Outcome != answer.NXDomain:
		err.At, err.Reason = s.first.at, answer.NoNameServers
		err.Detail = fmt.Sprintf("the resolver %s answers other questions, but gives no NS records (%s), and only these name the name servers",
			s.first.Server, s.first.Outcome)
	case s.first.at.IsValid() && !s.first.Outcome.Definite() && !s.last.Outcome.Definite():
		err.Reason, err.Detail = answer.NoResolver, resolverFault(s.last.reply)
	case s.last.Outcome != answer.NXDomain:
		err.Detail = withDetail(fmt.Sprintf("asked of the resolver %s", s.last.Server), s.last.reply)
	case s.first.Outcome == answer.NXDomain && (isPublicSuffix(s.first.at) || !c.knowsRoot(ctx, q)):
		err.At = s.first.at
		err.Detail = fmt.Sprintf("the resolver %s denies even %s, so nothing it says about the domain counts; "+
			"it may belong to a network that wants a sign-in first, or be a filter", s.first.Server, topName(s.first.at))
	case !s.first.at.IsValid() || s.first.Outcome.Definite():
		err.Reason = answer.NotDelegated
		err.Detail = fmt.Sprintf("asked of the resolver %s", s.last.Server)
	default:
		err.Detail = fmt.Sprintf("asked of the resolver %s, which does not know %s: %s",
			s.last.Server, topName(s.first.at), withDetail(s.first.Outcome.String(), s.first.reply))
	}
	return err
}

// resolverFault says how a resolver fails.
func resolverFault(r reply) string {
	switch r.Outcome {
	case answer.ServFail, answer.Refused, answer.NotAuthoritative:
		return withDetail(fmt.Sprintf("the resolver %s fails on every question: %s", r.Server, r.Outcome), r)
	}
	why := r.Outcome.String()
	switch {
	case strings.HasPrefix(r.Detail, why), r.Outcome == answer.Unreachable && r.Detail != "":
		why = r.Detail
	case r.Detail != "":
		why += ": " + r.Detail
	}
	if r.Trouble == answer.Unconnected && strings.HasPrefix(r.Server.URL, string(schemeHTTPS)) {
		why = fmt.Sprintf("this machine cannot connect to it, and proxies are not used (%s)", why)
	}
	return fmt.Sprintf("the resolver %s cannot be asked: %s", r.Server, why)
}

// firstTop is top for the first zone of a search. Where the resolvers do not say who serves that zone, it also reports
// whether they answer other questions about it: the zone is there then, and has name servers.
func (c *Client) firstTop(ctx context.Context, q question, apex dnsname.Name) (top *zone, said reply, withoutNS bool) {
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	var begun atomic.Bool
	known := make(chan bool, 1)
	ask := func() {
		if !begun.Swap(true) {
			known <- c.recurse(asking, q.about(apex, dns.TypeTXT)).Outcome.Definite()
		}
	}
	defer time.AfterFunc(hedging(ctx), func() { c.ifFree(ask) }).Stop()
	top, said = c.top(ctx, q.about(apex, dns.TypeNS))
	switch said.Outcome {
	case answer.ServFail, answer.Refused, answer.NotAuthoritative, answer.Timeout, answer.Malformed:
		ask()
		withoutNS = <-known
	case answer.NoData:
		withoutNS = isPublicSuffix(apex) && !c.knowsRoot(ctx, q)
	}
	return top, said, withoutNS
}

// knowsRoot reports whether the resolvers know the root, as do those that may say which top-level domains there are.
func (c *Client) knowsRoot(ctx context.Context, q question) bool {
	root, _ := c.top(ctx, q.about(dnsname.Root, dns.TypeNS))
	return root != nil
}

// topName names a zone that a search starts from.
func topName(apex dnsname.Name) string {
	if apex == dnsname.Root {
		return "the root of DNS"
	}
	return "the top-level domain " + record.Display(apex.String())
}

// serverText shows a server, by its name alone where it has no address.
func serverText(s answer.Server) string {
	if !s.Addr.IsValid() {
		return record.Display(s.Name.String())
	}
	return s.String()
}

// withDetail puts the detail of a reply behind a text.
func withDetail(text string, r reply) string {
	if r.Detail == "" {
		return text
	}
	return text + " (" + r.Detail + ")"
}

// deadZone says that no server of a zone gave a usable answer.
func deadZone(name dnsname.Name, f found) *answer.LookupError {
	replies := slices.Clone(f.seen)
	slices.SortFunc(replies, func(a, b reply) int { return compareAnswers(a.Answer, b.Answer) })
	var each []string
	outcome := answer.Unreachable
	for _, r := range replies {
		if r.Outcome != answer.Unreachable {
			outcome = r.Outcome
		}
		each = append(each, withDetail(fmt.Sprintf("%s: %s", serverText(r.Server), r.Outcome), r))
	}
	return &answer.LookupError{
		Name: name, At: f.zone.apex, Outcome: outcome, Reason: answer.Failure, Trouble: commonTrouble(replies), Detail: few(each),
	}
}

// reject returns an error where a zone has no servers that can or may be asked.
func (c *Client) reject(z *zone, name dnsname.Name) *answer.LookupError {
	if !z.reachable() {
		each := make([]string, len(z.hosts))
		for i, h := range z.hosts {
			each[i] = fmt.Sprintf("%s: %s", h.name, h.why)
		}
		return &answer.LookupError{
			Name: name, At: z.apex, Outcome: answer.Unreachable, Reason: answer.NoAddress, Trouble: z.trouble(),
			Detail: record.Display(fmt.Sprintf("no name server of %s has an address: %s", z.apex, few(each))),
		}
	}
	private, public := c.privateView(z)
	switch {
	case len(private) == 0:
		return nil
	case public && c.hidesPrimary(z):
		return &answer.LookupError{
			Name: name, At: z.apex, Outcome: answer.Unreachable, Reason: answer.HiddenPrimary,
			Detail: record.Display(fmt.Sprintf("%s; nobody outside its network can ask a private address, so no NS record should name it, unless this machine has a view of the zone of its own (split horizon); "+
				"to have the addresses asked, name them in `private_networks`", strings.Join(private[:min(len(private), maxSaid)], ", "))),
		}
	case public:
		return &answer.LookupError{
			Name: name, At: z.apex, Outcome: answer.Unreachable, Reason: answer.SplitHorizon,
			Detail: record.Display(fmt.Sprintf("%s is a public zone, but not all of its name servers have public addresses (split horizon): %s; "+
				"set `resolvers` to those whose view of it counts, or, if it is this view, name these addresses in `private_networks`", z.apex, few(private))),
		}
	}
	return &answer.LookupError{
		Name: name, At: z.apex, Outcome: answer.Unreachable, Reason: answer.PrivateServers,
		Detail: record.Display(fmt.Sprintf("name servers of %s have private addresses, and are not asked: %s; name their networks in `private_networks`", z.apex, few(private))),
	}
}

// privateView returns the servers of a zone that only a private view of it can name, apart from those in networks that
// were configured, and reports whether it is a public zone.
func (c *Client) privateView(z *zone) (list []string, public bool) {
	public = z.inPublic || isRegistered(z.apex)
	for _, s := range z.servers(c.port) {
		addr := s.Addr.Addr()
		switch {
		case !s.Addr.IsValid():
		case netblock.IsPublic(addr):
			public = true
		case c.withholds(addr):
			list = append(list, s.String())
		}
	}
	return list, public
}

// hidesPrimary reports whether some servers of a zone have private addresses alone, and the others none: no private view
// of the zone names both.
func (c *Client) hidesPrimary(z *zone) bool {
	private, public := 0, 0
	for _, h := range z.hosts {
		inside := 0
		for _, addr := range h.addrs {
			if c.withholds(addr) {
				inside++
			}
		}
		switch {
		case len(h.addrs) == 0:
		case inside == len(h.addrs):
			private++
		case inside == 0:
			public++
		default:
			return false
		}
	}
	return private > 0 && public > 0
}

// withholds reports whether an address is one that only a private view can name, outside the networks that were configured.
func (c *Client) withholds(addr netip.Addr) bool {
	return !netblock.IsPublic(addr) && netblock.Of(addr).Kind != netblock.Reserved && !c.private.hold(addr)
}

// commonTrouble returns the trouble that all replies have in common; none where they differ.
func commonTrouble(replies []reply) answer.Trouble {
	for _, r := range replies {
		if r.Trouble != replies[0].Trouble {
			return 0
		}
	}
	if len(replies) == 0 {
		return 0
	}
	return replies[0].Trouble
}

// trouble returns why a zone without addresses has none: what only whoever runs it can mend comes first.
func (z *zone) trouble() answer.Trouble {
	for _, t := range []answer.Trouble{answer.InCircle, answer.AddressForName, answer.AddressUnknown} {
		if slices.ContainsFunc(z.hosts, func(h host) bool { return h.trouble == t }) {
			return t
		}
	}
	return answer.WithoutAddress
}

// few joins texts, but no more than an error should hold.
func few(texts []string) string {
	if more := len(texts) - maxSaid; more > 0 {
		texts = append(texts[:maxSaid:maxSaid], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}
