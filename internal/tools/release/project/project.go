// Package project reads what a release is made of from .goreleaser.yml, with GoReleaser's own strict parser.
package project

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

// Load reads the configuration in the root of the repository.
func Load(root string) (config.Project, error) {
	p, err := config.Load(filepath.Join(root, ".goreleaser.yml"))
	if err != nil {
		return p, fmt.Errorf(".goreleaser.yml: %w", err)
	}
	return p, nil
}

// Target is a platform of a release.
type Target struct{ GOOS, GOARCH string }

// Targets returns the platforms that a project is built for.
func Targets(p config.Project) []Target {
	var all []Target
	for _, b := range p.Builds {
		for _, goos := range b.Goos {
			for _, goarch := range b.Goarch {
				ignored := func(i config.IgnoredBuild) bool { return i.Goos == goos && i.Goarch == goarch }
				if !slices.ContainsFunc(b.Ignore, ignored) {
					all = append(all, Target{goos, goarch})
				}
			}
		}
	}
	return all
}
