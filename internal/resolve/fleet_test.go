package resolve_test

import (
	"fmt"
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
	const domains, records = 50, 12
	h := dnstest.New(t)
	h.Zone("host.com", dnstest.Servers("a.host.com", "b.host.com"))
	var resources [][]verify.Expectation
	for i := range domains {
		domain := fmt.Sprintf("d%d.com", i)
		zone := h.Zone(domain, dnstest.Servers("a.host.com.", "b.host.com."))
		var own []verify.Expectation
		for j := range records {
			owner := fmt.Sprintf("r%d._domainkey", j)
			zone.SetTXT(owner, "ok")
			own = append(own, expected(owner+"."+domain, record.TXT, "ok"))
		}
		resources = append(resources, own[:records/2], own[records/2:])
	}
	h.Recursor()
	h.ResetQuestions()
	c := newClient(t, h, timeout(time.Minute)) // Nothing is lost, however busy this machine is.
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

	type thing struct{ server, rrtype, name string }
	things := make(map[thing]int)
	for _, q := range h.Questions(dnstest.Direct) {
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
		"at a name server": {h.Count(dnstest.Direct, dnstest.To("a.host.com")), domains * (2*records + 2)},
		// The delegation, and whether it is one still, before resolvers hear of the zone.
		"at the servers of com": {h.Count(dnstest.Direct, dnstest.To("a.nic.com")), 2 * domains},
		// Whether they validate each zone; the servers of com, and the addresses of all name servers.
		"at the resolver": {h.Count(dnstest.Direct, dnstest.To("recursor1")), domains + 1 + 3*2},
	} {
		if tt.got == 0 || tt.got > tt.most {
			t.Errorf("%d questions %s, want some, and at most %d", tt.got, what, tt.most)
		}
	}
}
