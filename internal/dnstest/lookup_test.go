package dnstest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

const lookupSOA = "authority: example.com. 60 IN SOA ns1.example.com. hostmaster.example.com. 7 3600 600 86400 60"

// TestLookup asks an authoritative server for everything that a zone can answer.
func TestLookup(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`
		@            3600 IN SOA ns1 hostmaster 7 3600 600 86400 60
		@            300 MX 10 mail
		ns1          300 A 192.0.2.53
		mail         300 A 192.0.2.1
		mail         300 AAAA 2001:db8::1
		a.b.c        300 TXT "deep"
		alias        300 CNAME mail
		alias2       300 CNAME alias
		outside      300 CNAME www.example.net.
		dangling     300 CNAME nothing
		loop1        300 CNAME loop2
		loop2        300 CNAME loop1
		todelegated  300 CNAME www.child
		*.wild       300 TXT "any"
		host.wild    300 A 192.0.2.2
		sub.ent.wild 300 A 192.0.2.3
		*.wildalias  300 CNAME mail
		old          300 DNAME new
		www.new      300 A 192.0.2.4
		exit         300 DNAME example.net.
		child        300 NS ns.child
		child        300 NS ns.example.net.
		ns.child     300 A 192.0.2.5
		ns.child     300 AAAA 2001:db8::5
		child        300 DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000
	`))
	server := h.Server("ns1.example.com")
	tests := []struct {
		about, name, rrtype, want string
	}{
		{"answer", "mail.example.com", "A", "NOERROR aa\nanswer: mail.example.com. 300 IN A 192.0.2.1"},
		{"answer with the spelling asked for", "MaIl.eXample.COM", "A", "NOERROR aa\nanswer: MaIl.eXample.COM. 300 IN A 192.0.2.1"},
		{"no data", "mail.example.com", "TXT", "NOERROR aa\n" + lookupSOA},
		{"no such name", "no.example.com", "TXT", "NXDOMAIN aa\n" + lookupSOA},
		{"no such name below an existing one", "no.mail.example.com", "TXT", "NXDOMAIN aa\n" + lookupSOA},
		{"empty non-terminal", "b.c.example.com", "TXT", "NOERROR aa\n" + lookupSOA},
		{
			"SOA at the apex", "example.com", "SOA",
			"NOERROR aa\nanswer: example.com. 3600 IN SOA ns1.example.com. hostmaster.example.com. 7 3600 600 86400 60",
		},
		{
			"NS at the apex, with addresses", "example.com", "NS",
			"NOERROR aa\nanswer: example.com. 3600 IN NS ns1.example.com.\nadditional: ns1.example.com. 300 IN A 192.0.2.53",
		},
		{"DS at the apex is the parent's", "example.com", "DS", "NOERROR aa\n" + lookupSOA},
		{
			"alias", "alias.example.com", "AAAA",
			"NOERROR aa\nanswer: alias.example.com. 300 IN CNAME mail.example.com.\nanswer: mail.example.com. 300 IN AAAA 2001:db8::1",
		},
		{"alias itself", "alias.example.com", "CNAME", "NOERROR aa\nanswer: alias.example.com. 300 IN CNAME mail.example.com."},
		{
			"two aliases to no data", "alias2.example.com", "TXT",
			"NOERROR aa\nanswer: alias2.example.com. 300 IN CNAME alias.example.com.\n" +
				"answer: alias.example.com. 300 IN CNAME mail.example.com.\n" + lookupSOA,
		},
		{"alias out of the zone", "outside.example.com", "A", "NOERROR aa\nanswer: outside.example.com. 300 IN CNAME www.example.net."},
		{
			"alias to nothing", "dangling.example.com", "A",
			"NXDOMAIN aa\nanswer: dangling.example.com. 300 IN CNAME nothing.example.com.\n" + lookupSOA,
		},
		{
			"alias loop", "loop1.example.com", "A",
			"NOERROR aa\nanswer: loop1.example.com. 300 IN CNAME loop2.example.com.\n" +
				"answer: loop2.example.com. 300 IN CNAME loop1.example.com.",
		},
		{
			"alias into a delegated zone", "todelegated.example.com", "A",
			"NOERROR aa\nanswer: todelegated.example.com. 300 IN CNAME www.child.example.com.\n" + lookupReferral,
		},
		{"wildcard", "x.wild.example.com", "TXT", `NOERROR aa` + "\n" + `answer: x.wild.example.com. 300 IN TXT "any"`},
		{"wildcard, two labels", "x.y.wild.example.com", "TXT", `NOERROR aa` + "\n" + `answer: x.y.wild.example.com. 300 IN TXT "any"`},
		{"wildcard without the type", "x.wild.example.com", "A", "NOERROR aa\n" + lookupSOA},
		{"wildcard does not cover what exists", "host.wild.example.com", "TXT", "NOERROR aa\n" + lookupSOA},
		{"wildcard does not cover below what exists", "x.host.wild.example.com", "TXT", "NXDOMAIN aa\n" + lookupSOA},
		{"wildcard does not cover an empty non-terminal", "ent.wild.example.com", "TXT", "NOERROR aa\n" + lookupSOA},
		{"wildcard does not cover below an empty non-terminal", "x.ent.wild.example.com", "TXT", "NXDOMAIN aa\n" + lookupSOA},
		{"wildcard does not cover its parent", "wild.example.com", "TXT", "NOERROR aa\n" + lookupSOA},
		{"wildcard asked for itself", "*.wild.example.com", "TXT", `NOERROR aa` + "\n" + `answer: *.wild.example.com. 300 IN TXT "any"`},
		{
			"wildcard alias", "x.wildalias.example.com", "A",
			"NOERROR aa\nanswer: x.wildalias.example.com. 300 IN CNAME mail.example.com.\nanswer: mail.example.com. 300 IN A 192.0.2.1",
		},
		{
			"DNAME", "www.old.example.com", "A",
			"NOERROR aa\nanswer: old.example.com. 300 IN DNAME new.example.com.\n" +
				"answer: www.old.example.com. 300 IN CNAME www.new.example.com.\nanswer: www.new.example.com. 300 IN A 192.0.2.4",
		},
		{
			"DNAME out of the zone", "www.exit.example.com", "A",
			"NOERROR aa\nanswer: exit.example.com. 300 IN DNAME example.net.\n" +
				"answer: www.exit.example.com. 300 IN CNAME www.example.net.",
		},
		{"DNAME does not cover itself", "old.example.com", "A", "NOERROR aa\n" + lookupSOA},
		{"DNAME asked for", "old.example.com", "DNAME", "NOERROR aa\nanswer: old.example.com. 300 IN DNAME new.example.com."},
		{"referral at the cut", "child.example.com", "A", "NOERROR\n" + lookupReferral},
		{"referral for the NS of the cut", "child.example.com", "NS", "NOERROR\n" + lookupReferral},
		{"referral below the cut", "a.b.child.example.com", "TXT", "NOERROR\n" + lookupReferral},
		{"referral for glue", "ns.child.example.com", "A", "NOERROR\n" + lookupReferral},
		{
			"DS at the cut", "child.example.com", "DS",
			"NOERROR aa\nanswer: child.example.com. 300 IN DS 1 8 2 " + strings.Repeat("0", 64),
		},
		{"outside", "example.net", "A", "REFUSED"},
		{"parent", "com", "NS", "REFUSED"},
		{"root", ".", "NS", "REFUSED"},
		{"zone transfer", "example.com", "AXFR", "REFUSED"},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			for _, transport := range []dnstest.Transport{dnstest.UDP, dnstest.TCP} {
				if test.rrtype == "AXFR" && transport == dnstest.TCP {
					continue // The client library does not exchange transfers.
				}
				m := query(test.name, test.rrtype)
				m.RecursionDesired = true
				reply := exchange(t, server.Addr(), transport, m)
				equal(t, fmt.Sprintf("%s %s over %s", test.name, test.rrtype, transport), summary(reply), test.want)
				equal(t, "question", reply.Question, m.Question)
			}
		})
	}
}

const lookupReferral = "authority: child.example.com. 300 IN NS ns.child.example.com.\n" +
	"authority: child.example.com. 300 IN NS ns.example.net.\n" +
	"additional: ns.child.example.com. 300 IN A 192.0.2.5\n" +
	"additional: ns.child.example.com. 300 IN AAAA 2001:db8::5"

func TestLookupAny(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com", dnstest.Records("a A 192.0.2.1", "a TXT x", "*.w TXT y", "*.w A 192.0.2.2", "c CNAME a"))
	for name, want := range map[string][]string{
		"a.example.com":   {"a.example.com. A 192.0.2.1", `a.example.com. TXT "x"`},
		"b.w.example.com": {"b.w.example.com. A 192.0.2.2", `b.w.example.com. TXT "y"`},
		"c.example.com":   {"c.example.com. CNAME a.example.com."},
	} {
		equal(t, "ANY "+name, brief(ask(t, zone.Server("ns1"), name, "ANY").Answer), want)
	}
}

func TestLookupRootAndWildcardAtApex(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone(".").Add("*. TXT root")
	equal(t, "x TXT", texts(ask(t, h.Server("a.root"), "x", "TXT").Answer), []string{`x. 300 IN TXT "root"`})
}

// TestLookupLongDNAME checks the answer where the name behind a DNAME is too long.
func TestLookupLongDNAME(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	zone := dnstest.New(t).Zone("example.com", dnstest.Records("d DNAME "+strings.Repeat(label+".", 3)+"example.net."))
	reply := ask(t, zone.Server("ns1"), label+".d.example.com", "A")
	if reply.Rcode != dns.RcodeYXDomain || len(reply.Answer) != 1 {
		t.Errorf("answer = %s, want YXDOMAIN with the DNAME alone (RFC 6672 §2.2)", summary(reply))
	}
}

// TestLookupClosestZone checks that a server that serves a zone and its child answers from the child,
// but for DS records.
func TestLookupClosestZone(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records("sub DS 1 8 2 "+strings.Repeat("0", 64)))
	h.Zone("sub.example.com", dnstest.OnParent(), dnstest.Records("www A 192.0.2.1"))
	server := h.Server("ns1.example.com")
	for _, test := range []struct {
		name, rrtype string
		want         []string
	}{
		{"www.sub.example.com", "A", []string{"www.sub.example.com. A 192.0.2.1"}},
		{"sub.example.com", "NS", []string{"sub.example.com. NS ns1.example.com."}},
		{"sub.example.com", "DS", []string{"sub.example.com. DS 1 8 2 " + strings.Repeat("0", 64)}},
	} {
		reply := ask(t, server, test.name, test.rrtype)
		equal(t, test.name+" "+test.rrtype, brief(reply.Answer), test.want)
		equal(t, "AA", reply.Authoritative, true)
	}
}

func TestOtherClass(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com")
	m := query("example.com", "SOA")
	m.Question[0].Qclass = dns.ClassCHAOS
	equal(t, "class CH", summary(exchange(t, zone.Server("ns1").Addr(), dnstest.UDP, m)), "REFUSED")
}
