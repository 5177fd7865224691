package dnstest

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Drop sends no reply.
func Drop(_ context.Context, x *Exchange) { x.Drop() }

// Delay sends the reply late, by the wall clock. Tests that only need a reply to be under way use a
// [Gate].
func Delay(d time.Duration) Fault {
	return func(ctx context.Context, x *Exchange) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			x.Drop()
		}
	}
}

// Mutate hands every reply that is still to be sent to change.
func Mutate(change func(reply *dns.Msg)) Fault {
	return func(_ context.Context, x *Exchange) {
		if x.Reply != nil {
			change(x.Reply)
		}
	}
}

// RCode sends a response code and no records, with the AA bit clear: RCode(dns.RcodeServerFailure).
func RCode(rcode int) Fault {
	return func(_ context.Context, x *Exchange) {
		opt := x.Request.IsEdns0()
		x.Reply = emptyReply(x.Request, rcode)
		if opt != nil {
			x.Reply.SetEdns0(ednsSize, opt.Do())
		}
	}
}

// ExtendedError adds an extended DNS error (RFC 8914) to the replies for clients that sent EDNS:
// Chain(RCode(dns.RcodeServerFailure), ExtendedError(dns.ExtendedErrorCodeDNSBogus, "expired")).
func ExtendedError(code uint16, text string) Fault {
	return Mutate(func(reply *dns.Msg) {
		if opt := reply.IsEdns0(); opt != nil {
			opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: code, ExtraText: text})
		}
	})
}

// Truncate sends an empty reply with the TC bit over UDP. TCP is left alone.
func Truncate(ctx context.Context, x *Exchange) {
	OnUDP(Mutate(func(reply *dns.Msg) {
		reply.Truncated = true
		reply.Answer, reply.Ns = nil, nil
		reply.Extra = onlyOPT(reply.Extra)
	}))(ctx, x)
}

// CloseTCP closes TCP connections instead of replying. UDP is left alone. To refuse connections in the
// first place, use [Server.Down].
func CloseTCP(_ context.Context, x *Exchange) {
	if x.Question.Transport == TCP {
		x.Close()
	}
}

// Validated sets the AD bit, as a recursor does that validates, for data that is signed.
func Validated(ctx context.Context, x *Exchange) {
	Mutate(func(reply *dns.Msg) { reply.AuthenticatedData = true })(ctx, x)
}

// NoAA clears the AA bit, as a server does that answers from a cache or has lost its zone.
func NoAA(ctx context.Context, x *Exchange) {
	Mutate(func(reply *dns.Msg) { reply.Authoritative = false })(ctx, x)
}

// Lame sends an upward referral to the root, as some servers do for zones that they do not serve. The
// other usual form of lameness is RCode(dns.RcodeRefused).
func Lame(ctx context.Context, x *Exchange) {
	RCode(dns.RcodeSuccess)(ctx, x)
	header := dns.RR_Header{Name: ".", Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: delegationTTL}
	x.Reply.Ns = []dns.RR{&dns.NS{Hdr: header, Ns: rootServerName}}
}

// WrongID sends the reply with another message id.
func WrongID(ctx context.Context, x *Exchange) {
	Mutate(func(reply *dns.Msg) { reply.Id++ })(ctx, x)
}

// WrongQuestion sends the reply with another name in its question section.
func WrongQuestion(ctx context.Context, x *Exchange) {
	Mutate(func(reply *dns.Msg) {
		for i := range reply.Question {
			reply.Question[i].Name = "wrong-question.invalid."
		}
	})(ctx, x)
}

// NoQuestion sends the reply without its question section.
func NoQuestion(ctx context.Context, x *Exchange) {
	Mutate(func(reply *dns.Msg) { reply.Question = nil })(ctx, x)
}

// NoEDNS answers a question with EDNS by FORMERR without EDNS, as servers older than EDNS do (RFC 6891
// §7). Questions without EDNS are answered as usual.
func NoEDNS(_ context.Context, x *Exchange) {
	if x.edns() {
		x.Reply = emptyReply(x.Request, dns.RcodeFormatError)
	}
}

// IgnoreEDNS answers a question with EDNS as if it came without: in 512 octets over UDP, and without
// EDNS in the reply.
func IgnoreEDNS(ctx context.Context, x *Exchange) {
	Mutate(func(reply *dns.Msg) {
		reply.Extra = withoutOPT(reply.Extra)
		if x.Question.Transport == UDP {
			reply.Truncate(dns.MinMsgSize)
			reply.Compress = true
		}
	})(ctx, x)
}

// Empty sends NOERROR with the AA bit and no records at all: a negative answer without the SOA record
// that says how long to keep it.
func Empty(ctx context.Context, x *Exchange) {
	RCode(dns.RcodeSuccess)(ctx, x)
	x.Reply.Authoritative = true
}

// DenyEmptyNonTerminals answers NXDOMAIN for empty non-terminals, as servers do that do not know that
// such names exist (RFC 8020 §2).
func DenyEmptyNonTerminals(ctx context.Context, x *Exchange) {
	OnOutcome(EmptyNonTerminal, Mutate(func(reply *dns.Msg) { reply.Rcode = dns.RcodeNameError }))(ctx, x)
}

// Bogus is what a validating recursor answers about a zone whose signatures do not hold: SERVFAIL with
// the extended error that says so (RFC 8914 §4.7). Clients that set the CD bit, and so do without
// validation, get the data.
func Bogus(zone string) Fault {
	refuse := When(Chain(
		RCode(dns.RcodeServerFailure),
		ExtendedError(dns.ExtendedErrorCodeDNSBogus, "signatures do not validate"),
		Mutate(func(reply *dns.Msg) { reply.RecursionAvailable = true }),
	), Within(zone))
	return func(ctx context.Context, x *Exchange) {
		if !x.Request.CheckingDisabled {
			refuse(ctx, x)
		}
	}
}

// Garbage sends octets that are no DNS message.
func Garbage(_ context.Context, x *Exchange) {
	x.Wire = []byte("this is not a DNS message")
}

// Answer replaces the answer section by the given records, in presentation form with absolute owners,
// and sends it as an authoritative NOERROR. It panics where a record does not parse.
func Answer(records ...string) Fault {
	rrs, err := parseRecords(".", records...)
	if err != nil {
		panic(fmt.Errorf("dnstest: %w", err))
	}
	return func(ctx context.Context, x *Exchange) {
		RCode(dns.RcodeSuccess)(ctx, x)
		x.Reply.Authoritative = true
		x.Reply.Answer = copyRecords(rrs)
	}
}

// RateLimit answers each client n times within a second of the hierarchy's clock and drops the rest,
// over UDP. With slip, every slip-th of the dropped replies is sent truncated instead, so that real
// clients come back over TCP; 0 sends none.
func RateLimit(n, slip int) Fault {
	var mu sync.Mutex
	type window struct {
		start         time.Time
		sent, dropped int
	}
	windows := map[netip.Addr]*window{}
	return OnUDP(func(ctx context.Context, x *Exchange) {
		mu.Lock()
		defer mu.Unlock()
		client, now := x.Question.Client.Addr(), x.Question.Time
		w := windows[client]
		if w == nil || now.Sub(w.start) >= time.Second {
			w = &window{start: now}
			windows[client] = w
		}
		if w.sent < n {
			w.sent++
			return
		}
		w.dropped++
		if slip > 0 && w.dropped%slip == 0 {
			Truncate(ctx, x)
			return
		}
		x.Drop()
	})
}
