package resolve

import (
	"context"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// A topology is one way in which DNS, or the machine, is set up wrong, and what is said of it.
type topology struct {
	build  func(t *testing.T, h *dnstest.Hierarchy, config *Config)
	client func(*Client, *dnstest.Hierarchy) // changes the client; may be nil
	query  verify.Query
	typ    record.Type // TXT where it is left out
	owner  string      // www.example.com where it is left out
	want   []string    // each cause, with what to do
	not    []string    // what must not be said
}

// withoutEDNS drops questions with EDNS, as some firewalls do.
func withoutEDNS(_ context.Context, x *dnstest.Exchange) {
	if x.Request.IsEdns0() != nil {
		x.Drop()
	}
}

// refuseTCP closes the TCP port of servers.
func refuseTCP(servers ...*dnstest.Server) {
	for _, s := range servers {
		s.Down(dnstest.TCP)
	}
}

// onlyAddressesOf lets a client ask at the private addresses of all servers but those of a zone.
func onlyAddressesOf(c *Client, h *dnstest.Hierarchy) {
	c.private = nil
	for _, s := range h.Servers() {
		if !strings.Contains(s.Name(), "example.com") {
			c.private = append(c.private, netip.PrefixFrom(s.Addr().Addr(), 32))
		}
	}
}

const short = 400 * time.Millisecond

func topologies() map[string]topology {
	ok := dnstest.Records(`www TXT ok`)
	return map[string]topology{
		"a name server with IPv6 alone, on a machine without": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", ok).Set(`ns1 AAAA 2620:4f:8000::1`)
				h.Zone("example.com").Delete("ns1", "A")
				h.Zone("com").Delete("ns1.example", "A")
				h.Zone("com").Set(`ns1.example AAAA 2620:4f:8000::1`)
			},
			client: func(c *Client, _ *dnstest.Hierarchy) { c.udp, c.tcp = withoutIPv6{c.udp}, withoutIPv6{c.tcp} },
			want: []string{
				"servers-silent: This machine has no IPv6, or no route for it (network is unreachable), so it cannot ask ns1.example.com ([2620:4f:8000::1]). → Run Terraform where there is IPv6, or set `query = \"resolvers\"`, and name the resolvers to ask in the provider's `resolvers`; a name server with addresses of both families is reached from everywhere.",
			},
		},
		"a name server without an address": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", ok).Add(`@ NS ns9`)
				h.Zone("com").Add(`example NS ns9.example`)
			},
			want: []string{
				"servers-silent: The name server ns9.example.com has no address: name does not exist (NXDOMAIN). → Give it address records (A, AAAA), with glue at the registrar if its name is in the zone itself, or remove it from the NS records of the zone and of its parent.",
			},
		},
		"an address as a name server": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", ok).Add(`@ NS 192.0.2.1.`)
				h.Zone("com").Add(`example NS 192.0.2.1.`)
			},
			want: []string{
				"servers-silent: 192.0.2.1 in the NS records is an address, which must be the name of a host (RFC 1035 §3.3.11). → Give the server a name that has an address record, and put that name into the NS records of the zone and of its parent.",
			},
		},
		"an address as a name server, with the zone appended": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", ok).Add(`@ NS 192.0.2.1`)
				h.Zone("com").Add(`example NS 192.0.2.1.example`)
			},
			want: []string{
				"servers-silent: 192.0.2.1.example.com in the NS records is an address, which must be the name of a host (RFC 1035 §3.3.11). → Give the server a name that has an address record, and put that name into the NS records of the zone and of its parent.",
			},
		},
		"nothing but an address as a name server": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", ok)
				h.Zone("com").Set(`example NS 192.0.2.1.`)
			},
			want: []string{
				"servers-without-address: The NS records of example.com hold addresses, which must be names of hosts (RFC 1035 §3.3.11): no name server of example.com has an address: 192.0.2.1: it is the address 192.0.2.1, where the name of a host belongs. → Give the server a name that has an address record, and put that name into the NS records of the zone and of its parent.",
			},
		},
		"a server without TCP, and a long answer": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				zone := h.Zone("example.com")
				zone.SetTXT("www", strings.Repeat("a", 1600))
				refuseTCP(zone.Servers()...)
			},
			want: []string{
				"servers-silent: ns1.example.com (127.0.0.4) says over UDP that the answer is too long for it (truncated), and gives none over TCP: connection refused. → Let the server answer over TCP (RFC 7766 §5), and open port 53 for TCP in the firewalls before it; or remove records of this name and type that are no longer needed, so that the answer fits a datagram.",
			},
		},
		"a server that closes TCP connections, and a long answer": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				zone := h.Zone("example.com")
				zone.SetTXT("www", strings.Repeat("a", 1600))
				zone.Server("ns1").Inject(dnstest.CloseTCP)
			},
			want: []string{
				"servers-failing: ns1.example.com (127.0.0.4) says over UDP that the answer is too long for it (truncated), and gives none over TCP: the server closed the connection before its answer was complete. → Let the server answer over TCP (RFC 7766 §5), and open port 53 for TCP in the firewalls before it; or remove records of this name and type that are no longer needed, so that the answer fits a datagram.",
			},
		},
		"a stub without TCP, and a long answer": {
			query: verify.QueryResolvers,
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com").SetTXT("www", strings.Repeat("a", 1600))
				h.Recursors()[0].Down(dnstest.TCP)
			},
			want: []string{
				"servers-silent: 127.0.0.1 says over UDP that the answer is too long for it (truncated), and gives none over TCP: connection refused. → Ask a resolver that answers over TCP as well: name one in the provider's `resolvers`.",
				"not-published: None of the TXT records at www.example.com is the expected one. → Publish the record at the DNS provider that serves the zone, and check that it went into this zone and under this name; if it was published just now, the servers do not have it yet.",
			},
		},
		"DNS over HTTPS that cannot be reached": {
			query: verify.QueryResolvers,
			build: func(t *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				config.Resolvers = []Resolver{MustParseResolver("https://dns.example/dns-query")}
				config.Bootstrap = []netip.Addr{netip.MustParseAddr("127.0.0.99")}
			},
			want: []string{
				"servers-silent: No connection to https://dns.example/dns-query could be made: connection refused; the provider does not use proxies, such as that of HTTPS_PROXY. → Let this machine connect to it directly, or name resolvers in the provider's `resolvers` that it can reach, such as those of the network.",
			},
		},
		"DNS over HTTPS that cannot be reached, to find the servers": {
			build: func(t *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				config.Resolvers = []Resolver{MustParseResolver("https://dns.example/dns-query")}
				config.Bootstrap = []netip.Addr{netip.MustParseAddr("127.0.0.99")}
			},
			want: []string{
				"lookup-failed: The resolvers, which the provider needs to find name servers, fail, so nothing is known about the domain (the resolver https://dns.example/dns-query cannot be asked: this machine cannot connect to it, and proxies are not used (connection refused)). → Check the provider's `resolvers`, or, if it has none, those of the environment variable `MAILDOMAIN_RESOLVERS` or of the system, and that this machine may ask them.",
			},
		},
		"servers that answer late": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				server := h.Zone("example.com", ok).Server("ns1")
				var gate dnstest.Gate
				server.Inject(dnstest.OnUDP(func(ctx context.Context, x *dnstest.Exchange) {
					if x.Request.IsEdns0() == nil {
						gate.Open() // It is asked why it is silent: its time over UDP is over.
					}
					gate.Fault(ctx, x)
				}))
				server.Inject(dnstest.OnTCP(dnstest.Drop))
				config.Timeout = 4 * short // A busy machine may be late itself.
			},
			want: []string{
				"servers-silent: ns1.example.com (127.0.0.4) answers, and later than the `timeout` of the provider allows. → Raise the provider's `timeout`, and `timeouts.read` to three times that, since a refresh allows a third of its time for one answer; or find out why the server is slow, since resolvers do not wait long either.",
			},
		},
		"servers that drop EDNS": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok).Server("ns1").Inject(withoutEDNS)
				config.Timeout = 3 * short
			},
			want: []string{
				"servers-silent: ns1.example.com (127.0.0.4) answers questions without EDNS alone, and drops those with it, as resolvers send them. → Update the server, or let its firewall pass questions with EDNS (RFC 6891); until then, many resolvers get no answer from it.",
			},
		},
		"servers that drop EDNS and have no TCP": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				server := h.Zone("example.com", ok).Server("ns1")
				server.Inject(withoutEDNS)
				refuseTCP(server)
				config.Timeout = 3 * short
			},
			want: []string{
				"servers-silent: ns1.example.com (127.0.0.4) answers questions without EDNS alone, and drops those with it, as resolvers send them. → Update the server, or let its firewall pass questions with EDNS (RFC 6891); until then, many resolvers get no answer from it.",
			},
		},
		"a resolver that refuses NS questions": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", ok)
				h.Recursors()[0].Inject(dnstest.When(dnstest.RCode(dns.RcodeNotImplemented), dnstest.OfType("NS")))
			},
			want: []string{
				"lookup-failed: The name servers of www.example.com cannot be found: the resolver 127.0.0.1 answers other questions, but gives no NS records (malformed answer), and only these name the name servers. → Set `query = \"resolvers\"`, which asks the resolver for the records themselves, or name a resolver that answers questions for NS records in the provider's `resolvers`.",
			},
		},
		"a resolver that drops NS questions": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				h.Recursors()[0].Inject(dnstest.When(dnstest.Drop, dnstest.OfType("NS")))
				config.Timeout = short
			},
			want: []string{
				"lookup-failed: The name servers of www.example.com cannot be found: the resolver 127.0.0.1 answers other questions, but gives no NS records (no answer in time), and only these name the name servers. → Set `query = \"resolvers\"`, which asks the resolver for the records themselves, or name a resolver that answers questions for NS records in the provider's `resolvers`.",
			},
		},
		"a resolver that has no NS records": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				h.Recursors()[0].Inject(dnstest.When(dnstest.Empty, dnstest.OfType("NS")))
			},
			want: []string{
				"lookup-failed: The name servers of www.example.com cannot be found: the resolver 127.0.0.1 answers other questions, but gives no NS records (no such record), and only these name the name servers. → Set `query = \"resolvers\"`, which asks the resolver for the records themselves, or name a resolver that answers questions for NS records in the provider's `resolvers`.",
			},
		},
		"delegations in a circle": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("com", dnstest.Records(`example NS ns.other`, `other NS ns.example`))
			},
			want: []string{
				"servers-without-address: No name server of example.com can be found, since delegations lead in a circle: two zones have their name servers in each other (no name server of example.com has an address: ns.other.com: the search for its address leads in a circle). → Give one of the zones a name server whose name is in that zone itself, with its address (glue) at the registrar.",
			},
		},
		"delegations in a circle over two top-level domains": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("com", dnstest.Records(`example NS ns.other.net.`))
				h.Zone("net", dnstest.Records(`other NS ns.example.com.`))
			},
			want: []string{
				"servers-without-address: No name server of example.com can be found, since delegations lead in a circle: two zones have their name servers in each other (no name server of example.com has an address: ns.other.net: the search for its address leads in a circle). → Give one of the zones a name server whose name is in that zone itself, with its address (glue) at the registrar.",
			},
		},
		"stale glue": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "old"), dnstest.Records(`www TXT earlier`))
				zone.Remove(`@ NS old`)
				zone.Delete("old", "A")
				zone.Server("old").Hold()
				zone.SetTXT("www", "ok")
				com := h.Zone("com")
				com.Remove(`example NS old.example`)
				com.Set(`ns1.example A ` + zone.Server("old").Addr().Addr().String())
			},
			want: []string{
				"glue-stale: The parent zone of example.com gives 127.0.0.6 as the address of ns1.example.com (glue), and the zone itself has 127.0.0.4. → Correct the address of the name server at the registrar (glue, host record); until then, resolvers use the old one as well.",
			},
		},
		"a hidden primary": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", dnstest.Servers("ns1", "ns0"), ok)
				h.Zone("com").Set(`ns1.example A 192.175.48.1`)
			},
			client: onlyAddressesOf,
			want: []string{
				"split-horizon: Among the name servers of the public zone example.com, ns0.example.com (127.0.0.5) has a private address, and the others have public ones: perhaps its NS records name a primary server that should be hidden. → Remove the hidden primary from the NS records of the zone and of its parent; if this machine should ask it, name its network in the provider's `private_networks`, and otherwise set `query = \"resolvers\"`, and name the resolvers to ask in the provider's `resolvers`.",
			},
		},
		"a private view at the resolver": {
			query: verify.QueryResolvers,
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				r := h.Recursors()[0]
				r.Inject(dnstest.When(answering(`example.com. 3600 SOA inside.example.com. hostmaster.example.com. 7 1 1 1 10`), dnstest.Within("example.com")))
				r.Inject(dnstest.When(func(_ context.Context, x *dnstest.Exchange) {
					x.Reply.Rcode, x.Reply.Answer, x.Reply.Ns = dns.RcodeNameError, nil, x.Reply.Answer
				}, dnstest.About("www.example.com")))
			},
			want: []string{
				"resolver-view: The name servers serve the record, and 127.0.0.1 answers about www.example.com from another zone of the same name, such as a private view: the SOA records differ, or the answer is not from a cache. → If that view matters, publish the record in it as well, and wait for it alone with `query = \"resolvers\"`; if it does not, name resolvers in the provider's `resolvers` that see the public zone. The difference will not go away by itself.",
			},
		},
		"a private view at the resolver, after the authorities": {
			query: verify.QueryBoth,
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				r := h.Recursors()[0]
				r.Inject(dnstest.When(answering(`www.example.com. 300 TXT inside`), dnstest.About("www.example.com")))
				r.Inject(dnstest.When(answering(`example.com. 3600 SOA ns1.example.com. hostmaster.example.com. 4000000000 1 1 1 10`), dnstest.OfType("SOA")))
			},
			want: []string{
				"resolver-view: The name servers serve the record, and 127.0.0.1 answers about www.example.com from another zone of the same name, such as a private view: the SOA records differ, or the answer is not from a cache. → If that view matters, publish the record in it as well, and wait for it alone with `query = \"resolvers\"`; if it does not, name resolvers in the provider's `resolvers` that see the public zone. The difference will not go away by itself.",
			},
		},
		"an answer past its TTL": {
			query: verify.QueryBoth,
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				h.Recursors()[0].Inject(dnstest.When(answering(`www.example.com. 0 TXT earlier`), dnstest.About("www.example.com")))
			},
			want: []string{
				"answer-outlived: The name servers serve the record, and 127.0.0.1 goes on giving an earlier answer, after its time to live. → If the resolver is yours, flush its cache and find out why it cannot ask the name servers: resolvers serve expired answers in that case (RFC 8767); or name other resolvers in the provider's `resolvers`.",
			},
		},
		"an answer that is said to be stale": {
			query: verify.QueryBoth,
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				h.Recursors()[0].Inject(dnstest.When(dnstest.Chain(answering(`www.example.com. 30 TXT earlier`),
					dnstest.ExtendedError(dns.ExtendedErrorCodeStaleAnswer, "")), dnstest.About("www.example.com")))
			},
			want: []string{
				"answer-outlived: The name servers serve the record, and 127.0.0.1 goes on giving an earlier answer, after its time to live. → If the resolver is yours, flush its cache and find out why it cannot ask the name servers: resolvers serve expired answers in that case (RFC 8767); or name other resolvers in the provider's `resolvers`.",
			},
		},
		"a DNAME above the owner": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", dnstest.Records(`sub DNAME other.net.`))
				h.Zone("other.net", dnstest.Records(`www TXT elsewhere`))
			},
			owner: "www.sub.example.com",
			want: []string{
				"cname-in-place-of-record: A DNAME record at sub.example.com redirects every name below it, so www.sub.example.com cannot have its own records. → Remove the DNAME record, or publish the record in the zone that it leads to; resolvers do not see records below it in this zone (RFC 6672 §2.4).",
			},
		},
		"a DNAME above a CNAME": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", dnstest.Records(`sub DNAME other.net.`))
				h.Zone("other.net", dnstest.Records(`www TXT elsewhere`))
			},
			owner: "www.sub.example.com", typ: record.CNAME,
			want: []string{
				"cname-in-place-of-record: A DNAME record at sub.example.com redirects every name below it, so www.sub.example.com cannot have its own records. → Remove the DNAME record, or publish the record in the zone that it leads to; resolvers do not see records below it in this zone (RFC 6672 §2.4).",
			},
		},
		"a DNAME above the owner, at the resolver": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", dnstest.Records(`sub DNAME other.net.`))
				h.Zone("other.net", dnstest.Records(`www TXT elsewhere`))
			},
			query: verify.QueryResolvers, owner: "www.sub.example.com",
			want: []string{
				"cname-in-place-of-record: A DNAME record at sub.example.com redirects every name below it, so www.sub.example.com cannot have its own records. → Remove the DNAME record, or publish the record in the zone that it leads to; resolvers do not see records below it in this zone (RFC 6672 §2.4).",
			},
		},
		"an NS record that the zone has and its parent does not": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", dnstest.Servers("ns1"), dnstest.Records(`@ NS ok.`))
			},
			owner: "example.com", typ: record.NS,
			want: []string{
				"servers-silent: The name server ok has no address: name does not exist (NXDOMAIN). → Give it address records (A, AAAA), with glue at the registrar if its name is in the zone itself, or remove it from the NS records of the zone and of its parent.",
				"parent-delegates-elsewhere: The parent zone delegates example.com to ns1.example.com, and the zone itself lists ok. → Make the name servers at the registrar and the zone's own NS records the same, and make sure that the record is published at the DNS provider that runs them.",
				"parent-delegates-elsewhere: The zone example.com has the NS record «ok», and the parent zone does not, so nobody finds it: a.nic.com (127.0.0.3). → Enter the name server at the registrar, or publish the NS record in the parent zone; if other servers should serve the zone, correct its own NS records.",
			},
		},
		"an NS record that the parent has, of a zone that cannot be asked": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("example.com", dnstest.Records(`sub NS ok.`))
			},
			owner: "sub.example.com", typ: record.NS,
		},
		"an NS record that neither has": {
			build: func(_ *testing.T, h *dnstest.Hierarchy, _ *Config) {
				h.Zone("sub.example.com", dnstest.Servers("ns1"))
			},
			owner: "sub.example.com", typ: record.NS,
			want: []string{
				"not-published: None of the NS records at sub.example.com is the expected one. → Publish the record at the DNS provider that serves the zone, and check that it went into this zone and under this name; if it was published just now, the servers do not have it yet.",
			},
		},
		"an earlier value in the cache": {
			query: verify.QueryBoth,
			build: func(_ *testing.T, h *dnstest.Hierarchy, config *Config) {
				h.Zone("example.com", ok)
				h.Recursors()[0].Inject(dnstest.When(answering(`www.example.com. 30 TXT earlier`), dnstest.About("www.example.com")))
			},
			want: []string{
				"value-cached: The name servers serve the record, and 127.0.0.1 still has an earlier value in the cache: «earlier». → Wait until the time to live of that answer is over, or, if the resolver is yours, flush its cache; other resolvers forget the answer by themselves.",
			},
		},
	}
}

// answering makes a resolver answer with a record.
func answering(rr string) dnstest.Fault {
	return dnstest.Chain(dnstest.Answer(rr), dnstest.Mutate(func(reply *dns.Msg) {
		reply.Authoritative, reply.RecursionAvailable = false, true
	}))
}

var loopbackPort = regexp.MustCompile(`(127\.0\.0\.\d+|\[2620:[0-9a-f:]+\]):\d+`)

// What is wrong is said as precisely as it is known.
func TestSentences(t *testing.T) {
	t.Parallel()
	for name, tt := range topologies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			config := Config{Resolvers: []Resolver{PlainResolver(h.Recursor().Addr())}, AuthoritativePort: h.Port(), MaxRate: 1000, PrivateNetworks: loopback}
			tt.build(t, h, &config)
			c, err := New(config)
			if err != nil {
				t.Fatal(err)
			}
			if tt.client != nil {
				tt.client(c, h)
			}
			owner, typ := tt.owner, tt.typ
			if owner == "" {
				owner = "www.example.com"
			}
			if typ == "" {
				typ = record.TXT
			}
			expected := verify.Expectation{Key: "record", Owner: dnsname.MustParse(owner), Type: typ, Value: "ok"}
			report, err := verify.Waiter{Resolver: c}.Check(t.Context(), []verify.Expectation{expected}, verify.Options{Query: tt.query})
			if err != nil {
				t.Fatal(err)
			}
			report = report.Explain(t.Context(), c, c)
			var got []string
			for _, f := range report.Findings {
				for _, cause := range f.Causes() {
					got = append(got, cause.Code+": "+cause.Sentence+" → "+cause.Remedy)
				}
			}
			for i := range got {
				got[i] = loopbackPort.ReplaceAllString(got[i], "$1")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("causes (-want +got):\n%s\n%s", diff, report.Text())
			}
			for _, text := range append(slices.Clone(tt.not), "neither over UDP nor over TCP", "port 53)") {
				if strings.Contains(report.Text(), text) {
					t.Errorf("the report says %q:\n%s", text, report.Text())
				}
			}
		})
	}
}
