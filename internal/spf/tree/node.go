package tree

import "github.com/catglobe/terraform-provider-maildomain/internal/spf"

// Node is a term of a tree that looks something up in DNS, with what it leads to.
type Node struct {
	Term    string      // as the record has it; a redirect= among them
	Target  string      // the name that is asked for; empty where that depends on the client or the sender
	Lookups int         // that it costs, with all that it leads to
	Kind    FindingKind // what is to be known of it; empty where nothing is
	Record  *spf.Record // that an include or redirect leads to; nil where there is none to use, and of other terms
	Nodes   []Node      // the terms of that record; none where it was met on the way there
}

// Nodes returns the terms of the record that look something up, in its order, and what they lead to: at most
// [MaxTreeLines] in all, as the text of a tree has them.
func (t *Tree) Nodes() []Node {
	l := lister{counter: t.counter(), open: make(map[*page]bool)}
	return l.below(t.root)
}

// A lister makes the nodes of a tree.
type lister struct {
	*counter

	open map[*page]bool // the pages that lead to the one that is listed
	made int
}

func (l *lister) below(p *page) []Node {
	l.open[p] = true
	defer func() { l.open[p] = false }()
	var nodes []Node
	for _, b := range p.branches {
		if l.made == MaxTreeLines {
			break
		}
		l.made++
		n := Node{Term: b.String(), Target: b.target, Lookups: l.branch(b).Lookups, Kind: l.trouble(b, l.open)}
		if next := l.child(b); next != nil && next.status == pageRead {
			n.Record = &next.record
			if !l.open[next] {
				n.Nodes = l.below(next)
			}
		}
		nodes = append(nodes, n)
	}
	return nodes
}
