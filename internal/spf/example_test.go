package spf_test

import (
	"errors"
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

func ExampleParse() {
	r, err := spf.Parse("v=spf1 +MX ip4:192.0.2.77/24 include:_spf.Example.net. ~all")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r)
	all, _ := r.Ending()
	fmt.Println(all.Qualifier.Word())
	// Output:
	// v=spf1 mx ip4:192.0.2.0/24 include:_spf.example.net ~all
	// softfail
}

func ExampleParse_mistake() {
	_, err := spf.Parse("v=spf1 include=_spf.example.net ~all")
	if syntax, ok := errors.AsType[*spf.SyntaxError](err); ok {
		fmt.Println(syntax.Reason)
	}
	// Output:
	// with an equals sign it is an unknown modifier, which receivers ignore: write "include:_spf.example.net"
}

func ExampleMerge() {
	existing, err := spf.Parse("v=spf1 ip4:192.0.2.10 include:spf.protection.outlook.com ~all")
	if err != nil {
		fmt.Println(err)
		return
	}
	news, err := spf.ParseInput(spf.Source{Kind: spf.Service, Name: "news"}, "include:_spf.news.example ip4:192.0.2.0/24")
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := spf.Merge{
		Owner:    dnsname.MustParse("example.com"),
		Existing: &existing,
		Services: []spf.Input{news},
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
	// The existing record ends in "~all" (softfail); the new one ends in "-all" (fail), as Catglobe recommends. Make sure that every sender of the domain is in it.
}
