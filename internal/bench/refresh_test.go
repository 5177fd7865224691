package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// BenchmarkRefresh measures `terraform plan` of fleets on one pair of name servers whose records are as they should be, at
// all default settings, with the resources read (`on_drift` as it is unless set) and without (`ignore`). Warnings are
// counted: there should be none.
func BenchmarkRefresh(b *testing.B) {
	for _, shape := range []struct{ domains, records, parallel int }{{50, 12, 10}, {20, 60, 100}, {1, 500, 10}, {1, 1000, 10}} {
		for _, drift := range []string{"ignore", "warn"} {
			b.Run(fmt.Sprintf("%dx%d/%s", shape.domains, shape.records, drift), func(b *testing.B) {
				parallel := fmt.Sprintf("-parallelism=%d", shape.parallel)
				c, h := newFleetCLI(b, shape.domains, shape.records, drift)
				questions := func() int { return h.Count(dnstest.Direct) }
				c.run(b, "apply", "-auto-approve", parallel)
				var total cost
				var warnings, asked int
				started := time.Now()
				for b.Loop() {
					before := questions()
					one, out, err := c.try(b, "plan", "-no-color", parallel)
					if err != nil || !strings.Contains(out, "No changes.") {
						b.Fatalf("terraform plan: %v\n%s", err, out)
					}
					total.cpu += one.cpu
					total.providerPeak = max(total.providerPeak, one.providerPeak)
					warnings += strings.Count(out, "Warning: ") - strings.Count(out, "Warning: Provider development overrides")
					asked += questions() - before
				}
				b.ReportMetric(time.Since(started).Seconds()/float64(b.N), "s/plan")
				b.ReportMetric(total.cpu.Seconds()/float64(b.N), "cpu-s/plan")
				b.ReportMetric(float64(total.providerPeak)/1024, "provider-MB")
				b.ReportMetric(float64(warnings)/float64(b.N), "warnings/plan")
				b.ReportMetric(float64(asked)/float64(b.N), "questions/plan")
			})
		}
	}
}

// BenchmarkRefreshOfDrift measures `terraform plan` of one domain in which all records have another content than is expected:
// "data" where the state says so already, so that the records are compared and nothing is written, and "text" where it does
// not, so that causes are looked for and the report is written.
func BenchmarkRefreshOfDrift(b *testing.B) {
	for _, records := range []int{1000, 2000} {
		for _, name := range []string{"data", "text"} {
			b.Run(fmt.Sprintf("%d/%s", records, name), func(b *testing.B) {
				c, h := newFleetCLI(b, 1, records, "warn")
				c.run(b, "apply", "-auto-approve")
				zone := h.Zone("d0.com")
				for i := range records {
					zone.SetTXT(fmt.Sprintf("r%d._domainkey", i), fmt.Sprintf("y%d", i))
				}
				if name == "data" {
					c.run(b, "apply", "-refresh-only", "-auto-approve")
				}
				var total cost
				for b.Loop() {
					total.cpu += c.run(b, "plan", "-no-color").cpu
				}
				b.ReportMetric(total.cpu.Seconds()/float64(b.N), "cpu-s/plan")
			})
		}
	}
}

// newFleetCLI returns a configuration that validates so many TXT records of so many domains, and their name servers.
func newFleetCLI(b *testing.B, domains, records int, drift string) (cli, *dnstest.Hierarchy) {
	b.Helper()
	h := dnstest.New(b)
	h.Zone("host.com", dnstest.Servers("a.host.com", "b.host.com"))
	for i := range domains {
		zone := h.Zone(fmt.Sprintf("d%d.com", i), dnstest.Servers("a.host.com.", "b.host.com."))
		lines := make([]string, records)
		for j := range lines {
			lines[j] = fmt.Sprintf("r%d._domainkey TXT x%d", j, j)
		}
		zone.Add(lines...)
	}
	c := newProvider(b)
	c.write(b, "main.tf", fmt.Sprintf(`
terraform {
  required_providers {
    maildomain = {
      source = "catglobe/maildomain"
    }
  }
}

provider "maildomain" {
  resolvers          = [%[1]q]
  authoritative_port = %[2]d
}

resource "maildomain_validation" "this" {
  count       = %[3]d
  records     = { for i in flatten([for h in range(ceil(%[4]d / 1000)) : [for j in range(1000) : 1000 * h + j]]) : "r${i}" => { fqdn = "r${i}._domainkey.d${count.index}.com", type = "TXT", value = "x${i}" } if i < %[4]d }
  consecutive = 1
  on_drift    = %[5]q
}
`, h.ResolverAddr(), h.Port(), domains, records, drift))
	return c, h
}
