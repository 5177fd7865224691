package provider_test

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// A machine without DNS refreshes many validations without asking as many times: what is dead is found out once. Terraform
// has no part in that, and TestValidationOffline shows what it prints.
func TestOfflineFleet(t *testing.T) {
	t.Parallel()
	isLong(t)
	tests := map[string]struct {
		fleet int                                        // how many validations there are
		cut   func(*testing.T, lab) (string, func() int) // returns the resolver, and what counts the questions that arrive somewhere
	}{
		"nothing answers": {300, func(_ *testing.T, l lab) (string, func() int) {
			l.Recursors()[0].Inject(dnstest.Drop)
			for _, s := range l.Servers() {
				s.Inject(dnstest.Drop)
			}
			return l.ResolverAddr(), l.direct
		}},
		"the resolver alone answers": {150, func(_ *testing.T, l lab) (string, func() int) {
			l.Zone("nic.example")
			for _, s := range l.Servers() {
				s.Inject(dnstest.When(dnstest.Drop, dnstest.Direct))
			}
			return l.ResolverAddr(), l.direct
		}},
		"the resolver fails": {150, func(_ *testing.T, l lab) (string, func() int) {
			l.Recursors()[0].Inject(dnstest.RCode(2))
			return l.ResolverAddr(), l.direct
		}},
		"connections are refused": {150, func(t *testing.T, _ lab) (string, func() int) {
			addr, count := resetting(t)
			return "tcp://" + addr, count
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			resolver, count := tt.cut(t, l)
			p := l.plugin(t, map[string]any{"resolvers": []any{resolver}, "timeout": "500ms"})
			fleet := make([]validation, tt.fleet)
			for i := range fleet {
				fleet[i] = p.made(t, map[string]any{"records": map[string]any{"spf": map[string]any{"fqdn": fmt.Sprintf("d%d.example", i), "type": "TXT", "value": spfA}}})
			}
			diags := p.replan(t, asTerraform, fleet)
			if len(diags) != tt.fleet {
				t.Errorf("%d validations have %d diagnostics, want one each", tt.fleet, len(diags))
			}
			for _, d := range diags {
				if want := "Live DNS could not be checked"; d.Severity != tfprotov6.DiagnosticSeverityWarning || d.Summary != want {
					t.Fatalf("the provider says %s: %s: %s, want a warning: %s", d.Severity, d.Summary, d.Detail, want)
				}
			}
			if n := count(); n == 0 || n > 100 {
				t.Errorf("%d questions were asked, want some, and at most 100 of %d validations", n, tt.fleet)
			}
		})
	}
}

const siblingsConfig = `
locals {
  domains = yamldecode(file("${path.module}/domains.yaml"))
  records = { for domain, mail in local.domains : domain => provider::maildomain::records(merge({ domain = domain }, mail)) }
}

resource "maildomain_validation" "this" {
  for_each = local.records
  records  = each.value
}

output "domains" {
  value = length(local.records)
}
`

// siblingsLab serves so many domains that are delegated two labels below their parent, with no zone between. It returns their
// names.
func siblingsLab(t *testing.T, siblings int) (lab, []string) {
	t.Helper()
	l := newShortLab(t).patient()
	domains := make([]string, siblings)
	for i := range domains {
		domains[i] = fmt.Sprintf("d%d.corp.example.com", i+1)
		l.Zone(domains[i], dnstest.Servers("ns1")).Add(
			fmt.Sprintf(`@ 3600 IN TXT %q`, siblingsSPF),
			"cg1._domainkey 3600 IN CNAME cg1.dkim.catglobe.example.",
		)
	}
	return l, domains
}

const siblingsSPF = "v=spf1 include:spf.protection.outlook.com include:spf.catglobe.example -all"

// Such domains have one configuration in YAML. What one of them teaches of the way says nothing of the others: no plan
// warns.
func TestFleetFromYAML(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	l, names := siblingsLab(t, 20)
	var domains strings.Builder
	for _, domain := range names {
		fmt.Fprintf(&domains, `
%s:
  existing: v=spf1 include:spf.protection.outlook.com ~all
  services:
    catglobe:
      variables:
        spf_include: spf.catglobe.example
        dkim_selector: cg1
        dkim_target: cg1.dkim.catglobe.example
`, domain)
	}
	c := newCLI(t, l.config(siblingsConfig))
	write(t, filepath.Join(c.dir, "domains.yaml"), domains.String())
	if out, want := warned(c.apply(t)), fmt.Sprintf("Resources: %d added, 0 changed, 0 destroyed.", len(names)); !strings.Contains(out, want) || strings.Contains(out, "Warning") {
		t.Fatalf("terraform apply printed:\n%s\nwant %q, and no warning", out, want)
	}
	l.ResetQuestions()
	out := warned(c.plan(t, 0))
	if !strings.Contains(out, "No changes.") || strings.Contains(out, "Warning") {
		t.Errorf("terraform plan printed:\n%s\nwant no changes, and no warning", out)
	}
	l.asksEach(t, len(names))
}

// asksEach checks that each of the siblings was asked about.
func (l lab) asksEach(t *testing.T, siblings int) {
	t.Helper()
	if n := l.Count(dnstest.Direct, dnstest.Within("corp.example.com")); n < siblings {
		t.Errorf("a plan asked %d questions about the domains, want each asked about", n)
	}
}

// No plan of such domains warns, however often it is made. So much asks at the same time here that it runs under the race
// detector too, with fewer plans.
func TestFleetOfSiblings(t *testing.T) {
	t.Parallel()
	l, names := siblingsLab(t, 50)
	plans := 6
	if testing.Short() {
		plans = 2
	}
	for i := range plans {
		p := l.plugin(t, map[string]any{"max_rate": 1000, "timeout": "5s"})
		fleet := make([]validation, len(names))
		for i, domain := range names {
			fleet[i] = p.made(t, map[string]any{"records": map[string]any{
				"spf":  map[string]any{"fqdn": domain, "type": "TXT", "value": siblingsSPF},
				"dkim": map[string]any{"fqdn": "cg1._domainkey." + domain, "type": "CNAME", "value": "cg1.dkim.catglobe.example"},
			}})
		}
		l.ResetQuestions()
		for _, d := range p.replan(t, asTerraform, fleet) {
			t.Errorf("plan %d says %s: %s", i+1, d.Summary, d.Detail)
		}
		l.asksEach(t, len(names))
	}
}

// warned returns what Terraform printed without its own warning, that it uses a build of the provider.
func warned(out string) string {
	return strings.Replace(out, "Warning: Provider development overrides are in effect", "", 1)
}

// direct counts the questions that the provider asked.
func (l lab) direct() int { return l.Count(dnstest.Direct) }

// resetting starts a resolver over TCP that resets every connection, and counts them: of those that are refused, nobody
// hears.
func resetting(t *testing.T) (addr string, count func() int) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var connections atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return listener.Addr().String(), func() int { return int(connections.Load()) }
}
