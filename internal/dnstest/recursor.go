package dnstest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Recursor is a caching resolver. It finds answers from the root of the hierarchy down and keeps them
// as long as their TTL says, by the clock of the hierarchy. Its own questions appear in the log of the
// hierarchy like those of any client ([Question.Recursor] names it), and meet the same faults.
//
// It asks in the same process, without sockets: a question that a server drops fails at once.
type Recursor struct {
	*endpoint
	cache    *cache
	patience time.Duration
	prefer   []string
}

// RecursorOption sets up a recursor.
type RecursorOption func(*recursorSettings)

type recursorSettings struct {
	addr     netip.AddrPort
	patience time.Duration
	prefer   []string
}

// RecursorAt fixes the address of a recursor. Without it, it is 127.0.0.1 with a free port.
func RecursorAt(addr netip.AddrPort) RecursorOption {
	return func(s *recursorSettings) { s.addr = addr }
}

// Patience is how long a recursor waits for one server, by the wall clock, before it asks the next.
// Without it, it is 2 s.
func Patience(d time.Duration) RecursorOption {
	return func(s *recursorSettings) { s.patience = d }
}

// Prefer names servers that the recursor asks before others of the same zone. Without it, they are
// asked in the order of the NS records.
func Prefer(servers ...string) RecursorOption {
	return func(s *recursorSettings) {
		for _, name := range servers {
			s.prefer = append(s.prefer, dns.CanonicalName(name))
		}
	}
}

// AddRecursor starts a recursor. Recursors are named recursor1, recursor2 and so on.
func (h *Hierarchy) AddRecursor(opts ...RecursorOption) (*Recursor, error) {
	s := recursorSettings{addr: netip.AddrPortFrom(commonAddr, 0), patience: 2 * time.Second}
	for _, opt := range opts {
		opt(&s)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, errors.New("the hierarchy is closed")
	}
	r := &Recursor{cache: newCache(), patience: s.patience, prefer: s.prefer}
	r.endpoint = &endpoint{name: fmt.Sprintf("recursor%d", len(h.recursors)+1), h: h, respond: r.prepare}
	err := tryPorts(s.addr.Port(), func(port uint16) error {
		return r.listen(netip.AddrPortFrom(s.addr.Addr(), port))
	})
	if err != nil {
		return nil, err
	}
	h.recursors = append(h.recursors, r)
	return r, nil
}

// Recursor starts one more recursor, as [Hierarchy.AddRecursor] does.
func (h *Hierarchy) Recursor(opts ...RecursorOption) *Recursor {
	h.t.Helper()
	r, err := h.AddRecursor(opts...)
	h.must(err)
	return r
}

// Recursors returns the recursors in the order in which they were made.
func (h *Hierarchy) Recursors() []*Recursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.recursors)
}

// ResolverAddr returns the address of the first recursor as the provider's option "resolvers" takes it
// ("127.0.0.1:23053"). It starts a recursor if there is none.
func (h *Hierarchy) ResolverAddr() string {
	h.t.Helper()
	if list := h.Recursors(); len(list) > 0 {
		return list[0].Addr().String()
	}
	return h.Recursor().Addr().String()
}

// Cached returns what the recursor would answer from its cache for a name and type ("TXT"), false where
// it would ask the authorities. An alias is found under the type CNAME.
func (r *Recursor) Cached(name, rrtype string) (Cached, bool) {
	r.h.t.Helper()
	number, err := parseType(rrtype)
	r.h.must(err)
	now := r.h.now()
	e, ok := r.cache.get(dns.CanonicalName(name), number, now)
	if !ok {
		return Cached{}, false
	}
	return Cached{Outcome: e.outcome, Name: displayName(e.owner), Records: e.aged(now), TTL: e.left(now)}, true
}

// Flush forgets everything.
func (r *Recursor) Flush() { r.cache.flush() }

// FlushName forgets what is known of one name, the NXDOMAIN of a name above it included.
func (r *Recursor) FlushName(name string) { r.cache.flushName(dns.CanonicalName(name)) }

// prepare makes the reply of a recursor.
func (r *Recursor) prepare(ctx context.Context, x *Exchange) {
	q := x.Request.Question[0]
	switch {
	case x.Request.Opcode != dns.OpcodeQuery, q.Qtype == dns.TypeANY: // ANY: RFC 8482 §4.3
		x.Outcome, x.Reply = Rejected, emptyReply(x.Request, dns.RcodeNotImplemented)
		return
	case q.Qclass != dns.ClassINET, q.Qtype == dns.TypeAXFR, q.Qtype == dns.TypeIXFR:
		x.Outcome, x.Reply = NotServed, emptyReply(x.Request, dns.RcodeRefused)
		return
	}
	w := &work{r: r, cacheOnly: !x.Request.RecursionDesired}
	chain, last, err := w.chase(ctx, q.Name, q.Qtype)
	switch {
	case errors.Is(err, errNotCached):
		x.Outcome, x.Reply = NotServed, emptyReply(x.Request, dns.RcodeRefused)
	case err != nil:
		x.Outcome, x.Reply = Failed, failure(x.Request, err)
	default:
		x.Outcome, x.Reply = last.outcome, emptyReply(x.Request, last.outcome.rcode())
		x.Reply.Answer = chain
		if last.outcome != Answered {
			x.Reply.Ns = last.aged(r.h.now())
		}
	}
	x.Reply.RecursionAvailable = true
}

// failure returns SERVFAIL, with the reason as an extended error (RFC 8914 §4.23) for clients with EDNS.
func failure(req *dns.Msg, err error) *dns.Msg {
	reply := emptyReply(req, dns.RcodeServerFailure)
	if opt := req.IsEdns0(); opt != nil {
		reply.SetEdns0(ednsSize, opt.Do())
		ede := &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeNoReachableAuthority, ExtraText: err.Error()}
		reply.IsEdns0().Option = append(reply.IsEdns0().Option, ede)
	}
	return reply
}
