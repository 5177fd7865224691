package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// promptly is how long Terraform itself may take to end, on a machine that is busy with other tests,
// while the records would be waited for ten minutes.
const promptly = 30 * time.Second

// wantCancelled checks that a run ended soon after the interrupt, and says why it did.
func wantCancelled(t *testing.T, out string, took time.Duration, why string) {
	t.Helper()
	if took > promptly {
		t.Errorf("terraform ended %v after the interrupt", took)
	}
	t.Logf("terraform ended %v after the interrupt", took)
	if !strings.Contains(flat(out), why) {
		t.Errorf("terraform printed:\n%s\nwant it to say %q", out, why)
	}
	for _, wrong := range []string{"timed out", "did not match within", "did not answer within", "no answer in time"} {
		if strings.Contains(flat(out), wrong) {
			t.Errorf("terraform printed:\n%s\nwant no %q: it was told to stop", out, wrong)
		}
	}
}

func TestInterruptWhileCreating(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := newReleasedCLI(t, l.config(`
resource "maildomain_validation" "this" {
  records = { spf = { fqdn = "example.com", type = "TXT", value = "v=spf1 -all" } }
}
`))
	out, took := c.interrupt(t, l.Hierarchy, 2, dnstest.To("ns1.example.com"), "apply", "-auto-approve", "-no-color")
	wantCancelled(t, out, took, "The wait for DNS was cancelled")
	if state := c.run(t, "state", "list"); strings.Contains(state, "maildomain_validation") {
		t.Errorf("an interrupted creation left a state: %s", state)
	}
}

func TestInterruptWhileUpdating(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	resource := func(value string) string {
		return l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 1
}
`, value))
	}
	c := newReleasedCLI(t, resource(spfA))
	c.run(t, "apply", "-auto-approve", "-no-color")
	l.ResetQuestions()
	c.configure(t, resource(spfB))
	out, took := c.interrupt(t, l.Hierarchy, 3, dnstest.About("example.com"), "apply", "-refresh=false", "-auto-approve", "-no-color")
	wantCancelled(t, out, took, "The wait for DNS was cancelled")
	if state := c.run(t, "state", "show", "-no-color", address); !strings.Contains(state, spfA) || strings.Contains(state, spfB) {
		t.Errorf("an interrupted update left the state\n%s\nwant the one before", state)
	}
}

// The servers hold their answers back, so that the refresh is under way when it is interrupted.
func TestInterruptWhileReading(t *testing.T) {
	t.Parallel()
	l := newLab(t).timeout("10m")
	l.zone.SetTXT("@", spfA)
	c := newReleasedCLI(t, l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records  = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  timeouts = { read = "2m" }
}
`, spfA)))
	c.apply(t)
	file := filepath.Join(c.dir, "terraform.tfstate")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var gate dnstest.Gate // It stays closed.
	l.all(gate.Fault)
	l.ResetQuestions()
	out, took := c.interrupt(t, l.Hierarchy, 1, dnstest.About("example.com"), "plan", "-no-color")
	wantCancelled(t, out, took, "The refresh was cancelled")
	after, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Errorf("an interrupted refresh left the state\n%s\nwant the one before\n%s", after, before)
	}
}
