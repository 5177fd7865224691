package resolve_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// atOnce is how soon a cancelled call returns at the latest, on a busy machine. What it must not wait
// for takes a minute.
const atOnce = time.Second

type result struct {
	answers answer.Set
	err     error
}

// start asks in the background.
func start(ctx context.Context, c *resolve.Client, q answer.Question) <-chan result {
	done := make(chan result, 1)
	go func() {
		answers, err := c.Ask(ctx, q)
		done <- result{answers, err}
	}()
	return done
}

// expectCancelled cancels and measures how long the call takes to return.
func expectCancelled(t *testing.T, cancel context.CancelFunc, done <-chan result) {
	t.Helper()
	begin := time.Now()
	cancel()
	got := <-done
	if took := time.Since(begin); took > atOnce {
		t.Errorf("Ask returned %v after it was cancelled, want at most %v", took, atOnce)
	}
	if !errors.Is(got.err, context.Canceled) {
		t.Errorf("Ask = %+v, %v, want %v", got.answers, got.err, context.Canceled)
	}
}

func await(t *testing.T, h *dnstest.Hierarchy, n int, filters ...dnstest.Filter) {
	t.Helper()
	if err := h.Await(t.Context(), n, filters...); err != nil {
		t.Fatal(err)
	}
}

func TestCancelExchange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		via    answer.Via
		at     []dnstest.Filter // the question that is not answered
		before dnstest.Fault    // of the server, besides
	}{
		{"resolver, over UDP", answer.Resolvers, []dnstest.Filter{dnstest.OfType("TXT"), dnstest.To("recursor1")}, nil},
		{"top-level domain", answer.Authorities, []dnstest.Filter{dnstest.OfType("NS"), dnstest.To("recursor1")}, nil},
		{"server's address", answer.Authorities, []dnstest.Filter{dnstest.OfType("A"), dnstest.To("recursor1")}, nil},
		{"parent zone", answer.Authorities, []dnstest.Filter{dnstest.To("a.nic.com"), dnstest.Direct}, nil},
		{"zone's servers", answer.Authorities, []dnstest.Filter{dnstest.OfType("NS"), dnstest.To("ns1.example.com"), dnstest.Direct}, nil},
		{"zone's apex", answer.Authorities, []dnstest.Filter{dnstest.OfType("SOA"), dnstest.To("ns1.example.com"), dnstest.Direct}, nil},
		{"authority, over UDP", answer.Authorities, []dnstest.Filter{dnstest.OfType("TXT"), dnstest.To("ns1.example.com"), dnstest.Direct}, nil},
		{"authority, over TCP", answer.Authorities, []dnstest.Filter{dnstest.OfType("TXT"), dnstest.To("ns1.example.com"), dnstest.Direct, dnstest.Over(dnstest.TCP)}, dnstest.Truncate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			zone := h.Zone("example.com", dnstest.Records(`www TXT ok`))
			if tt.before != nil {
				zone.Server("ns1").Inject(tt.before)
			}
			recursor := h.Recursor()
			recursor.Inject(dnstest.When(dnstest.Drop, tt.at...))
			for _, s := range h.Servers() {
				s.Inject(dnstest.When(dnstest.Drop, tt.at...))
			}
			c := newClient(t, h, timeout(time.Minute))
			q := about("www.example.com", record.TXT)
			q.Via = tt.via
			ctx, cancel := context.WithCancel(t.Context())
			done := start(ctx, c, q)
			await(t, h, 1, tt.at...)
			expectCancelled(t, cancel, done)
		})
	}
}

func TestCancelWaitingForRate(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`www TXT ok`))
	zone.Server("ns1").Inject(dnstest.When(dnstest.Drop, dnstest.OfType("TXT"), dnstest.About("slow.example.com")))
	c := newClient(t, h, timeout(time.Minute), func(config *resolve.Config) { config.MaxRate = 8 })
	ask(t, c, about("www.example.com", record.TXT))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var waiting []<-chan result
	for i := range 100 { // for more than ten seconds
		waiting = append(waiting, start(ctx, c, fresh(about(fmt.Sprintf("s%d.example.com", i), record.TXT))))
	}
	await(t, h, 2, dnstest.OfType("TXT"), dnstest.Within("example.com"), dnstest.To("ns1.example.com"))
	begin := time.Now()
	cancel()
	cancelled := 0
	for _, done := range waiting {
		if got := <-done; errors.Is(got.err, context.Canceled) {
			cancelled++
		}
	}
	if took := time.Since(begin); took > atOnce || cancelled < 50 {
		t.Errorf("%d of 100 calls were cancelled, in %v, want most of them within %v", cancelled, took, atOnce)
	}
}

func TestCancelWaitingForSlot(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`www TXT ok`, `other TXT ok`))
	c := newClient(t, h, timeout(time.Minute), func(config *resolve.Config) { config.MaxInFlight = 1 })
	ask(t, c, about("www.example.com", record.TXT))
	ask(t, c, about("other.example.com", record.TXT))
	zone.Server("ns1").Inject(dnstest.Drop)
	h.ResetQuestions()

	first, cancelFirst := context.WithCancel(t.Context())
	holding := start(first, c, fresh(about("www.example.com", record.TXT)))
	await(t, h, 1, dnstest.About("www.example.com"))
	second, cancelSecond := context.WithCancel(t.Context())
	waiting := start(second, c, fresh(about("other.example.com", record.TXT)))
	expectCancelled(t, cancelSecond, waiting)
	expectCancelled(t, cancelFirst, holding)
	if n := h.Count(dnstest.About("other.example.com")); n != 0 {
		t.Errorf("the server was asked %d times while the only slot was taken, want 0", n)
	}
}

func TestSharedQuestion(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`www TXT ok`))
	c := newClient(t, h, timeout(time.Minute))
	q := fresh(about("www.example.com", record.TXT))
	ask(t, c, q)
	var gate dnstest.Gate
	zone.Server("ns1").Inject(gate.Fault)
	h.ResetQuestions()

	ctx, cancel := context.WithCancel(t.Context())
	leader := start(ctx, c, q)
	await(t, h, 1, dnstest.About("www.example.com"))
	var others []<-chan result
	for range 5 {
		others = append(others, start(t.Context(), c, q))
	}
	for c.Waiting() < 6 && t.Context().Err() == nil {
		runtime.Gosched()
	}
	expectCancelled(t, cancel, leader)
	gate.Open()
	for _, done := range others {
		if got := <-done; got.err != nil || got.answers.List[0].Outcome != answer.Found {
			t.Errorf("Ask = %v, %v, want the shared answer", lines(got.answers), got.err)
		}
	}
	if n := h.Count(dnstest.About("www.example.com")); n != 1 {
		t.Errorf("six callers took %d questions, want 1", n)
	}
}
