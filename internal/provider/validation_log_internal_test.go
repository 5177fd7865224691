package provider

import (
	"strings"
	"testing"
)

func TestFew(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		names []string
		want  string
	}{
		"none":           {nil, "none"},
		"one":            {[]string{"a"}, "a"},
		"as many as fit": {strings.Fields("a b c d e"), "a, b, c, d, e"},
		"more":           {strings.Fields("a b c d e f g"), "a, b, c, d, e, 2 more"},
		"from outside":   {[]string{"a\x1b[2J\nb"}, `a\027[2J\010b`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := few(tt.names); got != tt.want {
				t.Errorf("few(%q) = %q, want %q", tt.names, got, tt.want)
			}
		})
	}
}
