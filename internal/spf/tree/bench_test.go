package tree

import (
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// benchTree is ten flat includes of some networks each.
func benchTree(b *testing.B) (*spftest.Script, spf.Record) {
	b.Helper()
	dns := spftest.NewScript(b, repeat(10, "i%[1]d.example TXT v=spf1 ip4:192.0.2.%[1]d ip4:198.51.%[1]d.0/24 ip6:2001:db8:%[1]d::/48 -all\n"))
	return dns, spftest.MustParse(b, "v=spf1"+repeat(10, " include:i%d.example")+" -all")
}

func BenchmarkWalk(b *testing.B) {
	dns, root := benchTree(b)
	b.ReportAllocs()
	for b.Loop() {
		dns.Asked = dns.Asked[:0]
		if _, err := Walk(b.Context(), dns, root, spftest.OwnerName); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCost(b *testing.B) {
	dns, root := benchTree(b)
	tree := walkTree(b, dns, root.String())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tree.Cost(Flattening{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTreeString(b *testing.B) {
	dns, root := benchTree(b)
	tree := walkTree(b, dns, root.String())
	b.ReportAllocs()
	for b.Loop() {
		if tree.String() == "" {
			b.Fatal("nothing drawn")
		}
	}
}

func BenchmarkFlatten(b *testing.B) {
	dns, root := benchTree(b)
	tree := walkTree(b, dns, root.String())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tree.Flatten(Flattening{Names: []string{EverySource}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFlattenMany flattens 3,000 networks that do not go together.
func BenchmarkFlattenMany(b *testing.B) {
	var record strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&record, " ip4:10.%d.%d.1", i/256, i%256)
	}
	tree := walkTree(b, spftest.NewScript(b, "a.example TXT v=spf1"+record.String()+" -all"), "include:a.example -all")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tree.Flatten(Flattening{Names: []string{EverySource}, MaxSize: 8000}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWalkHostile reads records that include each other in all ways.
func BenchmarkWalkHostile(b *testing.B) {
	all := "v=spf1" + repeat(1000, " include:i%d.example") + " -all"
	dns := spftest.NewScript(b, repeat(1000, "i%d.example TXT "+all+"\n"))
	root := spftest.MustParse(b, all)
	b.ReportAllocs()
	for b.Loop() {
		dns.Asked = dns.Asked[:0]
		tree, err := Walk(b.Context(), dns, root, spftest.OwnerName)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = tree.Cost(Flattening{})
		_, _ = tree.Shares()
		if tree.String() == "" || len(tree.Findings()) == 0 {
			b.Fatal("nothing found")
		}
	}
}
