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
)

// The questions of a round that take long do not hold up the others, though they come first and are more than have their
// turn at once; and each is asked in the end, or has the error of the context.
func TestTurnsOfDomains(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		slow    string // the name of one, by its number
		slows   int
		healthy int
		took    time.Duration // of the healthy, at most
	}{
		"alone":                            {"", 0, 999, 2200 * time.Millisecond},
		"one hostile record of 1,000":      {"evil%d.com", 1, 999, 2640 * time.Millisecond},
		"400 dead domains of 500":          {"dead%d.com", 400, 100, 10 * time.Second},
		"1,000 dead domains before one":    {"dead%d.com", 1000, 1, 25 * time.Second},
		"500 records in one dead domain":   {"r%d.dead7.com", 500, 100, time.Second},
		"60 records in one hostile domain": {"r%d.evil7.com", 60, 100, time.Second},
	}
	for name, tt := range tests {
		part := inShort(8)
		tt.slows, tt.healthy = (tt.slows+part-1)/part, (tt.healthy+part-1)/part
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := onWire(t, nil, nil)
				c.peers.max = 10_000
				c.turns.max /= part
				w := far{wire{answer: domains, sent: new(atomic.Int64)}}
				c.udp, c.tcp = w, w
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				var questions []answer.Question
				for i := range tt.slows {
					questions = append(questions, txtAt(fmt.Sprintf(tt.slow, i)))
				}
				for i := range tt.healthy {
					questions = append(questions, txtAt(fmt.Sprintf("r%d.d%d.com", i, i%250)))
				}
				begin := time.Now()
				var mu sync.Mutex
				var last time.Duration
				taken := make(map[int]bool)
				c.AskEach(ctx, questions, func(i int, set answer.Set, err error) {
					mu.Lock()
					defer mu.Unlock()
					if taken[i] {
						t.Errorf("question %d was taken twice", i)
					}
					taken[i] = true
					if values, disagree := set.Agreed(); i >= tt.slows && (err != nil || disagree != nil || len(values) != 1) {
						t.Errorf("%s: %+v, %v", questions[i].Name, set, err)
					}
					if i >= tt.slows {
						last = time.Since(begin)
					}
				})
				t.Logf("%d questions beside %d that take long took %v, %d messages", tt.healthy, tt.slows, last, w.sent.Load())
				if len(taken) != len(questions) || last > tt.took {
					t.Errorf("%d of %d questions were taken, the last healthy one after %v, want %v at most", len(taken), len(questions), last, tt.took)
				}
				if n := len(c.turns.queue.lanes) + len(c.turns.holders); n != 0 {
					t.Errorf("%d turns are left, want none", n)
				}
				time.Sleep(time.Minute) // What was under way ends.
				if n := c.Waiting() + len(c.slots.queue.lanes) + len(c.slots.holders); n != 0 {
					t.Errorf("%d exchanges are left, want none", n)
				}
			})
		})
	}
}

// A round that is cancelled ends at once: what waits is not asked, and what is asked is left.
func TestRoundEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := onWire(t, nil, nil)
		w := far{wire{answer: domains, sent: new(atomic.Int64)}}
		c.udp, c.tcp = w, w
		var questions []answer.Question
		for i := range 1000 {
			questions = append(questions, txtAt(fmt.Sprintf("dead%d.com", i)))
		}
		ctx, cancel := context.WithCancel(t.Context())
		const after = 300 * time.Millisecond
		time.AfterFunc(after, cancel)
		begin, ended := time.Now(), 0
		var mu sync.Mutex
		c.AskEach(ctx, questions, func(i int, _ answer.Set, err error) {
			mu.Lock()
			defer mu.Unlock()
			ended++
			if !errors.Is(err, context.Canceled) {
				t.Errorf("question %d ended with %v, want it cancelled", i, err)
			}
		})
		if took := time.Since(begin); took != after || ended != len(questions) {
			t.Errorf("%d of %d questions ended after %v, want all after %v", ended, len(questions), took, after)
		}
		time.Sleep(time.Second)
		c.AskEach(ctx, questions[:1], func(_ int, _ answer.Set, err error) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("a round whose context is over ended with %v", err)
			}
		})
	})
}

// What a question has spent in one turn is gone in the next.
func TestTurnsShareABudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := onWire(t, nil, nil)
		var unique atomic.Int64
		w := far{wire{sent: new(atomic.Int64), answer: func(to netip.AddrPort, query *dns.Msg) (*dns.Msg, error) {
			reply, err := domains(to, query)
			q := query.Question[0]
			if reply != nil && reply.Authoritative && q.Qtype == dns.TypeTXT && dns.IsSubDomain("d1.com.", q.Name) {
				time.Sleep(100 * time.Millisecond) // Each turn is over before the budget is.
				reply.Answer = []dns.RR{&dns.CNAME{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: fmt.Sprintf("c%d.d1.com.", unique.Add(1))}}
			}
			return reply, err
		}}}
		c.udp, c.tcp = w, w
		c.turns.max, c.turns.overdue = 2, 3*time.Second
		questions := []answer.Question{txtAt("d1.com"), txtAt("dead1.com"), txtAt("d2.com")}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		c.AskEach(ctx, questions, func(i int, _ answer.Set, err error) {
			if lookup, ok := errors.AsType[*answer.LookupError](err); i == 0 && (!ok || lookup.Reason != answer.Excessive) {
				t.Errorf("the endless question ended with %v after %d aliases, want it to be excessive", err, unique.Load())
			}
		})
		if n := unique.Load(); n > MaxExchanges {
			t.Errorf("%d aliases were given, want at most %d", n, MaxExchanges)
		}
		time.Sleep(time.Minute)
	})
}
