package dnstest_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// patience is how long a test waits for a reply that must come. It is never waited out in a test that
// passes.
const patience = 10 * time.Second

// query returns a question without EDNS and with recursion not desired.
func query(name, rrtype string) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), dns.StringToType[rrtype])
	m.RecursionDesired = false
	return m
}

// exchange sends a message to a server over a transport and fails the test where no reply comes.
func exchange(t *testing.T, addr netip.AddrPort, transport dnstest.Transport, m *dns.Msg) *dns.Msg {
	t.Helper()
	reply, err := tryExchange(addr, transport, m)
	if err != nil {
		t.Fatalf("exchange(%v %s, %v): %v", addr, transport, m.Question, err)
	}
	return reply
}

func tryExchange(addr netip.AddrPort, transport dnstest.Transport, m *dns.Msg) (*dns.Msg, error) {
	client := &dns.Client{Net: string(transport), Timeout: patience, UDPSize: dns.MaxMsgSize}
	reply, _, err := client.Exchange(m, addr.String())
	return reply, err
}

// ask asks a server over UDP.
func ask(t *testing.T, s interface{ Addr() netip.AddrPort }, name, rrtype string) *dns.Msg {
	t.Helper()
	return exchange(t, s.Addr(), dnstest.UDP, query(name, rrtype))
}

// recurse asks a recursor over UDP.
func recurse(t *testing.T, r *dnstest.Recursor, name, rrtype string) *dns.Msg {
	t.Helper()
	m := query(name, rrtype)
	m.RecursionDesired = true
	return exchange(t, r.Addr(), dnstest.UDP, m)
}

// texts returns records in presentation form with single blanks, the OPT record left out.
func texts(records []dns.RR) []string {
	var list []string
	for _, rr := range records {
		if rr.Header().Rrtype != dns.TypeOPT {
			list = append(list, strings.Join(strings.Fields(rr.String()), " "))
		}
	}
	return list
}

// brief returns owner, type and data of records in presentation form.
func brief(records []dns.RR) []string {
	list := texts(records)
	for i, text := range list {
		fields := strings.Fields(text)
		list[i] = strings.Join(slices.Delete(fields, 1, 3), " ")
	}
	return list
}

// summary shows what matters of a reply: code, bits, and the three sections.
func summary(m *dns.Msg) string {
	bits := []string{dns.RcodeToString[m.Rcode]}
	for _, bit := range []struct {
		name string
		set  bool
	}{{"aa", m.Authoritative}, {"tc", m.Truncated}, {"ra", m.RecursionAvailable}} {
		if bit.set {
			bits = append(bits, bit.name)
		}
	}
	lines := []string{strings.Join(bits, " ")}
	for _, section := range []struct {
		name    string
		records []dns.RR
	}{{"answer", m.Answer}, {"authority", m.Ns}, {"additional", m.Extra}} {
		for _, text := range texts(section.records) {
			lines = append(lines, fmt.Sprintf("%s: %s", section.name, text))
		}
	}
	return strings.Join(lines, "\n")
}

// equal compares what a call returned with what it should.
func equal[T any](t *testing.T, call string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: difference (-want +got):\n%s", call, diff)
	}
}
