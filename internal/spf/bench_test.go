package spf

import (
	"testing"
)

// twentyTerms is a record with as many terms as a busy domain has.
const twentyTerms = "v=spf1 a mx a:mail.example.com/28 include:spf.protection.outlook.com include:_spf.google.com " +
	"include:sendgrid.net include:mailgun.org include:servers.mcsv.net include:_spf.salesforce.com " +
	"ip4:192.0.2.0/24 ip4:198.51.100.17 ip4:198.51.100.18 ip4:203.0.113.0/25 ip4:203.0.113.128/25 " +
	"ip6:2001:db8:1::/48 ip6:2001:db8:2::25 exists:%{i}._spf.example.com include:mail.zendesk.com " +
	"include:_spf.example.net -all"

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(twentyTerms); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkString(b *testing.B) {
	r := mustParse(b, twentyTerms)
	b.ReportAllocs()
	for b.Loop() {
		if r.String() == "" {
			b.Fatal("nothing printed")
		}
	}
}
