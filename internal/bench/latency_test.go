package bench

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

const (
	latencyRuns = 200
	servedAfter = 10 * time.Second // the wait goes on that long before the last server serves the record
)

// late is two servers, of which the second serves a record only after a while.
type late struct {
	value  string
	from   time.Time
	latest *time.Time // when the last question was asked that came too early
}

func (l late) Ask(_ context.Context, q answer.Question) (answer.Set, error) {
	time.Sleep(fleetLatency)
	answers := answer.Set{Zone: dnsname.MustParse("example.com")}
	for n := byte(1); n <= 2; n++ {
		a := answer.Answer{
			Server:  answer.Server{Name: dnsname.MustParse("ns.example.net"), Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 53)},
			Outcome: answer.NXDomain,
		}
		if n == 1 || !time.Now().Before(l.from) {
			a.Outcome, a.Values = answer.Found, []string{l.value}
		} else {
			*l.latest = time.Now()
		}
		answers.List = append(answers.List, a)
	}
	return answers, nil
}

// BenchmarkLatency measures the time from the moment the last server serves a record to the return of the wait, and
// the poll interval that this moment fell into. Its time is virtual: what a run costs says nothing.
func BenchmarkLatency(b *testing.B) {
	var latencies, polls []time.Duration
	for b.Loop() {
		latencies, polls = nil, nil
		inVirtualTime(b, func(t *testing.T) {
			for range latencyRuns {
				latency, poll := latencyOnce(t)
				latencies, polls = append(latencies, latency), append(polls, poll)
			}
		})
	}
	slices.Sort(latencies)
	slices.Sort(polls)
	b.ReportMetric(latencies[latencyRuns/2].Seconds(), "p50-s")
	b.ReportMetric(latencies[latencyRuns*99/100].Seconds(), "p99-s")
	b.ReportMetric(polls[latencyRuns/2].Seconds(), "poll-interval-s")
	if p50, poll := latencies[latencyRuns/2], polls[latencyRuns/2]; p50 > poll {
		b.Errorf("half of the waits return %v after the record is served, want at most one poll interval, %v", p50, poll)
	}
}

// inVirtualTime runs a function in a bubble of package synctest, which only tests may have.
func inVirtualTime(b *testing.B, do func(t *testing.T)) {
	b.Helper()
	every := func(string, string) (bool, error) { return true, nil }
	bubble := func(t *testing.T) { synctest.Test(t, do) }
	if !testing.RunTests(every, []testing.InternalTest{{Name: b.Name(), F: bubble}}) {
		b.Fatal("the waits failed")
	}
}

func latencyOnce(t *testing.T) (latency, poll time.Duration) {
	t.Helper()
	const value = "v=DMARC1; p=reject"
	var latest time.Time
	served := time.Now().Add(servedAfter)
	resolver := late{value: value, from: served, latest: &latest}
	expected := []verify.Expectation{{Key: "dmarc", Owner: dnsname.MustParse("_dmarc.example.com"), Type: record.TXT, Value: value}}
	if _, err := (verify.Waiter{Resolver: resolver}).Wait(t.Context(), expected, verify.Options{Consecutive: 1, Timeout: 10 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	return time.Since(served), time.Since(latest)
}
