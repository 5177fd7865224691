package tree_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

type nodeZone map[string][]string

func (z nodeZone) Lookup(_ context.Context, name string, t spf.RRType) ([]string, error) {
	return z[string(t)+" "+name], nil
}

// Nodes are the lines of the tree's text, whatever the records lead to.
func TestTreeNodes(t *testing.T) {
	t.Parallel()
	zone := nodeZone{
		"TXT a.example": {"v=spf1 include:b.example a -all"}, "TXT b.example": {"v=spf1 ip4:192.0.2.1 -all"},
		"A a.example": {"192.0.2.1"}, "TXT loop.example": {"v=spf1 include:loop.example -all"},
	}
	for _, test := range []struct{ record, want string }{
		{"v=spf1 -all", ""},
		{"v=spf1 include:a.example -all", "include:a.example a.example 3 (include:b.example b.example 1, a a.example 1)"},
		{"v=spf1 include:none.example redirect=b.example", "include:none.example none.example 1 missing, redirect=b.example b.example 1"},
		{"v=spf1 exists:%{i}.x.example -all", "exists:%{i}.x.example - 1 macro"},
		{"v=spf1 include:loop.example -all", "include:loop.example loop.example 12 (include:loop.example loop.example 12 loop)"},
		{"v=spf1 " + strings.Repeat("include:b.example ", 250) + "-all", strings.TrimSuffix(strings.Repeat("include:b.example b.example 1, ", tree.MaxTreeLines), ", ")},
	} {
		t.Run(test.record[:min(len(test.record), 40)], func(t *testing.T) {
			t.Parallel()
			root, err := spf.ParseWire(test.record)
			if err != nil {
				t.Fatal(err)
			}
			tree, err := tree.Walk(t.Context(), zone, root, dnsname.MustParse("example.com"))
			if err != nil {
				t.Fatal(err)
			}
			if got := nodesText(tree.Nodes()); got != test.want {
				t.Errorf("Nodes of %s = %s, want %s", test.record, got, test.want)
			}
		})
	}
}

func nodesText(nodes []tree.Node) string {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		target := n.Target
		if target == "" {
			target = "-"
		}
		texts[i] = strings.TrimSpace(fmt.Sprintf("%s %s %d %s", n.Term, target, n.Lookups, n.Kind))
		if len(n.Nodes) > 0 {
			texts[i] += " (" + nodesText(n.Nodes) + ")"
		}
	}
	return strings.Join(texts, ", ")
}
