package verify_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// The guide lists every cause with its meaning, and the limits of a diagnosis.
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
	for _, c := range verify.Rules() {
		want = append(want, fmt.Sprintf("| `%s` | %s |\n", c.Code, c.Meaning))
	}
	for _, text := range want {
		if !strings.Contains(string(guide), text) {
			t.Errorf("the guide does not have %q", text)
		}
	}
	if n := strings.Count(string(guide), "\n| `"); n != len(verify.Rules()) {
		t.Errorf("the guide lists %d codes, want %d", n, len(verify.Rules()))
	}
}
