package merge

import (
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// existing returns the record as [Merge.Existing] wants it.
func existing(t testing.TB, text string) *spf.Record {
	t.Helper()
	r := spftest.MustParse(t, text)
	return &r
}

// mechanisms returns the terms as [Merge.Mechanisms] wants them.
func mechanisms(t testing.TB, texts ...string) []Input { return inputs(t, Mechanisms, texts) }

// removals returns the terms as [Merge.Remove] wants them.
func removals(t testing.TB, texts ...string) []Input { return inputs(t, Remove, texts) }

func inputs(t testing.TB, kind SourceKind, texts []string) []Input {
	t.Helper()
	list := make([]Input, len(texts))
	for i, text := range texts {
		list[i] = Input{Source: Source{Kind: kind, Index: i}, Record: spftest.MustParse(t, text)}
	}
	return list
}

// service returns the terms of a service.
func service(t testing.TB, name, text string) Input {
	t.Helper()
	return Input{Source: Source{Kind: Service, Name: name}, Record: spftest.MustParse(t, text)}
}

// treeOf reads the tree of a record.
func treeOf(t testing.TB, r spf.Resolver, root string) *tree.Tree {
	t.Helper()
	tree, err := tree.Walk(t.Context(), r, spftest.MustParse(t, root), spftest.OwnerName)
	if err != nil {
		t.Fatalf("Walk(%q) = %v", root, err)
	}
	return tree
}
