package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

func TestValidationDriftIsAWarning(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	config := l.one(spfA, "")
	test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { l.zone.SetTXT("@", spfB) },
			Config:           config,
			ConfigPlanChecks: action(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("valid", knownvalue.Bool(false)),
				attribute("report", knownvalue.StringRegexp(says("0 of 1 record matches."))),
				attribute("observed", knownvalue.MapExact(map[string]knownvalue.Check{
					"spf": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(spfB)}),
				})),
			},
		},
		resource.TestStep{
			PreConfig:         func() { l.zone.SetTXT("@", spfA) },
			Config:            config,
			ConfigPlanChecks:  action(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
		},
	)
}

func TestValidationRevalidatesOnDrift(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	config := l.one(spfA, `on_drift = "revalidate"`)
	id := statecheck.CompareValue(compare.ValuesSame())
	test(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{id.AddStateValue(address, tfjsonpath.New("id"))}},
		resource.TestStep{
			PreConfig: func() {
				l.zone.SetTXT("@", spfB)
				// The refreshes before the apply see the drift; it is gone while the apply waits.
				after(l.zone.Server("ns1"), 5, func() { l.zone.SetTXT("@", spfA) })
			},
			Config:           config,
			ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("valid", knownvalue.Bool(true)),
				id.AddStateValue(address, tfjsonpath.New("id")),
			},
		},
	)
}

func TestValidationThatIgnoresDriftAsksNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	config := l.one(spfA, `on_drift = "ignore"`)
	test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				l.zone.SetTXT("@", spfB)
				l.ResetQuestions()
			},
			Config:            config,
			ConfigPlanChecks:  action(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
		},
		// Neither does an update that DNS has no say in.
		resource.TestStep{
			Config:            l.one(spfA, "on_drift = \"ignore\"\nsettle = false"),
			ConfigPlanChecks:  action(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
		},
	)
	if n := l.Count(); n != 0 {
		t.Errorf("%d questions were asked: %v", n, l.Questions())
	}
}

// What a plan does after a drift, as scripts see it.
func TestValidationDriftInPlans(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options  string
		code     int // of plan -detailed-exitcode
		says     []string
		silent   bool // about the drift
		silentQA bool // no question is asked
	}{
		"warn":       {options: `on_drift = "warn"`, says: []string{"No changes.", "Warning: Live DNS of example.com no longer matches", "«" + spfB + "»"}},
		"left out":   {says: []string{"No changes.", "Warning: Live DNS of example.com no longer matches"}},
		"revalidate": {options: `on_drift = "revalidate"`, code: 2, says: []string{"will be updated in-place", "valid = false -> true", "0 to add, 1 to change, 0 to destroy"}},
		"ignore":     {options: `on_drift = "ignore"`, says: []string{"No changes."}, silent: true, silentQA: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			c := newCLI(t, l.plain(spfA, tt.options))
			c.apply(t)
			l.zone.SetTXT("@", spfB)
			l.ResetQuestions()
			if c.plan(t, 0, "-refresh=false"); l.Count() > 0 {
				t.Errorf("-refresh=false asked: %v", l.Questions())
			}
			out := c.plan(t, tt.code)
			for _, text := range tt.says {
				if !strings.Contains(out, text) {
					t.Errorf("terraform printed:\n%s\nwant %q in it", out, text)
				}
			}
			if tt.silent && strings.Contains(out, "Live DNS") {
				t.Errorf("terraform printed:\n%s\nwant nothing about live DNS", out)
			}
			if asked := l.Count() > 0; asked == tt.silentQA {
				t.Errorf("asked = %v: %v", asked, l.Questions())
			}
		})
	}
}

// A refresh alone ends with 0 as often as one likes, shows a drift once, and with it written, nothing again.
func TestValidationRefreshOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.plain(spfA, ""))
	c.apply(t)
	for range 2 {
		if out := c.plan(t, 0, "-refresh-only"); !strings.Contains(out, "No changes.") {
			t.Errorf("terraform printed:\n%s\nwant no changes", out)
		}
	}
	l.zone.SetTXT("@", spfB)
	if out := c.plan(t, 2, "-refresh-only"); !strings.Contains(out, "valid = true -> false") {
		t.Errorf("terraform printed:\n%s\nwant that valid becomes false", out)
	}
	c.apply(t, "-refresh-only")
	drifted := c.state(t)
	if valid := drifted["valid"]; valid != false {
		t.Errorf("valid = %v after the refresh, want false", valid)
	}
	if out := c.apply(t, "-refresh-only"); !strings.Contains(out, "No changes.") {
		t.Errorf("terraform printed:\n%s\nwant no changes", out)
	}
	c.plan(t, 0, "-refresh-only")
	if diff := cmp.Diff(drifted, c.state(t)); diff != "" {
		t.Errorf("the second refresh changed the state (-first +second):\n%s", diff)
	}
}

// What passes by itself, a countdown in a cache or a serial, and what is not rdata, a TTL, changes no state.
func TestValidationTextsAreTimeless(t *testing.T) {
	t.Parallel()
	clock := dnstest.NewClock(time.Now())
	l := newLab(t, dnstest.WithClock(clock.Now))
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.plain(spfA, `query = "both"`))
	c.apply(t)
	before := c.state(t)
	for name, change := range map[string]func(){
		"countdown": func() { clock.Advance(100 * time.Second) },
		"serial":    func() { l.zone.Add("elsewhere TXT x") },
		"TTL":       func() { l.zone.Set(`@ 60 TXT "` + spfA + `"`) },
	} {
		change()
		if out := c.plan(t, 0, "-refresh-only"); !strings.Contains(out, "No changes.") {
			t.Errorf("%s: terraform printed:\n%s\nwant no changes", name, out)
		}
		c.apply(t, "-refresh-only")
		if diff := cmp.Diff(before, c.state(t)); diff != "" {
			t.Errorf("%s: the refresh changed the state (-before +after):\n%s", name, diff)
		}
	}
}
