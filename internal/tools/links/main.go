// Command links makes the links of generated documentation absolute, since the registry does not rewrite relative ones.
//
//	links REPOSITORY
//
// Links from one page of docs/ to another lead to the registry, and those to other files of the repository to GitHub. The
// descriptions in the front matter are plain text, in which the generator leaves the targets of links: these go.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Where the pages and the files are.
const (
	registry = "https://registry.terraform.io/providers/catglobe/maildomain/latest/docs"
	github   = "https://github.com/catglobe/terraform-provider-maildomain/"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: links REPOSITORY")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// run rewrites the pages below docs/ of a repository. It tells all links that lead nowhere.
func run(repository string) error {
	root, err := os.OpenRoot(repository)
	if err != nil {
		return err
	}
	defer root.Close()
	var broken []error
	err = fs.WalkDir(root.FS(), "docs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".md" {
			return err
		}
		text, err := root.ReadFile(name)
		if err != nil {
			return err
		}
		rewritten, err := rewrite(root.FS(), name, string(text))
		if err != nil {
			broken = append(broken, err)
			return nil
		}
		if rewritten == string(text) {
			return nil
		}
		return root.WriteFile(name, []byte(rewritten), 0o644)
	})
	return errors.Join(append(broken, err)...)
}

var (
	// target is the end of an inline link, with its target.
	target = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	// reference is the definition of a reference link.
	reference = regexp.MustCompile(`^\[[^]]+\]: (\S+)$`)
	// code is a code span, whose text is no Markdown.
	code = regexp.MustCompile("`+[^`]*`+")
	// plainTarget is what the generator leaves of a link in plain text.
	plainTarget = regexp.MustCompile(` (?:(?:\.\./)*[\w./-]+\.md(?:#[\w-]+)?|https?://[^\s,;)]*[^\s.,;)])`)
)

// rewrite returns a page with absolute links. The repository's files tell which targets there are.
func rewrite(files fs.FS, page, text string) (string, error) {
	var errs []error
	absolute := func(link string) string {
		to, err := resolve(files, page, link)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", page, err))
		}
		return to
	}
	head, fence := 0, false
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		switch {
		case line == "---" && (i == 0 || head == 1):
			head++
		case head == 1:
			if strings.HasPrefix(line, "  ") {
				lines[i] = plainTarget.ReplaceAllString(line, "")
			}
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			fence = !fence
		case fence:
		case reference.MatchString(line):
			at := strings.LastIndex(line, " ") + 1
			lines[i] = line[:at] + absolute(line[at:])
		default:
			lines[i] = outsideCode(line, func(part string) string {
				return target.ReplaceAllStringFunc(part, func(link string) string {
					return "](" + absolute(link[2:len(link)-1]) + ")"
				})
			})
		}
	}
	return strings.Join(lines, "\n"), errors.Join(errs...)
}

// outsideCode changes what of a line is not in code spans.
func outsideCode(line string, change func(string) string) string {
	var b strings.Builder
	at := 0
	for _, span := range code.FindAllStringIndex(line, -1) {
		b.WriteString(change(line[at:span[0]]))
		b.WriteString(line[span[0]:span[1]])
		at = span[1]
	}
	b.WriteString(change(line[at:]))
	return b.String()
}

// resolve returns the absolute target of a link on a page.
func resolve(files fs.FS, page, link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return link, err
	}
	if u.IsAbs() || u.Path == "" {
		return link, nil // elsewhere, or an anchor of the page itself
	}
	name := path.Join(path.Dir(page), u.Path)
	info, err := fs.Stat(files, name)
	if err != nil {
		return link, fmt.Errorf("the link %s leads to no file: %w", link, err)
	}
	var to string
	below, isPage := strings.CutPrefix(name, "docs/")
	switch {
	case name == "docs/index.md":
		to = registry
	case isPage && path.Ext(name) == ".md":
		to = registry + "/" + strings.TrimSuffix(below, ".md")
	case info.IsDir():
		to = github + "tree/main/" + name
	default:
		to = github + "blob/main/" + name
	}
	if u.Fragment != "" {
		to += "#" + u.Fragment
	}
	return to, nil
}
