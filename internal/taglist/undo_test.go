package taglist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// parsers are the formats that are read with this package.
var parsers = map[string]func(string) (string, error){
	"mtasts": func(txt string) (string, error) { r, err := mtasts.Parse(txt); return r.String(), err },
	"tlsrpt": func(txt string) (string, error) { r, err := tlsrpt.Parse(txt); return r.String(), err },
	"bimi":   func(txt string) (string, error) { r, err := bimi.Parse(txt); return r.String(), err },
}

// whole are records that are right, in canonical form.
var whole = map[string][]string{
	"mtasts": {"v=STSv1; id=1", "v=STSv1; id=20260401T120000Z"},
	"tlsrpt": {"v=TLSRPTv1; rua=mailto:tls@example.com", "v=TLSRPTv1; rua=mailto:a@example.com,https://r.example/x"},
	"bimi":   {"v=BIMI1; l=https://example.com/logo.svg", "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem"},
}

// mistakes are what people, word processors, consoles and zone files do to records.
var mistakes = map[string]func(string) string{
	"lower case":          strings.ToLower,
	"version in capitals": func(s string) string { v, rest, _ := strings.Cut(s, ";"); return strings.ToUpper(v) + ";" + rest },
	"V for v":             func(s string) string { return "V" + s[1:] },
	"blank around equals": func(s string) string { return strings.Replace(s, "=", " = ", 2) },
	"blank behind equals": func(s string) string { return strings.Replace(s, "; ", "; \u00a0", 1) },
	"no version":          func(s string) string { _, rest, _ := strings.Cut(s, "; "); return rest },
	"version last":        func(s string) string { v, rest, _ := strings.Cut(s, "; "); return rest + "; " + v },
	"version without v":   func(s string) string { return s[2:] },
	"version spelled out": func(s string) string { return "version=" + s[2:] },
	"colon for equals":    func(s string) string { return strings.Replace(s, "=", ":", 2) },
	"colon in version":    func(s string) string { return strings.Replace(s, "=", ":", 1) },
	"comma":               func(s string) string { return strings.Replace(s, ";", ",", 1) },
	"no semicolon":        func(s string) string { return strings.Replace(s, ";", "", 1) },
	"colon for semicolon": func(s string) string { return strings.Replace(s, ";", ":", 1) },
	"pipe":                func(s string) string { return strings.Replace(s, "; ", " | ", 1) },
	"two semicolons":      func(s string) string { return strings.Replace(s, ";", ";;", 1) },
	"semicolon first":     func(s string) string { return "; " + s },
	"backslashes":         func(s string) string { return strings.ReplaceAll(s, ";", `\;`) },
	"backslash at equals": func(s string) string { return strings.Replace(s, "=", `\=`, 1) },
	"quotes":              func(s string) string { return `"` + s + `"` },
	"escaped quotes":      func(s string) string { return `\"` + s + `\"` },
	"single quotes":       func(s string) string { return "'" + s + "'" },
	"smart quotes":        func(s string) string { return "“" + s + "”" },
	"one quote":           func(s string) string { return `"` + s },
	"quotes in a value":   func(s string) string { i := strings.LastIndex(s, "="); return s[:i+1] + `"` + s[i+1:] + `"` },
	"two strings":         func(s string) string { return `"` + s[:9] + `" "` + s[9:] + `"` },
	"seam of Route 53":    func(s string) string { return s[:9] + `""` + s[9:] },
	"zone file":           func(s string) string { return `_x 300 IN TXT "` + s + `"` },
	"zone file, escapes":  func(s string) string { return `_x IN TXT ( "` + strings.ReplaceAll(s, ";", `\;`) + `" ) ; note` },
	"line break behind":   func(s string) string { return s + "\n" },
	"line break before":   func(s string) string { return "\n" + s },
	"line break within":   func(s string) string { return strings.Replace(s, "; ", ";\n", 1) },
	`literal \n`:          func(s string) string { return s + `\n` },
	`literal \n before`:   func(s string) string { return strings.Replace(s, "; ", `; \n`, 1) },
	"no-break blank":      func(s string) string { return strings.Replace(s, "; ", ";\u00a0", 1) },
	"byte order mark":     func(s string) string { return "\ufeff" + s },
	"zero-width":          func(s string) string { return strings.Replace(s, "; ", "; \u200b", 1) },
	"full-width":          func(s string) string { return strings.NewReplacer(";", "；", "=", "＝").Replace(s) },
	"blank first":         func(s string) string { return "  " + s },
	"comma last":          func(s string) string { return s + "," },
	"full stop last": func(s string) string {
		if strings.HasSuffix(s, ".pem") || strings.HasSuffix(s, "/x") {
			return s // A URI may end in one.
		}
		return s + "."
	},
}

// Where a record was broken in one of these ways, it is read as the same, or what the error says to write is the record
// again: an error that leaves it to the reader is not enough, and one that says another thing is worse.
func TestUndoMistakes(t *testing.T) {
	t.Parallel()
	for format, records := range whole {
		for how, mistake := range mistakes {
			for _, text := range records {
				in := mistake(text)
				got, err := parsers[format](in)
				if err == nil {
					if got != text {
						t.Errorf("%s, %s: %q is read as %q, want %q", format, how, in, got, text)
					}
					continue
				}
				var read []string
				for _, advice := range advicetest.Written(err.Error()) {
					meant, err := parsers[format](advice)
					if err != nil {
						t.Errorf("%s, %s: %q says to write %q, which is refused: %v", format, how, in, advice, err)
					}
					read = append(read, meant)
				}
				if how == "lower case" && strings.Contains(text, "T12") {
					continue // What was in capitals is lost.
				}
				if !slices.Contains(read, text) {
					t.Errorf("%s, %s: %q error = %v, want one that says to write %q", format, how, in, err, text)
				}
			}
		}
	}
}

// What is said of a record stays small, however long the record is.
func TestRemarksAreBounded(t *testing.T) {
	t.Parallel()
	many := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < record.MaxTXT-100; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, tt := range map[string]struct {
		in   string
		read func(string) ([]string, error)
	}{
		"MTA-STS":     {"v=STSv1; id=1; " + many("x%d=1;"), func(s string) ([]string, error) { r, err := mtasts.Parse(s); return r.Remarks, err }},
		"policy":      {"version: STSv1\nmode: none\nmax_age: 0\n" + many("x%d: 1\n"), func(s string) ([]string, error) { p, err := mtasts.ParsePolicy(s); return p.Remarks, err }},
		"same hosts":  {"version: STSv1\nmode: none\nmax_age: 0\n" + strings.Repeat("mx: a.example\n", 4000), func(s string) ([]string, error) { p, err := mtasts.ParsePolicy(s); return p.Remarks, err }},
		"TLS":         {"v=TLSRPTv1; rua=mailto:a@b.example; " + many("x%d=1;"), func(s string) ([]string, error) { r, err := tlsrpt.Parse(s); return r.Remarks, err }},
		"one address": {"v=TLSRPTv1; rua=" + strings.Repeat("mailto:a@b.example,", 3000) + "mailto:a@b.example", func(s string) ([]string, error) { r, err := tlsrpt.Parse(s); return r.Remarks, err }},
		"BIMI":        {"v=BIMI1; l=; " + many("x%d=1;"), func(s string) ([]string, error) { r, err := bimi.Parse(s); return r.Remarks, err }},
	} {
		remarks, err := tt.read(tt.in)
		if err != nil || len(remarks) != taglist.MaxRemarks+1 || !strings.Contains(remarks[taglist.MaxRemarks], "more warnings") {
			t.Errorf("%s: %d remarks, %v, want %d", name, len(remarks), err, taglist.MaxRemarks+1)
		}
	}
	for format, read := range parsers {
		for _, in := range []string{strings.Repeat("a", record.MaxTXT), strings.Repeat(";", record.MaxTXT), whole[format][0] + strings.Repeat("; \x1b\"“", 5000), strings.Repeat(whole[format][0]+"; ", 1000)} {
			if _, err := read(in); err == nil || len(err.Error()) > 1500 {
				t.Errorf("%s: the error about %d octets is %v", format, len(in), err)
			}
		}
	}
}
