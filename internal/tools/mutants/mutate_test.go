package main

import (
	"slices"
	"testing"
)

func TestMutate(t *testing.T) {
	t.Parallel()
	const head = "package p\n\n"
	tests := map[string]struct {
		in   string
		want []string
	}{
		"comparison": {"func f(a, b int) bool { return a < b }", []string{"func f(a, b int) bool { return a <= b }"}},
		"condition": {"func f(a bool) { if a { g() } }", []string{
			"func f(a bool) { if !(a) { g() } }",
			"func f(a bool) { if a {  } }",
		}},
		"logic":    {"var c = a && b", []string{"var c = a || b"}},
		"negation": {"var c = !a", []string{"var c = a"}},
		"number":   {"const c = 10", []string{"const c = 10+1"}},
		"result":   {"func f() (int, bool) { return n, true }", []string{"func f() (int, bool) { return n, false }"}},
		"loop":     {"func f() { for { continue } }", []string{"func f() { for {  } }"}},
		"label":    {"func f() { l: for { continue l } }", nil},
		"counter":  {"func f() { n++ }", []string{"func f() {  }"}},
		"import":   {"import \"fmt\"", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := []byte(head + tt.in)
			mutants, err := mutate("p.go", source)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range mutants {
				got = append(got, string(m.apply(source)[len(head):]))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("mutate(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestMutateRefusesWhatIsNotGo(t *testing.T) {
	t.Parallel()
	if _, err := mutate("p.go", []byte("package")); err == nil {
		t.Error("mutate of half a file returned no error")
	}
}
