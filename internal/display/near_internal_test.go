package display

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNear(t *testing.T) {
	t.Parallel()
	known := []string{"amazon_ses", "catglobe", "google_workspace", "microsoft365", "sendgrid"}
	tests := map[string][]string{
		"catglob":               {"catglobe"},
		"CatGlobe":              {"catglobe"},
		"sendgird":              {"sendgrid"},
		"google":                {"google_workspace"},
		"ses":                   {"amazon_ses"},
		"microsoft_365":         {"microsoft365"},
		"xyz":                   nil,
		"":                      nil,
		strings.Repeat("a", 65): nil,
	}
	for in, want := range tests {
		if diff := cmp.Diff(want, Near(in, known)); diff != "" {
			t.Errorf("Near(%q) (-want +got):\n%s", in, diff)
		}
	}
	if got := Nearest("targte", []string{"selector", "target"}); got != "target" {
		t.Errorf("nearest = %q, want target", got)
	}
	if got := Nearest("anything", nil); got != "" {
		t.Errorf("nearest of nothing = %q", got)
	}
	if got := Near("long", []string{strings.Repeat("long", 20)}); got != nil {
		t.Errorf("near finds a name of 80 octets: %q", got)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
