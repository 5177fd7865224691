package tree

import (
	"context"
	"fmt"
	"net/netip"

	"golang.org/x/sync/errgroup"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// How far [Walk] goes. What lies beyond is a finding, and makes costs "at least".
const (
	// MaxWalkQuestions is the most questions of a walk: more than ten mx terms of ten hosts each need, for both
	// families of addresses, which is the most that RFC 7208 §4.6.4 allows a record.
	MaxWalkQuestions = 300

	// MaxWalkDepth is how many includes and redirects deep records are read: as many as receivers follow.
	MaxWalkDepth = spf.MaxLookups

	// MaxWalkOctets is the most octets that the SPF records of a walk have together.
	MaxWalkOctets = 256 << 10

	// MaxWalkInFlight is the most questions that wait for their answers at a time.
	MaxWalkInFlight = 32
)

// Walk reads what lies below a record of owner that need not be published yet. It asks each question once, for owner's
// own TXT records never, and no more than the limits above allow.
//
// It asks level by level, all questions of a level at once: the first are those that the record itself gives rise to.
// Which questions are asked, and where the limits cut, is then the same whatever the time that answers take.
//
// What DNS says, and that it does not answer, are findings on the tree. The error is the cause of the end of ctx.
func Walk(ctx context.Context, r spf.Resolver, root spf.Record, owner dnsname.Name) (*Tree, error) {
	t := &Tree{owner: owner, pages: make(map[string]*page), answers: make(map[question]answer)}
	w := walk{Tree: t, resolver: r, queued: make(map[question]bool), octets: MaxWalkOctets}
	t.root = newPage(owner.String(), 0, root)
	w.add(t.root)
	for depth := 1; len(w.next) > 0; depth++ {
		level := w.next
		w.next = nil
		replies, err := w.ask(ctx, level)
		if err != nil {
			return nil, err
		}
		for i, q := range level {
			w.take(q, replies[i], depth)
		}
	}
	return t.settle(), nil
}

// A walk is a tree that is being read.
type walk struct {
	*Tree

	resolver spf.Resolver
	queued   map[question]bool
	next     []question // the next level
	octets   int        // that records may still have
}

// A reply is what the resolver returned.
type reply struct {
	values []string
	err    error
}

// ask asks all questions of a level at once. It returns the cause of the end of the context.
func (w *walk) ask(ctx context.Context, level []question) ([]reply, error) {
	replies := make([]reply, len(level))
	var group errgroup.Group
	group.SetLimit(MaxWalkInFlight)
	for i, q := range level {
		group.Go(func() error {
			if ctx.Err() == nil {
				replies[i].values, replies[i].err = w.resolver.Lookup(ctx, q.name, q.rrtype)
			}
			return nil
		})
	}
	_ = group.Wait() // what goes wrong with a question is part of its reply
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return replies, nil
}

// queue has a question asked in the next level, unless it was before or the limit is reached.
func (w *walk) queue(name string, rrtype spf.RRType) {
	q := question{name, rrtype}
	if w.queued[q] || len(w.asked) == MaxWalkQuestions {
		return
	}
	w.queued[q] = true
	w.asked = append(w.asked, q)
	w.next = append(w.next, q)
}

// take notes the reply to a question, and queues the questions that it gives rise to.
func (w *walk) take(q question, r reply, depth int) {
	if q.rrtype == spf.TypeTXT {
		w.add(w.read(q.name, r, depth))
		return
	}
	a := answer{count: len(r.values), err: r.err}
	switch {
	case r.err != nil:
	case q.rrtype == spf.TypeMX:
		for _, host := range r.values[:min(len(r.values), spf.MaxNames+1)] {
			a.hosts = append(a.hosts, qname.Host(host))
		}
		w.queueHosts(a)
	default:
		for _, text := range r.values {
			if addr, err := netip.ParseAddr(text); err == nil && addr.Is4() == (q.rrtype == spf.TypeA) {
				a.addresses = append(a.addresses, addr)
			}
		}
	}
	w.answers[q] = a
}

// queueHosts asks for the addresses of mail servers. Where there are too many, receivers ask for none (RFC 7208
// §4.6.4).
func (w *walk) queueHosts(a answer) {
	if len(a.hosts) > spf.MaxNames {
		return
	}
	for _, host := range a.hosts {
		if qname.Malformed(host) == "" { // the null MX (RFC 7505) is
			w.queue(host, spf.TypeA)
			w.queue(host, spf.TypeAAAA)
		}
	}
}

// read makes the page of a name of its TXT records.
func (w *walk) read(name string, r reply, depth int) *page {
	p := &page{name: name, depth: depth, err: r.err}
	var records []string
	for _, value := range r.values {
		if spf.IsRecord(value) {
			records = append(records, value)
		}
	}
	switch {
	case r.err != nil:
		p.status = pageUnanswered
	case len(r.values) == 0:
		p.status = pageVoid
	case len(records) == 0:
		p.status = pageMissing
	case len(records) > 1:
		p.status = pageSeveral
		p.err = fmt.Errorf("%s has %d SPF records, where a name has one (RFC 7208 §4.5)", qname.Show(name), len(records))
	case len(records[0]) > w.octets:
		p.status = pageLarge
	default:
		w.octets -= len(records[0])
		record, err := spf.ParseWire(records[0])
		if err != nil {
			p.status, p.err = pageInvalid, err
			break
		}
		p = newPage(name, depth, record)
	}
	return p
}

// add takes a page in, and queues what its record asks for.
func (w *walk) add(p *page) {
	w.pages[p.name] = p
	for _, b := range p.branches {
		if b.fault != branchSound {
			continue
		}
		switch b.term.Mechanism {
		case spf.MechInclude:
			if p.depth < MaxWalkDepth && w.pages[b.target] == nil {
				w.queue(b.target, spf.TypeTXT)
			}
		case spf.MechA:
			w.queue(b.target, spf.TypeA)
			w.queue(b.target, spf.TypeAAAA)
		case spf.MechExists:
			w.queue(b.target, spf.TypeA)
		case spf.MechMX:
			w.queue(b.target, spf.TypeMX)
		}
	}
}
