package audit

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsa"
)

// Gathered holds the facts of DNS about the mail of a domain.
type Gathered struct {
	config  Config
	live    *view
	planned *view // with the records of the configuration in place; nil where there are none
}

// A view is all that checks look at. It does not change once it is gathered.
type view struct {
	mu sync.RWMutex // for the maps while they are filled

	config    Config
	facts     map[question]Fact
	survey    answer.Survey
	surveyErr error
	overTCP   Fact // the TXT records of the domain, asked for over TCP alone
	mixed     Fact // the same, asked for with letters in upper case among those of the name
	spf       map[dnsname.Name]*spfAt
	found     []found // by service
	selectors []selector
	policy    Policy
	reverse   map[netip.Addr]lookup // the names of the addresses of own mail hosts
	checks    map[Sender]checked
	pages     map[string]fetched             // by address
	hostZones map[dnsname.Name]answer.Survey // of mail hosts with TLSA records
	sources   []flatSource                   // the present networks of flattened services
	sourceErr error                          // why one of them is not known
}

// checked is the outcome of check_host for one sender.
type checked struct {
	check.Outcome
	err error
}

// probeLabel is a label that no zone has: only a wildcard answers for it.
const probeLabel = "maildomain-audit-probe"

// Patience is the time that an audit waits for DNS. Later answers are not checked.
const Patience = time.Minute

// Gather asks DNS all questions of the checks, each once and many at a time. Failures are part of the result. It returns
// the cause of the end of the context.
func Gather(ctx context.Context, c Config, dns DNS) (Gathered, error) {
	r := newReader(dns, c.Domain)
	bounded, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	g := Gathered{config: c, live: gather(bounded, c, r, nil)}
	if len(c.Records) > 0 {
		g.planned = gather(bounded, c, published{r, c.Records}, g.live)
	}
	if ctx.Err() != nil {
		return Gathered{}, context.Cause(ctx)
	}
	return g, nil
}

// A gatherer fills a view.
type gatherer struct {
	*view

	source source
	group  sync.WaitGroup
}

// gather gathers in two rounds: the second depends on what the first found. What is known of the servers already is not
// asked again.
func gather(ctx context.Context, c Config, s source, servers *view) *view {
	g := &gatherer{source: s, view: &view{
		config: c, facts: make(map[question]Fact), spf: make(map[dnsname.Name]*spfAt),
		reverse: make(map[netip.Addr]lookup), checks: make(map[Sender]checked), pages: make(map[string]fetched), hostZones: make(map[dnsname.Name]answer.Survey),
	}}
	if servers != nil {
		g.survey, g.surveyErr, g.overTCP, g.mixed = servers.survey, servers.surveyErr, servers.overTCP, servers.mixed
	} else {
		g.askServers(ctx)
	}
	g.first(ctx)
	g.group.Wait()
	g.found = g.recognise()
	g.policy = g.discover(g.config.Domain)
	g.second(ctx)
	g.group.Wait()
	g.found = g.recognise() // Selectors are known now.
	return g.view
}

// fact asks a question, and notes the answer.
func (g *gatherer) fact(ctx context.Context, name dnsname.Name, t record.Type) Fact {
	f := g.source.fact(ctx, name, t)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.facts[question{name.String(), string(t)}] = f
	return f
}

// want asks a question in the background.
func (g *gatherer) want(ctx context.Context, name dnsname.Name, types ...record.Type) {
	for _, t := range types {
		if name.IsValid() && name != dnsname.Root {
			g.group.Go(func() { g.fact(ctx, name, t) })
		}
	}
}

// fact returns the fact about a name and a type.
func (v *view) fact(name dnsname.Name, t record.Type) Fact {
	v.mu.RLock()
	f, ok := v.facts[question{name.String(), string(t)}]
	v.mu.RUnlock()
	if !ok {
		return Fact{Name: name, Type: t}
	}
	return f
}

// below returns a name below another; the zero Name where that is too long.
func below(labels string, name dnsname.Name) dnsname.Name {
	n, err := dnsname.Parse(labels + "." + name.String())
	if err != nil {
		return dnsname.Name{}
	}
	return n
}

// below returns a name below the domain.
func (v *view) below(labels string) dnsname.Name { return below(labels, v.config.Domain) }

// askServers asks the questions about the servers themselves.
func (g *gatherer) askServers(ctx context.Context) {
	domain, dns := g.config.Domain, g.reader().dns
	g.group.Go(func() { g.survey, g.surveyErr = dns.Survey(ctx, domain) })
	ask := func(into *Fact, q answer.Question) {
		q.Name, q.Type, q.Via = domain, record.TXT, answer.Authorities
		g.group.Go(func() {
			*into = Fact{Name: domain, Type: record.TXT}
			into.Set, into.Err = dns.Ask(ctx, q)
		})
	}
	ask(&g.overTCP, answer.Question{TCP: true})
	ask(&g.mixed, answer.Question{Mixed: true})
}

func (g *gatherer) first(ctx context.Context) {
	domain := g.config.Domain
	g.want(ctx, domain, record.TXT, record.MX, record.A, record.AAAA, record.CNAME)
	for _, labels := range []string{
		"_dmarc", "_dmarc." + domain.String(), "_dmarc._dmarc", "_mta-sts", "_mta-sts._mta-sts", "_smtp._tls", "_tls", "default._bimi", "_bimi",
		"_domainkey", "_adsp._domainkey", probeLabel, probeLabel + "._domainkey", "_dmarc." + probeLabel,
	} {
		g.want(ctx, g.below(labels), record.TXT)
	}
	g.want(ctx, domain, answer.SPF)
	g.want(ctx, g.below("mta-sts"), record.A, record.AAAA)
	for _, name := range walk(domain) {
		g.want(ctx, below("_dmarc", name), record.TXT)
	}
	for _, owner := range g.spfOwners() {
		g.group.Go(func() { g.walkSPF(ctx, owner) })
	}
	g.group.Go(func() {
		g.fact(ctx, domain, record.MX)
		for _, host := range g.mailHosts() {
			g.group.Go(func() { g.mailHost(ctx, host) })
		}
	})
	for _, host := range g.config.Hosts {
		g.want(ctx, host, record.TXT)
	}
	for _, s := range g.namedSelectors() {
		g.want(ctx, s.owner, record.TXT, record.CNAME)
	}
	for _, s := range g.config.Services {
		for _, r := range s.Applied.Records {
			if !r.Unknown.Any() {
				g.want(ctx, r.Owner, r.Type)
			}
		}
	}
	for _, key := range g.config.Records.Keys() {
		g.want(ctx, g.config.Records[key].Owner, g.config.Records[key].Type)
	}
	for _, s := range g.config.Senders {
		if name, err := dnsname.Parse(s.HELO); err == nil {
			g.want(ctx, name, record.TXT)
		}
	}
}

// reader returns the reader behind the source.
func (g *gatherer) reader() *reader {
	if p, ok := g.source.(published); ok {
		return p.reader
	}
	r, _ := g.source.(*reader)
	return r
}

func (g *gatherer) second(ctx context.Context) {
	for _, s := range slices.Concat(g.config.Senders, g.config.Strangers) {
		g.group.Go(func() { g.checkHost(ctx, s) })
	}
	if g.survey.Security == answer.Secure || g.survey.Security == answer.Bogus {
		g.want(ctx, g.survey.Zone, answer.DNSKEY, answer.NSEC3PARAM)
		g.want(ctx, g.config.Domain, answer.RRSIG)
		g.want(ctx, g.dmarcOwner(), answer.RRSIG)
	}
	g.wantSelectors(ctx)
	g.wantReports(ctx)
	g.fetchAll(ctx)
}

// mailHost asks about one mail host.
func (g *gatherer) mailHost(ctx context.Context, host dnsname.Name) {
	own := host.IsIn(g.config.Domain)
	if owner, ok := tlsa.Owner(host); ok {
		g.group.Go(func() { g.hostZone(ctx, host, g.fact(ctx, owner, record.TLSA)) })
	}
	if own {
		g.want(ctx, host, record.TXT)
	}
	var addresses []string
	g.want(ctx, host, record.AAAA) // At the same time.
	for _, t := range []record.Type{record.A, record.AAAA} {
		addresses = append(addresses, g.fact(ctx, host, t).Values()...)
	}
	if len(addresses) == 0 {
		g.want(ctx, registrable(host), record.NS)
	}
	for _, text := range addresses {
		if addr, err := netip.ParseAddr(text); err == nil && own {
			g.group.Go(func() { g.confirm(ctx, addr) })
		}
	}
}

// hostZone looks at the zone of a mail host that has TLSA records.
func (g *gatherer) hostZone(ctx context.Context, host dnsname.Name, records Fact) {
	if len(records.Values()) == 0 {
		return
	}
	if survey, err := g.reader().dns.Survey(ctx, host); err == nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.hostZones[host] = survey
	}
}

// confirm asks for the names of an address, and for the addresses of these.
func (g *gatherer) confirm(ctx context.Context, addr netip.Addr) {
	names, err := g.source.recursive(ctx, reverseName(addr), spf.TypePTR)
	g.mu.Lock()
	g.reverse[addr] = lookup{names, err}
	g.mu.Unlock()
	for _, text := range names[:min(len(names), 10)] {
		if name, err := dnsname.Parse(text); err == nil {
			t := record.AAAA
			if addr.Is4() {
				t = record.A
			}
			g.want(ctx, name, t)
		}
	}
}

// reverseName returns the name that the names of an address stand at (RFC 1035 §3.5, RFC 3596 §2.5).
func reverseName(addr netip.Addr) string {
	var labels []string
	if addr.Is4() {
		labels = strings.Split(addr.String(), ".")
		slices.Reverse(labels)
		return strings.Join(labels, ".") + ".in-addr.arpa"
	}
	const digits = "0123456789abcdef"
	octets := addr.As16()
	for _, octet := range slices.Backward(octets[:]) {
		labels = append(labels, digits[octet&15:octet&15+1], digits[octet>>4:octet>>4+1])
	}
	return strings.Join(labels, ".") + ".ip6.arpa"
}

// checkHost evaluates SPF for one sender.
func (g *gatherer) checkHost(ctx context.Context, s Sender) {
	sender := s.Sender
	if sender == "" && s.HELO == "" {
		sender = "postmaster@" + g.config.Domain.String()
	}
	check, err := check.Checker{Resolver: asked{g}}.Check(ctx, check.Query{IP: s.IP, Sender: sender, HELO: s.HELO})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.checks[s] = checked{check, err}
}
