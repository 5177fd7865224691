package spf

import (
	"errors"
	"strings"
	"testing"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	in := "a.%{d}%{L2R-+}%%%_%-%{i127}%{vr}%{p.}.Example.com"
	want := []Segment{
		{Text: "a."},
		{Text: "%{d}", Letter: 'd'},
		{Text: "%{L2R-+}", Letter: 'l', Escape: true, Parts: 2, Reverse: true, Delimiters: "-+"},
		{Text: "%%"},
		{Text: "%_"},
		{Text: "%-"},
		{Text: "%{i127}", Letter: 'i', Parts: 127},
		{Text: "%{vr}", Letter: 'v', Reverse: true},
		{Text: "%{p.}", Letter: 'p', Delimiters: "."},
		{Text: ".Example.com"},
	}
	got, err := Segments(in)
	if err != nil {
		t.Fatalf("Segments(%q): %v", in, err)
	}
	if d := diff(want, got); d != "" {
		t.Errorf("Segments(%q) (-want +got):\n%s", in, d)
	}
	if got, err := Segments(""); err != nil || got != nil {
		t.Errorf("Segments of nothing = %v, %v, want none", got, err)
	}
	for _, bad := range []string{"%{c}", "%{t}", "a b", "%{r}x", "%", "é"} {
		var syntax *SyntaxError
		if _, err := Segments(bad); !errors.As(err, &syntax) {
			t.Errorf("Segments(%q) = %v, want a *SyntaxError", bad, err)
		}
	}
}

func TestExplanationSegments(t *testing.T) {
	t.Parallel()
	in := "See http://%{d}/why.html?s=%{S}&i=%{C} at %{t} %{r}"
	segments, err := ExplanationSegments(in)
	if err != nil {
		t.Fatalf("ExplanationSegments(%q): %v", in, err)
	}
	var again, letters strings.Builder
	for _, s := range segments {
		again.WriteString(s.Text)
		if s.Letter != 0 {
			letters.WriteByte(s.Letter)
		}
	}
	if again.String() != in || letters.String() != "dsctr" {
		t.Errorf("ExplanationSegments(%q) = %q with the letters %q, want dsctr", in, again.String(), letters.String())
	}
	for _, bad := range []string{"a\tb", "%{x}", "100%", "é"} {
		var syntax *SyntaxError
		if _, err := ExplanationSegments(bad); !errors.As(err, &syntax) {
			t.Errorf("ExplanationSegments(%q) = %v, want a *SyntaxError", bad, err)
		}
	}
}

func TestSegmentLiteral(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"text": "text", "%%": "%", "%_": " ", "%-": "%20"} {
		if got, ok := (Segment{Text: in}).Literal(); !ok || got != want {
			t.Errorf("Segment %q.Literal() = %q, %v, want %q", in, got, ok, want)
		}
	}
	if got, ok := (Segment{Text: "%{d}", Letter: 'd'}).Literal(); ok {
		t.Errorf("Literal() of a macro = %q, want none", got)
	}
}

// TestSegmentTransform has the examples of RFC 7208 §7.4, and what they leave out.
func TestSegmentTransform(t *testing.T) {
	t.Parallel()
	tests := []struct{ macro, value, want string }{
		{"%{s}", "strong-bad@email.example.com", "strong-bad@email.example.com"},
		{"%{o}", "email.example.com", "email.example.com"},
		{"%{d4}", "email.example.com", "email.example.com"},
		{"%{d3}", "email.example.com", "email.example.com"},
		{"%{d2}", "email.example.com", "example.com"},
		{"%{d1}", "email.example.com", "com"},
		{"%{dr}", "email.example.com", "com.example.email"},
		{"%{d2r}", "email.example.com", "example.email"},
		{"%{l}", "strong-bad", "strong-bad"},
		{"%{l-}", "strong-bad", "strong.bad"},
		{"%{lr}", "strong-bad", "strong-bad"},
		{"%{lr-}", "strong-bad", "bad.strong"},
		{"%{l1r-}", "strong-bad", "strong"},
		{"%{ir}", "192.0.2.3", "3.2.0.192"},
		{"%{d99999}", "email.example.com", "email.example.com"},
		{"%{l1+-}", "a+b-c", "c"},
		{"%{l-}", "a--b", "a..b"},
		{"%{S}", "a b@x~y_z.example", "a%20b%40x~y_z.example"},
		{"%{L1-}", "a-é", "%C3%A9"},
	}
	for _, tt := range tests {
		segments, err := Segments(tt.macro)
		if err != nil || len(segments) != 1 {
			t.Fatalf("Segments(%q) = %v, %v", tt.macro, segments, err)
		}
		if got := segments[0].Transform(tt.value); got != tt.want {
			t.Errorf("%s.Transform(%q) = %q, want %q", tt.macro, tt.value, got, tt.want)
		}
	}
}
