package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/demo/tfcli"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// binary builds the provider once and returns the folder that it is in. The test library serves the provider
// in this process and cannot interrupt Terraform, so that this needs both as they are released.
var binary func() (string, error)

func build(dir string) error {
	command := exec.Command("go", "build", "-o", filepath.Join(dir, "terraform-provider-maildomain"), "../..")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// cli runs Terraform in a directory with the built provider.
type cli struct {
	path, dir, config string
	env               []string // beside the environment of the tests
}

func newCLI(t *testing.T, configuration string) cli {
	t.Helper()
	mirror, err := binary()
	if err != nil {
		t.Fatalf("building the provider: %v", err)
	}
	path, err := tfcli.Find(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	c := cli{path: path, dir: t.TempDir()}
	c.config = filepath.Join(c.dir, "terraform.rc")
	header := "terraform {\n  required_providers {\n    maildomain = {\n      source = \"catglobe/maildomain\"\n    }\n  }\n}\n"
	write(t, filepath.Join(c.dir, "main.tf"), header+configuration)
	write(t, c.config, fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"catglobe/maildomain\" = %q\n  }\n  direct {}\n}\n", mirror))
	return c
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// command prepares a run. It is killed with the test.
func (c cli) command(ctx context.Context, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+c.config, "CHECKPOINT_DISABLE=1")
	cmd.Env = append(cmd.Env, c.env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

func (c cli) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd, out := c.command(t.Context(), args...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out.String()
}

// interrupt runs Terraform, interrupts it once the server has been asked n times about the record, and
// returns what was printed and how long the end took.
func (c cli) interrupt(t *testing.T, h *dnstest.Hierarchy, n int, about dnstest.Filter, args ...string) (string, time.Duration) {
	t.Helper()
	cmd, out := c.command(t.Context(), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := h.Await(t.Context(), n, about); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	interrupted := time.Now()
	if err := cmd.Wait(); err == nil {
		t.Errorf("terraform %s ended well although it was interrupted\n%s", strings.Join(args, " "), out)
	}
	return out.String(), time.Since(interrupted)
}

// flat takes the frame and the line ends out of what Terraform printed.
func flat(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(s)), " ")
}

// promptly is how long Terraform itself may take to end, on a machine that is busy with other tests,
// while the records would be waited for ten minutes.
const promptly = 30 * time.Second

func TestInterruptWhileCreating(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := newCLI(t, l.config(`
resource "maildomain_validation" "this" {
  records = { spf = { fqdn = "example.com", type = "TXT", value = "v=spf1 -all" } }
}
`))
	out, took := c.interrupt(t, l.Hierarchy, 2, dnstest.To("ns1.example.com"), "apply", "-auto-approve", "-no-color")
	if took > promptly {
		t.Errorf("terraform ended %v after the interrupt", took)
	}
	if !strings.Contains(flat(out), "The wait for DNS was cancelled") || strings.Contains(out, "did not match within") {
		t.Errorf("terraform printed:\n%s\nwant it to say that the wait was cancelled, and not that it ran out of time", out)
	}
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
	c := newCLI(t, resource(spfA))
	c.run(t, "apply", "-auto-approve", "-no-color")
	l.ResetQuestions()
	main := filepath.Join(c.dir, "main.tf")
	text, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	write(t, main, strings.ReplaceAll(string(text), spfA, spfB))
	out, _ := c.interrupt(t, l.Hierarchy, 3, dnstest.About("example.com"), "apply", "-refresh=false", "-auto-approve", "-no-color")
	if !strings.Contains(flat(out), "The wait for DNS was cancelled") {
		t.Errorf("terraform printed:\n%s\nwant it to say that the wait was cancelled", out)
	}
	if state := c.run(t, "state", "show", "-no-color", address); !strings.Contains(state, spfA) || strings.Contains(state, spfB) {
		t.Errorf("an interrupted update left the state\n%s\nwant the one before", state)
	}
}
