package bench

import (
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// answerLatency is how long the servers take for an answer, where a discovery or an audit is measured.
const answerLatency = 25 * time.Millisecond

// The longest that a discovery may take where all selectors of the catalogue are asked for.
const discoveryLimit = time.Second

// sixServices are the live records of a domain that six services send for, below its zone.
var sixServices = []string{
	"@ IN MX 0 example-com.mail.protection.outlook.com.",
	"selector1._domainkey IN CNAME selector1-example-com._domainkey.acme.onmicrosoft.com.",
	"selector2._domainkey IN CNAME selector2-example-com._domainkey.acme.onmicrosoft.com.",
	"k2._domainkey IN CNAME dkim2.mcsv.net.", "k3._domainkey IN CNAME dkim3.mcsv.net.",
	"s1._domainkey IN CNAME s1.domainkey.u1.wl2.sendgrid.net.", "s2._domainkey IN CNAME s2.domainkey.u1.wl2.sendgrid.net.", "em1 IN CNAME u1.wl2.sendgrid.net.",
	"zendesk1._domainkey IN CNAME zendesk1._domainkey.zendesk.com.", "zendesk2._domainkey IN CNAME zendesk2._domainkey.zendesk.com.",
	"pm-bounces IN CNAME pm.mtasv.net.",
}

const sixServicesSPF = "v=spf1 include:spf.protection.outlook.com include:_spf.google.com include:mail.zendesk.com ip4:192.0.2.25 ~all"

// sixServicesZone is example.com on two servers that take their time.
func sixServicesZone(b *testing.B) (*dnstest.Hierarchy, resolve.Config) {
	b.Helper()
	h := dnstest.New(b)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3", "ns4"))
	zone.Set(sixServices...)
	zone.SetTXT("@", sixServicesSPF, "MS=ms1")
	zone.SetTXT("_dmarc", "v=DMARC1; p=reject; rua=mailto:reports@example.com")
	h.Recursor()
	for _, s := range h.Servers() {
		s.Inject(dnstest.When(dnstest.Delay(answerLatency), dnstest.Direct))
	}
	h.Recursors()[0].Inject(dnstest.Delay(answerLatency))
	return h, resolve.Config{Resolvers: []resolve.Resolver{resolve.MustParseResolver(h.ResolverAddr())}, AuthoritativePort: h.Port()}
}

// BenchmarkDiscovery discovers a domain whose _domainkey exists, so that each selector of the catalogue is asked for, with
// a client at all default settings that knows nothing, and servers that take 25 ms for an answer. The discovery of a domain
// without keys, where one question does for all selectors, is measured beside it.
func BenchmarkDiscovery(b *testing.B) {
	for name, keys := range map[string]bool{"keys": true, "no_keys": false} {
		b.Run(name, func(b *testing.B) {
			h, config := sixServicesZone(b)
			domain := dnsname.MustParse("example.com")
			if !keys {
				zone := h.Zone("example.org", dnstest.Servers("ns1", "ns2"))
				zone.SetTXT("@", "v=spf1 -all")
				for _, s := range zone.Servers() {
					s.Inject(dnstest.When(dnstest.Delay(answerLatency), dnstest.Direct))
				}
				domain = dnsname.MustParse("example.org")
			}
			h.ResetQuestions()
			var longest time.Duration
			for b.Loop() {
				client, err := resolve.New(config)
				if err != nil {
					b.Fatal(err)
				}
				started := time.Now()
				found, err := discover.Discover(b.Context(), discover.Query{Domain: domain}, client)
				if err != nil || keys && len(found.Config.Services) < 4 || len(found.Unresolved) > 1 {
					b.Fatalf("services %v, unresolved %v, error %v", found.Config.Services, found.Unresolved, err)
				}
				longest = max(longest, time.Since(started))
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/discovery")
			b.ReportMetric(longest.Seconds(), "s-longest")
			b.ReportMetric(float64(h.Count(dnstest.Direct))/float64(b.N), "questions/discovery")
			if mean := b.Elapsed() / time.Duration(b.N); mean > discoveryLimit {
				b.Errorf("a discovery takes %v, want at most %v", mean, discoveryLimit)
			}
		})
	}
}
