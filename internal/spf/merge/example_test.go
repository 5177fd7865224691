package merge_test

import (
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

func ExampleMerge() {
	existing, err := spf.Parse("v=spf1 ip4:192.0.2.10 include:spf.protection.outlook.com ~all")
	if err != nil {
		fmt.Println(err)
		return
	}
	news, err := merge.ParseInput(merge.Source{Kind: merge.Service, Name: "news"}, "include:_spf.news.example ip4:192.0.2.0/24")
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := merge.Merge{
		Owner:    dnsname.MustParse("example.com"),
		Existing: &existing,
		Services: []merge.Input{news},
	}.Do()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Record)
	for _, w := range result.Warnings {
		fmt.Println(w.Text)
	}
	// Output:
	// v=spf1 ip4:192.0.2.0/24 include:spf.protection.outlook.com include:_spf.news.example -all
	// The existing record ends in "~all" (softfail); the new one ends in "-all" (fail), as Catglobe recommends. Make sure that it has every sender of the domain.
}
