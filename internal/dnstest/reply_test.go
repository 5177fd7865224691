package dnstest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// TestSize checks what is cut at which size.
func TestSize(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com")
	zone.SetTXT("small", strings.Repeat("x", 300))
	zone.SetTXT("medium", strings.Repeat("x", 900))
	zone.SetTXT("large", strings.Repeat("x", 20000))
	tests := []struct {
		name      string
		transport dnstest.Transport
		edns      uint16 // 0: none
		truncated bool
	}{
		{"small", dnstest.UDP, 0, false},
		{"medium", dnstest.UDP, 0, true},
		{"medium", dnstest.UDP, 100, true}, // Less than 512 means 512 (RFC 6891 §6.2.3).
		{"small", dnstest.UDP, 100, false},
		{"medium", dnstest.UDP, 900, true},
		{"medium", dnstest.UDP, 1232, false},
		{"large", dnstest.UDP, 1232, true},
		{"large", dnstest.TCP, 0, false},
		{"large", dnstest.TCP, 1232, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s over %s, EDNS %d", test.name, test.transport, test.edns), func(t *testing.T) {
			t.Parallel()
			m := query(test.name+".example.com", "TXT")
			if test.edns > 0 {
				m.SetEdns0(test.edns, true)
			}
			reply := exchange(t, zone.Server("ns1").Addr(), test.transport, m)
			equal(t, "TC", reply.Truncated, test.truncated)
			equal(t, "records", len(reply.Answer) == 0, test.truncated)
			opt := reply.IsEdns0()
			if (opt != nil) != (test.edns > 0) {
				t.Fatalf("EDNS in the reply = %v, want it exactly if the question had it", opt)
			}
			if opt != nil && (!opt.Do() || opt.UDPSize() != 1232) {
				t.Errorf("OPT = %v, want DO copied and 1232 octets", opt)
			}
		})
	}
}

// TestSizeOfReferral checks that glue that does not fit truncates a referral, and that additional
// records beside an answer do not truncate it.
func TestSizeOfReferral(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com")
	err := zone.Update(func(c *dnstest.Changes) {
		for i := range 12 {
			name := fmt.Sprintf("%s%d", strings.Repeat("n", 20), i)
			c.Add("@ NS "+name, name+" A 192.0.2.1", name+" AAAA 2001:db8::1")
			c.Add("child NS "+name+".child", name+".child A 192.0.2.1", name+".child AAAA 2001:db8::1")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	answer := ask(t, zone.Server("ns1"), "example.com", "NS")
	if answer.Truncated || len(answer.Answer) != 13 || len(answer.Extra) != 0 {
		t.Errorf("apex NS = %s, want all 13 NS records, no addresses, not truncated", summary(answer))
	}
	referral := ask(t, zone.Server("ns1"), "child.example.com", "A")
	if !referral.Truncated || len(referral.Ns) != 12 {
		t.Errorf("referral = %s, want all 12 NS records, truncated (RFC 9471 §3)", summary(referral))
	}
}

// TestMalformed sends what no server answers.
func TestMalformed(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com")
	tests := []struct {
		name   string
		change func(*dns.Msg)
		want   int
	}{
		{"notify", func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify }, dns.RcodeNotImplemented},
		{"no question", func(m *dns.Msg) { m.Question = nil }, dns.RcodeFormatError},
		{"two questions", func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }, dns.RcodeFormatError},
		{"EDNS version 1", func(m *dns.Msg) { m.SetEdns0(1232, false); m.IsEdns0().SetVersion(1) }, dns.RcodeBadVers},
		{"two OPT records", func(m *dns.Msg) { m.SetEdns0(1232, false); m.SetEdns0(1232, false) }, dns.RcodeFormatError},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := query("example.com", "SOA")
			test.change(m)
			wire, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			reply := newConn(t, zone.Server("ns1"), dnstest.UDP).roundTrip(wire)
			equal(t, "rcode", dns.RcodeToString[reply.Rcode], dns.RcodeToString[test.want])
			equal(t, "id", reply.Id, m.Id)
		})
	}
}

// TestNotAQuestion checks that a reply that arrives at a server is not answered: the next question is.
func TestNotAQuestion(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com")
	conn := newConn(t, zone.Server("ns1"), dnstest.UDP)
	stray := query("example.com", "SOA")
	stray.Response = true
	conn.send(pack(t, stray))
	next := query("example.com", "NS")
	equal(t, "id", conn.roundTrip(pack(t, next)).Id, next.Id)
}
