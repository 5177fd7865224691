// Command check reads .goreleaser.yml with GoReleaser's own strict parser, and holds it to what the Terraform registry
// expects of a release. It builds in seconds where GoReleaser takes minutes.
//
// Its first argument is the root of the repository. Where a second one names the directory that GoReleaser wrote, it
// looks at each file there too, and prints their sizes and checksums. It exits with status 1 and one sentence a fault.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goreleaser/goreleaser/v2/pkg/config"

	"github.com/catglobe/terraform-provider-maildomain/internal/tools/release/project"
)

// manifestFile says which plugin protocol the provider speaks.
const manifestFile = "terraform-registry-manifest.json"

// The names of a release's files (https://developer.hashicorp.com/terraform/registry/providers/publishing).
const (
	archiveName  = "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}"
	sumsName     = "{{ .ProjectName }}_{{ .Version }}_SHA256SUMS"
	manifestName = "{{ .ProjectName }}_{{ .Version }}_manifest.json"
)

func main() {
	if len(os.Args) != 2 && len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: check REPOSITORY [DIST]")
		os.Exit(2)
	}
	if err := check(context.Background(), os.Args[1], os.Args[2:]...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(ctx context.Context, root string, dist ...string) error {
	config, err := project.Load(root)
	if err != nil {
		return err
	}
	faults := []error{checkProject(config), checkManifest(filepath.Join(root, manifestFile))}
	for _, dir := range dist {
		faults = append(faults, checkDist(ctx, os.Stdout, config, dir))
	}
	return errors.Join(faults...)
}

// checkProject returns the faults of a configuration that parses.
func checkProject(p config.Project) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf(".goreleaser.yml: "+format, args...))
	}
	if p.Version != 2 {
		fault("version is %d, want 2", p.Version)
	}
	if !strings.HasPrefix(p.ProjectName, "terraform-provider-") {
		fault("project_name is %q: the registry finds providers by the prefix terraform-provider-", p.ProjectName)
	}
	for _, b := range p.Builds {
		if !slices.Contains(b.Env, "CGO_ENABLED=0") {
			fault("builds: CGO_ENABLED=0 is missing, so the binaries would need the C library of the build machine")
		}
	}
	for _, a := range p.Archives {
		if !slices.Equal(a.Formats, []string{"zip"}) || a.NameTemplate != archiveName {
			fault("archives: want zip archives named %q", archiveName)
		}
	}
	if p.Checksum.NameTemplate != sumsName || !shipsManifest(p.Checksum.ExtraFiles) {
		fault("checksum: want the file %q, and in it %s as %q", sumsName, manifestFile, manifestName)
	}
	if !shipsManifest(p.Release.ExtraFiles) {
		fault("release: want %s as %q among extra_files", manifestFile, manifestName)
	}
	if !slices.ContainsFunc(p.Signs, func(s config.Sign) bool { return s.Artifacts == "checksum" }) {
		fault("signs: nothing signs the checksums")
	}
	return errors.Join(faults...)
}

func shipsManifest(files []config.ExtraFile) bool {
	return slices.Contains(files, config.ExtraFile{Glob: manifestFile, NameTemplate: manifestName})
}

// checkManifest demands plugin protocol 6, the one that main.go serves.
func checkManifest(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var manifest struct {
		Version  int
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		}
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return fmt.Errorf("%s: %w", manifestFile, err)
	}
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.ProtocolVersions, []string{"6.0"}) {
		return fmt.Errorf("%s: want version 1 and protocol_versions [\"6.0\"]", manifestFile)
	}
	return nil
}
