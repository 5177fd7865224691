package service_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

const dkimRecord = "v=DKIM1; k=rsa; p=MIIB"

func builtin(t testing.TB, id string) *service.Template {
	t.Helper()
	parsed, err := service.Builtin(id)
	if err != nil {
		t.Fatalf("Builtin(%q): %v", id, err)
	}
	return parsed
}

func TestBuiltins(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		id   string
		use  service.Use
		want []string
	}{
		"catglobe": {
			"catglobe", use("spf_include=SPF.acme.example.", "dkim_selector=Sel1", "dkim_target=sel1.acme.example"),
			[]string{
				"dkim DKIM sel1._domainkey.example.com 3600 CNAME sel1.acme.example",
				"SPF example.com: include:spf.acme.example",
			},
		},
		"microsoft365": {
			"microsoft365", use("selector1_target=selector1-example-com._domainkey.acme.n-v1.dkim.mail.microsoft", "selector2_target=selector2-example-com._domainkey.acme.n-v1.dkim.mail.microsoft"),
			[]string{
				"selector1 DKIM selector1._domainkey.example.com 3600 CNAME selector1-example-com._domainkey.acme.n-v1.dkim.mail.microsoft",
				"selector2 DKIM selector2._domainkey.example.com 3600 CNAME selector2-example-com._domainkey.acme.n-v1.dkim.mail.microsoft",
				"SPF example.com: include:spf.protection.outlook.com",
			},
		},
		"microsoft365, an older domain": {
			"microsoft365",
			service.Use{Host: "marketing", Variables: map[string]string{"tenant": "acme"}, Kinds: service.DKIMKind},
			[]string{
				"selector1 DKIM selector1._domainkey.marketing.example.com 3600 CNAME selector1-marketing-example-com._domainkey.acme.onmicrosoft.com",
				"selector2 DKIM selector2._domainkey.marketing.example.com 3600 CNAME selector2-marketing-example-com._domainkey.acme.onmicrosoft.com",
			},
		},
		"microsoft365, mailboxes": {
			"microsoft365",
			service.Use{Groups: []string{"spf_us_government", "mx", "autodiscover"}, Variables: map[string]string{"mx_target": "example-com.mail.protection.outlook.com"}},
			[]string{
				"mx other example.com 3600 MX 0 example-com.mail.protection.outlook.com",
				"autodiscover other autodiscover.example.com 3600 CNAME autodiscover.outlook.com",
				"SPF example.com: include:spf.protection.office365.us",
			},
		},
		"google_workspace": {
			"google_workspace", use("dkim_record=" + dkimRecord),
			[]string{
				"dkim DKIM google._domainkey.example.com 3600 TXT " + dkimRecord,
				"SPF example.com: include:_spf.google.com",
			},
		},
		"google_workspace, mailboxes": {
			"google_workspace",
			service.Use{Groups: []string{"mx_aspmx"}},
			[]string{
				"aspmx other example.com 3600 MX 1 aspmx.l.google.com",
				"alt1 other example.com 3600 MX 5 alt1.aspmx.l.google.com",
				"alt2 other example.com 3600 MX 5 alt2.aspmx.l.google.com",
				"alt3 other example.com 3600 MX 10 alt3.aspmx.l.google.com",
				"alt4 other example.com 3600 MX 10 alt4.aspmx.l.google.com",
			},
		},
		"amazon_ses": {
			"amazon_ses", use("dkim_token_1=a", "dkim_token_2=b", "dkim_token_3=c", "mail_from=mail", "region=eu-west-1"),
			[]string{
				"dkim1 DKIM a._domainkey.example.com 3600 CNAME a.dkim.amazonses.com",
				"dkim2 DKIM b._domainkey.example.com 3600 CNAME b.dkim.amazonses.com",
				"dkim3 DKIM c._domainkey.example.com 3600 CNAME c.dkim.amazonses.com",
				"mail_from_mx other mail.example.com 3600 MX 10 feedback-smtp.eu-west-1.amazonses.com",
				"SPF mail.example.com: include:amazonses.com",
			},
		},
		"amazon_ses, SPF alone": {
			"amazon_ses",
			service.Use{Kinds: service.SPFKind, Variables: map[string]string{"mail_from": "mail"}},
			[]string{"SPF mail.example.com: include:amazonses.com"},
		},
		"sendgrid": {
			"sendgrid", use("return_path=em1", "sendgrid_host=u1.wl2.sendgrid.net"),
			[]string{
				"return_path other em1.example.com 3600 CNAME u1.wl2.sendgrid.net",
				"s1 DKIM s1._domainkey.example.com 3600 CNAME s1.domainkey.u1.wl2.sendgrid.net",
				"s2 DKIM s2._domainkey.example.com 3600 CNAME s2.domainkey.u1.wl2.sendgrid.net",
			},
		},
		"shopify, six CNAMEs": {
			"shopify", use("dkim_selector=abc", "email_host=h1.p1.email.myshopify.com", "return_path_second=mailerxyz", "email_host_second=h2.p2.email.myshopify.com"),
			[]string{
				"return_path other mailerabc.example.com 3600 CNAME h1.p1.email.myshopify.com",
				"dkim1 DKIM abc._domainkey.example.com 3600 CNAME dkim1.h1.p1.email.myshopify.com",
				"dkim2 DKIM abc2._domainkey.example.com 3600 CNAME dkim2.h1.p1.email.myshopify.com",
				"return_path_second other mailerxyz.example.com 3600 CNAME h2.p2.email.myshopify.com",
				"dkim3_second DKIM pdk1._domainkey.mailerxyz.example.com 3600 CNAME dkim3.h2.p2.email.myshopify.com",
				"dkim4_second DKIM pdk2._domainkey.mailerxyz.example.com 3600 CNAME dkim4.h2.p2.email.myshopify.com",
			},
		},
		"shopify, four CNAMEs": {
			"shopify",
			service.Use{Groups: []string{"return_path", "dkim", "dkim_third"}, Variables: map[string]string{"dkim_selector": "abc", "email_host": "h1.p1.email.myshopify.com"}},
			[]string{
				"return_path other mailerabc.example.com 3600 CNAME h1.p1.email.myshopify.com",
				"dkim1 DKIM abc._domainkey.example.com 3600 CNAME dkim1.h1.p1.email.myshopify.com",
				"dkim2 DKIM abc2._domainkey.example.com 3600 CNAME dkim2.h1.p1.email.myshopify.com",
				"dkim3 DKIM abc3._domainkey.example.com 3600 CNAME dkim3.h1.p1.email.myshopify.com",
			},
		},
		"sparkpost, EU": {
			"sparkpost",
			service.Use{Groups: []string{"spf", "return_path"}, Variables: map[string]string{"region": "eu", "return_path": "bounces"}},
			[]string{"return_path other bounces.example.com 3600 CNAME eu.sparkpostmail.com", "SPF example.com: include:_spf.eu.sparkpostmail.com"},
		},
		"zoho, Canada": {
			"zoho",
			service.Use{Groups: []string{"spf", "mx"}, Variables: map[string]string{"region": "ca"}},
			[]string{
				"mx other example.com 3600 MX 10 mx.zohocloud.ca", "mx2 other example.com 3600 MX 20 mx2.zohocloud.ca", "mx3 other example.com 3600 MX 50 mx3.zohocloud.ca",
				"SPF example.com: include:zohocloud.ca",
			},
		},
		"fastmail, for mail programs": {
			"fastmail",
			service.Use{Groups: []string{"client_discovery", "autodiscover"}},
			[]string{
				"submissions other _submissions._tcp.example.com 3600 SRV 0 1 465 smtp.fastmail.com",
				"imaps other _imaps._tcp.example.com 3600 SRV 0 1 993 imap.fastmail.com",
				"autodiscover other _autodiscover._tcp.example.com 3600 SRV 0 1 443 autodiscover.fastmail.com",
			},
		},
		"cisco_secure_email": {
			"cisco_secure_email", use("customer_host=hc1234-56.eu.iphmx.com"),
			[]string{"SPF example.com: exists:%{i}.spf.hc1234-56.eu.iphmx.com"},
		},
		"sendgrid, manual": {"sendgrid", service.Use{Groups: []string{"manual"}}, []string{"SPF example.com: include:sendgrid.net"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.use.Domain = domain
			got, err := builtin(t, tt.id).Apply(tt.use)
			if err != nil {
				t.Fatalf("Apply: %v", err)
			}
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("Apply (-want +got):\n%s", diff)
			}
			if len(got.Warnings) > 0 {
				t.Errorf("Apply warnings = %q, want none", got.Warnings)
			}
		})
	}
}

func TestBuiltinVariablesInvalid(t *testing.T) {
	t.Parallel()
	tests := []struct{ id, name, value, reason string }{
		{"catglobe", "spf_include", "include:spf.acme.example", `write "spf.acme.example"`},
		{"catglobe", "spf_include", "v=spf1 include:spf.acme.example -all", `write "spf.acme.example"`},
		{"catglobe", "spf_include", "spf acme", "a domain name alone"},
		{"catglobe", "spf_include", "*.acme.example", "one host"},
		{"catglobe", "spf_include", "a..b", "two dots"},
		{"catglobe", "spf_include", "%{i}.acme.example", "character"},
		{"catglobe", "dkim_selector", "sel1._domainkey.example.com", `write "sel1"`},
		{"catglobe", "dkim_selector", "sel1.example.com", `write "sel1"`},
		{"catglobe", "dkim_target", "acme.example\n", "trimspace()"},
		{"catglobe", "dkim_target", ".", "one host"},
		{"microsoft365", "tenant", "acme.onmicrosoft.com", `write "acme"`},
		{"microsoft365", "tenant", "a/b", "must not be there"},
		{"google_workspace", "dkim_record", "MIIB", "not a DKIM key record"},
		{"amazon_ses", "mail_from", "mail.example.com", `write "mail"`},
		{"amazon_ses", "mail_from", "a b", "character"},
		{"amazon_ses", "region", "eu-west-1.amazonaws.com", `write "eu-west-1"`},
	}
	valid := use("spf_include=a.example", "dkim_selector=s", "dkim_target=b.example", "dkim_record="+dkimRecord, "tenant=t",
		"dkim_token_1=a", "dkim_token_2=b", "dkim_token_3=c", "mail_from=mail", "region=eu-west-1").Variables
	for _, tt := range tests {
		t.Run(tt.id+" "+tt.value, func(t *testing.T) {
			t.Parallel()
			parsed := builtin(t, tt.id)
			u := use(tt.name + "=" + tt.value)
			for _, v := range parsed.Info().Variables {
				if value, ok := valid[v.Name]; ok && v.Name != tt.name {
					u.Variables[v.Name] = value
				}
			}
			_, err := parsed.Apply(u)
			var variable *service.VariableError
			if !errors.As(err, &variable) || variable.Name != tt.name || variable.Problem != service.Invalid || !strings.Contains(variable.Reason, tt.reason) {
				t.Errorf("Apply(%s = %q) error = %v, want a reason with %q", tt.name, tt.value, err, tt.reason)
			}
			if variable != nil && (variable.Description == "" || variable.Where == "") {
				t.Errorf("Apply(%s = %q) error = %+v does not say what the variable is", tt.name, tt.value, *variable)
			}
		})
	}
}

// Names of Catglobe's own need nothing, and its variables are not asked for there.
func TestCatglobeOwnZone(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]bool{"catglobe.com": true, "a.b.catglobe.com": true, "notcatglobe.com": false, "catglobe.com.example": false} {
		got, err := builtin(t, "catglobe").Apply(service.Use{Domain: dnsname.MustParse(name)})
		if got.OwnZone != own || own && (err != nil || len(got.Notes) != 1 || len(got.Records)+len(got.SPF) != 0) || !own && len(variableErrors(err)) != 3 {
			t.Errorf("Apply to %s = %+v, %v, want own zone %t", name, got, err, own)
		}
	}
}

func TestBuiltinIsParsedOnce(t *testing.T) {
	t.Parallel()
	if first, again := builtin(t, "catglobe"), builtin(t, "catglobe"); first != again {
		t.Error("Builtin parses a template twice")
	}
}
