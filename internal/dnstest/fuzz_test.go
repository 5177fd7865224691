package dnstest

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// FuzzRecords puts any text into a zone. What is taken can be printed, read back and asked for.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{
		"www A 192.0.2.1", "@ MX 10 mail\n\t* TXT \"a b\" c ; remark", `a\.b TXT "\"\\\065\000"`, "a CNAME a", "old DNAME new",
		"_sip._tcp 60 IN SRV 1 2 3 target.", "@ SOA a b 1 2 3 4 5", "x TYPE65280 \\# 2 abcd", "a ( TXT\n x )", "$ORIGIN a.example.com.\n@ TXT x",
		"$GENERATE 1-3 a$ A 192.0.2.$", "child NS ns.child", "*.*.a TXT x", "a NULL", "$TTL x", "\\", "a TXT", "@ OPT",
	} {
		f.Add(seed, "www.example.com.", dns.TypeTXT)
	}
	f.Fuzz(func(t *testing.T, text, qname string, qtype uint16) {
		const origin = "example.com."
		changes := newChanges(&content{origin: origin})
		changes.AddRR(firstSOA(origin, "ns1.example.com."))
		changes.Add(text)
		if changes.check() != nil {
			return
		}
		c := newContent(origin, changes.owners)
		again := newChanges(&content{origin: origin})
		again.AddRR(c.records()...)
		if err := again.check(); err != nil || again.differsFrom(c) {
			t.Fatalf("Add(%q) made records that cannot be added again: %v\n%v", text, err, c.records())
		}
		if _, ok := dns.IsDomainName(qname); ok && dns.IsSubDomain(origin, dns.CanonicalName(qname)) {
			checkFound(t, c, dns.Fqdn(qname), qtype)
		}
	})
}

// checkFound checks what holds for every answer of a zone.
func checkFound(t *testing.T, c *content, qname string, qtype uint16) {
	t.Helper()
	f := c.lookup(qname, qtype)
	switch f.outcome {
	case NoData, NoName, EmptyNonTerminal:
		if len(f.authority) != 1 || f.authority[0].Header().Rrtype != dns.TypeSOA {
			t.Errorf("lookup(%q, %d): %s with authority %v, want the SOA", qname, qtype, f.outcome, f.authority)
		}
	case Delegated:
		if len(f.authority) == 0 || f.authoritative != (len(f.answer) > 0) {
			t.Errorf("lookup(%q, %d): a referral to %v, authoritative %v", qname, qtype, f.authority, f.authoritative)
		}
	case Answered:
		if len(f.answer) == 0 || !f.authoritative {
			t.Errorf("lookup(%q, %d): an answer of %v, authoritative %v", qname, qtype, f.answer, f.authoritative)
		}
	case TooLong:
	default:
		t.Errorf("lookup(%q, %d): outcome %q", qname, qtype, f.outcome)
	}
	for _, rr := range f.answer {
		if rr.Header().Rrtype != dns.TypeDNAME && len(f.answer) == 1 && rr.Header().Name != qname {
			t.Errorf("lookup(%q, %d): the only answer is %v", qname, qtype, rr)
		}
	}
}

// FuzzServe sends any message to a server and a recursor. Whatever arrives, they reply, and to the one who asked.
func FuzzServe(f *testing.F) {
	h := New(f)
	zone := h.Zone("example.com", Primary("ns1"), Records("a TXT x", "*.w CNAME a", "d DNAME w"))
	server, recursor := zone.Server("ns1"), h.Recursor()
	for _, seed := range []func(*dns.Msg){
		func(*dns.Msg) {},
		func(m *dns.Msg) { m.SetEdns0(1232, true) },
		func(m *dns.Msg) { m.SetUpdate("example.com.").RemoveName([]dns.RR{TXT("a.example.com.", 0, "")}) },
		func(m *dns.Msg) { m.Question = nil },
		func(m *dns.Msg) { m.Question[0].Name = "x.d.example.com." },
		func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify },
	} {
		m := new(dns.Msg).SetQuestion("a.example.com.", dns.TypeTXT)
		seed(m)
		wire, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		m := new(dns.Msg)
		if m.Unpack(wire) != nil {
			return
		}
		for _, handler := range []dns.Handler{server, recursor} {
			w := &capture{local: netip.MustParseAddrPort("127.0.0.4:53"), transport: TCP}
			handler.ServeDNS(w, m.Copy())
			reply := new(dns.Msg)
			if len(w.replies) != 1 || reply.Unpack(w.replies[0]) != nil {
				t.Fatalf("replies to %v = %x, want one that is a message", m, w.replies)
			}
			if reply.Id != m.Id || !reply.Response || reply.Opcode != m.Opcode {
				t.Errorf("reply to %v = %v, want its id and opcode", m, reply)
			}
			h.ResetQuestions()
		}
	})
}

// FuzzNames checks that names are read in one form.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"@", "", ".", "a", "a.", "A.b", `a\.b`, "*", "a..b", strings.Repeat("a.", 127), strings.Repeat("a", 64), "é", `\065`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := parseNameIn(s, "example.com.")
		if err != nil {
			return
		}
		again, err := parseName(name)
		if err != nil {
			t.Fatalf("parseName(%q), of %q: %v", name, s, err)
		}
		if diff := cmp.Diff(name, again); diff != "" {
			t.Errorf("parseName(%q) (-first +again):\n%s", s, diff)
		}
		for _, above := range upTo(name, ".") {
			if !dns.IsSubDomain(above, name) {
				t.Errorf("upTo(%q) lists %q, which is not above it", name, above)
			}
		}
	})
}
