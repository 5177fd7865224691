package spf

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

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
