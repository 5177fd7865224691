package provider_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// fleet is how many validations a machine without DNS refreshes.
const fleet = 1000

// fleetState is a state in which each of many domains has a validation that was made once.
func fleetState(t *testing.T) string {
	t.Helper()
	instances := make([]any, fleet)
	for i := range instances {
		record := map[string]any{"fqdn": fmt.Sprintf("d%d.example", i), "type": "TXT", "value": spfA}
		instances[i] = map[string]any{
			"index_key":      i,
			"schema_version": 0,
			"attributes": map[string]any{
				"id":              fmt.Sprintf("validation-%d", i),
				"records":         map[string]any{"spf": record},
				"valid":           true,
				"observed":        map[string]any{"spf": []any{spfA}},
				"report":          "1 of 1 record matches.",
				"support_message": "The mail DNS records are published.",
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

// A machine without DNS refreshes a thousand validations without asking a thousand times: what is dead is found out
// once.
func TestOfflineFleet(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cut  func(lab)
		most int // questions to all servers
	}{
		"nothing answers": {
			cut: func(l lab) {
				l.Recursors()[0].Inject(dnstest.Drop)
				for _, s := range l.Servers() {
					s.Inject(dnstest.Drop)
				}
			},
			most: 100,
		},
		"the resolver alone answers": {
			cut: func(l lab) {
				l.Zone("nic.example")
				for _, s := range l.Servers() {
					s.Inject(dnstest.When(dnstest.Drop, dnstest.Direct))
				}
			},
			most: 100,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			tt.cut(l)
			c := newCLI(t, l.config(fmt.Sprintf(fleetConfig, fleet, spfA)))
			write(t, filepath.Join(c.dir, "terraform.tfstate"), fleetState(t))
			started := time.Now()
			out := c.plan(t, 0)
			t.Logf("%d validations, %v, %d questions", fleet, time.Since(started), l.Count(dnstest.Direct))
			if !strings.Contains(out, "Warning: Live DNS could not be checked") || !strings.Contains(out, "No changes.") {
				t.Errorf("terraform printed:\n%s\nwant a warning that DNS could not be asked, and no changes", out)
			}
			if n := l.Count(dnstest.Direct); n > tt.most {
				t.Errorf("%d questions were asked, want at most %d", n, tt.most)
			}
		})
	}
}
