package record_test

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestPasted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, value string
		form      string // part of it; empty where the text is the value
		refused   bool
	}{
		"plain":               {in: "v=spf1 -all", value: "v=spf1 -all"},
		"empty":               {},
		"one string":          {in: `"a b"`, value: "a b", form: "quoted strings"},
		"strings":             {in: `"a" "b"`, value: "ab", form: "quoted strings"},
		"escapes":             {in: `"a\;b\"\101"`, value: `a;b"e`, form: "quoted strings"},
		"brackets":            {in: "( \"a\"\n \"b\" ) ; end", value: "ab", form: "quoted strings"},
		"comment before":      {in: "; answer\nx. 1 IN TXT \"a\"", value: "a", form: "for x."},
		"semicolons inside":   {in: `x TXT "a; b"`, value: "a; b", form: "for x"},
		"seams":               {in: `a""b" "c`, value: "abc", form: "Route 53"},
		"escaped seams":       {in: `a\"\"b`, value: "ab", form: "Route 53"},
		"no end":              {in: `"a`, refused: true},
		"one quote":           {in: `a"`, refused: true},
		"quoted part":         {in: `p="abc"`, refused: true},
		"another type":        {in: `x IN SPF "a"`, refused: true},
		"two lines":           {in: "x TXT \"a\"\ny TXT \"b\"", refused: true},
		"word behind":         {in: `x TXT "a" b`, refused: true},
		"many words":          {in: `a b c d TXT "x"`, refused: true},
		"owner of another":    {in: "\x1b[2J IN TXT \"a\"", value: "a", form: `\027[2J`},
		"string of nothing":   {in: `""`, value: "", form: "quoted strings"},
		"backslash at an end": {in: `"a\`, refused: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value, form, ok := record.Pasted(tt.in)
			if ok == tt.refused || value != tt.value || !strings.Contains(form, tt.form) || (form == "") != (tt.form == "") {
				t.Errorf("Pasted(%q) = %q, %q, %t, want %q with %q", tt.in, value, form, ok, tt.value, tt.form)
			}
		})
	}
}

// What QuoteTXT writes is read back, alone and in a line of a zone file.
func FuzzPasted(f *testing.F) {
	f.Add("v=DKIM1; p=abc")
	f.Add(`a"b\c;()`)
	f.Add(strings.Repeat("x", 600))
	f.Fuzz(func(t *testing.T, value string) {
		_, _, _ = record.Pasted(value)
		for _, before := range []string{"", "s1._domainkey IN TXT ", "x. 60 IN TXT ( "} {
			in := before + record.QuoteTXT(value)
			if got, _, ok := record.Pasted(in); !ok || got != value {
				t.Errorf("Pasted(%q) = %q, %t, want %q", in, got, ok, value)
			}
		}
	})
}

func TestTagNames(t *testing.T) {
	t.Parallel()
	names := record.NewTagNames([]string{"a", "bb", "p"}, "p")
	tests := []struct{ in, repaired, missing string }{
		{"a=1; bb=2", "a=1; bb=2", ""},
		{"a=1;bb=2; p=", "a=1;bb=2; p=", ""},
		{"a=1 bb=2", "a=1; bb=2", "bb"},
		{"a=1, bb=2|p=", "a=1; bb=2; p=", "bb"},
		{`a=1\nbb=2`, "a=1; bb=2", "bb"},
		{`a=1\; bb=2`, "a=1; bb=2", "bb"},
		{"a=1 c=2", "a=1 c=2", ""},
		{"a=QQ b=", "a=QQ b=", ""},
		{"a=QQ bb==", "a=QQ bb==", ""},
		{"a=1 xbb=2", "a=1 xbb=2", ""},
	}
	for _, tt := range tests {
		if got, _ := names.Repair(tt.in); got != tt.repaired {
			t.Errorf("Repair(%q) = %q, want %q", tt.in, got, tt.repaired)
		}
		if got := names.Missing(tt.in); got != tt.missing {
			t.Errorf("Missing(%q) = %q, want %q", tt.in, got, tt.missing)
		}
	}
}

func TestLookalike(t *testing.T) {
	t.Parallel()
	for r := range rune(0x80) {
		if advice, known := record.Lookalike(r); known {
			t.Errorf("Lookalike(%U) = %q, want none for ASCII", r, advice)
		}
	}
	for r, want := range map[rune]string{'“': "quotation", '–': "hyphen", '\u00a0': "blank", '\ufeff': "invisible", '；': "semicolon", '＝': "equals", '\u2028': "line break"} {
		if advice, known := record.Lookalike(r); !known || !strings.Contains(advice, want) {
			t.Errorf("Lookalike(%U) = %q, want %q in it", r, advice, want)
		}
	}
}
