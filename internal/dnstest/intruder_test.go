package dnstest_test

import (
	"net"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

func TestMiddlebox(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records("a A 192.0.2.1", `a TXT "true"`))
	recursor := h.Recursor()
	remove := h.Intercept(dnstest.Middlebox("60 IN A 192.0.2.80", `60 IN TXT "log in first"`))
	tests := []struct{ name, rrtype, want string }{
		{"a.example.com", "A", "NOERROR aa\nanswer: a.example.com. 60 IN A 192.0.2.80"},
		{"no.example.com", "TXT", "NOERROR aa\nanswer: no.example.com. 60 IN TXT \"log in first\""},
		{"elsewhere.invalid", "A", "NOERROR aa\nanswer: elsewhere.invalid. 60 IN A 192.0.2.80"},
		{"a.example.com", "MX", "NOERROR aa"},
	}
	for _, s := range h.Servers() {
		for _, test := range tests {
			equal(t, s.Name()+": "+test.rrtype+" "+test.name, summary(ask(t, s, test.name, test.rrtype)), test.want)
		}
	}
	equal(t, "a recursor behind the box", brief(recurse(t, recursor, "a.example.com", "A").Answer), []string{"a.example.com. A 192.0.2.1"})
	remove()
	equal(t, "without the box", brief(ask(t, zone.Server("ns1"), "a.example.com", "A").Answer), []string{"a.example.com. A 192.0.2.1"})
}

func TestMiddleboxPanicsOnBadRecords(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("Middlebox of a bad record did not panic")
		}
	}()
	dnstest.Middlebox("60 IN A nonsense")
}

func TestBogus(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records("a A 192.0.2.1"))
	h.Zone("example.net", dnstest.Records("a A 192.0.2.2"))
	recursor := h.Recursor()
	recursor.Inject(dnstest.Bogus("example.com"))
	question := func(name string, unchecked bool) *dns.Msg {
		m := query(name, "A")
		m.SetEdns0(1232, false)
		m.RecursionDesired, m.CheckingDisabled = true, unchecked
		return exchange(t, recursor.Addr(), dnstest.UDP, m)
	}
	got := question("a.example.com", false)
	equal(t, "a bogus name", summary(got), "SERVFAIL ra")
	equal(t, "its extended error", extendedError(got), "6 signatures do not validate")
	equal(t, "a bogus name, unchecked", brief(question("a.example.com", true).Answer), []string{"a.example.com. A 192.0.2.1"})
	equal(t, "a name elsewhere", brief(question("a.example.net", false).Answer), []string{"a.example.net. A 192.0.2.2"})
}

func TestWrongPort(t *testing.T) {
	t.Parallel()
	s := faulty(t, dnstest.WrongPort)
	client, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	m := query("a.example.com", "A")
	if _, err := client.WriteTo(pack(t, m), net.UDPAddrFromAddrPort(s.Addr())); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, dns.MaxMsgSize)
	n, from, err := client.ReadFrom(buffer)
	if err != nil {
		t.Fatalf("no reply came: %v", err)
	}
	reply := new(dns.Msg)
	if err := reply.Unpack(buffer[:n]); err != nil {
		t.Fatal(err)
	}
	if reply.Id != m.Id || len(reply.Answer) != 1 || from.String() == s.Addr().String() {
		t.Errorf("over UDP: %v from %v, want the true answer from another port than %v", reply, from, s.Addr())
	}
	equal(t, "over TCP", summary(exchange(t, s.Addr(), dnstest.TCP, m)), "NOERROR aa\n"+faultyAnswer)
}

func TestAhead(t *testing.T) {
	t.Parallel()
	s := faulty(t, dnstest.Ahead(dnstest.Chain(dnstest.Answer("a.example.com. 60 A 203.0.113.1"), dnstest.WrongID)))
	m := query("a.example.com", "A")
	c := newConn(t, s, dnstest.UDP)
	forged := c.roundTrip(pack(t, m))
	if forged.Id == m.Id {
		t.Error("the forged reply has the id of the question, want another")
	}
	equal(t, "the first reply", brief(forged.Answer), []string{"a.example.com. A 203.0.113.1"})
	wire, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	second := new(dns.Msg)
	if err := second.Unpack(wire); err != nil {
		t.Fatal(err)
	}
	if second.Id != m.Id {
		t.Error("the second reply has another id than the question")
	}
	equal(t, "the second reply", brief(second.Answer), []string{"a.example.com. A 192.0.2.1"})
	equal(t, "over TCP", summary(exchange(t, s.Addr(), dnstest.TCP, m)), "NOERROR aa\n"+faultyAnswer)
}
