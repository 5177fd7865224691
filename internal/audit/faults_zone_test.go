package audit_test

import (
	"net/netip"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

func policyFaults() []fault {
	const logo = "default._bimi.example.com TXT v=BIMI1; l=https://example.com/logo.svg"
	tlsa := func(values ...string) string {
		lines := ""
		for _, v := range values {
			lines += "_25._tcp.mx1.example.net TLSA " + v + "\n"
		}
		return lines
	}
	one, two := "3 1 1 "+strings.Repeat("ab", 32), "3 1 1 "+strings.Repeat("cd", 32)
	return []fault{
		{id: "mtasts-missing", edit: "-_mta-sts.example.com TXT"},
		{id: "mtasts-multiple", edit: "_mta-sts.example.com TXT v=STSv1; id=2"},
		{id: "mtasts-wrong-place", edit: "-_mta-sts.example.com TXT\nexample.com TXT v=STSv1; id=1"},
		{id: "mtasts-wrong-place", edit: "_mta-sts._mta-sts.example.com TXT v=STSv1; id=1"},
		{id: "mtasts-record-syntax", edit: "=_mta-sts.example.com TXT v=STSv1; id=a-b"},
		{id: "mtasts-record-syntax", edit: "=_mta-sts.example.com TXT v=STSv1"},
		{id: "mtasts-host", edit: "-mta-sts.example.com A"},
		{id: "tlsrpt-missing", edit: "-_smtp._tls.example.com TXT"},
		{id: "tlsrpt-multiple", edit: "_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.com"},
		{id: "tlsrpt-wrong-place", edit: "-_smtp._tls.example.com TXT\n_tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.com"},
		{id: "tlsrpt-syntax", edit: "=_smtp._tls.example.com TXT v=TLSRPTv1; mailto:a@example.com"},
		{id: "tlsrpt-uri", edit: "=_smtp._tls.example.com TXT v=TLSRPTv1; rua=ftp://example.com/"},
		{id: "tlsrpt-undeliverable", edit: "=_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@none.example.com"},
		{id: "tlsa-insecure", edit: tlsa(one, two), world: func(w *world) { w.survey.Security = answer.Insecure }, also: []string{"dnssec-unsigned note"}},
		{id: "tlsa-insecure", edit: tlsa(one, two), world: func(w *world) { w.others = answer.Insecure }},
		{id: "tlsa-bogus", world: fails(answer.ServFail, "_25._tcp.mx1.example.net TLSA")},
		{id: "tlsa-unusable", edit: tlsa(one, "1 1 1 "+strings.Repeat("ab", 32))},
		{id: "tlsa-unusable", edit: tlsa(one, "3 1 1 abcd")},
		{id: "tlsa-unusable", edit: tlsa(one, "3 1 9 "+strings.Repeat("ab", 32))},
		{id: "tlsa-partial", edit: tlsa(one, two) + "example.com MX 20 mx2.example.net"},
		{id: "tlsa-no-rollover", edit: tlsa(one)},
		{id: "bimi-syntax", edit: "default._bimi.example.com TXT v=BIMI1; l=http://example.com/logo.svg"},
		{id: "bimi-multiple", edit: logo + "\n" + logo + "2"},
		{id: "bimi-wrong-place", edit: "_bimi.example.com TXT v=BIMI1; l=https://example.com/logo.svg"},
		{id: "bimi-dmarc", edit: logo + "\n=_dmarc.example.com TXT v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@example.com", also: []string{"dmarc-subdomains-open warning"}},
	}
}

func zoneFaults() []fault {
	dead := func(reason answer.Reason, outcome answer.Outcome) func(w *world) {
		return func(w *world) {
			err := &answer.LookupError{Name: domain, At: domain, Outcome: outcome, Reason: reason, Detail: "x"}
			w.err["example.com"] = err
			for key := range w.data {
				if name, _, _ := strings.Cut(key, " "); strings.HasSuffix(name, ".example.com") {
					w.err[name] = err
				}
			}
		}
	}
	noSelectors := func(c *audit.Config) { c.Selectors = nil }
	other := dnsname.MustParse("ns3.example.net")
	return []fault{
		{id: "dns-no-delegation", edit: "-_dmarc.example.com TXT", world: dead(answer.NoAddress, answer.Unreachable), config: noSelectors, also: []string{"dmarc-missing error"}},
		{id: "dns-unreachable", edit: "-_dmarc.example.com TXT", world: dead(answer.Failure, answer.Timeout), config: noSelectors, also: []string{"dmarc-missing error"}},
		{id: "dns-unreachable", world: func(w *world) { w.one["example.com MX"] = answer.Timeout }},
		{id: "dns-private-ns", edit: "-_dmarc.example.com TXT", world: dead(answer.PrivateServers, answer.Unreachable), config: noSelectors, also: []string{"dmarc-missing error"}},
		{id: "dns-private-ns", world: func(w *world) {
			w.survey.Serials[1].Server.Addr = netip.MustParseAddrPort("10.0.0.53:53")
		}},
		{id: "dns-lame", world: func(w *world) { w.one["example.com MX"] = answer.Refused }},
		{id: "dns-lame", world: func(w *world) { w.one["example.com MX"] = answer.NotAuthoritative }},
		{id: "dns-servers-disagree", world: func(w *world) { w.second["s1._domainkey.example.com TXT"] = nil }},
		{id: "dns-servers-disagree", world: func(w *world) { w.second["example.com TXT"] = []string{"v=spf1 -all"} }},
		{id: "dns-servers-disagree", world: func(w *world) { w.second["mta-sts.example.com A"] = nil }},
		{id: "dns-parent-child-ns", world: func(w *world) { w.survey.Parent = []dnsname.Name{servers[0].Name, other} }},
		{id: "dns-single-server", world: func(w *world) { w.survey.Serials = w.survey.Serials[:1] }},
		{id: "dns-single-server", world: func(w *world) { w.survey.Serials[1].Server.Addr = w.survey.Serials[0].Server.Addr }},
		{id: "dns-ns-alias", world: func(w *world) { w.aliased = []dnsname.Name{servers[1].Name} }},
		{id: "dns-case", world: func(w *world) { w.inMixed = answer.NXDomain }},
		{id: "dns-case", world: func(w *world) { w.inMixed = answer.Refused }},
		{id: "dns-no-tcp", world: func(w *world) { w.overTCP = answer.Timeout }},
		{id: "dns-cname-with-data", edit: "example.com CNAME www.example.net\nwww.example.net A 11.0.0.80"},
		{id: "dns-wildcard-txt", edit: "*.example.com TXT hello"},
		{id: "dns-ttl-low", world: func(w *world) { w.ttl["example.com MX"] = 60 }},
		{id: "dns-ttl-high", world: func(w *world) { w.ttl["example.com TXT"] = 604800 }},
		{id: "dns-no-edns", world: func(w *world) { w.noEDNS = true }},
		{id: "dnssec-expiry", edit: "=example.com RRSIG MX 13 2 3600 20261130000000 20261101000000 1 example.com. AAAA"},
		{id: "dnssec-expiry", edit: "_dmarc.example.com RRSIG TXT 13 3 3600 20261130000000 20261101000000 1 example.com. AAAA"},
		{id: "dnssec-algorithm", edit: "=example.com DNSKEY 257 3 7 AAAA"},
		{id: "dnssec-algorithm", edit: "example.com NSEC3PARAM 1 0 10 AABB"},
		{id: "dnssec-unsigned", world: func(w *world) { w.survey.Security = answer.Insecure }},
		{id: "dnssec-bogus", world: func(w *world) { w.survey.Security = answer.Bogus }},
	}
}

func ruleFaults() []fault {
	return []fault{
		{id: "service-record-missing", config: func(c *audit.Config) {
			c.Records = record.Set{"example.com/x": {Domain: domain, Owner: dnsname.MustParse("pm.example.com"), Type: record.CNAME, TTL: 3600, Value: "pm.mtasv.net"}}
		}},
		{id: "service-record-missing", config: func(c *audit.Config) {
			c.Records = record.Set{"example.com/spf": {Domain: domain, Owner: domain, Type: record.TXT, TTL: 3600, Value: "v=spf1 include:one.example.net ~all"}}
		}},
		{id: "service-record-missing", config: func(c *audit.Config) {
			c.Services = services("fastmail")
			c.Services[0].Applied.Records = []service.Record{{Kind: service.OtherKind, Record: record.Record{Domain: domain, Owner: dnsname.MustParse("pm.example.com"), Type: record.CNAME, Value: "pm.mtasv.net"}}}
		}},
		{id: "service-record-missing", config: func(c *audit.Config) {
			flattenedService(c)
			c.Services[0].Applied.SPF[0].Terms, _ = spf.ParseTerms("include:one.example.net ip4:11.0.1.0/24")
		}},
		{id: "sender-unconfigured", edit: spfIs("v=spf1 include:_spf.google.com ~all") + "\n_spf.google.com TXT v=spf1 ip4:11.0.7.0/24 -all", config: func(c *audit.Config) { c.Services = services("fastmail") }},
		{id: "rules-google-yahoo-microsoft", edit: "=_dmarc.example.com TXT v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com\n-s1._domainkey.example.com TXT", config: func(c *audit.Config) {
			c.Services = services("fastmail")
			c.Selectors = nil
		}, also: []string{"dkim-none warning"}},
		{id: "parked-incomplete", zone: parked, edit: "-example.com MX"},
		{id: "parked-incomplete", zone: parked, edit: "=_dmarc.example.com TXT v=DMARC1; p=reject; sp=none", also: []string{"dmarc-subdomains-open warning"}},
	}
}
