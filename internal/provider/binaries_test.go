package provider_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The environment variables that name the CLI.
const (
	binariesVariable = "TF_BINARIES" // one or several paths, with colons or commas between
	pathVariable     = "TF_ACC_TERRAFORM_PATH"
)

// binaries returns the absolute paths of the CLIs that the tests run with.
func binaries() ([]string, error) {
	separates := func(r rune) bool { return r == ',' || r == os.PathListSeparator }
	paths := strings.FieldsFunc(os.Getenv(binariesVariable), separates)
	if len(paths) == 0 && os.Getenv(pathVariable) != "" {
		paths = []string{os.Getenv(pathVariable)}
	}
	if len(paths) == 0 {
		path, err := exec.LookPath("terraform")
		if err != nil {
			return nil, fmt.Errorf("these tests run the real Terraform CLI, and there is none on the PATH: run them by \"make test\", which gets one, "+
				"install Terraform 1.8 or newer, or set %s to the paths of the CLIs to test with", binariesVariable)
		}
		paths = []string{path}
	}
	for i, path := range paths {
		var err error
		if paths[i], err = filepath.Abs(path); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// product is a CLI that runs providers.
type product struct {
	name    string // "Terraform" or "OpenTofu"
	version string
}

// isOpenTofu reports whether the CLI takes providers without a source from OpenTofu's registry.
func (p product) isOpenTofu() bool { return p.name == "OpenTofu" }

// identify asks a CLI what it is.
func identify(path string) (product, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1")
	out, err := cmd.Output()
	if err != nil {
		return product{}, fmt.Errorf("%s does not tell its version: %w; %s and %s name CLIs by their paths", path, err, binariesVariable, pathVariable)
	}
	return productOf(string(out))
}

// productOf reads what `terraform version` and `tofu version` print.
func productOf(text string) (product, error) {
	line, _, _ := strings.Cut(text, "\n")
	name, number, _ := strings.Cut(line, " v")
	p := product{name: name, version: strings.TrimSpace(number)}
	if (name != "Terraform" && name != "OpenTofu") || p.version == "" {
		return p, fmt.Errorf("%q is not the version of Terraform or OpenTofu", line)
	}
	return p, nil
}

// running is the CLI of this process's tests.
var running product

// use has all tests of this process run one CLI.
func use(path string) error {
	var err error
	if running, err = identify(path); err != nil {
		return err
	}
	if err := running.tooOld(); err != nil {
		return err
	}
	return os.Setenv(pathVariable, path)
}

// tooOld returns an error for a CLI without functions of providers.
func (p product) tooOld() error {
	oldest := 8
	if p.isOpenTofu() {
		oldest = 7
	}
	var major, minor int
	if _, err := fmt.Sscanf(p.version, "%d.%d.", &major, &minor); err != nil || major < 1 || major == 1 && minor < oldest {
		return fmt.Errorf("%s %s is too old, or its version cannot be read: these tests need 1.%d.0 or newer", p.name, p.version, oldest)
	}
	return nil
}

// runEach runs this test program once for each CLI, with the flags that it has. It returns the exit status.
func runEach(paths []string) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// One log of the files that tests open cannot hold several runs.
	args := slices.DeleteFunc(slices.Clone(os.Args[1:]), func(arg string) bool { return strings.HasPrefix(arg, "-test.testlogfile=") })
	status := 0
	for _, path := range paths {
		p, err := identify(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
			continue
		}
		fmt.Printf("# %s %s, %s\n", p.name, p.version, path)
		cmd := exec.Command(self, args...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		cmd.Env = append(os.Environ(), binariesVariable+"="+path)
		if err := cmd.Run(); err != nil {
			fmt.Printf("# %s %s: %v\n", p.name, p.version, err)
			status = 1
		}
	}
	return status
}

func TestProductOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want product
		tofu bool
	}{
		"Terraform":       {"Terraform v1.8.5\non linux_amd64\n", product{"Terraform", "1.8.5"}, false},
		"a development":   {"Terraform v1.17.0-dev\n", product{"Terraform", "1.17.0-dev"}, false},
		"OpenTofu":        {"OpenTofu v1.10.7\non linux_amd64\n", product{"OpenTofu", "1.10.7"}, true},
		"without newline": {"OpenTofu v1.7.0", product{"OpenTofu", "1.7.0"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := productOf(tt.text)
			if err != nil || got != tt.want || got.isOpenTofu() != tt.tofu {
				t.Errorf("productOf(%q) = %v, %v, want %v", tt.text, got, err, tt.want)
			}
			if err := got.tooOld(); err != nil {
				t.Errorf("tooOld() = %v", err)
			}
		})
	}
	for _, text := range []string{"", "Packer v1.11.0\n", "Terraform\n", "Terraform v\n"} {
		if got, err := productOf(text); err == nil {
			t.Errorf("productOf(%q) = %v, want an error", text, got)
		}
	}
	for _, old := range []product{{"Terraform", "1.7.5"}, {"OpenTofu", "1.6.3"}, {"Terraform", "0.15.0"}, {"Terraform", "x"}} {
		if old.tooOld() == nil {
			t.Errorf("%v.tooOld() = nil, want an error", old)
		}
	}
}

// Each CLI that TF_BINARIES names runs the tests, and one that cannot be run fails them.
func TestEachBinary(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	path := os.Getenv(pathVariable)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	for _, link := range []string{first, second} {
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		list string
		runs []string
		ok   bool
	}{
		"one":                       {first, nil, true},
		"two, with a colon":         {first + string(os.PathListSeparator) + second, []string{first, second}, true},
		"two, with a comma":         {first + "," + second + ",", []string{first, second}, true},
		"one of two is not there":   {filepath.Join(dir, "none") + "," + second, []string{second}, false},
		"the only one is not there": {filepath.Join(dir, "none"), nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestProductOf$", "-test.v")
			cmd.Env = append(os.Environ(), binariesVariable+"="+tt.list)
			out, err := cmd.CombinedOutput()
			if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
				t.Fatal(err)
			}
			if (err == nil) != tt.ok {
				t.Errorf("the tests ended with %v:\n%s", err, out)
			}
			for _, run := range tt.runs {
				if want := fmt.Sprintf("# %s %s, %s\n=== RUN", running.name, running.version, run); !strings.Contains(string(out), want) {
					t.Errorf("the tests printed:\n%s\nwant %q", out, want)
				}
			}
			if !tt.ok && !strings.Contains(string(out), "does not tell its version") {
				t.Errorf("the tests printed:\n%s\nwant the reason", out)
			}
		})
	}
}
