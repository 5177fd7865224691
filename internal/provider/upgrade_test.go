package provider_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

var recordState = flag.Bool("record-state", false, "write the states of testdata/upgrade that are missing")

// What a released version wrote goes on as it is: with its configuration and its state, a refresh, a plan and an apply of
// this version change nothing, the outputs of data sources and functions included. The states stay as they were written.
func TestUpgradePlansNothing(t *testing.T) {
	t.Parallel()
	configurations, err := filepath.Glob(filepath.Join("testdata", "upgrade", "*", "main.tf"))
	if err != nil || len(configurations) == 0 {
		t.Fatalf("Glob = %v, %v; want the configurations", configurations, err)
	}
	for _, path := range configurations {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			configuration, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			l := newLab(t)
			c := newCLI(t, string(configuration))
			c.env = []string{"TF_VAR_resolver=" + l.ResolverAddr(), fmt.Sprintf("TF_VAR_port=%d", l.Port())}
			kept := filepath.Join(dir, "state.json") // Git leaves out what is called terraform.tfstate.
			if _, err := os.Stat(kept); *recordState && os.IsNotExist(err) {
				keepState(t, l, c, kept)
				return
			}
			state, err := os.ReadFile(kept)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(c.dir, "terraform.tfstate"), string(state))
			l.publishFile(t, zoneFile(t, state))
			before := c.kept(t)
			for _, args := range [][]string{nil, {"-refresh=false"}} {
				out := strings.ReplaceAll(c.plan(t, 0, args...), "Warning: Provider development overrides", "")
				if !strings.Contains(out, "No changes.") || strings.Contains(out, "Warning:") {
					t.Errorf("plan %v printed:\n%s\nwant no changes, and no warning", args, out)
				}
			}
			c.apply(t)
			if diff := cmp.Diff(before, c.kept(t)); diff != "" {
				t.Errorf("the apply changed the state (-before +after):\n%s", diff)
			}
		})
	}
}

// kept returns the outputs and the managed resources of the state. Data sources are read anew by every plan, and their texts
// may get better.
func (c cli) kept(t *testing.T) map[string]any {
	t.Helper()
	var state struct {
		Values struct {
			Outputs map[string]any
			Root    struct {
				Resources []struct {
					Address, Mode string
					Values        any
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(c.run(t, "show", "-json")), &state); err != nil {
		t.Fatal(err)
	}
	all := state.Values.Outputs
	for _, r := range state.Values.Root.Resources {
		if r.Mode == "managed" {
			all[r.Address] = r.Values
		}
	}
	return all
}

// keepState writes the state of a configuration whose records are live.
func keepState(t *testing.T, l lab, c cli, path string) {
	t.Helper()
	c.run(t, "plan", "-out=plan")
	var planned struct {
		Values struct {
			Outputs map[string]struct{ Value any }
		} `json:"planned_values"`
	}
	if err := json.Unmarshal([]byte(c.run(t, "show", "-json", "plan")), &planned); err != nil {
		t.Fatal(err)
	}
	l.publishFile(t, fmt.Sprint(planned.Values.Outputs["zone_file"].Value))
	c.apply(t)
	state, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(state))
}

// zoneFile returns the output of that name in a state.
func zoneFile(t *testing.T, state []byte) string {
	t.Helper()
	var s struct {
		Outputs map[string]struct{ Value any }
	}
	if err := json.Unmarshal(state, &s); err != nil {
		t.Fatal(err)
	}
	file, ok := s.Outputs["zone_file"].Value.(string)
	if !ok {
		t.Fatal("the state has no zone file")
	}
	return file
}

// publishFile puts the records of a zone file into the zone.
func (l lab) publishFile(t *testing.T, file string) {
	t.Helper()
	if err := l.zone.Update(func(c *dnstest.Changes) {
		for line := range strings.Lines(file) {
			if line = strings.TrimSpace(line); line != "" && line[0] != ';' && line[0] != '$' {
				c.Add(line)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
}
