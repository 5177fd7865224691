package tree

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

func TestCost(t *testing.T) {
	t.Parallel()
	const hosts = "h.example A 192.0.2.1\nh.example AAAA 2001:db8::1\nfour.example A 192.0.2.1\nsix.example AAAA 2001:db8::1\n"
	least := func(c Count) Count { c.LookupsAtLeast, c.VoidAtLeast = true, true; return c }
	tests := []struct {
		name, dns, root string
		want            Count
	}{
		{"nothing", "", "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all", Count{}},
		{
			"each term that looks up", hosts + "h.example MX h.example\ni.example TXT v=spf1 -all\n",
			"v=spf1 a:h.example mx:h.example exists:h.example include:i.example redirect=i.example",
			Count{Lookups: 5, MXNames: 1},
		},
		{"ptr", "", "v=spf1 ptr -all", Count{Lookups: 1, VoidAtLeast: true}},
		{"qualifiers", hosts + "i.example TXT v=spf1 -all\n", "v=spf1 -a:h.example ~a:h.example ?include:i.example -all", Count{Lookups: 3}},
		{
			"each occurrence", "a.example TXT v=spf1 include:c.example include:c.example -all\nb.example TXT v=spf1 include:c.example -all\nc.example TXT v=spf1 include:d.example\nd.example TXT v=spf1",
			"v=spf1 include:a.example include:b.example",
			Count{Lookups: 2 + 3*2},
		},
		{"behind all", hosts, "v=spf1 a:h.example -all a:h.example include:x.example redirect=x.example", Count{Lookups: 1}},
		{"behind the all of an include", hosts + "i.example TXT v=spf1 ?all a:h.example redirect=x.example", "v=spf1 include:i.example a:h.example", Count{Lookups: 2}},
		{"exp is not counted", "", "v=spf1 exp=x.example -all", Count{}},
		{"void for a family", hosts, "v=spf1 a:four.example a:four.example a:six.example -all", Count{Lookups: 3, Void4: 1, Void6: 2}},
		{"void for both", hosts, "v=spf1 a:void.example mx:void.example exists:void.example -all", Count{Lookups: 3, Void4: 3, Void6: 3}},
		{"exists asks for A whoever asks", hosts, "v=spf1 exists:six.example exists:four.example -all", Count{Lookups: 2, Void4: 1, Void6: 1}},
		{"void includes", "none.example TXT hello", "v=spf1 include:void.example include:none.example redirect=void.example", Count{Lookups: 3, Void4: 2, Void6: 2}},
		{"void mail servers", hosts + "m.example MX four.example\nm.example MX void.example\nm.example MX h.example", "v=spf1 mx:m.example -all", Count{Lookups: 1, Void4: 1, Void6: 2, MXNames: 3}},
		{"the null MX is an answer", "m.example MX .", "v=spf1 mx:m.example -all", Count{Lookups: 1, MXNames: 1}},
		{"the most mail servers", hosts + strings.Repeat("x.example MX h.example\n", 3) + strings.Repeat("y.example MX h.example\n", 12), "v=spf1 mx:x.example mx:y.example -all", Count{Lookups: 2, MXNames: 12}},
		{"void below, each time", "i.example TXT v=spf1 a:void.example -all", "v=spf1 include:i.example include:i.example -all", Count{Lookups: 4, Void4: 2, Void6: 2}},
		{"macros", hosts, "v=spf1 exists:%{i}.example a:%{h} mx:%{o} -all", Count{Lookups: 3, VoidAtLeast: true}},
		{"macros in an include", hosts, "v=spf1 include:%{ir}.%{v}.%{d} -all", least(Count{Lookups: 1})},
		{"the macro p", "", "v=spf1 exists:%{p}.example -all", Count{Lookups: 2, VoidAtLeast: true}},
		{"the macro d", "_spf.example.com TXT v=spf1 a:%{d} -all\n_spf.example.com A 192.0.2.1", "v=spf1 include:_spf.%{d} -all", Count{Lookups: 2, Void6: 1}},
		{"no names of DNS", "", "v=spf1 a:%{d}..example include:%{d}..example -all", Count{Lookups: 2}},
		{"no answer", "i.example TXT !\nh.example A !", "v=spf1 include:i.example a:h.example -all", least(Count{Lookups: 2, Void6: 1})},
		{"a loop", "i.example TXT v=spf1 include:i.example", "v=spf1 include:i.example a:void.example -all", least(Count{Lookups: 2 + 11, Void4: 1, Void6: 1})},
		{"more than can be counted", powers(9), "v=spf1 include:n0.example -all", Count{Lookups: 1_000_000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tree := walkTree(t, spftest.NewScript(t, tt.dns), tt.root)
			got, _ := tree.Cost(Flattening{})
			if got.Count != tt.want {
				t.Errorf("Cost(%q) = %+v, want %+v", tt.root, got.Count, tt.want)
			}
			var sum Count
			for _, term := range got.Terms {
				sum = sum.plus(term.Count)
			}
			if sum != got.Count {
				t.Errorf("the terms cost %+v together, and the record %+v", sum, got.Count)
			}
			checkShown(t, tree)
		})
	}
}

// powers is records each of which includes the next one ten times.
func powers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "n%d.example TXT v=spf1%s -all\n", i, strings.Repeat(fmt.Sprintf(" include:n%d.example", i+1), 10))
	}
	return b.String() + fmt.Sprintf("n%d.example TXT v=spf1 -all\n", n)
}

func TestCostTerms(t *testing.T) {
	t.Parallel()
	dns := "a.example TXT v=spf1 include:b.example -all\nb.example TXT v=spf1 a:void.example -all"
	got := walkTree(t, spftest.NewScript(t, dns), "v=spf1 ip4:192.0.2.1 include:a.example ?include:a.example include:b.example include:a.example redirect=b.example").cost()
	want := []TermCost{
		{"include:a.example", Count{Lookups: 6, Void4: 2, Void6: 2}},
		{"?include:a.example", Count{Lookups: 3, Void4: 1, Void6: 1}},
		{"include:b.example", Count{Lookups: 2, Void4: 1, Void6: 1}},
		{"redirect=b.example", Count{Lookups: 2, Void4: 1, Void6: 1}},
	}
	if d := spftest.Diff(want, got.Terms); d != "" {
		t.Errorf("Cost() (-want +got):\n%s", d)
	}
}

func TestCostUnanswered(t *testing.T) {
	t.Parallel()
	var unanswered *UnansweredError
	cost, err := walkTree(t, spftest.NewScript(t, "a.example TXT !"), "include:a.example -all").Cost(Flattening{})
	if !errors.As(err, &unanswered) || cost.Lookups != 1 {
		t.Errorf("Cost() = %v, %v, want a *UnansweredError", cost, err)
	}
	var limit *LimitError
	_, err = walkTree(t, spftest.NewScript(t, "a.example TXT !"), "v=spf1"+strings.Repeat(" include:a.example", 11)).Cost(Flattening{})
	if !errors.As(err, &limit) || !limit.AtLeast {
		t.Errorf("Cost() = %v, want a *LimitError: what is known is enough", err)
	}
}

// TestCostAgainstCheck holds the count against evaluations for a client that no host has: they never count more, and as
// many where they get to the end.
func TestCostAgainstCheck(t *testing.T) {
	t.Parallel()
	compared := 0
	for seed := range uint64(400) {
		zone := spftest.RandomZone(seed)
		script := spftest.NewScript(t, zone)
		tree := walkTree(t, script, script.Records[spftest.Ask(spftest.Owner, spf.TypeTXT)][0])
		cost := tree.cost()
		for _, ip := range []string{"203.0.113.99", "2001:db8:ffff::99"} {
			client, voids := netip.MustParseAddr(ip), cost.Void6
			if client.Is4() {
				voids = cost.Void4
			}
			checked, err := check.Checker{Resolver: script, MaxVoids: -1}.Check(t.Context(), check.Query{IP: client, Sender: "user@" + spftest.Owner, HELO: "client.example.net"})
			if err != nil {
				t.Fatal(err)
			}
			// An exists that finds something matches whoever asks, and ends the evaluation of its record.
			ended := checked.Result != check.PermError && !strings.Contains(zone, "exists:n")
			if ended {
				compared++
			}
			if checked.Lookups > cost.Lookups || checked.Voids > voids && !cost.VoidAtLeast || ended && (checked.Lookups != cost.Lookups || checked.Voids != voids) {
				t.Errorf("seed %d, %s: Check() counts %d lookups and %d void ones, the tree %d and %d\n%s\n%s", seed, ip, checked.Lookups, checked.Voids, cost.Lookups, voids, zone, tree)
			}
		}
	}
	if compared < 100 {
		t.Errorf("%d evaluations came to their end", compared)
	}
}

// TestCostAgainstNaive holds the count against one that follows each occurrence anew.
func TestCostAgainstNaive(t *testing.T) {
	t.Parallel()
	loops := 0
	for seed := range uint64(500) {
		zone := spftest.RandomZone(seed)
		n := naive{t: t, dns: spftest.NewScript(t, zone)}
		root := n.dns.Records[spftest.Ask(spftest.Owner, spf.TypeTXT)][0]
		got := walkTree(t, n.dns, root).cost().Count
		want := n.record(spftest.Owner, spftest.MustParse(t, root))
		if n.loops(spftest.Owner, nil) {
			loops++
		}
		if got.Lookups != want.Lookups || got.Void4 != want.Void4 || got.Void6 != want.Void6 || got.MXNames != want.MXNames {
			t.Errorf("seed %d: Cost() = %+v, want %+v\n%s", seed, got, want, zone)
		}
	}
	if loops == 0 || loops == 500 {
		t.Errorf("%d of 500 trees have loops", loops)
	}
}

// naive counts as the sentence of RFC 7208 §4.6.4 reads: term by term, occurrence by occurrence, with what DNS has in
// front of it.
type naive struct {
	t   *testing.T
	dns *spftest.Script
}

func (n naive) record(domain string, r spf.Record) Count {
	var sum Count
	redirect, follow := r.Modifier("redirect")
	for _, term := range r.Directives {
		target := term.Domain
		if target == "" {
			target = domain
		}
		one := Count{Lookups: 1}
		switch term.Mechanism {
		case spf.MechAll:
			return sum
		case spf.MechIP4, spf.MechIP6:
			continue
		case spf.MechInclude:
			one = n.follow(target)
		case spf.MechA:
			one.Void4, one.Void6 = n.void(target, spf.TypeA), n.void(target, spf.TypeAAAA)
		case spf.MechExists:
			one.Void4, one.Void6 = n.void(target, spf.TypeA), n.void(target, spf.TypeA)
		case spf.MechMX:
			one.Void4, one.Void6 = n.void(target, spf.TypeMX), n.void(target, spf.TypeMX)
			servers := n.dns.Records[spftest.Ask(target, spf.TypeMX)]
			one.MXNames = len(servers)
			for _, host := range servers {
				one.Void4, one.Void6 = one.Void4+n.void(host, spf.TypeA), one.Void6+n.void(host, spf.TypeAAAA)
			}
		}
		sum = sum.plus(one)
	}
	if follow {
		sum = sum.plus(n.follow(redirect))
	}
	return sum
}

func (n naive) void(name string, t spf.RRType) int {
	if len(n.dns.Records[spftest.Ask(name, t)]) == 0 {
		return 1
	}
	return 0
}

func (n naive) follow(target string) Count {
	count := Count{Lookups: 1}
	texts := n.dns.Records[spftest.Ask(target, spf.TypeTXT)]
	switch {
	case len(texts) == 0:
		count.Void4, count.Void6 = 1, 1
	case len(texts) == 1 && n.loops(target, nil):
		count.Lookups += 11
	case len(texts) == 1:
		count = count.plus(n.record(target, spftest.MustParse(n.t, texts[0])))
	}
	return count
}

// loops reports whether a way from the domain comes by the same record twice.
func (n naive) loops(domain string, way []string) bool {
	if slices.Contains(way, domain) {
		return true
	}
	texts := n.dns.Records[spftest.Ask(domain, spf.TypeTXT)]
	if len(texts) != 1 {
		return false
	}
	r := spftest.MustParse(n.t, texts[0])
	way = append(slices.Clone(way), domain)
	for _, term := range r.Directives {
		if term.Mechanism == spf.MechAll {
			return false
		}
		if term.Mechanism == spf.MechInclude && n.loops(term.Domain, way) {
			return true
		}
	}
	redirect, follow := r.Modifier("redirect")
	return follow && n.loops(redirect, way)
}

func TestAnswerSize(t *testing.T) {
	t.Parallel()
	// Header, question, OPT: 12 + (1+7+1+3+1) + 4 + 11.
	const empty = 40
	tests := []struct {
		name   string
		owner  string
		values []string
		want   int
	}{
		{"no values", spftest.Owner, nil, empty},
		{"an empty value", spftest.Owner, []string{""}, empty + 12 + 1},
		{"one string", spftest.Owner, []string{strings.Repeat("x", 255)}, empty + 12 + 256},
		{"two strings", spftest.Owner, []string{strings.Repeat("x", 256)}, empty + 12 + 258},
		{"two values", spftest.Owner, []string{"abc", "defg"}, empty + 12 + 4 + 12 + 5},
		{"the root", ".", nil, empty - 12},
	}
	for _, tt := range tests {
		if got := spf.AnswerSize(dnsname.MustParse(tt.owner), tt.values); got != tt.want {
			t.Errorf("%s: AnswerSize(%q) = %d, want %d", tt.name, tt.values, got, tt.want)
		}
	}
}
