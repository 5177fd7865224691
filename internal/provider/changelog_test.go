package provider_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The changelog names every resource, data source and function, and none that the provider does not have.
func TestChangelogNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	p := newPlugin(t)
	missing := make(map[string]bool)
	for name := range p.schemas.ResourceSchemas {
		missing["resource/"+name] = true
	}
	for name := range p.schemas.DataSourceSchemas {
		missing["data-source/"+name] = true
	}
	for name := range p.functions {
		missing["function/"+name] = true
	}
	for _, object := range regexp.MustCompile(`\b(?:resource|data-source|function)/\w+`).FindAllString(string(text), -1) {
		if _, ok := missing[object]; !ok {
			t.Errorf("the changelog names %s, which the provider does not have", object)
		}
		missing[object] = false
	}
	for object, is := range missing {
		if is {
			t.Errorf("the changelog does not name %s", object)
		}
	}
}

// Each line of a list has the form "object: effect", and stands once.
func TestChangelogLines(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		if seen[line] {
			t.Errorf("the changelog has this line twice: %s", line)
		}
		seen[line] = true
		object, effect, found := strings.Cut(line[2:], ": ")
		if !found || object == "" || effect == "" || strings.HasSuffix(effect, ".") {
			t.Errorf("the line is not of the form `object: effect`, without a full stop: %s", line)
		}
	}
	if len(seen) < 20 {
		t.Errorf("the changelog has %d lines: the test does not see them", len(seen))
	}
}
