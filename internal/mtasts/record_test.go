package mtasts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
)

func TestParse(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a1", mtasts.MaxID/2)
	tests := map[string]struct {
		in      string
		want    mtasts.Record
		remarks int
	}{
		"the least":          {"v=STSv1; id=1", mtasts.Record{ID: "1"}, 0},
		"final semicolon":    {"v=STSv1; id=20160831085700Z;", mtasts.Record{ID: "20160831085700Z"}, 0},
		"no blanks":          {"v=STSv1;id=1;", mtasts.Record{ID: "1"}, 0},
		"blanks":             {"v=STSv1 \t;\t id=1 ; ", mtasts.Record{ID: "1"}, 0},
		"longest id":         {"v=STSv1; id=" + long, mtasts.Record{ID: long}, 0},
		"extension":          {`v=STSv1; a-1_b.c="x"\; id=1`, mtasts.Record{ID: "1", Other: `a-1_b.c="x"\`}, 1},
		"id twice":           {"v=STSv1; id=1; id=2", mtasts.Record{ID: "1"}, 1},
		"extension before":   {"v=STSv1; x=1; y=2; id=1", mtasts.Record{ID: "1", Other: "x=1; y=2"}, 2},
		"names have letters": {"v=STSv1; ID=7; id=1", mtasts.Record{ID: "1", Other: "ID=7"}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mtasts.Parse(tt.in)
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(mtasts.Record{}, "Remarks")); err != nil || diff != "" {
				t.Fatalf("Parse(%q) error = %v, difference (-want +got):\n%s", tt.in, err, diff)
			}
			if len(got.Remarks) != tt.remarks {
				t.Errorf("Parse(%q) remarks %q, want %d", tt.in, got.Remarks, tt.remarks)
			}
			again, err := mtasts.Parse(got.String())
			if diff := cmp.Diff(got, again, cmpopts.IgnoreFields(mtasts.Record{}, "Remarks")); err != nil || diff != "" {
				t.Errorf("Parse(%q) error = %v, difference (-want +got):\n%s", got, err, diff)
			}
		})
	}
}

// Mistakes are told, and what is said to be written is read.
func TestParseMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in      string
		want    string
		written string // what the text says to write, empty where it says nothing
		none    bool   // it is no MTA-STS record at all
	}{
		"empty":                {"", "the text is empty", "", true},
		"no semicolon":         {"v=STSv1", "the semicolon is missing", "", true},
		"blank for semicolon":  {"v=STSv1 id=1", "must begin with", "v=STSv1; id=1", true},
		"comma for semicolon":  {"v=STSv1, id=1", "must begin with", "v=STSv1; id=1", true},
		"lower case":           {"v=stsv1; id=1", "it must begin with", "v=STSv1; id=1", true},
		"another version":      {"v=STSv2; id=1", "and starts with", "", true},
		"no name of version":   {"STSv1; id=1", "it must begin with", "v=STSv1; id=1", true},
		"colon in version":     {"v:STSv1; id=1", "it must begin with", "v=STSv1; id=1", true},
		"version without v":    {"v=STS1; id=1", "it must begin with", "v=STSv1; id=1", true},
		"no version":           {"id=1", "it must begin with", "v=STSv1; id=1", true},
		"no version, colon":    {"id:1", "it must begin with", "v=STSv1; id=1", true},
		"version late":         {"id=1; v=STSv1", "come later in it", "v=STSv1; id=1", true},
		"blank before":         {" v=STSv1; id=1", "remove the blanks", "v=STSv1; id=1", true},
		"blank in version":     {"v = STSv1; id=1", "must begin", "v=STSv1; id=1", true},
		"line break":           {"v=STSv1; id=1\n", "line break", "v=STSv1; id=1", false},
		"quotes":               {`"v=STSv1; id=1"`, "give the texts between the quotes", "v=STSv1; id=1", true},
		"zone file":            {`_mta-sts 300 IN TXT "v=STSv1; id=1"`, "a line of a zone file for _mta-sts", "v=STSv1; id=1", true},
		"smart quotes":         {"“v=STSv1; id=1”", "U+201C", "v=STSv1; id=1", true},
		"no-break blank":       {"v=STSv1;\u00a0id=1", "U+00A0", "v=STSv1; id=1", false},
		"full-width semicolon": {"v=STSv1；id=1", "U+FF1B", "v=STSv1; id=1", true},
		"backslashes":          {`v=STSv1\; id=1\;`, "backslashes", "v=STSv1; id=1", true},
		"SPF":                  {"v=spf1 -all", "it is an SPF record, and an MTA-STS record belongs at _mta-sts", "", true},
		"TLS reporting":        {"v=TLSRPTv1; rua=mailto:a@example.com", "it is a TLS reporting record", "", true},
		"id in date form":      {"v=STSv1; id=2026-04-01", "letters and digits", "v=STSv1; id=20260401", false},
		"id in time form":      {"v=STSv1; id=2026-04-01T12:00:00Z", "letters and digits", "v=STSv1; id=20260401T120000Z", false},
		"id too long":          {"v=STSv1; id=" + strings.Repeat("1", 33), "and this one is longer", "", false},
		"id empty":             {"v=STSv1; id=", "this one is empty", "", false},
		"no id":                {"v=STSv1;", "it is missing", "", false},
		"no id, extension":     {"v=STSv1; a=1", "it is missing", "", false},
		"id in capitals":       {"v=STSv1; ID=1", "it is missing", "v=STSv1; id=1", false},
		"colon":                {"v=STSv1; id:1", "no equals sign", "v=STSv1; id=1", false},
		"blank at equals":      {"v=STSv1; id = 1", "a blank is beside the equals sign", "v=STSv1; id=1", false},
		"two semicolons":       {"v=STSv1;; id=1", "two semicolons", "v=STSv1; id=1", false},
		"two records":          {"v=STSv1; id=1; v=STSv1; id=2", "joined into one", "", false},
		"quotes in id":         {`v=STSv1; id="1"`, "quotes", "v=STSv1; id=1", false},
		`literal \n`:           {`v=STSv1; id=1\n`, "line break", "v=STSv1; id=1", false},
		"control characters":   {"v=STSv1; x=\x1b[2J; id=1", "printable", "", false},
		"too long":             {"v=STSv1; id=1;" + strings.Repeat(" ", record.MaxTXT), "at most", "", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mtasts.Parse(tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.HasSuffix(err.Error(), ".") {
				t.Fatalf("Parse(%q) error = %v, want one with %q", tt.in, err, tt.want)
			}
			var broken *taglist.SyntaxError
			if none := errors.Is(err, mtasts.ErrNotSTS); none != tt.none || none == errors.As(err, &broken) {
				t.Errorf("Parse(%q) error = %v, of no record at all: %t, want %t", tt.in, err, none, tt.none)
			}
			written := advicetest.Written(err.Error())
			if (tt.written == "") != (len(written) == 0) || tt.written != "" && written[0] != tt.written {
				t.Errorf("Parse(%q) error = %v says to write %q, want %q", tt.in, err, written, tt.written)
			}
			follow(t, tt.in, err)
		})
	}
}

// follow tests that what an error says to write is read.
func follow(t *testing.T, in string, err error) {
	t.Helper()
	for _, advice := range advicetest.Written(err.Error()) {
		if _, err := mtasts.Parse(advice); err != nil {
			t.Errorf("Parse(%q) says to write %q, which is refused: %v", in, advice, err)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	domain := dnsname.MustParse("example.com")
	if got, want := mtasts.URL(domain), "https://mta-sts.example.com/.well-known/mta-sts.txt"; got != want {
		t.Errorf("URL = %q, want %q", got, want)
	}
	if got, ok := mtasts.Owner(domain); !ok || got.String() != "_mta-sts.example.com" {
		t.Errorf("Owner = %v, %t", got, ok)
	}
	tooLong := dnsname.MustParse(strings.Repeat("a234567890.", 22) + "example")
	if got, ok := mtasts.Owner(tooLong); ok {
		t.Errorf("Owner of a name of %d octets = %v, want none", len(tooLong.String()), got)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"v=STSv1; id=1", "v=STSv1;id=1;x=2;", "v=stsv1 id:2026-01-01", "“v=STSv1”\u00a0;", `"v=STSv1\; id=1"`, "id=1; v=STSv1", "v=STSv1; id=1; id=2; id=", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := mtasts.Parse(in)
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' }) {
				t.Errorf("Parse(%q) error = %q, which is not fit to be shown", in, err)
			}
			follow(t, in, err)
			return
		}
		again, err := mtasts.Parse(r.String())
		if diff := cmp.Diff(r, again, cmpopts.IgnoreFields(mtasts.Record{}, "Remarks")); err != nil || diff != "" {
			t.Errorf("Parse(%q) prints as %q, which is read with error %v and difference:\n%s", in, r, err, diff)
		}
		if !mtasts.IsRecord(in) {
			t.Errorf("IsRecord(%q) is false of a record", in)
		}
	})
}
