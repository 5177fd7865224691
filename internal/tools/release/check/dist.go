package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/goreleaser/goreleaser/v2/pkg/config"

	"github.com/catglobe/terraform-provider-maildomain/internal/tools/release/project"
)

// release is what GoReleaser wrote.
type release struct {
	dir     string
	project string
	version string
	sums    map[string]string // of SHA256SUMS, by file
	out     io.Writer
}

// checkDist returns the faults of the files of a release. It prints the sizes and checksums of those that are in order.
func checkDist(ctx context.Context, w io.Writer, p config.Project, dir string) error {
	r := release{dir: dir, project: p.ProjectName, out: w}
	text, err := os.ReadFile(filepath.Join(dir, "metadata.json"))
	if err != nil {
		return err
	}
	var metadata struct{ Version string }
	if err := json.Unmarshal(text, &metadata); err != nil {
		return fmt.Errorf("metadata.json: %w", err)
	}
	r.version = metadata.Version
	if err := r.readSums(); err != nil {
		return err
	}
	var faults []error
	for _, t := range project.Targets(p) {
		if err := r.checkTarget(ctx, t); err != nil {
			faults = append(faults, fmt.Errorf("%s_%s: %w", t.GOOS, t.GOARCH, err))
		}
	}
	_, summed := r.sums[r.name("manifest.json")]
	if !summed {
		faults = append(faults, fmt.Errorf("%s is not among the checksums", r.name("manifest.json")))
	}
	if want := 2*len(project.Targets(p)) + 1; len(r.sums) != want {
		faults = append(faults, fmt.Errorf("there are %d checksums, want %d: an archive and a bill of materials for each platform, and the manifest", len(r.sums), want))
	}
	return errors.Join(faults...)
}

func (r *release) name(end string) string { return fmt.Sprintf("%s_%s_%s", r.project, r.version, end) }

func (r *release) readSums() error {
	text, err := os.ReadFile(filepath.Join(r.dir, r.name("SHA256SUMS")))
	if err != nil {
		return err
	}
	r.sums = make(map[string]string)
	for line := range strings.Lines(string(text)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			return fmt.Errorf("%s: %q is no checksum with a name", r.name("SHA256SUMS"), line)
		}
		r.sums[name] = sum
	}
	return nil
}

// read returns a file whose checksum is right.
func (r *release) read(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != r.sums[name] {
		return nil, fmt.Errorf("%s: the checksum is %s, and %sSHA256SUMS has %q", name, got, r.name(""), r.sums[name])
	}
	fmt.Fprintf(r.out, "%10d  %s  %s\n", len(data), r.sums[name], name)
	return data, nil
}

// checkTarget looks at the archive of a platform and at its bill of materials.
func (r *release) checkTarget(ctx context.Context, t project.Target) error {
	platform := t.GOOS + "_" + t.GOARCH
	archive, err := r.read(r.name(platform + ".zip"))
	if err != nil {
		return err
	}
	bill, err := r.read(r.name(platform + ".sbom.json"))
	if err != nil {
		return err
	}
	program, err := r.unpack(archive, t)
	if err != nil {
		return err
	}
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		return err
	}
	return errors.Join(r.checkProgram(ctx, program, info, t), checkBill(bill, info, "v"+r.version))
}

// unpack returns the program of an archive. The licenses stand beside it, and nothing else does.
func (r *release) unpack(archive []byte, t project.Target) ([]byte, error) {
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	name := r.project + "_v" + r.version
	if t.GOOS == "windows" {
		name += ".exe"
	}
	var names []string
	for _, f := range files.File {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	if want := []string{"LICENSE", "THIRD_PARTY_LICENSES.txt", name}; !slices.Equal(names, want) {
		return nil, fmt.Errorf("the archive holds %q, want %q", names, want)
	}
	i := slices.IndexFunc(files.File, func(f *zip.File) bool { return f.Name == name })
	if mode := files.File[i].Mode(); mode.Perm() != 0o755 {
		return nil, fmt.Errorf("%s has the mode %v, want 0755", name, mode)
	}
	f, err := files.File[i].Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// checkProgram looks at what the program is built for, and has the one for this machine tell its version.
func (r *release) checkProgram(ctx context.Context, program []byte, info *buildinfo.BuildInfo, t project.Target) error {
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	for key, want := range map[string]string{"GOOS": t.GOOS, "GOARCH": t.GOARCH, "CGO_ENABLED": "0", "-trimpath": "true", "vcs.revision": ""} {
		if got := settings[key]; got != want {
			return fmt.Errorf("the program is built with %s=%s, want %q", key, got, want)
		}
	}
	if !bytes.Contains(program, []byte(r.version)) {
		return fmt.Errorf("the program does not hold the version %s", r.version)
	}
	if t != (project.Target{GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}) {
		return nil
	}
	path := filepath.Join(r.dir, "program")
	if err := os.WriteFile(path, program, 0o700); err != nil {
		return err
	}
	defer os.Remove(path)
	out, err := exec.CommandContext(ctx, path, "-version").Output()
	if err != nil || !strings.HasPrefix(string(out), r.project+" "+r.version+" ") {
		return fmt.Errorf("-version prints %q, %v, want %s %s", out, err, r.project, r.version)
	}
	return nil
}

// checkBill compares a bill of materials with what a program says it was linked from.
func checkBill(text []byte, info *buildinfo.BuildInfo, version string) error {
	type component struct{ Name, Version string }
	var bill struct {
		BOMFormat  string
		Metadata   struct{ Component component }
		Components []component
	}
	if err := json.Unmarshal(text, &bill); err != nil {
		return fmt.Errorf("bill of materials: %w", err)
	}
	if main := (component{info.Main.Path, version}); bill.BOMFormat != "CycloneDX" || bill.Metadata.Component != main {
		return fmt.Errorf("the bill of materials is in the format %q and about %v, want CycloneDX and %v", bill.BOMFormat, bill.Metadata.Component, main)
	}
	want := []component{{"std", info.GoVersion}}
	for _, m := range info.Deps {
		want = append(want, component{m.Path, m.Version})
	}
	compare := func(a, b component) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(want, compare)
	slices.SortFunc(bill.Components, compare)
	if !slices.Equal(bill.Components, want) {
		return fmt.Errorf("the bill of materials has %v, and the program %v", bill.Components, want)
	}
	return nil
}
