package resolve_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

func TestAskValues(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(
		`@ TXT "v=spf1 " "-all"`,
		`@ TXT "b"`,
		`odd TXT "\"\\\195\188;"`,
		`@ MX 10 MX.Example.NET.`,
		`null MX 0 .`,
		`_sip._tls SRV 0 1 443 Host.example.net.`,
		`www A 192.0.2.1`,
		`www A 192.0.2.10`,
		`www AAAA 2001:DB8:0::1`,
		`alias CNAME Target.example.net.`,
		`_25._tcp TLSA 3 1 1 0BABCAFE`,
		`@ CAA 0 issue "ca.example.net"`,
	))
	c := newClient(t, h)
	tests := []struct {
		name string
		typ  record.Type
		want []string
	}{
		{"example.com", record.TXT, []string{"b", "v=spf1 -all"}},
		{"odd.example.com", record.TXT, []string{"\"\\ü;"}},
		{"example.com", record.MX, []string{"10 mx.example.net"}},
		{"null.example.com", record.MX, []string{"0 ."}},
		{"_sip._tls.example.com", record.SRV, []string{"0 1 443 host.example.net"}},
		{"www.example.com", record.A, []string{"192.0.2.1", "192.0.2.10"}},
		{"www.example.com", record.AAAA, []string{"2001:db8::1"}},
		{"alias.example.com", record.CNAME, []string{"target.example.net"}},
		{"_25._tcp.example.com", record.TLSA, []string{"3 1 1 0babcafe"}},
		{"example.com", record.CAA, []string{`0 issue "ca.example.net"`}},
		{"example.com", record.NS, []string{"ns1.example.com"}},
	}
	for _, tt := range tests {
		t.Run(tt.name+"/"+string(tt.typ), func(t *testing.T) {
			t.Parallel()
			server := answer.Server{Name: dnsname.MustParse("ns1.example.com"), Addr: h.Server("ns1.example.com").Addr()}
			ttl := uint32(300)
			if tt.typ == record.NS {
				ttl = 3600
			}
			want := answer.Set{Zone: dnsname.MustParse("example.com"), List: []answer.Answer{
				{Server: server, Outcome: answer.Found, Values: tt.want, TTL: ttl, Authoritative: true},
			}}
			got := ask(t, c, about(tt.name, tt.typ))
			if diff := cmp.Diff(want, got, compareValues); diff != "" {
				t.Errorf("Ask(%s %s) (-want +got):\n%s", tt.typ, tt.name, diff)
			}
		})
	}
}

// compareValues compares the small comparable types by ==.
var compareValues = cmp.Options{
	cmp.Comparer(func(a, b dnsname.Name) bool { return a == b }),
	cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
}

func TestAskNegative(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`www A 192.0.2.1`, `@ 60 IN SOA ns1 hostmaster 42 1 1 1 900`))
	c := newClient(t, h)
	for name, want := range map[string]answer.Outcome{"www.example.com": answer.NoData, "none.example.com": answer.NXDomain} {
		got := ask(t, c, about(name, record.TXT)).List[0]
		if got.Outcome != want || got.TTL != 60 || got.Serial != 42 || got.Values != nil {
			t.Errorf("Ask(TXT %s) = %+v, want %v with TTL 60 and serial 42", name, got, want)
		}
	}
}

func TestAskFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		fault   dnstest.Fault
		outcome answer.Outcome
		detail  string
	}{
		{
			"SERVFAIL with an extended error",
			dnstest.Chain(dnstest.RCode(dns.RcodeServerFailure), dnstest.ExtendedError(dns.ExtendedErrorCodeDNSBogus, "sig \x1b[31mexpired")),
			answer.ServFail, `extended error 6 (DNSSEC Bogus): sig \027[31mexpired`,
		},
		{"REFUSED", dnstest.RCode(dns.RcodeRefused), answer.Refused, ""},
		{"no AA bit", dnstest.NoAA, answer.NotAuthoritative, "the answer has no AA bit"},
		{"upward referral", dnstest.Lame, answer.NotAuthoritative, "the answer has no AA bit"},
		{"NOTAUTH", dnstest.RCode(dns.RcodeNotAuth), answer.NotAuthoritative, ""},
		{"silence", dnstest.Drop, answer.Timeout, "over UDP: i/o timeout; over TCP: i/o timeout"},
		{"wrong id", dnstest.WrongID, answer.Malformed, "over UDP: i/o timeout; datagrams that do not answer the question were ignored; over TCP: malformed answer: it answers another question"},
		{"wrong question", dnstest.WrongQuestion, answer.Malformed, "over UDP: i/o timeout; datagrams that do not answer the question were ignored; over TCP: malformed answer: it answers another question"},
		{"garbage", dnstest.Garbage, answer.Malformed, "over TCP: malformed answer: "},
		{"another name's answer", dnstest.Answer("other.example.com. 60 IN TXT x"), answer.Malformed, "the answer is about another name"},
		{"odd code", dnstest.RCode(dns.RcodeNotZone), answer.Malformed, "unexpected response code NOTZONE"},
		{
			"connection closed", dnstest.Chain(dnstest.Truncate, dnstest.CloseTCP), answer.Malformed,
			"truncated over UDP; over TCP: malformed answer: the server closed the connection before its answer was complete",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
			zone.Server("ns2").Inject(dnstest.When(tt.fault, dnstest.About("www.example.com"), dnstest.OfType("TXT")))
			answers := ask(t, newClient(t, h, timeout(1500*time.Millisecond)), about("www.example.com", record.TXT))
			if got := answers.List[0]; got.Outcome != answer.Found {
				t.Errorf("ns1 answered %+v, want it to be found", got)
			}
			got := answers.List[1]
			if got.Outcome != tt.outcome || !strings.Contains(got.Detail, tt.detail) || got.Values != nil {
				t.Errorf("ns2 answered %+v, want %v with detail %q", got, tt.outcome, tt.detail)
			}
		})
	}
}

func TestAskDownServer(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
	zone.Server("ns2").Down()
	got := ask(t, newClient(t, h), about("www.example.com", record.TXT)).List[1]
	if got.Outcome != answer.Unreachable || !strings.HasPrefix(got.Detail, "over UDP and TCP: connection refused") {
		t.Errorf("a closed port gave %+v, want unreachable over both: connection refused", got)
	}
}

func TestAskStaleServer(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3", "ns4"), dnstest.Records(`_dmarc TXT old`))
	c := newClient(t, h)
	zone.Server("ns3").Hold()
	zone.Set(`_dmarc TXT new`)
	want := []string{"ns1.example.com: found | new", "ns2.example.com: found | new", "ns3.example.com: found | old", "ns4.example.com: found | new"}
	if diff := cmp.Diff(want, lines(ask(t, c, about("_dmarc.example.com", record.TXT)))); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	zone.Server("ns3").Release()
	want[2] = "ns3.example.com: found | new"
	if diff := cmp.Diff(want, lines(ask(t, c, fresh(about("_dmarc.example.com", record.TXT))))); diff != "" {
		t.Errorf("fresh answers (-want +got):\n%s", diff)
	}
}

func TestAskResolvers(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`www CNAME host.example.net.`, `dead CNAME none.example.net.`))
	h.Zone("example.net", dnstest.Records(`host TXT ok`))
	second := h.Recursor()
	broken := h.Recursor()
	broken.Inject(dnstest.RCode(dns.RcodeRefused))
	c := newClient(t, h, func(config *resolve.Config) {
		config.Resolvers = []resolve.Resolver{resolve.PlainResolver(second.Addr()), resolve.PlainResolver(broken.Addr())}
	})
	via := func(name string) answer.Question {
		q := about(name, record.TXT)
		q.Via = answer.Resolvers
		return q
	}
	answers := ask(t, c, via("www.example.com"))
	outcomes := make(map[netip.AddrPort]string)
	for i, a := range answers.List {
		outcomes[a.Server.Addr] = lines(answers)[i]
	}
	want := map[netip.AddrPort]string{
		second.Addr(): ": found → host.example.net | ok",
		broken.Addr(): ": refused (REFUSED)",
	}
	if diff := cmp.Diff(want, outcomes, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if answers.Zone.IsValid() {
		t.Errorf("Zone = %v, want none for resolvers", answers.Zone)
	}
	for _, q := range h.Questions(dnstest.Direct) {
		if !q.RD || !q.AD || q.CD || q.DO || q.UDPSize != 1232 {
			t.Errorf("%v came as %+v, want RD and AD alone, and a size of 1232", q, q)
		}
	}
	for _, a := range ask(t, c, via("dead.example.com")).List {
		if a.Server.Addr == second.Addr() && (a.Outcome != answer.NXDomain || len(a.Aliases) != 1) {
			t.Errorf("an alias to nowhere gave %+v, want NXDOMAIN behind one alias", a)
		}
	}
}

func TestAskInvalid(t *testing.T) {
	t.Parallel()
	c := newClient(t, dnstest.New(t))
	tests := map[string]answer.Question{
		"no name":      {Type: record.TXT, Via: answer.Authorities},
		"no type":      {Name: dnsname.MustParse("example.com"), Via: answer.Authorities},
		"foreign type": {Name: dnsname.MustParse("example.com"), Type: "AXFR", Via: answer.Authorities},
		"no way":       {Name: dnsname.MustParse("example.com"), Type: record.TXT},
	}
	for name, q := range tests {
		if answers, err := c.Ask(t.Context(), q); err == nil {
			t.Errorf("%s: Ask(%+v) = %+v, want an error", name, q, answers)
		}
	}
}

func TestAskDeadline(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"), dnstest.Records(`www TXT ok`))
	zone.Server("ns2").Inject(dnstest.Drop)
	c := newClient(t, h, timeout(time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	answers, err := c.Ask(ctx, about("www.example.com", record.TXT))
	if err != nil {
		t.Fatalf("Ask: %v, want the answers of the others before the deadline", err)
	}
	want := []string{"ns1.example.com: found | ok", "ns2.example.com: no answer in time", "ns3.example.com: found | ok"}
	if diff := cmp.Diff(want, lines(answers)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	expired, cancel := context.WithTimeout(t.Context(), -1)
	defer cancel()
	if _, err := c.Ask(expired, about("www.example.com", record.TXT)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Ask past the deadline: %v, want %v", err, context.DeadlineExceeded)
	}
}

// A name in mixed case is the same name (RFC 1035 §2.3.3); the way to its zone is asked for in lower case all the same.
func TestAskMixedCase(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records("@ TXT v=spf1"))
	isMixed := func(q dnstest.Question) bool { return q.Asked != strings.ToLower(q.Asked) }
	zone.Server("ns2").Inject(dnstest.When(dnstest.RCode(dns.RcodeNameError), isMixed))
	c := newClient(t, h)
	q := answer.Question{Name: dnsname.MustParse("example.com"), Type: record.TXT, Via: answer.Authorities}
	for _, mixed := range []bool{false, true, false} {
		q.Mixed = mixed
		got, err := c.Ask(t.Context(), q)
		if err != nil || len(got.List) != 2 {
			t.Fatalf("Ask(%+v) = %v, %v, want two answers", q, got, err)
		}
		if first, second := got.List[0], got.List[1]; first.Outcome != answer.Found || (second.Outcome != answer.Found) != mixed {
			t.Errorf("Ask(%+v) = %v and %v, want that the second server finds nothing in mixed case", q, first, second)
		}
	}
	for _, q := range h.Questions(isMixed) {
		if q.Type != "TXT" || q.Asked != "eXaMpLe.CoM." && q.Asked != "eXaMpLe.CoM" {
			t.Errorf("%s was asked as %q", q, q.Asked)
		}
	}
	if n := h.Count(isMixed); n != 2 {
		t.Errorf("%d questions in mixed case, want one for each server", n)
	}
}
