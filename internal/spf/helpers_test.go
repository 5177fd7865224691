package spf

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// diff compares records and what holds them.
func diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateComparable(Directive{}, dnsname.Name{}))
}

// mustParse reads a record that the test knows to be valid.
func mustParse(t testing.TB, text string) Record {
	t.Helper()
	r, _, err := ParseEither(text)
	if err != nil {
		t.Fatalf("ParseEither(%q): %v", text, err)
	}
	return r
}

func checkRoundTrip(t *testing.T, text string, r Record, parse func(string) (Record, error)) {
	t.Helper()
	printed := r.String()
	again, err := parse(printed)
	if err != nil {
		t.Fatalf("%q was printed as %q: %v", text, printed, err)
	}
	if d := diff(r, again); d != "" {
		t.Errorf("%q was printed as %q (-want +got):\n%s", text, printed, d)
	}
	if got := again.String(); got != printed {
		t.Errorf("%q was printed as %q, then as %q", text, printed, got)
	}
}
