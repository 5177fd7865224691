package compose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// An unknown domain hides no mistake that has nothing to do with it.
func TestCheck(t *testing.T) {
	t.Parallel()
	got := compose.Check(compose.Config{
		Mechanisms: []string{"includes:a"},
		Services: map[string]compose.Service{
			"catglob": {}, "spf": {Service: "brevo"}, "amazon_ses": {Variables: map[string]string{"regoin": "x"}},
			"brevo": {Groups: []string{"nonsense"}}, "google_workspace": {}, "postmark": {},
		},
		Unknown: unknown("domain", "services[postmark].variables"),
	})
	want := []string{
		"mechanisms[0]: Invalid SPF terms",
		`services["amazon_ses"].variables["regoin"]: Unknown service variable`,
		`services["brevo"].groups: Unknown group of a service`,
		`services["catglob"]: Unknown mail service`,
		`services["spf"]: Name that a service cannot have`,
	}
	if diff := cmp.Diff(want, problems(got)); diff != "" {
		t.Errorf("Check (-want +got):\n%s", diff)
	}
}
