package verify_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// The guide lists every cause with its meaning, in the order of reports, and every note behind them; and the limits of a
// diagnosis.
func TestGuideListsTheCauses(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/diagnosis.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		fmt.Sprintf("| owners of records that do not match, about which it asks further | %d |", verify.MaxDiagnosed),
		"| causes named for one record, the most likely first | 4 |",
		fmt.Sprintf("| records described in an error | %d |", verify.MaxFailing),
	}
	for _, text := range want {
		if !strings.Contains(string(guide), text) {
			t.Errorf("the guide does not have %q", text)
		}
	}
	causes, notes, _ := strings.Cut(string(guide), "\n## Notes\n")
	for name, table := range map[string]struct {
		text  string
		notes bool
	}{"causes": {causes, false}, "notes": {notes, true}} {
		var want strings.Builder
		for _, r := range verify.Rules() {
			if r.Note == table.notes {
				fmt.Fprintf(&want, "| `%s` | %s |\n", r.Code, r.Meaning)
			}
		}
		var got strings.Builder
		for line := range strings.Lines(table.text) {
			if strings.HasPrefix(line, "| `") {
				got.WriteString(line)
			}
		}
		if got.String() != want.String() {
			t.Errorf("the guide lists the %s\n%s\nwant\n%s", name, &got, &want)
		}
	}
}
