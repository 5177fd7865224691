package dnsname_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestParse(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", dnsname.MaxLabel)
	full := strings.Join([]string{long, long, long, long[:61]}, ".")
	tests := map[string]struct {
		in   string
		want string
		err  error
	}{
		"plain":                {in: "example.com", want: "example.com"},
		"upper case":           {in: "EXAMPLE.Com", want: "example.com"},
		"final dot":            {in: "example.com.", want: "example.com"},
		"underscores":          {in: "selector1._domainkey.example.com", want: "selector1._domainkey.example.com"},
		"digits":               {in: "123.example", want: "123.example"},
		"wildcard":             {in: "*.example.com", want: "*.example.com"},
		"root":                 {in: ".", want: "."},
		"unicode":              {in: "Bücher.example", want: "xn--bcher-kva.example"},
		"ideographic stop":     {in: "例え。テスト", want: "xn--r8jz45g.xn--zckzah"},
		"A-label":              {in: "XN--BCHER-KVA.example", want: "xn--bcher-kva.example"},
		"sharp s kept":         {in: "straße.example", want: "xn--strae-oqa.example"},
		"longest label":        {in: long + ".com", want: long + ".com"},
		"longest name":         {in: full, want: full},
		"longest name, dotted": {in: full + ".", want: full},
		"empty":                {in: "", err: dnsname.ErrEmpty},
		"two dots":             {in: "a..b", err: dnsname.ErrEmptyLabel},
		"leading dot":          {in: ".example.com", err: dnsname.ErrEmptyLabel},
		"dots only":            {in: "..", err: dnsname.ErrEmptyLabel},
		"label too long":       {in: long + "a.com", err: dnsname.ErrLabelLength},
		"name too long":        {in: full + "a", err: dnsname.ErrNameLength},
		"blank":                {in: "exa mple.com", err: dnsname.ErrCharacter},
		"newline":              {in: "example.com\n", err: dnsname.ErrCharacter},
		"quote":                {in: `"example.com"`, err: dnsname.ErrCharacter},
		"address of a person":  {in: "joe@example.com", err: dnsname.ErrCharacter},
		"inner wildcard":       {in: "a.*.example.com", err: dnsname.ErrCharacter},
		"hyphen first":         {in: "-a.example.com", err: dnsname.ErrHyphen},
		"hyphen last":          {in: "a-.example.com", err: dnsname.ErrHyphen},
		"broken A-label":       {in: "xn--\u007f.example", err: dnsname.ErrCharacter},
		"punycode overflow":    {in: "xn--99999999999.example", err: dnsname.ErrIDNA},
		"typographic quotes":   {in: "“example.com”", err: dnsname.ErrCharacter},
		"no-break space":       {in: "example.com\u00a0", err: dnsname.ErrCharacter},
		"not UTF-8":            {in: "b\xffcher.example", err: dnsname.ErrIDNA},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dnsname.Parse(tt.in)
			if !errors.Is(err, tt.err) || (tt.err == nil) != (err == nil) {
				t.Fatalf("Parse(%q) error = %v, want %v", tt.in, err, tt.err)
			}
			if got.String() != tt.want {
				t.Errorf("Parse(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestParseErrorNamesTheLabel(t *testing.T) {
	t.Parallel()
	_, err := dnsname.Parse("ok.not ok.example")
	want := `"ok.not ok.example", label "not ok": a label holds a character that host names cannot have`
	if err == nil || err.Error() != want {
		t.Errorf("Parse error = %v, want %s", err, want)
	}
}

func TestParseIn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, origin, want string
		err              error
	}{
		"nothing":        {in: "", origin: "example.com", want: "example.com"},
		"at sign":        {in: "@", origin: "example.com", want: "example.com"},
		"relative":       {in: "a.B", origin: "example.com", want: "a.b.example.com"},
		"absolute":       {in: "a.example.com.", origin: "example.com", want: "a.example.com"},
		"origin itself":  {in: "example.com.", origin: "example.com", want: "example.com"},
		"climbs out":     {in: "example.org.", origin: "example.com", err: dnsname.ErrOutside},
		"looks alike":    {in: "notexample.com.", origin: "example.com", err: dnsname.ErrOutside},
		"below the root": {in: "com", origin: ".", want: "com"},
		"too long":       {in: strings.Repeat("a.", 124) + "a", origin: "example.com", err: dnsname.ErrNameLength},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dnsname.ParseIn(tt.in, dnsname.MustParse(tt.origin))
			if !errors.Is(err, tt.err) || (tt.err == nil) != (err == nil) {
				t.Fatalf("ParseIn(%q, %q) error = %v, want %v", tt.in, tt.origin, err, tt.err)
			}
			if got.String() != tt.want {
				t.Errorf("ParseIn(%q, %q) = %q, want %q", tt.in, tt.origin, got, tt.want)
			}
		})
	}
}

func TestFromDNS(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, want, parent string
		labels           []string
	}{
		"plain":       {in: "Mail.Example.COM.", want: "mail.example.com", parent: "example.com", labels: []string{"mail", "example", "com"}},
		"escaped dot": {in: `joe\.doe.example.com.`, want: `joe\.doe.example.com`, parent: "example.com", labels: []string{`joe\.doe`, "example", "com"}},
		"decimal":     {in: `a\000b.example.`, want: `a\000b.example`, parent: "example", labels: []string{`a\000b`, "example"}},
		"root":        {in: ".", want: ".", parent: ""},
		"ends in dot": {in: `a\.`, want: `a\.`, parent: ".", labels: []string{`a\.`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := dnsname.FromDNS(tt.in)
			if n.String() != tt.want || n.Parent().String() != tt.parent || !slices.Equal(n.Labels(), tt.labels) {
				t.Errorf("FromDNS(%q) = %q, parent %q, labels %q; want %q, %q, %q",
					tt.in, n, n.Parent(), n.Labels(), tt.want, tt.parent, tt.labels)
			}
		})
	}
	if dnsname.FromDNS(`x\.example.com`).IsIn(dnsname.MustParse("example.com")) {
		t.Error(`the label x\.example is not below example.com`)
	}
}

func TestRelations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name, zone string
		rel        string
		in         bool
	}{
		"itself":          {"example.com", "example.com", "@", true},
		"below":           {"a.b.example.com", "example.com", "a.b", true},
		"above":           {"com", "example.com", "", false},
		"suffix of label": {"notexample.com", "example.com", "", false},
		"in the root":     {"example.com", ".", "example.com", true},
		"root in a zone":  {".", "example.com", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rel, in := dnsname.MustParse(tt.name).In(dnsname.MustParse(tt.zone))
			if rel != tt.rel || in != tt.in {
				t.Errorf("%q.In(%q) = %q, %v; want %q, %v", tt.name, tt.zone, rel, in, tt.rel, tt.in)
			}
		})
	}
}

func TestZeroName(t *testing.T) {
	t.Parallel()
	var zero dnsname.Name
	if zero.IsValid() || zero.IsIn(dnsname.Root) || dnsname.Root.IsIn(zero) {
		t.Error("the zero Name is valid or has a place in the tree")
	}
	if zero.Parent() != zero || dnsname.Root.Parent() != zero {
		t.Error("the root or the zero Name has a parent")
	}
	if zero.Dotted() != "" || dnsname.Root.Dotted() != "." || dnsname.MustParse("a.b").Dotted() != "a.b." {
		t.Error("Dotted is wrong")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"example.com", "Bücher.example.", "*.a_b.c", "xn--bcher-kva.de", "..", "a\\.b", "-", "\xff", "ß.de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := dnsname.Parse(s)
		if err != nil {
			if n.IsValid() {
				t.Fatalf("Parse(%q) = %q beside the error %v", s, n, err)
			}
			return
		}
		again, err := dnsname.Parse(n.String())
		if err != nil || again != n {
			t.Fatalf("Parse(%q) = %q; parsing that gives %q, %v", s, n, again, err)
		}
		dotted, err := dnsname.Parse(n.Dotted())
		if err != nil || dotted != n {
			t.Fatalf("Parse(%q) = %q; its dotted form gives %q, %v", s, n, dotted, err)
		}
		if dnsname.FromDNS(n.Dotted()) != n {
			t.Fatalf("FromDNS(%q) != %q", n.Dotted(), n)
		}
	})
}

// A name of another's making may look as if it held an A-label; all other rules hold.
func TestParseForeign(t *testing.T) {
	t.Parallel()
	const in = "b1.XN--bcher-kva-example.dkim.example"
	if _, err := dnsname.Parse(in); !errors.Is(err, dnsname.ErrIDNA) {
		t.Errorf("Parse(%q) error = %v, want %v", in, err, dnsname.ErrIDNA)
	}
	if got, err := dnsname.ParseForeign(in); err != nil || got.String() != strings.ToLower(in) {
		t.Errorf("ParseForeign(%q) = %q, %v, want it in lower case", in, got, err)
	}
	if got, err := dnsname.ParseForeign("xn--a b.example"); !errors.Is(err, dnsname.ErrCharacter) {
		t.Errorf("ParseForeign with a blank = %q, %v, want %v", got, err, dnsname.ErrCharacter)
	}
}
