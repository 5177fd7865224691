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
		"plain":                {in: "v=spf1 -all", value: "v=spf1 -all"},
		"empty":                {},
		"one string":           {in: `"a b"`, value: "a b", form: "quoted strings"},
		"strings":              {in: `"a" "b"`, value: "ab", form: "quoted strings"},
		"escapes":              {in: `"a\;b\"\101"`, value: `a;b"e`, form: "quoted strings"},
		"brackets":             {in: "( \"a\"\n \"b\" ) ; end", value: "ab", form: "quoted strings"},
		"comment before":       {in: "; answer\nx. 1 IN TXT \"a\"", value: "a", form: "for x."},
		"semicolons inside":    {in: `x TXT "a; b"`, value: "a; b", form: "for x"},
		"seams":                {in: `a""b" "c`, value: "abc", form: "Route 53"},
		"escaped seams":        {in: `a\"\"b`, value: "ab", form: "Route 53"},
		"quoted columns":       {in: `"TXT" "a=b"`, value: "a=b", form: "a line of a zone file"},
		"quoted columns, CSV":  {in: `"x","300","IN","TXT","a=b"`, value: "a=b", form: "for x"},
		"quoted columns, all":  {in: `"x", "IN", "TXT", "a=b", "c"`, value: "a=bc", form: "for x"},
		"the word alone":       {in: `"TXT"`, value: "TXT", form: "quoted strings"},
		"no quotes":            {in: "x.example. 300 IN TXT v=a; p=b", value: "v=a; p=b", form: "a line of a zone file for x.example."},
		"no quotes, no owner":  {in: "IN TXT v=a; p=b", value: "v=a; p=b", form: "a line of a zone file"},
		"no quotes, type":      {in: "txt\tv=a", value: "v=a", form: "a line of a zone file"},
		"no quotes, brackets":  {in: "x TXT ( p=b )", value: "p=b", form: "for x"},
		"no line":              {in: "v=a; n=a TXT p=b", value: "v=a; n=a TXT p=b"},
		"JSON list":            {in: `["a","b"]`, value: "ab", form: "JSON and Terraform"},
		"JSON list, lines":     {in: "[\n  \"a\",\n  \"b\",\n]", value: "ab", form: "JSON and Terraform"},
		"JSON object":          {in: `{"s1": "a"}`, value: "a", form: "the name s1"},
		"HCL object":           {in: `{ s1 = ["a", "b"] }`, value: "ab", form: "the name s1"},
		"object of two":        {in: `{"s1": "a", "s2": "b"}`, refused: true},
		"commas":               {in: `"a", "b"`, value: "ab", form: "quoted strings"},
		"plus signs":           {in: `"a" + "b"`, value: "ab", form: "quoted strings"},
		"comma at a seam":      {in: `a","b`, value: "ab", form: "Route 53"},
		"plus at a seam":       {in: `a" + "b`, value: "ab", form: "Route 53"},
		"line break at a seam": {in: "a\"\n  \"b", value: "ab", form: "Route 53"},
		"single quotes":        {in: `'v=a; p=b'`, value: "v=a; p=b", form: "single quotes"},
		"single quotes, two":   {in: `'a' 'b'`, value: "ab", form: "single quotes"},
		"both quotes":          {in: `'"a" "b"'`, value: "ab", form: "quoted strings"},
		"one single quote":     {in: `a'b`, value: "a'b"},
		"escaped quotes":       {in: `\"a\" \"b\"`, value: "ab", form: "quoted strings"},
		"no end":               {in: `"a`, refused: true},
		"one quote":            {in: `a"`, refused: true},
		"quoted part":          {in: `p="abc"`, refused: true},
		"another type":         {in: `x IN SPF "a"`, refused: true},
		"two lines":            {in: "x TXT \"a\"\ny TXT \"b\"", refused: true},
		"word behind":          {in: `x TXT "a" b`, refused: true},
		"many words":           {in: `a b c d TXT "x"`, refused: true},
		"owner of another":     {in: "\x1b[2J IN TXT \"a\"", value: "a", form: `\027[2J`},
		"string of nothing":    {in: `""`, value: "", form: "quoted strings"},
		"backslash at an end":  {in: `"a\`, refused: true},
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
// Texts from DNS that are nothing that people paste are told from it at little cost.
func BenchmarkPastedForeign(b *testing.B) {
	for name, text := range map[string]string{
		"letters":     strings.Repeat("x", 64<<10),
		"digits":      strings.Repeat("1h", 32<<10),
		"escapes":     strings.Repeat("\x1b", 64<<10),
		"backslashes": `"` + strings.Repeat(`\`, 64<<10) + `"`,
		"words":       strings.Repeat("v=spf1 ", 9362),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _, _ = record.Pasted(text)
			}
		})
	}
}

func FuzzPasted(f *testing.F) {
	f.Add("v=DKIM1; p=abc")
	f.Add(`a"b\c;()`)
	f.Add(strings.Repeat("x", 600))
	f.Fuzz(func(t *testing.T, value string) {
		if _, form, ok := record.Pasted(value); ok && form != "" {
			return // What was quoted twice is read without both.
		}
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
