package provider_test

import (
	"fmt"
	"sync/atomic"
	"testing"

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

// plain is the same with the default number of rounds: Terraform 1.11 ends a refresh alone with code 2 and "No changes"
// where a resource holds a number.
func (l lab) plain(value, options string) string {
	return l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records  = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  timeouts = { create = "30s" }
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
			attribute("report", knownvalue.StringRegexp(says("1 of 1 record matches at 3 name servers of example.com."))),
			attribute("report", knownvalue.StringRegexp(says("up to 300 s, its TTL"))),
			attribute("observed", knownvalue.MapSizeExact(0)),
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
	_, err := newCLI(t, config).attempt(t, "apply", "-auto-approve")
	if err == nil {
		t.Fatal("terraform apply succeeded")
	}
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
			if !says(text).MatchString(err.Error()) {
				t.Errorf("%v\nwant %q", err, text)
			}
		})
	}
}

// Waiting asks the recursor about top-level domains and name servers, and about the zone once its servers have the
// record: it has nothing to remember about the record.
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
	for _, q := range recursor.Questions(dnstest.Within("example.com"), dnstest.Not(dnstest.OfType("SOA"))) {
		t.Errorf("the recursor was asked: %s", q)
	}
	if n := recursor.Count(dnstest.About("example.com"), dnstest.OfType("SOA")); n == 0 {
		t.Error("the recursor was not asked about the zone, which its servers have")
	}
	if _, cached := recursor.Cached("cg1._domainkey.example.com", "CNAME"); cached {
		t.Error("the recursor remembers something about the record")
	}
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
			attribute("report", knownvalue.StringExact("There are no records to check.")),
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
  timeouts = { create = "3s" }
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
				ConfigStateChecks: []statecheck.StateCheck{attribute("report", knownvalue.StringRegexp(says("1 resolver.")))},
			})
		})
	}
}

// A resolver that is asked too early would remember that there is nothing.
func TestValidationAsksResolversOnlyOnceTheAuthoritiesAgree(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	last := l.zone.Server("ns3")
	last.Hold()
	l.zone.SetTXT("@", spfA)
	var released, early atomic.Bool
	after(last, 3, func() {
		last.Release()
		released.Store(true)
	})
	l.Recursors()[0].OnQuestion(func(q dnstest.Question) {
		if q.Name == "example.com" && q.Type == "TXT" && !released.Load() {
			early.Store(true)
		}
	})
	test(t, resource.TestStep{Config: l.one(spfA, `query = "both"`)})
	if early.Load() {
		t.Error("the resolver was asked about the record before every authority served it")
	}
	if l.Recursors()[0].Count(dnstest.About("example.com"), dnstest.OfType("TXT")) == 0 {
		t.Error("the resolver was not asked at all")
	}
}

// Each server is asked as often in a row as is wanted, and an answer that does not match starts the count anew.
func TestValidationCountsConsecutiveRounds(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	server := l.zone.Server("ns1")
	after(server, 2, func() { l.zone.SetTXT("@", spfB) })
	after(server, 3, func() { l.zone.SetTXT("@", spfA) })
	test(t, resource.TestStep{
		Config: l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 3
  timeouts    = { create = "30s" }
}
`, spfA)),
		ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
	})
	// The answers to the first, third, fourth and fifth match, and only the last three stand in a row.
	if n := server.Count(dnstest.About("example.com"), dnstest.OfType("TXT")); n < 5 {
		t.Errorf("ns1 was asked %d times, want at least 5", n)
	}
}

// Under "strict", a server that is silent is waited for, and not passed over.
func TestValidationRequiresSilentServersUnderStrict(t *testing.T) {
	t.Parallel()
	l := newLab(t).timeout("500ms")
	l.zone.SetTXT("@", spfA)
	silent := l.zone.Server("ns3")
	remove := silent.Inject(dnstest.Drop)
	after(silent, 5, remove)
	test(t, resource.TestStep{
		Config:            l.one(spfA, `require = "strict"`),
		ConfigStateChecks: []statecheck.StateCheck{attribute("report", knownvalue.StringRegexp(says("1 of 1 record matches at 3 name servers of example.com.")))},
	})
}

func TestValidationFollowsToTheKey(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
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
