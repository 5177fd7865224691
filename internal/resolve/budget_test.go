package resolve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// meter watches the process while servers are asked.
type meter struct {
	mu           sync.Mutex
	asked, high  int    // questions, and goroutines of all kinds when it last counted them
	goroutines   int    // most that ran code of the client
	before, peak uint64 // octets
	buffer       []byte
}

func newMeter() *meter {
	m := &meter{buffer: make([]byte, 1<<20)}
	runtime.GC()
	m.before = heap()
	return m
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// look is a fault that changes nothing. It is dear to count goroutines: that is done where the process has more of them
// than it had before, and now and then.
func (m *meter) look(context.Context, *dnstest.Exchange) {
	if !m.mu.TryLock() {
		return // Another one looks.
	}
	defer m.mu.Unlock()
	m.peak = max(m.peak, heap())
	m.asked++
	if n := runtime.NumGoroutine(); n > m.high || m.asked%50 == 0 {
		m.high = max(n, m.high)
		stacks := m.buffer[:runtime.Stack(m.buffer, true)]
		m.goroutines = max(m.goroutines, bytes.Count(stacks, []byte("created by github.com/catglobe/terraform-provider-maildomain/internal/resolve.")))
	}
}

// most returns how many goroutines there were at once, and how many octets more than before. Servers may still be looking.
func (m *meter) most() (goroutines int, added uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.goroutines, max(m.peak, m.before) - m.before
}

// referral refers to the name servers of a zone, without their addresses.
func referral(x *dnstest.Exchange, zone string, hosts ...string) {
	dnstest.RCode(dns.RcodeSuccess)(context.Background(), x)
	for _, host := range hosts {
		x.Reply.Ns = append(x.Reply.Ns, &dns.NS{
			Hdr: dns.RR_Header{Name: dns.Fqdn(zone), Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 300}, Ns: dns.Fqdn(host),
		})
	}
}

// label returns the label before a zone of a name in it; "" for the zone itself.
func label(name, zone string) string {
	rest := strings.TrimSuffix(strings.TrimSuffix(name, zone), ".")
	return rest[strings.LastIndex(rest, ".")+1:]
}

// What one question may have the process do at once, that of the servers of the test included.
const (
	mostGoroutines = 5 * resolve.MaxFollowed
	mostOctets     = 24 << 20
)

// Zones that ask for any amount of work get what a question may cost, and an error that names them.
//
//nolint:paralleltest // It counts the goroutines of the process.
func TestHostileZones(t *testing.T) {
	var unique atomic.Int64
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // The bounds are for memory as it is used.
	addresses := 3600                                 // About as many as a message holds.
	if testing.Short() {
		addresses = 900
	}
	nested := func(h *dnstest.Hierarchy) []*dnstest.Server {
		return h.Zone("evil.com", dnstest.Servers("ns1")).Servers()
	}
	tests := map[string]struct {
		build     func(h *dnstest.Hierarchy) []*dnstest.Server // those that are hostile
		hostile   dnstest.Fault
		ask       string
		reason    answer.Reason
		at        string
		exchanges int // at most, in all
		resolver  int // of them to the resolver
		tcp       bool
	}{
		"nested glueless delegations": {
			build: nested, ask: "www.a.evil.com", reason: answer.Excessive, at: "evil.com", exchanges: 150, resolver: 10,
			hostile: func(_ context.Context, x *dnstest.Exchange) {
				at := label(x.Question.Name, "evil.com")
				if at == "" {
					return
				}
				var hosts []string
				for i := range 20 {
					hosts = append(hosts, fmt.Sprintf("ns.%s%c.evil.com", at, 'a'+i))
				}
				referral(x, at+".evil.com", hosts...)
			},
		},
		"deep delegations with new name servers": {
			build: func(h *dnstest.Hierarchy) []*dnstest.Server {
				servers := nested(h)
				h.Zone("helper.net", dnstest.Servers("ns1"), dnstest.Records("* A "+servers[0].Addr().Addr().String()))
				return servers
			},
			ask: strings.Repeat("a.", 60) + "evil.com", reason: answer.Excessive, at: "a.evil.com", exchanges: 150, resolver: 2*resolve.MaxFollowed + 10,
			hostile: func(_ context.Context, x *dnstest.Exchange) {
				// Each server of a zone knows the zone one label down.
				n := int(unique.Add(1))
				depth := min(2+n, dns.CountLabel(x.Question.Asked))
				labels := dns.SplitDomainName(x.Question.Asked)
				referral(x, strings.Join(labels[len(labels)-depth:], "."), fmt.Sprintf("n%d.helper.net", n))
			},
		},
		"a chain of glueless delegations": {
			// It would go on until the names are used up; it is given up at the third level.
			build: nested, ask: "www.z1.evil.com", reason: answer.NoAddress, at: "evil.com", exchanges: 20, resolver: 5,
			hostile: func(_ context.Context, x *dnstest.Exchange) {
				var n int
				if _, err := fmt.Sscanf(label(x.Question.Name, "evil.com"), "z%d", &n); err == nil {
					referral(x, fmt.Sprintf("z%d.evil.com", n), fmt.Sprintf("ns.z%d.evil.com", n+1))
				}
			},
		},
		"aliases with 40 KB beside each": {
			build: func(h *dnstest.Hierarchy) []*dnstest.Server {
				return h.Zone("evil.com", dnstest.Servers("ns1", "ns2", "ns3", "ns4")).Servers()
			},
			ask: "www.evil.com", reason: answer.Excessive, at: "evil.com", exchanges: 100, resolver: 5, tcp: true,
			hostile: func(ctx context.Context, x *dnstest.Exchange) {
				if x.Question.Type != "TXT" {
					return
				}
				dnstest.Answer(fmt.Sprintf("%s CNAME c%d.evil.com.", x.Question.Asked, unique.Add(1)))(ctx, x)
				for range 40 {
					x.Reply.Extra = append(x.Reply.Extra, &dns.TXT{
						Hdr: dns.RR_Header{Name: "x.evil.com.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: slices.Repeat([]string{strings.Repeat("x", 255)}, 4),
					})
				}
			},
		},
		"delegations in a circle": {
			build: func(h *dnstest.Hierarchy) []*dnstest.Server {
				h.Zone("com").Set(`evil NS ns.evil.net.`)
				h.Zone("net").Set(`evil NS ns.evil.com.`)
				return nil
			},
			ask: "www.evil.com", reason: answer.NoAddress, at: "evil.com", exchanges: 40, resolver: 20,
		},
		"a name server with many addresses": {
			build: func(h *dnstest.Hierarchy) []*dnstest.Server {
				var records []string
				for i := range addresses {
					records = append(records, fmt.Sprintf("ns.evil A 127.1.%d.%d", i/250, 1+i%250))
				}
				h.Zone("com", dnstest.Servers("a.nic"), dnstest.Records(append(records, `evil NS ns.evil`)...))
				return nil
			},
			ask: "www.evil.com", reason: answer.Excessive, at: "evil.com", exchanges: 10, resolver: 5,
		},
		"20 name servers with many addresses each": {
			build: func(h *dnstest.Hierarchy) []*dnstest.Server {
				var records []string
				for i := range addresses {
					records = append(records, fmt.Sprintf("ns%d.evil A 127.1.%d.%d", i%20, i/250, 1+i%250))
				}
				for i := range 20 {
					records = append(records, fmt.Sprintf("evil NS ns%d.evil", i))
				}
				h.Zone("com", dnstest.Servers("a.nic"), dnstest.Records(records...))
				return nil
			},
			ask: "www.evil.com", reason: answer.Excessive, at: "evil.com", exchanges: 10, resolver: 5,
		},
	}
	for _, servers := range []int{2, 4, 20} {
		var names []string
		for i := range servers {
			names = append(names, fmt.Sprintf("ns%d", i+1))
		}
		test := tests["a name server with many addresses"]
		test.build = func(h *dnstest.Hierarchy) []*dnstest.Server {
			return h.Zone("evil.com", dnstest.Servers(names...)).Servers()
		}
		test.ask, test.at, test.exchanges, test.resolver = "www.evil.com", "evil.com", 400, 5
		test.hostile = func(_ context.Context, x *dnstest.Exchange) {
			if x.Question.Type == "TXT" {
				dnstest.Answer(fmt.Sprintf("%s CNAME c%d.evil.com.", x.Question.Asked, unique.Add(1)))(context.Background(), x)
			}
		}
		tests[fmt.Sprintf("branching aliases of %d servers", servers)] = test
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			unique.Store(0)
			h := dnstest.New(t)
			m := newMeter()
			for _, s := range tt.build(h) {
				s.Inject(dnstest.Chain(tt.hostile, m.look))
			}
			c := newClient(t, h, timeout(5*time.Second))
			h.ResetQuestions()
			q := about(tt.ask, record.TXT)
			q.TCP = tt.tcp
			_, err := c.Ask(t.Context(), q)
			lookup, ok := errors.AsType[*answer.LookupError](err)
			if !ok || lookup.Reason != tt.reason || lookup.Name.String() != tt.ask || !lookup.At.IsIn(dnsname.MustParse(tt.at)) {
				t.Errorf("Ask = %v, want an error of the kind %d at %s", err, tt.reason, tt.at)
			}
			goroutines, added := m.most()
			sent, resolved := h.Count(dnstest.Direct), h.Count(dnstest.Direct, dnstest.To("recursor1"))
			t.Logf("%d questions, %d of them to the resolver; at most %d goroutines, %d KiB added (servers included): %v",
				sent, resolved, goroutines, added>>10, err)
			// An exchange sends its datagram again where a busy machine answers late.
			if sent > tt.exchanges+tt.exchanges/20 || resolved > tt.resolver {
				t.Errorf("it took %d questions, %d of them to the resolver; want at most %d and %d", sent, resolved, tt.exchanges, tt.resolver)
			}
			if goroutines > mostGoroutines || added > mostOctets {
				t.Errorf("at most %d goroutines and %d octets more at once, want at most %d and %d", goroutines, added, mostGoroutines, mostOctets)
			}
			if len(err.Error()) > 8<<10 {
				t.Errorf("the error has %d octets, want at most 8 KiB", len(err.Error()))
			}
		})
	}
}

// The widest zones in order stay well within what a question may cost.
func TestBudgetLeavesRoom(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	var tld, hosts, others []string
	for i := range 13 {
		tld = append(tld, fmt.Sprintf("%c.nic", 'a'+i))
		hosts = append(hosts, fmt.Sprintf("ns%d.hoster.net.", i+1))
	}
	for i := range 13 {
		others = append(others, fmt.Sprintf("ns%d.sender.net.", i+1))
	}
	h.Zone("com", dnstest.Servers(tld...))
	h.Zone("org", dnstest.Servers(tld...))
	h.Zone("hoster.net", dnstest.Servers("ns"))
	for i, host := range hosts {
		h.Zone("hoster.net").Add(fmt.Sprintf("%s A 127.0.8.%d", host, i+1))
	}
	var options []dnstest.ZoneOption
	for i, host := range hosts {
		options = append(options, dnstest.ServerAt(host, fmt.Sprintf("127.0.8.%d", i+1), fmt.Sprintf("127.0.9.%d", i+1)))
	}
	h.Zone("example.com", append(options, dnstest.Records(`sel._domainkey CNAME sel.sender.org.`))...)
	h.Zone("hoster.net").Delete("nothing")
	for i, host := range hosts {
		h.Zone("hoster.net").Set(fmt.Sprintf("%s A 127.0.8.%d", host, i+1), fmt.Sprintf("%s A 127.0.9.%d", host, i+1))
	}
	h.Zone("sender.org", dnstest.Servers(others...), dnstest.Records(`sel TXT "`+testKey+`"`))
	ctx, spent := resolve.Metered(t.Context(), dnsname.MustParse("sel._domainkey.example.com"))
	answers, err := newClient(t, h).Ask(ctx, about("sel._domainkey.example.com", record.TXT))
	if err != nil || len(answers.List) != 13 {
		t.Fatalf("Ask = %+v, %v, want an answer of each of the sender's servers", answers, err)
	}
	got := spent()
	t.Logf("13 glueless servers with two addresses each, and an alias to a zone with 13 glueless servers: %+v", got)
	for what, used := range map[string][2]int{
		"exchanges": {got.Exchanges, resolve.MaxExchanges}, "questions": {got.Searches, resolve.MaxSearches},
		"names": {got.Names, resolve.MaxFollowed}, "octets": {got.Octets, resolve.MaxOctets},
	} {
		if 4*used[0] > 3*used[1] {
			t.Errorf("%d %s of %d, want three quarters at most", used[0], what, used[1])
		}
	}
}

// Each part of a budget lasts for as much as it says, and no longer.
func TestBudgetParts(t *testing.T) {
	t.Parallel()
	numbered := func(n int) dnsname.Name { return dnsname.MustParse(fmt.Sprintf("n%d.example.com", n)) }
	same := numbered(0)
	tests := map[string]struct {
		spend func(ctx context.Context, n int)
		limit int
	}{
		"exchanges": {func(ctx context.Context, _ int) { resolve.SpendExchange(ctx, same) }, resolve.MaxExchanges},
		"questions": {func(ctx context.Context, n int) { resolve.SpendExchange(ctx, numbered(n)) }, resolve.MaxSearches},
		"names":     {func(ctx context.Context, n int) { resolve.SpendName(ctx, numbered(n)) }, resolve.MaxFollowed},
		"one name":  {func(ctx context.Context, _ int) { resolve.SpendName(ctx, same) }, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, _ := resolve.Metered(t.Context(), same)
			for n := range max(tt.limit, 1000*(1-min(1, tt.limit))) {
				tt.spend(ctx, n)
			}
			if err := ctx.Err(); err != nil {
				t.Fatalf("after %d: %v, want some left", tt.limit, err)
			}
			if tt.limit == 0 {
				return
			}
			tt.spend(ctx, tt.limit)
			<-ctx.Done()
		})
	}
}

// The budget that one caller used up says nothing of the questions of others that wait for the same work.
func TestBudgetsAreTheirOwn(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	var options []string
	for i := range 4 {
		options = append(options, fmt.Sprintf("ns%d.host.net.", i+1))
	}
	h.Zone("example.com", dnstest.Servers(options...), dnstest.Records(`www TXT ok`))
	var gate dnstest.Gate
	h.Server("a.nic.com").Inject(dnstest.When(gate.Fault, dnstest.Direct))
	c := newClient(t, h, timeout(time.Minute))
	poor, _ := resolve.Metered(t.Context(), dnsname.MustParse("www.example.com"))
	resolve.Overspend(poor, resolve.MaxExchanges-4) // Enough to come to the first server that is not a resolver.
	var group sync.WaitGroup
	failed := make(chan error, 1)
	group.Go(func() {
		_, err := c.Ask(poor, about("www.example.com", record.TXT))
		failed <- err
	})
	if err := h.Await(t.Context(), 1, dnstest.Direct, dnstest.To("a.nic.com")); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		group.Go(func() {
			if _, err := c.Ask(t.Context(), about("www.example.com", record.TXT)); err != nil {
				t.Errorf("a question with a budget of its own: %v", err)
			}
		})
	}
	gate.Open()
	group.Wait()
	if err := <-failed; err == nil {
		t.Error("the question without means was answered, want an error")
	}
}

// The guide names the budget.
func TestGuideNamesTheBudget(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprintf("%d exchanges", resolve.MaxExchanges), fmt.Sprintf("%d different questions", resolve.MaxSearches),
		fmt.Sprintf("%d names of name servers", resolve.MaxFollowed), fmt.Sprintf("%d MiB of answers", resolve.MaxOctets>>20),
		fmt.Sprintf("| addresses of a name server | %d |", resolve.MaxAddresses), fmt.Sprintf("| name servers of a zone | %d |", resolve.MaxHosts),
	} {
		if !strings.Contains(string(guide), text) {
			t.Errorf("the guide does not have %q", text)
		}
	}
}
