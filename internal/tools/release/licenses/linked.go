package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/tools/release/project"
)

// listed is what `go list -json` says of a package.
type listed struct {
	Dir      string
	Standard bool
	Module   *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// linked returns the modules that the program links on any platform, by name, and Go's library as "std" before them.
func linked(ctx context.Context, root string) ([]module, error) {
	config, err := project.Load(root)
	if err != nil {
		return nil, err
	}
	goroot, err := output(ctx, root, project.Target{}, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	std := module{path: "std", root: strings.TrimSpace(string(goroot))}
	found := make(map[string]*module)
	for _, t := range project.Targets(config) {
		out, err := output(ctx, root, t, "list", "-deps", "-json=Dir,Standard,Module", ".")
		if err != nil {
			return nil, err
		}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var p listed
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("go list: %w", err)
			}
			if p.Module == nil || p.Module.Main {
				continue // What the standard library vendors is under its license.
			}
			m := found[p.Module.Path]
			if m == nil {
				m = &module{path: p.Module.Path, version: p.Module.Version, root: p.Module.Dir}
				found[p.Module.Path] = m
			}
			if !slices.Contains(m.dirs, p.Dir) {
				m.dirs = append(m.dirs, p.Dir)
			}
		}
	}
	if len(found) == 0 {
		return nil, errors.New(".goreleaser.yml: there is no platform, or no module is linked")
	}
	modules := []module{std}
	for _, m := range found {
		modules = append(modules, *m)
	}
	slices.SortFunc(modules[1:], func(a, b module) int { return strings.Compare(a.path, b.path) })
	return modules, nil
}

// output runs the go command for a platform.
func output(ctx context.Context, dir string, t project.Target, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if t != (project.Target{}) {
		cmd.Env = append(cmd.Env, "GOOS="+t.GOOS, "GOARCH="+t.GOARCH)
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return out, nil
}
