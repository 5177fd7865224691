package verify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// The key of RFC 8463 §A.2.
const (
	edKey    = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	otherKey = "v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
)

// shortKey is an RSA key that receivers refuse (RFC 8301 §3.2).
const shortKey = "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL1Gu6Uw9A0TMn/GvGXJJlbKqRESFMckm6ICXaAjmIOchmvcq8dNNWfTZ5+5D0TlB3UyOkmRchB58h6EaqVNfwsCAwEAAQ=="

func TestMatching(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		owner string
		typ   record.Type
		want  string
		live  []string
		valid bool
		says  string // a part of the report where it does not match
	}{
		"SPF by meaning":                  {"example.com", record.TXT, spfValue, []string{"V=SPF1  +include:SPF.protection.outlook.com include:spf.example.net. -ALL"}, true, ""},
		"SPF beside other TXT":            {"example.com", record.TXT, spfValue, []string{"MS=ms123", spfValue}, true, ""},
		"SPF in another order":            {"example.com", record.TXT, spfValue, []string{"v=spf1 include:spf.example.net include:spf.protection.outlook.com -all"}, false, "other content"},
		"SPF softer":                      {"example.com", record.TXT, spfValue, []string{strings.Replace(spfValue, "-all", "~all", 1)}, false, "other content"},
		"SPF missing among others":        {"example.com", record.TXT, spfValue, []string{"MS=ms123"}, false, "no SPF record among the TXT records"},
		"two SPF records":                 {"example.com", record.TXT, spfValue, []string{spfValue, "v=spf1 ~all"}, false, "2 SPF records, and only one is allowed"},
		"SPF in literal quotes":           {"example.com", record.TXT, spfValue, []string{`"` + spfValue + `"`}, false, "no SPF record"},
		"broken SPF":                      {"example.com", record.TXT, spfValue, []string{"v=spf1 include: -all"}, false, "other content"},
		"plain TXT":                       {"example.com", record.TXT, "MS=ms123", []string{"MS=ms123", "other"}, true, ""},
		"plain TXT in another case":       {"example.com", record.TXT, "MS=ms123", []string{"ms=ms123"}, false, "other content"},
		"DKIM by meaning":                 {"s._domainkey.example.com", record.TXT, edKey, []string{"k=ed25519;p=11qYAYKxCrfVS/7TyWQHOg7h cvPapiMlrwIaaPcHURo=;"}, true, ""},
		"DKIM of another key":             {"s._domainkey.example.com", record.TXT, edKey, []string{otherKey}, false, "other content"},
		"two DKIM keys":                   {"s._domainkey.example.com", record.TXT, edKey, []string{edKey, otherKey}, false, "2 DKIM key records"},
		"DMARC without its blanks":        {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none", []string{"v=DMARC1;p=none;"}, true, ""},
		"two DMARC records":               {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none", []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}, false, "2 DMARC records"},
		"MTA-STS":                         {"_mta-sts.example.com", record.TXT, "v=STSv1; id=1", []string{"v=STSv1; id=2"}, false, "other content"},
		"TLS-RPT":                         {"_smtp._tls.example.com", record.TXT, "v=TLSRPTv1; rua=mailto:a@example.com", []string{"v=TLSRPTv1;rua=mailto:a@example.com"}, true, ""},
		"BIMI":                            {"default._bimi.example.com", record.TXT, "v=BIMI1; l=https://example.com/l.svg", []string{"v=BIMI1; l="}, false, "other content"},
		"CNAME":                           {"cg1._domainkey.example.com", record.CNAME, "t.example.net", []string{"t.example.net"}, true, ""},
		"CNAME elsewhere":                 {"cg1._domainkey.example.com", record.CNAME, "t.example.net", []string{"t.example.net.example.com"}, false, "other content"},
		"MX beside others":                {"example.com", record.MX, "10 mx.example.net", []string{"10 mx.example.net", "20 mx2.example.net"}, true, ""},
		"MX of another preference":        {"example.com", record.MX, "10 mx.example.net", []string{"20 mx.example.net"}, false, "other content"},
		"null MX alone":                   {"example.com", record.MX, "0 .", []string{"0 ."}, true, ""},
		"null MX beside another":          {"example.com", record.MX, "0 .", []string{"0 .", "10 mx.example.net"}, false, "a null MX must be the only MX record"},
		"null MX beside the expected":     {"example.com", record.MX, "10 mx.example.net", []string{"0 .", "10 mx.example.net"}, false, "a null MX, which must be the only MX record"},
		"SPF modifiers in any order":      {"example.com", record.TXT, "v=spf1 redirect=a.example exp=b.example", []string{"v=spf1 exp=b.example redirect=a.example"}, true, ""},
		"SPF and its modifiers differ":    {"example.com", record.TXT, "v=spf1 -all exp=b.example", []string{"v=spf1 -all exp=c.example"}, false, "other content"},
		"DMARC tags in any order":         {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none; adkim=s", []string{"v=DMARC1; adkim=s; p=none"}, true, ""},
		"DMARC with a tag twice":          {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none", []string{"v=DMARC1; p=none; p=none"}, false, "other content"},
		"two BIMI records":                {"default._bimi.example.com", record.TXT, "v=BIMI1; l=", []string{"v=BIMI1; l=", "v=BIMI1; l=https://a"}, false, "2 BIMI records"},
		"two MTA-STS records":             {"_mta-sts.example.com", record.TXT, "v=STSv1; id=1", []string{"v=STSv1; id=1", "v=STSv1; id=2"}, false, "2 MTA-STS records"},
		"two TLS-RPT records":             {"_smtp._tls.example.com", record.TXT, "v=TLSRPTv1; rua=mailto:a@example.com", []string{"v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com"}, false, "2 TLS-RPT records"},
		"DKIM with another k":             {"s._domainkey.example.com", record.TXT, edKey, []string{strings.Replace(edKey, "ed25519", "rsa", 1)}, false, "other content"},
		"DKIM with h added":               {"s._domainkey.example.com", record.TXT, edKey, []string{edKey + "; h=sha1"}, false, "other content"},
		"DKIM with s added":               {"s._domainkey.example.com", record.TXT, edKey, []string{edKey + "; s=tlsrpt"}, false, "other content"},
		"DKIM with n and t added":         {"s._domainkey.example.com", record.TXT, edKey, []string{edKey + "; n=note; t=y"}, true, ""},
		"DKIM with t=s added":             {"s._domainkey.example.com", record.TXT, edKey, []string{edKey + "; t=s"}, false, "other content"},
		"SRV":                             {"_imaps._tcp.example.com", record.SRV, "0 1 993 imap.example.net", []string{"0 1 993 imap.example.net", "10 1 993 b.example.net"}, true, ""},
		"SRV on another port":             {"_imaps._tcp.example.com", record.SRV, "0 1 993 imap.example.net", []string{"0 1 143 imap.example.net"}, false, "other content"},
		"TLSA":                            {"_25._tcp.mx.example.com", record.TLSA, "3 1 1 ab12", []string{"3 1 1 ab12", "3 1 1 cd34"}, true, ""},
		"CAA without quotes":              {"example.com", record.CAA, "0 issue ca.example.net", []string{`0 issue "ca.example.net"`}, true, ""},
		"CAA in another case":             {"example.com", record.CAA, `0 ISSUE "CA.example.net"`, []string{`0 issue "ca.example.net"`}, true, ""},
		"CAA with parameters":             {"example.com", record.CAA, `0 issue "ca.example.net; account=1"`, []string{`0 issue "ca.example.net;account=1"`}, true, ""},
		"CAA of other parameters":         {"example.com", record.CAA, `0 issue "ca.example.net; account=1"`, []string{`0 issue "ca.example.net; account=2"`}, false, "other content"},
		"CAA of another flag":             {"example.com", record.CAA, `128 issue "ca.example.net"`, []string{`0 issue "ca.example.net"`}, false, "other content"},
		"CAA to report to":                {"example.com", record.CAA, `0 iodef "mailto:a@example.com"`, []string{`0 iodef "mailto:A@example.com"`}, false, "other content"},
		"DMARC with its defaults":         {"_dmarc.example.com", record.TXT, "v=DMARC1; p=reject", []string{"v=DMARC1; p=reject; sp=reject; np=reject; adkim=r; aspf=r; fo=0; psd=u; t=n; pct=100; ri=86400"}, true, ""},
		"DMARC, other defaults":           {"_dmarc.example.com", record.TXT, "v=DMARC1; p=reject; sp=none", []string{"v=DMARC1; p=reject; sp=none; np=none"}, true, ""},
		"DMARC, np weaker":                {"_dmarc.example.com", record.TXT, "v=DMARC1; p=reject", []string{"v=DMARC1; p=reject; np=none"}, false, "other content"},
		"DMARC in a test":                 {"_dmarc.example.com", record.TXT, "v=DMARC1; p=reject", []string{"v=DMARC1; p=reject; t=y"}, false, "other content"},
		"DMARC as if in a test":           {"_dmarc.example.com", record.TXT, "v=DMARC1; p=quarantine", []string{"v=DMARC1; p=reject; t=y"}, false, "other content"},
		"DMARC for half of the mail":      {"_dmarc.example.com", record.TXT, "v=DMARC1; p=reject", []string{"v=DMARC1; p=reject; pct=50"}, false, "other content"},
		"DMARC, addresses in any order":   {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com", []string{"v=DMARC1; p=none; rua=MAILTO:b@EXAMPLE.com, mailto:a@example.com"}, true, ""},
		"DMARC, another local part":       {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none; rua=mailto:a@example.com", []string{"v=DMARC1; p=none; rua=mailto:A@example.com"}, false, "other content"},
		"DMARC without reports":           {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none; rua=mailto:a@example.com", []string{"v=DMARC1; p=none"}, false, "other content"},
		"DMARC with an unknown policy":    {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none; rua=mailto:a@example.com", []string{"v=DMARC1; p=noone; rua=mailto:a@example.com"}, false, "other content"},
		"DMARC with an unknown tag":       {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none", []string{"v=DMARC1; p=none; x=1"}, true, ""},
		"DMARC options in any order":      {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none; ruf=mailto:a@example.com; fo=1:d", []string{"v=DMARC1; p=none; fo=d:1; ruf=mailto:a@example.com"}, true, ""},
		"DMARC, stricter alignment":       {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none", []string{"v=DMARC1; p=none; aspf=s"}, false, "other content"},
		"DMARC of a public suffix":        {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none", []string{"v=DMARC1; p=none; psd=y"}, false, "other content"},
		"MTA-STS with another tag":        {"_mta-sts.example.com", record.TXT, "v=STSv1; id=1", []string{"v=STSv1; id=1; x=2;"}, true, ""},
		"MTA-STS that is broken":          {"_mta-sts.example.com", record.TXT, "v=STSv1; id=1", []string{"v=STSv1; id=1 2"}, false, "other content"},
		"TLS-RPT in any order":            {"_smtp._tls.example.com", record.TXT, "v=TLSRPTv1; rua=mailto:a@example.com,https://r.example.net/Tls", []string{"v=TLSRPTv1; rua=https://R.example.net/Tls,mailto:a@example.com"}, true, ""},
		"TLS-RPT at another path":         {"_smtp._tls.example.com", record.TXT, "v=TLSRPTv1; rua=https://r.example.net/Tls", []string{"v=TLSRPTv1; rua=https://r.example.net/tls"}, false, "other content"},
		"BIMI with its defaults":          {"default._bimi.example.com", record.TXT, "v=BIMI1; l=https://example.com/l.svg", []string{"v=BIMI1; l=https://example.com/l.svg; a=; avp=brand;"}, true, ""},
		"BIMI with a certificate":         {"default._bimi.example.com", record.TXT, "v=BIMI1; l=https://example.com/l.svg", []string{"v=BIMI1; l=https://example.com/l.svg; a=https://example.com/c.pem"}, false, "other content"},
		"BIMI of single local parts":      {"default._bimi.example.com", record.TXT, "v=BIMI1; l=https://example.com/l.svg; lps=", []string{"v=BIMI1; l=https://example.com/l.svg"}, false, "other content"},
		"a null MX of another preference": {"example.com", record.MX, "10 mx.example.net", []string{"10 .", "10 mx.example.net"}, false, "a null MX, which must be the only MX record"},
		"two null MX":                     {"example.com", record.MX, "0 .", []string{"0 .", "10 ."}, false, "a null MX must be the only MX record"},
		"SPF, terms behind all":           {"example.com", record.TXT, "v=spf1 a -all", []string{"v=spf1 a -all mx ?all"}, true, ""},
		"SPF, a redirect beside all":      {"example.com", record.TXT, "v=spf1 a -all", []string{"v=spf1 redirect=x.example a -all"}, true, ""},
		"SPF, a redirect in place of all": {"example.com", record.TXT, "v=spf1 a -all", []string{"v=spf1 a redirect=x.example"}, false, "other content"},
		"SPF, unknown modifier":           {"example.com", record.TXT, "v=spf1 a -all", []string{"v=spf1 a -all x=y"}, true, ""},
		"SPF, neutral by default":         {"example.com", record.TXT, "v=spf1 a ?all", []string{"v=spf1 a"}, true, ""},
		"SPF, all left out":               {"example.com", record.TXT, "v=spf1 a -all", []string{"v=spf1 a"}, false, "other content"},
		"SPF, the domain itself":          {"example.com", record.TXT, "v=spf1 a mx/24 ptr -all", []string{"v=spf1 a:Example.com mx:%{d}/24 ptr:example.com -all"}, true, ""},
		"SPF, another domain":             {"example.com", record.TXT, "v=spf1 a -all", []string{"v=spf1 a:example.net -all"}, false, "other content"},
		"SPF, include of itself":          {"example.com", record.TXT, "v=spf1 a -all", []string{"v=spf1 a include:example.com -all"}, false, "other content"},
		"DKIM for SHA-256":                {"s._domainkey.example.com", record.TXT, edKey, []string{edKey + "; h=sha256"}, true, ""},
		"DMARC authorisation":             {"a.example._report._dmarc.example.com", record.TXT, "v=DMARC1;", []string{"v=DMARC1"}, true, ""},
		"DMARC authorisation, policy":     {"a.example._report._dmarc.example.com", record.TXT, "v=DMARC1;", []string{"v=DMARC1; p=none; sp=reject"}, true, ""},
		"DMARC authorisation, several":    {"a.example._report._dmarc.example.com", record.TXT, "v=DMARC1;", []string{"v=DMARC1", "v=DMARC1; p=none"}, true, ""},
		"DMARC authorisation, address":    {"a.example._report._dmarc.example.com", record.TXT, "v=DMARC1;", []string{"v=DMARC1; rua=mailto:a@example.com"}, false, "other content"},
		"DMARC authorisation, misspelt":   {"a.example._report._dmarc.example.com", record.TXT, "v=DMARC1;", []string{"v=DMARC 1"}, false, "no DMARC record"},
		"DMARC of _report":                {"_dmarc._report.example.com", record.TXT, "v=DMARC1; p=none", []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}, false, "2 DMARC records"},
		"MTA-STS behind a blank":          {"_mta-sts.example.com", record.TXT, "v=STSv1; id=1", []string{"v=STSv1; id=1", " v=STSv1; id=2"}, true, ""},
		"BIMI, hosts know no case":        {"default._bimi.example.com", record.TXT, "v=BIMI1; l=https://a.example/L.svg; a=https://b.example/c.pem", []string{"v=BIMI1; l=HTTPS://A.example/L.svg; a=https://B.example/c.pem"}, true, ""},
		"BIMI, paths do":                  {"default._bimi.example.com", record.TXT, "v=BIMI1; l=https://a.example/L.svg", []string{"v=BIMI1; l=https://a.example/l.svg"}, false, "other content"},
		"BIMI, logo for certificate":      {"default._bimi.example.com", record.TXT, "v=BIMI1; l=https://a.example/l.svg; a=https://a.example/c.pem", []string{"v=BIMI1; l=https://a.example/c.pem; a=https://a.example/l.svg"}, false, "other content"},
		"escape sequences are escaped":    {"example.com", record.TXT, spfValue, []string{"v=spf1 \x1b[2J -all"}, false, `\027[2J`},
		"DMARC behind a blank":            {"_dmarc.example.com", record.TXT, "v=DMARC1; p=none", []string{" v=DMARC1; p=none"}, false, "no DMARC record among the TXT records"},
		"TLS-RPT behind a blank":          {"_smtp._tls.example.com", record.TXT, "v=TLSRPTv1; rua=mailto:a@example.com", []string{" v=TLSRPTv1; rua=mailto:a@example.com"}, false, "no TLS-RPT record among the TXT records"},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			e := verify.Expectation{Key: "k", Owner: name(tt.owner), Type: tt.typ, Value: tt.want}
			resolver := newFake(func(answer.Question, time.Duration) (answer.Set, error) { return zone(found(1, tt.live...)), nil })
			report, err := verify.Waiter{Resolver: resolver}.Check(t.Context(), []verify.Expectation{e}, verify.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := verify.Invalid
			if tt.valid {
				want = verify.Valid
			}
			if got := report.State(); got != want {
				t.Errorf("%q against %q: state = %v, want %v", tt.want, tt.live, got, want)
			}
			if text := report.Text(); !strings.Contains(text, tt.says) {
				t.Errorf("report:\n%s\nwant it to say %q", text, tt.says)
			}
		})
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key  answer.Set
		want verify.State
		says string
	}{
		"a key":              {zone(found(1, edKey)), verify.Valid, ""},
		"no key yet":         {zone(fails(1, answer.NXDomain)), verify.Invalid, "Compare the target"},
		"revoked":            {zone(found(1, "v=DKIM1; p=")), verify.Invalid, "revoked"},
		"mistyped":           {zone(found(1, edKey[:len(edKey)-3])), verify.Invalid, "without a usable key"},
		"no DKIM":            {zone(found(1, "hello")), verify.Invalid, "not a DKIM key"},
		"two keys":           {zone(found(1, edKey, otherKey)), verify.Invalid, "2 TXT records"},
		"for other services": {zone(found(1, edKey+"; s=tlsrpt")), verify.Invalid, "says that the key is not for mail"},
		"for SHA-1 alone":    {zone(found(1, edKey+"; h=sha1")), verify.Invalid, "allows no hash that receivers accept"},
		"RSA of 512 bits":    {zone(found(1, shortKey)), verify.Invalid, "has 512 bits"},
		"in test mode":       {zone(found(1, edKey+"; t=y")), verify.Valid, "is in test mode"},
		"server failed":      {zone(fails(1, answer.ServFail)), verify.Unclear, "server failure (SERVFAIL) (ns1.example.com"},
		"one server silent":  {zone(found(1, edKey), fails(2, answer.Timeout)), verify.Valid, ""},
		"one address silent": {zone(found(1, edKey), otherAddress(fails(1, answer.Unreachable))), verify.Valid, ""},
		"one server without": {zone(found(1, edKey), fails(2, answer.NXDomain)), verify.Invalid, "no key at its target: name does not exist (NXDOMAIN) (ns2.example.com"},
		"nobody to ask":      {zone(), verify.Unclear, "no server to ask"},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			resolver := newFake(func(q answer.Question, _ time.Duration) (answer.Set, error) {
				if q.Type == record.CNAME {
					return zone(found(1, dkimRecord.Value)), nil
				}
				return tt.key, nil
			})
			report, err := verify.Waiter{Resolver: resolver}.Check(t.Context(), []verify.Expectation{dkimRecord}, verify.Options{Follow: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := report.State(); got != tt.want || !strings.Contains(report.Text(), tt.says) {
				t.Errorf("state = %v, want %v; report:\n%s\nwant it to say %q", got, tt.want, report.Text(), tt.says)
			}
		})
	}
}

func TestCheckExpectations(t *testing.T) {
	t.Parallel()
	txt := func(key, owner, value string) verify.Expectation {
		return verify.Expectation{Key: key, Owner: name(owner), Type: record.TXT, Value: value}
	}
	cname := func(key, owner, value string) verify.Expectation {
		return verify.Expectation{Key: key, Owner: name(owner), Type: record.CNAME, Value: value}
	}
	mx := func(key, value string) verify.Expectation {
		return verify.Expectation{Key: key, Owner: name("a.example"), Type: record.MX, Value: value}
	}
	tests := map[string]struct {
		in   []verify.Expectation
		says string
	}{
		"none":               {nil, ""},
		"different owners":   {[]verify.Expectation{txt("a", "a.example", spfValue), txt("b", "b.example", "v=spf1 -all")}, ""},
		"the same SPF twice": {[]verify.Expectation{txt("a", "a.example", "v=spf1 -all"), txt("b", "a.example", "v=spf1  -ALL")}, ""},
		"two SPF":            {[]verify.Expectation{txt("a", "a.example", spfValue), txt("b", "a.example", "v=spf1 -all")}, "only one SPF record"},
		"two plain TXT":      {[]verify.Expectation{txt("a", "a.example", "x"), txt("b", "a.example", "y")}, ""},
		"two keys":           {[]verify.Expectation{txt("a", "s._domainkey.a.example", edKey), txt("b", "s._domainkey.a.example", otherKey)}, "only one DKIM key record"},
		"two CNAMEs":         {[]verify.Expectation{cname("a", "a.example", "x.example"), cname("b", "a.example", "y.example")}, "only one CNAME"},
		"a CNAME beside TXT": {[]verify.Expectation{cname("a", "a.example", "x.example"), txt("b", "a.example", "x")}, "excludes other records"},
		"two DMARC":          {[]verify.Expectation{txt("a", "_dmarc.a.example", "v=DMARC1; p=none"), txt("b", "_dmarc.a.example", "v=DMARC1; p=reject")}, "only one DMARC record"},
		"two MX":             {[]verify.Expectation{mx("a", "10 a.example"), mx("b", "20 b.example")}, ""},
		"the null MX twice":  {[]verify.Expectation{mx("a", "0 ."), mx("b", "0 .")}, ""},
		"a null MX first":    {[]verify.Expectation{mx("a", "0 ."), mx("b", "10 mx.x.com")}, "must be the only MX record"},
		"a null MX of 10":    {[]verify.Expectation{mx("a", "10 ."), mx("b", "10 mx.x.com")}, "must be the only MX record"},
		"a null MX last":     {[]verify.Expectation{mx("a", "10 a.example"), mx("b", "20 b.example"), mx("c", "0 .")}, "must be the only MX record"},
		"authorisations":     {[]verify.Expectation{txt("a", "b.example._report._dmarc.a.example", "v=DMARC1"), txt("b", "b.example._report._dmarc.a.example", "v=DMARC1; rua=mailto:x@a.example")}, ""},
		"SPF beside a DMARC": {[]verify.Expectation{txt("a", "a.example", spfValue), txt("b", "a.example", "v=DMARC1; p=reject")}, ""},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			err := verify.CheckExpectations(tt.in)
			_, contradicts := errors.AsType[*verify.ContradictionError](err)
			if contradicts != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("CheckExpectations = %v, want an error that says %q", err, tt.says)
			}
		})
	}
}

func TestParseRequire(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "all", "all": "all", "strict": "strict", "any": "any", "1": "1", "12": "12"} {
		if got, err := verify.ParseRequire(in); err != nil || got.String() != want {
			t.Errorf("ParseRequire(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"0", "-1", "most", "1.5", "99999", " all"} {
		if got, err := verify.ParseRequire(in); err == nil {
			t.Errorf("ParseRequire(%q) = %v, want an error", in, got)
		}
	}
}
