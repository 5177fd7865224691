package dnstest_test

import (
	"context"
	"fmt"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// A program publishes a record at three servers, one of which is slow to follow. A test would call New.
func Example() {
	h, err := dnstest.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()

	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"))
	zone.Server("ns3").Hold()
	zone.Add("selector1._domainkey CNAME selector1.example.net.")

	show := func() {
		for _, s := range zone.Servers() {
			m := new(dns.Msg).SetQuestion("selector1._domainkey.example.com.", dns.TypeCNAME)
			reply, err := dns.Exchange(m, s.Addr().String())
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(s.Name(), dns.RcodeToString[reply.Rcode], "serial", s.Serial("example.com"))
		}
	}
	show()
	zone.Server("ns3").Release()
	show()
	fmt.Println(h.Count(dnstest.OfType("CNAME")), "questions")
	// Output:
	// ns1.example.com NOERROR serial 2
	// ns2.example.com NOERROR serial 2
	// ns3.example.com NXDOMAIN serial 1
	// ns1.example.com NOERROR serial 2
	// ns2.example.com NOERROR serial 2
	// ns3.example.com NOERROR serial 2
	// 6 questions
}
