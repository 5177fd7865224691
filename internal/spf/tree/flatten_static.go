package tree

import (
	"fmt"

	"go4.org/netipx"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// permit returns a *FlattenError where the includes of a source must stay, whatever they lead to.
func (t *Tree) permit(s source) error {
	terms, all := t.root.record.Directives, s.all()
	for _, i := range all {
		if q := terms[i].Qualifier; q != spf.Pass {
			return &FlattenError{Source: s.name, Path: []string{qname.Show(terms[i].String())}, Err: ErrNotStatic, Detail: fmt.Sprintf(
				"it gives the result %q, and only includes that let senders pass can be flattened", q.Word())}
		}
	}
	if s.never {
		return &FlattenError{
			Source: s.name, Path: []string{qname.Show(terms[s.terms[0]].String())}, Err: ErrNeverFlatten,
			Detail: "the records that it includes change without notice, or its name must be in the record",
		}
	}
	if s.adopted {
		return &FlattenError{
			Source: s.name, Path: []string{qname.Show(terms[s.terms[0]].String())}, Err: ErrUnknownSource,
			Detail: "only the live record has it, which would lose it once it is flattened; write it as a term of your own first",
		}
	}
	// The records stand where the first include stood: the others move there.
	for i := all[0]; i < all[len(all)-1]; i++ {
		if terms[i].Qualifier != spf.Pass {
			return &FlattenError{
				Source: s.name, Path: []string{qname.Show(terms[i].String())}, Err: ErrNotStatic,
				Detail: "this term is between the includes of the source, and those after it cannot move before it",
			}
		}
	}
	return nil
}

// passingSet returns the addresses that pass the includes of a source.
func (t *Tree) passingSet(s source) (*netipx.IPSet, *FlattenError) {
	w := statics{Tree: t, seen: make(map[*page]bool)}
	for _, i := range s.terms {
		if err := w.branch(newBranch(t.root.record.Directives[i], t.root.name)); err != nil {
			err.Source = s.name
			return nil, err
		}
	}
	return setOf(&w.set), nil
}

// statics collects what records let pass that pass addresses alone, and nothing else by the client or the sender.
// The order of their terms has no meaning then.
type statics struct {
	*Tree

	path []string
	seen map[*page]bool
	set  netipx.IPSetBuilder
}

// branch adds what an include or redirect lets pass.
func (w *statics) branch(b branch) *FlattenError {
	w.path = append(w.path, qname.Show(b.String()))
	next := w.child(b)
	switch kind := w.trouble(b, nil); {
	case kind != "":
		return w.obstacle(b, kind)
	case w.endless[next]:
		return w.refuse(ErrBroken, "it leads to a record that includes itself, so that receivers follow the loop until they stop")
	}
	if !w.seen[next] {
		w.seen[next] = true
		if err := w.page(next); err != nil {
			return err
		}
	}
	w.path = w.path[:len(w.path)-1]
	return nil
}

// page adds what the record of a page lets pass. Its `all`, wherever it stands, ends it, and is dropped unless it
// passes; so is what stands behind.
func (w *statics) page(p *page) *FlattenError {
	terms, _ := p.record.Reached()
	for _, t := range terms {
		if t.Qualifier != spf.Pass {
			return w.term(t, ErrNotStatic, fmt.Sprintf("it gives senders the result %q", t.Qualifier.Word()))
		}
		if t.Prefix.IsValid() {
			w.set.AddPrefix(t.Prefix)
		}
	}
	if all, ok := p.record.Ending(); ok && all.Qualifier == spf.Pass {
		return w.term(all, ErrNotStatic, "it lets every host on the internet pass")
	}
	for _, b := range p.branches {
		if err := w.lookup(b); err != nil {
			return err
		}
	}
	return nil
}

// lookup adds what a passing term that looks something up lets pass.
func (w *statics) lookup(b branch) *FlattenError {
	switch b.term.Mechanism {
	case spf.MechInclude:
		return w.branch(b)
	case spf.MechPTR, spf.MechExists:
		return w.term(b.term, ErrNotStatic, "the senders that it lets pass depend on the client or the sender")
	}
	switch kind := w.trouble(b, nil); kind {
	case "", FindingVoid, FindingName: // it lets nothing pass
	default:
		w.path = append(w.path, qname.Show(b.String()))
		return w.obstacle(b, kind)
	}
	for _, network := range w.networks(b) {
		w.set.AddPrefix(network)
	}
	return nil
}

// obstacle refuses the term at the end of the path for what the tree has found about it.
func (w *statics) obstacle(b branch, kind FindingKind) *FlattenError {
	switch kind {
	case FindingMacro:
		return w.refuse(ErrNotStatic, "the senders that it lets pass depend on the client or the sender")
	case FindingUnanswered:
		return w.refuse(ErrUnread, "DNS did not answer: run Terraform again; if that does not help, check the network and the resolvers")
	case FindingUnread:
		return w.refuse(ErrUnread, w.sentence(b, kind))
	}
	return w.refuse(ErrBroken, kind.brief())
}

// term refuses a term of the record that the path leads to.
func (w *statics) term(t spf.Directive, class error, reason string) *FlattenError {
	w.path = append(w.path, qname.Show(t.String()))
	return w.refuse(class, reason)
}

func (w *statics) refuse(class error, reason string) *FlattenError {
	return &FlattenError{Path: w.path, Err: class, Detail: reason}
}
