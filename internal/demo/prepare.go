package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/catglobe/terraform-provider-maildomain/internal/demo/tfcli"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// A demo is everything that the steps need.
type demo struct {
	dir    string // of this run; removed at the end
	dns    *dnstest.Hierarchy
	zone   *dnstest.Zone
	tf     *tfexec.Terraform
	output *strings.Builder // what Terraform printed in this step
}

const mark = "──"

// root is the top folder of the repository, from where this module lies: `make demo` runs it there.
const root = "../.."

// prepare builds the provider, starts the DNS servers, and sets up a working directory with the
// quickstart in it.
func prepare(ctx context.Context) (*demo, error) {
	terraform, err := tfcli.Find(ctx, os.Stderr)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "maildomain-demo-")
	if err != nil {
		return nil, err
	}
	d := &demo{dir: dir, output: &strings.Builder{}}
	if err := d.prepare(ctx, terraform); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *demo) prepare(ctx context.Context, terraform string) error {
	fmt.Printf("%s Building the provider.\n", mark)
	if err := buildProvider(ctx, d.dir); err != nil {
		return err
	}
	if err := d.startDNS(ctx); err != nil {
		return err
	}
	work := filepath.Join(d.dir, "quickstart")
	if err := os.CopyFS(work, os.DirFS(filepath.Join(root, "examples", "quickstart"))); err != nil {
		return fmt.Errorf("run the demo by `make demo`: %w", err)
	}
	if err := d.writeSettings(work); err != nil {
		return err
	}
	return d.initTerraform(ctx, work, terraform)
}

// buildProvider builds into a folder that Terraform takes for a mirror of the registry.
func buildProvider(ctx context.Context, dir string) error {
	binary := "terraform-provider-maildomain_v0.1.0"
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	path := filepath.Join(dir, "mirror", "registry.terraform.io", "catglobe", "maildomain", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, binary)
	build := exec.CommandContext(ctx, "go", "build", "-o", path, ".")
	build.Dir = root
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the provider: %w", err)
	}
	return nil
}

// writeSettings points the quickstart at the DNS servers of the demo, without a change to its files.
func (d *demo) writeSettings(work string) error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	override := fmt.Sprintf(`
provider "maildomain" {
  resolvers          = [%q]
  authoritative_port = %d
}
`, d.dns.ResolverAddr(), d.dns.Port())
	variables := fmt.Sprintf("publish_command = %q\n", executable+" publish")
	config := fmt.Sprintf(`
provider_installation {
  filesystem_mirror {
    path = %q
  }
}
disable_checkpoint = true
`, filepath.Join(d.dir, "mirror"))
	return errors.Join(
		os.WriteFile(filepath.Join(work, "demo_override.tf"), []byte(override), 0o600),
		os.WriteFile(filepath.Join(work, "demo.auto.tfvars"), []byte(variables), 0o600),
		os.WriteFile(filepath.Join(d.dir, "terraform.rc"), []byte(config), 0o600),
	)
}

func (d *demo) initTerraform(ctx context.Context, work, terraform string) error {
	tf, err := tfexec.NewTerraform(work, terraform)
	if err != nil {
		return err
	}
	env := map[string]string{
		"TF_CLI_CONFIG_FILE": filepath.Join(d.dir, "terraform.rc"),
		primaryVariable:      d.primary(),
	}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SystemRoot", "COMSPEC"} {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	if err := tf.SetEnv(env); err != nil {
		return err
	}
	d.tf = tf
	if err := tf.Init(ctx); err != nil {
		return fmt.Errorf("terraform init: %w", err)
	}
	// Only from here on is what Terraform prints of interest.
	tf.SetStdout(d.screen())
	tf.SetStderr(d.screen())
	return nil
}

// screen shows what Terraform prints, and keeps it for the step to look at.
func (d *demo) screen() io.Writer { return io.MultiWriter(os.Stdout, d.output) }

func (d *demo) close() {
	if d.dns != nil {
		d.dns.Close()
	}
	os.RemoveAll(d.dir)
}
