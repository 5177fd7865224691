package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// catglobe is the service with what its support hands out.
const catglobe = `{
  variables = {
    spf_include   = "spf.catglobe.example"
    dkim_selector = "cg1"
    dkim_target   = "cg1.dkim.catglobe.example"
  }
}`

const microsoft365 = `{
  variables = {
    selector1_target = "selector1-example-com._domainkey.example.onmicrosoft.com"
    selector2_target = "selector2-example-com._domainkey.example.onmicrosoft.com"
  }
}`

func TestCatglobeAlone(t *testing.T) {
	t.Parallel()
	test(t, resource.TestStep{
		Config: `
data "maildomain_spf" "this" {
  domain   = "example.com"
  services = { catglobe = ` + catglobe + ` }
}
output "value" { value = data.maildomain_spf.this.value }
output "records" { value = data.maildomain_spf.this.records }
output "warnings" { value = data.maildomain_spf.this.warnings }
`,
		ConfigStateChecks: []statecheck.StateCheck{
			output("value", knownvalue.StringExact("v=spf1 include:spf.catglobe.example -all")),
			output("warnings", knownvalue.ListSizeExact(0)),
			output("records", knownvalue.MapExact(map[string]knownvalue.Check{
				"example.com/spf": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"name":     knownvalue.StringExact("@"),
					"fqdn":     knownvalue.StringExact("example.com"),
					"type":     knownvalue.StringExact("TXT"),
					"ttl":      knownvalue.Int64Exact(3600),
					"value":    knownvalue.StringExact("v=spf1 include:spf.catglobe.example -all"),
					"quoted":   knownvalue.StringExact(`"v=spf1 include:spf.catglobe.example -all"`),
					"priority": knownvalue.Null(),
					"weight":   knownvalue.Null(),
					"port":     knownvalue.Null(),
					"target":   knownvalue.Null(),
				}),
			})),
		},
	})
}

func TestOffice365AndCatglobeInOneRecord(t *testing.T) {
	t.Parallel()
	const merged = "v=spf1 include:spf.protection.outlook.com include:spf.catglobe.example -all"
	spf := func(existing, extra string) string {
		return fmt.Sprintf(`
data "maildomain_spf" "this" {
  domain   = "example.com"
  existing = %q
  services = {
    catglobe     = %s
    microsoft365 = {}
  }
  %s
}
output "value" { value = data.maildomain_spf.this.value }
output "warnings" { value = data.maildomain_spf.this.warnings }
`, existing, catglobe, extra)
	}
	tightens := says(`The existing record ends in "~all"`)
	test(t,
		resource.TestStep{
			Config: spf("v=spf1 include:spf.protection.outlook.com ~all", ""),
			ConfigStateChecks: []statecheck.StateCheck{
				output("value", knownvalue.StringExact(merged)),
				output("warnings", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringRegexp(tightens)})),
			},
		},
		// The merged record as the existing one: nothing is added twice, and nothing is warned of.
		resource.TestStep{
			Config: spf(merged, ""),
			ConfigStateChecks: []statecheck.StateCheck{
				output("value", knownvalue.StringExact(merged)),
				output("warnings", knownvalue.ListSizeExact(0)),
			},
		},
		// The owner's order stays, whatever the case.
		resource.TestStep{
			Config: spf("v=spf1 ip4:192.0.2.1 INCLUDE:SPF.Catglobe.Example. a ~all", `all = "keep"`),
			ConfigStateChecks: []statecheck.StateCheck{
				output("value", knownvalue.StringExact("v=spf1 ip4:192.0.2.1 include:spf.catglobe.example a include:spf.protection.outlook.com ~all")),
			},
		},
	)
}

func TestNamesUnderCatglobeNeedNothing(t *testing.T) {
	t.Parallel()
	config := func(domain string) string {
		return fmt.Sprintf(`
data "maildomain_spf" "this" {
  domain   = %[1]q
  services = { catglobe = {} }
}
data "maildomain_dkim" "this" {
  domain   = %[1]q
  services = { catglobe = {} }
}
output "value" { value = data.maildomain_spf.this.value }
output "records" { value = merge(data.maildomain_spf.this.records, data.maildomain_dkim.this.records) }
output "spf_warnings" { value = data.maildomain_spf.this.warnings }
output "dkim_warnings" { value = data.maildomain_dkim.this.warnings }
`, domain)
	}
	why := knownvalue.ListExact([]knownvalue.Check{knownvalue.StringRegexp(says("catglobe.com"))})
	none := []statecheck.StateCheck{
		output("records", knownvalue.MapSizeExact(0)),
		output("spf_warnings", why),
		output("dkim_warnings", why),
	}
	test(t,
		resource.TestStep{Config: config("catglobe.com"), ConfigStateChecks: none},
		resource.TestStep{Config: config("survey.customer.CatGlobe.com."), ConfigStateChecks: none},
		// Such a name is like any other: without its variables, the service cannot be applied.
		resource.TestStep{Config: config("notcatglobe.com"), ExpectError: says("spf_include")},
	)
}

func TestDKIMCNAMEFromTheService(t *testing.T) {
	t.Parallel()
	test(t, resource.TestStep{
		Config: `
data "maildomain_dkim" "this" {
  domain   = "example.com"
  services = { catglobe = ` + catglobe + ` }
}
output "records" { value = data.maildomain_dkim.this.records }
`,
		ConfigStateChecks: []statecheck.StateCheck{
			output("records", knownvalue.MapExact(map[string]knownvalue.Check{
				"example.com/catglobe/dkim": knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"name":   knownvalue.StringExact("cg1._domainkey"),
					"fqdn":   knownvalue.StringExact("cg1._domainkey.example.com"),
					"type":   knownvalue.StringExact("CNAME"),
					"value":  knownvalue.StringExact("cg1.dkim.catglobe.example"),
					"quoted": knownvalue.StringExact("cg1.dkim.catglobe.example."),
					"target": knownvalue.StringExact("cg1.dkim.catglobe.example"),
				}),
			})),
		},
	})
}

// newKey returns an RSA key as its owner and as support would hand it out.
func newKey(t *testing.T, bits int) (publicPEM, data string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), base64.StdEncoding.EncodeToString(der)
}

func TestCustomSignatureWithTheSelectorFromSupport(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	_, data := newKey(t, 2048)
	value := "v=DKIM1; k=rsa; p=" + data
	a, b := value[:255], value[255:]
	test(t, resource.TestStep{
		Config: fmt.Sprintf(`
data "maildomain_dkim" "this" {
  domain = "example.com"
  keys   = { support7 = { record = "k=rsa; p=%s" } }
}
locals { value = data.maildomain_dkim.this.records["example.com/keys/support7"].value }
output "record" { value = data.maildomain_dkim.this.records["example.com/keys/support7"] }
output "chunks" { value = provider::maildomain::txt_chunks(local.value) }
output "encoded" {
  value = { for style in ["route53", "cloudflare", "azure", "google", "rfc2136"] : style => provider::maildomain::txt_encode(local.value, style) }
}
`, data),
		ConfigStateChecks: []statecheck.StateCheck{
			output("record", knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"fqdn":   knownvalue.StringExact("support7._domainkey.example.com"),
				"type":   knownvalue.StringExact("TXT"),
				"value":  knownvalue.StringExact(value),
				"quoted": knownvalue.StringExact(`"` + a + `" "` + b + `"`),
			})),
			output("chunks", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(a), knownvalue.StringExact(b)})),
			output("encoded", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"route53":    knownvalue.StringExact(a + `""` + b),
				"cloudflare": knownvalue.StringExact(`"` + a + `" "` + b + `"`),
				"azure":      knownvalue.StringExact(value),
				"google":     knownvalue.StringExact(`"` + a + `" "` + b + `"`),
				"rfc2136":    knownvalue.StringExact(value),
			})),
		},
	})
}

func TestThreeSelectorsSideBySide(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	firstPEM, firstData := newKey(t, 2048)
	_, secondData := newKey(t, 1024)
	test(t, resource.TestStep{
		Config: fmt.Sprintf(`
data "maildomain_dkim" "this" {
  domain = "example.com"
  keys = {
    first  = { public_key = %q }
    second = { record = "v=DKIM1; k=rsa; p=%s" }
    third  = { cname = "key.dkim.example.net" }
  }
}
output "values" { value = { for key, r in data.maildomain_dkim.this.records : key => r.value } }
output "warnings" { value = data.maildomain_dkim.this.warnings }
`, firstPEM, secondData),
		ConfigStateChecks: []statecheck.StateCheck{
			output("values", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"example.com/keys/first":  knownvalue.StringExact("v=DKIM1; k=rsa; p=" + firstData),
				"example.com/keys/second": knownvalue.StringExact("v=DKIM1; k=rsa; p=" + secondData),
				"example.com/keys/third":  knownvalue.StringExact("key.dkim.example.net"),
			})),
			output("warnings", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringRegexp(says("1024 bits"))})),
		},
	})
}

// whole is the configuration of a domain: two data sources, resources made from them, the validation.
func whole(l lab, services string) string {
	return l.config(fmt.Sprintf(`
locals {
  services = { %s }
}
data "maildomain_spf" "this" {
  domain   = "example.com"
  services = local.services
}
data "maildomain_dkim" "this" {
  domain   = "example.com"
  services = local.services
}
locals {
  records = merge(data.maildomain_spf.this.records, data.maildomain_dkim.this.records)
}
resource "terraform_data" "dns" {
  for_each = local.records
  input    = each.value.quoted
}
resource "maildomain_validation" "this" {
  records     = local.records
  consecutive = 1
  timeouts    = { create = "30s" }
  depends_on  = [terraform_data.dns]
}
`, services))
}

// publish puts what both services ask for into the zone.
func (l lab) publish() {
	l.zone.Set(
		`@ 3600 IN TXT "v=spf1 include:spf.catglobe.example include:spf.protection.outlook.com -all"`,
		"cg1._domainkey 3600 IN CNAME cg1.dkim.catglobe.example.",
		"selector1._domainkey 3600 IN CNAME selector1-example-com._domainkey.example.onmicrosoft.com.",
		"selector2._domainkey 3600 IN CNAME selector2-example-com._domainkey.example.onmicrosoft.com.",
	)
}

func TestDataSourcesFeedResourcesAndTheValidation(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.publish()
	config := whole(l, "catglobe = "+catglobe+"\nmicrosoft365 = "+microsoft365)
	test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("maildomain_validation.this", tfjsonpath.New("valid"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue("maildomain_validation.this", tfjsonpath.New("observed"), knownvalue.MapSizeExact(0)),
				statecheck.ExpectKnownValue(`terraform_data.dns["example.com/spf"]`, tfjsonpath.New("output"),
					knownvalue.StringExact(`"v=spf1 include:spf.catglobe.example include:spf.protection.outlook.com -all"`)),
			},
		},
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

func TestMergeOfRecordsIsAcceptedByTheValidation(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.publish()
	other := l.Zone("example.org")
	other.Set(`@ TXT "v=spf1 include:spf.catglobe.example -all"`)
	test(t, resource.TestStep{
		Config: l.config(`
locals {
  services = { catglobe = ` + catglobe + `, microsoft365 = ` + microsoft365 + ` }
}
data "maildomain_spf" "com" {
  domain   = "example.com"
  services = local.services
}
data "maildomain_dkim" "com" {
  domain   = "example.com"
  services = local.services
}
data "maildomain_spf" "org" {
  domain   = "example.org"
  services = { catglobe = local.services.catglobe }
}
resource "maildomain_validation" "this" {
  records     = merge(data.maildomain_spf.com.records, data.maildomain_dkim.com.records, data.maildomain_spf.org.records)
  consecutive = 1
  timeouts    = { create = "30s" }
}
`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("maildomain_validation.this", tfjsonpath.New("records"), knownvalue.MapSizeExact(5)),
			statecheck.ExpectKnownValue("maildomain_validation.this", tfjsonpath.New("valid"), knownvalue.Bool(true)),
		},
	})
}

func TestServiceAddedLaterLeavesOtherKeysAlone(t *testing.T) {
	t.Parallel()
	config := func(services string) string {
		return `
locals { services = { ` + services + ` } }
data "maildomain_spf" "this" {
  domain   = "example.com"
  services = local.services
}
data "maildomain_dkim" "this" {
  domain   = "example.com"
  services = local.services
}
resource "terraform_data" "dns" {
  for_each = merge(data.maildomain_spf.this.records, data.maildomain_dkim.this.records)
  input    = each.value.value
}
`
	}
	instance := func(key string) string { return fmt.Sprintf("terraform_data.dns[%q]", key) }
	test(t,
		resource.TestStep{Config: config("microsoft365 = " + microsoft365)},
		resource.TestStep{
			Config: config("catglobe = " + catglobe + "\nmicrosoft365 = " + microsoft365),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(instance("example.com/microsoft365/selector1"), plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(instance("example.com/microsoft365/selector2"), plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(instance("example.com/spf"), plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction(instance("example.com/catglobe/dkim"), plancheck.ResourceActionCreate),
			}},
		},
	)
}

func TestSupportMessageNamesWhatSupportNeeds(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.publish()
	contains := func(text string) statecheck.StateCheck {
		return statecheck.ExpectKnownOutputValue("for_support", knownvalue.StringRegexp(says(text)))
	}
	message := `
output "for_support" {
  value = provider::maildomain::support_message({
    domain  = "example.com"
    service = "catglobe"
    records = local.records
    report  = maildomain_validation.this.report
  })
}
`
	test(t,
		resource.TestStep{
			Config: whole(l, "catglobe = "+catglobe+"\nmicrosoft365 = "+microsoft365) + message,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownOutputValue("for_support"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				contains("The mail DNS records of example.com for Catglobe are published. Please validate them and finish the set-up"),
				contains("Domain: example.com DKIM selector: cg1"),
				contains("example.com TXT v=spf1 include:spf.catglobe.example include:spf.protection.outlook.com -all"),
				contains("4 of 4 records match at 3 name servers of example.com."),
			},
		},
	)
}

// A domain written in Unicode becomes A-labels everywhere.
func TestDomainInUnicode(t *testing.T) {
	t.Parallel()
	test(t, resource.TestStep{
		Config: `
data "maildomain_spf" "this" {
  domain   = "Bücher.example"
  services = { catglobe = ` + catglobe + ` }
}
output "fqdns" { value = { for key, r in data.maildomain_spf.this.records : key => r.fqdn } }
`,
		ConfigStateChecks: []statecheck.StateCheck{
			output("fqdns", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"xn--bcher-kva.example/spf": knownvalue.StringExact("xn--bcher-kva.example"),
			})),
		},
	})
}

// A template of the user's own goes the same way as a built-in.
func TestOwnTemplate(t *testing.T) {
	t.Parallel()
	const template = `{
  "providerId": "acme.example", "providerName": "Acme", "serviceId": "mail", "serviceName": "Acme Mail",
  "records": [
    {"type": "SPFM", "host": "@", "spfRules": "include:_spf.acme.example"},
    {"type": "CNAME", "host": "acme._domainkey", "pointsTo": "%key%.dkim.acme.example", "ttl": "1800"},
    {"type": "TXT", "host": "_dmarc", "data": "v=DMARC1; p=reject", "ttl": 3600}
  ]
}`
	test(t, resource.TestStep{
		Config: `
locals {
  services = {
    acme = {
      template  = <<-EOT
` + template + `
      EOT
      variables = { Key = "k7" }
      host      = "news"
    }
  }
}
data "maildomain_spf" "this" {
  domain   = "example.com"
  services = local.services
}
data "maildomain_dkim" "this" {
  domain   = "example.com"
  services = local.services
}
output "spf" { value = { for key, r in data.maildomain_spf.this.records : key => "${r.fqdn} ${r.value}" } }
output "dkim" { value = { for key, r in data.maildomain_dkim.this.records : key => "${r.fqdn} ${r.ttl} ${r.value}" } }
`,
		ConfigStateChecks: []statecheck.StateCheck{
			output("spf", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"example.com/spf/news": knownvalue.StringExact("news.example.com v=spf1 include:_spf.acme.example -all"),
			})),
			output("dkim", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"example.com/acme/cname-acme._domainkey": knownvalue.StringExact("acme._domainkey.news.example.com 1800 k7.dkim.acme.example"),
			})),
		},
	})
}
