package resolve_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// census counts the goroutines that run code of the client, or of who waits by it.
type census struct {
	asked  atomic.Int64
	high   atomic.Int64 // of all goroutines of the process, when it last counted
	mu     sync.Mutex
	buffer []byte
	most   int
	by     map[string]int // how many of them were created where
}

// look is a fault that changes nothing. It is dear to count: that is done where the process has more goroutines than
// it had before, and now and then.
func (c *census) look(context.Context, *dnstest.Exchange) {
	n := int64(runtime.NumGoroutine())
	if c.asked.Add(1)%200 != 0 && n <= c.high.Load() || !c.mu.TryLock() {
		return // Perhaps another one looks.
	}
	defer c.mu.Unlock()
	c.high.Store(max(n+n/16, c.high.Load()))
	c.count()
}

// count counts them. c.mu is held.
func (c *census) count() {
	if c.buffer == nil {
		c.buffer = make([]byte, 1<<24)
	}
	all := c.buffer[:runtime.Stack(c.buffer, true)]
	n, by := 0, make(map[string]int)
	for stack := range bytes.SplitSeq(all, []byte("\n\n")) {
		if bytes.Contains(stack, []byte("created by testing.(*T).Run")) {
			continue // A test of the package waits for its turn.
		}
		if bytes.Contains(stack, []byte("/internal/resolve.")) || bytes.Contains(stack, []byte("/internal/verify.")) {
			n++
			by[string(stack[bytes.LastIndexByte(stack, '/'):])]++
		}
	}
	if n > c.most {
		c.most, c.by = n, by
	}
}

// A round has as many goroutines as exchanges in flight and a constant, however many records it is about: what waits is
// data. Servers that do not answer take as many more for each exchange as datagrams are sent.
//
//nolint:paralleltest // It counts the goroutines of the process.
func TestRoundKeepsFewGoroutines(t *testing.T) {
	zones, records := 25, 20
	if testing.Short() {
		zones, records = 12, 12 // More questions than have their turn at once, however short the run.
	}
	tests := map[string]struct {
		inFlight int
		silent   int // of the zones
		oneZone  bool
		each     int // goroutines of an exchange
	}{
		"servers that answer":          {inFlight: resolve.DefaultMaxInFlight, each: 1},
		"few at once":                  {inFlight: 8, each: 1},
		"half of them silent":          {inFlight: resolve.DefaultMaxInFlight, silent: zones / 2, each: 1 + resolve.DefaultTries},
		"all of them silent":           {inFlight: resolve.DefaultMaxInFlight, silent: zones, each: 1 + resolve.DefaultTries},
		"all records in one zone":      {inFlight: resolve.DefaultMaxInFlight, oneZone: true, each: 1},
		"all records in one dead zone": {inFlight: resolve.DefaultMaxInFlight, oneZone: true, silent: 1, each: 1 + resolve.DefaultTries},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := dnstest.New(t)
			var c census
			watched := dnstest.When(dnstest.Chain(dnstest.Delay(2*time.Millisecond), c.look), dnstest.Direct)
			h.Zone("com", dnstest.Servers("a.nic"))
			for i := range 25 {
				h.Zone(fmt.Sprintf("host%d.net", i), dnstest.Servers("ns"))
			}
			var expected []verify.Expectation
			for i := range zones {
				domain := fmt.Sprintf("d%d.com", i)
				if tt.oneZone {
					domain = "d.com"
				}
				if !tt.oneZone || i == 0 {
					z := h.Zone(domain, dnstest.Servers(fmt.Sprintf("ns.host%d.net.", i%25), fmt.Sprintf("n.%s.", domain)), dnstest.Records(`* TXT ok`))
					if i < tt.silent {
						for _, s := range z.Servers() {
							s.Inject(dnstest.When(dnstest.Drop, dnstest.Direct, dnstest.Within(domain)))
						}
					}
				}
				for j := range records {
					owner := dnsname.MustParse(fmt.Sprintf("r%d-%d.%s", i, j, domain))
					expected = append(expected, verify.Expectation{Key: owner.String(), Owner: owner, Type: record.TXT, Value: "ok"})
				}
			}
			for _, s := range h.Servers() {
				s.Inject(watched)
			}
			patience, wait := time.Minute, 10*time.Minute // However busy this machine is; a lost datagram is sent again.
			if tt.silent > 0 {
				patience, wait = 100*time.Millisecond, time.Second
			}
			client := newClient(t, h, timeout(patience), func(config *resolve.Config) {
				config.MaxInFlight, config.MaxRate = tt.inFlight, 10_000
			})
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			defer cancel()
			report, err := verify.Waiter{Resolver: client, Validator: client}.Check(ctx, expected, verify.Options{})
			if met := len(expected) - len(report.Unmet()); tt.silent == 0 && (err != nil || met != len(expected)) {
				t.Errorf("%d of %d records are met, %v; want all", met, len(expected), err)
			}
			c.mu.Lock() // What was asked in the end may still be looked at.
			defer c.mu.Unlock()
			want := tt.inFlight*tt.each + resolve.MaxBeside
			t.Logf("%d records, %d met; at most %d goroutines, %d of them beside exchanges (%v)",
				len(expected), len(expected)-len(report.Unmet()), c.most, c.most-tt.inFlight*tt.each, err)
			if c.most > want || c.most == 0 {
				t.Errorf("%d goroutines, want at most %d: %v", c.most, want, c.by)
			}
		})
	}
}
