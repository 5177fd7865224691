package display_test

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
)

func TestDisplay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"plain":                   {"v=spf1 -all", "v=spf1 -all"},
		"escape":                  {"\x1b[2J", `\027[2J`},
		"backslash":               {`a\b`, `a\\b`},
		"Unicode":                 {"ü", `\195\188`},
		"Azure command":           {"a ##vso[task.x]", `a \035#vso[task.x]`},
		"formatting command":      {"##[error]x", `\035#[error]x`},
		"after another hash":      {"###[error]x", `#\035#[error]x`},
		"TeamCity":                {"##teamcity[x]", `\035#teamcity[x]`},
		"GitHub":                  {"::error::x", `\058:error\058:x`},
		"GitHub, parameters":      {"a::set-output name=x::y", `a\058:set-output name=x\058:y`},
		"GitHub, a token":         {"::dead::", `\058:dead::`},
		"capitals":                {"::ADD-MASK::x ##VSO[x]", `\058:ADD-MASK\058:x \035#VSO[x]`},
		"hashes alone":            {"a ## b #1", "a ## b #1"},
		"an IPv6 address":         {"2001:db8::1", "2001:db8::1"},
		"IPv6, letters":           {"ip6:2001:db8::a/64 ip6:fe80::dead:beef", "ip6:2001:db8::a/64 ip6:fe80::dead:beef"},
		"IPv6, IPv4-mapped":       {"ip6:::ffff:192.0.2.1", "ip6:::ffff:192.0.2.1"},
		"IPv6, the unspecified":   {"::", "::"},
		"a URL":                   {"https://a.example:443/", "https://a.example:443/"},
		"what is cut":             {strings.Repeat("a", 20) + "##[x]", strings.Repeat("a", 20) + "… (25 octets in all)"},
		"a command that is cut":   {strings.Repeat("a", 18) + "##[x]", strings.Repeat("a", 18) + `\035#… (23 octets in all)`},
		"a command after the cut": {strings.Repeat("a", 19) + "##[x]", strings.Repeat("a", 19) + `\035… (24 octets in all)`},
		"behind a hidden key":     {"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n##vso[x] ::error::x", `(a private key, not shown)\010\035#vso[x] \058:error\058:x`},
		"behind a key's note":     {`Private-Lines:":::error::x##[x]`, `(a private key, not shown)":\058:error\058:x\035#[x]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := 100
			if strings.Contains(tt.want, "…") {
				limit = 20
			}
			if got := display.Text(tt.in, limit); got != tt.want {
				t.Errorf("Display(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if got, again := display.Defuse(tt.in), display.Text(display.Defuse(tt.in), 1000); strings.Contains(strings.ToLower(got+again), "##vso[") || strings.Contains(got+again, "##[") {
				t.Errorf("Defuse(%q) = %q", tt.in, got)
			}
		})
	}
}

// FuzzText checks that whatever is given is shown as printable ASCII, without commands for CI systems.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		"", `Private-Lines:":`, "PuTTY-User-Key-File-2»##[x]::error::", "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n##vso[x]",
		strings.Repeat("#", 30), strings.Repeat("\xff", 300) + "::a::",
	} {
		f.Add(text, 20)
		f.Add(text, 1000)
	}
	f.Fuzz(func(t *testing.T, text string, most int) {
		most &= 1023
		got := display.Text(text, most)
		shown, _, _ := strings.Cut(got, "… (")
		for _, r := range shown {
			if r < ' ' || r > '~' {
				t.Fatalf("Text(%q, %d) = %q has %q", text, most, got, r)
			}
		}
		if display.Defuse(shown) != shown {
			t.Errorf("Text(%q, %d) = %q has a command for a CI system", text, most, got)
		}
	})
}
