package tree

import (
	"net/netip"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// TestPassing holds the passing set against evaluations at its borders.
func TestPassing(t *testing.T) {
	t.Parallel()
	passed, refused := 0, 0
	for seed := range uint64(400) {
		zone := spftest.RandomZone(seed)
		script := spftest.NewScript(t, zone)
		tree := walkTree(t, script, script.Records[spftest.Ask(spftest.Owner, spf.TypeTXT)][0])
		set := tree.passer().record(tree.root)
		for _, client := range borders(tree) {
			checked, err := check.Checker{Resolver: script, MaxVoids: -1}.Check(t.Context(), check.Query{IP: client, Sender: "user@" + spftest.Owner, HELO: "client.example.net"})
			if err != nil {
				t.Fatal(err)
			}
			if checked.Result == check.PermError || tree.endless[tree.root] {
				continue
			}
			got := set.Contains(client)
			if got != (checked.Result == check.Pass) {
				t.Errorf("seed %d: %v passes: %v, and Check() = %s\n%s\n%s", seed, client, got, checked.Result, zone, tree)
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
		for _, term := range p.record.Directives {
			if term.Prefix.IsValid() {
				addrs = append(addrs, spftest.Probes([]spf.Directive{term})...)
			}
		}
		for _, b := range p.branches {
			for _, network := range tree.networks(b) {
				addrs = append(addrs, spftest.Probes([]spf.Directive{{Prefix: network}})...)
			}
		}
	}
	return addrs
}

func TestPassingAlternating(t *testing.T) {
	t.Parallel()
	r := spftest.Alternating(t, 300)
	tree := walkTree(t, spftest.NewScript(t, ""), r.String())
	set := tree.passer().record(tree.root)
	for _, addr := range spftest.Probes(r.Directives[:len(r.Directives)-1]) {
		q, matched := spftest.Verdict(r.Directives, addr)
		if got, want := set.Contains(addr), matched && q == spf.Pass; got != want {
			t.Errorf("%v passes: %v, want %v", addr, got, want)
		}
	}
	// The first halves are refused, and the networks after the 300th end the run of /25s.
	if got := len(set.Ranges()); got != 300 {
		t.Errorf("%d ranges pass, want 300", got)
	}
}
