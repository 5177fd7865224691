package provider_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const repository = "../.."

// A page is one page of the documentation: the README, a template, or a page that is generated.
type page struct{ path, text string }

// pages returns every page, by its path in the repository.
func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	add := func(path string) {
		text, err := os.ReadFile(filepath.Join(repository, path))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page{filepath.ToSlash(path), string(text)})
	}
	add("README.md")
	for _, folder := range []string{"templates", "docs"} {
		err := filepath.WalkDir(filepath.Join(repository, folder), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				relative, _ := filepath.Rel(repository, path)
				add(relative)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// name is the path of the page that a template is for, without its folder: both have the same blocks.
func (p page) name() string {
	name := strings.TrimSuffix(strings.TrimSuffix(p.path, ".tmpl"), ".md")
	return strings.TrimPrefix(strings.TrimPrefix(name, "templates/"), "docs/")
}

// A fenced block of a page.
type fenced struct {
	line           int
	language, text string
}

// blocks returns the fenced blocks of a page in order.
func (p page) blocks() []fenced {
	var all []fenced
	var open *fenced
	var text []string
	for i, line := range strings.Split(p.text, "\n") {
		fence, found := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case found && open == nil:
			open, text = &fenced{line: i + 1, language: fence}, nil
		case found:
			open.text = strings.Join(append(text, ""), "\n")
			all = append(all, *open)
			open = nil
		case open != nil:
			text = append(text, line)
		}
	}
	return all
}

// prose returns a page without its fenced blocks.
func (p page) prose() string {
	inside := false
	lines := slices.DeleteFunc(strings.Split(p.text, "\n"), func(line string) bool {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if fence {
			inside = !inside
		}
		return fence || inside
	})
	return strings.Join(lines, "\n")
}
