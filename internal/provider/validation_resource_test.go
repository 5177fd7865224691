package provider_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

const address = "maildomain_validation.this"

// one validates a TXT record at example.com.
func (l lab) one(value, options string) string {
	return l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 1
  timeouts    = { create = "30s" }
  %s
}
`, value, options))
}

func attribute(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), want)
}

func action(a plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, a)}}
}

// after runs do when a server is asked about a record of the zone for the n-th time.
func after(s *dnstest.Server, n int, do func()) {
	var asked atomic.Int64
	s.OnQuestion(func(q dnstest.Question) {
		if (q.Type == "TXT" || q.Type == "CNAME") && asked.Add(1) == int64(n) {
			do()
		}
	})
}

const spfA, spfB = "v=spf1 a -all", "v=spf1 mx -all"

func TestValidationBlocksUntilTheLastServerFollows(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	last := l.zone.Server("ns3")
	last.Hold()
	l.zone.SetTXT("@", spfA)
	after(last, 3, last.Release)
	test(t, resource.TestStep{
		Config: l.one(spfA, ""),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownValue(address, tfjsonpath.New("valid"), knownvalue.Bool(true)),
			plancheck.ExpectUnknownValue(address, tfjsonpath.New("report")),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			attribute("valid", knownvalue.Bool(true)),
			attribute("id", knownvalue.NotNull()),
			attribute("report", knownvalue.StringRegexp(says("1 of 1 record matches."))),
			attribute("report", knownvalue.StringRegexp(says("up to 300 s, its TTL"))),
			attribute("observed", knownvalue.MapExact(map[string]knownvalue.Check{
				"spf": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(spfA)}),
			})),
		},
	})
}

func TestValidationTimeoutShowsExpectedAndSeen(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfB)
	config := l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records = {
    spf  = { fqdn = "example.com", type = "TXT", value = %q }
    dkim = { fqdn = "cg1._domainkey.example.com", type = "CNAME", value = "cg1.dkim.example.net" }
  }
  timeouts = { create = "2s" }
}
`, spfA))
	for name, text := range map[string]string{
		"how long":            "did not match within 2s",
		"expected":            "expected: " + spfA,
		"seen":                "other content: «" + spfB + "», at all 3 name servers of example.com",
		"seen of the other":   "name does not exist (NXDOMAIN), at all 3 name servers of example.com",
		"which servers":       fmt.Sprintf("ns2.example.com (%s)", l.zone.Server("ns2").Addr()),
		"what to do about it": "timeouts = { create",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, resource.TestStep{Config: config, ExpectError: says(text)})
		})
	}
}

// Waiting asks the recursor about top-level domains and name servers alone, so that it has nothing to
// remember about the record.
func TestValidationNeverAsksARecursorAboutTheRecord(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	after(l.zone.Server("ns1"), 3, func() { l.zone.Set("cg1._domainkey CNAME cg1.dkim.example.net.") })
	test(t, resource.TestStep{
		Config: l.config(`
resource "maildomain_validation" "this" {
  records     = { dkim = { fqdn = "cg1._domainkey.example.com", type = "CNAME", value = "cg1.dkim.example.net" } }
  consecutive = 1
  timeouts    = { create = "30s" }
}
`),
		ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
	})
	recursor := l.Recursors()[0]
	if recursor.Count() == 0 {
		t.Error("the recursor was asked nothing, not even about the top-level domain")
	}
	for _, q := range recursor.Questions(dnstest.Within("example.com")) {
		t.Errorf("the recursor was asked: %s", q)
	}
	if _, cached := recursor.Cached("cg1._domainkey.example.com", "CNAME"); cached {
		t.Error("the recursor remembers something about the record")
	}
}

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
  timeouts    = { create = "30s", update = "1s" }
}
`, value))
	}
	test(t,
		resource.TestStep{Config: ignoring(spfA)},
		resource.TestStep{Config: ignoring(spfB), ExpectError: says("did not match within 1s")},
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
  timeouts    = { create = "30s", update = "1s" }
}
`, value))
	}
	test(t,
		resource.TestStep{Config: quick(spfA)},
		resource.TestStep{PreConfig: func() { l.zone.SetTXT("@", "v=spf1 ptr -all") }, Config: quick(spfB), ExpectError: says(`timeouts = { update = "2s" }`)},
		resource.TestStep{
			Config: quick(spfA),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("valid", knownvalue.Bool(false)),
				attribute("report", knownvalue.StringRegexp(says("expected: "+spfA))),
			},
		},
	)
}

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

// Where no server can be asked, nothing is said about the records.
func TestValidationWithoutDNS(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, s := range l.Servers() {
		s.Down()
	}
	test(t, resource.TestStep{
		Config: l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records  = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  timeouts = { create = "2s" }
}
`, spfA)),
		ExpectError: says("Error: DNS could not be asked"),
	})
}

func TestValidationOffline(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	config := l.one(spfA, "")
	test(t,
		resource.TestStep{Config: config},
		// Refresh and plan go on, with a warning; so does the destruction at the end.
		resource.TestStep{
			PreConfig: func() {
				for _, s := range l.Servers() {
					s.Down()
				}
			},
			Config:            config,
			ConfigPlanChecks:  action(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
		},
	)
}

func TestValidationOfNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	test(t, resource.TestStep{
		Config: l.config(`
resource "maildomain_validation" "this" {
  records = {}
}
`),
		ConfigStateChecks: []statecheck.StateCheck{
			attribute("valid", knownvalue.Bool(true)),
			attribute("support_message", knownvalue.StringExact("No DNS records are needed for this set-up.")),
		},
	})
	if n := l.Count(); n != 0 {
		t.Errorf("%d questions were asked", n)
	}
}

func TestValidationRequirements(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	l.zone.Server("ns3").Hold()
	l.zone.SetTXT("@", spfB)
	t.Run("any", func(t *testing.T) {
		t.Parallel()
		test(t, resource.TestStep{Config: l.one(spfB, `require = "any"`)})
	})
	t.Run("two of three", func(t *testing.T) {
		t.Parallel()
		test(t, resource.TestStep{Config: l.one(spfB, `require = 2`)})
	})
	t.Run("three of three", func(t *testing.T) {
		t.Parallel()
		test(t, resource.TestStep{
			Config: l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records  = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  require  = "3"
  timeouts = { create = "1s" }
}
`, spfB)),
			ExpectError: says("required: 3 servers, of the 3 there are"),
		})
	})
}

func TestValidationAsksResolversWhereToldTo(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"resolvers", "both"} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			test(t, resource.TestStep{
				Config:            l.one(spfA, fmt.Sprintf("query = %q", query)),
				ConfigStateChecks: []statecheck.StateCheck{attribute("report", knownvalue.StringRegexp(says("at the only resolver")))},
			})
		})
	}
}

func TestValidationFollowsToTheKey(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	keys := l.Zone("example.net")
	l.zone.Set("cg1._domainkey CNAME cg1.dkim.example.net.")
	_, data := newKey(t, 2048)
	publish := func() { keys.SetTXT("cg1.dkim", "v=DKIM1; k=rsa; p="+data) }
	after(keys.Servers()[0], 4, publish)
	test(t, resource.TestStep{
		Config: l.config(`
resource "maildomain_validation" "this" {
  records     = { dkim = { fqdn = "cg1._domainkey.example.com", type = "CNAME", value = "cg1.dkim.example.net" } }
  follow      = true
  consecutive = 1
  timeouts    = { create = "30s" }
}
`),
		ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
	})
}

func TestValidationSettles(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	t.Run("within the time", func(t *testing.T) {
		t.Parallel()
		l.zone.Set("short 1 TXT x")
		test(t, resource.TestStep{Config: l.config(`
resource "maildomain_validation" "this" {
  records  = { short = { fqdn = "short.example.com", type = "TXT", value = "x" } }
  settle   = true
  timeouts = { create = "30s" }
}
`)})
	})
	t.Run("past the time", func(t *testing.T) {
		t.Parallel()
		l.zone.Set("long 3600 TXT x")
		test(t, resource.TestStep{
			Config: l.config(`
resource "maildomain_validation" "this" {
  records  = { long = { fqdn = "long.example.com", type = "TXT", value = "x" } }
  settle   = true
  timeouts = { create = "30s" }
}
`),
			ExpectError: says("lower the TTL of the records"),
		})
	})
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
