package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// textMap checks a map of texts.
func textMap(want map[string]string) knownvalue.Check {
	checks := make(map[string]knownvalue.Check, len(want))
	for key, v := range want {
		checks[key] = knownvalue.StringExact(v)
	}
	return knownvalue.ObjectExact(checks)
}

// sesServices is Amazon SES with tokens that a resource hands out.
const sesServices = `{
      amazon_ses = {
        variables = merge(
          { region = "eu-west-1", mail_from = "mail" },
          { for i in [0, 1, 2] : "dkim_token_${i + 1}" => terraform_data.ses.output[i] },
        )
      }
      microsoft365 = { variables = { tenant = "acme" } }
    }`

const handedOut = `
resource "terraform_data" "ses" {
  input = ["t1", "t2", "t3"]
}
resource "terraform_data" "zone" {
  input = "Z1"
}
`

// Values that are handed out in the same apply leave the keys known: for_each plans, the applied values are right, and
// nothing is left to do after that.
func TestRecordsFromResourcesOfTheSameApply(t *testing.T) {
	t.Parallel()
	config := handedOut + `
locals {
  records = provider::maildomain::records({
    domain     = "example.com"
    services   = ` + sesServices + `
    existing   = "v=spf1 ip4:${terraform_data.zone.output == "Z1" ? "192.0.2.1" : "192.0.2.2"} ~all"
    mechanisms = ["ip4:192.0.2.9"]
    all        = "keep"
    keys       = { own = { cname = "${terraform_data.zone.output}.keys.example" } }
  })
}
resource "terraform_data" "dns" {
  for_each = local.records
  input    = { zone = terraform_data.zone.output, record = "${each.value.name} ${each.value.ttl} ${each.value.type} ${each.value.quoted}" }
}
output "dns" { value = { for key, r in terraform_data.dns : key => r.output.record } }
output "type" { value = local.records["example.com/amazon_ses/dkim1"].type }
`
	want := map[string]string{
		"example.com/amazon_ses/dkim1":        "t1._domainkey 3600 CNAME t1.dkim.amazonses.com.",
		"example.com/amazon_ses/dkim2":        "t2._domainkey 3600 CNAME t2.dkim.amazonses.com.",
		"example.com/amazon_ses/dkim3":        "t3._domainkey 3600 CNAME t3.dkim.amazonses.com.",
		"example.com/amazon_ses/mail_from_mx": "mail 3600 MX 10 feedback-smtp.eu-west-1.amazonses.com.",
		"example.com/keys/own":                "own._domainkey 3600 CNAME z1.keys.example.",
		"example.com/microsoft365/selector1":  "selector1._domainkey 3600 CNAME selector1-example-com._domainkey.acme.onmicrosoft.com.",
		"example.com/microsoft365/selector2":  "selector2._domainkey 3600 CNAME selector2-example-com._domainkey.acme.onmicrosoft.com.",
		"example.com/spf":                     `@ 3600 TXT "v=spf1 ip4:192.0.2.1 include:spf.protection.outlook.com ip4:192.0.2.9 ~all"`,
		"example.com/spf/mail":                `mail 3600 TXT "v=spf1 include:amazonses.com -all"`, // The ending to keep is that of the domain.
	}
	test(t,
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(`terraform_data.dns["example.com/amazon_ses/dkim3"]`, plancheck.ResourceActionCreate),
				plancheck.ExpectUnknownValue(`terraform_data.dns["example.com/spf"]`, tfjsonpath.New("input").AtMapKey("record")),
				plancheck.ExpectKnownOutputValue("type", knownvalue.StringExact("CNAME")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{output("dns", textMap(want))},
		},
		resource.TestStep{Config: config, PlanOnly: true},
	)
}

// The RRsets of records, some of whose values are handed out in the same apply, have known keys too.
func TestRRsetsOfUnknownRecords(t *testing.T) {
	t.Parallel()
	test(t,
		resource.TestStep{
			Config: handedOut + `
resource "terraform_data" "dns" {
  for_each = provider::maildomain::rrsets(provider::maildomain::records({
    domain   = "example.com"
    existing = terraform_data.zone.output == "Z1" ? "v=spf1 a -all" : "v=spf1 mx -all"
    services = { google_workspace = { variables = { dkim_record = "v=DKIM1; k=ed25519; p=${terraform_data.zone.output == "Z1" ? "U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=" : ""}" }, groups = ["dkim", "mx"] } }
    all      = "fail"
  }))
  input = each.value.quoted
}
output "sets" { value = { for key, r in terraform_data.dns : key => join(" | ", r.output) } }
`,
			ConfigStateChecks: []statecheck.StateCheck{output("sets", textMap(map[string]string{
				"example.com/TXT":                   `"v=spf1 a -all"`,
				"example.com/MX":                    "1 smtp.google.com.",
				"google._domainkey.example.com/TXT": `"v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI="`,
			}))},
		},
	)
}

// An unknown value that decides on keys makes all unknown, and the same apply makes it right.
func TestRecordsUnknownAsAWhole(t *testing.T) {
	t.Parallel()
	var config strings.Builder
	config.WriteString(handedOut)
	var checks []statecheck.StateCheck
	for name, argument := range map[string]string{
		"the_domain":            `{ domain = "${lower(terraform_data.zone.output)}.example", all = "fail" }`,
		"the_services":          `{ domain = "z1.example", services = terraform_data.zone.output == "Z1" ? {} : { catglobe = {} }, all = "fail" }`,
		"the_groups":            `{ domain = "z1.example", services = { google_workspace = { groups = terraform_data.zone.output == "Z1" ? [] : ["spf"] } }, all = "fail" }`,
		"the_argument":          `terraform_data.zone.output == "Z1" ? { domain = "z1.example", all = "fail" } : { domain = "z2.example", all = "fail" }`,
		"the_owner_of_an_SPF":   `{ domain = "z1.example", all = "fail", services = { amazon_ses = { groups = ["mail_from"], variables = { region = "x", mail_from = terraform_data.zone.output } } } }`,
		"a_key_and_its_element": `{ domain = "z1.example", keys = terraform_data.zone.output == "Z1" ? {} : { a = { cname = "b.example" } }, all = "fail" }`,
		"whether_there_is_SPF":  `{ domain = "z1.example", existing = terraform_data.zone.output == "Z1" ? "v=spf1 -all" : null }`,
	} {
		fmt.Fprintf(&config, "output %q { value = provider::maildomain::records(%s)[\"z1.example/spf\"].value }\n", name, argument)
		checks = append(checks, output(name, knownvalue.StringExact("v=spf1 -all")))
	}
	test(t, resource.TestStep{Config: config.String(), ConfigStateChecks: checks})
}

// What is unknown while a validation is planned, and then empty or null, leaves neither a record behind nor one out.
func TestRecordsUnknownThenEmpty(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.Add("k2._domainkey 60 CNAME dkim2.mcsv.net.", "k3._domainkey 60 CNAME dkim3.mcsv.net.")
	var config strings.Builder
	config.WriteString("resource \"terraform_data\" \"u\" {\n  input = []\n}\n")
	var checks []statecheck.StateCheck
	for name, attributes := range map[string]string{
		"remove":     `services = { mailchimp = {} }, remove = terraform_data.u.output`,
		"mechanisms": `services = { mailchimp = {} }, mechanisms = terraform_data.u.output`,
		"existing":   `services = { mailchimp = {} }, existing = one(terraform_data.u.output)`,
		"all":        `services = { mailchimp = {} }, all = one(terraform_data.u.output)`,
		"elements":   `services = { mailchimp = {} }, remove = [for r in terraform_data.u.output : r]`,
	} {
		fmt.Fprintf(&config, `
resource "maildomain_validation" %[1]q {
  records     = provider::maildomain::records({ domain = "example.com", %[2]s })
  consecutive = 1
  timeouts    = { create = "30s" }
}
output %[1]q { value = join(" ", keys(maildomain_validation.%[1]s.records)) }
`, name, attributes)
		checks = append(checks, output(name, knownvalue.StringExact("example.com/mailchimp/k2 example.com/mailchimp/k3")))
	}
	test(t, resource.TestStep{Config: l.config(config.String()), ConfigStateChecks: checks})
}

// An attribute that is null counts as left out, whatever it is an attribute of.
func TestRecordsNullAttributes(t *testing.T) {
	t.Parallel()
	test(t, resource.TestStep{
		Config: call(`zone_file(provider::maildomain::records({
    domain     = "example.com"
    services   = { google_workspace = { service = null, template = null, variables = null, groups = ["spf"], host = null, allow = null } }
    keys       = { b = { cname = "k.example.net", record = null } }
    mechanisms = ["a"]
    existing   = null
    remove     = null
    all        = null
    ttl        = 300
    allow_pass_all = null
  }))`),
		ConfigStateChecks: []statecheck.StateCheck{output("result", knownvalue.StringExact(
			"example.com.              300 IN TXT   \"v=spf1 include:_spf.google.com a -all\"\n"+
				"b._domainkey.example.com. 300 IN CNAME k.example.net.\n"))},
	})
}

// What YAML has null for is an error where Terraform shows it.
func TestRecordsNullFromYAML(t *testing.T) {
	t.Parallel()
	test(t, fails(call(`records(yamldecode("domain: example.com\nservices:\n  microsoft365:\n"))`), `services["microsoft365"]: it is null; write {} to use it`))
}

// Numbers and truth values become texts where texts are wanted, and texts what they say where they stand for something
// else.
func TestRecordsConvert(t *testing.T) {
	t.Parallel()
	template := `{"serviceName":"Acme","records":[{"type":"TXT","host":"@","data":"n=%n% b=%b%"}]}`
	test(t, resource.TestStep{
		Config: call(fmt.Sprintf(`records({
    domain = "example.com", allow_pass_all = "true", all = "pass", mechanisms = toset(["a"])
    services = { acme = { template = %q, variables = { n = 12.5, b = true } } }
  })["example.com/acme/txt-@"].value`, template)),
		ConfigStateChecks: []statecheck.StateCheck{output("result", knownvalue.StringExact("n=12.5 b=true"))},
	})
}

// Function and data source make the same of the same.
func TestRecordsSameAsDataSource(t *testing.T) {
	t.Parallel()
	config := `domain = "example.com"
    existing   = "v=spf1 ip4:192.0.2.1 include:old.example -all"
    mechanisms = ["a"]
    remove     = ["include:old.example"]
    all        = "softfail"
    ttl        = 600
    keys       = { own = { cname = "k.example.net" } }
    dmarc      = { policy = "quarantine", aggregate_reports = ["d@example.com"] }
    mta_sts    = { mode = "enforce", host = "sts.example.net" }
    tls_rpt    = { reports = ["t@example.com"] }
    bimi       = { logo = "https://example.com/logo.svg" }
    services = {
      microsoft365 = { variables = { Tenant = "acme", mx_target = "example-com.mail.protection.outlook.com" }, groups = ["spf", "dkim", "mx", "autodiscover"] }
      ses          = { service = "amazon_ses", variables = { dkim_token_1 = "a", dkim_token_2 = "b", dkim_token_3 = "c", region = "eu-west-1", mail_from = "mail" } }
    }`
	test(t, resource.TestStep{
		Config: "data \"maildomain_records\" \"this\" {\n" + config + "\n}\n" +
			"locals {\n  called = provider::maildomain::records({\n" + config + "\n})\n}\n" + `
output "same" { value = data.maildomain_records.this.records == local.called }
output "keys" { value = join(" ", keys(local.called)) }
output "warnings" { value = length(data.maildomain_records.this.warnings) }
`,
		ConfigStateChecks: []statecheck.StateCheck{
			output("same", knownvalue.Bool(true)),
			output("warnings", knownvalue.Int64Exact(0)),
			output("keys", knownvalue.StringExact(
				"example.com/bimi example.com/dmarc example.com/keys/own example.com/microsoft365/autodiscover example.com/microsoft365/mx example.com/microsoft365/selector1 example.com/microsoft365/selector2 "+
					"example.com/mta_sts example.com/mta_sts/host example.com/ses/dkim1 example.com/ses/dkim2 example.com/ses/dkim3 example.com/ses/mail_from_mx example.com/spf example.com/spf/mail example.com/tls_rpt")),
		},
	})
}

// A sensitive value makes the whole result sensitive, until nonsensitive() says that it is meant for public DNS.
func TestRecordsSensitive(t *testing.T) {
	t.Parallel()
	config := func(wrap string) string {
		return `
variable "tenant" {
  default   = "acme"
  sensitive = true
}
resource "terraform_data" "dns" {
  for_each = provider::maildomain::records({
    domain = "example.com", services = { microsoft365 = { variables = { tenant = ` + wrap + ` } } }
  })
  input = each.value.value
}
`
	}
	test(t, fails(config("var.tenant"), "Sensitive values"), resource.TestStep{Config: config("nonsensitive(var.tenant)")})
}

func TestRecordsErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ config, says string }{
		"misspelt": {`{ domain = "example.com", service = {} }`, "service: there is no such attribute; the attributes are domain, services"},
		"misspelt in a service": {
			`{ domain = "example.com", services = { microsoft365 = { variable = { tenant = "a" } } } }`, `services["microsoft365"].variable: there is no such attribute; the attributes are service, template, variables`,
		},
		"misspelt in a key":       {`{ domain = "example.com", keys = { s1 = { pubkey = "" } } }`, `keys["s1"].pubkey: there is no such attribute`},
		"misspelt variable":       {`{ domain = "example.com", services = { microsoft365 = { variables = { tenat = "a" } } } }`, `services["microsoft365"].variables["tenat"]`},
		"no domain":               {`{}`, `domain: it is missing`},
		"domain":                  {`{ domain = "a b" }`, `domain: "a b": `},
		"no object":               {`"example.com"`, "it must be an object in braces, not a text"},
		"no object, one error":    {`"example.com"`, `parameter: it must be an object in braces, not a text.`},
		"object for the domain":   {`{ domain = {} }`, `parameter: domain: it must be a text, not an object.`},
		"TTL in text":             {`{ domain = "example.com", ttl = "1h" }`, "ttl: it must be a whole number from 1 to 2147483647"},
		"names, domain not known": {`{ domain = terraform_data.zone.output, services = { catglob = {} } }`, `services["catglob"]: There is no built-in service of this name.`},
		"null":                    {`null`, "must not be null"},
		"text for an object":      {`{ domain = "example.com", services = { a = "microsoft365" } }`, `services["a"]: it must be an object in braces, not a text`},
		"list for a text":         {`{ domain = ["example.com"] }`, "domain: it must be a text, not a list"},
		"text for a list":         {`{ domain = "example.com", mechanisms = "a" }`, "mechanisms: it must be a list of texts in brackets"},
		"object for a variable": {
			`{ domain = "example.com", services = { microsoft365 = { variables = { tenant = {} } } } }`, `services["microsoft365"].variables["tenant"]: it must be a text, not an object`,
		},
		"TTL":              {`{ domain = "example.com", ttl = 0 }`, "ttl: it must be a whole number from 1 to 2147483647"},
		"truth value":      {`{ domain = "example.com", allow_pass_all = "yes" }`, "allow_pass_all: it must be true or false"},
		"ending":           {`{ domain = "example.com", all = "-all" }`, "all: unknown ending"},
		"empty existing":   {`{ domain = "example.com", existing = "" }`, "existing: it is an empty text"},
		"existing":         {`{ domain = "example.com", existing = "v=spf1 includ:a -all" }`, "existing: "},
		"unknown service":  {`{ domain = "example.com", services = { catglob = {} } }`, `services["catglob"]: There is no built-in service of this name. Did you mean "catglobe"?`},
		"missing variable": {`{ domain = "example.com", services = { microsoft365 = {} } }`, `services["microsoft365"].variables: Variable "selector1_target"`},
		"two selectors":    {`{ domain = "example.com", services = { microsoft365 = { variables = { tenant = "a" } } }, keys = { selector1 = { cname = "a.example" } } }`, "a DKIM selector has one record"},
		"conflict": {
			`{ domain = "example.com", services = { google_workspace = { groups = ["mx"] }, fastmail = { groups = ["mx"] } } }`, "the mail of a name is delivered to one service",
		},
		"all at once": {
			`{ domain = "example.com", ttl = -1, keys = { "s 1" = { cname = "a", x = 1 } }, remove = [{}] }`,
			`keys["s 1"].x: there is no such attribute; the attributes are public_key, record, cname, state remove[0]: it must be a text, not an object ttl: it must be`,
		},
		"known while another is not": {
			`{ domain = "example.com", services = { microsoft365 = { variables = { selector2_target = terraform_data.zone.output, selector1_target = "a b" } } } }`, `services["microsoft365"].variables["selector1_target"]: The variable has an invalid value`,
		},
		"two lines of problems": {
			`{ domain = "example.com", services = { catglob = {}, microsoft365 = {} } }`, "`template = file(\"…\")` services[\"microsoft365\"].variables:",
		},
		"misspelt in a policy":    {`{ domain = "example.com", dmarc = { polcy = "none" } }`, "dmarc.polcy: there is no such attribute; the attributes are policy, subdomain_policy"},
		"policy that is a text":   {`{ domain = "example.com", dmarc = "v=DMARC1; p=none" }`, "dmarc: it must be an object in braces, not a text"},
		"policies, all at once":   {`{ domain = "example.com", dmarc = { policy = "block", psd = "x" }, mta_sts = { mode = "on", mx = ["a"] }, tls_rpt = { reports = [] }, bimi = { logo = "x" }, mx = ["mx"] }`, `mx[0]: MX value "mx": it must look like 10 mx.example.net mta_sts.mode: `},
		"max_age past a year":     {`{ domain = "example.com", mta_sts = { mode = "none", max_age = 31557601 } }`, "mta_sts.max_age: it must be a whole number from 0 to 31557600"},
		"wildcard within":         {`{ domain = "example.com", mta_sts = { mode = "testing", mx = ["mx.*.example.net"] } }`, "mta_sts.mx[0]: "},
		"psd and failure reports": {`{ domain = "example.com", dmarc = { policy = "none", psd = "y", failure_reports = ["r@example.com"] } }`, "dmarc.failure_reports: "},
		"parked with services":    {`{ domain = "example.com", parked = true, services = { mailchimp = {} }, mechanisms = ["a"] }`, "services: A parked domain sends and receives no mail, and has no `services`."},
		"a host that climbs out": {
			`{ domain = "example.com", services = { google_workspace = { groups = ["spf"], host = "mail.example.org." } } }`, `services["google_workspace"].host`,
		},
		"a name that smuggles": {
			`{ domain = "example.com", keys = { "a.b\"\n" = { cname = "a.example" } } }`, `keys["a.b\"\010"]: It has blanks around it`,
		},
	}
	cases := map[string]refusal{}
	for name, tt := range tests {
		cases[name] = refusal{handedOut + call("records("+tt.config+")"), tt.says}
	}
	refused(t, cases)
}

// What stands in templates and variables never reaches the terminal as it is.
func TestRecordsErrorsAreFitToBeShown(t *testing.T) {
	t.Parallel()
	c := newCLI(t, call(`records({ domain = "example.com", services = { a = { template = "{\"records\":[{\"type\":\"TXT\",\"host\":\"@\",\"data\":\"%x%\"}]}", variables = { x = "\u001b[2J\u202e" } } } })`))
	out := c.exits(t, 1, "plan")
	if strings.ContainsAny(out, "\u001b\u202e") || !regexp.MustCompile(`services\["a"\]\.variables\["x"\]`).MatchString(out) {
		t.Errorf("terraform plan printed:\n%q", out)
	}
}
