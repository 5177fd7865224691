package dnstest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

func TestQuestions(t *testing.T) {
	t.Parallel()
	start := time.Unix(1000, 0)
	clock := dnstest.NewClock(start)
	h := dnstest.New(t, dnstest.WithClock(clock.Now))
	zone := h.Zone("example.com", dnstest.Servers("ns1"), dnstest.ServerAt("ns2", "127.0.0.70", "::1"))
	ns1, ns2 := zone.Server("ns1"), zone.Server("ns2")

	first := query("A.example.com", "TXT")
	first.RecursionDesired = true
	first.SetEdns0(1232, true)
	exchange(t, ns1.Addr(), dnstest.UDP, first)
	clock.Advance(time.Second)
	exchange(t, ns2.Addrs()[1], dnstest.TCP, query("example.com", "SOA"))
	exchange(t, ns1.Addr(), dnstest.UDP, update("example.com"))
	recurse(t, h.Recursor(), "b.a.example.com", "A")

	got := h.Questions(dnstest.Direct, dnstest.Not(dnstest.To("recursor1")))
	wanted := []dnstest.Question{
		{
			Server: "ns1.example.com", Addr: ns1.Addr(), Transport: dnstest.UDP, Name: "a.example.com", Asked: "A.example.com.",
			Type: "TXT", RD: true, DO: true, UDPSize: 1232, Time: start,
		},
		{
			Server: "ns2.example.com", Addr: ns2.Addrs()[1], Transport: dnstest.TCP, Name: "example.com", Asked: "example.com.",
			Type: "SOA", Time: start.Add(time.Second),
		},
	}
	compare := []cmp.Option{cmpopts.EquateComparable(ns1.Addr()), cmpopts.IgnoreFields(dnstest.Question{}, "Client")}
	if diff := cmp.Diff(wanted, got, compare...); diff != "" {
		t.Errorf("Questions: difference (-want +got):\n%s", diff)
	}
	for _, q := range got {
		if !q.Client.Addr().IsLoopback() || q.Client.Port() == 0 {
			t.Errorf("client of %v = %v, want a loopback address and port", q, q.Client)
		}
	}
	var lines []string
	for _, q := range append(h.Questions(), h.Updates()...) {
		lines = append(lines, q.String())
	}
	equal(t, "all questions, then updates", lines, []string{
		"ns1.example.com udp TXT a.example.com",
		"ns2.example.com tcp SOA example.com",
		"recursor1 udp A b.a.example.com",
		"a.root udp A b.a.example.com",
		"a.nic.com udp A b.a.example.com",
		"ns1.example.com udp A b.a.example.com",
		"ns1.example.com udp UPDATE example.com",
	})

	for _, test := range []struct {
		name    string
		filters []dnstest.Filter
		want    int
	}{
		{"all", nil, 6},
		{"To", []dnstest.Filter{dnstest.To("NS1.example.com.")}, 2},
		{"About", []dnstest.Filter{dnstest.About("a.Example.com")}, 1},
		{"Within", []dnstest.Filter{dnstest.Within("a.example.com")}, 5},
		{"OfType", []dnstest.Filter{dnstest.OfType("soa")}, 1},
		{"Over", []dnstest.Filter{dnstest.Over(dnstest.TCP)}, 1},
		{"At", []dnstest.Filter{dnstest.At("::1")}, 1},
		{"RecursionDesired", []dnstest.Filter{dnstest.RecursionDesired}, 2},
		{"Direct", []dnstest.Filter{dnstest.Direct}, 3},
		{"not Direct", []dnstest.Filter{dnstest.Not(dnstest.Direct)}, 3},
		{"two", []dnstest.Filter{dnstest.To("ns1.example.com"), dnstest.OfType("A")}, 1},
	} {
		equal(t, "Count "+test.name, h.Count(test.filters...), test.want)
	}
	equal(t, "Count of a server", ns1.Count(dnstest.OfType("TXT")), 1)
	h.ResetQuestions()
	equal(t, "Count after ResetQuestions", h.Count()+len(h.Updates()), 0)
}

func TestQuestionOfUnknownType(t *testing.T) {
	t.Parallel()
	s := dnstest.New(t).Zone("example.com").Server("ns1")
	m := query("example.com", "SOA")
	m.Question[0].Qtype = 65280
	exchange(t, s.Addr(), dnstest.UDP, m)
	equal(t, "type", s.Questions()[0].Type, "TYPE65280")
}

// TestAwait changes a record when the third question is there.
func TestAwait(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	s := h.Zone("example.com").Server("ns1")
	asked := make(chan error)
	go func() { asked <- h.Await(t.Context(), 3, dnstest.To("ns1.example.com"), dnstest.OfType("TXT")) }()
	for range 2 {
		ask(t, s, "example.com", "TXT")
		ask(t, s, "example.com", "SOA")
	}
	select {
	case err := <-asked:
		t.Fatalf("Await returned %v after two questions", err)
	default:
	}
	ask(t, s, "example.com", "TXT")
	if err := <-asked; err != nil {
		t.Errorf("Await = %v, want nil after three questions", err)
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	err := h.Await(ctx, 4, dnstest.OfType("TXT"))
	if err == nil || !strings.Contains(err.Error(), "3 of 4 questions arrived: enough") {
		t.Errorf("Await = %v, want an error that counts and gives the cause", err)
	}
}

// TestOnQuestion publishes a record at the second question and checks that it shows in that reply.
func TestOnQuestion(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com")
	s := zone.Server("ns1")
	var mu sync.Mutex
	var names []string
	remove := s.OnQuestion(func(q dnstest.Question) {
		mu.Lock()
		defer mu.Unlock()
		names = append(names, q.Name)
		if s.Count(dnstest.About("new.example.com")) == 2 {
			zone.Set("new TXT here")
		}
	})
	for i, want := range []int{dns.RcodeNameError, dns.RcodeSuccess, dns.RcodeSuccess} {
		if got := ask(t, s, "new.example.com", "TXT").Rcode; got != want {
			t.Errorf("answer %d has code %d, want %d", i+1, got, want)
		}
	}
	remove()
	remove() // Once more changes nothing.
	ask(t, s, "other.example.com", "TXT")
	equal(t, "names", names, slices.Repeat([]string{"new.example.com"}, 3))
}

// TestOnQuestionFatal checks that a hook that ends its goroutine, as t.Fatal does, leaves the server alive.
func TestOnQuestionFatal(t *testing.T) {
	t.Parallel()
	h := dnstest.New(goexitTB{t})
	s := h.Zone("example.com").Server("ns1")
	s.OnQuestion(func(dnstest.Question) { h.Server("nobody") })
	ask(t, s, "example.com", "SOA")
	ask(t, s, "example.com", "SOA")
}
