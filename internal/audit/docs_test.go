package audit_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
)

// The guide has the table of checks.
func TestGuideHasTheTable(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/audit.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), audit.Table()) {
		t.Errorf("the guide does not have this table:\n%s", audit.Table())
	}
}

// Ids are names, each once; triggers are sentences without their full stop.
func TestTable(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, c := range audit.Checks() {
		if slices.Contains(ids, c.ID) || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`).MatchString(c.ID) {
			t.Errorf("the id %q appears twice, or is no name", c.ID)
		}
		ids = append(ids, c.ID)
		if c.Trigger == "" || strings.HasSuffix(c.Trigger, ".") || strings.Contains(c.Trigger, "|") || c.Reference == "" {
			t.Errorf("%s finds that %q, by %q", c.ID, c.Trigger, c.Reference)
		}
		if !slices.Contains(audit.Severities(), c.Severity) || slices.Contains(c.Also, c.Severity) {
			t.Errorf("%s has the severities %q and %q", c.ID, c.Severity, c.Also)
		}
	}
	if !slices.IsSorted(ids) {
		t.Error("the table is not sorted")
	}
}
