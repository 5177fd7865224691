package dnstest_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// served shows what a server answers for TXT example.com, and the serial that goes with it.
func served(t *testing.T, s *dnstest.Server) string {
	t.Helper()
	answers := texts(ask(t, s, "example.com", "TXT").Answer)
	serials := texts(ask(t, s, "example.com", "SOA").Answer)
	return fmt.Sprint(answers, serials)
}

func want(value string, serial int) string {
	return fmt.Sprintf("[example.com. 300 IN TXT %q] [example.com. 3600 IN SOA ns1.example.com. hostmaster.example.com. %d 3600 600 86400 300]", value, serial)
}

func TestHold(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records("@ TXT one"))
	ns1, ns2 := zone.Server("ns1"), zone.Server("ns2")
	ns2.Hold()
	zone.Set("@ TXT two")
	zone.Set("@ TXT three")
	equal(t, "ns1, free", served(t, ns1), want("three", 3))
	equal(t, "ns2, held", served(t, ns2), want("one", 1))
	equal(t, "serial of ns2, held", ns2.Serial("example.com"), uint32(1))
	ns2.Release()
	equal(t, "ns2, released", served(t, ns2), want("three", 3))
	zone.Set("@ TXT four")
	equal(t, "ns2, free again", served(t, ns2), want("four", 4))
	equal(t, "serial of a zone not served", ns2.Serial("example.net"), uint32(0))
	equal(t, "records of a zone not served", len(ns2.Records("example.net")), 0)
}

// TestLag checks that each change shows after the lag that stood when it was made, and never before an
// older change.
func TestLag(t *testing.T) {
	t.Parallel()
	clock := dnstest.NewClock(time.Unix(1000, 0))
	zone := dnstest.New(t, dnstest.WithClock(clock.Now)).Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records("@ TXT one"))
	ns1, ns2 := zone.Server("ns1"), zone.Server("ns2")
	ns2.Lag(10 * time.Second)
	zone.Set("@ TXT two")
	clock.Advance(4 * time.Second)
	zone.Set("@ TXT three")
	ns2.Lag(0)
	zone.Set("@ TXT four")
	equal(t, "ns1 at 4 s", served(t, ns1), want("four", 4))
	equal(t, "ns2 at 4 s", served(t, ns2), want("one", 1))
	clock.Advance(6*time.Second - 1)
	equal(t, "ns2 just before 10 s", served(t, ns2), want("one", 1))
	clock.Advance(1)
	equal(t, "ns2 at 10 s", served(t, ns2), want("two", 2))
	clock.Advance(4 * time.Second)
	equal(t, "ns2 at 14 s", served(t, ns2), want("four", 4))
}

// TestLagWhileHeld checks that a held server does not follow its lag, and that its release shows all.
func TestLagWhileHeld(t *testing.T) {
	t.Parallel()
	clock := dnstest.NewClock(time.Unix(1000, 0))
	zone := dnstest.New(t, dnstest.WithClock(clock.Now)).Zone("example.com", dnstest.Records("@ TXT one"))
	ns1 := zone.Server("ns1")
	ns1.Lag(time.Second)
	zone.Set("@ TXT two")
	clock.Advance(time.Second)
	ns1.Hold()
	zone.Set("@ TXT three")
	clock.Advance(time.Minute)
	equal(t, "held", served(t, ns1), want("two", 2))
	zone.Set("@ TXT four")
	ns1.Release()
	equal(t, "released", served(t, ns1), want("four", 4))
}

// TestLagByTheWallClock is the lag as a demonstration uses it: on the clock of the machine.
func TestLagByTheWallClock(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com", dnstest.Records("@ TXT one"))
	ns1 := zone.Server("ns1")
	start := time.Now()
	const lag = 50 * time.Millisecond
	ns1.Lag(lag)
	zone.Set("@ TXT two")
	for served(t, ns1) != want("two", 2) {
		if time.Since(start) > patience {
			t.Fatal("the change never showed")
		}
	}
	if took := time.Since(start); took < lag {
		t.Errorf("the change showed after %v, want at least %v", took, lag)
	}
}

func TestDown(t *testing.T) {
	t.Parallel()
	transports := []dnstest.Transport{dnstest.UDP, dnstest.TCP}
	tests := []struct {
		name string
		down []dnstest.Transport
		want map[dnstest.Transport]bool // whether it is refused
	}{
		{"TCP", []dnstest.Transport{dnstest.TCP}, map[dnstest.Transport]bool{dnstest.TCP: true}},
		{"UDP", []dnstest.Transport{dnstest.UDP}, map[dnstest.Transport]bool{dnstest.UDP: true}},
		{"both", nil, map[dnstest.Transport]bool{dnstest.UDP: true, dnstest.TCP: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			zone := dnstest.New(t).Zone("example.com", dnstest.ServerAt("ns1", "127.0.0.55", "::1"))
			s := zone.Server("ns1")
			s.Down(test.down...)
			s.Down(test.down...) // Once more changes nothing.
			for _, addr := range s.Addrs() {
				for _, transport := range transports {
					_, err := tryExchange(addr, transport, query("example.com", "SOA"))
					if refused := errors.Is(err, syscall.ECONNREFUSED); refused != test.want[transport] || err != nil && !refused {
						t.Errorf("%v over %s = %v, want refused %v", addr, transport, err, test.want[transport])
					}
				}
			}
			s.Up()
			s.Up()
			for _, addr := range s.Addrs() {
				for _, transport := range transports {
					exchange(t, addr, transport, query("example.com", "SOA"))
				}
			}
		})
	}
}

// TestDownInHook checks that a server can go down at a question, and leaves that question unanswered.
func TestDownInHook(t *testing.T) {
	t.Parallel()
	s := dnstest.New(t).Zone("example.com").Server("ns1")
	down := make(chan struct{})
	s.OnQuestion(func(dnstest.Question) {
		s.Down()
		close(down)
	})
	c := newConn(t, s, dnstest.UDP)
	c.send(pack(t, query("example.com", "SOA")))
	<-down
	c.send(pack(t, query("example.com", "SOA")))
	if _, err := c.read(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("read = %v, want refused", err)
	}
}
