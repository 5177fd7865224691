package resolve

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// runners are servers that take their time, each by its place in the list: they fail where it is negative, and never
// answer where it is 0.
type runners struct {
	after   []time.Duration
	started *atomic.Int32
}

func (r runners) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, _ time.Duration) (*dns.Msg, error) {
	r.started.Add(1)
	after := r.after[to.Addr().As4()[3]]
	if after == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	time.Sleep(max(after, -after))
	reply := new(dns.Msg).SetReply(query)
	if after < 0 {
		reply.Rcode = dns.RcodeRefused
	}
	return reply, nil
}

// candidates returns servers, and a client that asks them.
func candidates(t *testing.T, after []time.Duration) (*Client, []candidate, *atomic.Int32) {
	t.Helper()
	c, _ := onWire(t, nil, nil)
	started := new(atomic.Int32)
	c.udp = runners{after, started}
	c.tcp = runners{after, new(atomic.Int32)} // Those that are silent are tried there too.
	var list []candidate
	for i := range after {
		to := target{addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{20, 0, 0, byte(i)}), dnsPort)}
		list = append(list, candidate{to: to, q: question{name: dnsname.MustParse("example.com"), code: dns.TypeNS, fresh: true}})
	}
	return c, list, started
}

func TestInquire(t *testing.T) {
	t.Parallel()
	const never, ms = time.Duration(0), time.Millisecond
	tests := []struct {
		name    string
		after   []time.Duration // how long each takes; it fails where negative
		want    int
		took    time.Duration
		started int32
	}{
		{"nobody to ask", nil, -1, 0, 0},
		{"the first succeeds", []time.Duration{50 * ms, 50 * ms}, 0, 50 * ms, 1},
		{"failures go on at once", []time.Duration{-ms, -ms, 5 * ms}, 2, 7 * ms, 3},
		{"all fail", []time.Duration{-ms, -2 * ms, -3 * ms}, -1, 6 * ms, 3},
		{"the first is dead", []time.Duration{never, 5 * ms, 5 * ms}, 1, hedge + 5*ms, 2},
		{"many are dead", []time.Duration{never, never, never, never, never, never, 5 * ms, never, 5 * ms}, 6, 3*hedge + 5*ms, 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, list, started := candidates(t, tt.after)
				begin, got := time.Now(), -1
				ctx, cancel := context.WithCancel(t.Context())
				c.inquire(ctx, [][]candidate{list}, func(_, i int, r *response) bool {
					if r.msg != nil && r.msg.Rcode == dns.RcodeSuccess {
						got = i
					}
					return got == i
				})
				if got != tt.want || time.Since(begin) != tt.took || started.Load() != tt.started {
					t.Errorf("inquire = %d after %v with %d started, want %d after %v with %d",
						got, time.Since(begin), started.Load(), tt.want, tt.took, tt.started)
				}
				cancel()
				synctest.Wait()
				if n := c.Waiting(); n != 0 {
					t.Errorf("%d are still waited for, want none", n)
				}
			})
		})
	}
}

// An inquiry ends at once with its context.
func TestInquireCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, list, _ := candidates(t, make([]time.Duration, 100))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		begin := time.Now()
		c.inquire(ctx, [][]candidate{list[:50], list[50:]}, func(int, int, *response) bool {
			t.Error("something was heard of servers that do not answer")
			return true
		})
		if took := time.Since(begin); took != time.Millisecond {
			t.Errorf("it took %v, want it to end with its context", took)
		}
		synctest.Wait()
		if n := c.Waiting(); n != 0 {
			t.Errorf("%d are still waited for, want none", n)
		}
	})
}
