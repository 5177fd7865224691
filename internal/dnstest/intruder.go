package dnstest

import (
	"context"
	"fmt"
	"net"
	"slices"

	"github.com/miekg/dns"
)

// Intercept puts a fault before every authoritative server that there is, as a middlebox stands before the
// whole of the network: questions about any zone meet it. It returns what takes the fault out again.
//
// Recursors stand behind the box, as those of an access provider do: their own questions are spared.
func (h *Hierarchy) Intercept(f Fault) (remove func()) {
	var removes []func()
	for _, s := range h.Servers() {
		removes = append(removes, s.Inject(When(f, Direct)))
	}
	return func() {
		for _, remove := range removes {
			remove()
		}
	}
}

// Middlebox answers every question by itself, whatever name is asked, as captive portals and filters do: with
// the records of the type that is asked for, and with none of any other type. The answers are authoritative;
// Chain(Middlebox(…), NoAA) is a box that hands questions to a resolver. The records are in presentation
// form without an owner: "60 IN A 192.0.2.1". It panics where a record does not parse.
func Middlebox(records ...string) Fault {
	owned := make([]string, len(records))
	for i, text := range records {
		owned[i] = "@ " + text
	}
	rrs, err := parseRecords(".", owned...)
	if err != nil {
		panic(fmt.Errorf("dnstest: %w", err))
	}
	return func(ctx context.Context, x *Exchange) {
		Empty(ctx, x)
		if len(x.Request.Question) != 1 {
			return
		}
		asked := x.Request.Question[0]
		x.Reply.Answer = slices.DeleteFunc(copyRecords(rrs), func(rr dns.RR) bool { return rr.Header().Rrtype != asked.Qtype })
		for _, rr := range x.Reply.Answer {
			rr.Header().Name = asked.Name
		}
	}
}

// WrongPort sends the reply from another port than the question went to, as some address translators
// make it look (RFC 5452 §3): a client must not take it. TCP is left alone. Recursors of the hierarchy
// ask without sockets, and get no reply.
func WrongPort(ctx context.Context, x *Exchange) {
	OnUDP(func(ctx context.Context, x *Exchange) {
		packed, err := pack(x)
		client := x.Question.Client
		x.Drop()
		if err != nil || !client.IsValid() {
			return
		}
		var config net.ListenConfig
		conn, err := config.ListenPacket(ctx, "udp", net.JoinHostPort(x.Question.Addr.Addr().String(), "0"))
		if err != nil {
			return // No reply at all is what the client makes of it in any case.
		}
		defer conn.Close()
		_, _ = conn.WriteTo(packed, net.UDPAddrFromAddrPort(client)) // A client that is gone is no concern.
	})(ctx, x)
}

// Ahead sends what f makes of the reply first, and then the reply as it is: the true answer comes
// second, as it does for a client that an attacker races (RFC 5452 §4.1). TCP is left alone, and so are
// the recursors of the hierarchy, which take the first reply for the only one.
func Ahead(f Fault) Fault {
	return When(func(ctx context.Context, x *Exchange) {
		forged := *x
		if x.Reply != nil {
			forged.Reply = x.Reply.Copy()
		}
		f(ctx, &forged)
		forged.send()
	}, Over(UDP), Direct)
}

// pack returns what is about to go out as it goes over the wire.
func pack(x *Exchange) ([]byte, error) {
	switch {
	case x.Wire != nil:
		return x.Wire, nil
	case x.Reply != nil:
		return x.Reply.Pack()
	}
	return nil, fmt.Errorf("there is no reply to %v", x.Question)
}
