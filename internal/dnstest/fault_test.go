package dnstest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

const (
	faultyAnswer = "answer: a.example.com. 300 IN A 192.0.2.1"
	faultySOA    = "authority: example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300"
)

// faulty returns a server with one fault.
func faulty(t *testing.T, fault dnstest.Fault) *dnstest.Server {
	t.Helper()
	zone := dnstest.New(t).Zone("example.com", dnstest.Records("a A 192.0.2.1", "x.ent A 192.0.2.2"))
	zone.Server("ns1").Inject(fault)
	return zone.Server("ns1")
}

// TestFaultReplies looks at the replies of the faults that send one.
func TestFaultReplies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		fault    dnstest.Fault
		ask      string
		udp, tcp string // "" for the same as over UDP
	}{
		{"none", nil, "a", "NOERROR aa\n" + faultyAnswer, ""},
		{"RCode", dnstest.RCode(dns.RcodeServerFailure), "a", "SERVFAIL", ""},
		{"RCode on UDP", dnstest.OnUDP(dnstest.RCode(dns.RcodeRefused)), "a", "REFUSED", "NOERROR aa\n" + faultyAnswer},
		{"RCode on TCP", dnstest.OnTCP(dnstest.RCode(dns.RcodeRefused)), "a", "NOERROR aa\n" + faultyAnswer, "REFUSED"},
		{"RCode for NXDOMAIN", dnstest.OnOutcome(dnstest.NoName, dnstest.RCode(dns.RcodeSuccess)), "no", "NOERROR", ""},
		{"RCode for NXDOMAIN, not met", dnstest.OnOutcome(dnstest.NoName, dnstest.RCode(dns.RcodeRefused)), "a", "NOERROR aa\n" + faultyAnswer, ""},
		{"When", dnstest.When(dnstest.RCode(dns.RcodeRefused), dnstest.OfType("A"), dnstest.About("a.example.com")), "a", "REFUSED", ""},
		{"When, not met", dnstest.When(dnstest.RCode(dns.RcodeRefused), dnstest.OfType("A"), dnstest.About("b.example.com")), "a", "NOERROR aa\n" + faultyAnswer, ""},
		{"Truncate", dnstest.Truncate, "a", "NOERROR aa tc", "NOERROR aa\n" + faultyAnswer},
		{"NoAA", dnstest.NoAA, "a", "NOERROR\n" + faultyAnswer, ""},
		{"Lame", dnstest.Lame, "a", "NOERROR\nauthority: . 3600 IN NS a.root.", ""},
		{"Empty", dnstest.Empty, "a", "NOERROR aa", ""},
		{"DenyEmptyNonTerminals", dnstest.DenyEmptyNonTerminals, "ent", "NXDOMAIN aa\n" + faultySOA, ""},
		{"DenyEmptyNonTerminals, another name", dnstest.DenyEmptyNonTerminals, "example.com.", "NOERROR aa\n" + faultySOA, ""},
		{
			"Answer", dnstest.Answer("a.example.com. 60 A 192.0.2.9", "b.example.com. 60 A 192.0.2.8"), "a",
			"NOERROR aa\nanswer: a.example.com. 60 IN A 192.0.2.9\nanswer: b.example.com. 60 IN A 192.0.2.8", "",
		},
		{"Mutate", dnstest.Mutate(func(m *dns.Msg) { m.Answer[0].Header().Ttl = 7 }), "a", "NOERROR aa\nanswer: a.example.com. 7 IN A 192.0.2.1", ""},
		{
			"Mutate nothing", dnstest.Chain(dnstest.OnUDP(dnstest.Mutate(func(*dns.Msg) {})), dnstest.Mutate(func(m *dns.Msg) { m.RecursionAvailable = true })), "a",
			"NOERROR aa ra\n" + faultyAnswer, "",
		},
		{"a reply that cannot be sent", dnstest.Mutate(func(m *dns.Msg) { m.Answer[0].Header().Name = "a..b" }), "a", "SERVFAIL", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := faulty(t, dnstest.Cycle(test.fault))
			name := test.ask
			if !strings.HasSuffix(name, ".") {
				name += ".example.com"
			}
			equal(t, "over UDP", summary(exchange(t, s.Addr(), dnstest.UDP, query(name, "A"))), test.udp)
			if test.tcp == "" {
				test.tcp = test.udp
			}
			equal(t, "over TCP", summary(exchange(t, s.Addr(), dnstest.TCP, query(name, "A"))), test.tcp)
		})
	}
}

// TestFaultIdentity looks at the faults that send a reply that does not belong to the question.
func TestFaultIdentity(t *testing.T) {
	t.Parallel()
	for _, transport := range []dnstest.Transport{dnstest.UDP, dnstest.TCP} {
		m := query("a.example.com", "A")
		reply := newConn(t, faulty(t, dnstest.WrongID), transport).roundTrip(pack(t, m))
		if reply.Id == m.Id || reply.Question[0] != m.Question[0] {
			t.Errorf("WrongID over %s: id %d, question %v, want another id and the same question", transport, reply.Id, reply.Question)
		}
		reply = newConn(t, faulty(t, dnstest.WrongQuestion), transport).roundTrip(pack(t, m))
		if reply.Id != m.Id || reply.Question[0].Name == m.Question[0].Name {
			t.Errorf("WrongQuestion over %s: id %d, question %v, want the same id and another question", transport, reply.Id, reply.Question)
		}
		reply = newConn(t, faulty(t, dnstest.NoQuestion), transport).roundTrip(pack(t, m))
		if reply.Id != m.Id || len(reply.Question) != 0 || len(reply.Answer) != 1 {
			t.Errorf("NoQuestion over %s = %v, want the answer without a question", transport, reply)
		}
		c := newConn(t, faulty(t, dnstest.Garbage), transport)
		c.send(pack(t, m))
		if got, err := c.read(); err != nil || new(dns.Msg).Unpack(got) == nil {
			t.Errorf("Garbage over %s = %q, %v, want octets that are no message", transport, got, err)
		}
	}
}

// TestFaultEDNS looks at the faults of servers that do not know EDNS.
func TestFaultEDNS(t *testing.T) {
	t.Parallel()
	with := query("a.example.com", "A")
	with.SetEdns0(1232, false)
	without := query("a.example.com", "A")

	s := faulty(t, dnstest.NoEDNS)
	reply := exchange(t, s.Addr(), dnstest.UDP, with)
	if reply.Rcode != dns.RcodeFormatError || reply.IsEdns0() != nil || len(reply.Answer) != 0 {
		t.Errorf("NoEDNS, with EDNS = %v, want FORMERR without EDNS", reply)
	}
	equal(t, "NoEDNS, without EDNS", summary(exchange(t, s.Addr(), dnstest.UDP, without)), "NOERROR aa\n"+faultyAnswer)

	s = faulty(t, dnstest.IgnoreEDNS)
	reply = exchange(t, s.Addr(), dnstest.UDP, with)
	if len(reply.Answer) != 1 || reply.IsEdns0() != nil {
		t.Errorf("IgnoreEDNS = %v, want the answer without EDNS", reply)
	}
	zone := dnstest.New(t).Zone("example.com")
	zone.SetTXT("a", strings.Repeat("x", 900))
	zone.Server("ns1").Inject(dnstest.IgnoreEDNS)
	long := query("a.example.com", "TXT")
	long.SetEdns0(1232, false)
	equal(t, "IgnoreEDNS cuts at 512 over UDP", exchange(t, zone.Server("ns1").Addr(), dnstest.UDP, long).Truncated, true)
	equal(t, "IgnoreEDNS does not over TCP", exchange(t, zone.Server("ns1").Addr(), dnstest.TCP, long).Truncated, false)

	s = faulty(t, dnstest.Chain(dnstest.RCode(dns.RcodeServerFailure), dnstest.ExtendedError(dns.ExtendedErrorCodeDNSBogus, "expired")))
	equal(t, "ExtendedError", extendedError(exchange(t, s.Addr(), dnstest.UDP, with)), "6 expired")
	equal(t, "ExtendedError, without EDNS", extendedError(exchange(t, s.Addr(), dnstest.UDP, without)), "")

	s = faulty(t, dnstest.Mutate(func(m *dns.Msg) { m.Answer[0].Header().Name = "a..b" }))
	got := extendedError(exchange(t, s.Addr(), dnstest.UDP, with))
	if !strings.HasPrefix(got, "0 the reply cannot be sent: ") {
		t.Errorf("a reply that cannot be sent: extended error %q, want it to say so", got)
	}
}

// extendedError shows the extended DNS error of a reply.
func extendedError(m *dns.Msg) string {
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if ede, ok := o.(*dns.EDNS0_EDE); ok {
				return fmt.Sprint(ede.InfoCode, " ", ede.ExtraText)
			}
		}
	}
	return ""
}

// TestFaultTiming looks at the faults that decide when another applies: what is left of the replies to
// one question after the other.
func TestFaultTiming(t *testing.T) {
	t.Parallel()
	const sent, dropped, cut = "sent", "dropped", "cut"
	tests := []struct {
		name  string
		fault dnstest.Fault
		want  []string
	}{
		{"Drop", dnstest.Drop, []string{dropped, dropped}},
		{"First", dnstest.First(2, dnstest.Drop), []string{dropped, dropped, sent, sent}},
		{"After", dnstest.After(2, dnstest.Drop), []string{sent, sent, dropped, dropped}},
		{"Every", dnstest.Every(2, dnstest.Drop), []string{sent, dropped, sent, dropped, sent}},
		{"Cycle", dnstest.Cycle(nil, dnstest.Drop, dnstest.Truncate), []string{sent, dropped, cut, sent, dropped, cut}},
		{"Chain", dnstest.Chain(dnstest.Every(2, dnstest.Drop), dnstest.Every(3, dnstest.Truncate)), []string{sent, dropped, cut, dropped, sent, dropped}},
		{"When counts what it chooses", dnstest.When(dnstest.First(1, dnstest.Drop), dnstest.OfType("A")), []string{dropped, sent}},
		{"RateLimit", dnstest.RateLimit(2, 0), []string{sent, sent, dropped, dropped}},
		{"RateLimit with slip", dnstest.RateLimit(1, 2), []string{sent, dropped, cut, dropped, cut}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			clock := dnstest.NewClock(time.Unix(1000, 0))
			s := dnstest.New(t, dnstest.WithClock(clock.Now)).Zone("example.com").Server("ns1")
			s.Inject(test.fault)
			left := make(chan string, 1)
			s.Inject(func(_ context.Context, x *dnstest.Exchange) {
				switch {
				case x.Reply == nil:
					left <- dropped
				case x.Reply.Truncated:
					left <- cut
				default:
					left <- sent
				}
			})
			c := newConn(t, s, dnstest.UDP)
			var got []string
			for range test.want {
				c.send(pack(t, query("example.com", "A")))
				got = append(got, <-left)
			}
			equal(t, "replies", got, test.want)
		})
	}
}

// TestRateLimitWindow checks that a second later, and over TCP, a client is answered again.
func TestRateLimitWindow(t *testing.T) {
	t.Parallel()
	clock := dnstest.NewClock(time.Unix(1000, 0))
	s := dnstest.New(t, dnstest.WithClock(clock.Now)).Zone("example.com").Server("ns1")
	s.Inject(dnstest.RateLimit(1, 1))
	cut := func(transport dnstest.Transport) bool {
		return exchange(t, s.Addr(), transport, query("example.com", "SOA")).Truncated
	}
	equal(t, "first", cut(dnstest.UDP), false)
	equal(t, "second", cut(dnstest.UDP), true)
	equal(t, "over TCP", cut(dnstest.TCP), false)
	clock.Advance(time.Second)
	equal(t, "a second later", cut(dnstest.UDP), false)
}

// TestDropOnTheWire drops the first reply and checks that the next that arrives is the second. Over TCP
// the connection stays open.
func TestDropOnTheWire(t *testing.T) {
	t.Parallel()
	for _, transport := range []dnstest.Transport{dnstest.UDP, dnstest.TCP} {
		s := faulty(t, dnstest.When(dnstest.Drop, dnstest.OfType("A")))
		c := newConn(t, s, transport)
		c.send(pack(t, query("example.com", "A")))
		second := query("example.com", "SOA")
		equal(t, "id over "+string(transport), c.roundTrip(pack(t, second)).Id, second.Id)
	}
}

// TestCloseTCP checks that the connection ends without a reply, and that UDP is left alone.
func TestCloseTCP(t *testing.T) {
	t.Parallel()
	s := faulty(t, dnstest.CloseTCP)
	c := newConn(t, s, dnstest.TCP)
	c.send(pack(t, query("example.com", "SOA")))
	if got, err := c.read(); !errors.Is(err, io.EOF) {
		t.Errorf("read = %x, %v, want the end of the connection", got, err)
	}
	ask(t, s, "example.com", "SOA")
}

// TestWriter checks that a fault can write by itself: here a reply in two copies.
func TestWriter(t *testing.T) {
	t.Parallel()
	s := faulty(t, func(_ context.Context, x *dnstest.Exchange) {
		if err := x.Writer.WriteMsg(x.Reply); err != nil {
			t.Errorf("WriteMsg: %v", err)
		}
	})
	c := newConn(t, s, dnstest.UDP)
	m := query("a.example.com", "A")
	c.send(pack(t, m))
	for range 2 {
		if wire, err := c.read(); err != nil || wire[0] != byte(m.Id>>8) || wire[1] != byte(m.Id) {
			t.Errorf("read = %x, %v, want a reply to %d", wire, err, m.Id)
		}
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	s := faulty(t, dnstest.Delay(delay))
	start := time.Now()
	ask(t, s, "a.example.com", "A")
	if took := time.Since(start); took < delay {
		t.Errorf("the reply took %v, want at least %v", took, delay)
	}
}

// TestGate holds a reply back while the zone changes: the reply was prepared before.
func TestGate(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records("a TXT old"))
	s := zone.Server("ns1")
	var gate dnstest.Gate
	arrived := make(chan struct{}, 1)
	s.Inject(func(context.Context, *dnstest.Exchange) { arrived <- struct{}{} })
	s.Inject(gate.Fault)
	c := newConn(t, s, dnstest.UDP)
	c.send(pack(t, query("a.example.com", "TXT")))
	<-arrived
	zone.Set("a TXT new")
	gate.Open()
	gate.Open() // Once more changes nothing.
	wire, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	reply := new(dns.Msg)
	if err := reply.Unpack(wire); err != nil {
		t.Fatal(err)
	}
	equal(t, "reply behind the gate", texts(reply.Answer), []string{`a.example.com. 300 IN TXT "old"`})
	equal(t, "reply through the open gate", texts(ask(t, s, "a.example.com", "TXT").Answer), []string{`a.example.com. 300 IN TXT "new"`})
}

// TestInject checks that faults apply in their order, and can be taken out one by one and all together.
func TestInject(t *testing.T) {
	t.Parallel()
	s := dnstest.New(t).Zone("example.com").Server("ns1")
	code := func() string { return dns.RcodeToString[ask(t, s, "example.com", "SOA").Rcode] }
	remove := s.Inject(dnstest.RCode(dns.RcodeRefused))
	equal(t, "one fault", code(), "REFUSED")
	removeSecond := s.Inject(dnstest.RCode(dns.RcodeServerFailure))
	equal(t, "two faults", code(), "SERVFAIL")
	removeSecond()
	equal(t, "second taken out", code(), "REFUSED")
	remove()
	remove() // Once more changes nothing.
	equal(t, "both taken out", code(), "NOERROR")
	s.Inject(dnstest.RCode(dns.RcodeRefused))
	s.Inject(dnstest.NoAA)
	s.Heal()
	equal(t, "healed", code(), "NOERROR")
}

// TestOutcomes checks what faults are told about the reply that a server prepared.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com", dnstest.Records("a A 192.0.2.1", "x.ent A 192.0.2.2", "c CNAME no", "sub NS ns.example.net.", "l CNAME l"))
	s := zone.Server("ns1")
	outcomes := make(chan dnstest.Outcome, 1)
	s.Inject(func(_ context.Context, x *dnstest.Exchange) { outcomes <- x.Outcome })
	for _, test := range []struct {
		m    *dns.Msg
		want dnstest.Outcome
	}{
		{query("a.example.com", "A"), dnstest.Answered},
		{query("l.example.com", "A"), dnstest.Answered},
		{query("a.example.com", "TXT"), dnstest.NoData},
		{query("ent.example.com", "TXT"), dnstest.EmptyNonTerminal},
		{query("no.example.com", "TXT"), dnstest.NoName},
		{query("c.example.com", "TXT"), dnstest.NoName},
		{query("www.sub.example.com", "TXT"), dnstest.Delegated},
		{query("example.net", "TXT"), dnstest.NotServed},
		{update("example.com"), dnstest.Updated},
		{&dns.Msg{MsgHdr: dns.MsgHdr{Opcode: dns.OpcodeStatus}}, dnstest.Rejected},
	} {
		exchange(t, s.Addr(), dnstest.UDP, test.m)
		if got := <-outcomes; got != test.want {
			t.Errorf("%v: outcome %q, want %q", test.m.Question, got, test.want)
		}
	}
}
