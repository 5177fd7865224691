package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// limited returns a provider block with limits of its own.
func (l lab) limited(limits string) string {
	return fmt.Sprintf("provider \"maildomain\" {\n  resolvers = [%q]\n  authoritative_port = %d\n%s\n}\n", l.ResolverAddr(), l.Port(), limits)
}

// A refresh that the provider's own limits hold back names these, and the time that it has, and says nothing of DNS.
func TestRefreshHeldBack(t *testing.T) {
	t.Parallel()
	const records = 200
	// A server that is slow because the machine is busy does not count as one that is silent.
	const timeout = "\ntimeout = \"30s\""
	tests := map[string]struct {
		limits string
		slow   time.Duration // of the name servers
	}{
		"nothing was asked": {"max_rate = 1", 0},
		"a part was asked":  {"max_rate = 20", 0},
		"few at once":       {"max_in_flight = 1", 50 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			for i := range records {
				l.zone.Add(fmt.Sprintf("r%d TXT x%d", i, i))
			}
			validation := fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records     = { for i in range(%d) : "r${i}" => { fqdn = "r${i}.example.com", type = "TXT", value = "x${i}" } }
  consecutive = 1
  timeouts    = { read = "2s" }
}
`, records)
			l.block = l.limited(timeout)
			c := newCLI(t, l.config(validation))
			c.apply(t)
			l.block = l.limited(tt.limits + timeout)
			c.configure(t, l.config(validation))
			for _, s := range l.zone.Servers() {
				s.Inject(dnstest.Delay(tt.slow))
			}
			out := flat(c.plan(t, 0))
			for _, want := range []string{"Warning: Live DNS could not be checked", "No changes.", "`max_rate`", "`max_in_flight`", "2s (`timeouts.read`)"} {
				if !strings.Contains(out, want) {
					t.Errorf("the plan does not say %q", want)
				}
			}
			for _, wrong := range []string{"did not answer", "not answered", "disagree", "port 53"} {
				if strings.Contains(out, wrong) {
					t.Errorf("the plan says %q, want nothing of DNS", wrong)
				}
			}
			if t.Failed() {
				t.Logf("terraform printed:\n%s", out)
			}
		})
	}
}

// A fleet on one pair of name servers is refreshed with the limits that there are unless set, without a word.
func TestFleetIsQuiet(t *testing.T) { //nolint:paralleltest,tparallel // Its refreshes have five seconds each, and share the processors with no other test.
	if testing.Short() {
		t.Skip("its refreshes have five seconds each, and the race detector makes them longer")
	}
	tests := map[string]struct {
		domains, records, parallel int
	}{
		"many domains": {50, 12, asTerraform},
		"many records": {20, 60, 100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.Zone("host.com", dnstest.Servers("a.host.com", "b.host.com"))
			p := l.plugin(t, nil)
			fleet := make([]validation, tt.domains)
			for i := range fleet {
				zone := l.Zone(fmt.Sprintf("d%d.com", i), dnstest.Servers("a.host.com.", "b.host.com."))
				records := make(map[string]any, tt.records)
				for j := range tt.records {
					zone.Add(fmt.Sprintf("r%d._domainkey TXT x%d", j, j))
					records[fmt.Sprint("r", j)] = map[string]any{"fqdn": fmt.Sprintf("r%d._domainkey.d%d.com", j, i), "type": "TXT", "value": fmt.Sprint("x", j)}
				}
				fleet[i] = p.made(t, map[string]any{"records": records})
			}
			started := time.Now()
			diags := p.replan(t, tt.parallel, fleet)
			t.Logf("a plan took %v", time.Since(started))
			for _, d := range diags {
				t.Errorf("the provider says %s: %s, want nothing", d.Summary, d.Detail)
			}
		})
	}
}
