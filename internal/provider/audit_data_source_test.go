package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// audit is a configuration that audits the domain of the lab.
func (l lab) audit(options string) string {
	return l.config(fmt.Sprintf(`
data "maildomain_audit" "this" {
  domain = "example.com"
  %s
}
`, options))
}

// publishMail publishes the mail records of a domain that is in order, but for notes.
func (l lab) publishMail() {
	l.zone.SetTXT("@", "v=spf1 ip4:11.0.1.0/24 ~all")
	l.zone.Set("@ 3600 IN MX 10 mx.example.net.")
	l.Zone("example.net").Set("mx 3600 IN A 11.0.0.1", "mx 3600 IN AAAA 2600::1")
	l.zone.SetTXT("_dmarc", "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com")
	l.zone.SetTXT("_mta-sts", "v=STSv1; id=1")
	l.zone.Set("mta-sts 3600 IN A 11.0.0.80")
	l.zone.SetTXT("_smtp._tls", "v=TLSRPTv1; rua=mailto:tls@example.com")
}

func audited(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.maildomain_audit.this", tfjsonpath.New(name), want)
}

// finding checks what the audit has of one finding.
func finding(id string) knownvalue.Check {
	return knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": knownvalue.StringExact(id)})
}

func TestAudit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare func(l lab)
		options string
		want    map[string]knownvalue.Check
		fails   string
	}{
		"in order, but for DKIM": {
			want: map[string]knownvalue.Check{
				"counts":   knownvalue.ObjectPartial(map[string]knownvalue.Check{"error": knownvalue.Int64Exact(0), "warning": knownvalue.Int64Exact(1)}),
				"policy":   knownvalue.ObjectPartial(map[string]knownvalue.Check{"step": knownvalue.StringExact("domain"), "policy": knownvalue.StringExact("quarantine")}),
				"markdown": knownvalue.StringRegexp(says("✔ **In order, with warnings**: 1 warning, 1 note; ")),
			},
		},
		"an error": {
			prepare: func(l lab) { l.zone.SetTXT("@", "v=spf1 ip4:11.0.1.0/24 ~all", "v=spf1 -all") },
			fails:   "spf-multiple at example.com: There are 2 SPF records",
		},
		"never fails": {
			prepare: func(l lab) { l.zone.SetTXT("@", "v=spf1 ip4:11.0.1.0/24 ~all", "v=spf1 -all") },
			options: `fail_on = "never"`,
			want: map[string]knownvalue.Check{
				"findings": knownvalue.ListPartial(map[int]knownvalue.Check{0: finding("spf-multiple")}), "markdown": knownvalue.StringRegexp(says("✘ **Not in order**: 1 error")),
			},
		},
		"ignored": {
			prepare: func(l lab) { l.zone.SetTXT("@", "v=spf1 ip4:11.0.1.0/24 ~all", "v=spf1 -all") },
			options: `ignore = { spf-multiple = "moved next week" }`,
			want:    map[string]knownvalue.Check{"counts": knownvalue.ObjectPartial(map[string]knownvalue.Check{"error": knownvalue.Int64Exact(0)})},
		},
		"a warning": {
			prepare: func(l lab) { l.zone.SetTXT("@", "v=spf1 ip4:11.0.1.0/24 ?all") },
			options: `fail_on = "warning"`,
			fails:   "spf-neutral at example.com",
		},
		"senders": {
			options: `
  expect_senders   = { own = { ip = "11.0.1.7", sender = "a@example.com" } }
  expect_strangers = { other = { ip = "11.0.1.8", sender = "a@example.com" } }`,
			fails: "spf-stranger-passes at 11.0.1.8 a@example.com",
		},
		"records that are not live": {
			options: `
  fail_on = "never"
  records = provider::maildomain::records({ domain = "example.com", mechanisms = ["ip4:11.0.2.0/24"] })`,
			want: map[string]knownvalue.Check{"findings": knownvalue.ListPartial(map[int]knownvalue.Check{0: finding("service-record-missing")})},
		},
		"a file that may not be fetched": {
			prepare: func(l lab) { l.zone.Set("mta-sts 3600 IN A 127.0.0.1") },
			options: "fetch = true",
			fails:   "mtasts-fetch at https://mta-sts.example.com/.well-known/mta-sts.txt: The policy cannot be fetched: it cannot be fetched: the host has the address 127.0.0.1",
		},
		"unknown check":    {options: `ignore = { spf-several = "x" }`, fails: "Unknown check"},
		"no reason":        {options: `ignore = { spf-multiple = "" }`, fails: "write the reason"},
		"unknown severity": {options: `fail_on = "note"`, fails: "\"error\""},
		"no address":       {options: `expect_senders = { own = { ip = "11.0.1" } }`, fails: "must be an IPv4 or IPv6 address"},
		"no selector":      {options: `selectors = ["a b"]`, fails: "Invalid value"},
		"null":             {options: `selectors = [null]`, fails: "It is null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.publishMail()
			if tt.prepare != nil {
				tt.prepare(l)
			}
			if tt.fails != "" {
				test(t, fails(l.audit(tt.options), tt.fails))
				return
			}
			step := resource.TestStep{Config: l.audit(tt.options)}
			for name, want := range tt.want {
				step.ConfigStateChecks = append(step.ConfigStateChecks, audited(name, want))
			}
			test(t, step)
		})
	}
}
