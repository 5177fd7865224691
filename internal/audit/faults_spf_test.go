package audit_test

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// spfIs makes the domain's SPF record another.
func spfIs(text string) string { return "=example.com TXT " + text }

// published puts a host into the configuration that mail bounces to.
func published(owner, value string) func(c *audit.Config) {
	return func(c *audit.Config) {
		c.Records = record.Set{"x": {Domain: domain, Owner: dnsname.MustParse(owner), Type: record.TXT, TTL: 3600, Value: value}}
	}
}

// flattenedService is a service that the domain's record no longer includes by itself.
func flattenedService(c *audit.Config) {
	terms, err := spf.ParseTerms("include:_spf.example.net")
	if err != nil {
		panic(err)
	}
	c.Services = services("fastmail")
	c.Services[0].Key = "mine"
	c.Services[0].Applied.SPF = []service.SPF{{Owner: domain, Terms: terms}}
}

func spfFaults() []fault {
	longNames := ""
	for i := range 30 {
		longNames += fmt.Sprintf(" ip4:11.0.100.%d", 101+2*i)
	}
	elevenHosts := ""
	for i := range 11 {
		host := string(rune('a'+i)) + ".many.example.net"
		elevenHosts += "\nmany.example.net MX 10 " + host + "\n" + host + " A 11.0.0.7\n" + host + " AAAA 2600::7"
	}
	return []fault{
		{id: "spf-missing", edit: "-example.com TXT"},
		{id: "spf-missing warning", config: published("news.example.com", "v=spf1 include:_spf.example.net -all"), also: []string{"service-record-missing error"}},
		{id: "spf-multiple", edit: "example.com TXT v=spf1 -all"},
		{id: "spf-near-miss", edit: spfIs("v=spf1,include:_spf.example.net ~all")},
		{id: "spf-near-miss", edit: spfIs(`"v=spf1 include:_spf.example.net ~all"`)},
		{id: "spf-near-miss", edit: spfIs("spf1 include:_spf.example.net ~all")},
		{id: "spf-syntax", edit: spfIs("v=spf1 include: ~all")},
		{id: "spf-syntax", edit: spfIs("v=spf1 ip4:11.0.0.300 ~all")},
		{id: "spf-split-blank", edit: spfIs("v=spf1 ip4:11.0.0.1include:_spf.example.net ~all")},
		{id: "spf-split-blank", edit: spfIs("v=spf1 ip4:11.0.0.1~all")},
		{id: "spf-type99", edit: "example.com SPF v=spf1 include:_spf.example.net ~all"},
		{id: "spf-type99 warning", edit: "example.com SPF v=spf1 -all"},
		{id: "spf-sender-id", edit: "example.com TXT spf2.0/pra include:_spf.example.net ~all"},
		{id: "spf-pass-all", edit: spfIs("v=spf1 include:_spf.example.net +all")},
		{id: "spf-pass-all", edit: "=_spf.example.net TXT v=spf1 all"},
		{id: "spf-pass-wide", edit: spfIs("v=spf1 ip4:128.0.0.0/1 ~all")},
		{id: "spf-pass-wide", edit: "=_spf.example.net TXT v=spf1 ip4:0.0.0.0/2 ip4:64.0.0.0/2 -all"},
		{id: "spf-pass-wide warning", edit: spfIs("v=spf1 ip4:11.0.0.0/8 ~all")},
		{id: "spf-pass-wide warning", edit: spfIs("v=spf1 ip6:2600::/16 ~all")},
		{id: "spf-neutral", edit: spfIs("v=spf1 include:_spf.example.net ?all")},
		{id: "spf-no-ending", edit: spfIs("v=spf1 include:_spf.example.net")},
		{id: "spf-softfail-note", edit: "=_dmarc.example.com TXT v=DMARC1; p=none; rua=mailto:dmarc@example.com", also: []string{"dmarc-none warning"}},
		{id: "spf-fail-note", edit: spfIs("v=spf1 include:_spf.example.net -all")},
		{id: "spf-dead-terms", edit: spfIs("v=spf1 include:_spf.example.net ~all ip4:11.0.0.1")},
		{id: "spf-redirect-dead", edit: spfIs("v=spf1 ip4:11.0.0.1 ~all redirect=_spf.example.net")},
		{id: "spf-repeated", edit: spfIs("v=spf1 include:_spf.example.net include:_spf.example.net ~all")},
		{id: "spf-repeated", edit: spfIs("v=spf1 include:one.example.net include:two.example.net ~all")},
		{id: "spf-reserved-network", edit: spfIs("v=spf1 ip4:10.1.2.3 include:_spf.example.net ~all")},
		{id: "spf-reserved-network", edit: spfIs("v=spf1 ip6:2001:db8::/32 include:_spf.example.net ~all")},
		{id: "spf-unknown-modifier", edit: spfIs("v=spf1 include:_spf.example.net ~all x=y")},
		{id: "spf-exp-broken", edit: spfIs("v=spf1 include:_spf.example.net ~all exp=exp.example.net")},
		{id: "spf-exp-broken", edit: spfIs("v=spf1 include:_spf.example.net ~all exp=exp.example.net") + "\nexp.example.net TXT %{z}"},
		{id: "spf-exp-broken", edit: spfIs("v=spf1 include:_spf.example.net ~all exp=exp.example.net") + "\nexp.example.net TXT a\nexp.example.net TXT b"},
		{id: "spf-long", edit: spfIs("v=spf1" + longNames + " ~all")},
		{id: "txt-answer-large", edit: "example.com TXT token=" + strings.Repeat("x", 1300)},

		{id: "spf-lookups-exceeded", edit: spfIs("v=spf1 include:two.example.net include:one.example.net a:ns1.example.net a:ns2.example.net mx:example.net a:mx1.example.net a:mx2.example.net a:www.example.net ~all") + "\nns1.example.net AAAA 2600::3\nns2.example.net AAAA 2600::4\nwww.example.net AAAA 2600::5\n=two.example.net TXT v=spf1 include:b.example.net include:c.example.net include:d.example.net -all\nd.example.net TXT v=spf1 -all\nns2.example.net A 11.0.0.54\nwww.example.net A 11.0.0.55"},
		{id: "spf-lookups-high", edit: spfIs("v=spf1 include:two.example.net a:mx1.example.net a:mx2.example.net mx:example.net include:_spf.example.net ~all")},
		{id: "spf-void-exceeded", edit: spfIs("v=spf1 exists:v1.example.net exists:v2.example.net exists:v3.example.net ~all"), also: []string{"spf-term-void warning"}},
		{id: "spf-void-exceeded", edit: spfIs("v=spf1 exists:v1.example.net exists:v2.example.net exists:v3.example.net a:mx1.example.net mx:example.net include:one.example.net include:b.example.net include:c.example.net include:_spf.example.net a:mx2.example.net exists:v4.example.net ~all"), also: []string{"spf-lookups-exceeded error", "spf-term-void warning"}},
		{id: "spf-void-one-family", edit: spfIs("v=spf1 a:x.example.net a:y.example.net a:z.example.net ~all") + "\nx.example.net A 11.0.0.1\ny.example.net A 11.0.0.2\nz.example.net A 11.0.0.3"},
		{id: "spf-mx-names", edit: spfIs("v=spf1 mx:many.example.net ~all") + elevenHosts},
		{id: "spf-target-no-spf", edit: spfIs("v=spf1 include:none.example.net ~all") + "\nnone.example.net TXT hello"},
		{id: "spf-target-no-spf", edit: spfIs("v=spf1 redirect=none.example.net") + "\nnone.example.net TXT hello"},
		{id: "spf-target-broken", edit: spfIs("v=spf1 include:_spf.example.net ~all") + "\n=_spf.example.net TXT v=spf1 foo:bar -all"},
		{id: "spf-target-broken", edit: "_spf.example.net TXT v=spf1 ip4:11.0.0.1 -all"},
		{id: "spf-loop", edit: "=_spf.example.net TXT v=spf1 include:_spf.example.net -all", also: []string{}},
		{id: "spf-target-unanswered", world: fails(answer.ServFail, "_spf.example.net TXT")},
		{id: "spf-term-void", edit: spfIs("v=spf1 a:nothing.example.net include:_spf.example.net ~all")},
		{id: "spf-dangling", edit: spfIs("v=spf1 include:spf.gone.example ~all")},
		{id: "spf-dangling", edit: spfIs("v=spf1 a:mail.gone.example include:_spf.example.net ~all")},
		{id: "spf-ptr", edit: spfIs("v=spf1 ptr:example.net include:_spf.example.net ~all")},
		{id: "spf-ptr", edit: "=_spf.example.net TXT v=spf1 ptr -all"},
		{id: "spf-client-macro", edit: spfIs("v=spf1 exists:%{i}._spf.example.net include:_spf.example.net ~all")},

		{id: "spf-wildcard", edit: "*.example.com TXT v=spf1 -all"},
		{id: "spf-helo-missing", edit: "=example.com MX 10 mx.example.com\nmx.example.com A 11.0.0.9\nmx.example.com AAAA 2600::9", also: []string{"mx-reverse warning"}},
		{id: "spf-helo-missing", config: func(c *audit.Config) {
			c.Senders = []audit.Sender{{IP: netip.MustParseAddr("11.0.1.7"), Sender: "a@example.com", HELO: "out.example.com"}}
		}},
		{id: "spf-host-open", config: func(c *audit.Config) { c.Hosts = []dnsname.Name{dnsname.MustParse("www.example.com")} }},
		{id: "spf-expected-fails", config: func(c *audit.Config) {
			c.Senders = []audit.Sender{{IP: netip.MustParseAddr("11.9.9.9"), Sender: "a@example.com"}}
		}},
		{id: "spf-stranger-passes", config: func(c *audit.Config) {
			c.Strangers = []audit.Sender{{IP: netip.MustParseAddr("11.0.1.9"), Sender: "a@example.com"}}
		}},
		{id: "spf-flattened-stale", edit: spfIs("v=spf1 include:_spf-mine.example.com ~all") + "\n_spf-mine.example.com TXT v=spf1 ip4:11.0.9.0/24 -all", config: flattenedService},
		{id: "spf-flattened-stale", edit: spfIs("v=spf1 include:_spf-mine.example.com ~all") + "\n_spf-mine.example.com TXT v=spf1 ip4:11.0.1.0/24 ip4:11.0.9.0/24 -all", config: flattenedService},
		{
			id: "spf-needless-include", edit: spfIs("v=spf1 include:_spf.example.net include:spf.brevo.com ~all") + "\nspf.brevo.com TXT v=spf1 ip4:11.0.6.1 -all",
			config: func(c *audit.Config) {
				c.Services = services("brevo")
				c.Services[0].Info.Records = nil // It is about the include alone.
			},
		},
	}
}
