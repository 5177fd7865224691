package resolve

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// dmarcQuestion is what a server is asked here.
var dmarcQuestion = question{name: dnsname.MustParse("_dmarc.example.com"), code: dns.TypeTXT}

// said is what it answers: the code, with authority or not, and the owner of the servers that it refers to.
func said(rcode int, authoritative bool, refers string) *dns.Msg {
	msg := new(dns.Msg)
	msg.Rcode, msg.Authoritative = rcode, authoritative
	if refers != "" {
		msg.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: refers, Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "ns1.example.net."}}
	}
	return msg
}

// At the rate that is set unless told otherwise, the questions of a plan about 50 domains of 12 records go to a server at
// once, and so do those about 1,000 records, two for each; those about 2,000 within the time of a refresh.
func TestDefaultRate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		questions int
		most      time.Duration
	}{
		"50 domains of 12 records": {50 * (12*2 + 2), 0},
		"20 domains of 60 records": {20 * (60*2 + 2), 0},
		"1,000 records":            {1000*2 + 2, 0},
		"2,000 records":            {2000*2 + 2, 4500 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPeers(DefaultMaxRate)
				to := authority("192.0.2.1:53")
				p.prove(to, said(dns.RcodeSuccess, true, ""), dmarcQuestion)
				begin := time.Now()
				for range tt.questions {
					if err := p.wait(t.Context(), to, false); err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(begin); took > tt.most {
					t.Errorf("%d questions took %v, want %v at most", tt.questions, took, tt.most)
				}
			})
		})
	}
}

// An address that a zone merely names is not asked at the full rate: only what it answers shows that it is a server of
// that zone.
func TestRateIsEarned(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		msg    *dns.Msg
		earned bool
	}{
		"an answer with authority":           {said(dns.RcodeSuccess, true, ""), true},
		"no such name":                       {said(dns.RcodeNameError, true, ""), true},
		"a referral to a domain":             {said(dns.RcodeSuccess, false, "example.com."), true},
		"a referral to the root":             {said(dns.RcodeSuccess, false, "."), false},
		"a referral to a top-level domain":   {said(dns.RcodeSuccess, false, "com."), false},
		"a referral to another domain":       {said(dns.RcodeSuccess, false, "example.net."), false},
		"an answer from a cache":             {said(dns.RcodeSuccess, false, ""), false},
		"refused":                            {said(dns.RcodeRefused, false, ""), false},
		"not authoritative, with the AA bit": {said(dns.RcodeNotAuth, true, ""), false},
		"SERVFAIL with the AA bit":           {said(dns.RcodeServerFailure, true, ""), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, most := range []int{10, 500} {
				p := newPeers(most)
				to := authority("192.0.2.1:53")
				trial := rate.Limit(min(most, TrialRate))
				peer, _ := p.of(to)
				if got := peer.limiter; got.Limit() != trial || got.Burst() != burst*int(trial) {
					t.Errorf("an address that was not asked yet: %v a second and %d at once, want %v", got.Limit(), got.Burst(), trial)
				}
				p.silence(to, time.Now())
				for range 2 * slowest {
					p.answer(to)
					p.prove(to, tt.msg, dmarcQuestion)
				}
				want := trial
				if tt.earned {
					want = rate.Limit(most)
				}
				if got := peer.limiter; got.Limit() != want || got.Burst() != burst*int(want) {
					t.Errorf("%v a second and %d at once, want %v", got.Limit(), got.Burst(), want)
				}
			}
		})
	}
	p := newPeers(500)
	chosen, _ := p.of(target{addr: resolverAddr, resolver: PlainResolver(resolverAddr)})
	if got := chosen.limiter.Limit(); got != 500 {
		t.Errorf("a resolver: %v a second, want 500: the user chose it", got)
	}
}

// A server that drops or cuts answers is sent fewer datagrams, and more again once it answers those.
func TestDatagramsSlowDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(256)
		to := authority("192.0.2.1:53")
		expect := func(when string, want rate.Limit) {
			t.Helper()
			peer, _ := p.of(to)
			got := rate.Inf
			if peer.over.limiter != nil {
				got = peer.over.limiter.Limit()
			}
			if got != want {
				t.Errorf("%s: %v datagrams a second, want %v", when, got, want)
			}
		}
		before, well := time.Now(), p.way(to)
		expect("at first", rate.Inf)
		time.Sleep(time.Millisecond)
		p.hear(to)
		p.curb(to, before)
		expect("after a cut answer", 64)
		if well.limited.Err() == nil {
			t.Error("what waits for an answer over UDP goes on, want it given up")
		}
		p.curb(to, before)
		expect("after another one of the same time", 64)
		for _, want := range []rate.Limit{16, 4, 4} {
			time.Sleep(time.Millisecond)
			p.curb(to, time.Now())
			expect("after one asked since", want)
		}
		first, second := p.way(to), p.way(to)
		if first.tcp || first.patience(time.Second) != time.Second/haste || !second.tcp {
			t.Errorf("the next two ways are %+v and %+v, want a datagram with haste, then TCP", first, second)
		}
		p.relax(to, time.Now())
		expect("after an answer at once", 4)
		for _, want := range []rate.Limit{36, 68, 100, 132, 164, 196, 228, rate.Inf} {
			time.Sleep(relaxing)
			p.relax(to, time.Now())
			expect("after an answer a second later", want)
		}
		if got := p.way(to); got.tcp || got.limited.Err() != nil {
			t.Errorf("the way is %+v, want a datagram", got)
		}
		resolver := target{addr: resolverAddr, resolver: PlainResolver(resolverAddr)}
		p.hear(resolver)
		p.curb(resolver, time.Now())
		if got := p.way(resolver); got.tcp || got.patience(time.Second) != time.Second {
			t.Errorf("the way to a resolver is %+v, want it as ever: it waits for others", got)
		}
	})
}

// limiting is a transport to servers of com and of domains that limit their responses over UDP.
type limiting struct {
	wire

	udp           bool
	cut, dropOnly bool // what is too much is all cut, or all dropped; otherwise every second is cut
	free          int  // how many answers they give over UDP

	mu                      sync.Mutex
	answered, dropped, sent int
}

func (l *limiting) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	time.Sleep(latency)
	if !l.udp || to == resolverAddr || isRegistryServer(to) {
		return l.wire.roundTrip(ctx, to, query, wait)
	}
	l.mu.Lock()
	l.sent++
	whole := l.answered < l.free
	drop := !whole && (l.dropOnly || !l.cut && l.sent%2 == 0)
	if whole {
		l.answered++
	}
	if drop {
		l.dropped++
	}
	l.mu.Unlock()
	switch {
	case whole:
		return l.wire.roundTrip(ctx, to, query, wait)
	case drop:
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait - latency):
			return nil, context.DeadlineExceeded
		}
	}
	reply := new(dns.Msg).SetReply(query)
	reply.Truncated = true
	return reply, nil
}

// counts returns how many datagrams were sent and dropped. Some may still be under way.
func (l *limiting) counts() (sent, dropped int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent, l.dropped
}

// Servers that limit their responses to any client hold nobody up: what they drop or cut is asked over TCP, and of
// hundreds of questions no more than those that were under way wait for a datagram that is lost.
func TestServersThatLimitResponses(t *testing.T) {
	t.Parallel()
	questions := 300 / inShort(3)
	tests := map[string]*limiting{
		"everything past it is cut":     {cut: true, free: 20},
		"every second is cut":           {free: 20},
		"everything past it is dropped": {dropOnly: true, free: 20},
	}
	for name, over := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := onWire(t, nil, nil)
				w := wire{answer: domains, sent: new(atomic.Int64)}
				over.wire, over.udp = w, true
				c.udp, c.tcp = over, &limiting{wire: w}
				begin := time.Now()
				var group sync.WaitGroup
				for i := range questions {
					group.Go(func() {
						got, err := c.Ask(t.Context(), answer.Question{Name: dnsname.MustParse(fmt.Sprintf("r%d.d1.com", i)), Type: record.TXT, Via: answer.Authorities})
						if err != nil || len(got.List) != 2 || got.List[0].Outcome != answer.Found || got.List[1].Outcome != answer.Found {
							t.Errorf("question %d: %v, %v, want the record at both servers", i, got.List, err)
						}
					})
				}
				group.Wait()
				sent, dropped := over.counts()
				t.Logf("%v; %d datagrams, of which %d were dropped", time.Since(begin), sent, dropped)
				// Those that fit in at once, and now and then one to find out whether it is over.
				if most := over.free + 2*DefaultMaxInFlight; sent > most {
					t.Errorf("%d datagrams were sent, want at most %d of %d questions", sent, most, 4*questions)
				}
				if took := time.Since(begin); took > c.timeout+3*time.Second {
					t.Errorf("it took %v, want little more than the patience with one lost datagram", took)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

// A server that takes no connections is asked over UDP all the same.
func TestLimitedServerWithoutTCP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(256)
		to := authority("192.0.2.1:53")
		p.curb(to, time.Now())
		p.way(to)
		if got := p.way(to); !got.tcp {
			t.Fatalf("the way is %+v, want TCP", got)
		}
		p.uncurb(to)
		if got := p.way(to); got.tcp {
			t.Errorf("the way is %+v, want a datagram", got)
		}
	})
}
