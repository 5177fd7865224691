// Package tree reads what an SPF record includes ([Walk]), counts the DNS lookups that evaluating it costs
// (RFC 7208 §4.6.4), finds the directives at which receivers stop, and flattens includes into addresses.
package tree

import (
	"net/netip"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// Tree is a record with all that its includes and redirects lead to, as DNS answered when [Walk] read it. It does
// not change, and is safe for concurrent use.
type Tree struct {
	owner   dnsname.Name
	root    *page
	pages   map[string]*page // by the name that has the record; the root among them
	answers map[question]answer
	asked   []question // in the order that they were asked in
	endless map[*page]bool
}

// A question is what DNS is asked.
type question struct {
	name   string
	rrtype spf.RRType
}

func (q question) String() string { return string(q.rrtype) + " " + qname.Show(q.name) }

// An answer is what DNS said to a question about anything but TXT.
type answer struct {
	addresses []netip.Addr // of A and AAAA
	hosts     []string     // of MX: at most one more than a receiver looks up, and "" for the null MX
	count     int          // of the records; none is a void answer (RFC 7208 §4.6.4)
	err       error        // DNS could not be asked
}

// A page is what a name says about SPF.
type page struct {
	name     string
	depth    int // of includes and redirects above it; 0: the root
	status   pageStatus
	record   spf.Record
	branches []branch // the terms of the record that look something up, as far as they are ever reached
	err      error    // why the record is invalid, or why there was no answer
}

// pageStatus says whether a name has a record that receivers can use.
type pageStatus int

const (
	pageRead       pageStatus = iota
	pageVoid                  // no TXT record at all
	pageMissing               // no SPF record among the TXT records
	pageSeveral               // more than one (RFC 7208 §4.5)
	pageInvalid               // a syntax error
	pageLarge                 // not read, because the records above it are too large already
	pageUnanswered            // DNS could not be asked
)

// A branch is a term that looks something up in DNS (RFC 7208 §4.6.4).
type branch struct {
	term     spf.Directive // of a redirect, an include of its target
	redirect bool
	target   string // the name that is asked for; "" where it is not known
	fault    branchFault
}

// branchFault says why a branch asks for no name that is known.
type branchFault int

const (
	branchSound     branchFault = iota
	branchMacro                 // the name depends on the client or the sender
	branchMalformed             // DNS cannot hold the name
)

// String returns the term as the record has it.
func (b branch) String() string {
	if b.redirect {
		return spf.Redirect + "=" + b.term.Domain
	}
	return b.term.String()
}

// follows reports whether the branch leads to the record of another name.
func (b branch) follows() bool { return b.term.Mechanism == spf.MechInclude }

// newPage returns the page of a record.
func newPage(name string, depth int, r spf.Record) *page {
	p := &page{name: name, depth: depth, record: r}
	live, redirect := r.Reached()
	for _, t := range live {
		switch t.Mechanism {
		case spf.MechInclude, spf.MechA, spf.MechMX, spf.MechPTR, spf.MechExists:
			p.branches = append(p.branches, newBranch(t, name))
		}
	}
	if redirect != "" {
		b := newBranch(spf.Directive{Mechanism: spf.MechInclude, Domain: redirect}, name)
		b.redirect = true
		p.branches = append(p.branches, b)
	}
	return p
}

// newBranch returns the branch of a term in the record of a name.
func newBranch(t spf.Directive, name string) branch {
	b := branch{term: t}
	target, known := name, true // a bare a, mx or ptr (RFC 7208 §4.8)
	if t.Domain != "" {
		target, known = staticName(t.Domain, name)
	}
	switch {
	case !known:
		b.fault = branchMacro
	case b.follows() && qname.NotADomain(target) != "" || qname.Malformed(target) != "":
		b.fault = branchMalformed
	default:
		b.target = target
	}
	return b
}

// staticName returns the name that a domain-spec stands for in the record of a domain, and false where that depends
// on the client or the sender: the macro d alone does not (RFC 7208 §7.2).
func staticName(domainSpec, domain string) (string, bool) {
	if !strings.Contains(domainSpec, "%") {
		return qname.Cut(domainSpec), true
	}
	segments, err := spf.Segments(domainSpec)
	if err != nil {
		return "", false // the parser refuses such records
	}
	var b []byte
	for _, s := range segments {
		text, ok := s.Literal()
		switch {
		case ok:
		case s.Letter == 'd':
			text = s.Transform(domain)
		default:
			return "", false
		}
		b = qname.KeepEnd(append(b, text...))
	}
	return qname.Cut(qname.Fold(strings.TrimSuffix(string(b), "."))), true
}

// child returns the page that a branch leads to, and nil where it leads to none that was asked for.
func (t *Tree) child(b branch) *page {
	if !b.follows() || b.fault != branchSound {
		return nil
	}
	return t.pages[b.target]
}

// settle finds the pages that lead into a loop.
func (t *Tree) settle() *Tree {
	t.endless = make(map[*page]bool)
	t.followLoops(t.root, make(map[*page]bool))
	return t
}

// followLoops visits the pages below p, depth first. Those that are open, so to speak, are on the way to p: whoever
// leads to one of them leads round and round.
func (t *Tree) followLoops(p *page, open map[*page]bool) {
	open[p] = true
	for _, b := range p.branches {
		next := t.child(b)
		if next == nil {
			continue
		}
		isOpen, visited := open[next]
		if !visited {
			t.followLoops(next, open)
		}
		if isOpen || t.endless[next] {
			t.endless[p] = true
		}
	}
	open[p] = false
}

// Root returns the record that the tree was read for.
func (t *Tree) Root() spf.Record { return t.root.record }
