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

// What another version wrote into the state, and this one cannot read, is a warning: plans and destroys go on.
func TestValidationOfAForeignState(t *testing.T) {
	t.Parallel()
	least, err := os.ReadFile(filepath.Join("testdata", "validation", "least.json"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change [2]string // a text of the state, and what stands in its place
		plan   int
		says   string
	}{
		"another type":             {[2]string{`"type": "TXT"`, `"type": "HTTPS"`}, 2, "HTTPS"},
		"another way to name":      {[2]string{`"fqdn": "example.com"`, `"fqdn": "example..com"`}, 2, "example..com"},
		"no value":                 {[2]string{`"value": "v=spf1 a -all"`, `"value": null`}, 2, "value is null"},
		"an attribute of its own":  {[2]string{`"valid": true`, `"valid": true, "later": "x"`}, 0, ""},
		"an option of its own":     {[2]string{`"valid": true`, `"valid": true, "query": "everybody"`}, 2, ""},
		"servers as it knows them": {[2]string{`"valid": true`, `"valid": true, "require": "most"`}, 2, ""},
		"a time that is none":      {[2]string{`"valid": true`, `"valid": true, "timeouts": {"create": null, "read": "soon", "update": null}`}, 2, "soon"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := strings.Replace(string(least), tt.change[0], tt.change[1], 1)
			if state == string(least) {
				t.Fatalf("the state has no %s", tt.change[0])
			}
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			c := newCLI(t, strings.Replace(l.plain(spfA, ""), `timeouts = { create = "30s" }`, "", 1))
			write(t, filepath.Join(c.dir, "terraform.tfstate"), state)
			out := c.plan(t, tt.plan)
			if warns := strings.Contains(out, "Warning: State of another version"); warns != (tt.says != "") || !strings.Contains(out, tt.says) {
				t.Errorf("terraform plan printed:\n%s\nwant a warning with %q", out, tt.says)
			}
			c.exits(t, 0, "destroy", "-auto-approve")
			write(t, filepath.Join(c.dir, "terraform.tfstate"), state)
			c.apply(t)
			if out := c.plan(t, 0); strings.Contains(out, "State of another version") {
				t.Errorf("after an apply, terraform plan printed:\n%s", out)
			}
		})
	}
}
