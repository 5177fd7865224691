package verify_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// fleet is a [verify.Resolver] of zones with two name servers each, in which all records have the same TXT value.
type fleet struct{ value string } // none where it is empty

// Ask implements [verify.Resolver].
func (f fleet) Ask(_ context.Context, q answer.Question) (answer.Set, error) {
	first, second := fails(1, answer.NXDomain), fails(2, answer.NXDomain)
	if f.value != "" {
		first, second = found(1, f.value), found(2, f.value)
	}
	return answer.Set{Zone: verify.DomainOf(q.Name), List: []answer.Answer{first, second}}, nil
}

// fleetRecords returns the expectations of so many TXT records, so many of them in each domain.
func fleetRecords(records, each int, value string) []verify.Expectation {
	list := make([]verify.Expectation, records)
	for i := range list {
		domain := fmt.Sprintf("d%d.example.com", i/each)
		list[i] = verify.Expectation{Key: fmt.Sprintf("%s/%d", domain, i), Owner: dnsname.MustParse(fmt.Sprintf("r%d.%s", i, domain)), Type: record.TXT, Value: value}
	}
	return list
}

// fleets are what the records of a fleet have in place of the expected value.
var fleets = map[string]fleet{"right": {spfValue}, "missing": {""}, "another": {"v=spf1 include:spf.example.net mx -all"}}

// refresh compares the answers about the records, and fills `valid` and `observed`.
func refresh(tb testing.TB, resolver fleet, expected []verify.Expectation) verify.Report {
	tb.Helper()
	report, err := verify.Waiter{Resolver: resolver}.Check(tb.Context(), expected, verify.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	_, _ = report.State(), report.Observed()
	return report
}

// BenchmarkRefresh measures a refresh of a fleet without its DNS client: "data" compares answers and fills `valid` and
// `observed`, and "text" does that, looks for causes, and writes the report and the error.
func BenchmarkRefresh(b *testing.B) {
	for _, size := range []struct{ records, each int }{{1000, 1000}, {2000, 2000}, {4000, 4000}, {2000, 2}, {4000, 2}} {
		for name, resolver := range fleets {
			expected := fleetRecords(size.records, size.each, spfValue)
			label := fmt.Sprintf("%dx%d/%s", size.records/size.each, size.each, name)
			b.Run(label+"/data", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					refresh(b, resolver, expected)
				}
			})
			b.Run(label+"/text", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					report := refresh(b, resolver, expected)
					if resolver.value != spfValue {
						report = report.Explain(b.Context(), resolver, nil)
						report.Failing()
					}
					report.Text()
					report.Warnings()
				}
			})
		}
	}
}

// A pass that is only compared builds no texts: a record with another content costs about as much as one that matches.
//
//nolint:paralleltest // Other tests would allocate at the same time.
func TestCheckBuildsNoTexts(t *testing.T) {
	allocs := func(resolver fleet) float64 {
		expected := fleetRecords(200, 2, spfValue)
		return testing.AllocsPerRun(5, func() { refresh(t, resolver, expected) })
	}
	right := allocs(fleets["right"])
	for _, name := range []string{"missing", "another"} {
		if got := allocs(fleets[name]); got > 1.2*right {
			t.Errorf("%s: a pass allocates %.0f times, want at most 1.2 times the %.0f of records that match", name, got, right)
		}
	}
}
