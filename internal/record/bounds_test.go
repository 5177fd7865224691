package record_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// onOneName are n TXT records of one name.
func onOneName(n int) record.Set {
	domain := dnsname.MustParse("example.com")
	set := make(record.Set, n)
	for i := range n {
		set[fmt.Sprint("k", i)] = record.Record{Domain: domain, Owner: domain, Type: record.TXT, TTL: 60, Value: fmt.Sprint("v", i)}
	}
	return set
}

// Records of one name are grouped with a number of allocations in proportion to theirs.
func TestRRsetsOnOneName(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of all tests that run beside it.
	per := func(n int) float64 {
		set := onOneName(n)
		return testing.AllocsPerRun(1, func() {
			if sets, err := record.RRsets(set); err != nil || len(sets["example.com/TXT"].Values) != n {
				t.Fatalf("RRsets of %d records = %d values, %v", n, len(sets["example.com/TXT"].Values), err)
			}
		}) / float64(n)
	}
	few, many := per(1_000), per(100_000)
	if many > 2*few+1 {
		t.Errorf("RRsets makes %.1f allocations for each of 1,000 records and %.1f for each of 100,000, want as many", few, many)
	}
}

// BenchmarkRRsetsOnOneName shows that time and memory grow with the number of records.
func BenchmarkRRsetsOnOneName(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		set := onOneName(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := record.RRsets(set); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is quoted within quotes is read once more, and not as deep as it goes.
func TestPastedOfNested(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of all tests that run beside it.
	for _, nested := range []string{`x="a":"`, `["`, `'"`, "`'", `TXT "`} {
		text := strings.Repeat(nested, 2_000) + `"`
		if got := testing.AllocsPerRun(1, func() { record.Pasted(text) }); got > 1_000 {
			t.Errorf("Pasted of 2,000 times %s makes %.0f allocations, want few", nested, got)
		}
	}
}
