package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// The list says what the data source warns of, is empty where it warns of nothing, and is unknown while a part is.
func TestRecordsWarnings(t *testing.T) {
	t.Parallel()
	const tightened = `{ domain = "example.com", existing = "v=spf1 ip4:192.0.2.1 ~all" }`
	config := `
resource "terraform_data" "address" { input = "ip4:192.0.2.1" }
data "maildomain_records" "same" {
  domain   = "example.com"
  existing = "v=spf1 ip4:192.0.2.1 ~all"
}
output "tightened" { value = provider::maildomain::records_warnings(` + tightened + `) }
output "same" { value = provider::maildomain::records_warnings(` + tightened + `) == data.maildomain_records.same.warnings }
output "none" { value = provider::maildomain::records_warnings({ domain = "example.com", existing = "v=spf1 ip4:192.0.2.1 ~all", all = "keep" }) }
output "pending" { value = provider::maildomain::records_warnings({ domain = "example.com", all = "fail", mechanisms = [terraform_data.address.output] }) }
`
	test(t, resource.TestStep{
		Config: config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownOutputValue("none", knownvalue.ListExact(nil)),
			plancheck.ExpectUnknownOutputValue("pending"),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			output("tightened", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringRegexp(regexp.MustCompile("~all"))})),
			output("same", knownvalue.Bool(true)),
			output("pending", knownvalue.ListExact(nil)),
		},
	}, fails(`output "x" { value = provider::maildomain::records_warnings({ domain = "example.com", services = { acme = null } }) }`, `example.com: services["acme"]`))
}
