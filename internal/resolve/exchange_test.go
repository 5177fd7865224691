package resolve_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Whatever gets in the way of an exchange, the answer comes through.
func TestExchangeGetsThrough(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 300)
	tests := []struct {
		name  string
		fault dnstest.Fault
		value string
		want  []string // transports of the questions, sorted
	}{
		{"plain", nil, "short", []string{"udp"}},
		{"larger than a datagram", nil, long, []string{"tcp", "udp"}},
		{"truncated", dnstest.Truncate, "short", []string{"tcp", "udp"}},
		{"silent over UDP", dnstest.OnUDP(dnstest.Drop), "short", []string{"tcp", "udp"}},
		{"first datagram lost", dnstest.First(1, dnstest.Drop), "short", []string{"tcp", "udp"}},
		{"first datagram lost, silent over TCP", dnstest.Chain(dnstest.First(1, dnstest.Drop), dnstest.OnTCP(dnstest.Drop)), "short", []string{"tcp", "udp", "udp"}},
		{"garbage over UDP", dnstest.OnUDP(dnstest.Garbage), "short", []string{"tcp", "udp"}},
		{"without EDNS", dnstest.NoEDNS, "short", []string{"udp", "udp"}},
		{"without EDNS, and truncated", dnstest.Chain(dnstest.NoEDNS, dnstest.Truncate), "short", []string{"tcp", "tcp", "udp", "udp"}},
		{"not implemented without a question section", dnstest.When(
			dnstest.Chain(dnstest.RCode(dns.RcodeNotImplemented), dnstest.NoQuestion),
			func(q dnstest.Question) bool { return q.UDPSize != 0 }), "short", []string{"udp", "udp"}},
		{"ignoring EDNS", dnstest.IgnoreEDNS, "short", []string{"udp"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			zone := h.Zone("example.com")
			zone.SetTXT("www", tt.value)
			if tt.fault != nil {
				zone.Server("ns1").Inject(dnstest.When(tt.fault, dnstest.OfType("TXT")))
			}
			got := ask(t, newClient(t, h, timeout(3*time.Second)), about("www.example.com", record.TXT)).List[0]
			if diff := cmp.Diff([]string{tt.value}, got.Values); got.Outcome != answer.Found || diff != "" {
				t.Errorf("answer %v %q (-want +got):\n%s", got.Outcome, got.Detail, diff)
			}
			var over []string
			for _, q := range h.Questions(dnstest.To("ns1.example.com"), dnstest.OfType("TXT")) {
				over = append(over, string(q.Transport))
				if q.DO {
					t.Errorf("%v came with DO, want none", q)
				}
			}
			slices.Sort(over) // They arrive in any order on a busy machine.
			if diff := cmp.Diff(tt.want, over); diff != "" {
				t.Errorf("questions (-want +got):\n%s", diff)
			}
		})
	}
}

// A server whose UDP port is closed may be there over TCP.
func TestExchangeOverTCPWhereUDPIsRefused(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
	zone.Server("ns2").Down(dnstest.UDP)
	zone.Server("ns1").Down(dnstest.UDP)
	c := newClient(t, h)
	want := []string{"ns1.example.com: found | ok", "ns2.example.com: found | ok"}
	if diff := cmp.Diff(want, lines(ask(t, c, about("www.example.com", record.TXT)))); diff != "" {
		t.Errorf("over TCP alone (-want +got):\n%s", diff)
	}
	zone.Server("ns2").Down(dnstest.TCP)
	got := ask(t, c, fresh(about("www.example.com", record.TXT))).List[1]
	if want := "over UDP and TCP: connection refused"; got.Outcome != answer.Unreachable || !strings.HasPrefix(got.Detail, want) {
		t.Errorf("closed altogether: %v (%s), want %v (%s)", got.Outcome, got.Detail, answer.Unreachable, want)
	}
}

// A forged datagram that comes before the true one is ignored.
func TestExchangeIgnoresForgery(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`www TXT true`))
	zone.Server("ns1").Inject(dnstest.When(func(_ context.Context, x *dnstest.Exchange) {
		for _, forge := range []func(*dns.Msg){
			func(m *dns.Msg) { m.Id++ },
			func(m *dns.Msg) { m.Response = false },
			func(m *dns.Msg) { m.Question[0].Name = "other.example.com." },
			func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeA },
		} {
			forged := x.Reply.Copy()
			forged.Answer = []dns.RR{dnstest.TXT("www.example.com.", 60, "forged")}
			forge(forged)
			if err := x.Writer.WriteMsg(forged); err != nil {
				t.Errorf("the forgery cannot be sent: %v", err)
			}
		}
	}, dnstest.OfType("TXT"), dnstest.Over(dnstest.UDP)))
	got := ask(t, newClient(t, h), about("www.example.com", record.TXT))
	if diff := cmp.Diff([]string{"ns1.example.com: found | true"}, lines(got)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// The case of the question comes back as it pleases the server.
func TestExchangeIgnoresCase(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`www TXT ok`))
	zone.Server("ns1").Inject(dnstest.Mutate(func(reply *dns.Msg) {
		reply.Question[0].Name = strings.ToUpper(reply.Question[0].Name)
		for _, rr := range reply.Answer {
			rr.Header().Name = strings.ToUpper(rr.Header().Name)
		}
	}))
	got := ask(t, newClient(t, h), about("www.example.com", record.TXT))
	if diff := cmp.Diff([]string{"ns1.example.com: found | ok"}, lines(got)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestAnswersAreRemembered(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`www TXT old`, `brief 0 IN TXT old`))
	c := newClient(t, h)
	for _, name := range []string{"www.example.com", "brief.example.com"} {
		ask(t, c, about(name, record.TXT))
	}
	h.ResetQuestions()
	zone.Set(`www TXT new`, `brief 0 IN TXT new`)
	tests := []struct {
		q    answer.Question
		want string
	}{
		{about("www.example.com", record.TXT), "old"},
		{about("brief.example.com", record.TXT), "new"}, // with a TTL of 0
		{fresh(about("www.example.com", record.TXT)), "new"},
		{about("www.example.com", record.TXT), "new"}, // the fresh answer took the place of the old one
	}
	for i, tt := range tests {
		if got := ask(t, c, tt.q).List[0]; got.Values[0] != tt.want {
			t.Errorf("%d: Ask(%+v) = %q, want %q", i, tt.q, got.Values, tt.want)
		}
	}
	if n := h.Count(dnstest.About("www.example.com")); n != 1 {
		t.Errorf("the server was asked %d times, want once for the fresh question", n)
	}
}
