package spf

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestTreeGuard(t *testing.T) {
	t.Parallel()
	const dns = `
		half.example TXT v=spf1 ip4:0.0.0.0/1 -all
		quarter.example TXT v=spf1 ip4:128.0.0.0/2 -all
		other.example TXT v=spf1 ip4:192.0.0.0/2 -all
		eight.example TXT v=spf1 ip4:10.0.0.0/8 -all
		nine.example TXT v=spf1 ip4:10.0.0.0/9 -all
		rest.example TXT v=spf1 ip4:10.128.0.0/9 -all
		six.example TXT v=spf1 ip6:2001::/16 -all
		all.example TXT v=spf1 +all
		only.example TXT v=spf1 -ip4:0.0.0.0/1 -ip4:128.0.0.0/2 +all
		redirect.example TXT v=spf1 ip4:192.0.2.1 redirect=half.example
		deep.example TXT v=spf1 include:redirect.example -all
		refused.example TXT v=spf1 -include:half.example ip4:0.0.0.0/1 -all
		found.example TXT v=spf1 exists:host.example -all
		absent.example TXT v=spf1 exists:void.example exists:%{i}.example ptr:host.example -all
		hosts.example TXT v=spf1 a:host.example/4 -all
		void.hosts.example TXT v=spf1 a:void.example/0 mx/0 -all
		loop.example TXT v=spf1 ip4:0.0.0.0/0 include:loop.example -all
		host.example A 192.0.2.1`
	const nothing, warning, refused = 0, 1, 2
	tests := []struct {
		root string
		want int
		term string
	}{
		{"include:nine.example include:void.hosts.example include:absent.example -all", nothing, ""},
		{"include:half.example -all", refused, "include:half.example"},
		{"include:nine.example include:quarter.example include:other.example -all", refused, "include:quarter.example"},
		{"include:deep.example -all", refused, "include:deep.example"},
		{"ip4:192.0.2.1 redirect=half.example", refused, "redirect=half.example"},
		{"include:all.example -all", refused, "include:all.example"},
		{"include:found.example -all", refused, "include:found.example"},
		{"exists:host.example -all", refused, "exists:host.example"},
		{"include:refused.example -all", nothing, ""},
		{"-include:half.example include:all.example -all", refused, "include:all.example"},      // all of IPv6
		{"-ip6:::/0 -ip4:0.0.0.0/2 include:half.example -all", warning, "include:half.example"}, // 64.0.0.0/2
		{"include:only.example -all", refused, "include:only.example"},
		{"-ip6:::/1 -ip6:8000::/2 include:only.example -all", warning, "include:only.example"},
		{"-ip6:::/0 include:only.example -all", warning, "include:only.example"},
		{"include:eight.example -all", warning, "include:eight.example"},
		{"include:nine.example include:rest.example -all", warning, "include:nine.example"},
		{"?include:nine.example include:nine.example include:rest.example -all", nothing, ""},
		{"include:six.example -all", warning, "include:six.example"},
		{"include:hosts.example -all", warning, "include:hosts.example"},
		{"include:loop.example include:gone.example -all", refused, "include:loop.example"}, // it passes before it loops
		{"-all include:half.example", nothing, ""},
		// What the merge has seen is not said twice.
		{"ip4:10.0.0.0/8 include:eight.example -all", nothing, ""},
		{"ip4:10.0.0.0/8 include:half.example -all", refused, "include:half.example"},
		{"ip4:0.0.0.0/1 include:half.example -all", nothing, ""},
		{"a:host.example/1 -all", nothing, ""},
		{"a:host.example/8 include:hosts.example -all", nothing, ""},
		{"+all", nothing, ""},
	}
	for _, tt := range tests {
		for _, allow := range []bool{false, true} {
			warnings, err := walkTree(t, newScript(t, dns), tt.root).Guard(allow)
			got, term, text := min(len(warnings), warning), "", ""
			if got == warning {
				term, text = warnings[0].Term, warnings[0].Text
			}
			var merge *MergeError
			if errors.As(err, &merge) && errors.Is(err, ErrPassAll) {
				got, term, text = refused, merge.Term, merge.Error()
			}
			want := tt.want
			if allow {
				want = min(want, warning)
			}
			if got != want || term != tt.term {
				t.Errorf("Guard(%v) of %q = %d by %q, want %d by %q (%v, %v)", allow, tt.root, got, term, want, tt.term, warnings, err)
			}
			if want != nothing && !strings.Contains(text, owner) {
				t.Errorf("Guard(%v) of %q says %q", allow, tt.root, text)
			}
		}
	}
}

func TestTreeGuardTexts(t *testing.T) {
	t.Parallel()
	dns := newScript(t, "a.example TXT v=spf1 ip4:0.0.0.0/1 ip6:2001::/16 -all")
	tree := walkTree(t, dns, "include:a.example -all")
	_, err := tree.Guard(false)
	want := `the merged record, "include:a.example": the record lets nearly everyone send: with what it includes, the record of example.com lets as many IPv4 addresses pass as a /1 has, or more, ` +
		"most of them by this term; take it out"
	if err == nil || err.Error() != want {
		t.Errorf("Guard() = %v, want %s", err, want)
	}
	warnings, err := tree.Guard(true)
	wantText := `With what it includes, the record of example.com lets as many IPv6 addresses pass as a /16 has, or more, most of them by "include:a.example". ` +
		"Whoever sends from one of them may send as the domain; check that the term is still needed."
	if err != nil || len(warnings) != 2 || warnings[1].Text != wantText {
		t.Errorf("Guard() = %v, %v, want %s", warnings, err, wantText)
	}
}

// TestPassing holds the passing set against evaluations at its borders.
func TestPassing(t *testing.T) {
	t.Parallel()
	passed, refused := 0, 0
	for seed := range uint64(400) {
		zone := randomZone(seed)
		script := newScript(t, zone)
		tree := walkTree(t, script, script.records[ask(owner, TypeTXT)][0])
		set := tree.passer().record(tree.root)
		for _, client := range borders(tree) {
			check, err := Checker{Resolver: script, MaxVoids: -1}.Check(t.Context(), Query{IP: client, Sender: "user@" + owner, HELO: "client.example.net"})
			if err != nil {
				t.Fatal(err)
			}
			if check.Verdict == VerdictPermError || tree.endless[tree.root] {
				continue
			}
			got := set.Contains(client)
			if got != (check.Verdict == VerdictPass) {
				t.Errorf("seed %d: %v passes: %v, and Check() = %s\n%s\n%s", seed, client, got, check.Verdict, zone, tree)
			}
			if got {
				passed++
			} else {
				refused++
			}
		}
	}
	if passed < 1000 || refused < 1000 {
		t.Errorf("%d addresses passed, %d did not", passed, refused)
	}
}

// borders returns addresses inside and outside of all networks of a tree.
func borders(tree *Tree) []netip.Addr {
	addrs := []netip.Addr{netip.MustParseAddr("203.0.113.99"), netip.MustParseAddr("2001:db8:ffff::99")}
	for _, p := range tree.pages {
		for _, term := range p.record.Terms {
			if term.Prefix.IsValid() {
				addrs = append(addrs, probes([]Term{term})...)
			}
		}
		for _, b := range p.branches {
			for _, network := range tree.networks(b) {
				addrs = append(addrs, probes([]Term{{Prefix: network}})...)
			}
		}
	}
	return addrs
}

// alternating is a record of networks whose meaning changes with each.
func alternating(t testing.TB, n int) Record {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " -ip4:10.%d.%d.0/25 ip4:10.%[1]d.%[2]d.0/24", i/256, i%256)
	}
	return mustParse(t, b.String()+" ip4:10.0.0.0/22 -all")
}

func TestPassingAlternating(t *testing.T) {
	t.Parallel()
	r := alternating(t, 300)
	tree := walkTree(t, newScript(t, ""), r.String())
	set := tree.passer().record(tree.root)
	for _, addr := range probes(r.Terms[:len(r.Terms)-1]) {
		q, matched := verdict(r.Terms, addr)
		if got, want := set.Contains(addr), matched && q == Pass; got != want {
			t.Errorf("%v passes: %v, want %v", addr, got, want)
		}
	}
	// The first halves are refused, and the networks after the 300th end the run of /25s.
	if got := len(set.Ranges()); got != 300 {
		t.Errorf("%d ranges pass, want 300", got)
	}
}
