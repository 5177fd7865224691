package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// applyConfig has the validation of a fleet, and that of a record in a hostile zone where there is one.
const applyConfig = `
terraform {
  required_providers {
    maildomain = { source = "catglobe/maildomain" }
  }
}

provider "maildomain" {
  resolvers          = [%q]
  authoritative_port = %d
}

resource "maildomain_validation" "fleet" {
  records  = jsondecode(file("records.json"))
  timeouts = { create = "2m" }
}
`

const hostileConfig = `
resource "maildomain_validation" "hostile" {
  records  = { evil = { fqdn = "www.evil.com", type = "TXT", value = "x" } }
  timeouts = { create = "45s" }
}
`

// hostileServers is how many servers the hostile zone has.
const hostileServers = 20

// BenchmarkApply has the released program wait for a thousand records in 250 zones at all default settings, by itself
// and beside a record in a hostile zone: each of its 20 servers answers each question by an alias of its own, without end.
// The servers live in another process than the provider, whose peak of resident memory is said. The time is that from the
// start of the wait for the records to its end, as the CLI notes them.
func BenchmarkApply(b *testing.B) {
	h, expected := fleet(b)
	var names []string
	for i := range hostileServers {
		names = append(names, fmt.Sprintf("ns%d", i+1))
	}
	var unique atomic.Int64
	for _, s := range h.Zone("evil.com", dnstest.Servers(names...)).Servers() {
		s.Inject(dnstest.When(dnstest.Delay(fleetLatency), dnstest.Direct))
		s.Inject(func(ctx context.Context, x *dnstest.Exchange) {
			if x.Question.Type == "TXT" {
				dnstest.Answer(fmt.Sprintf("%s CNAME c%d.evil.com.", x.Question.Asked, unique.Add(1)))(ctx, x)
			}
		})
	}
	c := newProvider(b)
	var alone, beside time.Duration
	peak := 0
	for b.Loop() {
		a, memory := c.apply(b, h, expected[:len(expected)-1], "")
		peak = max(peak, memory)
		with, memory := c.apply(b, h, expected[:len(expected)-1], hostileConfig)
		peak = max(peak, memory)
		alone, beside = alone+a, beside+with
	}
	b.ReportMetric(alone.Seconds()/float64(b.N), "alone-s")
	b.ReportMetric(beside.Seconds()/float64(b.N), "beside-s")
	b.ReportMetric(beside.Seconds()/alone.Seconds(), "beside/alone")
	b.ReportMetric(float64(peak)/1024, "provider-MB")
}

// apply waits for records from nothing, and returns how long that took and the peak memory of the provider in KiB.
func (c cli) apply(b *testing.B, h *dnstest.Hierarchy, expected []verify.Expectation, more string) (time.Duration, int) {
	b.Helper()
	records := make(map[string]map[string]string, len(expected))
	for _, e := range expected {
		records[e.Key] = map[string]string{"fqdn": e.Owner.String(), "type": string(e.Type), "value": e.Value}
	}
	text, err := json.Marshal(records)
	if err != nil {
		b.Fatal(err)
	}
	c.write(b, "records.json", string(text))
	c.write(b, "main.tf", fmt.Sprintf(applyConfig, h.ResolverAddr(), h.Port())+more)
	c.write(b, "terraform.tfstate", "")
	spent, out, err := c.try(b, "apply", "-auto-approve", "-json")
	if (err != nil) != (more != "") {
		b.Fatalf("terraform apply: %v\n%s", err, out)
	}
	var times [2]time.Time
	for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
		var line struct {
			At   time.Time `json:"@timestamp"`
			Type string
			Hook struct {
				Resource struct{ Addr string }
			}
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil || line.Hook.Resource.Addr != "maildomain_validation.fleet" {
			continue
		}
		switch line.Type {
		case "apply_start":
			times[0] = line.At
		case "apply_complete":
			times[1] = line.At
		}
	}
	if times[0].IsZero() || times[1].IsZero() {
		b.Fatalf("the records were not waited for:\n%s", out)
	}
	return times[1].Sub(times[0]), spent.providerPeak
}
