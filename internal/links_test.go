package internal_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// Where links of the documentation lead: to the pages of this provider, and to the files of this repository.
const (
	registryPages = "https://registry.terraform.io/providers/catglobe/maildomain/latest/docs"
	githubFiles   = "https://github.com/catglobe/terraform-provider-maildomain/"
)

// A markdown file, without its front matter and its code.
type markdown struct {
	path, front, prose string
	anchors            []string
}

var (
	codeSpan   = regexp.MustCompile("`+[^`]*`+")
	heading    = regexp.MustCompile(`(?m)^#+ (.*)$`)
	idOfAnchor = regexp.MustCompile(`<a id="([^"]+)">`)
	inlineLink = regexp.MustCompile(`\]\(([^()\s]+)(?: "[^"]*")?\)`)
	linkBy     = regexp.MustCompile(`(?m)^\[[^]]+\]: (\S+)$`)
	autoLink   = regexp.MustCompile(`<(https?://[^>\s]+)>`)
)

func readMarkdown(t *testing.T, name string) markdown {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	m := markdown{path: name}
	text := string(data)
	if rest, found := strings.CutPrefix(text, "---\n"); found {
		m.front, text, _ = strings.Cut(rest, "\n---\n")
	}
	fence := false
	var prose []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fence = !fence
		} else if !fence {
			prose = append(prose, line)
		}
	}
	m.prose = strings.Join(prose, "\n")
	for _, h := range heading.FindAllStringSubmatch(m.prose, -1) {
		m.anchors = append(m.anchors, slug(h[1]))
	}
	for _, id := range idOfAnchor.FindAllStringSubmatch(m.prose, -1) {
		m.anchors = append(m.anchors, id[1])
	}
	return m
}

// slug is the anchor of a heading, as GitHub and the registry make it.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// links returns the targets of all links.
func (m markdown) links() []string {
	text := codeSpan.ReplaceAllString(m.prose, "code")
	var all []string
	for _, form := range []*regexp.Regexp{inlineLink, linkBy, autoLink} {
		for _, found := range form.FindAllStringSubmatch(text, -1) {
			all = append(all, found[1])
		}
	}
	return all
}

// documentation returns the README and all pages of docs/ by their paths.
func documentation(t *testing.T) map[string]markdown {
	t.Helper()
	all := map[string]markdown{"README.md": readMarkdown(t, "README.md")}
	err := fs.WalkDir(os.DirFS(".."), "docs", func(name string, d fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".md" {
			all[name] = readMarkdown(t, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Each link of the documentation leads somewhere: to a file of this repository, to a page of this provider, or to an
// anchor of one. The registry does not rewrite relative links, so that those of docs/ are absolute. Of other sites, only
// the form of the address is looked at.
func TestLinks(t *testing.T) {
	t.Parallel()
	all, count := documentation(t), 0
	for name, m := range all {
		for _, link := range m.links() {
			count++
			if err := resolves(all, m, link); err != nil {
				t.Errorf("%s: %s: %v", name, link, err)
			}
		}
	}
	if count < 1000 {
		t.Errorf("there are %d links: the test does not see them", count)
	}
	t.Logf("%d links of %d pages", count, len(all))
}

func resolves(all map[string]markdown, m markdown, link string) error {
	u, err := url.Parse(link)
	if err != nil {
		return err
	}
	fragment := u.Fragment
	u.Fragment = ""
	var to string
	switch {
	case u.String() == "":
		to = m.path
	case u.String() == registryPages:
		to = "docs/index.md"
	case strings.HasPrefix(link, registryPages+"/"):
		to = "docs" + strings.TrimPrefix(u.String(), registryPages) + ".md"
	case strings.HasPrefix(link, githubFiles+"blob/main/"), strings.HasPrefix(link, githubFiles+"tree/main/"):
		to = strings.TrimPrefix(u.String(), githubFiles)[len("blob/main/"):]
	case u.IsAbs():
		if u.Scheme != "https" || !strings.Contains(u.Host, ".") {
			return fmt.Errorf("it is no https address of a site")
		}
		return nil
	case m.path != "README.md":
		return fmt.Errorf("it is relative, and the registry does not rewrite it: run make docs")
	default:
		to = path.Join(path.Dir(m.path), u.Path)
	}
	if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(to))); err != nil {
		return fmt.Errorf("it leads to no file")
	}
	if fragment == "" {
		return nil
	}
	target, known := all[to]
	if !known || !slices.Contains(target.anchors, fragment) {
		return fmt.Errorf("%s has no such anchor", to)
	}
	return nil
}

// The descriptions of the front matter, which are plain text, have no targets of links.
func TestFrontMatterHasNoLinks(t *testing.T) {
	t.Parallel()
	target := regexp.MustCompile(`\.md\b|https?://|\]\(`)
	for name, m := range documentation(t) {
		_, description, found := strings.Cut(m.front, "description: ")
		if !found && name != "README.md" {
			t.Errorf("%s has no description", name)
		}
		if bad := target.FindString(description); bad != "" {
			t.Errorf("%s: the description has %q in it:\n%s", name, bad, description)
		}
	}
}

// The index leads to every page but those of single services, and the page of the services to each of these.
func TestIndexIsComplete(t *testing.T) {
	t.Parallel()
	all := documentation(t)
	leads := map[bool][]string{false: all["docs/index.md"].links(), true: all["docs/guides/services.md"].links()}
	for name := range all {
		if name == "README.md" || name == "docs/index.md" {
			continue
		}
		isService := strings.HasPrefix(path.Base(name), "service_")
		url := registryPages + strings.TrimSuffix(strings.TrimPrefix(name, "docs"), ".md")
		if !slices.Contains(leads[isService], url) {
			t.Errorf("no link leads to %s: the index lacks %s", name, url)
		}
	}
}
