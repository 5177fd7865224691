// Command mutants measures what the tests of a package notice: it makes small changes to the package's source, one at a
// time, runs its tests, and lists the changes after which they still pass. The source itself stays as it is: the go command
// reads each change as an overlay.
//
//	go -C internal/tools run ./mutants -n 40 ./internal/dkim
//
// Not every survivor is a gap: some changes leave the meaning as it was.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	count := flag.Int("n", 40, "mutants per package, drawn at random; 0 for all")
	seed := flag.Uint64("seed", 1, "seed of the draw")
	limit := flag.Duration("timeout", 2*time.Minute, "time that the tests have for one mutant")
	root := flag.String("root", "../..", "directory of the module")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "Name at least one package, such as ./internal/dkim.")
		os.Exit(2)
	}
	for _, pkg := range flag.Args() {
		run := run{root: *root, pkg: pkg, limit: *limit}
		if err := run.measure(*count, *seed); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", pkg, err)
			os.Exit(1)
		}
	}
}

// run measures one package.
type run struct {
	root, pkg string
	limit     time.Duration
}

// measure prints the mutants of a package that survive its tests, and how many do not.
func (r run) measure(count int, seed uint64) error {
	mutants, err := r.mutants()
	if err != nil {
		return err
	}
	all := len(mutants)
	draw := rand.New(rand.NewPCG(seed, uint64(all)))
	draw.Shuffle(all, func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })

	killed, survived, broken := 0, 0, 0
	for _, m := range mutants {
		if count > 0 && killed+survived == count {
			break
		}
		switch outcome, err := r.try(m); {
		case err != nil:
			return err
		case outcome == doesNotBuild:
			broken++
		case outcome == noticed:
			killed++
		default:
			survived++
			fmt.Println("survived", m)
		}
	}
	fmt.Printf("%s: %d of %d mutants noticed (%d possible, %d did not build)\n", r.pkg, killed, killed+survived, all, broken)
	return nil
}

// mutants returns those of all files of the package that are not tests.
func (r run) mutants() ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(r.root, r.pkg, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("looking for the package: %w", err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no Go source in %s", filepath.Join(r.root, r.pkg))
	}
	var all []mutant
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading Go source: %w", err)
		}
		found, err := mutate(name, source)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

type outcome int

const (
	passed outcome = iota
	noticed
	doesNotBuild
)

// try runs the tests with one change in the place of its file.
func (r run) try(m mutant) (outcome, error) {
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return passed, fmt.Errorf("making a folder for the change: %w", err)
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir)
	if err != nil {
		return passed, err
	}
	cmd := exec.CommandContext(context.Background(), "go", "test", "-overlay", overlay, "-vet=off", "-short", "-failfast", "-count=1", "-timeout", r.limit.String(), r.pkg)
	cmd.Dir = r.root
	switch out, err := cmd.CombinedOutput(); {
	case err == nil:
		return passed, nil
	case bytes.Contains(out, []byte("[build failed]")):
		return doesNotBuild, nil
	}
	return noticed, nil
}

// overlay writes the changed file, and what makes the go command read it in the place of the other.
func (m mutant) overlay(dir string) (string, error) {
	source, err := os.ReadFile(m.file)
	if err != nil {
		return "", fmt.Errorf("reading Go source: %w", err)
	}
	original, err := filepath.Abs(m.file)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", m.file, err)
	}
	changed := filepath.Join(dir, filepath.Base(m.file))
	text, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(changed, m.apply(source), 0o600); err != nil {
		return "", fmt.Errorf("writing the change: %w", err)
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	return overlay, nil
}
