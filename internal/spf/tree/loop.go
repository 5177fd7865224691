package tree

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// LoopError says that a record leads to itself, or to one that does. Receivers go round until they stop with a permerror
// (RFC 7208 §4.6.4).
type LoopError struct {
	Owner dnsname.Name // of the record at the top
	Term  string       // of that record, which leads into the loop; safe to be shown
	Names []string     // that the loop leads through, each once; safe to be shown
}

func (e *LoopError) Error() string {
	return fmt.Sprintf("%s: receivers follow the loop until they stop with an error (permerror) after %d lookups (RFC 7208 §4.6.4); take %s out of the record of %s",
		spf.DescribeLoop(e.Names), spf.MaxLookups, spf.Quote(e.Term), e.Owner)
}

// loop returns the first loop of the tree, in record order, and nil where there is none.
func (t *Tree) loop() *LoopError {
	if !t.endless[t.root] {
		return nil
	}
	e := &LoopError{Owner: t.owner}
	way := []*page{t.root}
	for {
		at := way[len(way)-1]
		next := slices.IndexFunc(at.branches, func(b branch) bool {
			p := t.child(b)
			return p != nil && (t.endless[p] || slices.Contains(way, p))
		})
		if next < 0 {
			return nil
		}
		if e.Term == "" {
			e.Term = qname.Show(at.branches[next].String())
		}
		p := t.child(at.branches[next])
		if start := slices.Index(way, p); start >= 0 {
			for _, p := range way[start:] {
				e.Names = append(e.Names, qname.Show(p.name))
			}
			return e
		}
		way = append(way, p)
	}
}

// LeadsToItself returns the term of a record of owner, or its redirect=, that leads to the record itself, and false where
// none does, as far as that is known without DNS. The zero Name is an owner that is not known.
func LeadsToItself(r spf.Record, owner dnsname.Name) (string, bool) {
	name := "owner.invalid"
	if owner.IsValid() {
		name = owner.String()
	}
	for _, b := range newPage(name, 0, r).branches {
		target, known := b.target, b.fault == branchSound
		if b.fault == branchMacro {
			// The domain of the sender is the one whose record is read first.
			target, known = staticName(senderDomain.Replace(b.term.Domain), name)
		}
		if b.follows() && known && target == name {
			return b.String(), true
		}
	}
	return "", false
}

// senderDomain writes the macro d for the macro o.
var senderDomain = strings.NewReplacer("%{o", "%{d", "%{O", "%{D")
