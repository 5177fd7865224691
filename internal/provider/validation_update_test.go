package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

func TestValidationUpdate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	test(t,
		resource.TestStep{Config: l.one(spfA, "")},
		// Another record: it waits for that.
		resource.TestStep{
			PreConfig:         func() { l.zone.SetTXT("@", spfB) },
			Config:            l.one(spfB, ""),
			ConfigPlanChecks:  action(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
		},
		// A trigger makes it wait again.
		resource.TestStep{
			Config: l.one(spfB, `triggers = { release = "2" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("report")),
			}},
		},
		// What DNS has no say in plans nothing but itself.
		resource.TestStep{
			Config: l.one(spfB, "triggers = { release = \"2\" }\non_drift = \"warn\""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("report"), knownvalue.StringRegexp(says("1 of 1"))),
			}},
		},
	)
}

func TestValidationFailedUpdateKeepsThePriorState(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	ignoring := func(value string) string {
		return l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 1
  on_drift    = "ignore" # so that no refresh looks again
  timeouts    = { create = "30s", update = "3s" }
}
`, value))
	}
	test(t,
		resource.TestStep{Config: ignoring(spfA)},
		resource.TestStep{Config: ignoring(spfB), ExpectError: says("did not match within 3s")},
		resource.TestStep{
			Config:           ignoring(spfA),
			ConfigPlanChecks: action(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("valid", knownvalue.Bool(false)),
				attribute("records", knownvalue.MapExact(map[string]knownvalue.Check{
					"spf": knownvalue.ObjectPartial(map[string]knownvalue.Check{"value": knownvalue.StringExact(spfA)}),
				})),
				attribute("report", knownvalue.StringRegexp(says("expected: "+spfB))),
			},
		},
	)
}

// After a failed update, the next refresh looks at the records that the state has, and tells of these.
func TestValidationRefreshAfterAFailedUpdate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	quick := func(value string) string {
		return l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 1
  timeouts    = { create = "30s", update = "3s" }
}
`, value))
	}
	test(t,
		resource.TestStep{Config: quick(spfA)},
		resource.TestStep{PreConfig: func() { l.zone.SetTXT("@", "v=spf1 ptr -all") }, Config: quick(spfB), ExpectError: says(`timeouts = { update = "6s" }`)},
		resource.TestStep{
			Config: quick(spfA),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("valid", knownvalue.Bool(false)),
				attribute("report", knownvalue.StringRegexp(says("expected: "+spfA))),
			},
		},
	)
}

// A failed update of a validation without records leaves none behind, and nothing to warn of.
func TestValidationFailedUpdateFromNoRecords(t *testing.T) {
	t.Parallel()
	for _, drift := range []string{"warn", "ignore"} {
		t.Run(drift, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			quick := func(records string) string {
				return l.config(fmt.Sprintf("resource \"maildomain_validation\" \"this\" {\n  records  = {%s}\n  on_drift = %q\n  timeouts = { create = \"500ms\" }\n}\n", records, drift))
			}
			c := newCLI(t, quick(""))
			c.apply(t)
			c.configure(t, quick(fmt.Sprintf(`spf = { fqdn = "example.com", type = "TXT", value = %q }`, spfA)))
			if out := c.exits(t, 1, "apply", "-auto-approve"); !strings.Contains(out, "did not match within 500ms") {
				t.Errorf("terraform printed:\n%s\nwant that the records did not match", out)
			}
			c.configure(t, quick(""))
			if out := c.plan(t, 0); strings.Contains(out, "Live DNS") {
				t.Errorf("terraform printed:\n%s\nwant no warning", out)
			}
			c.apply(t, "-refresh-only")
			if state := c.state(t); state["valid"] != true || state["report"] != "There are no records to check." {
				t.Errorf("state = %v, want one that is valid", state)
			}
		})
	}
}

// An update waits where DNS has a say in what changed, and asks nothing otherwise.
func TestValidationUpdateWaitsOrNot(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options string
		waits   bool
	}{
		"query":       {`query = "authoritative"`, true},
		"require":     {`require = "strict"`, true},
		"consecutive": {`consecutive = 1`, true},
		"follow":      {`follow = true`, true},
		"triggers":    {`triggers = { release = "2" }`, true},
		"settle":      {`settle = true`, false},
		"on_drift":    {`on_drift = "revalidate"`, false},
	}
	l := newLab(t)
	config := func(updated bool) string {
		var b strings.Builder
		for name, tt := range tests {
			options := ""
			if updated {
				options = tt.options
			}
			fmt.Fprintf(&b, `
resource "maildomain_validation" %[1]q {
  records  = { spf = { fqdn = "%[1]s.com", type = "TXT", value = %[2]q } }
  timeouts = { create = "30s" }
  %[3]s
}
`, name, spfA, options)
		}
		return l.config(b.String())
	}
	for name := range tests {
		l.Zone(name+".com").SetTXT("@", spfA)
	}
	c := newCLI(t, config(false))
	c.apply(t)
	before := c.found(t)
	l.ResetQuestions()
	c.configure(t, config(true))
	if out, want := c.apply(t, "-refresh=false"), fmt.Sprintf("0 added, %d changed, 0 destroyed", len(tests)); !strings.Contains(out, want) {
		t.Errorf("terraform printed:\n%s\nwant updates in place: %s", out, want)
	}
	after := c.found(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			about := dnstest.Within(name + ".com")
			if asked := l.Count(about) > 0; asked != tt.waits {
				t.Errorf("the update asked: %v, want %v; %v", asked, tt.waits, l.Questions(about))
			}
			if before[name] == nil {
				t.Fatal("the state does not have it")
			}
			if diff := cmp.Diff(before[name], after[name]); diff != "" {
				t.Errorf("what was found changed (-before +after):\n%s", diff)
			}
		})
	}
}

// found returns what validations found, by their names.
func (c cli) found(t *testing.T) map[string][]any {
	t.Helper()
	all := make(map[string][]any)
	for _, r := range c.stateFile(t).Resources {
		for _, i := range r.Instances {
			var attributes map[string]any
			if err := json.Unmarshal(i.Attributes, &attributes); err != nil {
				t.Fatal(err)
			}
			all[r.Name] = []any{attributes["id"], attributes["valid"], attributes["observed"], attributes["report"]}
		}
	}
	return all
}

// Neither do other timeouts make an update wait, and another provider block plans nothing at all.
func TestValidationUpdateOfTimeouts(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.plain(spfA, ""))
	c.apply(t)
	l.ResetQuestions()
	c.configure(t, strings.Replace(l.plain(spfA, ""), "30s", "40s", 1))
	if out := c.apply(t, "-refresh=false"); !strings.Contains(out, "0 added, 1 changed, 0 destroyed") {
		t.Errorf("terraform printed:\n%s\nwant an update in place", out)
	}
	c.configure(t, strings.Replace(l.timeout("6s").plain(spfA, ""), "30s", "40s", 1))
	c.plan(t, 0, "-refresh=false")
	if questions := l.Questions(); len(questions) > 0 {
		t.Errorf("%d questions were asked, want none: %v", len(questions), questions)
	}
}

// A failed update is due again, until it succeeds.
func TestValidationFailedUpdateIsPlannedAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	quick := func(value string) string {
		return strings.Replace(l.plain(value, ""), `"30s"`, `"30s", update = "1s"`, 1)
	}
	c := newCLI(t, quick(spfA))
	c.apply(t)
	c.configure(t, quick(spfB))
	if out := c.exits(t, 1, "apply", "-auto-approve"); !strings.Contains(out, "Error: Live DNS of example.com does not match") {
		t.Errorf("terraform printed:\n%s\nwant that live DNS does not match", out)
	}
	failed := c.state(t)
	if failed["valid"] != false || !strings.Contains(fmt.Sprint(failed["report"]), "expected: "+spfB) {
		t.Errorf("the state is %v, want valid = false and a report about the new record", failed)
	}
	if want := map[string]any{"spf": []any{spfA}}; !cmp.Equal(failed["observed"], any(want)) {
		t.Errorf("observed = %v after the failed update, want what was seen: %v", failed["observed"], want)
	}
	if out := c.plan(t, 2); !strings.Contains(out, "will be updated in-place") {
		t.Errorf("terraform printed:\n%s\nwant the update again", out)
	}
	l.zone.SetTXT("@", spfB)
	c.apply(t)
	c.plan(t, 0)
}

// An update that matches, and has no time left for caches to forget, fails like any other.
func TestValidationUpdateThatCannotSettle(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.Set(`@ 3600 TXT "` + spfA + `"`)
	c := newCLI(t, l.plain(spfA, `on_drift = "ignore"`))
	c.apply(t)
	c.configure(t, l.plain(spfA, "on_drift = \"ignore\"\nsettle = true\ntriggers = { a = \"b\" }"))
	if out := c.exits(t, 1, "apply", "-auto-approve"); !strings.Contains(out, "Error: No time left for caches to forget") {
		t.Errorf("terraform printed:\n%s\nwant that there is no time left", out)
	}
	state := c.state(t)
	if state["valid"] != false || state["triggers"] != nil {
		t.Errorf("the state is %v, want the one before with valid = false", state)
	}
	c.plan(t, 2)
}

// A replacement is a validation of its own: it waits, and has another id.
func TestValidationReplaced(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.plain(spfA, ""))
	c.apply(t)
	before := c.state(t)
	l.ResetQuestions()
	c.apply(t, "-replace="+address, "-refresh=false")
	if after := c.state(t); after["id"] == before["id"] || l.Count() == 0 {
		t.Errorf("id %v became %v, and %d questions were asked; want another id, and some", before["id"], after["id"], l.Count())
	}
}
