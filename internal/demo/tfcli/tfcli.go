// Package tfcli finds a Terraform CLI for the demo and for tests, and has HashiCorp's installer
// library fetch one where there is none.
package tfcli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// Oldest is the oldest Terraform that has what the provider needs: functions of providers.
const Oldest = "1.8.0"

// Installed is the version that is installed where no Terraform is found.
const Installed = "1.11.4"

// BinariesVariable is the environment variable that names the CLIs of the acceptance tests, with colons or commas between.
const BinariesVariable = "TF_BINARIES"

// PathVariable is the environment variable that names the CLI to use. The plugin test library reads it too.
const PathVariable = "TF_ACC_TERRAFORM_PATH"

// Find returns the absolute path of a Terraform CLI: the first that [BinariesVariable] names, else the one that
// [PathVariable] names, else the one on the PATH, else one that it installs in the user's cache. It says on log what it
// installs, and where.
func Find(ctx context.Context, log io.Writer) (string, error) {
	separates := func(r rune) bool { return r == ',' || r == os.PathListSeparator }
	if paths := strings.FieldsFunc(os.Getenv(BinariesVariable), separates); len(paths) > 0 {
		return filepath.Abs(paths[0])
	}
	if path := os.Getenv(PathVariable); path != "" {
		return filepath.Abs(path)
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		return install(ctx, log)
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	found, err := Version(ctx, path)
	if err != nil {
		return "", err
	}
	if found.Core().LessThan(version.Must(version.NewVersion(Oldest))) {
		return "", fmt.Errorf("%s is Terraform %s, and this needs %s or newer: update it, or set %s to another", path, found, Oldest, PathVariable)
	}
	return path, nil
}

// Version asks a CLI for its version.
func Version(ctx context.Context, path string) (*version.Version, error) {
	found, err := product.Terraform.GetVersion(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s does not tell its version: %w; set %s to the path of a Terraform CLI", path, err, PathVariable)
	}
	return found, nil
}

// install puts the CLI into the user's cache, where the next run finds it.
func install(ctx context.Context, log io.Writer) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no Terraform on the PATH, and no cache to install it into: %w; install Terraform %s or newer by hand", err, Oldest)
	}
	dir := filepath.Join(cache, "terraform-provider-maildomain", "terraform-"+Installed)
	path := filepath.Join(dir, product.Terraform.BinaryName())
	if _, err := Version(ctx, path); err == nil {
		return path, nil
	}
	fmt.Fprintf(log, "There is no Terraform on the PATH: HashiCorp's installer library puts Terraform %s into %s.\n", Installed, dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	installer := releases.ExactVersion{Product: product.Terraform, Version: version.Must(version.NewVersion(Installed)), InstallDir: dir}
	path, err = installer.Install(ctx)
	if err != nil {
		return "", fmt.Errorf("there is no Terraform on the PATH, and installing it failed: %w; install Terraform %s or newer by hand, or set %s to its path", err, Oldest, PathVariable)
	}
	return path, nil
}
