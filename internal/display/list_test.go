package display_test

import (
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
)

func TestOneOf(t *testing.T) {
	t.Parallel()
	for want, values := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := display.OneOf(values); got != want {
			t.Errorf("OneOf(%q) = %q, want %q", values, got, want)
		}
	}
}
