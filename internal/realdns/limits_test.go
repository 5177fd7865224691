package realdns_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/realdns"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// The fleet that servers are asked about which limit their responses.
const (
	fleetDomains = 50
	fleetRecords = 12
	// fleetParallel is how many resources Terraform reads at once, unless told otherwise.
	fleetParallel = 10
	// fleetPass is how long one of them may take: long, as this machine may be busy with other tests.
	fleetPass = time.Minute
)

// fleet starts two servers of one maker that limit their responses and have all domains of the fleet, and returns what
// these are expected to hold.
func fleet(t *testing.T, run func(*realdns.Lab, ...realdns.Zone) *realdns.Server, domains, records int) (*realdns.Lab, []*realdns.Server, [][]verify.Expectation) {
	t.Helper()
	lab := realdns.New(t)
	lab.LimitResponses()
	hosts := []string{"a.host.com", "b.host.com"}
	zones, expected := make([]realdns.Zone, domains), make([][]verify.Expectation, domains)
	for i := range zones {
		domain := fmt.Sprintf("d%d.com", i)
		var lines strings.Builder
		for j := range records {
			owner := fmt.Sprintf("sel%d._domainkey", j)
			fmt.Fprintf(&lines, "%s TXT \"v=DKIM1; p=%d\"\n", owner, j)
			expected[i] = append(expected[i], expect(owner+"."+domain, record.TXT, fmt.Sprintf("v=DKIM1; p=%d", j)))
		}
		zones[i] = realdns.Zone{Name: domain, Hosts: hosts, Records: lines.String()}
		lab.DelegateTo(domain, hosts...)
	}
	servers := []*realdns.Server{run(lab, zones...), run(lab, zones...)}
	for i, s := range servers {
		lab.Zone("host.com").Add(fmt.Sprintf("%s. 3600 A %s", hosts[i], s.Addr().Addr()))
	}
	return lab, servers, expected
}

// pass makes one pass about each domain, as a plan does.
func pass(t *testing.T, lab *realdns.Lab, expected [][]verify.Expectation, want verify.State) {
	t.Helper()
	client := newClient(t, lab)
	var group sync.WaitGroup
	places := make(chan struct{}, fleetParallel)
	for _, records := range expected {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			ctx, cancel := context.WithTimeout(t.Context(), fleetPass)
			defer cancel()
			report, err := verify.Waiter{Resolver: client, Validator: client}.Check(ctx, records, verify.Options{})
			if err != nil || report.State() != want {
				t.Errorf("state %v (%v), want %v:\n%s", report.State(), err, want, report.Warnings())
			}
		})
	}
	group.Wait()
}

// absent returns records that the domains of a fleet do not have.
func absent(domains, records int) [][]verify.Expectation {
	expected := make([][]verify.Expectation, domains)
	for i := range expected {
		for j := range records {
			expected[i] = append(expected[i], expect(fmt.Sprintf("new%d._domainkey.d%d.com", j, i), record.TXT, "v=DKIM1; p="))
		}
	}
	return expected
}

// A fleet on servers that limit their responses is read as on others: what they drop or cut is asked over TCP. They count
// the answers that deny names of one zone together, and other answers by their names, so that it is before the records
// are published that their limits are met.
func TestServersThatLimitResponses(t *testing.T) {
	t.Parallel()
	for maker, run := range authorities {
		if maker == "PowerDNS" {
			continue // It has no such limit of its own.
		}
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			lab, servers, expected := fleet(t, run, fleetDomains, fleetRecords)
			measure := func(what string, expected [][]verify.Expectation, want verify.State) {
				for _, s := range servers {
					s.Traffic().Reset()
				}
				begin := time.Now()
				pass(t, lab, expected, want)
				t.Logf("%s, %d domains of %d records %s: %v; at one server %s", maker, len(expected), len(expected[0]), what,
					time.Since(begin).Round(10*time.Millisecond), servers[0].Traffic())
			}
			measure("that are there", expected, verify.Valid)
			for _, s := range servers {
				if cut := s.Traffic().Truncated.Load(); cut > 0 {
					t.Errorf("%d answers were cut, want none: each is about a name of its own", cut)
				}
			}
			measure("that are missing", absent(fleetDomains, fleetRecords), verify.Invalid)
			measure("that are missing", absent(1, 300), verify.Invalid)
			if maker == "BIND" && servers[0].Traffic().Truncated.Load() == 0 {
				t.Error("no answer was cut, want the limit met")
			}
		})
	}
}
