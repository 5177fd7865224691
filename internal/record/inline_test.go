package record_test

import (
	"regexp"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestInline(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                    "",
		"v=spf1 -all":         "v=spf1 -all",
		"dmarc@example.com":   "dmarc@example.com",
		"a_@b":                "a_@b",
		"@":                   "@",
		"# @ #a":              "# @ #a",
		"@acme":               "`@acme`",
		"mail @acme":          "`mail @acme`",
		"by (@0)":             "`by (@0)`",
		"see #1":              "`see #1`",
		"a#1":                 "`a#1`",
		"[a](b)":              "`[a](b)`",
		"[a][b]":              "`[a][b]`",
		"[a] (b)":             "[a] (b)",
		"https://example.com": "`https://example.com`",
		"www.example.com":     "`www.example.com`",
		"<b>":                 "`<b>`",
		"a`b":                 "``a`b``",
		"a & b; c":            "`a & b; c`",
		"&commat;acme":        "`&commat;acme`",
		"a; b & c":            "a; b & c",
	} {
		if got := record.Inline(text); got != want {
			t.Errorf("Inline(%q) = %q, want %q", text, got, want)
		}
	}
}

// What stands in code is what a pattern says, in every short text.
func TestInlinePattern(t *testing.T) {
	t.Parallel()
	live := regexp.MustCompile("[`<]|\\][(\\[]|://|www\\.|(?:^|[^0-9A-Za-z_])@[0-9A-Za-z]|#[0-9]")
	texts := []string{""}
	for range 4 {
		var longer []string
		for _, text := range texts {
			for _, c := range "a9_@#][(:/w.` " {
				longer = append(longer, text+string(c))
			}
		}
		for _, text := range longer {
			if got, shown := record.Inline(text), record.Display(text); (got != shown) != live.MatchString(shown) {
				t.Errorf("Inline(%q) = %q, and the pattern matches: %t", text, got, live.MatchString(shown))
			}
		}
		texts = longer
	}
}
