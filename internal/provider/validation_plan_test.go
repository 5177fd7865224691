package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// Whether there is anything to wait for may depend on what is known only after apply.
func TestValidationWithUnknownOptions(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	config := func(drift string) string {
		return l.config(fmt.Sprintf(`
resource "terraform_data" "drift" {
  input = %q
}
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 1
  on_drift    = terraform_data.drift.output
  timeouts    = { create = "30s" }
}
`, drift, spfA))
	}
	test(t,
		resource.TestStep{Config: config("warn")},
		resource.TestStep{
			PreConfig: func() {
				l.zone.SetTXT("@", spfB)
				after(l.zone.Server("ns1"), 5, func() { l.zone.SetTXT("@", spfA) })
			},
			Config:            config("revalidate"),
			ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
		},
	)
}

// Values that are known only after apply defer the data source and the validation, and go wrong nowhere.
func TestValuesKnownAfterApply(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", "v=spf1 include:spf.protection.outlook.com include:spf.catglobe.example -all")
	config := l.config(`
resource "terraform_data" "handed_out" {
  input = "spf.catglobe.example"
}
resource "terraform_data" "existing" {
  input = "v=spf1 include:spf.protection.outlook.com -all"
}
data "maildomain_spf" "this" {
  domain   = "example.com"
  existing = terraform_data.existing.output
  services = { catglobe = { variables = { spf_include = terraform_data.handed_out.output } } }
}
resource "maildomain_validation" "this" {
  records     = data.maildomain_spf.this.records
  consecutive = 1
  timeouts    = { create = "30s" }
}
`)
	test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("valid", knownvalue.Bool(true)),
				attribute("records", knownvalue.MapSizeExact(1)),
			},
		},
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

// handedOut is a validation whose arguments another resource of the same apply gives.
func (l lab) handedOut(given, arguments string) string {
	return l.config(fmt.Sprintf(`
resource "terraform_data" "given" {
  input            = %s
  triggers_replace = var.round
}
variable "round" {
  type    = string
  default = "1"
}
resource "maildomain_validation" "this" {
%s
}
`, given, arguments))
}

// Every argument may be known only after apply. Terraform compares the plan that was shown with the one that it makes
// while applying, and refuses to go on where they differ.
func TestValidationOfUnknownValues(t *testing.T) {
	t.Parallel()
	const known = `records  = { spf = { fqdn = "example.com", type = "TXT", value = "` + spfA + `" } }` + "\n"
	const quick = "\n" + `timeouts = { create = "30s" }`
	tests := map[string]struct{ given, arguments string }{
		"value":       {`"` + spfA + `"`, `records = { spf = { fqdn = "example.com", type = "TXT", value = terraform_data.given.output } }` + quick},
		"fqdn":        {`"example.com"`, `records = { spf = { fqdn = terraform_data.given.output, type = "TXT", value = "` + spfA + `" } }` + quick},
		"type":        {`"TXT"`, `records = { spf = { fqdn = "example.com", type = terraform_data.given.output, value = "` + spfA + `" } }` + quick},
		"record":      {`{ fqdn = "example.com", type = "TXT", value = "` + spfA + `" }`, `records = { spf = terraform_data.given.output }` + quick},
		"records":     {`{ spf = { fqdn = "example.com", type = "TXT", value = "` + spfA + `" } }`, `records = terraform_data.given.output` + quick},
		"query":       {`"both"`, known + `query = terraform_data.given.output` + quick},
		"require":     {`"2"`, known + `require = terraform_data.given.output` + quick},
		"consecutive": {`1`, known + `consecutive = terraform_data.given.output` + quick},
		"follow":      {`true`, known + `follow = terraform_data.given.output` + quick},
		"settle":      {`false`, known + `settle = terraform_data.given.output` + quick},
		"triggers":    {`{ a = "b" }`, known + `triggers = terraform_data.given.output` + quick},
		"a timeout":   {`"30s"`, known + `timeouts = { create = terraform_data.given.output }`},
		"timeouts":    {`{ create = "30s" }`, known + `timeouts = terraform_data.given.output`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			c := newCLI(t, l.handedOut(tt.given, tt.arguments))
			c.apply(t)
			c.plan(t, 0)
			// The value becomes unknown again, and then the same.
			c.apply(t, "-var=round=2")
			if valid := c.state(t)["valid"]; valid != true {
				t.Errorf("valid = %v, want true", valid)
			}
			c.plan(t, 0, "-var=round=2")
		})
	}
}

// What turns out bad when it gets known is refused then, like what is known beforehand.
func TestValidationOfUnknownValuesThatTurnOutBad(t *testing.T) {
	t.Parallel()
	const known = `records  = { spf = { fqdn = "example.com", type = "TXT", value = "` + spfA + `" } }` + "\n"
	const quick = "\n" + `timeouts = { create = "30s" }`
	tests := map[string]struct{ given, arguments, says string }{
		"require":       {`"most"`, known + `require = terraform_data.given.output` + quick, "a number of servers"},
		"query":         {`"public"`, known + `query = terraform_data.given.output` + quick, "authoritative"},
		"consecutive":   {`0`, known + `consecutive = terraform_data.given.output` + quick, "a whole number from 1 to 100"},
		"timeout":       {`"0s"`, known + `timeouts = { create = terraform_data.given.output }`, "positive duration"},
		"type":          {`"SPF"`, `records = { spf = { fqdn = "example.com", type = terraform_data.given.output, value = "x" } }` + quick, "Unknown record type"},
		"null record":   {`null`, `records = { spf = terraform_data.given.output }` + quick, `records["spf"] is null`},
		"contradiction": {`"` + spfB + `"`, `records = { a = { fqdn = "example.com", type = "TXT", value = "` + spfA + `" }, b = { fqdn = "example.com", type = "TXT", value = terraform_data.given.output } }` + quick, "merge the two"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			c := newCLI(t, l.handedOut(tt.given, tt.arguments))
			if out := c.exits(t, 1, "apply", "-auto-approve"); !strings.Contains(out, tt.says) {
				t.Errorf("terraform printed:\n%s\nwant %q in it", out, tt.says)
			}
			if state := c.state(t); state != nil {
				t.Errorf("there is a state: %v", state)
			}
		})
	}
}
