package dkim_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want string // String() of the record
	}{
		"whole":                  {"v=DKIM1; k=rsa; p=MIIB", "v=DKIM1; k=rsa; p=MIIB"},
		"without version":        {"k=rsa; p=MIIB", "v=DKIM1; k=rsa; p=MIIB"},
		"key alone":              {"p=MIIB", "v=DKIM1; k=rsa; p=MIIB"},
		"no blanks":              {"v=DKIM1;k=ed25519;p=MIIB", "v=DKIM1; k=ed25519; p=MIIB"},
		"final semicolon":        {"v=DKIM1; p=MIIB;", "v=DKIM1; k=rsa; p=MIIB"},
		"final semicolon, blank": {"v=DKIM1; p=MIIB; \t", "v=DKIM1; k=rsa; p=MIIB"},
		"blanks everywhere":      {" v = DKIM1 ;\tk\t= rsa ; p = MI IB\tAA ", "v=DKIM1; k=rsa; p=MIIBAA"},
		"folded lines":           {"v=DKIM1;\r\n k=rsa;\r\n\tp=MII\r\n B", "v=DKIM1; k=rsa; p=MIIB"},
		"padding":                {"p=MIIBAA==", "v=DKIM1; k=rsa; p=MIIBAA=="},
		"revoked":                {"v=DKIM1; p=", "v=DKIM1; k=rsa; p="},
		"all tags": {
			"v=DKIM1; t=y : s; s=email:other-thing; h=sha1 : sha256; n=a note=3B more; k=rsa; p=MIIB",
			"v=DKIM1; k=rsa; h=sha1:sha256; s=email:other-thing; t=y:s; n=a note=3B more; p=MIIB",
		},
		"unknown tags in their order": {"v=DKIM1; z=1; g=*; p=MIIB; a_1=two  words; x=", "v=DKIM1; k=rsa; z=1; g=*; a_1=two  words; x=; p=MIIB"},
		"any service":                 {"p=MIIB; s=*", "v=DKIM1; k=rsa; s=*; p=MIIB"},
		"unknown key type":            {"k=RSA; p=MIIB", "v=DKIM1; k=RSA; p=MIIB"},
		"names tell case":             {"p=MIIB; P=other", "v=DKIM1; k=rsa; P=other; p=MIIB"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dkim.Parse(tt.in)
			if err != nil || got.String() != tt.want {
				t.Fatalf("Parse(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
			}
			if again, err := dkim.Parse(got.String()); err != nil || again != got {
				t.Errorf("Parse(%q) = %#v, %v, want %#v", got, again, err, got)
			}
		})
	}
}

func TestParseNotDKIM(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", ";", "v=spf1 -all", "v=DMARC1; p=none", "v=DKIM2; k=rsa; p=MIIB", "v=STSv1; id=1",
		"google-site-verification=abc", "k=rsa", "hello", "MIIBIjANBgkqhkiG", `\`,
	} {
		if got, err := dkim.Parse(in); !errors.Is(err, dkim.ErrNotDKIM) || got.IsValid() {
			t.Errorf("Parse(%q) = %v, %v, want ErrNotDKIM", in, got, err)
		}
	}
}

func TestParseSyntaxError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in     string
		tag    string
		offset int
		reason string // part of it
	}{
		"no key":               {"v=DKIM1; k=rsa", "p", 14, "missing"},
		"version late":         {"k=rsa; v=DKIM1; p=MIIB", "v", 7, "first tag"},
		"version in lower":     {"v=dkim1; p=MIIB", "v", 0, "capitals"},
		"twice":                {"v=DKIM1; p=MIIB; p=AAAA", "p", 17, "twice"},
		"unknown twice":        {"p=MIIB; x=1; x=1", "x", 13, "twice"},
		"records joined":       {"v=DKIM1; p=MIIB;v=DKIM1; p=AAAA", "v", 16, "joined into one"},
		"empty tag":            {"v=DKIM1;; p=MIIB", "", 8, "two semicolons"},
		"no equals sign":       {"v=DKIM1; rsa; p=MIIB", "rsa", 9, `no "="`},
		"bad name":             {"p=MIIB; 1a=x", "1a", 8, "letter first"},
		"no name":              {"p=MIIB; =x", "", 8, "letter first"},
		"quotes":               {`"v=DKIM1; p=MIIB"`, "", 0, "leave out the quotes"},
		"escaped semicolons":   {`v=DKIM1\; k=rsa\; p=MIIB`, "v", 0, "backslash"},
		"no key type":          {"k=; p=MIIB", "k", 0, "key type"},
		"two key types":        {"k=rsa:ed25519; p=MIIB", "k", 0, "key type"},
		"empty list":           {"t=; p=MIIB", "t", 0, "not a word"},
		"gap in a list":        {"h=sha1::sha256; p=MIIB", "h", 0, "not a word"},
		"hyphen last":          {"s=email-; p=MIIB", "s", 0, `"email-"`},
		"octet outside ASCII":  {"p=MIIB; n=é", "n", 8, "octet 195"},
		"control character":    {"p=MI\x1bIB", "p", 0, "octet 27"},
		"line break at an end": {"v=DKIM1; p=MIIB\n", "", 15, "trimspace()"},
		"line break inside":    {"p=MI\nIB", "", 4, "one line"},
		"escape in a name":     {"p=MIIB; \x1b[2J=x", "\x1b[2J", 8, "letter first"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dkim.Parse(tt.in)
			var syntax *dkim.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Parse(%q) = %v, %v, want a *SyntaxError", tt.in, got, err)
			}
			if syntax.Tag != tt.tag || syntax.Offset != tt.offset || !strings.Contains(syntax.Reason, tt.reason) {
				t.Errorf("Parse(%q) error = %+v, want tag %q, offset %d, reason with %q", tt.in, *syntax, tt.tag, tt.offset, tt.reason)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("Parse(%q) error text %q holds control characters", tt.in, err)
			}
		})
	}
}

func TestRecordAccessors(t *testing.T) {
	t.Parallel()
	r, err := dkim.Parse("v=DKIM1; k=rsa; h=sha256; s=email; t=y:s; n=note; p=MIIB")
	if err != nil {
		t.Fatal(err)
	}
	if r.KeyType() != dkim.RSA || r.KeyData() != "MIIB" || r.Notes() != "note" || r.Revoked() || !r.Testing() ||
		!slices.Equal(r.Hashes(), []string{"sha256"}) || !slices.Equal(r.Services(), []string{"email"}) || !slices.Equal(r.Flags(), []string{"y", "s"}) {
		t.Errorf("accessors of %q give other values than its tags", r)
	}
	plain, err := dkim.Parse("p=")
	if err != nil {
		t.Fatal(err)
	}
	if !plain.Revoked() || plain.Testing() || plain.Hashes() != nil || !slices.Equal(plain.Services(), []string{"*"}) {
		t.Errorf("accessors of %q give other values than the defaults", plain)
	}
	var zero dkim.Record
	if zero.IsValid() || zero.Revoked() || zero.String() != "" {
		t.Errorf("the zero Record is valid, revoked or printed as %q", zero)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"v=DKIM1; k=rsa; p=MIIB", "p=", "v=DKIM1;\r\n k=ed25519; h=sha1 : sha256; s=*; t=y; n= a b ; x=; p=A A==;",
		`"v=DKIM1; p=MIIB"`, `v=DKIM1\; p=A`, "v=spf1 -all", "p=\x00", "k=rsa;;p", "İ=1; p=é",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := dkim.Parse(in)
		if (err == nil) != r.IsValid() {
			t.Fatalf("Parse(%q) = %#v, %v", in, r, err)
		}
		if err != nil {
			return
		}
		again, err := dkim.Parse(r.String())
		if err != nil || again != r {
			t.Errorf("Parse(%q) = %#v, %v, want %#v", r, again, err, r)
		}
		if strings.ContainsAny(r.KeyData(), " \t\r\n;") {
			t.Errorf("Parse(%q) keeps blanks in the key %q", in, r.KeyData())
		}
		if !r.Equivalent(again) {
			t.Errorf("Parse(%q) is not equivalent to itself", in)
		}
		for _, finding := range r.Check() {
			if finding.Text == "" || finding.Code == "" {
				t.Errorf("Check of %q = %+v", r, finding)
			}
		}
	})
}
