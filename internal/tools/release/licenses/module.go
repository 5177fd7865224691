package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// module is a module that the program links, or "std".
type module struct {
	path, version string
	root          string   // the directory that holds it
	dirs          []string // those of its packages that are linked
	files         []file
}

// file is a license or a notice.
type file struct {
	name     string
	text     string
	licenses []string // none where the text is a notice
	fault    string   // why the program may not be released with it
}

func (m module) name() string { return strings.TrimSpace(m.path + " " + m.version) }

func (m module) licenses() []string {
	var all []string
	for _, f := range m.files {
		all = append(all, f.licenses...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var (
	licenseFile = regexp.MustCompile(`(?i)^(?:licen[cs]e|copying|unlicense)(?:[.-]|$)`)
	noticeFile  = regexp.MustCompile(`(?i)^notice(?:[.-]|$)`)
	codeFile    = regexp.MustCompile(`(?i)\.(?:go|s|json|ya?ml)$`)
)

// read reads the licenses and notices at the module's root and on the way from there to each linked package: a
// directory of another origin brings its own.
func (m *module) read() error {
	for _, dir := range m.onTheWay() {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			name := e.Name()
			if e.IsDir() || codeFile.MatchString(name) || !licenseFile.MatchString(name) && !noticeFile.MatchString(name) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			f := file{name: name, text: string(text)}
			if !noticeFile.MatchString(name) {
				f.licenses, f.fault = classify(text)
			}
			m.files = append(m.files, f)
		}
	}
	return nil
}

// onTheWay returns the directories from the root to the packages, the root first.
func (m *module) onTheWay() []string {
	dirs := []string{m.root}
	for _, dir := range m.dirs {
		for ; len(dir) > len(m.root); dir = filepath.Dir(dir) {
			dirs = append(dirs, dir)
		}
	}
	slices.SortFunc(dirs, cmp.Compare)
	return slices.Compact(dirs)
}

// allowed are the licenses that the program may be released with: those that ask for notices at most, which the archives
// give, and the MPL-2.0, whose source is where the texts in the archives say. All else needs a person to look at it.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unlicense", "Zlib"}

// coverage is how much of a license file known licenses have to make up, in percent. The rest is names and years.
const coverage = 75

// classify names the licenses that a text consists of, and says why the program may not be released with it.
func classify(text []byte) (ids []string, fault string) {
	found := licensecheck.Scan(text)
	for _, m := range found.Match {
		if m.IsURL {
			continue
		}
		if !slices.Contains(ids, m.ID) {
			ids = append(ids, m.ID)
		}
		if !slices.Contains(allowed, m.ID) && fault == "" {
			fault = fmt.Sprintf("%s is not among the licenses that the program may be released with", m.ID)
		}
	}
	if len(ids) == 0 || found.Percent < coverage {
		return append(ids, "unknown"), "the license is not known"
	}
	return ids, fault
}

// refuse returns an error for each module that the program may not be released with.
func refuse(modules []module) error {
	var faults []error
	for _, m := range modules {
		if len(m.licenses()) == 0 {
			faults = append(faults, fmt.Errorf("%s: there is no license file in %s", m.name(), m.root))
		}
		for _, f := range m.files {
			if f.fault != "" {
				faults = append(faults, fmt.Errorf("%s: %s: %s", m.name(), f.name, f.fault))
			}
		}
	}
	return errors.Join(faults...)
}
