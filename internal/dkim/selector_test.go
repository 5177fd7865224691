package dkim_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestOwner(t *testing.T) {
	t.Parallel()
	domain := dnsname.MustParse("example.com")
	for in, want := range map[string]string{
		"selector1":    "selector1._domainkey.example.com",
		"Selector1":    "selector1._domainkey.example.com",
		"march.paris":  "march.paris._domainkey.example.com",
		"2026":         "2026._domainkey.example.com",
		"aweber_key_a": "aweber_key_a._domainkey.example.com",
		"schlüssel":    "xn--schlssel-95a._domainkey.example.com",
		"example.org":  "example.org._domainkey.example.com",
	} {
		got, err := dkim.Owner(in, domain)
		if err != nil || got.String() != want {
			t.Errorf("Owner(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestParseSelectorRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"empty":           {"", "is empty"},
		"dot":             {".", "is a dot"},
		"blank":           {"my selector", "holds a blank"},
		"blanks alone":    {"  ", "holds a blank"},
		"blank around":    {" sel\n", `write "sel"`},
		"blank, and bad":  {"a.b\"\n", "not a selector without them"},
		"dot, and bad":    {"*.", "not a selector without it"},
		"final dot":       {"sel.", `write "sel"`},
		"with domainkey":  {"sel._domainkey", `write "sel"`},
		"in capitals":     {"Sel._DomainKey", `write "Sel"`},
		"whole name":      {"a.b._domainkey.example.com.", `write "a.b"`},
		"domainkey first": {"_domainkey.example.com", "which is added"},
		"wildcard":        {"*", "wildcard"},
		"two dots":        {"a..b", "two dots"},
		"too long":        {strings.Repeat("a", 64), "longer than 63"},
		"slash":           {"a/b", "a character"},
		"longer in lower": {"İİİ._domainkey", "write"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dkim.ParseSelector(tt.in)
			var selector *dkim.SelectorError
			if !errors.As(err, &selector) || got.IsValid() {
				t.Fatalf("ParseSelector(%q) = %q, %v, want a *SelectorError", tt.in, got, err)
			}
			if selector.Selector != tt.in || !strings.Contains(selector.Reason, tt.want) {
				t.Errorf("ParseSelector(%q) error = %+v, want %q in its reason", tt.in, *selector, tt.want)
			}
		})
	}
}

func TestOwnerRefuses(t *testing.T) {
	t.Parallel()
	domain := dnsname.MustParse("example.com")
	tests := map[string]struct {
		selector string
		domain   dnsname.Name
		want     string
	}{
		"ends in the domain": {"sel.example.com", domain, `write "sel"`},
		"no domain":          {"sel", dnsname.Name{}, "no domain"},
		"bad selector":       {"a b", domain, "blank"},
		"too long together":  {strings.Repeat("a.", 110) + "a", dnsname.MustParse(strings.Repeat("b.", 20) + "com"), "longer than 253"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dkim.Owner(tt.selector, tt.domain)
			var selector *dkim.SelectorError
			if !errors.As(err, &selector) || got.IsValid() || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Owner(%q, %q) = %q, %v, want a *SelectorError with %q", tt.selector, tt.domain, got, err, tt.want)
			}
		})
	}
	if got, err := (dkim.Selector{}).Owner(domain); err == nil {
		t.Errorf("Selector{}.Owner(%q) = %q, want an error", domain, got)
	}
}

func TestIsOwner(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"s1._domainkey.example.com": true, "a.b._domainkey.example.com": true, "_domainkey.example.com": false, "example.com": false, "domainkey.example.com": false,
	} {
		if got := dkim.IsOwner(dnsname.MustParse(name)); got != want {
			t.Errorf("IsOwner(%s) = %v, want %v", name, got, want)
		}
	}
}
