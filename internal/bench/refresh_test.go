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
				c, questions := newFleetCLI(b, shape.domains, shape.records, drift)
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

// newFleetCLI returns a configuration that validates so many TXT records of so many domains, and what counts the questions
// that were asked.
func newFleetCLI(b *testing.B, domains, records int, drift string) (cli, func() int) {
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
  resolvers          = [%q]
  authoritative_port = %d
}

resource "maildomain_validation" "this" {
  count       = %d
  records     = { for i in range(%d) : "r${i}" => { fqdn = "r${i}._domainkey.d${count.index}.com", type = "TXT", value = "x${i}" } }
  consecutive = 1
  on_drift    = %q
}
`, h.ResolverAddr(), h.Port(), domains, records, drift))
	return c, func() int { return h.Count(dnstest.Direct) }
}
