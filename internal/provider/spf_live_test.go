package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

const spfData = "data.maildomain_spf.this"

func computed(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(spfData, tfjsonpath.New(name), want)
}

func texts(values ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(values))
	for i, v := range values {
		checks[i] = knownvalue.StringExact(v)
	}
	return knownvalue.ListExact(checks)
}

// chain publishes below example.net a record whose evaluation takes n lookups in all, itself included.
func (l lab) chain(name string, n int) {
	zone := l.Zone("example.net")
	var includes []string
	for i := range n - 1 {
		leaf := fmt.Sprintf("%s%d", name, i)
		zone.SetTXT(leaf, fmt.Sprintf("v=spf1 ip4:203.0.113.%d -all", i))
		includes = append(includes, "include:"+leaf+".example.net")
	}
	zone.SetTXT(name, "v=spf1 "+strings.Join(append(includes, "ip4:198.51.100.1"), " ")+" -all")
}

func (l lab) spf(attributes string) string {
	return l.config(spfConfig("domain = \"example.com\"\n" + attributes))
}

// What was meant as SPF and is not is an error that quotes it, where it would be lost.
func TestSPFAdoptsNoBrokenRecord(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		live []string
		says string
	}{
		"separate records":   {[]string{"v=spf1", "include:spf.protection.outlook.com", "-all", "MS=ms1"}, "«-all», «include:spf.protection.outlook.com» were meant as SPF and are not SPF records: receivers ignore them and read «v=spf1» alone"},
		"a blank is missing": {[]string{"v=spf1include:spf.example.net?all"}, "«v=spf1include:spf.example.net?all» was meant as an SPF record and is not one: receivers ignore it, as if the domain had no SPF record"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.zone.SetTXT("@", tt.live...)
			test(t, fails(l.spf("adopt_live = true"), tt.says))
		})
	}
}

func TestSPFCountsLookups(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.chain("six", 6)
	l.chain("four", 4)
	l.chain("five", 5)
	t.Run("counted", func(t *testing.T) {
		t.Parallel()
		test(t, resource.TestStep{
			Config: l.spf(`mechanisms = ["include:spf.protection.outlook.com", "include:six.example.net", "ip4:192.0.2.1"]`),
			ConfigStateChecks: []statecheck.StateCheck{
				computed("lookup_count", knownvalue.Int64Exact(7)),
				computed("void_lookup_count", knownvalue.Int64Exact(0)),
				computed("lookups", knownvalue.MapExact(map[string]knownvalue.Check{
					"include:spf.protection.outlook.com": knownvalue.Int64Exact(1),
					"include:six.example.net":            knownvalue.Int64Exact(6),
				})),
				computed("tree", knownvalue.StringRegexp(says("7 of 10 lookups, 0 of 2 void"))),
				computed("warnings", knownvalue.ListSizeExact(0)),
				computed("answer_size", knownvalue.Null()),
			},
		})
	})
	t.Run("near the limit", func(t *testing.T) {
		t.Parallel()
		test(t, resource.TestStep{
			Config: l.spf(`mechanisms = ["include:four.example.net", "include:five.example.net"]`),
			ConfigStateChecks: []statecheck.StateCheck{
				computed("lookup_count", knownvalue.Int64Exact(9)),
				computed("warnings", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringRegexp(says("takes 9 of the 10 lookups"))})),
			},
		})
	})
	t.Run("past the limit", func(t *testing.T) {
		t.Parallel()
		test(t, fails(l.spf(`mechanisms = ["include:six.example.net", "include:five.example.net"]`), "include:six.example.net"))
	})
	t.Run("past the limit as a warning", func(t *testing.T) {
		t.Parallel()
		test(t, resource.TestStep{
			Config: l.spf("mechanisms = [\"include:six.example.net\", \"include:five.example.net\"]\non_permerror = \"warn\""),
			ConfigStateChecks: []statecheck.StateCheck{
				computed("lookup_count", knownvalue.Int64Exact(11)),
				computed("value", knownvalue.StringExact("v=spf1 include:six.example.net include:five.example.net -all")),
			},
		})
	})
	t.Run("an include without SPF", func(t *testing.T) {
		t.Parallel()
		test(t, fails(l.spf(`mechanisms = ["include:nobody.example.net"]`), "nobody.example.net has no SPF record"))
		test(t, resource.TestStep{
			Config: l.spf("mechanisms = [\"include:nobody.example.net\"]\non_permerror = \"warn\""),
			ConfigStateChecks: []statecheck.StateCheck{
				computed("warnings", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringRegexp(says("nobody.example.net"))})),
			},
		})
	})
	t.Run("includes that pass everyone", func(t *testing.T) {
		t.Parallel()
		l.Zone("example.net").SetTXT("open", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all")
		test(t, fails(l.spf(`mechanisms = ["include:open.example.net"]`), "allow_pass_all"))
	})
}

// Without DNS the record stands, and only the counts are missing.
func TestSPFWithoutDNS(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.Recursors()[0].Down()
	test(t,
		resource.TestStep{
			Config: l.spf(`mechanisms = ["include:spf.protection.outlook.com"]`),
			ConfigStateChecks: []statecheck.StateCheck{
				computed("value", knownvalue.StringExact("v=spf1 include:spf.protection.outlook.com -all")),
				computed("lookup_count", knownvalue.Null()),
				computed("void_lookup_count", knownvalue.Null()),
				computed("lookups", knownvalue.Null()),
				computed("warnings", knownvalue.ListSizeExact(1)),
			},
		},
	)
}

func TestSPFFlattens(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.Zone("example.net").SetTXT("_spf", "v=spf1 include:a._spf.example.net ip4:203.0.113.128/26 -all")
	l.Zone("example.net").SetTXT("a._spf", "v=spf1 ip4:203.0.113.192/26 ip6:2001:db8::/33 ip6:2001:db8:8000::/33 ?all")
	test(t, resource.TestStep{
		Config: l.spf("mechanisms = [\"include:_spf.example.net\", \"include:spf.protection.outlook.com\"]\nflatten = [\"_spf.example.net\"]"),
		ConfigStateChecks: []statecheck.StateCheck{
			// Neighbours become one network, and the records have keys and an output of their own.
			computed("flattened_records", knownvalue.MapPartial(map[string]knownvalue.Check{})),
			computed("lookup_count", knownvalue.Int64Exact(2)),
			statecheck.ExpectKnownValue(spfData, tfjsonpath.New("flattened").AtMapKey("_spf.example.net"), knownvalue.ObjectExact(map[string]knownvalue.Check{
				"ipv4_addresses": knownvalue.Int64Exact(128),
				"ipv6_addresses": knownvalue.NotNull(),
				"cidrs":          knownvalue.Int64Exact(2),
				"records":        knownvalue.Int64Exact(1),
			})),
		},
	})
}

func TestSPFRefusesToFlatten(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.Zone("example.net").SetTXT("macro", "v=spf1 exists:%{i}.example.net -all")
	test(t, fails(l.spf("mechanisms = [\"include:macro.example.net\"]\nflatten = [\"macro.example.net\"]"), "macro.example.net"))
}

// Where the value depends on DNS, a DNS failure is an error: it never shrinks a record.
func TestSPFDoesNotFlattenOrAdoptWithoutDNS(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, s := range l.Servers() {
		s.Down()
	}
	t.Run("flatten", func(t *testing.T) {
		t.Parallel()
		test(t, fails(l.spf("mechanisms = [\"include:_spf.example.net\"]\nflatten = [\"*\"]"), "_spf.example.net"))
	})
	t.Run("adopt_live", func(t *testing.T) {
		t.Parallel()
		test(t, fails(l.spf("adopt_live = true"), "Live record cannot be read"))
	})
}

// Taking over a live record, publishing the result and planning again is a fixpoint; a service that goes shows in
// adopted, and only remove drops its terms.
func TestSPFAdoptsTheLiveRecord(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", "v=spf1 include:spf.protection.outlook.com ip4:192.0.2.1 ~all", "MS=ms1", "token")
	adopt := func(services, extra string) string {
		return l.spf(fmt.Sprintf("adopt_live = true\nservices = { %s }\n%s", services, extra))
	}
	const both = "v=spf1 include:spf.protection.outlook.com ip4:192.0.2.1 include:spf.catglobe.example -all"
	publish := func(spf string) func() {
		return func() { l.zone.SetTXT("@", spf, "MS=ms1", "token") }
	}
	services := "microsoft365 = {}\ncatglobe = " + catglobe
	test(t,
		resource.TestStep{
			Config: adopt(services, ""),
			ConfigStateChecks: []statecheck.StateCheck{
				computed("value", knownvalue.StringExact(both)),
				computed("adopted", texts("ip4:192.0.2.1")),
				computed("extra_txt", texts("MS=ms1", "token")),
				computed("answer_size", knownvalue.NotNull()),
			},
		},
		resource.TestStep{
			PreConfig:        publish(both),
			Config:           adopt(services, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				computed("value", knownvalue.StringExact(both)),
				computed("adopted", texts("ip4:192.0.2.1")),
			},
		},
		resource.TestStep{
			Config: adopt("microsoft365 = {}", ""),
			ConfigStateChecks: []statecheck.StateCheck{
				computed("value", knownvalue.StringExact(both)),
				computed("adopted", texts("ip4:192.0.2.1", "include:spf.catglobe.example")),
			},
		},
		resource.TestStep{
			Config: adopt("microsoft365 = {}", `remove = ["include:spf.catglobe.example", "ip4:192.0.2.1"]`),
			ConfigStateChecks: []statecheck.StateCheck{
				computed("value", knownvalue.StringExact("v=spf1 include:spf.protection.outlook.com -all")),
				computed("adopted", knownvalue.ListSizeExact(0)),
			},
		},
	)
	if n := l.Count(dnstest.Over(dnstest.UDP), dnstest.Direct, dnstest.Within("example.com")); n != 0 {
		t.Errorf("the live record was asked for %d times over UDP", n)
	}
}

func TestSPFAdoptionNeedsServersThatAgree(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	l.zone.Server("ns3").Hold()
	l.zone.SetTXT("@", spfB)
	test(t, fails(l.spf("adopt_live = true"), "do not agree: ns1.example.com"))
}

func TestSPFAdoptionBadInput(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA, spfB)
	t.Run("two live records", func(t *testing.T) {
		t.Parallel()
		test(t, fails(l.spf("adopt_live = true"), "RFC 7208"))
	})
	t.Run("beside existing", func(t *testing.T) {
		t.Parallel()
		test(t, fails(l.spf("adopt_live = true\nexisting = \"v=spf1 -all\""), "Both `existing` and `adopt_live` are set"))
	})
}

func TestSPFCheck(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", "v=spf1 include:spf.protection.outlook.com ip4:192.0.2.0/24 -all exp=why.example.com")
	l.zone.SetTXT("why", "%{i} may not send for %{d} (%{t})")
	check := func(attributes string) string {
		return l.config("data \"maildomain_spf_check\" \"this\" {\n" + attributes + "\n}\n")
	}
	result := func(name string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.maildomain_spf_check.this", tfjsonpath.New(name), want)
	}
	tests := map[string]struct {
		attributes string
		want       []statecheck.StateCheck
	}{
		"pass through an include": {
			"ip = \"198.51.100.7\"\nsender = \"joe@example.com\"",
			[]statecheck.StateCheck{
				result("result", knownvalue.StringExact("pass")),
				result("matched", knownvalue.StringRegexp(says("include:spf.protection.outlook.com"))),
				result("lookup_count", knownvalue.Int64Exact(1)),
				result("void_lookup_count", knownvalue.Int64Exact(0)),
				result("explanation", knownvalue.Null()),
			},
		},
		"fail with its explanation": {
			"ip = \"203.0.113.1\"\nsender = \"joe@example.com\"",
			[]statecheck.StateCheck{
				result("result", knownvalue.StringExact("fail")),
				result("explanation", knownvalue.StringExact("203.0.113.1 may not send for example.com (0)")),
				result("trace", knownvalue.StringRegexp(says("example.com"))),
			},
		},
		"a bounce is judged by HELO": {
			"ip = \"192.0.2.1\"\nhelo = \"example.com\"\nsender = \"\"",
			[]statecheck.StateCheck{result("result", knownvalue.StringExact("pass"))},
		},
		"the domain wins": {
			"ip = \"192.0.2.1\"\nsender = \"joe@example.org\"\ndomain = \"example.com\"",
			[]statecheck.StateCheck{result("result", knownvalue.StringExact("pass"))},
		},
		"no record":          {"ip = \"192.0.2.1\"\ndomain = \"example.net\"", []statecheck.StateCheck{result("result", knownvalue.StringExact("none"))}},
		"a malformed domain": {"ip = \"192.0.2.1\"\ndomain = \"-..-\"", []statecheck.StateCheck{result("result", knownvalue.StringExact("none"))}},
		"an IPv6 client":     {"ip = \"2001:db8:100::1\"\ndomain = \"example.com\"", []statecheck.StateCheck{result("result", knownvalue.StringExact("pass"))}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, resource.TestStep{Config: check(tt.attributes), ConfigStateChecks: tt.want})
		})
	}
	t.Run("an address that is none", func(t *testing.T) {
		t.Parallel()
		test(t, fails(check("ip = \"192.0.2.0/24\"\ndomain = \"example.com\""), "Invalid IP address"))
	})
}

// A silent name server among several is a warning, as in a validation.
func TestSPFAdoptsDespiteASilentServer(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	l.zone.Server("ns3").Down()
	test(t, resource.TestStep{
		Config: l.spf("adopt_live = true"),
		ConfigStateChecks: []statecheck.StateCheck{
			computed("value", knownvalue.NotNull()),
			computed("warnings", knownvalue.ListPartial(map[int]knownvalue.Check{
				0: knownvalue.StringRegexp(says("ns3.example.com")),
			})),
		},
	})
}
