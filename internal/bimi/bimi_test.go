package bimi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
)

const (
	logo  = "https://example.com/logo.svg"
	mark  = "https://example.com/logo.pem"
	whole = "v=BIMI1; l=" + logo + "; a=" + mark
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, out string // out is what the record prints as
		want    bimi.Record
		remarks int
	}{
		"whole":             {whole, whole, bimi.Record{Location: logo, Evidence: mark}, 0},
		"logo alone":        {"v=BIMI1;l=" + logo + ";", "v=BIMI1; l=" + logo, bimi.Record{Location: logo}, 0},
		"empty evidence":    {"v=BIMI1; l=" + logo + "; a=;", "v=BIMI1; l=" + logo, bimi.Record{Location: logo}, 0},
		"declined":          {"v=BIMI1; l=; a=;", "v=BIMI1; l=; a=;", bimi.Record{}, 0},
		"declined, shorter": {"v=BIMI1; l=", "v=BIMI1; l=; a=;", bimi.Record{}, 0},
		"blanks":            {" v = BIMI1 ; l = " + logo + " ; ", "v=BIMI1; l=" + logo, bimi.Record{Location: logo}, 0},
		"compressed":        {"v=BIMI1; l=https://example.com/logo.SVGZ?x=1", "v=BIMI1; l=https://example.com/logo.SVGZ?x=1", bimi.Record{Location: "https://example.com/logo.SVGZ?x=1"}, 0},
		"brackets":          {"v=BIMI1; l=https://example.com/it's(1).svg", "v=BIMI1; l=https://example.com/it's(1).svg", bimi.Record{Location: "https://example.com/it's(1).svg"}, 0},
		"avatar":            {whole + "; avp=Personal", whole + "; avp=personal", bimi.Record{Location: logo, Evidence: mark, Avatar: bimi.Personal}, 0},
		"avatar of no kind": {whole + "; avp=me", whole, bimi.Record{Location: logo, Evidence: mark}, 1},
		"prefixes":          {whole + "; lps=News, offers-", whole + "; lps=news,offers-", bimi.Record{Location: logo, Evidence: mark, Prefixes: []string{"news", "offers-"}}, 0},
		"every local part":  {whole + "; lps=", whole + "; lps=;", bimi.Record{Location: logo, Evidence: mark, Prefixes: []string{}}, 0},
		"extension":         {whole + "; s=x y", whole + "; s=x y", bimi.Record{Location: logo, Evidence: mark, Other: "s=x y"}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := bimi.Parse(tt.in)
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(bimi.Record{}, "Remarks")); err != nil || diff != "" {
				t.Fatalf("Parse(%q) error = %v, difference (-want +got):\n%s", tt.in, err, diff)
			}
			if len(got.Remarks) != tt.remarks || got.String() != tt.out || got.Declined() != (tt.want.Location == "") {
				t.Errorf("Parse(%q) = %q with remarks %q, declined %t, want %q with %d", tt.in, got, got.Remarks, got.Declined(), tt.out, tt.remarks)
			}
			again, err := bimi.Parse(got.String())
			if diff := cmp.Diff(got, again, cmpopts.IgnoreFields(bimi.Record{}, "Remarks")); err != nil || diff != "" {
				t.Errorf("Parse(%q) error = %v, difference (-want +got):\n%s", got, err, diff)
			}
		})
	}
}

func TestParseMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, want, written string
		none              bool
	}{
		"empty":              {"", "the text is empty", "", true},
		"lower case":         {"v=bimi1; l=" + logo, "in exactly these letters", "v=BIMI1; l=" + logo, true},
		"no number":          {"v=BIMI; l=" + logo, "in exactly these letters", "v=BIMI1; l=" + logo, true},
		"number with point":  {"v=BIMI1.0; l=" + logo, "in exactly these letters", "v=BIMI1; l=" + logo, true},
		"another version":    {"v=BIMI2; l=" + logo, "in exactly these letters", "", true},
		"no version":         {"l=" + logo, "in exactly these letters", "v=BIMI1; l=" + logo, true},
		"version late":       {"l=" + logo + "; v=BIMI1", "come later in it", "v=BIMI1; l=" + logo, true},
		"no semicolon":       {"v=BIMI1 l=" + logo, "in exactly these letters", "v=BIMI1; l=" + logo, true},
		"no semicolon, a":    {"v=BIMI1; l=" + logo + " a=" + mark, `missing before "a="`, whole, false},
		"DMARC":              {"v=DMARC1; p=none", "it is a DMARC record, and a BIMI record belongs at <selector>._bimi", "", true},
		"quotes":             {`"` + whole + `"`, "between the quotes", whole, true},
		"quotes within":      {`v=BIMI1; l="` + logo + `"`, "quotes", "v=BIMI1; l=" + logo, false},
		"version alone":      {"v=BIMI1;", "it is missing", "", false},
		"a alone":            {"v=BIMI1; a=" + mark, "it is missing", "", false},
		"a without a logo":   {"v=BIMI1; l=; a=" + mark, "names no logo", "", false},
		"http":               {"v=BIMI1; l=http://example.com/logo.svg", "over HTTPS alone", "v=BIMI1; l=" + logo, false},
		"no scheme":          {"v=BIMI1; l=example.com/logo.svg", "over HTTPS alone", "v=BIMI1; l=" + logo, false},
		"PNG":                {"v=BIMI1; l=https://example.com/logo.png", "in SVG", "", false},
		"no file":            {"v=BIMI1; l=https://example.com/", "in SVG", "", false},
		"zero":               {"v=BIMI1; l=0", "over HTTPS alone", "", false},
		"one label":          {"v=BIMI1; l=https://localhost/logo.svg", "whole name", "", false},
		"user":               {"v=BIMI1; l=https://me:secret@example.com/logo.svg", "it holds a user", "", false},
		"comma":              {"v=BIMI1; l=https://example.com/a,b.svg", "percent-encoded", "v=BIMI1; l=https://example.com/a%2Cb.svg", false},
		"two logos":          {"v=BIMI1; l=" + logo + "," + logo, "several URIs", "", false},
		"blank inside":       {"v=BIMI1; l=https://example.com/my logo.svg", "percent-encoded", "", false},
		"a by http":          {"v=BIMI1; l=" + logo + "; a=http://example.com/logo.pem", "over HTTPS alone", whole, false},
		"self":               {"v=BIMI1; l=" + logo + "; a=self", "over HTTPS alone", "", false},
		"colon":              {"v=BIMI1; l:" + logo, "no equals sign", "v=BIMI1; l=" + logo, false},
		"l twice":            {"v=BIMI1; l=" + logo + "; l=" + logo, "it appears twice", "", false},
		"not a prefix":       {whole + "; lps=news,", "not a prefix", whole + "; lps=news", false},
		"prefix with a sign": {whole + "; lps=news@", "not a prefix", whole + "; lps=news", false},
		"Unicode":            {"v=BIMI1; l=https://example.com/ü.svg", "printable ASCII", "v=BIMI1; l=https://example.com/%C3%BC.svg", false},
		"Unicode in a host":  {"v=BIMI1; l=https://bücher.example/l.svg", "printable ASCII", "v=BIMI1; l=https://xn--bcher-kva.example/l.svg", false},
		"too long":           {whole + strings.Repeat(" ", record.MaxTXT), "at most", "", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bimi.Parse(tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.HasSuffix(err.Error(), ".") {
				t.Fatalf("Parse(%q) error = %v, want one with %q", tt.in, err, tt.want)
			}
			var broken *taglist.SyntaxError
			if none := errors.Is(err, bimi.ErrNotBIMI); none != tt.none || none == errors.As(err, &broken) {
				t.Errorf("Parse(%q) error = %v, of no record at all: %t, want %t", tt.in, err, none, tt.none)
			}
			if written := strings.Join(advicetest.Written(err.Error()), "|"); written != tt.written {
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
		if _, err := bimi.Parse(advice); err != nil {
			t.Errorf("Parse(%q) says to write %q, which is refused: %v", in, advice, err)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in          bimi.Config
		owner, want string
		problems    map[string]string
	}{
		"logo":              {bimi.Config{Logo: logo}, "default._bimi.example.com", "v=BIMI1; l=" + logo, nil},
		"all":               {bimi.Config{Selector: "Brand2", Logo: logo, Certificate: mark, Avatar: "brand"}, "brand2._bimi.example.com", whole + "; avp=brand", nil},
		"declined":          {bimi.Config{Declined: true}, "default._bimi.example.com", "v=BIMI1; l=; a=;", nil},
		"semicolon":         {bimi.Config{Logo: "https://example.com/a;b.svg"}, "default._bimi.example.com", "v=BIMI1; l=https://example.com/a%3Bb.svg", nil},
		"nothing":           {bimi.Config{}, "", "", map[string]string{"logo": "declined = true"}},
		"both":              {bimi.Config{Declined: true, Logo: logo}, "", "", map[string]string{"declined": "neither"}},
		"whole selector":    {bimi.Config{Selector: "brand._bimi.example.com", Logo: logo}, "", "", map[string]string{"selector": `write "brand"`}},
		"selector, a dot":   {bimi.Config{Selector: "brand.", Logo: logo}, "", "", map[string]string{"selector": `write "brand"`}},
		"selector, label":   {bimi.Config{Selector: "_bimi", Logo: logo}, "", "", map[string]string{"selector": `before "._bimi"`}},
		"selector, long":    {bimi.Config{Selector: strings.Repeat("a234567890.", 22) + "a", Logo: logo}, "", "", map[string]string{"selector": "longer than DNS allows"}},
		"a path in Unicode": {bimi.Config{Logo: "https://example.com/ü.svg"}, "", "", map[string]string{"logo": `write "https://example.com/%C3%BC.svg"`}},
		"a host in Unicode": {bimi.Config{Logo: logo, Certificate: "https://bücher.example/c.pem"}, "", "", map[string]string{"certificate": `write "https://xn--bcher-kva.example/c.pem"`}},
		"a user":            {bimi.Config{Logo: "https://token@example.com/l.svg"}, "", "", map[string]string{"logo": "a user"}},
		"all wrong": {
			bimi.Config{Selector: "a b", Logo: "http://example.com/logo.svg", Certificate: "example.com/logo.pem", Avatar: "me"},
			"", "",
			map[string]string{"selector": `as in "default"`, "logo": `write "` + logo + `"`, "certificate": `write "` + mark + `"`, "avatar": "brand or personal"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.in.Domain = dnsname.MustParse("example.com")
			r, owner, err := tt.in.Record()
			if err == nil && (r.String() != tt.want || owner.String() != tt.owner) || (err == nil) != (tt.problems == nil) {
				t.Fatalf("Record of %+v = %q at %v, %v, want %q at %q", tt.in, r, owner, err, tt.want, tt.owner)
			}
			if _, again := bimi.Parse(r.String()); err == nil && again != nil {
				t.Errorf("Record of %+v = %q, which is refused: %v", tt.in, r, again)
			}
			var problems problem.Problems
			if errors.As(err, &problems); len(problems) != len(tt.problems) {
				t.Errorf("Record of %+v has the problems %v, want %d", tt.in, problems, len(tt.problems))
			}
			for _, p := range problems {
				if says := tt.problems[p.Path.String()]; says == "" || !strings.Contains(p.Detail, says) {
					t.Errorf("Record of %+v has the problem %v, want one that says %q", tt.in, p, says)
				}
			}
		})
	}
}

func TestWhyNotShown(t *testing.T) {
	t.Parallel()
	for policies, shown := range map[[2]string]bool{
		{"reject", "reject"}: true, {"quarantine", "quarantine"}: true, {"none", "none"}: false, {"", ""}: false, {"reject", "none"}: false, {"none", "reject"}: false,
	} {
		if got := bimi.WhyNotShown(policies[0], policies[1]); (got == "") != shown {
			t.Errorf("WhyNotShown(%q) = %q, want shown %t", policies, got, shown)
		}
	}
}

// What a configuration makes is read as it was meant, or is refused with texts that are fit to be shown.
func FuzzConfig(f *testing.F) {
	f.Add("default", logo, mark)
	f.Add("a.b", "https://bücher.example/ü;,!.svg?x=1#y", "https://user@x.example/%zz")
	f.Add("x", "https://xn--0.example/a.svg", "https://example.com/\u202e.pem")
	f.Fuzz(func(t *testing.T, selector, logo, certificate string) {
		r, _, err := bimi.Config{Domain: dnsname.MustParse("example.com"), Selector: selector, Logo: logo, Certificate: certificate}.Record()
		var problems problem.Problems
		if err != nil && !errors.As(err, &problems) {
			t.Fatalf("Record error = %v, want problem.Problems", err)
		}
		for _, p := range problems {
			if strings.ContainsFunc(p.Detail, func(c rune) bool { return c < ' ' }) {
				t.Errorf("the problem %q is not fit to be shown", p.Detail)
			}
		}
		if err != nil {
			return
		}
		again, err := bimi.Parse(r.String())
		if diff := cmp.Diff(r, again, cmpopts.IgnoreFields(bimi.Record{}, "Remarks")); err != nil || diff != "" {
			t.Errorf("Record of %q, %q is %q, which is read with error %v and difference:\n%s", logo, certificate, r, err, diff)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{whole, "v=BIMI1; l=; a=;", " v = BIMI1;l=" + logo + "; avp=personal; lps=a,b; x=1;", "v=bimi l:http://example.com/a,b.svg", `"v=BIMI1\; l=x"`, "l=;v=BIMI1", "v=BIMI1; lps=", "v=BIMI1;l=https://%zz/.svg"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := bimi.Parse(in)
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' }) {
				t.Errorf("Parse(%q) error = %q, which is not fit to be shown", in, err)
			}
			follow(t, in, err)
			return
		}
		again, err := bimi.Parse(r.String())
		if diff := cmp.Diff(r, again, cmpopts.IgnoreFields(bimi.Record{}, "Remarks")); err != nil || diff != "" {
			t.Errorf("Parse(%q) prints as %q, which is read with error %v and difference:\n%s", in, r, err, diff)
		}
	})
}
