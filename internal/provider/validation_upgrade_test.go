package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// States that were written before, with what was there then, plan nothing: an upgrade of the provider is no change. The files
// in testdata stay as they are. What a later schema adds is missing in them.
func TestValidationUpgradePlansNothing(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "validation", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob = %v, %v; want the states", files, err)
	}
	options := map[string]string{
		"all.json": `
  query       = "authoritative"
  require     = "all"
  consecutive = 1
  follow      = false
  settle      = false
  on_drift    = "warn"
  triggers    = { release = "1" }
`,
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".json"), func(t *testing.T) {
			t.Parallel()
			state, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			config := l.plain(spfA, options[name])
			if name == "least.json" {
				config = strings.Replace(config, `timeouts = { create = "30s" }`, "", 1)
			}
			c := newCLI(t, config)
			write(t, filepath.Join(c.dir, "terraform.tfstate"), string(state))
			before := c.state(t)
			for _, args := range [][]string{nil, {"-refresh=false"}} {
				if out := c.plan(t, 0, args...); !strings.Contains(out, "No changes.") || strings.Contains(out, "Live DNS") {
					t.Errorf("plan %v printed:\n%s\nwant no changes, and no warning", args, out)
				}
			}
			c.apply(t)
			if diff := cmp.Diff(before, c.state(t)); diff != "" {
				t.Errorf("the apply changed the state (-before +after):\n%s", diff)
			}
		})
	}
}
