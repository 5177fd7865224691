package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// The error of a wait in vain names what is likely wrong, what shows only by asking further among it.
func TestValidationNamesTheCause(t *testing.T) {
	t.Parallel()
	const cname = `{ fqdn = "s1._domainkey.example.com", type = "CNAME", value = "s1.dkim.catglobe.example" }`
	spf := fmt.Sprintf(`{ fqdn = "example.com", type = "TXT", value = %q }`, spfA)
	tests := map[string]struct {
		prepare func(l lab)
		record  string
		says    []string
	}{
		"zone appended twice": {
			prepare: func(l lab) { l.zone.Set("s1._domainkey.example.com 300 IN CNAME s1.dkim.catglobe.example.") },
			record:  cname, says: []string{"cause:", "s1._domainkey.example.com.example.com", "to do:"},
		},
		"two SPF records": {
			prepare: func(l lab) { l.zone.SetTXT("@", spfA, "v=spf1 include:old.example ~all") },
			record:  spf, says: []string{"2 SPF records", "create_before_destroy"},
		},
		"a server behind": {
			prepare: func(l lab) {
				l.zone.Server("ns3").Hold()
				l.zone.SetTXT("@", spfA)
			},
			record: spf, says: []string{"ns3.example.com", "now:", "serial"},
		},
		"a target made relative": {
			prepare: func(l lab) { l.zone.Set("s1._domainkey 300 IN CNAME s1.dkim.catglobe.example") },
			record:  cname, says: []string{"s1.dkim.catglobe.example.example.com"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			tt.prepare(l)
			c := newCLI(t, l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records  = { one = %s }
  timeouts = { create = "2s" }
}
`, tt.record)))
			out := c.exits(t, 1, "apply", "-auto-approve")
			for _, part := range append(tt.says, "Error: Live DNS of example.com does not match") {
				if !says(part).MatchString(out) {
					t.Errorf("terraform apply printed:\n%s\nwant %q", out, part)
				}
			}
		})
	}
}

// A drift that a refresh finds is explained in the report, and in the warning of the plan.
func TestValidationExplainsADrift(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.plain(spfA, ""))
	c.apply(t)
	l.zone.SetTXT("@", spfA, "v=spf1 include:old.example ~all")
	if out := c.plan(t, 0); !says("Warning: Live DNS of example.com no longer matches").MatchString(out) || !says("2 SPF records").MatchString(out) {
		t.Errorf("terraform plan printed:\n%s\nwant the cause", out)
	}
}

// Where port 53 is closed to all but the resolvers, that is said after one round, with the way out.
func TestValidationBehindAClosedPort(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	closed := strings.Replace(l.one(spfA, `query = "authoritative"`), fmt.Sprintf("authoritative_port = %d", l.Port()), "authoritative_port = 1", 1)
	test(t, resource.TestStep{
		Config:      strings.Replace(closed, `create = "30s"`, `create = "10h"`, 1),
		ExpectError: says(`Error: DNS could not be asked`),
	})
	test(t, resource.TestStep{
		Config:            strings.Replace(closed, `"authoritative"`, `"resolvers"`, 1),
		ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
	})
}

// With DNSSEC required, resolvers have the last word whatever the validation asks otherwise.
func TestValidationAsksResolversWhereDNSSECIsRequired(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	config := strings.Replace(l.one(spfA, ""), "authoritative_port", "dnssec = \"require\"\n  authoritative_port", 1)
	test(t, resource.TestStep{
		Config:      strings.Replace(config, `create = "30s"`, `create = "2s"`, 1),
		ExpectError: says(`not validated by DNSSEC`),
	})
	for _, r := range l.Recursors() {
		r.Inject(dnstest.Validated)
	}
	test(t, resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))}})
}

// With DNSSEC reported, the report says which resolvers validated a record, and nothing depends on it.
func TestValidationReportsDNSSEC(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault dnstest.Fault
		query string
		want  func(l lab) string
	}{
		"validated":     {dnstest.Validated, "resolvers", func(l lab) string { return "\n  spf: validated by " + l.ResolverAddr() }},
		"not validated": {nil, "both", func(l lab) string { return "\n  spf: not validated by " + l.ResolverAddr() }},
		"not asked":     {nil, "authoritative", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			for _, r := range l.Recursors() {
				if tt.fault != nil {
					r.Inject(tt.fault)
				}
			}
			check := knownvalue.StringFunc(func(report string) error {
				switch {
				case tt.want == nil && strings.Contains(report, "DNSSEC"):
					return fmt.Errorf("the report is\n%s\nwant no word of DNSSEC", report)
				case tt.want != nil && !strings.HasSuffix(report, "DNSSEC, by the AD bit of the resolvers:"+tt.want(l)):
					return fmt.Errorf("the report is\n%s\nwant it to end with %q", report, tt.want(l))
				}
				return nil
			})
			test(t, resource.TestStep{
				Config:            strings.Replace(l.one(spfA, fmt.Sprintf("query = %q", tt.query)), "authoritative_port", "dnssec = \"report\"\n  authoritative_port", 1),
				ConfigStateChecks: []statecheck.StateCheck{attribute("report", check)},
			})
		})
	}
}
