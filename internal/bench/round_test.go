package bench

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// The fleet of [BenchmarkRound]: each zone is on two of the server addresses and has four records.
const (
	fleetZones     = 250
	fleetServers   = 25
	fleetPerZone   = 2
	fleetTLDs      = 4 // name servers of the top-level domain
	fleetLatency   = 20 * time.Millisecond
	fleetTimeLimit = time.Minute
)

// fleetRecords are the mail records of a zone, by their owner in it.
var fleetRecords = []struct {
	owner string
	typ   record.Type
	value string
}{
	{"@", record.TXT, "v=spf1 include:spf.example.net -all"},
	{"_dmarc", record.TXT, "v=DMARC1; p=reject"},
	{"_smtp._tls", record.TXT, "v=TLSRPTv1; rua=mailto:tls@example.net"},
	{"sel1._domainkey", record.CNAME, "sel1.dkim.example.net"},
}

// fleet builds the zones on their servers, and returns what they are expected to hold.
func fleet(b *testing.B) (*dnstest.Hierarchy, []verify.Expectation) {
	b.Helper()
	h := dnstest.New(b)
	var tld []string
	for i := range fleetTLDs {
		tld = append(tld, fmt.Sprintf("%c.nic", 'a'+i))
	}
	h.Zone("com", dnstest.Servers(tld...))
	var expected []verify.Expectation
	for i := range fleetZones {
		var servers []string
		for j := range fleetPerZone {
			servers = append(servers, fmt.Sprintf("n%d.host.net.", (i*fleetPerZone+j)%fleetServers))
		}
		domain := fmt.Sprintf("d%d.com", i)
		zone := h.Zone(domain, dnstest.Servers(servers...))
		for _, r := range fleetRecords {
			owner := dnsname.MustParse(domain)
			if r.owner != "@" {
				owner = dnsname.MustParse(r.owner + "." + domain)
			}
			if r.typ == record.TXT {
				zone.SetTXT(r.owner, r.value)
			} else {
				zone.Set(fmt.Sprintf("%s %s %s.", r.owner, r.typ, r.value))
			}
			expected = append(expected, verify.Expectation{Key: domain + "/" + r.owner, Owner: owner, Type: r.typ, Value: r.value})
		}
	}
	h.Recursor()
	for _, s := range h.Servers() {
		s.Inject(dnstest.When(dnstest.Delay(fleetLatency), dnstest.Direct))
	}
	h.Recursors()[0].Inject(dnstest.Delay(fleetLatency))
	return h, expected
}

// fleetMinimum is how many questions a round takes at least, for a client that knows nothing: where the top-level
// domain is served and at which addresses, both kinds of them; the addresses of the other servers; for each zone its
// delegation at each server of the top-level domain, and its own list of servers at each of these, since none of them
// decides alone; and each record at each server of its zone.
const fleetMinimum = 1 + fleetTLDs*2 + fleetServers*2 + fleetZones*(fleetTLDs+fleetPerZone) + fleetZones*4*fleetPerZone

// BenchmarkRound makes one round of a wait for a thousand records, at all default settings, with a client that knows
// nothing. Peak memory is that of the process, in which the DNS servers live as well; what the round adds to what they
// hold is said apart.
func BenchmarkRound(b *testing.B) {
	h, expected := fleet(b)
	config := resolve.Config{Resolvers: []resolve.Resolver{resolve.MustParseResolver(h.ResolverAddr())}, AuthoritativePort: h.Port()}
	h.ResetQuestions()
	debug.FreeOSMemory() // What it took to build the fleet.
	before := held()
	peak := watchMemory(b)
	b.ReportAllocs()
	for b.Loop() {
		client, err := resolve.New(config)
		if err != nil {
			b.Fatal(err)
		}
		report, err := verify.Waiter{Resolver: client}.Wait(b.Context(), expected, verify.Options{Timeout: fleetTimeLimit})
		if err != nil {
			b.Fatalf("%v\n%s", err, report.Text())
		}
	}
	asked := float64(h.Count(dnstest.Direct)) / float64(b.N)
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/round")
	b.ReportMetric(asked, "questions/round")
	b.ReportMetric(asked/fleetMinimum, "questions/minimum")
	most := peak()
	b.ReportMetric(float64(most)/(1<<20), "MB-peak")
	b.ReportMetric(float64(most-before)/(1<<20), "MB-added")
}

// watchMemory samples what the process holds, until the function that it returns asks for the largest sample, in bytes.
func watchMemory(b *testing.B) func() uint64 {
	b.Helper()
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		var peak uint64
		for {
			select {
			case <-ticker.C:
				peak = max(peak, held())
			case <-stop:
				done <- peak
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-done
	}
}

// held returns what the process has of the system's memory, in bytes.
func held() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() - sample[1].Value.Uint64()
}
