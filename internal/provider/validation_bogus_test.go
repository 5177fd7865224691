package provider_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// bogusZone answers as a validating resolver does: with the AD bit, and with a failure for the SOA record of the zone.
func bogusZone(ctx context.Context, x *dnstest.Exchange) {
	if x.Request.Question[0].Qtype == 6 {
		dnstest.Bogus("example.com")(ctx, x)
	} else if x.Reply != nil {
		x.Reply.AuthenticatedData = true
	}
}

// What the authorities serve may still be refused by receivers that validate: that is said, of each zone once, by the
// apply and by every refresh, and is an error of an apply where DNSSEC is required.
func TestValidationQuestionsSuccess(t *testing.T) {
	t.Parallel()
	const warning, failure = "Warning: Bogus DNSSEC signatures of example.com", "Error: Bogus DNSSEC signatures of example.com"
	tests := map[string]struct {
		fault    dnstest.Fault // of the resolver
		provider string        // options of the provider block
		says     string        // of the apply; none where it says nothing
		fails    bool
		mute     bool
	}{
		"bogus":                   {fault: dnstest.Bogus("example.com"), says: warning},
		"bogus, reported":         {fault: dnstest.Bogus("example.com"), provider: `dnssec = "report"`, says: warning},
		"bogus zone, required":    {fault: bogusZone, provider: `dnssec = "require"`, says: failure, fails: true},
		"bogus records, required": {fault: dnstest.Bogus("example.com"), provider: `dnssec = "require"`, says: "DNSSEC signatures of example.com are invalid", fails: true},
		"another zone is bogus":   {fault: dnstest.Bogus("example.net")},
		"the resolver is mute":    {fault: dnstest.When(dnstest.Drop, dnstest.OfType("SOA")), mute: true},
		"the resolver refuses":    {fault: dnstest.When(dnstest.RCode(5), dnstest.OfType("SOA"))},
		"the resolver fails":      {fault: dnstest.When(dnstest.RCode(2), dnstest.OfType("SOA"))},
		"nobody validates":        {},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, create := newLab(t), "30s"
			if tt.mute {
				l = l.timeout("500ms")
			}
			if tt.fails {
				create = "3s"
			}
			l.zone.SetTXT("@", spfA)
			l.zone.SetTXT("_dmarc", "v=DMARC1; p=none")
			if tt.fault != nil {
				l.Recursors()[0].Inject(tt.fault)
			}
			block := strings.Replace(l.block, "authoritative_port", tt.provider+"\n  authoritative_port", 1)
			c := newCLI(t, block+fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records  = { spf = { fqdn = "example.com", type = "TXT", value = %[1]q } }
  timeouts = { create = %[2]q }
}
resource "maildomain_validation" "other" {
  records  = { dmarc = { fqdn = "_dmarc.example.com", type = "TXT", value = "v=DMARC1; p=none" } }
  timeouts = { create = %[2]q }
}
`, spfA, create))
			code := 0
			if tt.fails {
				code = 1
			}
			// One warning is Terraform's own, about the provider under development.
			out := c.exits(t, code, "apply", "-auto-approve")
			if tt.says != "" && !says(tt.says).MatchString(out) || tt.says == "" && strings.Count(out, "Warning:") > 1 {
				t.Errorf("terraform apply printed:\n%s\nwant %q", out, tt.says)
			}
			if tt.fails {
				return
			}
			if n := l.Recursors()[0].Count(dnstest.OfType("SOA"), dnstest.About("example.com"), dnstest.Over(dnstest.UDP), func(q dnstest.Question) bool { return !q.CD }); tt.says != "" && n != 1 {
				t.Errorf("the resolver was asked %d times about the zone of two validations, want once", n)
			}
			out = c.plan(t, 0)
			if tt.says != "" && !says(tt.says).MatchString(out) || tt.says == "" && strings.Count(out, "Warning:") > 1 {
				t.Errorf("terraform plan printed:\n%s\nwant %q", out, tt.says)
			}
		})
	}
}

// A server that refuses is no obstacle where any server is enough, and is spoken of.
func TestValidationNamesServersThatRefuse(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	l.zone.Server("ns2").Inject(dnstest.RCode(5))
	out := newCLI(t, l.one(spfA, `require = "any"`)).apply(t)
	for _, want := range []string{"Warning: Servers of example.com without a usable answer", "ns2.example.com", "REFUSED", `require = "any" lets the other servers decide`} {
		if !says(want).MatchString(out) {
			t.Errorf("terraform apply printed:\n%s\nwant %q", out, want)
		}
	}
}
