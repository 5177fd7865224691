package resolve

import (
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestFlightsShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[string, int](nil)
		var calls atomic.Int32
		work := func(ctx context.Context) int {
			calls.Add(1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			return 7
		}
		for range 10 {
			go func() {
				if v, err := f.do(t.Context(), "key", work); v != 7 || err != nil {
					t.Errorf("do = %d, %v, want 7", v, err)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := calls.Load(); n != 1 {
			t.Errorf("ten callers made %d calls, want 1", n)
		}
		if v, err := f.do(t.Context(), "key", work); v != 7 || err != nil || calls.Load() != 2 {
			t.Errorf("afterwards do = %d, %v with %d calls, want a second call", v, err, calls.Load())
		}
	})
}

// A caller that finds nothing remembered, and comes to the flight when that has just ended, is given what it remembered.
// The look-up is held up here for as long as that takes: where it is apart from joining, the work is done twice.
func TestFlightsLookAndJoinInOneStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var memory atomic.Int32
		var lookups, calls atomic.Int32
		land, landed := make(chan struct{}), make(chan struct{})
		f := newFlights(func(string) (int, bool) {
			value := int(memory.Load())
			if lookups.Add(1) == 2 && value == 0 {
				close(land)
				<-landed
			}
			return value, value != 0
		})
		work := func(context.Context) int {
			calls.Add(1)
			<-land
			memory.Store(7)
			return 7
		}
		go func() {
			if v, err := f.do(t.Context(), "key", work); v != 7 || err != nil {
				t.Errorf("the first caller got %d, %v, want 7", v, err)
			}
			close(landed)
		}()
		synctest.Wait()
		second := make(chan int, 1)
		go func() {
			v, _ := f.do(t.Context(), "key", work)
			second <- v
		}()
		synctest.Wait()
		select {
		case <-land:
		default:
			close(land)
		}
		if v := <-second; v != 7 || calls.Load() != 1 {
			t.Errorf("the second caller got %d after %d calls, want 7 after 1", v, calls.Load())
		}
		if v, err := f.do(t.Context(), "key", work); v != 7 || err != nil || calls.Load() != 1 {
			t.Errorf("afterwards do = %d, %v with %d calls, want what is remembered", v, err, calls.Load())
		}
	})
}

// What a client remembers ends the search for it, whoever looked before it was remembered: in a flight, or before one.
func TestFlightsKnowWhatIsRemembered(t *testing.T) {
	t.Parallel()
	apex := dnsname.MustParse("example.com")
	whole := &zone{apex: apex, whole: true, lifetime: time.Minute, hosts: []host{newHost(apex, []netip.Addr{netip.MustParseAddr("192.0.2.1")}, "")}}
	q := question{name: apex, code: dns.TypeNS}
	// Nobody answers: what is asked anew ends with the context.
	nowhere := MustParseResolver("tcp://127.0.0.1:1")
	for name, tt := range map[string]struct {
		remember func(*Client)
		want     func(context.Context, *Client) bool
	}{
		"an answer": {
			func(c *Client) {
				c.answers.put(exchangeKey{target{resolver: nowhere}, q}, response{detail: "remembered"}, time.Minute)
			},
			func(ctx context.Context, c *Client) bool {
				got, err := c.query(ctx, target{resolver: nowhere}, q)
				return err == nil && got.detail == "remembered"
			},
		},
		"a whole zone": {
			func(c *Client) { c.zones.put(whole) },
			func(ctx context.Context, c *Client) bool {
				z, err := c.finish(ctx, &zone{apex: apex, hosts: whole.hosts}, apex, q, nil)
				return err == nil && z == whole
			},
		},
		"a zone to start from": {
			func(c *Client) { c.zones.put(&zone{apex: apex, top: true, lifetime: time.Minute}) },
			func(ctx context.Context, c *Client) bool {
				z, said := c.top(ctx, question{name: apex, code: dns.TypeNS, fresh: true})
				return z != nil && z.apex == apex && said.Outcome == 0
			},
		},
		"a delegation": {
			func(c *Client) { c.zones.put(whole) },
			func(ctx context.Context, c *Client) bool {
				s, err := c.cut(ctx, &zone{apex: dnsname.MustParse("com"), hosts: whole.hosts}, q)
				return err == nil && s.child == whole
			},
		},
		"a validation": {
			func(c *Client) {
				c.zones.put(whole)
				c.zones.hold(apex, whole)
				c.securities.put(apex, answer.Validation{Zone: apex, Detail: "remembered"}, time.Minute)
			},
			func(ctx context.Context, c *Client) bool {
				v, err := c.Validate(ctx, apex)
				return err == nil && v.Detail == "remembered"
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			c, err := New(Config{Resolvers: []Resolver{nowhere}, AuthoritativePort: 1})
			if err != nil {
				t.Fatal(err)
			}
			tt.remember(c)
			if !tt.want(ctx, c) {
				t.Error("what is remembered was looked for again")
			}
		})
	}
}

func TestFlightsOutliveACaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[string, int](nil)
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		work := func(ctx context.Context) int {
			select {
			case <-release:
				return 7
			case <-ctx.Done():
				t.Error("the work was cancelled while a caller waited")
				return 0
			}
		}
		leader := make(chan error, 1)
		go func() {
			_, err := f.do(ctx, "key", work)
			leader <- err
		}()
		synctest.Wait()
		follower := make(chan int, 1)
		go func() {
			v, _ := f.do(t.Context(), "key", work)
			follower <- v
		}()
		synctest.Wait()
		cancel()
		if err := <-leader; !errors.Is(err, context.Canceled) {
			t.Errorf("the cancelled caller got %v, want %v", err, context.Canceled)
		}
		close(release)
		if v := <-follower; v != 7 {
			t.Errorf("the other caller got %d, want 7", v)
		}
	})
}

func TestFlightsEndWithTheLastCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[string, int](nil)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		for range 3 {
			go func() {
				if _, err := f.do(ctx, "key", func(ctx context.Context) int {
					<-ctx.Done()
					close(ended)
					return 0
				}); !errors.Is(err, context.Canceled) {
					t.Errorf("do: %v, want %v", err, context.Canceled)
				}
			}()
			synctest.Wait()
		}
		cancel()
		<-ended
		synctest.Wait()
		if len(f.m) != 0 {
			t.Errorf("%d flights are left, want none", len(f.m))
		}
	})
}

// The work ends at the deadline of the caller that started it; one with more time gets its own.
func TestFlightsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[string, int](nil)
		var calls atomic.Int32
		work := func(ctx context.Context) int {
			calls.Add(1)
			select {
			case <-time.After(3 * time.Second):
				return 7
			case <-ctx.Done():
				return 0
			}
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hasty := make(chan error, 1)
		go func() {
			_, err := f.do(short, "key", work)
			hasty <- err
		}()
		synctest.Wait()
		long, cancelLong := context.WithTimeout(t.Context(), time.Minute)
		defer cancelLong()
		if v, err := f.do(long, "key", work); v != 7 || err != nil {
			t.Errorf("the patient caller got %d, %v, want 7", v, err)
		}
		if err := <-hasty; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the hasty caller got %v, want %v", err, context.DeadlineExceeded)
		}
		if n := calls.Load(); n != 2 {
			t.Errorf("the work was done %d times, want 2", n)
		}
	})
}
