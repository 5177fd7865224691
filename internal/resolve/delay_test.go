package resolve

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// Each way to ask tells time that is over while the client's own limits hold questions back from time in which servers
// do not answer.
func TestHeldBackOnEachWay(t *testing.T) {
	t.Parallel()
	expectation := func(name string) []verify.Expectation {
		return []verify.Expectation{{Key: name, Owner: dnsname.MustParse(name), Type: record.TXT, Value: "ok"}}
	}
	ways := map[string]func(ctx context.Context, c *Client, name string) error{
		"authorities": func(ctx context.Context, c *Client, name string) error {
			_, err := c.Ask(ctx, txtAt(name))
			return err
		},
		"resolvers": func(ctx context.Context, c *Client, name string) error {
			_, err := c.Ask(ctx, answer.Question{Name: dnsname.MustParse(name), Type: record.TXT, Via: answer.Resolvers})
			return err
		},
		"records of others": func(ctx context.Context, c *Client, name string) error {
			_, err := c.Lookup(ctx, name, spf.TypeTXT)
			return err
		},
		"pass": func(ctx context.Context, c *Client, name string) error {
			_, err := verify.Waiter{Resolver: c}.Check(ctx, expectation(name), verify.Options{})
			return err
		},
		"lookup": func(ctx context.Context, c *Client, name string) error {
			_, err := verify.LookUp(ctx, c, c, txtAt(name))
			return err
		},
	}
	tests := map[string]struct {
		limit func(c *Client)
		held  bool
	}{
		"max_rate":           {func(c *Client) { c.peers = newPeers(1); exhaust(c.peers) }, true},
		"max_in_flight":      {func(c *Client) { c.slots = occupied() }, true},
		"servers are silent": {func(*Client) {}, false},
	}
	for limit, tt := range tests {
		for way, ask := range ways {
			t.Run(limit+"/"+way, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, _ := onWire(t, nil, nil)
					w := silent{}
					c.udp, c.tcp = w, w
					c.timeout = time.Hour
					tt.limit(c)
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
					defer cancel()
					err := ask(ctx, c, "d1.com")
					if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, answer.ErrHeldBack) != tt.held {
						t.Errorf("it ended with %v, want the time over, and held back %v", err, tt.held)
					}
					cancel()
					synctest.Wait()
				})
			})
		}
	}
}

// silent is a transport to servers that do not answer.
type silent struct{}

func (silent) roundTrip(ctx context.Context, _ netip.AddrPort, _ *dns.Msg, _ time.Duration) (*dns.Msg, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// exhaust uses up what may be asked of the resolver for hours.
func exhaust(p *peers) {
	peer, _ := p.of(target{addr: resolverAddr, resolver: PlainResolver(resolverAddr)})
	peer.limiter.ReserveN(time.Now(), burst)
	for range 10_000 {
		peer.limiter.Reserve()
	}
}

// occupied has no place left.
func occupied() *shares {
	s := newShares(1, time.Hour)
	s.join(&share{start: func() {}})
	return s
}

// Who waits for the work of another is held back with it, through any number of others, and no longer than it is.
func TestDelayOfSharedWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, a := delayed(t.Context())
		_, b := delayed(t.Context())
		_, c := delayed(t.Context())
		a.await(b)
		b.await(c)
		c.await(a) // A circle ends.
		steps := []struct {
			what string
			do   func()
			want bool
		}{
			{"nothing waits", func() {}, false},
			{"a question of the last waits", c.hold, true},
			{"two do", c.hold, true},
			{"one was sent", func() { time.Sleep(time.Second); c.release() }, true},
			{"both were sent, after a second", c.release, true},
			{"both are under way for most of a second", func() { time.Sleep(time.Second - time.Nanosecond) }, true},
			{"both are under way for as long as they waited", func() { time.Sleep(time.Nanosecond) }, false},
			{"one waits again", c.hold, true},
			{"nobody waits for the last any more", func() { b.forget(c) }, false},
		}
		for _, s := range steps {
			if s.do(); a.isHeld() != s.want {
				t.Errorf("%s: held is %v, want %v", s.what, a.isHeld(), s.want)
			}
		}
		var nobody *delay
		nobody.hold()
		nobody.await(a)
		if nobody.isHeld() {
			t.Error("what has no delay is held")
		}
	})
}

// A pass in which some records were asked about, and the limits held back the rest, says so of the rest; servers of
// another zone that are silent at the same time are not taken for it.
func TestHeldBackInPart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := onWire(t, nil, nil)
		w := far{wire{answer: domains, sent: new(atomic.Int64)}}
		c.udp, c.tcp = w, w
		c.peers, c.timeout = newPeers(10), time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var dead error
		var group sync.WaitGroup
		group.Go(func() { _, dead = c.Ask(ctx, txtAt("dead1.com")) })
		var expected []verify.Expectation
		for i := range 100 {
			name := fmt.Sprintf("r%d.d1.com", i)
			expected = append(expected, verify.Expectation{Key: name, Owner: dnsname.MustParse(name), Type: record.TXT, Value: "ok"})
		}
		report, err := verify.Waiter{Resolver: c}.Check(ctx, expected, verify.Options{})
		group.Wait()
		valid := 0
		for _, f := range report.Findings {
			if f.State() == verify.Valid {
				valid++
			}
		}
		if err != nil || valid == 0 || valid == len(expected) || !report.HeldBack() {
			for _, f := range report.Findings {
				if f.State() != verify.Valid {
					t.Logf("%s: %v", f.Key, f.Err)
				}
			}
			t.Errorf("%d of %d records are valid (%v), held back %v, want some, and the others held back", valid, len(expected), err, report.HeldBack())
		}
		if errors.Is(dead, answer.ErrHeldBack) {
			t.Errorf("silent servers of another domain: %v, want nothing of limits", dead)
		}
		cancel()
		time.Sleep(time.Minute)
	})
}
