package tree

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

func TestLimitError(t *testing.T) {
	t.Parallel()
	// Each include sN costs 1+N lookups, for addresses that make one flattened record.
	var dns strings.Builder
	for i := range 9 {
		fmt.Fprintf(&dns, "s%d.example TXT v=spf1 ip4:192.0.2.%d%s -all\n", i, i, strings.Repeat(" a:h.example", i))
	}
	dns.WriteString("h.example A 198.51.100.1\nh.example AAAA 2001:db8::1\nfour.example A 192.0.2.1\nmany.example MX m.example\n" + repeat(10, "many.example MX m%d.example\n"))
	for i := range 10 {
		fmt.Fprintf(&dns, "one%d.example TXT v=spf1 ip4:198.51.100.%d -all\n", i, i)
	}
	dns.WriteString("t6.example TXT v=spf1" + strings.Repeat(" a:h.example", 6) + "\n")
	dns.WriteString("dyn.example TXT v=spf1 exists:%{i}.x.example" + strings.Repeat(" a:h.example", 9) + "\n")
	sender := func(name, domain string, never bool) Sender {
		return Sender{Name: name, Includes: []string{domain}, NeverFlatten: never}
	}
	tests := []struct {
		name, root string
		senders    []Sender
		want       *LimitError // without its terms
		heaviest   string
		text       string
	}{
		{name: "at the limit", root: "include:s4.example include:s4.example -all"},
		{
			name: "one is enough", root: "include:s3.example include:s6.example include:s2.example -all",
			want: &LimitError{Limit: LimitLookups, Count: 14, Flatten: []string{"s6.example"}, After: 8}, heaviest: "include:s6.example 7, include:s3.example 4, include:s2.example 3",
			text: `the record of example.com asks for 14 DNS lookups, and receivers stop with an error (permerror) after 10 (RFC 7208 §4.6.4); ` +
				`the heaviest terms are "include:s6.example" (7), "include:s3.example" (4), "include:s2.example" (3)`,
		},
		{
			name: "two, in record order", root: "include:s2.example include:s8.example a:h.example include:s7.example -all",
			want: &LimitError{Limit: LimitLookups, Count: 21, Flatten: []string{"s8.example", "s7.example"}, After: 5},
		},
		{
			name: "of equal ones, the first", root: "a:h.example include:s6.example include:t6.example -all",
			want: &LimitError{Limit: LimitLookups, Count: 15, Flatten: []string{"s6.example"}, After: 9},
		},
		{
			name: "qualifiers are left alone", root: "?include:s8.example include:s2.example -all",
			want: &LimitError{Limit: LimitLookups, Count: 12, Flatten: []string{"s2.example"}, After: 10},
		},
		{
			name: "all of them are not enough", root: "include:s1.example" + strings.Repeat(" a:h.example", 10) + " -all",
			want: &LimitError{Limit: LimitLookups, Count: 12}, heaviest: "a:h.example 10, include:s1.example 2",
		},
		{
			name: "senders", root: "include:s6.example include:s5.example include:s4.example -all",
			senders: []Sender{sender("acme", "s6.example", true), sender("news", "s5.example", false)},
			want:    &LimitError{Limit: LimitLookups, Count: 18, Flatten: []string{"news", "s4.example"}, After: 8},
		},
		{
			name: "small sources share a record", root: "include:s0.example" + repeat(10, " include:one%d.example") + " -all",
			want: &LimitError{Limit: LimitLookups, Count: 11, Flatten: []string{"s0.example", "one0.example"}, After: 10},
		},
		{
			name: "what is not static", root: "include:dyn.example include:s1.example -all",
			want: &LimitError{Limit: LimitLookups, Count: 13},
		},
		{
			name: "at least", root: "include:%{i}.example include:s8.example include:s1.example -all",
			want: &LimitError{Limit: LimitLookups, Count: 12, AtLeast: true, Flatten: []string{"s8.example"}, After: 4},
			text: "the record of example.com asks for at least 12 DNS lookups",
		},
		{
			name: "void", root: "a:v1.example a:v2.example a:h.example a:v3.example -all",
			want: &LimitError{Limit: LimitVoid, Count: 3}, heaviest: "a:v1.example 1, a:v2.example 1, a:v3.example 1",
			text: `the record of example.com asks for 3 DNS lookups that find nothing, and receivers stop with an error (permerror) after 2 (RFC 7208 §4.6.4); ` +
				`the heaviest terms are "a:v1.example" (1), "a:v2.example" (1), "a:v3.example" (1)`,
		},
		{
			name: "void for one family", root: "a:four.example a:four.example a:four.example a:v1.example a:v2.example -all",
		},
		{
			name: "void for both, and more for one", root: "a:v1.example a:v2.example a:v3.example a:four.example -all",
			want: &LimitError{Limit: LimitVoid, Count: 3, AtLeast: true}, text: "the record of example.com asks for at least 3 DNS lookups that find nothing",
		},
		{
			name: "mail servers", root: "mx:many.example -all",
			want: &LimitError{Limit: LimitMXNames, Count: 11}, heaviest: "mx:many.example 11",
			text: `the record of example.com asks for 11 mail servers for one mx term, and receivers stop with an error (permerror) after 10 (RFC 7208 §4.6.4); the heaviest term is "mx:many.example" (11)`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := walkTree(t, spftest.NewScript(t, dns.String()+powers(9)), tt.root).Cost(Flattening{Senders: tt.senders})
			var got *LimitError
			if tt.want == nil {
				if err != nil {
					t.Errorf("Cost(%q) = %v", tt.root, err)
				}
				return
			}
			if !errors.As(err, &got) {
				t.Fatalf("Cost(%q) = %v, want a *LimitError", tt.root, err)
			}
			var heaviest []string
			for _, term := range got.Heaviest {
				heaviest = append(heaviest, fmt.Sprintf("%s %d", term.Term, term.of(got.Limit)))
			}
			if h := strings.Join(heaviest, ", "); tt.heaviest != "" && h != tt.heaviest {
				t.Errorf("the heaviest terms are %s, want %s", h, tt.heaviest)
			}
			if !strings.HasPrefix(err.Error(), tt.text) {
				t.Errorf("Cost() = %v, want %s", err, tt.text)
			}
			got.Heaviest, tt.want.Owner = nil, spftest.OwnerName
			if d := spftest.Diff(tt.want, got); d != "" {
				t.Errorf("Cost(%q) (-want +got):\n%s", tt.root, d)
			}
		})
	}
}

// TestReliefAgainstSearch holds the smallest set of sources against a search through all of them, each flattened.
func TestReliefAgainstSearch(t *testing.T) {
	t.Parallel()
	helped, helpless := 0, 0
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 7))
		var zone strings.Builder
		for i := range 6 {
			fmt.Fprintf(&zone, "s%d.example TXT v=spf1%s%s -all\n", i, strings.Repeat(" a:void.example", r.IntN(6)), repeat(r.IntN(12), fmt.Sprintf(" ip4:192.0.%d.1%%d", i)))
		}
		tree := walkTree(t, spftest.NewScript(t, zone.String()), "v=spf1"+repeat(6, " include:s%d.example")+strings.Repeat(" ptr", r.IntN(5))+" -all")
		const size = 70
		smallest, least := 7, 0
		for chosen := range uint(1 << 6) {
			f := Flattening{MaxSize: size}
			for i := range 6 {
				if chosen&(1<<i) != 0 {
					f.Names = append(f.Names, fmt.Sprintf("s%d.example", i))
				}
			}
			flat, err := tree.Flatten(f)
			if err != nil {
				t.Fatalf("seed %d: Flatten(%q) = %v", seed, f.Names, err)
			}
			if n := flat.Tree.cost().Lookups; n <= 10 && (len(f.Names) < smallest || len(f.Names) == smallest && n < least) {
				smallest, least = len(f.Names), n
			}
		}
		_, err := tree.Cost(Flattening{MaxSize: size})
		var limit *LimitError
		switch {
		case !errors.As(err, &limit) || limit.Limit != LimitLookups:
			if smallest != 0 {
				t.Errorf("seed %d: Cost() = %v", seed, err)
			}
		case smallest == 7:
			helpless++
			if len(limit.Flatten) > 0 {
				t.Errorf("seed %d: Cost() advises %q, and nothing helps", seed, limit.Flatten)
			}
		default:
			helped++
			if len(limit.Flatten) != smallest || limit.After != least {
				t.Errorf("seed %d: Cost() advises %q, which leaves %d; %d sources are enough, and leave %d", seed, limit.Flatten, limit.After, smallest, least)
			}
		}
	}
	if helped < 20 || helpless < 5 {
		t.Errorf("%d records were helped, %d were not", helped, helpless)
	}
}

func TestFamilyLimit(t *testing.T) {
	t.Parallel()
	const dns = "four.example A 192.0.2.1\nsix.example AAAA 2001:db8::1\nboth.example A 192.0.2.1\nboth.example AAAA 2001:db8::1\n" +
		"four.example MX four.example\ni.example TXT v=spf1 a:four.example a:four.example -all\n"
	tests := []struct {
		name, root string
		want       FamilyLimit // the zero FamilyLimit: none
	}{
		{"at the limit", "a:four.example mx:four.example -all", FamilyLimit{}},
		{"IPv4 alone", "a:four.example a:both.example mx:four.example include:i.example -all", FamilyLimit{"IPv6", 4, []string{"a:four.example", "mx:four.example", "include:i.example"}}},
		{"IPv6 alone", "a:six.example a:six.example a:six.example -all", FamilyLimit{"IPv4", 3, []string{"a:six.example"}}},
		{"some for both", "a:void.example a:four.example a:four.example -all", FamilyLimit{"IPv6", 3, []string{"a:void.example", "a:four.example"}}},
		{"for both", "a:void.example a:void.example a:void.example a:four.example -all", FamilyLimit{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tree := walkTree(t, spftest.NewScript(t, dns), tt.root)
			cost, _ := tree.Cost(Flattening{})
			got, ok := cost.FamilyLimit()
			if d := spftest.Diff(tt.want, got); d != "" || ok != (tt.want.Family != "") {
				t.Errorf("FamilyLimit() of %q = %v (-want +got):\n%s", tt.root, ok, d)
			}
			if ok && !strings.Contains(tree.String(), fmt.Sprintf("%d of 2 void for %s", got.Count, got.Family)) {
				t.Errorf("String() = %s, want it to name the family", tree)
			}
		})
	}
}
