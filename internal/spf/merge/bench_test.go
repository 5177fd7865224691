package merge

import (
	"net/netip"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// busy is a record with as many terms as a busy domain has.
const busy = "v=spf1 a mx a:mail.example.com/28 include:spf.protection.outlook.com include:_spf.google.com " +
	"include:sendgrid.net include:mailgun.org include:servers.mcsv.net include:_spf.salesforce.com " +
	"ip4:192.0.2.0/24 ip4:198.51.100.17 ip4:198.51.100.18 ip4:203.0.113.0/25 ip4:203.0.113.128/25 " +
	"ip6:2001:db8:1::/48 ip6:2001:db8:2::25 exists:%{i}._spf.example.com include:mail.zendesk.com " +
	"include:_spf.example.net -all"

func BenchmarkMerge(b *testing.B) {
	m := Merge{
		Existing: existing(b, busy),
		Services: []Input{
			service(b, "microsoft365", "include:spf.protection.outlook.com"),
			service(b, "catglobe", "include:_spf.catglobe.example"),
		},
		Mechanisms: mechanisms(b, "ip4:203.0.113.0/24", "a:backup.example.com"),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Do(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMergeMany merges as many networks as the longest record holds.
func BenchmarkMergeMany(b *testing.B) {
	m := Merge{}
	addr := netip.MustParseAddr("10.0.0.0")
	var r spf.Record
	for len(r.Directives) < 3000 {
		r.Directives = append(r.Directives, spf.Directive{Mechanism: spf.MechIP4, Prefix: netip.PrefixFrom(addr, 32)})
		addr = addr.Next().Next()
	}
	m.Existing = &r
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Do(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGuardAlternating judges 3,000 networks whose meaning changes with each.
func BenchmarkGuardAlternating(b *testing.B) {
	tree := treeOf(b, spftest.NewScript(b, "a.example TXT "+spftest.Alternating(b, 1500).String()), "include:a.example -all")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := GuardTree(tree, false); err != nil {
			b.Fatal(err)
		}
	}
}
