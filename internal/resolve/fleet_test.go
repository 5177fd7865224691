package resolve_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// The questions of a plan about a fleet on one pair of name servers: each thing is asked once, whatever shares it. The way
// to the name servers is looked for once for all domains, and each zone is put to the resolvers once, though two
// resources have records in it.
func TestFleetAsksEachThingOnce(t *testing.T) {
	t.Parallel()
	h, resources := newFleet(t)
	c := newClient(t, h, timeout(5*time.Minute)) // Long enough that a busy machine sends no datagram twice, short enough to replace a lost one.
	var group sync.WaitGroup
	for _, own := range resources {
		group.Go(func() {
			report, err := verify.Waiter{Resolver: c, Validator: c}.Check(t.Context(), own, verify.Options{})
			if err != nil || report.State() != verify.Valid {
				t.Errorf("state %v, %v, want valid", report.State(), err)
			}
		})
	}
	group.Wait()
	checkFleet(t, h)
}

const fleetRecords = 12

// fleetDomains returns how many domains a fleet has.
func fleetDomains() int {
	if testing.Short() {
		return 15
	}
	return 50
}

// newFleet returns domains on one pair of name servers, and the records of two resources for each.
func newFleet(t *testing.T) (*dnstest.Hierarchy, [][]verify.Expectation) {
	t.Helper()
	h := dnstest.New(t)
	h.Zone("host.com", dnstest.Servers("a.host.com", "b.host.com"))
	var resources [][]verify.Expectation
	for i := range fleetDomains() {
		domain := fmt.Sprintf("d%d.com", i)
		zone := h.Zone(domain, dnstest.Servers("a.host.com.", "b.host.com."))
		var own []verify.Expectation
		for j := range fleetRecords {
			owner := fmt.Sprintf("r%d._domainkey", j)
			zone.SetTXT(owner, "ok")
			own = append(own, expected(owner+"."+domain, record.TXT, "ok"))
		}
		resources = append(resources, own[:fleetRecords/2], own[fleetRecords/2:])
	}
	h.Recursor()
	h.ResetQuestions()
	return h, resources
}

// checkFleet fails where something was asked twice at one address, or more than it takes.
func checkFleet(t *testing.T, h *dnstest.Hierarchy) {
	t.Helper()
	type thing struct{ server, rrtype, name string }
	things := make(map[thing]int)
	for _, q := range h.Questions(dnstest.Direct, isNoHedge) {
		things[thing{q.Addr.String(), q.Type, q.Name}]++
	}
	for what, n := range things {
		if n > 1 {
			t.Errorf("%s %s was asked %d times at %s, want once", what.rrtype, what.name, n, what.server)
		}
	}
	for what, tt := range map[string]struct {
		got, most int
	}{
		// The record, the zone that it is in, and for each zone its servers and its serial.
		"at a name server": {h.Count(dnstest.Direct, dnstest.To("a.host.com")), fleetDomains() * (2*fleetRecords + 2)},
		// The delegation, and whether it is one still, before resolvers hear of the zone.
		"at the servers of com": {h.Count(dnstest.Direct, dnstest.To("a.nic.com")), 2 * fleetDomains()},
		// Whether they validate each zone; the servers of com, and the addresses of all name servers.
		"at the resolver": {h.Count(dnstest.Direct, isNoHedge, dnstest.To("recursor1")), fleetDomains() + 1 + 3*2},
	} {
		if tt.got == 0 || tt.got > tt.most {
			t.Errorf("%d questions %s, want some, and at most %d", tt.got, what, tt.most)
		}
	}
}

// isNoHedge leaves out what a resolver is asked when it takes its time with the servers of a top-level domain: on a busy
// machine any may.
func isNoHedge(q dnstest.Question) bool { return q.Name != "com" || q.Type != "TXT" }

// A search that comes while another one looks for the addresses of the servers of the top-level domain, whose names the
// resolver has given, waits for these, and does not ask for the names again.
func TestFreshSearchesShareTheirBeginning(t *testing.T) {
	t.Parallel()
	h, _ := newFleet(t)
	var gate dnstest.Gate
	h.Recursor().Inject(dnstest.When(gate.Fault, dnstest.About("a.nic.com")))
	c := newClient(t, h, timeout(5*time.Minute))
	servers := []dnstest.Filter{dnstest.Direct, dnstest.To("recursor1"), dnstest.About("com"), dnstest.OfType("NS")}
	first := start(t.Context(), c, fresh(about("r0._domainkey.d0.com", record.TXT)))
	await(t, h, 1, dnstest.Direct, dnstest.About("a.nic.com"))
	second := start(t.Context(), c, fresh(about("r0._domainkey.d1.com", record.TXT)))
	for c.WaitingForTops() < 2 && h.Count(servers...) < 2 && t.Context().Err() == nil {
		runtime.Gosched()
	}
	gate.Open()
	for _, done := range []<-chan result{first, second} {
		if got := <-done; got.err != nil || len(got.answers.List) != 2 {
			t.Errorf("Ask = %v, %v, want the answers of two servers", lines(got.answers), got.err)
		}
	}
	if n := h.Count(servers...); n != 1 {
		t.Errorf("the resolver was asked %d times for the servers of com, want once", n)
	}
}
