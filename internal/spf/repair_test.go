package spf

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
)

// TestSuggestions shows what people are told to write in place of a term: the qualifier and the prefix length stay.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want []string // nil: nothing is suggested
	}{
		// Addresses and names in each other's place.
		{"all-", []string{"-all"}},
		{"all~", []string{"~all"}},
		{"-ip4:bad.example.org", []string{"-a:bad.example.org"}},
		{"ip4:mail.example.com/24", []string{"a:mail.example.com/24"}},
		{"~ip6:mail.example.com/64", []string{"~a:mail.example.com//64"}},
		{"ip:mail.example.com", []string{"a:mail.example.com"}},
		{"a:192.0.2.0/24", []string{"ip4:192.0.2.0/24"}},
		{"?mx:2001:db8::/32", []string{"?ip6:2001:db8::/32"}},
		{"exists:192.0.2.1", []string{"ip4:192.0.2.1"}},
		{"-ptr:192.0.2.1", []string{"-ip4:192.0.2.1"}},
		{"include:192.0.2.0/24", []string{"ip4:192.0.2.0/24"}},
		{"redirect=192.0.2.1", []string{"ip4:192.0.2.1"}},
		{"exp=192.0.2.1", nil},
		{"-mail.example.com/24", []string{"-a:mail.example.com/24"}},
		{"?spf.example.net", []string{"?include:spf.example.net", "?a:spf.example.net"}},
		{"catch-all.example.com", []string{"include:catch-all.example.com", "a:catch-all.example.com"}},
		{"mx.example.com", []string{"include:mx.example.com", "a:mx.example.com"}},
		{"-192.0.2.0/24", []string{"-ip4:192.0.2.0/24"}},
		{"[2001:db8::1]", []string{"ip6:2001:db8::1"}},
		{"::1/128", []string{"ip6:::1/128"}},
		// Families and notations of addresses.
		{"ip4:2001:db8::/32", []string{"ip6:2001:db8::/32"}},
		{"-ip6:192.0.2.1/24", []string{"-ip4:192.0.2.1/24"}},
		{"ip6:192.0.2.1/128", []string{"ip4:192.0.2.1/32"}},
		{"ip4:::ffff:192.0.2.1", []string{"ip4:192.0.2.1"}},
		{"ip6:::ffff:192.0.2.1", []string{"ip4:192.0.2.1"}},
		{"-ip6:::ffff:c000:200/120", []string{"-ip4:192.0.2.0/24"}},
		{"ip6:::ffff:192.0.2.0/24", []string{"ip4:192.0.2.0/24"}},
		{"ip6:::ffff:192.0.2.0/64", nil},
		{"a:::ffff:192.0.2.1", []string{"ip4:192.0.2.1"}},
		{"?ip4:192.0.2.0/255.255.255.0", []string{"?ip4:192.0.2.0/24"}},
		{"ip4:192.0.2.0/0.0.0.255", nil},
		{"ip4:192.0.2.0/255.0.255.0", nil},
		{"ip4:192.0.2.0/024", []string{"ip4:192.0.2.0/24"}},
		{"ip4:192.0.2.0//24", []string{"ip4:192.0.2.0/24"}},
		{`-ip4:192.0.2.0\24`, []string{"-ip4:192.0.2.0/24"}},
		{"ip4:192.0.2.0/", []string{"ip4:192.0.2.0"}},
		{"ip4:192.0.2.0/33", nil},
		{"ip4:192.0.2/24", []string{"ip4:192.0.2.0/24"}},
		{"ip4:192.0.2/25", nil},
		{"~ip4:192.0.*", []string{"~ip4:192.0.0.0/16"}},
		{"ip4:192.0.2.x", []string{"ip4:192.0.2.0/24"}},
		{"ip4:192.*.2.1", nil},
		{"-ip4:192.0.2.0-192.0.2.255", []string{"-ip4:192.0.2.0/24"}},
		{"-ip4:192.0.2.1-4", []string{"-ip4:192.0.2.1 -ip4:192.0.2.2/31 -ip4:192.0.2.4"}},
		{"ip4:192.0.2.9-192.0.2.1", nil},
		{"~ip4:[192.0.2.1]:25", []string{"~ip4:192.0.2.1"}},
		{"ip6:[2001:db8::]/32", []string{"ip6:2001:db8::/32"}},
		{"-ip6:fe80::1%eth0/64", []string{"-ip6:fe80::1/64"}},
		{"192.0.2.1:25", []string{"ip4:192.0.2.1"}},
		{"ip4:192.0.2.01", nil},
		// Names of mechanisms.
		{"ip:192.0.2.1", []string{"ip4:192.0.2.1"}},
		{"~IPv6:192.0.2.1", []string{"~ip4:192.0.2.1"}},
		{"-inlcude:a.example", []string{"-include:a.example"}},
		{"moo:a.example", nil},
		// Separators.
		{"-ip4=192.0.2.0/24", []string{"-ip4:192.0.2.0/24"}},
		{"-include=a.example", []string{"-include:a.example"}},
		{"ip=mail.example.com", []string{"a:mail.example.com"}},
		{"mx=a.example/24", []string{"mx:a.example/24"}},
		{"all=softfail", []string{"~all"}},
		{"all=-all", []string{"-all"}},
		{"all=pass", nil},
		{"?all=~", nil},
		{"all:fail", []string{"-all"}},
		{"-all:a.example", []string{"-all"}},
		{"all:a.example", nil},
		{"-include:<a.example>", []string{"-include:a.example"}},
		{"include.spf.protection.outlook.com", []string{"include:spf.protection.outlook.com"}},
		{"-ip4.192.0.2.0/24", []string{"-ip4:192.0.2.0/24"}},
		{"include_spf.example.net", []string{"include:_spf.example.net"}},
		{"include;a.example", []string{"include:a.example"}},
		{"include::a.example", []string{"include:a.example"}},
		{"ip4/192.0.2.1", []string{"ip4:192.0.2.1"}},
		{"redirect:a.example", []string{"redirect=a.example"}},
		{"-redirect:a.example", []string{"redirect=a.example"}},
		{"a,mx", []string{"a mx"}},
		{"-ip4:192.0.2.1,192.0.2.2", []string{"-ip4:192.0.2.1 -ip4:192.0.2.2"}},
		{"include:a.example,b.example;", []string{"include:a.example include:b.example"}},
		// Names within names, URLs, ports, lengths.
		{"ip4:ip4:192.0.2.1", []string{"ip4:192.0.2.1"}},
		{"-include:include:a.example", []string{"-include:a.example"}},
		{"include:-a:a.example", []string{"-a:a.example"}},
		{"~include:-a:a.example", nil},
		{"include:ip4:192.0.2.0/24", []string{"ip4:192.0.2.0/24"}},
		{"redirect=include:a.example", []string{"redirect=a.example"}},
		{"include:redirect=a.example", []string{"redirect=a.example"}},
		{"-include:https://spf.example.net/", []string{"-include:spf.example.net"}},
		{"https://u1.wl1.example.net", []string{"include:u1.wl1.example.net", "a:u1.wl1.example.net"}},
		{"a:http://192.0.2.0/24", []string{"ip4:192.0.2.0/24"}},
		{"a:a.example:25/24", []string{"a:a.example/24"}},
		{"-include:a.example/24", []string{"-include:a.example", "-a:a.example/24"}},
		{"exists:a.example/24", []string{"exists:a.example"}},
		{"~a/64", nil},
		{"-mx/33", nil},
		{"a:a.example/128", nil},
		{"-a/00", []string{"-a/0"}},
		{"a:a.example/024//064", []string{"a:a.example/24//64"}},
		{"a//064", []string{"a//64"}},
		{"a//24/64", nil},
		{"a/24/24", nil},
		{"~ip4:a.example//24", []string{"~a:a.example/24"}},
		{"ip4:a.example/64", nil},
		{"ip6:a.example//64", []string{"a:a.example//64"}},
		{"mx:a.example/255.255.255.0", []string{"mx:a.example/24"}},
		{"a/24/64", []string{"a/24//64"}},
		{"-all:", []string{"-all"}},
		{"~all.", []string{"~all"}},
		// Qualifiers in the wrong place.
		{"include:-spf.example.net", []string{"-include:spf.example.net", "include:spf.example.net"}},
		{"include:~_spf.example.net", []string{"~include:_spf.example.net", "include:_spf.example.net"}},
		{"?include:?spf.example.net", []string{"?include:spf.example.net"}},
		{"~include:-spf.example.net", nil},
		{"+include:+spf.example.net", []string{"+include:spf.example.net"}},
		{"ip4:-192.0.2.0/24", []string{"-ip4:192.0.2.0/24", "ip4:192.0.2.0/24"}},
		{"a:-a.example/24", []string{"-a:a.example/24", "a:a.example/24"}},
		{"include:-%{d}.example", []string{"-include:%{d}.example", "include:%{d}.example"}},
		{"redirect=-spf.example.net", []string{"redirect=spf.example.net"}},
		{"include:~all", nil},
		{"a:+host", nil},
		{"exists:~x", nil},
		{"redirect=-x", nil},
		{"mx:?x.example", []string{"?mx:x.example", "mx:x.example"}},
		{"exp=-x.example", []string{"exp=x.example"}},
		// Names that no host and no record has.
		{"include:a.-b.example", nil},
		{"include:a-.b.example", nil},
		{"exists:%{i}.-b.example", nil},
		// Quoting.
		{`include:a.example\`, []string{"include:a.example"}},
		{`-include:a.example\;`, []string{"-include:a.example"}},
		{`include:a.example\n`, []string{"include:a.example"}},
		{`ip4:192.0.2.0/24\\n`, []string{"ip4:192.0.2.0/24"}},
		{`include:a.example\ninclude:b.example`, []string{"include:a.example include:b.example"}},
		{`~ip4:192.0.2.1\t-all`, []string{"~ip4:192.0.2.1 -all"}},
		{`include:a\.b\.example`, []string{"include:a.b.example"}},
		{`redirect=a.example\r\n`, []string{"redirect=a.example"}},
		{`exists:%{i}.a.example\;`, []string{"exists:%{i}.a.example"}},
		{`-all\`, []string{"-all"}},
		{`-all\"`, []string{"-all"}},
		{`\"include:a.example\"`, []string{"include:a.example"}},
		{`\-all`, []string{"-all"}},
		{`+all\"`, []string{"+all"}},
		{`all\"`, nil},
		{`include\:a.example`, []string{"include:a.example"}},
		{`include:a.example\032-all`, []string{"include:a.example -all"}},
		{`include:a.example\009~all`, []string{"include:a.example ~all"}},
		{`\n`, nil},
		{`\`, nil},
		// What would let everyone pass.
		{"all.", nil},
		{"all,", nil},
		{`all\n`, nil},
		{"+all-", nil},
		{"+all.", []string{"+all"}},
		{"mxall", nil},
		{"mx+all", []string{"mx +all"}},
		{"all-all", nil},
		{"ip4:0.0.0.0/00", nil},
		{"ip4:192.0.2.1/0.0.0.0", nil},
		{"include:::/0", nil},
		{"-ip4:0.0.0.0//0", []string{"-ip4:0.0.0.0/0"}},
		{"mx/00", nil},
		// Missing blanks.
		{"include:_spf.example.net-all", []string{"include:_spf.example.net -all"}},
		{"ip4:192.0.2.1~all", []string{"ip4:192.0.2.1 ~all"}},
		{"mx-all", []string{"mx -all"}},
		{"MX-ALL", []string{"MX -ALL"}},
		{"include:a.example?all", []string{"include:a.example ?all"}},
		{"a+mx", []string{"a +mx"}},
		{"-a/24//64-all", []string{"-a/24//64 -all"}},
		{"ip6:2001:db8::1-all", []string{"ip6:2001:db8::1 -all"}},
		{"include:a.exampleinclude:b.example", []string{"include:a.example include:b.example"}},
		{"ip4:192.0.2.0/24ip4:198.51.100.1", []string{"ip4:192.0.2.0/24 ip4:198.51.100.1"}},
		{"mxinclude:a.example-all", []string{"mx include:a.example -all"}},
		{"mxredirect=a.example", []string{"mx redirect=a.example"}},
		{"x=y-all", []string{"x=y -all"}},
		{"redirect=a.example-all", []string{"redirect=a.example -all"}},
		{"include:%{d}.example.net-all", []string{"include:%{d}.example.net -all"}},
		{"exists:%{i}.%{d}-all", []string{"exists:%{i}.%{d} -all"}},
		{"include:a.xn--p1ai-all", []string{"include:a.xn--p1ai -all"}},
		{"include:a.exa-mple", nil},
		{"foo-bar", nil},
		{"ip4:192.0.2.0-24", nil},
		{"ip4:192.0.2.16-28", nil},
		{"ip4:192.0.2.16-31", []string{"ip4:192.0.2.16/28"}},
		{"hardfail", []string{"-all"}},
		{"SoftFail", []string{"~all"}},
		{"pass", nil},
		{"-fail", nil},
		{"--all", nil},
	}
	for _, tt := range tests {
		_, err := ParseTerms(tt.in)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("ParseTerms(%q) = %v, want a *SyntaxError", tt.in, err)
			continue
		}
		if got := advicetest.Written(syntax.Reason); !slices.Equal(got, tt.want) {
			t.Errorf("ParseTerms(%q) suggests %q, want %q: %v", tt.in, got, tt.want, err)
		}
		checkAdvice(t, tt.in, err)
	}
}

// TestMissingBlank shows the sentence, and what is right as it is.
func TestMissingBlank(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"v=spf1 include:_spf.example.net-all": `a blank is missing before "-all"`,
		"v=spf1 a-allv=spf1 mx -all":          `a blank is missing before "v=spf1", which starts a second version`,
		"v=spf1include:a.example":             `a blank is missing after "v=spf1", which is followed by "i"`,
		"v=spf1-all":                          `a blank is missing after "v=spf1", which is followed by "-"`,
		"v=spf1 include:a.exa-mple":           `no top-level domain has a hyphen`,
	} {
		for name, parse := range map[string]func(string) (Record, error){"Parse": Parse, "ParseEither": func(s string) (Record, error) {
			r, _, err := ParseEither(s)
			return r, err
		}} {
			if _, err := parse(in); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s(%q) = %v, want %q", name, in, err, want)
			}
		}
	}
	for _, in := range []string{
		"a:foo-all.example.com", "include:catch-all.example.com", "include:%{d}-all.example.com", "exists:%{l}-mx.%{d}", "include:a.xn--p1ai", "a:a.xn--vermgensberater-ctb",
		"include:mx-a.example", "exp=a-all.example", "x=all", "x=-all", "x=foomx", "exists:%{l}=x.example", "exists:%{d,}.example",
	} {
		if _, err := ParseTerms(in); err != nil {
			t.Errorf("ParseTerms(%q) = %v", in, err)
		}
	}
}

// checkAdvice follows what an error about terms advises: it parses, and keeps the qualifier of the term.
func checkAdvice(t *testing.T, in string, err error) {
	t.Helper()
	for _, s := range slices.Concat(advicetest.Written(err.Error()), advicetest.Examples(err.Error())) {
		if strings.HasPrefix(s, "%") {
			s = "exists:" + s // the example of a macro
		}
		if _, err := ParseTerms(s); err != nil {
			t.Errorf("%q is advised to be %q, which does not parse: %v", in, s, err)
		}
	}
	syntax, ok := errors.AsType[*SyntaxError](err)
	if !ok {
		return
	}
	for _, s := range advicetest.Written(err.Error()) {
		if r, err := ParseTerms(s); err == nil && slices.ContainsFunc(r.Directives, passesEveryone) && !strings.Contains(strings.ToLower(syntax.Term), "+all") {
			t.Errorf("%q is advised to be %q, which lets everyone pass", in, s)
		}
	}
	was, _ := CutQualifier(syntax.Term)
	for _, s := range slices.Concat(advicetest.Written(err.Error()), advicetest.Examples(err.Error())) {
		if r, err := ParseTerms(s); err == nil && was != Pass && len(r.Modifiers) == 0 && r.Directives[0].Qualifier != was {
			t.Errorf("%q is advised to be %q, with another qualifier", in, s)
		}
	}
}

// passesEveryone reports whether a term alone lets everyone pass.
func passesEveryone(t Directive) bool {
	whole := t.Mechanism == MechAll || t.Prefix.IsValid() && t.Prefix.Bits() == 0 || t.CIDR.Bits4() == 0 || t.CIDR.Bits6() == 0
	return whole && t.Qualifier == Pass
}

// TestNothingOpensTheDomain puts all that ends a record, and networks of all addresses, together with what people write
// before and behind it: no advice lets everyone pass who was not let before.
func TestNothingOpensTheDomain(t *testing.T) {
	t.Parallel()
	pieces := []string{"", "-", "~", "?", "+", ".", ",", ";", "=", "/", ":", "|", "'", "\\", `\n`, "-all", "~all", "all", "fail", "pass", "0", "/0", "//0", "00", "(", "mx", "a:", "include:", "ip4:", "ip:", "x"}
	refused, suggested := 0, 0
	for _, core := range []string{"all", "ALL", "mx", "a", "a/0", "ip4:0.0.0.0/0", "0.0.0.0/0", "::/0", "ip6:::/0", "ip4:192.0.2.1/0.0.0.0", "0.0.0.0-255.255.255.255"} {
		for _, before := range pieces {
			for _, behind := range pieces {
				in := before + core + behind
				_, err := ParseTerms(in)
				if err == nil {
					continue
				}
				refused++
				suggested += len(advicetest.Written(err.Error()))
				checkAdvice(t, in, err)
			}
		}
	}
	if refused < 5000 || suggested < 500 {
		t.Errorf("%d texts are refused, with %d suggestions", refused, suggested)
	}
}

// TestLengthsKeepTheirFamily writes prefix lengths that IPv4 has not where IPv4 has its own: none becomes a network of
// IPv6, nor the other way round.
func TestLengthsKeepTheirFamily(t *testing.T) {
	t.Parallel()
	for bits := range 200 {
		for _, before := range []string{"a", "-mx", "a:a.example", "~mx:a.example", "include:a.example", "ip4:a.example", "ip:a.example", "a=a.example", "a:https://a.example", "ip4:192.0.2.0"} {
			for _, zeros := range []string{"", "0", "00"} {
				in := fmt.Sprintf("%s/%s%d", before, zeros, bits)
				_, err := ParseTerms(in)
				if err == nil {
					continue
				}
				checkAdvice(t, in, err)
				for _, s := range advicetest.Written(err.Error()) {
					r, err := ParseTerms(s)
					if err != nil || r.Directives[0].CIDR.Bits6() != 128 || r.Directives[0].Prefix.IsValid() && !r.Directives[0].Prefix.Addr().Is4() {
						t.Errorf("%q is advised to be %q, of another family (%v)", in, s, err)
					}
				}
			}
		}
	}
}

// TestNamesOfHosts shows which names Parse refuses that are legal by the letter of RFC 7208, and that those in use stay.
func TestNamesOfHosts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"-spf.example.net", "a.-spf.example.net", "spf-.example.net", "a.spf-.example.net", "-%{d}", "%{i}.-x.example", "%{i}-.example"} {
		for _, term := range []string{"include:", "a:", "mx:", "ptr:", "exists:", "redirect=", "exp="} {
			_, err := Parse("v=spf1 " + term + name)
			if _, ok := errors.AsType[*SyntaxError](err); !ok {
				t.Errorf("Parse(%q) error = %v, want a *SyntaxError", term+name, err)
			}
			if _, err := ParseWire("v=spf1 " + term + name); err != nil {
				t.Errorf("ParseWire(%q): %v", term+name, err)
			}
		}
	}
	for _, name := range []string{
		"_spf.google.com", "spf.protection.outlook.com", "spf-a.outlook.com", "spf-0023df01.pphosted.com", "_spf-dc2.example.com", "_spf_a._b.example.com", "u1.wl-2.example.net",
		"%{i}._ip.%{h}._ehlo.%{d}._spf.example.net", "%{l}-mx.%{d}", "%{i}-%{d}", "%{l1r-}.example.com", "xn--bcher-kva.example", "a--b.example", "%{d}%-x.example", "_.example.com",
	} {
		if _, err := Parse("v=spf1 include:" + name); err != nil {
			t.Errorf("Parse of an include of %q: %v", name, err)
		}
	}
}

// TestOtherFormats names the record that a text is, where it is none of SPF.
func TestOtherFormats(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"v=spf1 mx v=DMARC1; p=none":                   `"v=DMARC1;" starts a DMARC record`,
		"v=spf1 v=dkim1 -all":                          "starts a DKIM key record",
		"v=spf1 V=STSv1":                               "starts an MTA-STS record",
		"v=spf1 mx v=TLSRPTv1; rua=mailto:a@a.example": "starts a TLS reporting record",
		"v=spf1 mx v=BIMI1; l=https://a.example/a.svg": "starts a BIMI record",
		"v=spf1 mx -all;v=DMARC1;p=none":               `"v=DMARC1;p=none" starts a DMARC record`,
		"v=spf1 mx -allv=DMARC1; p=none":               `"v=DMARC1;" starts a DMARC record`,
		"v=spf1 mx,v=dkim1;p=":                         "starts a DKIM key record",
		"v=spf1 mx v=DMARC2 -all":                      `"v=DMARC2" is the version of another format`,
		"v=spf1 google-site-verification=a1B_-= -all":  "is a verification token",
		"v=spf1 MS=ms12345678 mx -all":                 "is a verification token",
		"v=spf1 mx zoom_verify_a1=b -all":              "is a verification token",
		"v=spf1 mx v=spf2.0/pra":                       "two records",
		"v=spf1 mx v=spf1":                             "two records",
		"v=spf1 mx v=spf1;":                            "two records",
		"v=DMARC1; p=none":                             "it is a DMARC record",
		"v=TLSRPTv1; rua=mailto:a":                     "it is a TLS reporting record",
	} {
		if _, err := Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) error = %v, want %q in it", in, err, want)
		}
	}
}

// TestReasons shows why a term is refused, where its text misleads.
func TestReasons(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"include:-spf.example.net":  "a qualifier stands before the mechanism",
		"a:+host":                   "a qualifier stands before the mechanism",
		"exists:~x":                 "a qualifier stands before the mechanism",
		"mx:?x":                     "a qualifier stands before the mechanism",
		"ip4:-":                     "a qualifier stands before the mechanism",
		"~include:-spf.example.net": "a qualifier stands before the mechanism",
		"redirect=-x":               "modifiers take no qualifier",
		"include:-all":              `the name is missing after "include:"`,
		"redirect=~all":             `the name is missing after "redirect="`,
		"include:a.-b.example":      "a label starts or ends with a hyphen",
		`mx\`:                       "a backslash",
		`ip4:192.0.2.0\;`:           "a backslash",
		`ip4:192.0.2.0\n`:           "a backslash",
		`ip4:192.0.2.0\"`:           "a backslash",
		`ip4:192.0.2.0\x`:           "a backslash",
		`a\`:                        "a backslash",
		`moo\`:                      "a backslash",
		`\`:                         "a backslash",
		`v=spf1\ mx`:                "a backslash follows \"v=spf1\"",
		`example.com. 3600 IN TXT "v=spf1 mx -all"`: "it is a line of a zone file",
		`@ TXT ( "v=spf1 mx" " -all" )`:             "it is a line of a zone file",
		`TXT v=spf1 mx -all`:                        "it is a line of a zone file",
		"include:`a.example`":                       "remove quotation marks",
		"google-site-verification:a":                "is a verification token",
		"facebook-domain-verification":              "is a verification token",
		`v=spf1\; mx`:                               "a backslash follows \"v=spf1\"",
		`\"v=spf1 mx -all\"`:                        "a list of quoted strings",
		"v=spf1 include:-spf.example.net.":          "a qualifier stands before the mechanism",
	} {
		_, _, err := ParseEither(in)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "prefix length") {
			t.Errorf("ParseEither(%q) = %v, want %q", in, err, want)
			continue
		}
		checkAdvice(t, in, err)
	}
}

// A mistake breaks a term, and returns false where it cannot be made.
type mistake func(r *rand.Rand, text string, t Directive) (string, bool)

// mistakes are the inverses of what is suggested.
func mistakes() map[string]mistake {
	rename := func(names map[string][]string) mistake {
		return func(r *rand.Rand, text string, term Directive) (string, bool) {
			wrong := names[string(term.Mechanism)]
			if len(wrong) == 0 || !strings.Contains(text, ":") {
				return "", false
			}
			return strings.Replace(text, string(term.Mechanism), wrong[r.IntN(len(wrong))], 1), true
		}
	}
	colon := func(with string, only ...Mechanism) mistake {
		return func(_ *rand.Rand, text string, term Directive) (string, bool) {
			ok := len(only) == 0 || slices.Contains(only, term.Mechanism)
			return strings.Replace(text, ":", with, 1), ok && strings.Contains(text, ":")
		}
	}
	network := func(change func(p netip.Prefix) string) mistake {
		return func(_ *rand.Rand, text string, term Directive) (string, bool) {
			if !term.Prefix.IsValid() {
				return "", false
			}
			changed := change(term.Prefix)
			return term.Qualifier.String() + changed, changed != ""
		}
	}
	behind := func(what string) mistake {
		return func(_ *rand.Rand, text string, _ Directive) (string, bool) { return text + what, true }
	}
	return map[string]mistake{
		"name": rename(map[string][]string{
			"ip4": {"ip", "ipv4", "IPv4", "ip6", "ip4v"}, "ip6": {"ip", "ipv6", "IPv6", "ip4", "ipv4"}, "include": {"inlcude", "includ", "includes", "spf"}, "ptr": {"prt"}, "exists": {"exist"},
		}),
		"equals sign":  colon("="),
		"dot":          colon(".", MechInclude, MechIP4, MechIP6, MechExists),
		"two colons":   colon("::", MechInclude, MechIP4, MechExists, MechA, MechMX),
		"slash":        colon("/", MechInclude, MechIP4, MechIP6, MechExists),
		"URL":          colon(":https://", MechInclude, MechA, MechMX, MechPTR, MechIP4),
		"semicolon":    behind(";"),
		"comma":        behind(","),
		"-all":         behind("-all"),
		"~all":         behind("~all"),
		"another term": behind("include:z.example"),
		"a network":    behind("+ip4:203.0.113.0/24"),
		"redirect":     behind("redirect=z.example"),
		"without name": network(netip.Prefix.String),
		"brackets":     network(func(p netip.Prefix) string { return fmt.Sprintf("ip6:[%v]/%d", p.Addr(), p.Bits()) }),
		"mapped":       network(mapped),
		"leading zero": network(func(p netip.Prefix) string {
			return fmt.Sprintf("%s:%v/0%d", networkMechanism(p.Addr()), p.Addr(), p.Bits())
		}),
		"two slashes": network(func(p netip.Prefix) string {
			return fmt.Sprintf("%s:%v//%d", networkMechanism(p.Addr()), p.Addr(), p.Bits())
		}),
		"backslash": network(func(p netip.Prefix) string {
			return fmt.Sprintf(`%s:%v\%d`, networkMechanism(p.Addr()), p.Addr(), p.Bits())
		}),
		"as a host":     network(func(p netip.Prefix) string { return fmt.Sprintf("a:%v", p) }),
		"as an include": network(func(p netip.Prefix) string { return fmt.Sprintf("include:%v", p) }),
		"netmask": network(func(p netip.Prefix) string {
			if !p.Addr().Is4() {
				return ""
			}
			ones := netip.PrefixFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), p.Bits()).Masked().Addr()
			return fmt.Sprintf("ip4:%v/%v", p.Addr(), ones)
		}),
		"end of a line": behind(`\n`),
		"escape":        behind(`\;`),
		"end in quotes": behind("\\"),
		"quotation":     behind(`\"`),
		"blank":         behind(`\032`),
		"qualifier": func(r *rand.Rand, text string, term Directive) (string, bool) {
			sign := term.Qualifier.String()
			if sign == "" {
				sign = []string{"-", "~", "?", "+"}[r.IntN(4)]
			}
			return strings.Replace(text, ":", ":"+sign, 1), true
		},
		"port": func(_ *rand.Rand, text string, term Directive) (string, bool) {
			return text + ":25", term.Mechanism == MechInclude || term.Prefix.IsValid() && term.Prefix.IsSingleIP() && term.Prefix.Addr().Is4()
		},
		"doubled": func(_ *rand.Rand, text string, term Directive) (string, bool) {
			name := string(term.Mechanism) + ":"
			return strings.Replace(text, name, name+name, 1), strings.Contains(text, name)
		},
		"as an address": func(_ *rand.Rand, _ string, term Directive) (string, bool) {
			return term.Qualifier.String() + "ip4:" + term.Domain, term.Mechanism == MechA && term.Domain != "" && term.CIDR == DualCIDR{} && !strings.Contains(term.Domain, "%")
		},
	}
}

// mapped returns an IPv4 network in IPv6 notation.
func mapped(p netip.Prefix) string {
	if !p.Addr().Is4() {
		return ""
	}
	return fmt.Sprintf("ip6:::ffff:%v/%d", p.Addr(), p.Bits()+96)
}

// TestSuggestionsUndoMistakes breaks random terms in all ways that are known, and follows the advice.
func TestSuggestionsUndoMistakes(t *testing.T) {
	t.Parallel()
	const seeds = uint64(1000)
	glued := map[string]string{"-all": " -all", "~all": " ~all", "another term": " include:z.example", "a network": " +ip4:203.0.113.0/24", "redirect": " redirect=z.example"}
	for name, mistake := range mistakes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := uint64(0)
			for seed := range seeds {
				r := rand.New(rand.NewPCG(seed, 9))
				term := randomTerm(r)
				text := term.String()
				in, ok := mistake(r, text, term)
				if !ok {
					continue
				}
				made++
				want := mustParse(t, text+glued[name]).String()
				_, err := ParseTerms(in)
				if err == nil {
					t.Fatalf("%q, which was %q, is read", in, text)
				}
				right := slices.ContainsFunc(advicetest.Written(err.Error()), func(s string) bool {
					got, err := ParseTerms(s)
					return err == nil && got.String() == want
				})
				if !right {
					t.Errorf("%q was %q: %v", in, want, err)
				}
				checkAdvice(t, in, err)
			}
			if made < seeds*3/100 {
				t.Errorf("the mistake was made %d times", made)
			}
		})
	}
}

// randomTerm makes a term of each mechanism that takes an argument.
func randomTerm(r *rand.Rand) Directive {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	term := Directive{
		Qualifier: []Qualifier{Pass, Pass, Fail, SoftFail, Neutral}[r.IntN(5)],
		Mechanism: []Mechanism{MechInclude, MechA, MechMX, MechPTR, MechIP4, MechIP6, MechExists}[r.IntN(7)],
	}
	switch term.Mechanism {
	case MechIP4:
		term.Prefix = netip.PrefixFrom(netip.AddrFrom4([4]byte{192, byte(r.IntN(4)), 2, byte(r.IntN(256))}), []int{8, 16, 24, 27, 32}[r.IntN(5)]).Masked()
	case MechIP6:
		term.Prefix = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 1, 0x0d, 0xb8, byte(r.IntN(4)), 15: byte(1 + r.IntN(9))}), []int{32, 48, 64, 128}[r.IntN(4)]).Masked()
	default:
		term.Domain = pick("a", "_spf", "spf1", "mx-all", "x.y", "include", "ip4") + "." + pick("example", "example.com", "xn--bcher-kva.example")
		if term.Mechanism == MechExists || r.IntN(6) == 0 && term.Mechanism == MechInclude {
			term.Domain = "%{i}." + term.Domain
		}
	}
	return term
}

// TestRepairIsBounded breaks the longest terms that are searched for what they were meant to be, in ways that leave many
// places to cut them: the search ends, and its advice is short.
func TestRepairIsBounded(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"-a", "a:", "mx-all", "+all", "ip4=", "a:x.b", "-a:x.b", "?mx:x.b/24", "allmx", "redirect=", "x=", "exists:%{d}-a", "include:a.b-", "*.", "[", "//", "a,", "ip6:::", "include_"} {
		for _, start := range []string{"", "x", "a:", "x="} {
			for _, end := range []string{"", "!", "="} {
				in := start + strings.Repeat(piece, mostRepaired)
				in = in[:mostRepaired-len(end)] + end
				if _, err := ParseTerms(in); err != nil {
					checkAdvice(t, in, err)
					if len(err.Error()) > 4*mostRepaired {
						t.Errorf("ParseTerms(%q…): the error has %d octets", in[:20], len(err.Error()))
					}
				}
			}
		}
	}
}
