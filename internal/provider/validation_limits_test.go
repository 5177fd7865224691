package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// A refresh that the provider's own limits hold back names these, and the time that it has, and says nothing of DNS.
func TestRefreshHeldBack(t *testing.T) {
	t.Parallel()
	isLong(t)
	const records = 200
	tests := map[string]struct {
		limit string
		value int
		slow  time.Duration // of the name servers
	}{
		"nothing was asked": {"max_rate", 1, 0},
		"a part was asked":  {"max_rate", 20, 0},
		"few at once":       {"max_in_flight", 1, 50 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			expected := make(map[string]any)
			for i := range records {
				l.zone.Add(fmt.Sprintf("r%d TXT x%d", i, i))
				expected[fmt.Sprint("r", i)] = map[string]any{"fqdn": fmt.Sprintf("r%d.example.com", i), "type": "TXT", "value": fmt.Sprint("x", i)}
			}
			for _, s := range l.zone.Servers() {
				s.Inject(dnstest.Delay(tt.slow))
			}
			// A server that is slow because the machine is busy does not count as one that is silent.
			p := l.plugin(t, map[string]any{tt.limit: tt.value, "timeout": "30s"})
			diags := p.replan(t, 1, []validation{p.made(t, map[string]any{"records": expected, "timeouts": map[string]any{"read": "4s"}})})
			if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityWarning || diags[0].Summary != "Live DNS could not be checked" {
				t.Fatalf("the provider says %v, want one warning: Live DNS could not be checked", diags)
			}
			detail := diags[0].Detail
			for _, want := range []string{"`max_rate`", "`max_in_flight`", "4s (`timeouts.read`)"} {
				if !strings.Contains(detail, want) {
					t.Errorf("the warning is\n%s\nwant %q in it", detail, want)
				}
			}
			for _, wrong := range []string{"did not answer", "not answered", "disagree", "port 53"} {
				if strings.Contains(detail, wrong) {
					t.Errorf("the warning is\n%s\nwant nothing of DNS, and not %q", detail, wrong)
				}
			}
		})
	}
}

// A fleet on one pair of name servers is refreshed with the limits that there are unless set, without a word.
func TestFleetIsQuiet(t *testing.T) { //nolint:paralleltest // Its refreshes have five seconds each, and share the processors with no other test.
	isLong(t)
	tests := map[string]struct {
		domains, records, parallel int
	}{
		"many domains": {50, 12, asTerraform},
		"many records": {12, 60, 100},
	}
	for name, tt := range tests { //nolint:paralleltest // Neither do they with each other.
		t.Run(name, func(t *testing.T) {
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
