package provider_test

import (
	"fmt"
	"maps"
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

// handed is a validation whose arguments another resource of the same apply gives.
type handed struct{ given, arguments string }

// handedOut is a configuration with such validations, by their names.
func (l lab) handedOut(validations map[string]handed) string {
	var b strings.Builder
	b.WriteString("variable \"round\" {\n  type    = string\n  default = \"1\"\n}\n")
	for name, v := range validations {
		fmt.Fprintf(&b, `
resource "terraform_data" %[1]q {
  input            = %[2]s
  triggers_replace = var.round
}
resource "maildomain_validation" %[1]q {
%[3]s
}
`, identifier(name), v.given, strings.ReplaceAll(v.arguments, "terraform_data.given", "terraform_data."+identifier(name)))
	}
	return l.config(b.String())
}

// identifier is the name of a case as Terraform takes it.
func identifier(name string) string { return strings.ReplaceAll(name, " ", "_") }

// Every argument may be known only after apply. Terraform compares the plan that was shown with the one that it makes
// while applying, and refuses to go on where they differ.
func TestValidationOfUnknownValues(t *testing.T) {
	t.Parallel()
	const known = `records  = { spf = { fqdn = "example.com", type = "TXT", value = "` + spfA + `" } }` + "\n"
	const quick = "\n" + `timeouts = { create = "30s" }`
	tests := map[string]handed{
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
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.handedOut(tests))
	c.apply(t)
	c.plan(t, 0)
	// The values become unknown again, and then the same.
	c.apply(t, "-var=round=2")
	states := c.validations(t)
	if len(states) != len(tests) {
		t.Errorf("the state has %d validations, want %d", len(states), len(tests))
	}
	for _, state := range states {
		if !strings.Contains(string(state), `"valid": true`) {
			t.Errorf("valid is not true in %s", state)
		}
	}
	c.plan(t, 0, "-var=round=2")
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
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	validations := make(map[string]handed)
	for name, tt := range tests {
		validations[name] = handed{tt.given, tt.arguments}
	}
	nulls := map[string]handed{"null record": validations["null record"]} // It is known while the plan is made, and leaves no apply to the others.
	delete(validations, "null record")
	said := l.appliedInVain(t, validations)
	maps.Copy(said, l.appliedInVain(t, nulls))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := said["maildomain_validation."+identifier(name)]; !strings.Contains(got, tt.says) {
				t.Errorf("terraform apply says:\n%s\nwant %q in it", got, tt.says)
			}
		})
	}
}

// appliedInVain applies validations that all fail, leaves none of them in the state, and returns the errors of each by its
// address.
func (l lab) appliedInVain(t *testing.T, validations map[string]handed) map[string]string {
	t.Helper()
	c := newCLI(t, l.handedOut(validations))
	cmd, out := c.command(t.Context(), "apply", "-auto-approve", "-json")
	if err := cmd.Run(); err == nil {
		t.Fatalf("terraform apply succeeded:\n%s", out)
	}
	if states := c.validations(t); states != nil {
		t.Errorf("there are states: %s", states)
	}
	said := make(map[string]string)
	for _, d := range diagnostics(t, out.Bytes()) {
		if d.Severity == "error" {
			said[d.about()] += flat(d.Summary+" "+d.Detail) + "\n"
		}
	}
	return said
}
