package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// discovered checks attributes of the discovery.
func discovered(checks map[string]knownvalue.Check) []statecheck.StateCheck {
	var all []statecheck.StateCheck
	for name, want := range checks {
		all = append(all, statecheck.ExpectKnownValue("data.maildomain_discovery.this", tfjsonpath.New(name), want))
	}
	return all
}

func discoveryConfig(attributes string) string {
	return fmt.Sprintf("data \"maildomain_discovery\" \"this\" {\n%s\n}\n", attributes)
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	l := newLab(t).patient()
	l.zone.SetTXT("@", "v=spf1 include:_spf.google.com ip4:192.0.2.25 ~all", "MS=ms1")
	l.zone.Set("@ 300 IN MX 10 mx.example.net.", "k2._domainkey 300 IN CNAME dkim2.mcsv.net.", "given._domainkey 300 IN CNAME given.example.net.")
	l.zone.SetTXT("_dmarc", "v=DMARC1; p=reject")
	exact := knownvalue.StringExact
	test(t, resource.TestStep{
		Config: l.config(discoveryConfig("domain = \"example.com\"\nselectors = [\"given\"]\nhosts = [\"bounces\"]")),
		ConfigStateChecks: discovered(map[string]knownvalue.Check{
			"services": knownvalue.MapExact(map[string]knownvalue.Check{"google_workspace": server(map[string]knownvalue.Check{
				"service": knownvalue.Null(), "groups": texts("spf"), "variables": knownvalue.MapSizeExact(0),
			})}),
			"keys": knownvalue.MapExact(map[string]knownvalue.Check{
				"k2":    server(map[string]knownvalue.Check{"cname": exact("dkim2.mcsv.net"), "record": knownvalue.Null()}),
				"given": server(map[string]knownvalue.Check{"cname": exact("given.example.net")}),
			}),
			"existing": knownvalue.Null(), "all": exact("softfail"), "mechanisms": texts("ip4:192.0.2.25"), "mx": texts("10 mx.example.net"),
			"policies":   knownvalue.MapExact(map[string]knownvalue.Check{"dmarc": server(map[string]knownvalue.Check{"value": exact("v=DMARC1; p=reject"), "fault": knownvalue.Null()})}),
			"dmarc":      server(map[string]knownvalue.Check{"existing": exact("v=DMARC1; p=reject")}),
			"mta_sts":    knownvalue.Null(),
			"extra":      knownvalue.MapExact(map[string]knownvalue.Check{"ms": server(map[string]knownvalue.Check{"name": exact("@"), "value": exact("MS=ms1"), "ttl": knownvalue.Null()})}),
			"unknown":    knownvalue.ListSizeExact(5),
			"unresolved": knownvalue.ListSizeExact(0),
			"imports": knownvalue.ListExact([]knownvalue.Check{
				server(map[string]knownvalue.Check{"key": exact("example.com/dmarc"), "fqdn": exact("_dmarc.example.com"), "rewritten": knownvalue.Bool(false)}),
				server(map[string]knownvalue.Check{"key": exact("example.com/extra/ms"), "fqdn": exact("example.com")}),
				server(map[string]knownvalue.Check{"key": exact("example.com/keys/given"), "type": exact("CNAME")}),
				server(map[string]knownvalue.Check{"key": exact("example.com/keys/k2"), "fqdn": exact("k2._domainkey.example.com")}),
				server(map[string]knownvalue.Check{"key": exact("example.com/mx/0"), "type": exact("MX")}),
				server(map[string]knownvalue.Check{"key": exact("example.com/spf"), "type": exact("TXT")}),
			}),
			"markdown": knownvalue.StringRegexp(says("Google Workspace")),
		}),
	})
}

func TestDiscoveryBadInput(t *testing.T) {
	t.Parallel()
	l := newLab(t).patient()
	cases := make(map[string]refusal)
	for name, tt := range map[string]struct{ attributes, says string }{
		"domain":             {`domain = "a..b"`, "Invalid domain"},
		"selector":           {"domain = \"example.com\"\nselectors = [\"s1._domainkey\"]", `write "s1"`},
		"no selector":        {"domain = \"example.com\"\nselectors = [null]", "Invalid DKIM selector"},
		"host with domain":   {"domain = \"example.com\"\nhosts = [\"a.example.com\"]", `write "a"`},
		"the domain as host": {"domain = \"example.com\"\nhosts = [\"@\"]", "not the name of a host"},
		"a wildcard":         {"domain = \"example.com\"\nhosts = [\"*\"]", "not the name of a host"},
		"nobody's domain":    {`domain = "example-unknown.com"`, "cannot be read"},
	} {
		cases[name] = refusal{l.config(discoveryConfig(tt.attributes)), tt.says}
	}
	refused(t, cases)
}

// scripted are configurations of domains as they are met, by the domain, below a parent.
func scripted(parent string) map[string]compose.Config {
	const rsaKey = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	microsoft := compose.Service{Variables: map[string]string{"tenant": "acme"}}
	newer := func(domain string) compose.Service {
		target := func(n string) string {
			return "selector" + n + "-" + strings.ReplaceAll(domain, ".", "-") + "._domainkey.acme.n-v1.dkim.mail.microsoft"
		}
		return compose.Service{
			Groups:    []string{"spf", "dkim", "mx", "autodiscover"},
			Variables: map[string]string{"selector1_target": target("1"), "selector2_target": target("2"), "mx_target": strings.ReplaceAll(domain, ".", "-") + ".mail.protection.outlook.com"},
		}
	}
	sendgrid := compose.Service{Variables: map[string]string{"return_path": "em1", "sendgrid_host": "u1.wl2.sendgrid.net"}}
	ses := compose.Service{Variables: map[string]string{"dkim_token_1": "a1", "dkim_token_2": "b2", "dkim_token_3": "c3", "mail_from": "bounce", "region": "eu-west-1"}}
	list := []compose.Config{
		{Options: merge.Options{All: merge.AllFail}},
		{Services: map[string]compose.Service{"microsoft365": microsoft}, Options: merge.Options{All: merge.AllFail}},
		{Services: map[string]compose.Service{"microsoft365": newer("d02." + parent)}, Options: merge.Options{All: merge.AllSoftFail}},
		{Services: map[string]compose.Service{"microsoft365": microsoft, "sendgrid": sendgrid}},
		{Services: map[string]compose.Service{"google_workspace": {Variables: map[string]string{"dkim_record": rsaKey}}}, Mechanisms: []string{"ip4:192.0.2.1"}},
		{Services: map[string]compose.Service{"amazon_ses": ses}, Options: merge.Options{All: merge.AllFail}},
		{Services: map[string]compose.Service{"amazon_ses": ses, "google_workspace": {Groups: []string{"spf", "mx"}}}},
		{Services: map[string]compose.Service{"mailchimp": {}, "zendesk": {}, "fastmail": {}}},
		{Services: map[string]compose.Service{"zoho": {Groups: []string{"spf", "mx"}, Variables: map[string]string{"region": "eu"}}}},
		{Services: map[string]compose.Service{"proton": {Groups: []string{"spf", "mx"}}}},
		{Services: map[string]compose.Service{"icloud": {Groups: []string{"spf", "dkim", "mx"}}}},
		{Services: map[string]compose.Service{"migadu": {}, "mailerlite": {}}},
		{Services: map[string]compose.Service{"tuta": {Groups: []string{"spf", "dkim", "mx"}}}, Options: merge.Options{All: merge.AllSoftFail}},
		{Existing: "v=spf1 redirect=_spf.yandex.net"},
		{Existing: "v=spf1 ip4:192.0.2.7 include:_spf.google.com ?mx ~all", Options: merge.Options{All: merge.AllSoftFail}},
		{Keys: map[string]compose.Key{"given": {Record: rsaKey}}},
		{Keys: map[string]compose.Key{"given": {CNAME: "key.example.org"}}, Mechanisms: []string{"a", "mx", "exists:%{i}.spf.example.org"}, Options: merge.Options{All: merge.AllNeutral}},
		{Services: map[string]compose.Service{"hostinger": {}, "brevo": {Groups: []string{"spf", "dkim"}, Variables: map[string]string{"dkim1_target": "b1.d17.dkim.brevo.com", "dkim2_target": "b2.d17.dkim.brevo.com"}}}},
		{Services: map[string]compose.Service{"microsoft365": {Groups: []string{"spf"}, Variables: map[string]string{"cloud": "china"}}}},
		{Services: map[string]compose.Service{"mailgun": {Groups: []string{"spf_eu", "mx_eu"}}, "transip": {}}},
		{Parked: true},
	}
	all := make(map[string]compose.Config)
	for i, c := range list {
		if !c.Parked {
			withPolicies(&c, i)
		}
		c.Domain = dnsname.MustParse(fmt.Sprintf("d%02d.%s", i, parent))
		all[c.Domain.String()] = c
	}
	return all
}

// withPolicies gives a domain the policies that its number asks for.
func withPolicies(c *compose.Config, n int) {
	if n%2 == 0 {
		c.DMARC = &dmarc.Config{Policy: []string{"none", "quarantine", "reject"}[n%3], AggregateReports: []string{"reports@example.org"}}
	}
	if n%3 == 0 {
		c.TLSRPT = &tlsrpt.Config{Reports: []string{"tls@example.org"}}
		c.MTASTS = &compose.MTASTS{Existing: "v=STSv1; id=2026", Host: "sts.example.org"}
	}
	if n%5 == 0 {
		c.BIMI = &compose.BIMI{Config: bimi.Config{Logo: "https://example.org/logo.svg", Certificate: "https://example.org/logo.pem"}}
		c.Extra = map[string]compose.Extra{
			"token": {Name: "@", Type: "TXT", Value: "token=1"}, "alias": {Name: "em1", Type: "CNAME", Value: "a.example.org", TTL: 300},
		}
	}
	if n%5 == 0 && len(c.Services) == 0 {
		c.MX = []string{"10 mx.example.org", "100 mx.example.com"}
	}
}

// lookedAt are the selectors and hosts that the owner of a scripted domain names for its discovery.
func lookedAt(records record.Set) map[string][]string {
	selectors := []string{"given"}
	for _, r := range records {
		if selector, ok := strings.CutSuffix(r.Name(), "._domainkey"); ok && len(selector) == 2 {
			selectors = append(selectors, selector)
		}
	}
	slices.Sort(selectors)
	return map[string][]string{"selectors": slices.Compact(selectors), "hosts": {"em1", "bounce"}}
}

// Live domains: what they are discovered as makes what is live, so that the plan of resources that hold the live
// records, as an import leaves them, is empty. YAML makes the same.
func TestDiscoveryOfAFleet(t *testing.T) {
	t.Parallel()
	l := newLab(t).patient()
	parent := l.Zone("example.net")
	live := make(map[string][]string) // by owner and type
	domains := make(map[string]map[string][]string)
	for name, c := range scripted("example.net") {
		made, err := compose.Records(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		domains[name] = lookedAt(made.Records)
		sets, err := record.RRsets(made.Records)
		if err != nil {
			t.Fatal(err)
		}
		for key, set := range sets {
			live[key] = append([]string{"300"}, set.Values...)
			var lines []string
			for _, quoted := range set.Quoted() {
				lines = append(lines, fmt.Sprintf("%s. 300 IN %s %s", set.Owner, set.Type, quoted))
			}
			parent.Set(lines...)
		}
	}
	config := func(values string) string {
		return l.config(fmt.Sprintf(`
locals {
  domains = jsondecode(%q)
  live    = jsondecode(%q)
  made    = { for d, r in data.maildomain_discovery.this : d => provider::maildomain::records(merge({ domain = d }, r.config)) }
  written = { for d, r in data.maildomain_discovery.this : d => provider::maildomain::records(merge({ domain = d }, yamldecode(r.yaml)[d])) }
  sets    = { for key, set in provider::maildomain::rrsets(merge(values(local.made)...)) : key => concat([set.ttl], set.values) }
}

data "maildomain_discovery" "this" {
  for_each  = local.domains
  domain    = each.key
  selectors = each.value.selectors
  hosts     = each.value.hosts
}

resource "terraform_data" "dns" {
  for_each = %s
  input    = join("\n", each.value)
}

output "same" {
  value = local.made == local.written && keys(local.sets) == keys(local.live)
}
`, mustJSON(t, domains), mustJSON(t, live), values))
	}
	c := newCLI(t, config("local.live"))
	c.apply(t)
	if same := c.shown(t).Values.Outputs["same"]; same == nil || same.Value != true {
		t.Errorf("same = %v, want true", same)
	}
	c.configure(t, config("local.sets"))
	c.plan(t, 0)
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.ReplaceAll(string(text), "${", "$${"), "%{", "%%{")
}

// A server that is silent about a name is told, and the rest stands.
func TestDiscoveryUnread(t *testing.T) {
	t.Parallel()
	l := newLab(t).patient()
	l.zone.SetTXT("@", "v=spf1 -all")
	l.zone.Set("k2._domainkey 300 IN CNAME dkim2.mcsv.net.")
	l.zone.Server("ns2").Inject(dnstest.When(dnstest.RCode(servfail), dnstest.About("k2._domainkey.example.com")))
	test(t, resource.TestStep{
		Config: l.config(discoveryConfig(`domain = "example.com"`)),
		ConfigStateChecks: discovered(map[string]knownvalue.Check{
			"keys":       knownvalue.MapSizeExact(0),
			"all":        knownvalue.StringExact("fail"),
			"unresolved": knownvalue.ListExact([]knownvalue.Check{server(map[string]knownvalue.Check{"why": knownvalue.StringRegexp(says("SERVFAIL"))})}),
		}),
	})
}

// discoveryGuide returns the configurations of the guide in its order, behind the text before them.
func discoveryGuide(t *testing.T) []string {
	t.Helper()
	guide, err := os.ReadFile("../../templates/guides/discovery.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(guide), "```terraform\n")
	if len(blocks) != 5 {
		t.Fatalf("the guide has %d configurations, want 4", len(blocks)-1)
	}
	for i := range blocks {
		blocks[i], _, _ = strings.Cut(blocks[i], "```\n")
	}
	return blocks
}

// The configurations of the guide, in its order: what the first writes, the last makes into what is live.
func TestDiscoveryGuide(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	blocks := discoveryGuide(t)
	l := newLab(t).patient()
	l.zone.SetTXT("@", "v=spf1 ip4:192.0.2.25 include:_spf.google.com ~all")
	l.zone.Set("k2._domainkey 300 IN CNAME dkim2.mcsv.net.", "k3._domainkey 300 IN CNAME dkim3.mcsv.net.")
	scratch := newCLI(t, l.block+blocks[1])
	scratch.run(t, "apply", "-auto-approve", "-no-color", `-var=domains={"example.com"={}}`)
	if pages := scratch.run(t, "output", "-no-color", "pages"); !strings.Contains(pages, "Google Workspace") || !strings.Contains(pages, "192.0.2.25") {
		t.Errorf("pages = %s", pages)
	}
	if imports := scratch.run(t, "output", "-no-color", "imports"); !strings.Contains(imports, `"example.com/mailchimp/k2"`) {
		t.Errorf("imports = %s", imports)
	}
	fleet := scratch.run(t, "output", "-no-color", "-raw", "fleet")
	c := newCLI(t, blocks[2])
	_, entry, _ := strings.Cut(fleet, "example.com:") // The CLI warns of the local provider before it.
	write(t, filepath.Join(c.dir, "domains.yaml"), "example.com:"+entry)
	if err := os.Mkdir(filepath.Join(c.dir, "domain"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(c.dir, "domain", "main.tf"), blocks[3])
	c.run(t, "get")
	out := c.run(t, "plan", "-no-color")
	for _, want := range []string{
		`example.com 300 TXT \"v=spf1 ip4:192.0.2.25 include:_spf.google.com ~all\"`, `k2._domainkey.example.com 300 CNAME dkim2.mcsv.net.`, "3 to add",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("terraform plan printed:\n%s\nwant %q in it", out, want)
		}
	}
}
