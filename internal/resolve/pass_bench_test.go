package resolve

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// BenchmarkPass measures one pass about so many records of one domain, without a network: what a refresh of one validation
// takes of the processor and of memory grows with their number.
func BenchmarkPass(b *testing.B) {
	for _, records := range []int{250, 500, 1000, 2000, 4000} {
		b.Run(fmt.Sprint(records), func(b *testing.B) {
			var expected []verify.Expectation
			for i := range records {
				name := fmt.Sprintf("r%d.d1.com", i)
				expected = append(expected, verify.Expectation{Key: name, Owner: dnsname.MustParse(name), Type: record.TXT, Value: "ok"})
			}
			b.ReportAllocs()
			for b.Loop() {
				w := wire{sent: new(atomic.Int64), answer: func(to netip.AddrPort, query *dns.Msg) (*dns.Msg, error) {
					if to == resolverAddr {
						return resolver(query)
					}
					return domains(to, query)
				}}
				c, err := New(Config{Resolvers: []Resolver{PlainResolver(resolverAddr)}, MaxRate: 1_000_000})
				if err != nil {
					b.Fatal(err)
				}
				c.udp, c.tcp = w, w
				report, err := verify.Waiter{Resolver: c}.Check(b.Context(), expected, verify.Options{})
				if err != nil || report.State() != verify.Valid {
					b.Fatalf("state %v, %v", report.State(), err)
				}
				_ = report.Text()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*records), "µs/record")
		})
	}
}
