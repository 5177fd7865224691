package check_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
)

// txt is a DNS that holds TXT records alone.
type txt map[string]string

func (t txt) Lookup(_ context.Context, name string, rrtype spf.RRType) ([]string, error) {
	if value, ok := t[name]; ok && rrtype == spf.TypeTXT {
		return []string{value}, nil
	}
	return nil, nil
}

func ExampleChecker_Check() {
	checker := check.Checker{Resolver: txt{
		"example.com":       "v=spf1 include:_spf.acme.example -all exp=why.example.com",
		"_spf.acme.example": "v=spf1 ip4:198.51.100.0/24 ~all",
		"why.example.com":   "%{i} is no mail server of %{d}",
	}}
	for _, ip := range []string{"198.51.100.25", "192.0.2.1"} {
		check, err := checker.Check(context.Background(), check.Query{IP: netip.MustParseAddr(ip), Sender: "user@example.com"})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(check.Matched)
		fmt.Println(check)
		fmt.Println(check.Explanation)
	}
	// Output:
	// example.com: include:_spf.acme.example → _spf.acme.example: ip4:198.51.100.0/24
	// example.com  v=spf1 …         pass, 1 of 10 lookups, 0 of 2 void
	// └─ include:_spf.acme.example  match: pass
	//    └─ ip4:198.51.100.0/24     match: pass
	//
	// example.com: -all
	// example.com  v=spf1 …         fail, 1 of 10 lookups, 0 of 2 void
	// ├─ include:_spf.acme.example  no match: softfail
	// │  ├─ ip4:198.51.100.0/24     no match
	// │  └─ ~all                    match: softfail
	// └─ -all                       match: fail
	// 192.0.2.1 is no mail server of example.com
}
