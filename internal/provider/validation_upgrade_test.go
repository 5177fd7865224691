package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
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
		change  [2]string // a text of the state, and what stands in its place
		updated bool
		says    string
	}{
		"another type":             {[2]string{`"type": "TXT"`, `"type": "HTTPS"`}, true, "HTTPS"},
		"another way to name":      {[2]string{`"fqdn": "example.com"`, `"fqdn": "example..com"`}, true, "example..com"},
		"no value":                 {[2]string{`"value": "v=spf1 a -all"`, `"value": null`}, true, "value is null"},
		"an attribute of its own":  {[2]string{`"valid": true`, `"valid": true, "later": "x"`}, false, ""},
		"an option of its own":     {[2]string{`"valid": true`, `"valid": true, "query": "everybody"`}, true, ""},
		"servers as it knows them": {[2]string{`"valid": true`, `"valid": true, "require": "most"`}, true, ""},
		"a time that is none":      {[2]string{`"valid": true`, `"valid": true, "timeouts": {"create": null, "read": "soon", "update": null}`}, true, "soon"},
	}
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	var config strings.Builder
	var resources []any
	for name, tt := range tests {
		text := strings.Replace(string(least), tt.change[0], tt.change[1], 1)
		if text == string(least) {
			t.Fatalf("the state has no %s", tt.change[0])
		}
		var state struct{ Resources []map[string]any }
		if err := json.Unmarshal([]byte(text), &state); err != nil {
			t.Fatal(err)
		}
		state.Resources[0]["name"] = identifier(name)
		resources = append(resources, state.Resources[0])
		fmt.Fprintf(&config, "resource \"maildomain_validation\" %q {\n  records = { spf = { fqdn = \"example.com\", type = \"TXT\", value = %q } }\n}\n", identifier(name), spfA)
	}
	state := mustJSON(t, map[string]any{"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "foreign", "outputs": map[string]any{}, "resources": resources, "check_results": nil})
	c := newCLI(t, l.config(config.String()))
	write(t, filepath.Join(c.dir, "terraform.tfstate"), state)
	planned, said := c.plannedUpdates(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := "maildomain_validation." + identifier(name)
			if planned[address] != tt.updated {
				t.Errorf("terraform plan updates it: %t, want %t", planned[address], tt.updated)
			}
			got := said[address]
			if warns := strings.Contains(got, "State of another version"); warns != (tt.says != "") || !strings.Contains(got, tt.says) {
				t.Errorf("terraform plan says:\n%s\nwant a warning with %q", got, tt.says)
			}
		})
	}
	c.exits(t, 0, "destroy", "-auto-approve")
	write(t, filepath.Join(c.dir, "terraform.tfstate"), state)
	c.apply(t)
	if out := c.plan(t, 0); strings.Contains(out, "State of another version") {
		t.Errorf("after an apply, terraform plan printed:\n%s", out)
	}
}

// plannedUpdates plans, and returns by the address what is updated, and what is said of it.
func (c cli) plannedUpdates(t *testing.T) (updated map[string]bool, said map[string]string) {
	t.Helper()
	cmd, out := c.command(t.Context(), "plan", "-json")
	if err := cmd.Run(); err != nil {
		t.Fatalf("terraform plan: %v\n%s", err, out)
	}
	updated, said = make(map[string]bool), make(map[string]string)
	for decoder := json.NewDecoder(bytes.NewReader(out.Bytes())); decoder.More(); {
		var message struct {
			Type   string
			Change struct {
				Resource struct{ Addr string }
				Action   string
			}
		}
		if err := decoder.Decode(&message); err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		if message.Type == "planned_change" && message.Change.Action == "update" {
			updated[message.Change.Resource.Addr] = true
		}
	}
	for _, d := range diagnostics(t, out.Bytes()) {
		said[d.about()] += flat(d.Summary+" "+d.Detail) + "\n"
	}
	return updated, said
}
