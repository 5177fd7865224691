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

func TestUnlisted(t *testing.T) {
	t.Parallel()
	few := []string{"error", "warn"}
	many := []string{"spf-ending", "spf-wide", "spf-length", "dkim-weak", "a", "b", "c", "d", "e", "f", "g", "h", "i"}
	tests := []struct {
		value  string
		values []string
		want   string
	}{
		{"", few, `it must be "error" or "warn", and is an empty text`},
		{" Error", few, `it must be "error" or "warn", and is " Error": write "error"`},
		{"never", few, `it must be "error" or "warn", and is "never"`},
		{"spf-endings", many, `it is "spf-endings", which is not one of the 13 values: did you mean "spf-ending"?`},
		{"unlike", many, `it must be "spf-ending", "spf-wide", "spf-length", "dkim-weak", "a", "b", "c", "d", "e", "f", "g", "h" or "i", and is "unlike"`},
	}
	for _, tt := range tests {
		if got := display.Unlisted(tt.value, tt.values); got != tt.want {
			t.Errorf("Unlisted(%q) = %s, want %s", tt.value, got, tt.want)
		}
	}
}
