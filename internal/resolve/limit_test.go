package resolve

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

func authority(text string) target { return target{addr: netip.MustParseAddrPort(text)} }

// wait waits until a target may be asked.
func (p *peers) wait(ctx context.Context, t target, fresh bool) error {
	ready := make(chan struct{})
	p.when(ctx, t, fresh, func() { close(ready) })
	<-ready
	return ctx.Err()
}

func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(20)
		to := authority("192.0.2.1:53")
		begin := time.Now()
		for range burst*20 + 2*20 {
			if err := p.wait(t.Context(), to, true); err != nil {
				t.Fatalf("wait: %v", err)
			}
		}
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("a burst and 40 more at 20 a second took %v, want 2s", took)
		}
		if err := p.wait(t.Context(), authority("192.0.2.2:53"), true); err != nil || time.Since(begin) != 2*time.Second {
			t.Errorf("another address waited until %v (%v), want no wait", time.Since(begin), err)
		}
	})
}

func TestRateSlowsDown(t *testing.T) {
	t.Parallel()
	p := newPeers(16)
	to := authority("192.0.2.1:53")
	type allowance struct {
		limit rate.Limit
		burst int
	}
	expect := func(when string, want allowance) {
		t.Helper()
		peer, _ := p.of(to)
		if got := (allowance{peer.limiter.Limit(), peer.limiter.Burst()}); got != want {
			t.Errorf("after %s: %v a second, %d at once, want %v, %d", when, got.limit, got.burst, want.limit, want.burst)
		}
	}
	for _, want := range []allowance{{8, 8}, {4, 4}, {2, 2}, {2, 2}} {
		p.silence(to, time.Now())
		expect("a timeout", want)
	}
	for _, want := range []allowance{{4, 4}, {6, 6}, {8, 8}, {10, 10}, {12, 12}, {14, 14}, {16, 16 * burst}, {16, 16 * burst}} {
		p.answer(to)
		expect("an answer", want)
	}
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(1)
		to := authority("192.0.2.1:53")
		for range burst {
			if err := p.wait(t.Context(), to, false); err != nil {
				t.Fatalf("wait within the burst: %v", err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := p.wait(ctx, to, true); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait past the deadline: %v, want %v", err, context.DeadlineExceeded)
		}
		begin := time.Now()
		go func() {
			time.Sleep(time.Millisecond)
			for range sickAfter {
				p.silence(to, time.Now())
			}
		}()
		if err := p.wait(t.Context(), to, false); err != nil || time.Since(begin) != time.Millisecond {
			t.Errorf("wait ended after %v with %v, want it to end as the address turns sick", time.Since(begin), err)
		}
	})
}

// What waits for a slow rate is not held up by those who waited before it and left.
func TestRateOwesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(1)
		to := authority("192.0.2.1:53")
		for range burst {
			if err := p.wait(t.Context(), to, true); err != nil {
				t.Fatalf("wait within the burst: %v", err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range 100 {
			go func() { _ = p.wait(ctx, to, true) }()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		begin := time.Now()
		if err := p.wait(t.Context(), to, true); err != nil || time.Since(begin) != time.Second {
			t.Errorf("wait took %v (%v), want 1s as if nobody had waited before", time.Since(begin), err)
		}
	})
}

// A question that did not leave the machine lets another one go in its place.
func TestRateIsSpared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(2)
		to := authority("192.0.2.1:53")
		for range 2 * burst {
			if err := p.wait(t.Context(), to, true); err != nil {
				t.Fatalf("wait within the burst: %v", err)
			}
		}
		// One that waits already goes at once.
		begin := time.Now()
		waited := make(chan error, 1)
		go func() { waited <- p.wait(t.Context(), to, true) }()
		synctest.Wait()
		p.spare(to)
		if err := <-waited; err != nil || time.Since(begin) != 0 {
			t.Errorf("the wait ended after %v (%v), want it at once", time.Since(begin), err)
		}
		// A second's worth is kept for others.
		for range 10 {
			p.spare(to)
		}
		for i, want := range []time.Duration{0, 0, 500 * time.Millisecond} {
			if err := p.wait(t.Context(), to, true); err != nil || time.Since(begin) != want {
				t.Errorf("wait %d ended after %v (%v), want %v", i, time.Since(begin), err, want)
			}
		}
	})
}

func TestUnreachableAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(20)
		to := authority("192.0.2.1:53")
		lost := response{outcome: answer.Unreachable, detail: "connection refused"}
		for range sickAfter {
			if got := p.admit(to, false); got != admitted {
				t.Errorf("before that many failures: %v, want admitted", got)
			}
			p.unreachable(to, time.Now(), lost)
		}
		if got, fresh := p.admit(to, false), p.admit(to, true); got != skipped || fresh != admitted {
			t.Errorf("after %d failures: %v, a fresh question %v; want it skipped, and the fresh one admitted", sickAfter, got, fresh)
		}
		want := response{outcome: answer.Unreachable, detail: "connection refused; " + detailLost, skipped: true}
		if got := p.notAsked(to); got != want {
			t.Errorf("instead: %+v, want %+v", got, want)
		}
		if peer, _ := p.of(to); peer.limiter.Limit() != 20 {
			t.Errorf("its rate is %v, want 20: it does not answer less for being asked less", peer.limiter.Limit())
		}
		time.Sleep(probeSick)
		if got := p.admit(to, false); got != probing {
			t.Errorf("a while later: %v, want probing", got)
		}
		p.answer(to)
		if got := p.admit(to, false); got != admitted {
			t.Errorf("after an answer: %v, want admitted", got)
		}
	})
}

func TestUnreachableNetwork(t *testing.T) {
	t.Parallel()
	p := newPeers(20)
	for i := range deadAfter {
		to := authority(fmt.Sprintf("[2001:db8::%d]:53", i+1))
		p.unreachable(to, time.Now(), response{outcome: answer.Unreachable, detail: "network is unreachable"})
	}
	other := authority("[2001:db8::ffff]:53")
	for _, fresh := range []bool{false, true} {
		p.admit(other, fresh) // A probe.
		if got := p.admit(other, fresh); got != skipped {
			t.Errorf("admit(fresh %v) = %v, want skipped", fresh, got)
		}
	}
	if got, want := p.notAsked(other), (response{outcome: answer.Unreachable, detail: detailSilent, skipped: true}); got != want {
		t.Errorf("instead: %+v, want %+v", got, want)
	}
	if got := p.admit(authority("192.0.2.1:53"), false); got != admitted {
		t.Errorf("over IPv4: %v, want admitted", got)
	}
}

func TestSickAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(20)
		to, other := authority("192.0.2.1:53"), authority("192.0.2.2:53")
		expect := func(when string, to target, fresh bool, want admission) {
			t.Helper()
			if got := p.admit(to, fresh); got != want {
				t.Errorf("%s: admit(%v, fresh %v) = %v, want %v", when, to.addr, fresh, got, want)
			}
		}
		p.answer(other) // The network is alive.
		for range sickAfter - 1 {
			p.silence(to, time.Now())
		}
		expect("before the third timeout", to, false, admitted)
		p.silence(to, time.Now())
		expect("after the third timeout", to, false, skipped)
		expect("after the third timeout", to, true, retrying)
		expect("at once again", to, true, skipped)
		expect("after the third timeout", other, false, admitted)
		if sick, well := p.rank(to), p.rank(other); sick <= well {
			t.Errorf("rank of the sick address %d, of the other %d: want the other first", sick, well)
		}
		time.Sleep(probeSick)
		expect("a while later", to, false, probing)
		expect("a while later, once more", to, false, skipped)
		p.answer(to)
		expect("after an answer", to, false, admitted)
		p.silence(to, time.Now())
		expect("after an answer and a timeout", to, false, admitted)
	})
}

func TestDeadNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeers(20)
		silence := func(prefix string, n int, asked time.Time) {
			for i := range n {
				addr := netip.MustParsePrefix(prefix).Addr()
				for range i + 1 {
					addr = addr.Next()
				}
				p.silence(target{addr: netip.AddrPortFrom(addr, 53)}, asked)
			}
		}
		fresh6, fresh4 := authority("[2001:db8::ffff]:53"), authority("192.0.2.255:53")
		recursor := target{addr: fresh4.addr, resolver: PlainResolver(fresh4.addr)}

		// What was asked before the last answer says nothing about now.
		asked := time.Now()
		time.Sleep(time.Millisecond)
		p.answer(fresh4)
		silence("192.0.2.0/24", deadAfter, asked)
		if got := p.admit(authority("192.0.2.77:53"), false); got != admitted {
			t.Errorf("with an answer since: %v, want admitted", got)
		}

		time.Sleep(time.Millisecond)
		silence("2001:db8::/64", deadAfter, time.Now())
		for _, tt := range []struct {
			to   target
			want admission
		}{{fresh6, skipped}, {fresh4, admitted}, {recursor, admitted}} {
			if got := p.admit(tt.to, false); got != tt.want {
				t.Errorf("with IPv6 dead: admit(%v) = %v, want %v", tt.to, got, tt.want)
			}
		}
		time.Sleep(probeDead)
		if first, second := p.admit(fresh6, false), p.admit(fresh6, false); first != probing || second != skipped {
			t.Errorf("a while later: %v, then %v, want one probe", first, second)
		}
		p.answer(fresh6)
		if got := p.admit(authority("[2001:db8::77]:53"), false); got != admitted {
			t.Errorf("after an answer: %v, want admitted", got)
		}
	})
}

// One server that is dead for all questions does not make a network dead.
func TestDeadNetworkNeedsSeveralAddresses(t *testing.T) {
	t.Parallel()
	p := newPeers(20)
	for range 2 * deadAfter {
		p.silence(authority("192.0.2.1:53"), time.Now())
		p.silence(authority("192.0.2.2:53"), time.Now())
	}
	if got := p.admit(authority("192.0.2.3:53"), false); got != admitted {
		t.Errorf("admit = %v, want admitted", got)
	}
}

func TestPeersAreBounded(t *testing.T) {
	t.Parallel()
	p := newPeers(20)
	addr := netip.MustParseAddr("10.0.0.0")
	for range maxPeers + 10 {
		addr = addr.Next()
		p.admit(target{addr: netip.AddrPortFrom(addr, 53)}, false)
	}
	if n := len(p.peers); n > maxPeers {
		t.Errorf("%d addresses are remembered, want at most %d", n, maxPeers)
	}
}
