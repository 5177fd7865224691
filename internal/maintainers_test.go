package internal_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
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
