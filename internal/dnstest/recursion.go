package dnstest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
)

const (
	maxQuestions = 100 // that one question to a recursor may cause
	maxDepth     = 8   // of looking up the addresses of servers of servers
	maxRounds    = 2   // in which servers that did not reply are asked
)

// errNotCached is for clients that do not desire recursion.
var errNotCached = errors.New("not in the cache")

// work is one question to a recursor under way.
type work struct {
	r         *Recursor
	cacheOnly bool
	questions int
	depth     int
}

// chase finds a name and type along aliases. It returns the aliases and what they lead to: the records
// with the TTLs that are left, and the last entry.
func (w *work) chase(ctx context.Context, name string, qtype uint16) (chain []dns.RR, last entry, err error) {
	for range maxChain {
		e, err := w.find(ctx, dns.CanonicalName(name), qtype)
		if err != nil || e.outcome != Answered {
			return chain, e, err
		}
		for _, rr := range e.aged(w.r.h.now()) {
			rr.Header().Name = name
			chain = append(chain, rr)
		}
		alias, ok := e.records[0].(*dns.CNAME)
		if !ok || qtype == dns.TypeCNAME {
			return chain, e, nil
		}
		name = alias.Target
	}
	return nil, entry{}, fmt.Errorf("%s: more than %d aliases in a row", displayName(name), maxChain)
}

// find returns what there is at one name: the RRset, its CNAME record, or a negative entry.
func (w *work) find(ctx context.Context, name string, qtype uint16) (entry, error) {
	now := w.r.h.now()
	if e, ok := w.r.cache.get(name, qtype, now); ok {
		return e, nil
	}
	if e, ok := w.r.cache.get(name, dns.TypeCNAME, now); ok && e.outcome == Answered {
		return e, nil
	}
	if w.cacheOnly {
		return entry{}, errNotCached
	}
	from := name
	if qtype == dns.TypeDS { // They are the parent's (RFC 4035 §3.1.4.1).
		from = parentName(name)
	}
	zone, ok := w.r.cache.closest(from, now)
	if !ok {
		zone = w.r.h.rootHints()
	}
	for {
		reply, err := w.askZone(ctx, zone, name, qtype)
		if err != nil {
			return entry{}, err
		}
		e, next := w.digest(reply, zone, name, qtype)
		if next == nil {
			return e, nil
		}
		zone = *next
	}
}

// rootHints returns the servers of the root.
func (h *Hierarchy) rootHints() delegation {
	d := delegation{origin: "."}
	for _, s := range h.zone(".").servers {
		d.names = append(d.names, dns.Fqdn(s.name))
		d.glue = append(d.glue, addressRecords(s)...)
	}
	return d
}

// askZone asks the servers of a zone in turn until one gives a usable reply.
func (w *work) askZone(ctx context.Context, zone delegation, name string, qtype uint16) (*dns.Msg, error) {
	addrs := w.addresses(ctx, zone)
	err := errors.New("its servers have no addresses")
	for range maxRounds {
		var silent []netip.Addr
		for _, addr := range addrs {
			reply, askErr := w.ask(ctx, addr, name, qtype)
			if askErr == nil {
				askErr = usable(reply, zone, name)
			}
			if askErr == nil {
				return reply, nil
			}
			if errors.Is(askErr, errNoReply) {
				silent = append(silent, addr)
			}
			err = fmt.Errorf("%v: %w", addr, askErr)
		}
		addrs = silent
	}
	return nil, fmt.Errorf("zone %s: %w", displayName(zone.origin), err)
}

// addresses lists the addresses of the servers of a zone: from the referral, or looked up. A server
// without addresses is passed over, as it is in real life.
func (w *work) addresses(ctx context.Context, zone delegation) []netip.Addr {
	var list []netip.Addr
	for _, name := range w.r.ordered(zone.names) {
		known := addressesOf(name, zone.glue)
		if len(known) == 0 && w.depth < maxDepth && !dns.IsSubDomain(zone.origin, name) {
			w.depth++
			for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
				if chain, _, err := w.chase(ctx, name, rrtype); err == nil {
					known = append(known, addressesOf("", chain)...)
				}
			}
			w.depth--
		}
		list = append(list, known...)
	}
	return list
}

// ordered returns the names of servers with the preferred ones first.
func (r *Recursor) ordered(names []string) []string {
	rank := func(name string) int {
		if i := slices.Index(r.prefer, name); i >= 0 {
			return i
		}
		return len(r.prefer)
	}
	return slices.SortedStableFunc(slices.Values(names), func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
}

// addressesOf returns the addresses among records, those of one owner or, with "", all.
func addressesOf(owner string, records []dns.RR) []netip.Addr {
	var list []netip.Addr
	for _, rr := range records {
		if owner != "" && !sameName(rr.Header().Name, owner) {
			continue
		}
		switch rr := rr.(type) {
		case *dns.A:
			if addr, ok := netip.AddrFromSlice(rr.A.To4()); ok {
				list = append(list, addr)
			}
		case *dns.AAAA:
			if addr, ok := netip.AddrFromSlice(rr.AAAA.To16()); ok {
				list = append(list, addr)
			}
		}
	}
	return list
}

// ask puts a question to one address: over UDP, without EDNS where the server does not know it, and
// over TCP where the reply is truncated.
func (w *work) ask(ctx context.Context, addr netip.Addr, name string, qtype uint16) (*dns.Msg, error) {
	req := new(dns.Msg)
	req.SetQuestion(name, qtype)
	req.RecursionDesired = false
	req.SetEdns0(ednsSize, false)
	reply, err := w.send(ctx, addr, UDP, req)
	if err == nil && reply.Rcode == dns.RcodeFormatError {
		req.Extra = nil
		reply, err = w.send(ctx, addr, UDP, req)
	}
	if err == nil && reply.Truncated {
		reply, err = w.send(ctx, addr, TCP, req)
	}
	return reply, err
}

// send sends a message to one address. A reply that does not belong to it is as good as none.
func (w *work) send(ctx context.Context, addr netip.Addr, t Transport, req *dns.Msg) (*dns.Msg, error) {
	if w.questions++; w.questions > maxQuestions {
		return nil, fmt.Errorf("more than %d questions to authorities", maxQuestions)
	}
	server := w.r.h.serverAt(addr)
	if server == nil {
		return nil, errUnreachable
	}
	ctx, cancel := context.WithTimeout(ctx, w.r.patience)
	defer cancel()
	target := netip.AddrPortFrom(addr, w.r.h.Port())
	reply, err := server.exchange(ctx, w.r.name, target, t, req)
	if err != nil {
		return nil, err
	}
	if reply.Id != req.Id || len(reply.Question) != 1 || reply.Question[0] != req.Question[0] {
		return nil, errNoReply
	}
	return reply, nil
}

// serverAt returns the server at an address, nil where there is none.
func (h *Hierarchy) serverAt(addr netip.Addr) *Server {
	for _, s := range h.Servers() {
		if slices.Contains(s.Addrs(), netip.AddrPortFrom(addr, h.Port())) {
			return s
		}
	}
	return nil
}
