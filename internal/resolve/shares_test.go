package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// latency is how far servers are away in the tests of shares.
const latency = 20 * time.Millisecond

// inShort returns by what a test divides how much it does, and what there is for it, in a short run: that finds races,
// and leaves the size to a full one, which the cases are named after.
func inShort(part int) int {
	if testing.Short() {
		return part
	}
	return 1
}

// far is a wire with a delay.
type far struct{ wire }

func (f far) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	time.Sleep(latency)
	return f.wire.roundTrip(ctx, to, query, wait)
}

// domains answers for com and the domains in it: d<i>.com has two servers, dead<i>.com two that never answer, and
// evil<i>.com 20 with nine addresses each that never do.
func domains(to netip.AddrPort, query *dns.Msg) (*dns.Msg, error) {
	if to == resolverAddr {
		return resolver(query)
	}
	q := query.Question[0]
	labels := dns.SplitDomainName(q.Name)
	reply := new(dns.Msg).SetReply(query)
	header := func(name string, code uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: code, Class: dns.ClassINET, Ttl: 300}
	}
	domain := strings.Join(labels[max(0, len(labels)-2):], ".") + "."
	kind, n := strings.TrimRight(strings.TrimSuffix(domain, ".com."), "0123456789"), 0
	_, _ = fmt.Sscanf(domain[len(kind):], "%d", &n)
	network := map[string]byte{"d": 20, "dead": 30, "evil": 40}[kind] + byte(n>>8)
	hosts, addrs := 2, 1
	if kind == "evil" {
		hosts, addrs = 20, 9
	}
	for i := range hosts {
		host := fmt.Sprintf("ns%d.%s", i, domain)
		reply.Ns = append(reply.Ns, &dns.NS{Hdr: header(domain, dns.TypeNS), Ns: host})
		for j := range addrs {
			reply.Extra = append(reply.Extra, &dns.A{Hdr: header(host, dns.TypeA), A: net.IPv4(network, byte(n), byte(i), byte(j+1))})
		}
	}
	if isRegistryServer(to) {
		return reply, nil // A server of com refers.
	}
	reply.Authoritative = true
	switch {
	case kind != "d":
		return nil, nil
	case q.Qtype == dns.TypeNS:
		reply.Answer, reply.Ns = reply.Ns, nil
	case q.Qtype == dns.TypeTXT:
		reply.Answer, reply.Ns, reply.Extra = []dns.RR{&dns.TXT{Hdr: header(q.Name, dns.TypeTXT), Txt: []string{"ok"}}}, nil, nil
	default:
		reply.Ns, reply.Extra = []dns.RR{&dns.SOA{Hdr: header(domain, dns.TypeSOA), Ns: "ns0." + domain, Mbox: domain, Minttl: 300}}, nil
	}
	return reply, nil
}

// Domains whose servers do not answer do not hold up the others, though they take all places that there are.
func TestSharesOfDomains(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		hostile  string
		hostiles int
		healthy  int
		took     time.Duration // of the healthy, at most
	}{
		"alone":                          {"", 0, 100, 500 * time.Millisecond},
		"3,600 silent addresses":         {"evil", 20, 20, 5 * time.Second},
		"400 dead domains of 500":        {"dead", 400, 100, 10 * time.Second},
		"one hostile domain beside many": {"evil", 1, 100, 600 * time.Millisecond},
	}
	for name, tt := range tests {
		part := inShort(5)
		tt.hostiles, tt.healthy = (tt.hostiles+part-1)/part, tt.healthy/part
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := onWire(t, nil, nil)
				c.slots.max /= part
				w := far{wire{answer: domains, sent: new(atomic.Int64)}}
				c.udp, c.tcp = w, w
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				begin := time.Now()
				var rest, healthy sync.WaitGroup
				for i := range tt.hostiles {
					rest.Go(func() { _, _ = c.Ask(ctx, txtAt(fmt.Sprintf("%s%d.com", tt.hostile, i))) })
				}
				synctest.Wait() // They come first.
				for i := range tt.healthy {
					healthy.Go(func() {
						answers, err := c.Ask(ctx, txtAt(fmt.Sprintf("d%d.com", i)))
						if values, disagree := answers.Agreed(); err != nil || disagree != nil || len(values) != 1 {
							t.Errorf("d%d.com: %+v, %v", i, answers, err)
						}
					})
				}
				healthy.Wait()
				took := time.Since(begin)
				t.Logf("%d healthy domains beside %d others took %v, %d messages", tt.healthy, tt.hostiles, took, w.sent.Load())
				if took > tt.took {
					t.Errorf("%d healthy domains took %v, want at most %v", tt.healthy, took, tt.took)
				}
				cancel()
				rest.Wait()
				time.Sleep(time.Second) // What was under way ends.
			})
		})
	}
}

// Resolvers that send no addresses along leave no name server of a top-level domain out.
func TestTopLevelServersWithoutAddresses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		servers int
		reason  answer.Reason // of the error; 0 for none
	}{
		"four":          {4, 0},
		"thirteen":      {13, 0},
		"as many as go": {maxHosts, 0},
		"too many":      {maxHosts + 1, answer.Excessive},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := onWire(t, nil, nil)
				var mu sync.Mutex
				asked := make(map[netip.AddrPort]bool)
				w := wire{sent: new(atomic.Int64), answer: func(to netip.AddrPort, query *dns.Msg) (*dns.Msg, error) {
					if to != resolverAddr {
						mu.Lock()
						asked[to] = asked[to] || isRegistryServer(to)
						mu.Unlock()
						return domains(to, query)
					}
					q := query.Question[0]
					reply := new(dns.Msg).SetReply(query)
					reply.RecursionAvailable = true
					header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 300}
					n := 0
					_, err := fmt.Sscanf(q.Name, "ns%d.", &n)
					switch {
					case q.Qtype == dns.TypeNS:
						for i := range tt.servers {
							reply.Answer = append(reply.Answer, &dns.NS{Hdr: header, Ns: fmt.Sprintf("ns%d.nic.com.", i)})
						}
					case q.Qtype == dns.TypeA && err == nil:
						reply.Answer = []dns.RR{&dns.A{Hdr: header, A: net.IPv4(192, 175, 48, byte(n+1))}}
					}
					return reply, nil
				}}
				c.udp, c.tcp = w, w
				_, err := c.Ask(t.Context(), txtAt("d1.com"))
				lookup, _ := errors.AsType[*answer.LookupError](err)
				if (err != nil) != (tt.reason != 0) || err != nil && (lookup == nil || lookup.Reason != tt.reason || lookup.At.String() != "com") {
					t.Fatalf("Ask = %v, want an error of the kind %d", err, tt.reason)
				}
				registry := 0
				for _, is := range asked {
					if is {
						registry++
					}
				}
				if want := tt.servers; tt.reason == 0 && registry != want || tt.reason != 0 && w.sent.Load() != 1 {
					t.Errorf("%d servers of com were asked by %d messages, want %d", registry, w.sent.Load(), want)
				}
			})
		})
	}
}

func txtAt(name string) answer.Question {
	return answer.Question{Name: dnsname.MustParse(name), Type: record.TXT, Via: answer.Authorities, Fresh: true}
}

// Time that is over before the client's own limits let a question out is told as such.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := onWire(t, nil, nil)
		w := far{wire{answer: domains, sent: new(atomic.Int64)}}
		c.udp, c.tcp = w, w
		c.slots, c.peers = newShares(1, time.Hour), newPeers(1)
		var expected []verify.Expectation
		for i := range 100 {
			name := fmt.Sprintf("d%d.com", i)
			expected = append(expected, verify.Expectation{Key: name, Owner: dnsname.MustParse(name), Type: record.TXT, Value: "ok"})
		}
		_, err := verify.Waiter{Resolver: c}.Wait(t.Context(), expected, verify.Options{Timeout: 10 * time.Second})
		timeout, ok := errors.AsType[*verify.TimeoutError](err)
		if !ok || !timeout.HeldBack || !strings.Contains(err.Error(), "max_rate") || strings.Contains(err.Error(), "0 times") {
			t.Errorf("Wait = %v, want an error that names the limits", err)
		}
		time.Sleep(time.Second)
	})
}

// acquire waits for a place.
func acquire(ctx context.Context, s *shares, domain dnsname.Name) (*share, error) {
	w := &share{domain: domain}
	ready := make(chan error, 1)
	s.when(ctx, w, func() { ready <- nil }, func() { ready <- ctx.Err() })
	return w, <-ready
}

// Who held places for the shortest time comes first.
func TestSharesAreFair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShares(1, time.Hour)
		greedy, modest := dnsname.MustParse("greedy.example"), dnsname.MustParse("modest.example")
		place, err := acquire(t.Context(), s, greedy)
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		var group sync.WaitGroup
		for _, domain := range []dnsname.Name{greedy, greedy, modest} {
			group.Go(func() {
				p, err := acquire(t.Context(), s, domain)
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, domain.String())
				time.Sleep(time.Second)
				s.release(p)
			})
			synctest.Wait()
		}
		time.Sleep(time.Second)
		s.release(place)
		group.Wait()
		if got := strings.Join(order, " "); got != "modest.example greedy.example greedy.example" {
			t.Errorf("the order was %s", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := acquire(t.Context(), s, modest); err != nil {
			t.Fatal(err)
		}
		if _, err := acquire(ctx, s, modest); !errors.Is(err, context.Canceled) || len(s.queue.lanes) != 0 {
			t.Errorf("acquire = %v with %d waiting, want it cancelled with none", err, len(s.queue.lanes))
		}
	})
}

// An address that does not answer is asked less and less, however long a wait lasts.
func TestPacketsToSilentAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := onWire(t, nil, nil)
		silent := netip.MustParseAddrPort("20.7.1.1:53")
		var sent, after atomic.Int64
		var alive atomic.Bool
		w := far{wire{sent: new(atomic.Int64), answer: func(to netip.AddrPort, query *dns.Msg) (*dns.Msg, error) {
			if to == silent && !alive.Load() {
				sent.Add(1)
				return nil, nil
			}
			if to == silent {
				after.Add(1)
			}
			return domains(to, query)
		}}}
		c.udp, c.tcp = w, w
		var expected []verify.Expectation
		for i := range 5 {
			name := fmt.Sprintf("r%d.d7.com", i)
			expected = append(expected, verify.Expectation{Key: name, Owner: dnsname.MustParse(name), Type: record.TXT, Value: "ok"})
		}
		strict, err := verify.ParseRequire("strict")
		if err != nil {
			t.Fatal(err)
		}
		const wait = 10 * time.Minute
		report, err := verify.Waiter{Resolver: c}.Wait(t.Context(), expected, verify.Options{Require: strict, Timeout: wait})
		if _, ok := errors.AsType[*verify.TimeoutError](err); !ok {
			t.Errorf("Wait = %v, want its time to be over:\n%s", err, report.Text())
		}
		t.Logf("a silent address got %d questions over UDP and TCP within %v", sent.Load(), wait)
		if n := sent.Load(); n > MaxToSilent {
			t.Errorf("a silent address got %d questions within %v, want at most %d", n, wait, MaxToSilent)
		}
		alive.Store(true)
		begin := time.Now()
		if report, err = (verify.Waiter{Resolver: c}).Wait(t.Context(), expected, verify.Options{Require: strict, Timeout: wait}); err != nil {
			t.Errorf("once it answers: %v\n%s", err, report.Text())
		}
		if took := time.Since(begin); took > 2*longestSilence {
			t.Errorf("once it answers, it took %v to notice, want at most %v", took, 2*longestSilence)
		}
		time.Sleep(time.Second)
	})
}

// MaxToSilent is how many questions go to an address that does not answer within ten minutes, as the guide says.
const MaxToSilent = 60
