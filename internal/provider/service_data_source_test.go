package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

func serviceConfig(attributes string) string {
	return "data \"maildomain_service\" \"this\" {\ndomain = \"example.com\"\n" + attributes + "\n}\n"
}

const serviceOutputs = `
locals { this = data.maildomain_service.this }
output "records" { value = { for key, r in local.this.records : key => "${r.fqdn} ${r.type} ${r.value}" } }
output "spf" { value = local.this.spf }
output "hosts" { value = { for owner, terms in local.this.spf_hosts : owner => join(" ", terms) } }
output "text" { value = join(" | ", [local.this.name, coalesce(local.this.docs, "-"), length(local.this.notes), length(local.this.warnings)]) }
output "groups" { value = join(" ", [for g in local.this.template_groups : "${g.id}=${g.default}"]) }
output "variables" { value = join(" ", [for v in local.this.template_variables : v.name if v.default == null]) }
`

func TestServiceDataSource(t *testing.T) {
	t.Parallel()
	list := func(terms ...string) knownvalue.Check {
		checks := make([]knownvalue.Check, len(terms))
		for i, term := range terms {
			checks[i] = knownvalue.StringExact(term)
		}
		return knownvalue.ListExact(checks)
	}
	template := `{"providerId":"acme.example","providerName":"Acme","serviceId":"mail","serviceName":"Acme Mail","records":[
		{"type":"SPFM","host":"@","spfRules":"include:_spf.acme.example ip4:192.0.2.1"},
		{"type":"TXT","groupId":"verify","host":"@","data":"acme=%Token%"},
		{"type":"TXT","host":"_dmarc","data":"v=DMARC1; p=none"}]}`
	tests := map[string]struct {
		config             string
		records, hosts     map[string]string
		spf                knownvalue.Check
		text, groups, vars string
	}{
		"built in": {
			config:  `service = "google_workspace"` + "\n" + `groups = ["spf", "mx"]`,
			records: map[string]string{"example.com/google_workspace/mx": "example.com MX 1 smtp.google.com"}, spf: list("include:_spf.google.com"),
			text: "Google Workspace | https://support.google.com/a/answer/174124 | 0 | 0", groups: "spf=true dkim=true mx=false mx_aspmx=false verification=false", vars: "dkim_record verification",
		},
		"from other owners": {
			config:  `service = "amazon_ses"` + "\n" + `groups = ["mail_from"]` + "\n" + `variables = { REGION = "eu-west-1", mail_from = "mail" }`,
			records: map[string]string{"example.com/amazon_ses/mail_from_mx": "mail.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com"},
			hosts:   map[string]string{"mail.example.com": "include:amazonses.com"}, spf: list(),
			text: "Amazon SES", groups: "dkim=true mail_from=true", vars: "dkim_token_1 dkim_domain region dkim_token_2 dkim_token_3 mail_from",
		},
		"a template": {
			config:  fmt.Sprintf("template = %q\nhost = \"news\"\nvariables = { token = \"x\" }", template),
			records: map[string]string{"example.com/acme.example.mail/txt-@": "news.example.com TXT acme=x"},
			hosts:   map[string]string{"news.example.com": "include:_spf.acme.example ip4:192.0.2.1"}, spf: list(),
			text: "Acme Mail | - | 0 | 1", groups: "verify=true", vars: "Token",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, resource.TestStep{
				Config: serviceConfig(tt.config) + serviceOutputs,
				ConfigStateChecks: []statecheck.StateCheck{
					output("records", textMap(tt.records)), output("spf", tt.spf), output("hosts", textMap(tt.hosts)),
					output("text", knownvalue.StringRegexp(says(tt.text))), output("groups", knownvalue.StringExact(tt.groups)), output("variables", knownvalue.StringExact(tt.vars)),
				},
			})
		})
	}
}

func TestServiceDataSourceErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ config, says string }{
		"neither":          {"", "Neither `service` nor `template` is set"},
		"both":             {"service = \"catglobe\"\ntemplate = \"{}\"", "both `service` and `template`"},
		"unknown":          {`service = "catglob"`, `Did you mean "catglobe"?`},
		"missing variable": {`service = "microsoft365"`, "Check the spelling of `variables` itself"},
		"misspelt":         {"service = \"microsoft365\"\nvariable = {}", "Did you mean \"variables\"?"},
		"refused": {
			`template = jsonencode({ records = [{ type = "NS", host = "a", pointsTo = "ns.example" }] })`, "delegates a part of the domain",
		},
		"a template bomb": {
			`template = jsonencode({ records = [for i in range(1001) : { type = "TXT", host = "a${i}", data = "x" }] })`, "holds more than 1000 records",
		},
		"a template of megabytes": {
			`template = jsonencode({ records = [for i in range(1000) : { type = "TXT", host = "a", data = "` + longText + `" }] })`, "at most 1048576 are read",
		},
	}
	cases := map[string]refusal{}
	for name, tt := range tests {
		cases[name] = refusal{serviceConfig(tt.config), tt.says}
	}
	refused(t, cases)
}

// longText is some 1,100 octets.
var longText = fmt.Sprintf("%01100d", 0)

// Every built-in service is listed, with what its template says.
func TestServicesDataSource(t *testing.T) {
	t.Parallel()
	ids := make([]knownvalue.Check, 0, len(service.Builtins()))
	for _, id := range service.Builtins() {
		ids = append(ids, knownvalue.StringExact(id))
	}
	test(t, resource.TestStep{
		Config: `
data "maildomain_services" "this" {}
locals { all = data.maildomain_services.this.services }
output "ids" { value = keys(local.all) }
output "google" { value = "${local.all.google_workspace.name} ${local.all.google_workspace.evidence} ${local.all.google_workspace.template_groups[0].id} ${local.all.google_workspace.template_variables[0].name}" }
output "without" { value = [for id, s in local.all : id if s.docs == null || s.checked == "" || s.evidence == "" || s.template_groups == null] }
`,
		ConfigStateChecks: []statecheck.StateCheck{
			output("ids", knownvalue.ListExact(ids)), output("google", knownvalue.StringExact("Google Workspace O spf dkim_selector")), output("without", knownvalue.ListSizeExact(0)),
		},
	})
}
