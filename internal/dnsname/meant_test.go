package dnsname_test

import (
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestMeant(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"URL":               {"https://u1.wl1.example.net", "u1.wl1.example.net"},
		"URL, all parts":    {"https://user:pass@Host.example.net:8443/a/b?c=d.example#e", "host.example.net"},
		"no scheme, a path": {"host.example.net/a", "host.example.net"},
		"port":              {"host.example.net:25", "host.example.net"},
		"mail address":      {"postmaster@example.net", "example.net"},
		"mailto":            {"mailto:a@example.net", "example.net"},
		"SPF term":          {"-include:_spf.example.net", "_spf.example.net"},
		"SPF record":        {"v=spf1 include:_spf.example.net ~all", "_spf.example.net"},
		"redirect":          {"redirect=_spf.example.net", "_spf.example.net"},
		"quotes":            {`"host.example.net."`, "host.example.net"},
		"zone file":         {"s1._domainkey.example.com. 300 IN CNAME s1.example.net.", "s1.example.net"},
		"MX":                {"example.com IN MX 10 mx.example.net.", "mx.example.net"},
		"itself":            {"host.example.net", "host.example.net"},
		"two names":         {"include:a.example include:b.example", ""},
		"one label":         {"https://localhost/", ""},
		"address":           {"https://192.0.2.1/", ""},
		"IPv6":              {"https://[2001:db8::1]/", ""},
		"wildcard":          {"*.example.net", ""},
		"nothing":           {"", ""},
		"words":             {"see the console", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := dnsname.Meant(tt.in); got.String() != tt.want || ok != (tt.want != "") {
				t.Errorf("Meant(%q) = %q, %t, want %q", tt.in, got, ok, tt.want)
			}
		})
	}
}

func TestDoubled(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a.example.com.example.com":             "a.example.com",
		"example.com.example.com":               "example.com",
		"a.example.com.example.com.example.com": "a.example.com",
		"a.x.y.z.x.y.z":                         "a.x.y.z",
		"a.com.com":                             "",
		"example.com":                           "",
		"a.example.com":                         "",
		"com":                                   "",
		".":                                     "",
	} {
		if got, ok := dnsname.MustParse(in).Doubled(); got.String() != want || ok != (want != "") {
			t.Errorf("Doubled of %s = %q, %t, want %q", in, got, ok, want)
		}
	}
}

func FuzzMeant(f *testing.F) {
	f.Add("https://a@b.example:1/x")
	f.Add("x IN MX 1 y.z")
	f.Fuzz(func(t *testing.T, in string) {
		name, ok := dnsname.Meant(in)
		if ok != name.IsValid() {
			t.Fatalf("Meant(%q) = %q, %t", in, name, ok)
		}
		if again, found := dnsname.Meant(name.String()); ok && (!found || again != name) {
			t.Errorf("Meant(%q) = %q, whose own is %q", in, name, again)
		}
	})
}
