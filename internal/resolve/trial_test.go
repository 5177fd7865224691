package resolve

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// deaf is a transport on which nothing comes through to some addresses.
type deaf struct {
	wire

	to func(netip.AddrPort) bool
}

func (d deaf) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	if !d.to(to) {
		return d.wire.roundTrip(ctx, to, query, wait)
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(wait):
		return nil, os.ErrDeadlineExceeded
	}
}

// Where no datagram comes through, the questions are answered over TCP however many wait: TCP is tried
// before anything counts as silent.
func TestNothingComesThroughOverUDP(t *testing.T) {
	t.Parallel()
	servers := func(to netip.AddrPort) bool { return to != resolverAddr && !isRegistryServer(to) }
	others := func(to netip.AddrPort) bool { return to != resolverAddr }
	all := func(netip.AddrPort) bool { return true }
	tests := map[string]struct {
		deaf              func(netip.AddrPort) bool
		domains, inFlight int
		most              time.Duration
	}{
		"to the servers of 20 domains, one at once": {servers, 20, 1, 65 * time.Second},
		"to the servers of 20 domains, 4 at once":   {servers, 20, 4, 6 * time.Second},
		"to the servers of 100 domains":             {servers, 100, DefaultMaxInFlight, 2500 * time.Millisecond},
		"but to the resolver, 4 at once":            {others, 20, 4, 8 * time.Second},
		"but to the resolver":                       {others, 100, DefaultMaxInFlight, 3 * time.Second},
		"at all, 4 at once":                         {all, 20, 4, 10 * time.Second},
		"at all":                                    {all, 100, DefaultMaxInFlight, 4 * time.Second},
	}
	for name, tt := range tests {
		part := inShort(4)
		tt.domains, tt.inFlight = tt.domains/part, max(1, tt.inFlight/part)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := onWire(t, nil, nil)
				w := wire{answer: domains, sent: new(atomic.Int64)}
				c.udp, c.tcp = deaf{w, tt.deaf}, w
				c.slots = newShares(tt.inFlight, c.timeout/shortening)
				begin := time.Now()
				var group sync.WaitGroup
				for i := range tt.domains {
					group.Go(func() {
						name := dnsname.MustParse(fmt.Sprintf("r.d%d.com", i))
						got, err := c.Ask(t.Context(), answer.Question{Name: name, Type: record.TXT, Via: answer.Authorities})
						if err != nil || len(got.List) != 2 || got.List[0].Outcome != answer.Found || got.List[1].Outcome != answer.Found {
							t.Errorf("%s: %v, %v, want the record at both servers", name, got.List, err)
						}
					})
				}
				group.Wait()
				took := time.Since(begin)
				t.Logf("it took %v", took)
				if took > tt.most {
					t.Errorf("it took %v, want at most %v", took, tt.most)
				}
				time.Sleep(time.Minute) // What is still listened for ends.
			})
		})
	}
}

// A trial costs an address that is silent one connection, until it answers again.
func TestTrialIsMadeOnce(t *testing.T) {
	t.Parallel()
	to, asked := authority("192.0.2.1:53"), time.Now()
	p := newPeers(100)
	expect := func(when string, tries, silent bool) {
		t.Helper()
		if got := p.tries(to); got != tries {
			t.Errorf("%s: tried over TCP %v, want %v", when, got, tries)
		}
		if got := p.isSilent(to); got != silent {
			t.Errorf("%s: silent %v, want %v", when, got, silent)
		}
	}
	giveUp := func() {
		for range sickAfter {
			p.giveUp(to, asked)
		}
	}
	expect("at first", true, false)
	giveUp()
	expect("while it is tried", false, false)
	p.tried(to, false)
	giveUp()
	expect("after a trial that was cut off", true, false)
	giveUp()
	p.tried(to, true)
	expect("after one in vain", false, true)
	p.answer(to)
	expect("once it has answered over TCP", true, false)
	asked = time.Now()
	p.tried(to, true)
	giveUp()
	expect("when it is silent again", false, true)
	p.answer(to)
	p.hear(to)
	expect("once it has answered over UDP", false, false)
	asked = time.Now()
	giveUp()
	expect("when it is silent after that", false, true)
}

// slow is a transport on which every answer takes the latency, and as long as it is waited for.
type slow struct{ wire }

func (s slow) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	time.Sleep(min(wait, latency))
	if wait < latency {
		return nil, os.ErrDeadlineExceeded
	}
	return s.wire.roundTrip(ctx, to, query, wait)
}

// A server that is asked when the time is nearly over is not called silent: it had no fair chance to answer.
func TestTimeNearlyOver(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name string
		left time.Duration
		want answer.Outcome // zero where the time is over
	}{
		"time for an answer":                  {"r.d1.com", time.Second, answer.Found},
		"too little time for an answer":       {"r.d1.com", latency, 0},
		"a dead server, and time to find out": {"r.dead1.com", time.Second, answer.Timeout},
		"a dead server, and too little time":  {"r.dead1.com", 100 * time.Millisecond, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := onWire(t, nil, nil)
				over := slow{wire{answer: domains, sent: new(atomic.Int64)}}
				c.udp, c.tcp = over, over
				ctx, cancel := context.WithTimeout(t.Context(), tt.left)
				defer cancel()
				to := target{addr: netip.MustParseAddrPort("20.1.0.1:53")}
				got, err := c.query(ctx, to, question{name: dnsname.MustParse(tt.name), code: dns.TypeTXT})
				outcome := got.outcome
				if got.msg != nil {
					outcome = answer.Found
				}
				if err != nil {
					outcome = 0
				}
				if outcome != tt.want || (err != nil) != (tt.want == 0) {
					t.Errorf("query = %v (%s), %v, want %v", outcome, got.detail, err, tt.want)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}
