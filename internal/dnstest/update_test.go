package dnstest_test

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// update returns an update for a zone with the given changes.
func update(zone string, changes ...func(*dns.Msg)) *dns.Msg {
	m := new(dns.Msg)
	m.SetUpdate(dns.Fqdn(zone))
	for _, change := range changes {
		change(m)
	}
	return m
}

// rrs parses records with absolute owners.
func rrs(texts ...string) []dns.RR {
	var list []dns.RR
	for _, text := range texts {
		rr, err := dns.NewRR(text)
		if err != nil {
			panic(err)
		}
		list = append(list, rr)
	}
	return list
}

// inserts adds records in an update; the others below are named after the sections of RFC 2136.
func inserts(records ...string) func(*dns.Msg) { return func(m *dns.Msg) { m.Insert(rrs(records...)) } }

func removes(records ...string) func(*dns.Msg) { return func(m *dns.Msg) { m.Remove(rrs(records...)) } }

func removesRRset(record string) func(*dns.Msg) {
	return func(m *dns.Msg) { m.RemoveRRset(rrs(record)) }
}

func removesName(name string) func(*dns.Msg) {
	return func(m *dns.Msg) { m.RemoveName(rrs(name + " A 192.0.2.1")) }
}

func requires(records ...string) func(*dns.Msg) { return func(m *dns.Msg) { m.Used(rrs(records...)) } }

func requiresRRset(record string) func(*dns.Msg) {
	return func(m *dns.Msg) { m.RRsetUsed(rrs(record)) }
}

func requiresNoRRset(record string) func(*dns.Msg) {
	return func(m *dns.Msg) { m.RRsetNotUsed(rrs(record)) }
}

func requiresName(name string) func(*dns.Msg) {
	return func(m *dns.Msg) { m.NameUsed(rrs(name + " A 192.0.2.1")) }
}

func requiresNoName(name string) func(*dns.Msg) {
	return func(m *dns.Msg) { m.NameNotUsed(rrs(name + " A 192.0.2.1")) }
}

// malformed puts a record with a class, TTL and no data of its own into the update section.
func malformed(class uint16, ttl uint32, rrtype uint16) func(*dns.Msg) {
	return func(m *dns.Msg) {
		m.Ns = append(m.Ns, &dns.ANY{Hdr: dns.RR_Header{Name: "a.example.com.", Class: class, Ttl: ttl, Rrtype: rrtype}})
	}
}

// malformedRequirement is malformed for the prerequisite section.
func malformedRequirement(class uint16, ttl uint32) func(*dns.Msg) {
	return func(m *dns.Msg) {
		m.Answer = append(m.Answer, &dns.ANY{Hdr: dns.RR_Header{Name: "a.example.com.", Class: class, Ttl: ttl, Rrtype: dns.TypeA}})
	}
}

// TestUpdate sends updates over both transports.
func TestUpdate(t *testing.T) {
	t.Parallel()
	before := []string{
		"a.example.com. 300 IN A 192.0.2.1", "a.example.com. 300 IN A 192.0.2.2", `a.example.com. 300 IN TXT "x"`,
		"alias.example.com. 300 IN CNAME a.example.com.",
	}
	tests := []struct {
		name   string
		update *dns.Msg
		rcode  int
		want   []string // nil: as before
	}{
		{
			"add", update("example.com", inserts("a.example.com. 60 A 192.0.2.3")), dns.RcodeSuccess,
			[]string{"a.example.com. 60 IN A 192.0.2.1", "a.example.com. 60 IN A 192.0.2.2", "a.example.com. 60 IN A 192.0.2.3", before[2], before[3]},
		},
		{"add what is there", update("example.com", inserts("a.example.com. 300 A 192.0.2.1")), dns.RcodeSuccess, nil},
		{"add a CNAME beside others", update("example.com", inserts("a.example.com. 300 CNAME b.example.com.")), dns.RcodeSuccess, nil},
		{"add beside a CNAME", update("example.com", inserts("alias.example.com. 300 A 192.0.2.1")), dns.RcodeSuccess, nil},
		{
			"replace a CNAME", update("example.com", inserts("alias.example.com. 60 CNAME b.example.com.")), dns.RcodeSuccess,
			[]string{before[0], before[1], before[2], "alias.example.com. 60 IN CNAME b.example.com."},
		},
		{
			"delete a record", update("example.com", removes("a.example.com. A 192.0.2.1")), dns.RcodeSuccess,
			[]string{before[1], before[2], before[3]},
		},
		{"delete a record that is not there", update("example.com", removes("a.example.com. A 192.0.2.9")), dns.RcodeSuccess, nil},
		{
			"delete an RRset", update("example.com", removesRRset("a.example.com. A 192.0.2.1")), dns.RcodeSuccess,
			[]string{before[2], before[3]},
		},
		{"delete a name", update("example.com", removesName("a.example.com.")), dns.RcodeSuccess, []string{before[3]}},
		{
			"replace an RRset", update("example.com", removesRRset("a.example.com. A 192.0.2.1"), inserts("a.example.com. 60 A 192.0.2.9")), dns.RcodeSuccess,
			[]string{"a.example.com. 60 IN A 192.0.2.9", before[2], before[3]},
		},
		{"delete the apex", update("example.com", removesName("example.com.")), dns.RcodeSuccess, nil},
		{"delete the SOA", update("example.com", removesRRset("example.com. SOA a. b. 1 1 1 1 1")), dns.RcodeSuccess, nil},
		{"delete the SOA record", update("example.com", removes("example.com. SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300")), dns.RcodeSuccess, nil},
		{"delete the NS", update("example.com", removesRRset("example.com. NS ns1.example.com.")), dns.RcodeSuccess, nil},
		{"delete the NS records", update("example.com", removes("example.com. NS ns1.example.com.")), dns.RcodeSuccess, nil},
		{"add an older SOA", update("example.com", inserts("example.com. 60 SOA a. b. 0 1 1 1 1")), dns.RcodeSuccess, nil},
		{"add an SOA elsewhere", update("example.com", inserts("a.example.com. 60 SOA a. b. 9 1 1 1 1")), dns.RcodeSuccess, nil},

		{"name exists", update("example.com", requiresName("a.example.com."), removesName("a.example.com.")), dns.RcodeSuccess, []string{before[3]}},
		{"name does not exist", update("example.com", requiresName("b.example.com."), removesName("a.example.com.")), dns.RcodeNameError, nil},
		{"no such name", update("example.com", requiresNoName("b.example.com."), removesName("a.example.com.")), dns.RcodeSuccess, []string{before[3]}},
		{"no such name, but it exists", update("example.com", requiresNoName("a.example.com."), removesName("a.example.com.")), dns.RcodeYXDomain, nil},
		{"RRset exists", update("example.com", requiresRRset("a.example.com. TXT y"), removesName("a.example.com.")), dns.RcodeSuccess, []string{before[3]}},
		{"RRset does not exist", update("example.com", requiresRRset("a.example.com. AAAA ::1"), removesName("a.example.com.")), dns.RcodeNXRrset, nil},
		{"no such RRset", update("example.com", requiresNoRRset("a.example.com. AAAA ::1"), removesName("a.example.com.")), dns.RcodeSuccess, []string{before[3]}},
		{"no such RRset, but it exists", update("example.com", requiresNoRRset("a.example.com. A 192.0.2.9"), removesName("a.example.com.")), dns.RcodeYXRrset, nil},
		{"RRset has these records", update("example.com", requires("a.example.com. A 192.0.2.2", "a.example.com. A 192.0.2.1"), removesName("a.example.com.")), dns.RcodeSuccess, []string{before[3]}},
		{"RRset has more records", update("example.com", requires("a.example.com. A 192.0.2.2"), removesName("a.example.com.")), dns.RcodeNXRrset, nil},
		{"RRset has fewer records", update("example.com", requires("a.example.com. TXT x", "a.example.com. TXT y"), removesName("a.example.com.")), dns.RcodeNXRrset, nil},

		{"another zone", update("example.net", inserts("a.example.net. A 192.0.2.1")), dns.RcodeNotAuth, nil},
		{"record outside the zone", update("example.com", inserts("b.example.com. A 192.0.2.1", "a.example.net. A 192.0.2.1")), dns.RcodeNotZone, nil},
		{"requirement outside the zone", update("example.com", requiresName("a.example.net."), removesName("a.example.com.")), dns.RcodeNotZone, nil},
		{"zone section without SOA", update("example.com", func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeA }), dns.RcodeFormatError, nil},
		{"class", update("example.com", malformed(dns.ClassCHAOS, 0, dns.TypeA)), dns.RcodeFormatError, nil},
		{"addition without data", update("example.com", malformed(dns.ClassINET, 60, dns.TypeA)), dns.RcodeFormatError, nil},
		{"deletion of an RRset with a TTL", update("example.com", malformed(dns.ClassANY, 60, dns.TypeA)), dns.RcodeFormatError, nil},
		{"deletion of transfers", update("example.com", malformed(dns.ClassANY, 0, dns.TypeAXFR)), dns.RcodeFormatError, nil},
		{"deletion of any record", update("example.com", malformed(dns.ClassNONE, 0, dns.TypeANY)), dns.RcodeFormatError, nil},
		{"requirement with a TTL", update("example.com", malformedRequirement(dns.ClassANY, 60)), dns.RcodeFormatError, nil},
		{"requirement of another class", update("example.com", malformedRequirement(dns.ClassCHAOS, 0)), dns.RcodeFormatError, nil},
	}
	for _, transport := range []dnstest.Transport{dnstest.UDP, dnstest.TCP} {
		for _, test := range tests {
			t.Run(test.name+" over "+string(transport), func(t *testing.T) {
				t.Parallel()
				zone := dnstest.New(t).Zone("example.com", dnstest.Servers("ns1"), dnstest.Primary("ns1"), dnstest.Records(before...))
				reply := exchange(t, zone.Server("ns1").Addr(), transport, test.update)
				equal(t, "rcode", dns.RcodeToString[reply.Rcode], dns.RcodeToString[test.rcode])
				equal(t, "opcode", reply.Opcode, dns.OpcodeUpdate)
				wanted, serial := test.want, uint32(2)
				if wanted == nil {
					wanted, serial = before, 1
				}
				equal(t, "records", texts(ownRecords(zone.Records())), wanted)
				equal(t, "serial", zone.Serial(), serial)
			})
		}
	}
}

// TestUpdateSOA checks that an update may bring a newer serial.
func TestUpdateSOA(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com", dnstest.Primary("ns1"))
	m := update("example.com", inserts("example.com. 60 SOA ns1.example.com. x. 50 1 1 1 1"))
	equal(t, "rcode", exchange(t, zone.Server("ns1").Addr(), dnstest.UDP, m).Rcode, dns.RcodeSuccess)
	equal(t, "serial", zone.Serial(), uint32(50))
}

// TestUpdateServers checks who takes updates, and that the other servers follow.
func TestUpdateServers(t *testing.T) {
	t.Parallel()
	clock := dnstest.NewClock(time.Unix(1000, 0))
	h := dnstest.New(t, dnstest.WithClock(clock.Now))
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"), dnstest.Primary("ns2"))
	zone.Server("ns3").Lag(time.Minute)
	add := func() *dns.Msg { return update("example.com", inserts("a.example.com. 60 TXT x")) }
	for server, want := range map[string]int{
		"ns1.example.com": dns.RcodeRefused,
		"ns2.example.com": dns.RcodeSuccess,
		"a.nic.com":       dns.RcodeNotAuth,
	} {
		if got := exchange(t, h.Server(server).Addr(), dnstest.UDP, add()).Rcode; got != want {
			t.Errorf("update at %s = %s, want %s", server, dns.RcodeToString[got], dns.RcodeToString[want])
		}
	}
	for server, want := range map[string]int{"ns1": 1, "ns2": 1, "ns3": 0} {
		equal(t, "answers at "+server, len(ask(t, zone.Server(server), "a.example.com", "TXT").Answer), want)
	}
	clock.Advance(time.Minute)
	equal(t, "answers at ns3, a minute later", len(ask(t, zone.Server("ns3"), "a.example.com", "TXT").Answer), 1)
	equal(t, "updates seen", len(h.Updates(dnstest.About("example.com"))), 3)
	m := add()
	m.Opcode = dns.OpcodeUpdate
	equal(t, "update at a recursor", exchange(t, h.Recursor().Addr(), dnstest.UDP, m).Rcode, dns.RcodeNotImplemented)
}
