package provider_test

import (
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// fleetState is a state in which each of so many domains has a validation that was made once.
func fleetState(t *testing.T, fleet int) string {
	t.Helper()
	instances := make([]any, fleet)
	for i := range instances {
		record := map[string]any{"fqdn": fmt.Sprintf("d%d.example", i), "type": "TXT", "value": spfA}
		instances[i] = map[string]any{
			"index_key":      i,
			"schema_version": 0,
			"attributes": map[string]any{
				"id":       fmt.Sprintf("validation-%d", i),
				"records":  map[string]any{"spf": record},
				"valid":    true,
				"observed": map[string]any{"spf": []any{spfA}},
				"report":   "1 of 1 record matches at 2 name servers of example.",
			},
			"sensitive_attributes": []any{},
		}
	}
	state, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "fleet", "outputs": map[string]any{},
		"resources": []any{map[string]any{
			"mode": "managed", "type": "maildomain_validation", "name": "this",
			"provider":  `provider["registry.terraform.io/catglobe/maildomain"]`,
			"instances": instances,
		}},
		"check_results": nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(state)
}

const fleetConfig = `
resource "maildomain_validation" "this" {
  count   = %d
  records = { spf = { fqdn = "d${count.index}.example", type = "TXT", value = %q } }
}
`

// A machine without DNS refreshes many validations without asking as many times: what is dead is found out once.
func TestOfflineFleet(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fleet int                               // how many validations there are
		cut   func(*testing.T, *lab) func() int // returns what counts the questions that arrive somewhere
	}{
		"nothing answers": {1000, func(_ *testing.T, l *lab) func() int {
			l.Recursors()[0].Inject(dnstest.Drop)
			for _, s := range l.Servers() {
				s.Inject(dnstest.Drop)
			}
			return l.direct
		}},
		"the resolver alone answers": {200, func(_ *testing.T, l *lab) func() int {
			l.Zone("nic.example")
			for _, s := range l.Servers() {
				s.Inject(dnstest.When(dnstest.Drop, dnstest.Direct))
			}
			return l.direct
		}},
		"the resolver fails": {200, func(_ *testing.T, l *lab) func() int {
			l.Recursors()[0].Inject(dnstest.RCode(2))
			return l.direct
		}},
		"connections are refused": {200, func(t *testing.T, l *lab) func() int {
			addr, count := resetting(t)
			l.block = strings.Replace(l.block, strconv.Quote(l.ResolverAddr()), strconv.Quote("tcp://"+addr), 1)
			return count
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t).timeout("500ms")
			count := tt.cut(t, &l)
			c := newCLI(t, l.config(fmt.Sprintf(fleetConfig, tt.fleet, spfA)))
			write(t, filepath.Join(c.dir, "terraform.tfstate"), fleetState(t, tt.fleet))
			started := time.Now()
			out := c.plan(t, 0)
			t.Logf("%d validations, %v, %d questions", tt.fleet, time.Since(started), count())
			if !strings.Contains(out, "Warning: Live DNS could not be checked") || !strings.Contains(out, "No changes.") {
				t.Errorf("terraform printed:\n%s\nwant a warning that DNS could not be asked, and no changes", out)
			}
			if n := count(); n == 0 || n > 100 {
				t.Errorf("%d questions were asked, want some, and at most 100 of %d validations", n, tt.fleet)
			}
		})
	}
}

// siblings is how many domains lie under one label that is no zone.
const siblings = 50

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

// Domains that are delegated two labels below their parent, with no zone between, have one configuration in YAML. What one
// of them teaches of the way says nothing of the others: no plan warns, however often it is made. So much asks at the same
// time here that it runs under the race detector too, with fewer plans.
func TestFleetFromYAML(t *testing.T) {
	t.Parallel()
	l := newLab(t).patient()
	var domains strings.Builder
	for i := range siblings {
		domain := fmt.Sprintf("d%d.corp.example.com", i+1)
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
		l.Zone(domain, dnstest.Servers("ns1")).Add(
			`@ 3600 IN TXT "v=spf1 include:spf.protection.outlook.com include:spf.catglobe.example -all"`,
			`cg1._domainkey 3600 IN CNAME cg1.dkim.catglobe.example.`,
		)
	}
	c := newServedCLI(t, l.config(siblingsConfig))
	write(t, filepath.Join(c.dir, "domains.yaml"), domains.String())
	if out, want := warned(c.apply(t)), fmt.Sprintf("Resources: %d added, 0 changed, 0 destroyed.", siblings); !strings.Contains(out, want) || strings.Contains(out, "Warning") {
		t.Fatalf("terraform apply printed:\n%s\nwant %q, and no warning", out, want)
	}
	plans := 10
	if testing.Short() {
		plans = 2
	}
	for i := range plans {
		l.ResetQuestions()
		out := warned(c.plan(t, 0))
		if !strings.Contains(out, "No changes.") || strings.Contains(out, "Warning") {
			t.Errorf("plan %d printed:\n%s\nwant no changes, and no warning", i+1, out)
		}
		if n := l.Count(dnstest.Direct, dnstest.Within("corp.example.com")); n < siblings {
			t.Errorf("plan %d asked %d questions about the domains, want each asked about", i+1, n)
		}
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
