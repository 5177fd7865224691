package check

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// instantDNS answers TXT at once, so that a benchmark measures the evaluation.
type instantDNS map[string][]string

func (d instantDNS) Lookup(_ context.Context, name string, _ spf.RRType) ([]string, error) {
	return d[name], nil
}

// tenIncludes is a domain with ten includes, none of which passes.
func tenIncludes() instantDNS {
	dns := instantDNS{}
	var record strings.Builder
	record.WriteString(spf.Version)
	for i := range 10 {
		name := fmt.Sprintf("_spf%d.acme.example", i)
		fmt.Fprintf(&record, " include:%s", name)
		dns[name] = []string{fmt.Sprintf("v=spf1 ip4:198.51.100.%d ip4:203.0.113.0/24 -all", i)}
	}
	record.WriteString(" -all")
	dns["example.com"] = []string{record.String()}
	return dns
}

func BenchmarkCheck(b *testing.B) {
	checker := Checker{Resolver: tenIncludes()}
	query := Query{IP: netip.MustParseAddr("192.0.2.1"), Sender: "user@example.com", HELO: "mail.example.com"}
	b.ReportAllocs()
	for b.Loop() {
		got, err := checker.Check(b.Context(), query)
		if err != nil || got.Result != Fail || got.Lookups != 10 {
			b.Fatal(got, err)
		}
	}
}

// BenchmarkCheckMacros expands a name for every client, as records of the large do.
func BenchmarkCheckMacros(b *testing.B) {
	checker := Checker{Resolver: instantDNS{
		"example.com": {"v=spf1 exists:%{ir}.%{v}._spf.%{d2} ~exists:%{lr-}.lp.%{h}.%{d2} -all"},
	}}
	query := Query{IP: netip.MustParseAddr("2001:db8::1"), Sender: "strong-bad@example.com", HELO: "mail.example.com"}
	b.ReportAllocs()
	for b.Loop() {
		got, err := checker.Check(b.Context(), query)
		if err != nil || got.Result != Fail || got.Voids != 2 {
			b.Fatal(got, err)
		}
	}
}

func BenchmarkCheckString(b *testing.B) {
	checker := Checker{Resolver: tenIncludes()}
	got, err := checker.Check(b.Context(), Query{IP: netip.MustParseAddr("192.0.2.1"), Sender: "user@example.com"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if got.String() == "" {
			b.Fatal("nothing printed")
		}
	}
}
