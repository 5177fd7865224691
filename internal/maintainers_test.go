package internal_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// issueForm is a form of GitHub. What it does not know makes GitHub show none of it.
type issueForm struct {
	Name        string
	Description string
	Labels      []string
	Body        []struct {
		Type       string
		ID         string
		Attributes struct {
			Label       string
			Description string
			Placeholder string
			Value       string
			Render      string
			Options     []any
		}
		Validations struct{ Required bool }
	}
}

func TestIssueForms(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../.github/ISSUE_TEMPLATE/*.yml")
	if err != nil || len(files) < 4 {
		t.Fatalf("forms: %v, %v", files, err)
	}
	names := make(map[string]string)
	for _, path := range files {
		if filepath.Base(path) == "config.yml" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var f issueForm
		d := yaml.NewDecoder(strings.NewReader(string(text)))
		d.KnownFields(true)
		if err := d.Decode(&f); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if f.Name == "" || f.Description == "" || len(f.Labels) == 0 || names[f.Name] != "" {
			t.Errorf("%s: it wants a name of its own, a description and labels", path)
		}
		names[f.Name] = path
		checkBody(t, path, f)
	}
}

// checkBody demands what GitHub demands of the fields of a form.
func checkBody(t *testing.T, path string, f issueForm) {
	t.Helper()
	var ids []string
	asks := false
	for i, field := range f.Body {
		if field.Type == "markdown" {
			if field.Attributes.Value == "" || field.ID != "" {
				t.Errorf("%s: field %d: a text wants a value and no id", path, i)
			}
			continue
		}
		asks = asks || field.Validations.Required
		if !slices.Contains([]string{"input", "textarea", "dropdown", "checkboxes"}, field.Type) {
			t.Errorf("%s: field %d: %q is no type of a field", path, i, field.Type)
		}
		if field.ID == "" || slices.Contains(ids, field.ID) || field.Attributes.Label == "" {
			t.Errorf("%s: field %d wants a label, and an id of its own", path, i)
		}
		ids = append(ids, field.ID)
		choice := field.Type == "dropdown" || field.Type == "checkboxes"
		if choice != (len(field.Attributes.Options) > 0) || field.Attributes.Render != "" && field.Type != "textarea" {
			t.Errorf("%s: field %d has options or a rendering that its type does not take", path, i)
		}
	}
	if !asks {
		t.Errorf("%s: nothing is required", path)
	}
}

var (
	// namedPath is a file or a directory of the repository that a page names.
	namedPath = regexp.MustCompile("`((?:internal|examples|templates|docs|\\.github|\\.ci)/[\\w./-]*|[\\w.-]+\\.(?:go|md|mod|yml))`")
	namedTest = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`)
	// namedCode is something exported of a package below internal/: "verify.Waiter", "verify.Waiter.Wait". Names of other modules are left out.
	namedCode = regexp.MustCompile("`([a-z]+)\\.([A-Z]\\w*)(?:\\.([A-Z]\\w*))?(?:\\(\\))?`")
)

// goFiles returns the source of each package of the provider, and of its tests, by its directory below the root.
func goFiles(t *testing.T) map[string][]byte {
	t.Helper()
	packages := make(map[string][]byte)
	root := os.DirFS("..")
	err := fs.WalkDir(root, "internal", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".go" {
			return err
		}
		text, err := fs.ReadFile(root, name)
		packages[path.Dir(name)] = append(packages[path.Dir(name)], text...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

// declares reports whether a package declares a name, and a method or a field of it where there is one.
func declares(source []byte, name, member string) bool {
	declared := regexp.MustCompile(`(?m)^(?:func|type|var|const) ` + name + `\b|^\t` + name + `\b(?:,| [^=:]*=)`)
	if !declared.Match(source) {
		return false
	}
	method := regexp.MustCompile(`(?m)^func \(\w* ?\*?` + name + `\) ` + member + `\(|^\t` + member + `\b`)
	return member == "" || method.Match(source)
}

// A page for maintainers is of use while what it names is there.
func TestMaintainersPagesNameWhatExists(t *testing.T) {
	t.Parallel()
	packages := goFiles(t)
	all := bytes.Join(slices.Collect(maps.Values(packages)), nil)
	for _, page := range []string{"CONTRIBUTING.md", "DESIGN.md", ".github/pull_request_template.md", ".github/ISSUE_TEMPLATE/service.yml"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("..", page))
			if err != nil {
				t.Fatal(err)
			}
			text := string(data)
			for _, m := range namedPath.FindAllStringSubmatch(text, -1) {
				if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
					t.Errorf("there is no %s", m[1])
				}
			}
			for _, test := range namedTest.FindAllString(text, -1) {
				if !bytes.Contains(all, []byte("\nfunc "+test+"(")) {
					t.Errorf("there is no test %s", test)
				}
			}
			for _, m := range namedCode.FindAllStringSubmatch(text, -1) {
				ours, found := false, false
				for dir, source := range packages {
					if path.Base(dir) == m[1] {
						ours, found = true, found || declares(source, m[2], m[3])
					}
				}
				if ours && !found {
					t.Errorf("no package %s declares %s", m[1], strings.Trim(m[2]+"."+m[3], "."))
				}
			}
		})
	}
}

// The service in CONTRIBUTING.md is one that a newcomer can begin with: it is valid, and its default groups send mail.
func TestContributingHasAService(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := bytes.Cut(text, []byte("\n```json\n"))
	example, _, found := bytes.Cut(example, []byte("\n```\n"))
	if !found {
		t.Fatal("CONTRIBUTING.md has no service")
	}
	template, err := service.Parse(example)
	if err != nil {
		t.Fatal(err)
	}
	applied, err := template.Apply(service.Use{Domain: dnsname.MustParse("example.com"), Variables: map[string]string{"dkim_selector": "s1"}})
	if err != nil || len(applied.SPF) != 1 || len(applied.Records) != 1 {
		t.Errorf("Apply = %+v, %v, want an SPF term and a key", applied, err)
	}
	if info := template.Info(); info.Evidence == "" || info.Documentation == "" || len(info.Groups) != 2 {
		t.Errorf("the service is told of as %+v", info)
	}
}

// The README tells how many services are built in.
func TestREADMECountsServices(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	row := "| built-in services | " + strconv.Itoa(len(service.Builtins())) + ","
	if !strings.Contains(string(text), row) {
		t.Errorf("README.md does not have %q", row)
	}
}

func TestDeclares(t *testing.T) {
	t.Parallel()
	source := []byte("package p\n\ntype Waiter struct {\n\tPause int\n}\n\nfunc (w Waiter) Wait() {}\n\nfunc (w *Waiter) Stop() {}\n\nconst (\n\tMax = 1\n)\n\nvar list = f(\n\tGone,\n)\n")
	for name, want := range map[string]bool{"Waiter": true, "Waiter.Wait": true, "Waiter.Stop": true, "Waiter.Pause": true, "Max": true, "Wait": false, "Waiter.Go": false, "Wai": false} {
		of, member, _ := strings.Cut(name, ".")
		if got := declares(source, of, member); got != want {
			t.Errorf("declares(%s) = %t, want %t", name, got, want)
		}
	}
}
