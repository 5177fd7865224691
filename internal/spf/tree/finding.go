package tree

import (
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// MaxFindings is the most findings that [Tree.Findings] returns.
const MaxFindings = 50

// FindingKind is what is wrong with a term of a tree.
type FindingKind string

// The kinds of findings.
const (
	FindingMissing    FindingKind = "missing"    // an include or redirect leads to no SPF record
	FindingSeveral    FindingKind = "several"    // ... to several
	FindingInvalid    FindingKind = "invalid"    // ... to one with a syntax error
	FindingLoop       FindingKind = "loop"       // ... to a record that the way there has led through
	FindingName       FindingKind = "name"       // the name is none that DNS can hold
	FindingMXNames    FindingKind = "mx"         // more than 10 mail servers
	FindingVoid       FindingKind = "void"       // nothing is found
	FindingMacro      FindingKind = "macro"      // what is found depends on the client or the sender
	FindingUnread     FindingKind = "unread"     // beyond the limits of a walk
	FindingUnanswered FindingKind = "unanswered" // DNS could not be asked
)

// Permanent reports whether receivers that get to the term stop with a permerror (RFC 7208 §4.6).
func (k FindingKind) Permanent() bool {
	switch k {
	case FindingMissing, FindingSeveral, FindingInvalid, FindingLoop, FindingMXNames:
		return true
	default:
		return false
	}
}

// brief returns the finding as the text of a tree has it.
func (k FindingKind) brief() string {
	switch k {
	case FindingMissing:
		return "no SPF record"
	case FindingSeveral:
		return "several SPF records"
	case FindingInvalid:
		return "invalid record"
	case FindingLoop:
		return "leads back to itself"
	case FindingName:
		return "no name that DNS can hold"
	case FindingMXNames:
		return fmt.Sprintf("more than %d mail servers", spf.MaxNames)
	case FindingVoid:
		return "finds nothing"
	case FindingMacro:
		return "depends on the client or the sender"
	case FindingUnread:
		return "not read"
	default:
		return "no answer from DNS"
	}
}

// Finding is something to know about a term below a record.
type Finding struct {
	Path []string // the terms that lead there, from the record's own to the one it is about; safe to be shown
	Kind FindingKind
	Text string // whole sentences, safe to be shown
}

// Findings returns what is to be known about the terms of the tree, in record order, about each record once.
func (t *Tree) Findings() []Finding {
	f := findings{Tree: t, seen: map[*page]bool{t.root: true}, open: map[*page]bool{t.root: true}}
	f.visit(t.root)
	return f.found
}

type findings struct {
	*Tree

	path  []string // of terms to the page
	seen  map[*page]bool
	open  map[*page]bool // the pages that the path leads through
	found []Finding
}

func (f *findings) visit(p *page) {
	for _, b := range p.branches {
		if len(f.found) == MaxFindings {
			return
		}
		f.path = append(f.path, qname.Show(b.String()))
		next := f.child(b)
		if kind := f.trouble(b, f.open); kind != "" {
			f.found = append(f.found, Finding{Path: append([]string(nil), f.path...), Kind: kind, Text: f.sentence(b, kind)})
		}
		if next != nil && !f.seen[next] {
			f.seen[next], f.open[next] = true, true
			f.visit(next)
			f.open[next] = false
		}
		f.path = f.path[:len(f.path)-1]
	}
}

// trouble returns what is to be known about a branch, the gravest first, and "" where that is nothing. Open are the
// pages that the way to the branch leads through.
func (t *Tree) trouble(b branch, open map[*page]bool) FindingKind {
	switch b.fault {
	case branchMacro:
		return FindingMacro
	case branchMalformed:
		if b.follows() {
			return FindingMissing
		}
		return FindingName
	}
	if b.follows() {
		return t.child(b).trouble(open)
	}
	kind, found := FindingKind(""), b.term.Mechanism == spf.MechPTR
	t.eachAnswer(b, func(_ question, a answer, asked bool) {
		switch {
		case !asked:
			kind = FindingUnread
		case a.err != nil:
			kind = FindingUnanswered
		}
		found = found || a.count > 0
	})
	switch {
	case len(t.answers[question{b.target, spf.TypeMX}].hosts) > spf.MaxNames && b.term.Mechanism == spf.MechMX:
		return FindingMXNames
	case kind == "" && !found:
		return FindingVoid
	}
	return kind
}

// trouble returns what is to be known about a record that a branch leads to; nil is one that was not asked for.
func (p *page) trouble(open map[*page]bool) FindingKind {
	if p == nil {
		return FindingUnread
	}
	switch p.status {
	case pageVoid, pageMissing:
		return FindingMissing
	case pageSeveral:
		return FindingSeveral
	case pageInvalid:
		return FindingInvalid
	case pageLarge:
		return FindingUnread
	case pageUnanswered:
		return FindingUnanswered
	}
	if open[p] {
		return FindingLoop
	}
	return ""
}

// eachAnswer calls f for each question about addresses, mail servers and their addresses that a sound branch makes
// receivers ask, for IPv4 and for IPv6 clients, and says whether it was asked.
func (t *Tree) eachAnswer(b branch, f func(q question, a answer, asked bool)) {
	each := func(name string, rrtype spf.RRType) answer {
		q := question{name, rrtype}
		a, asked := t.answers[q]
		f(q, a, asked)
		return a
	}
	switch b.term.Mechanism {
	case spf.MechA:
		each(b.target, spf.TypeA)
		each(b.target, spf.TypeAAAA)
	case spf.MechExists:
		each(b.target, spf.TypeA)
	case spf.MechMX:
		servers := each(b.target, spf.TypeMX)
		if len(servers.hosts) > spf.MaxNames {
			return
		}
		for _, host := range servers.hosts {
			if qname.Malformed(host) == "" {
				each(host, spf.TypeA)
				each(host, spf.TypeAAAA)
			}
		}
	}
}

// sentence says what a finding about a branch means, and what to do.
func (t *Tree) sentence(b branch, kind FindingKind) string {
	term, name := qname.Show(b.String()), qname.Show(b.target)
	switch kind {
	case FindingMissing:
		if b.fault == branchMalformed {
			name = qname.Show(b.term.Domain)
		}
		return fmt.Sprintf("%s has no SPF record, so that receivers that come to %s stop with an error (permerror, RFC 7208 §5.2). Remove the term, or correct the name.", name, term)
	case FindingSeveral, FindingInvalid:
		reason := t.child(b).err.Error()
		if kind == FindingInvalid {
			reason = fmt.Sprintf("the SPF record of %s is invalid: %s", name, reason)
		}
		return fmt.Sprintf("%s%s. Receivers that come to %s stop with an error (permerror). Tell the operator of %s, and remove the term until the record is repaired.",
			strings.ToUpper(reason[:1]), reason[1:], term, name)
	case FindingLoop:
		return fmt.Sprintf("%s leads back to the record of %s, which leads to it: receivers follow the loop until they stop with an error (permerror) after %d lookups (RFC 7208 §4.6.4). Remove one of the terms of the loop.",
			term, name, spf.MaxLookups)
	case FindingName:
		return fmt.Sprintf("%s names a host that DNS cannot hold, and never matches. Remove or correct it.", term)
	case FindingMXNames:
		return fmt.Sprintf("%s has more than %d mail servers, at which receivers stop with an error (permerror, RFC 7208 §4.6.4). Name their networks with ip4 and ip6 in place of %s.", name, spf.MaxNames, term)
	case FindingVoid:
		return fmt.Sprintf("%s finds nothing in DNS. Receivers allow %d such lookups, and stop with an error at the next (RFC 7208 §4.6.4). Remove or correct it.", term, spf.MaxVoidLookups)
	case FindingMacro:
		return fmt.Sprintf("The result of %s depends on the client or the sender, and cannot be known in advance.", term)
	case FindingUnread:
		return fmt.Sprintf("%s was not read: it lies beyond %d questions, %d includes on the way or %d KiB of records.", term, MaxWalkQuestions, MaxWalkDepth, MaxWalkOctets>>10)
	default:
		return fmt.Sprintf("DNS did not answer the questions of %s.", term)
	}
}

// UnansweredError says which questions DNS did not answer.
type UnansweredError struct {
	Questions []string // "TXT _spf.example.com", in the order that they were asked in; safe to be shown
	Err       error    // why the first was not answered
}

func (e *UnansweredError) Error() string {
	more := ""
	if n := len(e.Questions); n > 1 {
		more = fmt.Sprintf(" (and %d more)", n-1)
	}
	return fmt.Sprintf("DNS did not answer %s%s: %s", e.Questions[0], more, qname.Show(e.Err.Error()))
}

func (e *UnansweredError) Unwrap() error { return e.Err }

// Unanswered returns a *UnansweredError where there are questions that DNS did not answer, and nil otherwise.
func (t *Tree) Unanswered() error {
	var failed *UnansweredError
	for _, q := range t.asked {
		err := t.answers[q].err
		if p := t.pages[q.name]; q.rrtype == spf.TypeTXT && p.status == pageUnanswered {
			err = p.err
		}
		if err == nil {
			continue
		}
		if failed == nil {
			failed = &UnansweredError{Err: err}
		}
		failed.Questions = append(failed.Questions, q.String())
	}
	if failed == nil {
		return nil
	}
	return failed
}
