package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/provider"
)

// binary builds the provider once and returns the folder that it is in.
var binary func() (string, error)

func build(dir string) error {
	command := exec.Command("go", "build", "-ldflags=-s -w", "-o", filepath.Join(dir, "terraform-provider-maildomain"), "../..")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// cli runs Terraform in a directory, with the provider that this process serves or with the built one.
type cli struct {
	path, dir, config string
	env               []string      // beside the environment of the tests
	providers         providers     // that this process serves; none for the released one
	reattach          func() string // serves them
	log               *bytes.Buffer // of what moduleErrors had it print; nil for none
}

// newCLI returns a cli with the provider of this process: it has this process's environment, and logs nothing.
func newCLI(t *testing.T, configuration string) cli {
	t.Helper()
	isAcceptance(t)
	nowhere, err := os.MkdirTemp("", "") //nolint:usetesting // Terraform shows the path, and t.TempDir has the test's name in it.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(nowhere) })
	c := newCLIAt(t, nowhere, configuration)
	c.serve(t, serving(provider.New("test")))
	return c
}

// newReleasedCLI returns a cli with the provider as it is released, for tests that interrupt it, set its environment or
// give it several provider blocks.
func newReleasedCLI(t *testing.T, configuration string) cli {
	t.Helper()
	isAcceptance(t)
	mirror, err := binary()
	if err != nil {
		t.Fatalf("building the provider: %v", err)
	}
	return newCLIAt(t, mirror, configuration)
}

func newCLIAt(t *testing.T, mirror, configuration string) cli {
	t.Helper()
	c := cli{path: os.Getenv(pathVariable), dir: t.TempDir()}
	c.config = filepath.Join(c.dir, "terraform.rc")
	c.configure(t, configuration)
	write(t, c.config, fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"catglobe/maildomain\" = %q\n  }\n  direct {}\n}\n", mirror))
	return c
}

// serve has Terraform take providers from this process.
func (c *cli) serve(t *testing.T, p providers) {
	t.Helper()
	c.providers, c.reattach = p, func() string { return p.reattach(t) }
}

// configure puts a configuration in the place of the one before. It says which provider is meant, unless the configuration
// does.
func (c cli) configure(t *testing.T, configuration string) {
	t.Helper()
	if !strings.Contains(configuration, "required_providers") {
		configuration = cliHeader + configuration
	}
	write(t, filepath.Join(c.dir, "main.tf"), configuration)
}

// cliHeader says which provider a module means.
const cliHeader = "terraform {\n  required_providers {\n    maildomain = {\n      source = \"catglobe/maildomain\"\n    }\n  }\n}\n"

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
	if c.reattach != nil {
		cmd.Env = append(cmd.Env, c.reattach())
	}
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

// exits runs Terraform and returns what it printed, without its frames and line ends. The code is the one that it
// has to end with; with -detailed-exitcode, 2 says that there are changes.
func (c cli) exits(t *testing.T, code int, args ...string) string {
	t.Helper()
	cmd, out := c.command(t.Context(), append(args, "-no-color")...)
	var failed *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
		t.Fatalf("terraform %s: %v", strings.Join(args, " "), err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("terraform %s ended with %d, want %d\n%s", strings.Join(args, " "), got, code, out)
	}
	return flat(out.String())
}

// apply runs an apply that has to succeed.
func (c cli) apply(t *testing.T, args ...string) string {
	t.Helper()
	return c.exits(t, 0, append([]string{"apply", "-auto-approve"}, args...)...)
}

// plan runs a plan that has to end with the code: 0 for nothing to do, 1 for an error, 2 for changes.
func (c cli) plan(t *testing.T, code int, args ...string) string {
	t.Helper()
	return c.exits(t, code, append([]string{"plan", "-detailed-exitcode"}, args...)...)
}

// state returns the attributes of the one validation that are not null, as the state file has them: one of an older
// version lacks attributes that are null in this one. It returns nil where the file has no validation.
func (c cli) state(t *testing.T) map[string]any {
	t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct{ Attributes map[string]any }
		}
	}
	text, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	for _, r := range state.Resources {
		if r.Type+"."+r.Name == address && len(r.Instances) > 0 {
			return withoutNulls(r.Instances[0].Attributes)
		}
	}
	return nil
}

// withoutNulls takes the attributes that are null out of objects.
func withoutNulls(attributes map[string]any) map[string]any {
	maps.DeleteFunc(attributes, func(_ string, v any) bool {
		if object, ok := v.(map[string]any); ok {
			withoutNulls(object)
		}
		return v == nil
	})
	return attributes
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
