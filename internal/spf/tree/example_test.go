package tree_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// zone is DNS in memory: "name type" → values.
type zone map[string][]string

func (z zone) Lookup(_ context.Context, name string, t spf.RRType) ([]string, error) {
	return z[name+" "+string(t)], nil
}

// acme sends from 23 networks that do not go together, and from hosts.
var acme = zone{
	"_spf.acme.example TXT": {"v=spf1 include:_netblocks.acme.example include:_netblocks6.acme.example a:relay.acme.example mx ~all"},
	"_netblocks.acme.example TXT": {"v=spf1 ip4:192.0.2.0/28 ip4:192.0.2.32/28 ip4:192.0.2.64/27 ip4:192.0.2.128/29 ip4:192.0.2.144/29 ip4:192.0.2.160/30 " +
		"ip4:198.51.100.0/26 ip4:198.51.100.128/27 ip4:198.51.100.192/28 ip4:198.51.100.224/29 ip4:198.51.100.236 ip4:198.51.100.240/30 " +
		"ip4:203.0.113.0/27 ip4:203.0.113.48/28 ip4:203.0.113.72/29 ip4:203.0.113.96/27 ip4:203.0.113.130/31 ~all"},
	"_netblocks6.acme.example TXT": {"v=spf1 ip6:2001:db8:10::/48 ip6:2001:db8:20::/48 ip6:2001:db8:30::/47 ip6:2001:db8:40::/64 ip6:2001:db8:40:2::/64 ip6:2001:db8:ff::25 ~all"},
	"relay.acme.example A":         {"203.0.113.200"},
	"relay.acme.example AAAA":      {"2001:db8:ff::26"},
	"_spf.acme.example MX":         {"mx.acme.example"},
	"mx.acme.example A":            {"203.0.113.131", "203.0.113.201"},
	"news.example TXT":             {"v=spf1 exists:%{i}._spf.news.example -all"},
}

func ExampleTree_Cost() {
	record, err := spf.Parse("v=spf1 include:_spf.acme.example include:news.example mx -all")
	if err != nil {
		fmt.Println(err)
		return
	}
	read, err := tree.Walk(context.Background(), acme, record, dnsname.MustParse("example.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	cost, err := read.Cost(tree.Flattening{})
	fmt.Println(cost.Lookups, err)
	fmt.Println(read)
	// Output:
	// 8 <nil>
	// example.com  v=spf1 … -all              8 of 10 lookups, at least 2 of 2 void
	// ├─ include:_spf.acme.example             5
	// │  ├─ include:_netblocks.acme.example    1
	// │  ├─ include:_netblocks6.acme.example   1
	// │  ├─ a:relay.acme.example               1
	// │  └─ mx                                 1
	// ├─ include:news.example                  2
	// │  └─ exists:%{i}._spf.news.example      1  ← depends on the client or the sender
	// └─ mx                                    1  ← finds nothing
}

func ExampleTree_Flatten() {
	record, err := spf.Parse("v=spf1 include:_spf.acme.example include:news.example -all")
	if err != nil {
		fmt.Println(err)
		return
	}
	read, err := tree.Walk(context.Background(), acme, record, dnsname.MustParse("example.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	flat, err := read.Flatten(tree.Flattening{Names: []string{"acme"}, Senders: []tree.Sender{{Name: "acme", Includes: []string{"_spf.acme.example"}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("example.com:", flat.Apex)
	for _, r := range flat.Records {
		text := r.Record.String()
		fmt.Printf("%v: %d octets\n", r.Owner, len(text))
		for terms := range slices.Chunk(strings.Fields(text), 5) {
			fmt.Println(" ", strings.Join(terms, " "))
		}
	}
	for _, s := range flat.Sources {
		fmt.Printf("%s: %d networks, %d IPv4 addresses\n", s.Name, s.CIDRs, s.Addresses4)
	}
	fmt.Println(flat.Tree)
	// Output:
	// example.com: v=spf1 include:_spf-acme.example.com include:_spf-acme-2.example.com include:news.example -all
	// _spf-acme.example.com: 369 octets
	//   v=spf1 ip4:192.0.2.0/28 ip4:192.0.2.32/28 ip4:192.0.2.64/27 ip4:192.0.2.128/29
	//   ip4:192.0.2.144/29 ip4:192.0.2.160/30 ip4:198.51.100.0/26 ip4:198.51.100.128/27 ip4:198.51.100.192/28
	//   ip4:198.51.100.224/29 ip4:198.51.100.236 ip4:198.51.100.240/30 ip4:203.0.113.0/27 ip4:203.0.113.48/28
	//   ip4:203.0.113.72/29 ip4:203.0.113.96/27 ip4:203.0.113.130/31 ip4:203.0.113.200/31 -all
	// _spf-acme-2.example.com: 158 octets
	//   v=spf1 ip6:2001:db8:10::/48 ip6:2001:db8:20::/48 ip6:2001:db8:30::/47 ip6:2001:db8:40::/64
	//   ip6:2001:db8:40:2::/64 ip6:2001:db8:ff::25 ip6:2001:db8:ff::26 -all
	// acme: 25 networks, 301 IPv4 addresses
	// example.com  v=spf1 … -all           4 of 10 lookups, at least 0 of 2 void
	// ├─ include:_spf-acme.example.com      1
	// ├─ include:_spf-acme-2.example.com    1
	// └─ include:news.example               2
	//    └─ exists:%{i}._spf.news.example   1  ← depends on the client or the sender
}
