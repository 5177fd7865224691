package record_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestChunks(t *testing.T) {
	t.Parallel()
	a := strings.Repeat("a", 255)
	tests := map[string]struct {
		in   string
		want []string
	}{
		"empty":                  {"", []string{""}},
		"short":                  {"v=spf1 -all", []string{"v=spf1 -all"}},
		"255":                    {a, []string{a}},
		"256":                    {a + "b", []string{a, "b"}},
		"510":                    {a + a, []string{a, a}},
		"blank at the border":    {a + " b", []string{a, " b"}},
		"two octets at the cut":  {a[:254] + "ü", []string{a[:254], "ü"}},
		"four octets at the cut": {a[:252] + "😀b", []string{a[:252], "😀b"}},
		"four octets before it":  {a[:251] + "😀b", []string{a[:251] + "😀", "b"}},
		"no UTF-8 at all":        {strings.Repeat("\x80", 256), []string{strings.Repeat("\x80", 255), "\x80"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, record.Chunks(tt.in)); diff != "" {
				t.Errorf("Chunks: -want +got\n%s", diff)
			}
		})
	}
}

func FuzzChunks(f *testing.F) {
	for _, s := range []string{"", strings.Repeat("ü", 300), strings.Repeat("a", 254) + "\xf0\x9f", strings.Repeat("\x80", 600)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		chunks := record.Chunks(s)
		if got := strings.Join(chunks, ""); got != s {
			t.Fatalf("Chunks(%q) join to %q", s, got)
		}
		for i, c := range chunks {
			if len(c) > record.MaxString {
				t.Fatalf("Chunks(%q)[%d] has %d octets", s, i, len(c))
			}
			if i > 0 && c == "" {
				t.Fatalf("Chunks(%q)[%d] is empty", s, i)
			}
			if utf8.ValidString(s) && !utf8.ValidString(c) {
				t.Fatalf("Chunks(%q)[%d] = %q is not UTF-8", s, i, c)
			}
		}
	})
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"plain":             {"abc", "abc"},
		"quote":             {`a\"b`, `a"b`},
		"backslash":         {`a\\b`, `a\b`},
		"decimal":           {`\000\195\188`, "\x00ü"},
		"not a number":      {`\12x`, "12x"},
		"too large":         {`\256`, "256"},
		"at the end":        {`a\`, `a\`},
		"semicolon escaped": {`v=DKIM1\; p=x`, "v=DKIM1; p=x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := record.Unescape(tt.in); got != tt.want {
				t.Errorf("Unescape(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzQuoteTXT(f *testing.F) {
	for _, s := range []string{"", `a"b\c`, "\x00\xff", strings.Repeat(`"`, 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted := record.QuoteTXT(s)
		if got := unquote(t, quoted); got != s {
			t.Fatalf("QuoteTXT(%q) = %s, which reads as %q", s, quoted, got)
		}
		for i := range len(quoted) {
			if quoted[i] < ' ' || quoted[i] > '~' {
				t.Fatalf("QuoteTXT(%q) = %q holds an octet outside printable ASCII", s, quoted)
			}
		}
	})
}

// unquote reads quoted strings with single blanks between them, and joins them.
func unquote(t *testing.T, s string) string {
	t.Helper()
	var joined strings.Builder
	for rest := s; ; rest = rest[1:] {
		if rest == "" || rest[0] != '"' {
			t.Fatalf("%s: a string does not start with a quote", s)
		}
		end := 1
		for end < len(rest) && rest[end] != '"' {
			if rest[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(rest) {
			t.Fatalf("%s: a string does not end", s)
		}
		joined.WriteString(record.Unescape(rest[1:end]))
		if rest = rest[end+1:]; rest == "" {
			return joined.String()
		}
	}
}

func TestDisplay(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", record.MaxDisplay)
	tests := map[string]struct{ in, want string }{
		"plain":           {"v=spf1 -all", "v=spf1 -all"},
		"escape sequence": {"\x1b[31mred", `\027[31mred`},
		"newline":         {"a\nb", `a\010b`},
		"bidi override":   {"a\u202eb", `a\226\128\174b`},
		"backslash":       {`a\b`, `a\\b`},
		"at the limit":    {long, long},
		"past the limit":  {long + "b", long + "… (1025 octets in all)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := record.Display(tt.in); got != tt.want {
				t.Errorf("Display(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestEncodeTXT(t *testing.T) {
	t.Parallel()
	a := strings.Repeat("a", 255)
	long, quoted := a+"b", `"`+a+`" "b"`
	tests := map[string]struct {
		style, in, want string
	}{
		"raw":                   {"raw", long, long},
		"quoted":                {"quoted", long, quoted},
		"Route 53":              {"route53", long, a + `""b`},
		"Route 53 by aws":       {"aws", long, a + `""b`},
		"Route 53 escapes":      {"route53", `a"\ü`, `a\"\\\303\274`},
		"Cloudflare":            {"cloudflare", long, quoted},
		"Cloudflare 4":          {"cloudflare4", a, a},
		"Cloudflare 4 cuts":     {"cloudflare4", long, quoted},
		"Azure":                 {"azurerm", long, long},
		"Google Cloud":          {"google", long, quoted},
		"DigitalOcean":          {"digitalocean", long, long},
		"OVH":                   {"ovh", long, quoted},
		"Hetzner":               {"hcloud", long, quoted},
		"PowerDNS":              {"powerdns", `a"b`, `"a\"b"`},
		"RFC 2136":              {"rfc2136", `a"b\c`, `a\"b\\c`},
		"RFC 2136 does not cut": {"dns", long, long},
		"Vultr":                 {"vultr", long, `"` + long + `"`},
		"NS1":                   {"ns1", long, long},
		"Akamai":                {"akamai", "a; b", `"a; b"`},
		"DNSimple":              {"dnsimple", long, quoted},
		"Gandi":                 {"gandi", long, quoted},
		"GoDaddy":               {"godaddy", long, long},
		"Linode":                {"linode", long, long},
		"Oracle":                {"oci", long, quoted},
		"Scaleway":              {"scaleway", long, quoted},
		"Azure escapes nothing": {"azure", `a"\ü`, `a"\ü`},
		"Vultr escapes":         {"vultr", `a"\ü`, `"a\"\\\195\188"`},
		"RFC 2136 escapes":      {"rfc2136", "ü", `\195\188`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := record.EncodeTXT(tt.in, tt.style)
			if err != nil || got != tt.want {
				t.Errorf("EncodeTXT(%q, %q) = %q, %v; want %q", tt.in, tt.style, got, err, tt.want)
			}
		})
	}
}

func TestEncodeTXTErrors(t *testing.T) {
	t.Parallel()
	if _, err := record.EncodeTXT("a", "bind"); !errors.Is(err, record.ErrStyle) || !strings.Contains(err.Error(), "route53") {
		t.Errorf("unknown style: error = %v, want one that lists the known", err)
	}
	for _, name := range []string{"ionos", "ionoscloud"} {
		if _, err := record.EncodeTXT("a", name); !errors.Is(err, record.ErrStyle) || !strings.Contains(err.Error(), "ionoscloud_dns_record") {
			t.Errorf("%s: error = %v, want one that names the resource", name, err)
		}
	}
}

// Every style takes a value up to its limit, and none past it.
func TestEncodeTXTLimits(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"azure": 4096, "cloudflare": 4080, "cloudflare4": 4080, "digitalocean": 512, "godaddy": 512,
		"route53": 4000 - 2*16, // 16 strings of 255 octets or less, and two quotes for each
	}
	for _, s := range record.Styles() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			limit := record.MaxTXT
			if n, ok := want[s.Name]; ok {
				limit = n
			}
			if _, err := record.EncodeTXT(strings.Repeat("a", limit), s.Name); err != nil {
				t.Errorf("at %d octets: %v", limit, err)
			}
			var value *record.ValueError
			if _, err := record.EncodeTXT(strings.Repeat("a", limit+1), s.Name); !errors.As(err, &value) {
				t.Errorf("at %d octets: error = %v, want a ValueError", limit+1, err)
			}
			if s.Limit.Octets > 0 && s.Limit.Source == "" {
				t.Errorf("the limit of %d octets says nothing of where it comes from", s.Limit.Octets)
			}
		})
	}
}
