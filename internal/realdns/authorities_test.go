package realdns_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/realdns"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// authorities start each of the authoritative servers.
var authorities = map[string]func(*realdns.Lab, ...realdns.Zone) *realdns.Server{
	"BIND":     func(l *realdns.Lab, zones ...realdns.Zone) *realdns.Server { return l.BIND(zones...).Server },
	"Knot":     (*realdns.Lab).Knot,
	"NSD":      (*realdns.Lab).NSD,
	"PowerDNS": (*realdns.Lab).PowerDNS,
}

// domain is a name whose zone holds what mail domains hold.
const domain = "example.com"

const negativeTTL = 90 // in seconds

// large does not fit into a datagram.
var large = "v=DKIM1; n=" + strings.Repeat("0123456789", 400) + "; p="

// zoneOf returns the zone of the domain. Everything at and below _domainkey belongs to another server, and what
// is below hidden to another zone of the same one.
func zoneOf(other *dnstest.Server) realdns.Zone {
	chunks := make([]string, 0, len(large)/200+1)
	for rest := large; rest != ""; rest = rest[min(200, len(rest)):] {
		chunks = append(chunks, `"`+rest[:min(200, len(rest))]+`"`)
	}
	return realdns.Zone{Name: domain, NegativeTTL: negativeTTL, Records: fmt.Sprintf(`
@          300 TXT   "v=spf1 include:_spf.exa" "mple.net" " -all"
@          300 TXT   "site-verification=1"
@          300 MX    10 Mx1.Example.NET.
@          300 MX    20 mx2
large      300 TXT   %s
bytes      300 TXT   "a\"b\\c;d\000\009\027\195\169" "\255"
Mixed      300 CNAME Target.Mixed.Case
Target.Mixed.Case 60 TXT "behind the alias"
*.wild     300 TXT   "from the wildcard"
deep.empty 300 TXT   "below an empty name"
_domainkey 300 NS    %s.
hidden     300 NS    ns1.hidden
ns1.hidden 300 A     127.0.0.1
`, strings.Join(chunks, " "), other.Name())}
}

// start starts a server with the zone of the domain.
func start(t *testing.T, run func(*realdns.Lab, ...realdns.Zone) *realdns.Server) (*realdns.Lab, *realdns.Server) {
	t.Helper()
	lab := realdns.New(t)
	keys := lab.Zone("_domainkey."+domain, dnstest.Servers("ns1.example.net."), dnstest.Undelegated())
	keys.SetTXT("sel1", "v=DKIM1; p=")
	server := run(lab,
		zoneOf(lab.Server("ns1.example.net")),
		realdns.Zone{Name: "hidden." + domain, Records: `www 300 TXT "of the zone below"`},
	)
	lab.Delegate(domain, server)
	return lab, server
}

// Each server's way of serving a zone is understood.
func TestAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, owner string
		rrtype      record.Type
		want        answer.Answer
	}{
		{"TXT in strings", domain, record.TXT, answer.Answer{Values: []string{"site-verification=1", "v=spf1 include:_spf.example.net -all"}, TTL: 300}},
		{"TXT past a datagram", "large." + domain, record.TXT, answer.Answer{Values: []string{large}, TTL: 300}},
		{"TXT of any octets", "bytes." + domain, record.TXT, answer.Answer{Values: []string{"a\"b\\c;d\x00\x09\x1b\xc3\xa9\xff"}, TTL: 300}},
		{"MX", domain, record.MX, answer.Answer{Values: []string{"10 mx1.example.net", "20 mx2.example.com"}, TTL: 300}},
		{"CNAME in mixed case", "mixed." + domain, record.CNAME, answer.Answer{Values: []string{"target.mixed.case.example.com"}, TTL: 300}},
		{
			"TXT behind an alias", "mixed." + domain, record.TXT,
			answer.Answer{Values: []string{"behind the alias"}, TTL: 60, Aliases: []dnsname.Name{dnsname.MustParse("target.mixed.case.example.com")}},
		},
		{"wildcard", "any.wild." + domain, record.TXT, answer.Answer{Values: []string{"from the wildcard"}, TTL: 300}},
		{"no such name", "missing." + domain, record.TXT, answer.Answer{Outcome: answer.NXDomain, TTL: negativeTTL, Serial: 1}},
		{"no such type", "large." + domain, record.CNAME, answer.Answer{Outcome: answer.NoData, TTL: negativeTTL, Serial: 1}},
		{"empty non-terminal", "empty." + domain, record.TXT, answer.Answer{Outcome: answer.NoData, TTL: negativeTTL, Serial: 1}},
		{"zone of another server", "sel1._domainkey." + domain, record.TXT, answer.Answer{Values: []string{"v=DKIM1; p="}, TTL: 300}},
		{"zone of the same server", "www.hidden." + domain, record.TXT, answer.Answer{Values: []string{"of the zone below"}, TTL: 300}},
	}
	for maker, run := range authorities {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			lab, server := start(t, run)
			if reply := server.Ask("large."+domain, "TXT"); !reply.Truncated {
				t.Errorf("the large answer came over UDP whole, want it truncated")
			}
			client := newClient(t, lab)
			for _, tt := range tests {
				got := ask(t, client, tt.owner, tt.rrtype)
				// Which server it was, and what it says of itself, is not what this is about.
				got.Server, got.Extended, got.NSID = answer.Server{}, "", ""
				want := tt.want
				want.Authoritative = true
				if want.Outcome == 0 {
					want.Outcome = answer.Found
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateComparable(dnsname.Name{}, answer.Server{})); diff != "" {
					t.Errorf("%s: -want +got\n%s", tt.name, diff)
				}
			}
		})
	}
}

// What is right at each server is valid, and what is wrong is not.
func TestCheck(t *testing.T) {
	t.Parallel()
	right := []verify.Expectation{
		expect(domain, record.TXT, "v=spf1 include:_spf.example.net -all"),
		expect("large."+domain, record.TXT, large),
		expect("bytes."+domain, record.TXT, "a\"b\\c;d\x00\x09\x1b\xc3\xa9\xff"),
		expect("MIXED."+domain, record.CNAME, "target.mixed.case.example.com"),
		expect(domain, record.MX, "10 mx1.example.net"),
		expect("any.wild."+domain, record.TXT, "from the wildcard"),
		expect("sel1._domainkey."+domain, record.TXT, "v=DKIM1; p="),
		expect("www.hidden."+domain, record.TXT, "of the zone below"),
	}
	wrong := []verify.Expectation{
		expect(domain, record.TXT, "v=spf1 include:_spf.example.net ~all"),
		expect("large."+domain, record.TXT, strings.TrimSuffix(large, "; p=")),
		expect("bytes."+domain, record.TXT, "a\"b\\c;d\x00\x09\x1b\xc3\xa9\xfe"),
		expect("mixed."+domain, record.CNAME, "target.example.net"),
		expect(domain, record.MX, "10 mx2.example.com"),
		expect("missing."+domain, record.TXT, "from the wildcard"),
		expect("empty."+domain, record.TXT, "below an empty name"),
		expect("sel2._domainkey."+domain, record.TXT, "v=DKIM1; p="),
		expect("www.hidden."+domain, record.TXT, "of the zone above"),
	}
	for maker, run := range authorities {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			lab, _ := start(t, run)
			waiter := verify.Waiter{Resolver: newClient(t, lab)}
			report, err := waiter.Wait(t.Context(), right, verify.Options{})
			if err != nil {
				t.Errorf("waiting for what is right: %v\n%s", err, report.Text())
			}
			if report, err = waiter.Check(t.Context(), wrong, verify.Options{}); err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Findings {
				if f.State() != verify.Invalid {
					t.Errorf("state %v of what is wrong, want invalid:\n%s", f.State(), f.Text())
				}
			}
		})
	}
}
