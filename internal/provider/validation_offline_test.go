package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// Where no server can be asked, nothing is said about the records.
func TestValidationWithoutDNS(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, s := range l.Servers() {
		s.Down()
	}
	test(t, resource.TestStep{
		Config: l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records  = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  timeouts = { create = "2s" }
}
`, spfA)),
		ExpectError: says("Error: DNS could not be asked"),
	})
}

// off closes every server.
func (l lab) off() {
	for _, r := range l.Recursors() {
		r.Down()
	}
	for _, s := range l.Servers() {
		s.Down()
	}
}

// A machine without DNS plans and destroys: it is warned, and the state stays as it was.
func TestValidationOffline(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.plain(spfA, ""))
	c.apply(t)
	before := c.state(t)
	l.off()
	for name, out := range map[string]string{
		"plan":               c.plan(t, 0),
		"plan -refresh-only": c.plan(t, 0, "-refresh-only"),
		"apply":              c.apply(t),
	} {
		if !strings.Contains(out, "Warning: Live DNS could not be checked") {
			t.Errorf("terraform %s printed:\n%s\nwant a warning that DNS could not be asked", name, out)
		}
	}
	if diff := cmp.Diff(before, c.state(t)); diff != "" {
		t.Errorf("a refresh without DNS changed the state (-before +after):\n%s", diff)
	}
	c.exits(t, 0, "destroy", "-auto-approve")
	if left := c.state(t); left != nil {
		t.Errorf("the validation is still in the state after a destroy without DNS: %v", left)
	}
}

// Servers that fail, refuse or disagree say nothing definite: the refresh warns and keeps the state.
func TestValidationKeepsItsStateWithoutADefiniteAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(lab)
		says  string
	}{
		"SERVFAIL": {func(l lab) { l.all(dnstest.RCode(2)) }, "SERVFAIL"},
		"REFUSED":  {func(l lab) { l.all(dnstest.RCode(5)) }, "REFUSED"},
		"lame":     {func(l lab) { l.all(dnstest.NoAA) }, "not authoritative"},
		"a resolver that denies everything": {func(l lab) {
			for _, r := range l.Recursors() {
				r.Inject(dnstest.RCode(3))
			}
		}, "denies even the top-level domain com"},
		"disagreement": {func(l lab) {
			l.zone.Server("ns3").Hold()
			l.zone.SetTXT("@", spfB)
		}, "Warning: Name servers of example.com disagree"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			c := newCLI(t, l.plain(spfA, ""))
			c.apply(t)
			before := c.state(t)
			tt.spoil(l)
			if out := c.apply(t, "-refresh-only"); !strings.Contains(out, "Warning: ") || !strings.Contains(out, tt.says) {
				t.Errorf("terraform printed:\n%s\nwant a warning that says %q", out, tt.says)
			}
			if diff := cmp.Diff(before, c.state(t)); diff != "" {
				t.Errorf("the refresh changed the state (-before +after):\n%s", diff)
			}
		})
	}
}

// all injects a fault into the servers of example.com.
func (l lab) all(f dnstest.Fault) {
	for _, s := range l.zone.Servers() {
		s.Inject(f)
	}
}

// A refresh takes no longer than timeouts.read: servers that are silent for good do not hold it up.
func TestValidationReadIsBounded(t *testing.T) {
	t.Parallel()
	l := newLab(t).timeout("10m") // As long as that, one answer is waited for.
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records  = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  timeouts = { create = "30s", read = "700ms" }
}
`, spfA)))
	c.apply(t)
	before := c.state(t)
	var gate dnstest.Gate // It stays closed.
	l.all(gate.Fault)
	if out := c.apply(t, "-refresh-only"); !strings.Contains(out, "Warning: Live DNS could not be checked") {
		t.Errorf("terraform printed:\n%s\nwant a warning that DNS could not be asked", out)
	}
	if diff := cmp.Diff(before, c.state(t)); diff != "" {
		t.Errorf("the refresh changed the state (-before +after):\n%s", diff)
	}
}

// The removal of a validation asks nothing, and neither does a plan without a refresh.
func TestValidationAsksNothingUnlessItRefreshes(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.plain(spfA, ""))
	c.apply(t)
	l.ResetQuestions()
	c.plan(t, 0, "-refresh=false")
	c.exits(t, 0, "destroy", "-auto-approve", "-refresh=false")
	if questions := l.Questions(); len(questions) > 0 {
		t.Errorf("%d questions were asked, want none: %v", len(questions), questions)
	}
	state, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(state), "maildomain_validation") {
		t.Errorf("the validation is still in the state:\n%s", state)
	}
}
