package audit_test

import (
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

func mxFaults() []fault {
	const own = "=example.com MX 10 mx.example.com\nmx.example.com TXT v=spf1 a -all\nmx.example.com A 11.0.0.9\nmx.example.com AAAA 2600::9\n9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.2.ip6.arpa PTR mx.example.com\n"
	return []fault{
		{id: "mx-missing", edit: "-example.com MX"},
		{id: "mx-nothing", edit: "-example.com MX\n-example.com A", also: []string{"dmarc-report-undeliverable error", "tlsrpt-undeliverable error"}},
		{id: "mx-null-mixed", edit: "example.com MX 0 ."},
		{id: "mx-null-preference", zone: parked, edit: "=example.com MX 10 ."},
		{id: "mx-null-but-sends", edit: "=example.com MX 0 .", also: []string{"dmarc-report-undeliverable error", "tlsrpt-undeliverable error"}},
		{id: "mx-cname", edit: "=example.com MX 10 mail.example.net\nmail.example.net CNAME mx1.example.net"},
		{id: "mx-address", edit: "=example.com MX 10 11.0.0.1"},
		{id: "mx-unresolved", edit: "example.com MX 20 gone.example.net"},
		{id: "mx-dangling", edit: "example.com MX 20 mx.gone.example"},
		{id: "mx-private", edit: "example.com MX 20 in.example.net\nin.example.net A 10.0.0.1\nin.example.net AAAA fd00::1"},
		{id: "mx-private", edit: "example.com MX 20 in.example.net\nin.example.net A 127.0.0.1"},
		{id: "mx-duplicate", edit: "example.com MX 20 mx1.example.net"},
		{id: "mx-verification-left", edit: "example.com MX 32767 ms12345678.msv1.invalid"},
		{id: "mx-two-providers", edit: "=example.com MX 10 in1-smtp.messagingengine.com\nexample.com MX 20 mx.zoho.com\nin1-smtp.messagingengine.com A 11.0.0.1\nin1-smtp.messagingengine.com AAAA 2600::1\nmx.zoho.com A 11.0.0.1"},
		{id: "mx-no-ipv6", edit: "-mx1.example.net AAAA"},
		{id: "mx-reverse", edit: own},
		{id: "mx-reverse", edit: own + "9.0.0.11.in-addr.arpa PTR other.example.net\nother.example.net A 11.0.0.10"},
	}
}

func dkimFaults() []fault {
	at := func(value string) string { return "=s1._domainkey.example.com TXT " + value }
	key, _, _ := strings.Cut(rsaKey(2048, 65537, ""), "\n")
	const alias = "-s1._domainkey.example.com TXT\ns1._domainkey.example.com CNAME "
	uses := func(service string) func(c *audit.Config) {
		return func(c *audit.Config) { c.Services = services(service) }
	}
	lower := func(edit string) string {
		return edit + "\n=_dmarc.example.com TXT v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"
	}
	return []fault{
		{id: "dkim-selector-missing", config: func(c *audit.Config) { c.Selectors = selectors("s1", "s2") }},
		{id: "dkim-alias-dead", edit: lower(alias + "s1.dkim.example.net")},
		{id: "dkim-alias-dead", edit: lower(alias + "s1.dkim.gone.example")},
		{id: "dkim-wrong-target", edit: alias + "s1.dkim.example.net\ns1.dkim.example.net TXT " + key, config: func(c *audit.Config) {
			c.Services = services("fastmail")
			c.Services[0].Applied.Records = []service.Record{{Kind: service.DKIMKind, Record: record.Record{
				Domain: domain, Owner: dnsname.MustParse("s1._domainkey.example.com"), Type: record.CNAME, Value: "s1.dkim.example.org",
			}}}
		}},
		{id: "dkim-several", edit: lower("s1._domainkey.example.com TXT " + rsaKey(2048, 65537, "k=rsa; "))},
		{id: "dkim-several", edit: "s1._domainkey.example.com TXT hello"},
		{id: "dkim-syntax", edit: lower(at("v=DKIM1; k=rsa; p"))},
		{id: "dkim-syntax", edit: lower(at("hello"))},
		{id: "dkim-key-broken", edit: at("v=DKIM1; k=rsa; p=MIIBIjANBgkq")},
		{id: "dkim-key-broken", edit: at("v=DKIM1; k=ed25519; p=AAAA") + "\ns2._domainkey.example.com TXT " + key, config: func(c *audit.Config) { c.Selectors = selectors("s1", "s2") }},
		{id: "dkim-revoked note", edit: at("v=DKIM1; p=") + "\ns2._domainkey.example.com TXT " + key, config: func(c *audit.Config) { c.Selectors = selectors("s1", "s2") }},
		{id: "dkim-revoked", edit: at("v=DKIM1; p=") + "\ns2._domainkey.example.com TXT " + key, config: func(c *audit.Config) {
			c.Selectors = selectors("s2")
			c.Services = services("fastmail")
			c.Services[0].Applied.Records = []service.Record{{Kind: service.DKIMKind, Record: record.Record{
				Domain: domain, Owner: dnsname.MustParse("s1._domainkey.example.com"), Type: record.TXT,
			}}}
		}},
		{id: "dkim-weak", edit: at(rsaKey(768, 65537, ""))},
		{id: "dkim-short", edit: at(rsaKey(1024, 65537, ""))},
		{id: "dkim-long", edit: at(rsaKey(8192, 65537, ""))},
		{id: "dkim-exponent", edit: at(rsaKey(2048, 3, ""))},
		{id: "dkim-test-mode", edit: at(rsaKey(2048, 65537, "t=y; "))},
		{id: "dkim-no-sha256", edit: at(rsaKey(2048, 65537, "h=sha1; "))},
		{id: "dkim-not-mail", edit: at(rsaKey(2048, 65537, "s=other; "))},
		{id: "dkim-pkcs1", edit: at(pkcs1Key())},
		{id: "dkim-quoting", edit: lower(at(`"` + key + `"`))},
		{id: "dkim-quoting", edit: lower(at(strings.Replace(key, ";", `\;`, 1)))},
		{id: "dkim-quoting", edit: at(key[:200] + " " + key[200:])},
		{id: "dkim-cname-beside", edit: "s1._domainkey.example.com CNAME s1.dkim.example.net"},
		{id: "dkim-ed25519-only", edit: at(edKey())},
		{id: "dkim-same-key", edit: "s2._domainkey.example.com TXT " + key, config: func(c *audit.Config) { c.Selectors = selectors("s1", "s2") }},
		{id: "dkim-none", edit: lower("-s1._domainkey.example.com TXT"), config: func(c *audit.Config) { c.Selectors = nil }},
		{id: "dkim-unverifiable-name", world: fails(answer.NXDomain, "_domainkey.example.com TXT")},
		{id: "dkim-wildcard", edit: "*._domainkey.example.com TXT " + key},
		{id: "dkim-wildcard warning", edit: "*._domainkey.example.com TXT hello"},
		{id: "dkim-wildcard note", edit: "*._domainkey.example.com TXT v=DKIM1; p="},
		{id: "dkim-policy-left", edit: "_domainkey.example.com TXT t=y; o=~"},
		{id: "dkim-policy-left", edit: "_adsp._domainkey.example.com TXT dkim=all"},
		{id: "dkim-unconfigured", edit: "google._domainkey.example.com TXT " + rsaKey(2048, 65537, "k=rsa; "), config: uses("google_workspace")},
		{id: "dkim-rotation-one", edit: "zendesk1._domainkey.example.com CNAME zendesk1._domainkey.zendesk.com\nzendesk1._domainkey.zendesk.com TXT " + rsaKey(2048, 65537, "k=rsa; "), config: func(c *audit.Config) {
			c.Services = services("zendesk")
			c.Selectors = selectors("s1", "zendesk1")
		}},
	}
}

func dmarcFaults() []fault {
	is := func(value string) string { return "=_dmarc.example.com TXT " + value }
	const rua = "; rua=mailto:dmarc@example.com"
	const away = "v=DMARC1; p=reject; rua=mailto:a@reports.example.org"
	const takes = "\nreports.example.org MX 10 mx1.example.net"
	const authorised = takes + "\nexample.com._report._dmarc.reports.example.org TXT v=DMARC1;"
	sub := func(c *audit.Config) { c.Domain = dnsname.MustParse("sub.example.com") }
	subZone := plain + "\nsub.example.com TXT v=spf1 include:_spf.example.net ~all\nsub.example.com MX 10 mx1.example.net\ns1._domainkey.sub.example.com TXT " + rsaKey(2048, 65537, "k=rsa; ") +
		"\n_mta-sts.sub.example.com TXT v=STSv1; id=1\nmta-sts.sub.example.com A 11.0.0.80\n_smtp._tls.sub.example.com TXT v=TLSRPTv1; rua=mailto:tls@example.com\n"
	no := false
	deep := func(c *audit.Config) { c.Domain = dnsname.MustParse("a.b.c.d.e.f.g.example.com") }
	deepZone := around + "\n" + strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(plain, around), "example.com", "a.b.c.d.e.f.g.example.com"), "@a.b.c.d.e.f.g.", "@") + "\nexample.com MX 10 mx1.example.net\n"
	return []fault{
		{id: "dmarc-missing", edit: "-_dmarc.example.com TXT"},
		{id: "dmarc-multiple", edit: "_dmarc.example.com TXT v=DMARC1; p=none"},
		{id: "dmarc-near-miss", edit: is("v=dmarc1; p=reject" + rua)},
		{id: "dmarc-near-miss", edit: is("p=reject; v=DMARC1")},
		{id: "dmarc-near-miss", edit: is("DMARC1; p=reject")},
		{id: "dmarc-near-miss", edit: is(`"v=DMARC1; p=reject"`)},
		{id: "dmarc-near-miss", edit: is("v=DMARC1 p=reject")},
		{id: "dmarc-unrelated", edit: "_dmarc.example.com TXT hello"},
		{id: "dmarc-wrong-place", edit: "example.com TXT v=DMARC1; p=reject"},
		{id: "dmarc-wrong-place", edit: "_dmarc.example.com.example.com TXT v=DMARC1; p=reject"},
		{id: "dmarc-wrong-place", edit: "_dmarc._dmarc.example.com TXT v=DMARC1; p=reject"},
		{id: "dmarc-p-missing", edit: is("v=DMARC1; adkim=r")},
		{id: "dmarc-p-missing warning", edit: is("v=DMARC1" + rua)},
		{id: "dmarc-policy-invalid", edit: is("v=DMARC1; p=block" + rua)},
		{id: "dmarc-policy-invalid", edit: is("v=DMARC1; p=reject; sp=block" + rua)},
		{id: "dmarc-none", edit: is("v=DMARC1; p=none"+rua) + "\n" + spfIs("v=spf1 redirect=_spf.example.net")},
		{id: "dmarc-subdomains-open", edit: is("v=DMARC1; p=reject; sp=none" + rua)},
		{id: "dmarc-np-weaker", edit: is("v=DMARC1; p=reject; np=none" + rua)},
		{id: "dmarc-np-weaker", edit: is("v=DMARC1; p=none; sp=reject; np=quarantine"+rua) + "\n" + spfIs("v=spf1 redirect=_spf.example.net"), also: []string{"dmarc-none warning"}},
		{id: "dmarc-np-no-effect", edit: is("v=DMARC1; p=reject; np=reject" + rua), world: fails(answer.NoData, "maildomain-audit-probe.example.com TXT")},
		{id: "dmarc-testing", edit: is("v=DMARC1; p=reject; t=y" + rua)},
		{id: "dmarc-testing-void", edit: is("v=DMARC1; p=none; t=y"+rua) + "\n" + spfIs("v=spf1 redirect=_spf.example.net")},
		{id: "dmarc-sp-ignored", zone: subZone, edit: "_dmarc.sub.example.com TXT v=DMARC1; p=reject; sp=reject" + rua, config: sub},
		{id: "dmarc-psd", edit: is("v=DMARC1; p=reject; psd=y" + rua)},
		{id: "dmarc-psd-ruf", edit: is("v=DMARC1; p=reject; psd=y; ruf=mailto:dmarc@example.com" + rua)},
		{id: "dmarc-tag-removed", edit: is("v=DMARC1; p=reject; pct=100" + rua)},
		{id: "dmarc-tag-removed", edit: is("v=DMARC1; p=reject; ri=86400" + rua)},
		{id: "dmarc-tag-removed warning", edit: is("v=DMARC1; p=reject; pct=50" + rua)},
		{id: "dmarc-tag-unknown", edit: is("v=DMARC1; p=reject; x=y" + rua)},
		{id: "dmarc-tag-twice", edit: is("v=DMARC1; p=reject; p=none" + rua)},
		{id: "dmarc-value-invalid", edit: is("v=DMARC1; p=reject; adkim=relaxed" + rua)},
		{id: "dmarc-value-invalid", edit: is("v=DMARC1; p=reject; t=yes" + rua)},
		{id: "dmarc-fo-without-ruf", edit: is("v=DMARC1; p=reject; fo=1" + rua)},
		{id: "dmarc-no-rua", edit: is("v=DMARC1; p=reject")},
		{id: "dmarc-uri-invalid", edit: is("v=DMARC1; p=reject; rua=dmarc@example.com")},
		{id: "dmarc-uri-invalid warning", edit: is("v=DMARC1; p=reject; rua=dmarc@example.com,mailto:dmarc@example.com")},
		{id: "dmarc-uri-size", edit: is("v=DMARC1; p=reject; rua=mailto:dmarc@example.com!10m")},
		{id: "dmarc-uri-scheme", edit: is("v=DMARC1; p=reject; rua=mailto:dmarc@example.com,https://example.com/dmarc")},
		{id: "dmarc-uri-many", edit: is("v=DMARC1; p=reject; rua=mailto:a@example.com,mailto:b@example.com,mailto:c@example.com")},
		{id: "dmarc-report-unauthorised", edit: is(away) + takes},
		{id: "dmarc-report-override", edit: is(away) + takes + "\nexample.com._report._dmarc.reports.example.org TXT v=DMARC1; rua=mailto:x@other.example.org"},
		{id: "dmarc-report-undeliverable", edit: is(away) + authorised + "\n=reports.example.org MX 0 ."},
		{id: "dmarc-report-undeliverable", edit: is("v=DMARC1; p=reject; rua=mailto:a@none.example.com")},
		{id: "dmarc-ruf-external", edit: is("v=DMARC1; p=reject; ruf=mailto:a@reports.example.org"+rua) + authorised},
		{id: "dmarc-reject-spf-only", edit: "-s1._domainkey.example.com TXT\nold._domainkey.example.com TXT v=DKIM1; p=", also: []string{"dkim-selector-missing error"}},
		{id: "dmarc-strict-breaks", edit: is("v=DMARC1; p=reject; aspf=s"+rua) + "\nsend.example.com TXT v=spf1 include:_spf.example.net -all", config: func(c *audit.Config) {
			c.Services = services("fastmail")
			c.Services[0].Applied.SPF = []service.SPF{{Owner: dnsname.MustParse("send.example.com")}}
		}, also: []string{"rules-google-yahoo-microsoft warning"}},
		{id: "dmarc-strict-breaks", edit: is("v=DMARC1; p=reject; adkim=s" + rua), config: func(c *audit.Config) {
			c.Services = services("fastmail")
			c.Services[0].Applied.Records = []service.Record{{Kind: service.DKIMKind, Record: record.Record{
				Domain: domain, Owner: dnsname.MustParse("s1._domainkey.news.example.com"), Type: record.TXT, Value: rsaKey(2048, 65537, ""),
			}}}
		}},
		{id: "dmarc-unaligned-service", config: func(c *audit.Config) { c.Services = services("constant_contact") }},
		{id: "dmarc-unaligned-service", config: func(c *audit.Config) {
			c.Services = services("fastmail")
			c.Services[0].Info.MailFrom, c.Services[0].Info.DKIMAligns = service.MailFromOwn, &no
		}},
		{id: "dmarc-from-parent", zone: subZone, config: sub},
		{id: "dmarc-alias note", edit: "-_dmarc.example.com TXT\n_dmarc.example.com CNAME dmarc.example.net\ndmarc.example.net TXT v=DMARC1; p=reject" + rua},
		{id: "dmarc-alias", edit: "-_dmarc.example.com TXT\n_dmarc.example.com CNAME dmarc.example.net", also: []string{"dmarc-missing error"}},
		{id: "dmarc-wildcard", edit: "*.example.com TXT v=DMARC1; p=reject"},
		{id: "dmarc-deep", zone: deepZone, edit: "-_dmarc.a.b.c.d.e.f.g.example.com TXT\n_dmarc.example.com TXT v=DMARC1; p=reject" + rua, config: deep, also: []string{"dmarc-from-parent note"}},
	}
}
