package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/provider"
)

// secureLab is a lab whose recursor is asked over TLS or HTTPS.
type secureLab struct {
	lab
	recursor *dnstest.Recursor
	listener *dnstest.SecureListener
}

func newSecureLab(t *testing.T, listen func(*dnstest.Recursor, ...string) *dnstest.SecureListener) secureLab {
	t.Helper()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	recursor := l.Recursors()[0]
	return secureLab{l, recursor, listen(recursor, "dns.example")}
}

// test runs a step with a provider that trusts the lab's authority.
func (l secureLab) test(t *testing.T, step resource.TestStep) {
	t.Helper()
	acceptance(t, provider.NewTrusting(l.CA().Pool()), step)
}

// validation is a configuration with a provider block and one validation.
func (l secureLab) validation(block, options string) string {
	return fmt.Sprintf(`
provider "maildomain" {
  resolvers          = [%q]
  bootstrap          = ["127.0.0.1"]
  authoritative_port = %d
  %s
}
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 1
  %s
}
`, l.listener.Resolver(), l.Port(), block, spfA, options)
}

var secureTransports = map[string]func(*dnstest.Recursor, ...string) *dnstest.SecureListener{
	"tls": (*dnstest.Recursor).ListenTLS, "https": (*dnstest.Recursor).ListenHTTPS,
}

// A validation asks resolvers over TLS and HTTPS, and finds the name servers through them.
func TestValidationOverTLS(t *testing.T) {
	t.Parallel()
	for name, listen := range secureTransports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newSecureLab(t, listen)
			l.test(t, resource.TestStep{
				Config: l.validation(`dnssec = "report"`, `query = "both"`),
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("valid", knownvalue.Bool(true)),
					attribute("report", knownvalue.StringRegexp(says("and 1 resolver."))),
				},
			})
			if n := l.Count(dnstest.Direct, dnstest.To(l.recursor.Name()), dnstest.Not(dnstest.Over(dnstest.Transport(name)))); n != 0 {
				t.Errorf("%d questions went to the resolver another way, want none", n)
			}
		})
	}
}

// With DNSSEC required, what a resolver did not validate does not count, and the error names the resolver by its URL.
func TestValidationRequiresDNSSEC(t *testing.T) {
	t.Parallel()
	for name, listen := range secureTransports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newSecureLab(t, listen)
			l.recursor.Inject(dnstest.Validated)
			l.test(t, resource.TestStep{
				Config:            l.validation(`dnssec = "require"`, `query = "resolvers"`),
				ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
			})
			l.recursor.Heal()
			l.test(t, resource.TestStep{
				Config:      l.validation(`dnssec = "require"`, "query = \"resolvers\"\n timeouts = { create = \"2s\" }"),
				ExpectError: says("at the only resolver cause: " + l.listener.Resolver() + " answers for example.com without validating it (no AD bit)"),
			})
		})
	}
}

// Nobody on the way may set the bit that `dnssec = "require"` rests on.
func TestDNSSECNeedsTrustedResolvers(t *testing.T) {
	config := func(block string) string {
		return "provider \"maildomain\" {\n dnssec = \"require\"\n" + block + "\n}\n" + domainConfig
	}
	tests := map[string]struct{ environment, block, says string }{
		"none":               {"", "", "those of the system may belong to anybody. Set `resolvers` to validating resolvers"},
		"plain":              {"", `resolvers = ["127.0.0.1", "192.0.2.53"]`, "change the answers of the resolver 192.0.2.53"},
		"TCP":                {"", `resolvers = ["tcp://192.0.2.53"]`, "change the answers of the resolver tcp://192.0.2.53"},
		"in the environment": {"tls://192.0.2.1,192.0.2.53", "", "the answers of the resolver 192.0.2.53 of the environment variable MAILDOMAIN_RESOLVERS"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("MAILDOMAIN_RESOLVERS", tt.environment)
			test(t, fails(config(tt.block), tt.says))
		})
	}
}

// The environment variable takes every form that the provider block does.
func TestSecureResolversFromTheEnvironment(t *testing.T) {
	l := newSecureLab(t, (*dnstest.Recursor).ListenTLS)
	t.Setenv("MAILDOMAIN_RESOLVERS", l.listener.Resolver()+" , tcp://"+l.recursor.Addr().String())
	l.recursor.Inject(dnstest.Validated)
	l.test(t, resource.TestStep{
		Config: fmt.Sprintf(`
provider "maildomain" {
  authoritative_port = %d
  dnssec             = "require"
}
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 1
  timeouts    = { create = "30s" }
}
`, l.Port(), spfA),
		ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
	})
}
