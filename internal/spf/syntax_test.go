package spf

import (
	"errors"
	"strings"
	"testing"
)

// TestParseErrors goes through what RFC 7208 refuses, in the order of its sections. Each case holds the terms of a
// record of which exactly one is at fault.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		terms   string
		term    string // at fault
		section string
	}{
		// Syntax errors anywhere spoil the record.
		{"-all moo", "moo", "4.6.1"},
		{"a b: mx", "b:", "4.6.1"},
		{"--all", "--all", "4.6.1"},
		{"+-all", "+-all", "4.6.1"},
		{"-", "-", "4.6.1"},
		{":a.example", ":a.example", "4.6.1"},
		{"-redirect=a.example", "-redirect=a.example", "4.6.1"},
		{"1x=y", "1x=y", "4.6.1"},
		{"x+y=z", "x+y=z", "4.6.1"},
		{"=all", "=all", "6"},
		{"all:", "all:", "5.1"},
		{"all:a.example", "all:a.example", "5.1"},
		{"all/8", "all/8", "5.1"},
		{"include", "include", "5.2"},
		{"include:", "include:", "7.1"},
		{"include/24", "include/24", "5.2"},
		{"include:a.example/24", "include:a.example/24", "5.2"},
		{"a:", "a:", "7.1"},
		{"a:/24", "a:/24", "7.1"},
		{"a/", "a/", "5.3"},
		{"a//", "a//", "5.3"},
		{"a/33", "a/33", "5.3"},
		{"a/032", "a/032", "5.3"},
		{"a/-1", "a/-1", "5.3"},
		{"a/24/64", "a/24/64", "5.3"},
		{"a/24//129", "a/24//129", "5.3"},
		{"a//0128", "a//0128", "5.3"},
		{"a/24//", "a/24//", "5.3"},
		{"a///64", "a///64", "5.3"},
		{"a:a.example/33", "a:a.example/33", "5.3"},
		{"mx:", "mx:", "7.1"},
		{"mx/abc", "mx/abc", "5.4"},
		{"ptr:", "ptr:", "7.1"},
		{"ptr/0", "ptr/0", "5.5"},
		{"ptr:a.example/24", "ptr:a.example/24", "5.5"},
		{"ip4", "ip4", "5.6"},
		{"ip4:", "ip4:", "5.6"},
		{"ip4/24", "ip4/24", "5.6"},
		{"ip4:1.2.3", "ip4:1.2.3", "5.6"},
		{"ip4:1.2.3.4.5", "ip4:1.2.3.4.5", "5.6"},
		{"ip4:1.2.3.256", "ip4:1.2.3.256", "5.6"},
		{"ip4:1.2.3.04", "ip4:1.2.3.04", "5.6"},
		{"ip4:1.2.3.4/33", "ip4:1.2.3.4/33", "5.6"},
		{"ip4:1.2.3.4/032", "ip4:1.2.3.4/032", "5.6"},
		{"ip4:1.2.3.4/", "ip4:1.2.3.4/", "5.6"},
		{"ip4:1.2.3.4//32", "ip4:1.2.3.4//32", "5.6"},
		{"ip4:1.2.3.4:25", "ip4:1.2.3.4:25", "5.6"},
		{"ip4:::1", "ip4:::1", "5.6"},
		{"ip6", "ip6", "5.6"},
		{"ip6:", "ip6:", "5.6"},
		{"ip6::CAFE::BABE", "ip6::CAFE::BABE", "5.6"},
		{"ip6:1.2.3.4", "ip6:1.2.3.4", "5.6"},
		{"ip6:2001:db8::/129", "ip6:2001:db8::/129", "5.6"},
		{"ip6:fe80::1%eth0", "ip6:fe80::1%eth0", "5.6"},
		{"exists", "exists", "5.7"},
		{"exists:", "exists:", "7.1"},
		{"exists/24", "exists/24", "5.7"},
		{"redirect=", "redirect=", "7.1"},
		{"redirect=a.example a redirect=a.example", "redirect=a.example", "6"},
		{"exp=a.example exp=b.example", "exp=b.example", "6"},
		{"EXP=a.example exp=b.example", "exp=b.example", "6"},
		{"exp=-all", "exp=-all", "7.1"},
		{"redirect:a.example", "redirect:a.example", "6"},
		{"foo=%abc", "foo=%abc", "7.1"},
		{"foo=%", "foo=%", "7.1"},
		// A domain-spec ends in a dot and a top label, or in a macro.
		{"a:museum", "a:museum", "7.1"},
		{"a:museum.", "a:museum.", "7.1"},
		{"a:museum/24", "a:museum/24", "7.1"},
		{"a:.", "a:.", "7.1"},
		{"a:a.example..", "a:a.example..", "7.1"},
		{"a:abc.123", "a:abc.123", "7.1"},
		{"a:111.222.33.44", "a:111.222.33.44", "7.1"},
		{"a:a.-example", "a:a.-example", "7.1"},
		{"a:a.example-", "a:a.example-", "7.1"},
		{"a:a.exam_ple", "a:a.exam_ple", "7.1"},
		{"a:a.example:8080", "a:a.example:8080", "7.1"},
		{"a:%{d}x", "a:%{d}x", "7.1"},
		{"a:%{d}.", "a:%{d}.", "7.1"},
		{"a:a.example%", "a:a.example%", "7.1"},
		{"a:%{d}.1", "a:%{d}.1", "7.1"},
		{"include:a.%%example", "include:a.%%example", "7.1"},
		// Macros.
		{"exists:%", "exists:%", "7.1"},
		{"exists:%{", "exists:%{", "7.1"},
		{"exists:%{}.a.example", "exists:%{}.a.example", "7.1"},
		{"exists:%{d.a.example", "exists:%{d.a.example", "7.1"},
		{"exists:%(ir).a.example", "exists:%(ir).a.example", "7.1"},
		{"exists:%{d4x}.a.example", "exists:%{d4x}.a.example", "7.1"},
		{"exists:%{dr4}.a.example", "exists:%{dr4}.a.example", "7.1"},
		{"exists:%{d!}.a.example", "exists:%{d!}.a.example", "7.1"},
		{"exists:%{x}.a.example", "exists:%{x}.a.example", "7.2"},
		{"exists:%{1}.a.example", "exists:%{1}.a.example", "7.2"},
		{"exists:%{c}.a.example", "exists:%{c}.a.example", "7.2"},
		{"exists:%{R}.a.example", "exists:%{R}.a.example", "7.2"},
		{"exists:%{t}.a.example", "exists:%{t}.a.example", "7.2"},
		{"exp=%{t}.a.example", "exp=%{t}.a.example", "7.2"},
		{"redirect=%{c}.a.example", "redirect=%{c}.a.example", "7.2"},
		{"exists:%{d0}.a.example", "exists:%{d0}.a.example", "7.3"},
		{"foo=%{d0}", "foo=%{d0}", "7.3"},
	}
	for _, tt := range tests {
		for name, parse := range map[string]func(string) (Record, error){"Parse": Parse, "ParseWire": ParseWire} {
			in := Version + " " + tt.terms
			_, err := parse(in)
			var got *SyntaxError
			if !errors.As(err, &got) {
				t.Errorf("%s(%q) = %v, want a *SyntaxError", name, in, err)
				continue
			}
			if got.Term != tt.term || in[got.Offset:][:len(got.Term)] != got.Term || got.Section != tt.section {
				t.Errorf("%s(%q): %q at %d, section %s, want %q, section %s (%v)", name, in, got.Term, got.Offset, got.Section, tt.term, tt.section, err)
			}
		}
	}
}

// TestMistakes shows the sentence that each of people's mistakes gets.
func TestMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"v=spf1 ip:192.0.2.1", `write "ip4:192.0.2.1"`},
		{"v=spf1 ip:2001:db8::/32", `write "ip6:2001:db8::/32"`},
		{"v=spf1 ipv4:192.0.2.1", `write "ip4:192.0.2.1"`},
		{"v=spf1 ~IPv6:2001:db8::1", `write "~ip6:2001:db8::1"`},
		{"v=spf1 192.0.2.0/24", `write "ip4:192.0.2.0/24"`},
		{"v=spf1 +2001:db8::1", `write "+ip6:2001:db8::1"`},
		{"v=spf1 include=a.example", `write "include:a.example"`},
		{"v=spf1 ip4=192.0.2.1", `write "ip4:192.0.2.1"`},
		{"v=spf1 ip=2001:db8::1", `write "ip6:2001:db8::1"`},
		{"v=spf1 all=fail", `write "-all"`},
		{"v=spf1 inlcude:a.example", `write "include:a.example"`},
		{"v=spf1 prt:a.example", `write "ptr:a.example"`},
		{"v=spf1 exist:%{i}.a.example", `write "exists:%{i}.a.example"`},
		{"v=spf1 redirect:a.example", `write "redirect=a.example"`},
		{"v=spf1 exp:a.example", `write "exp=a.example"`},
		{"v=spf1 ~all.", `write "~all"`},
		{"v=spf1 -all;", `terms are separated by blanks`},
		{"v=spf1 spf.a.example", `for the record of another domain, write "include:spf.a.example"; for the addresses of a host, write "a:spf.a.example"`},
		{"v=spf1 a:192.0.2.1", `write "ip4:192.0.2.1"`},
		{"v=spf1 ip4:mail.a.example", `write "a:mail.a.example"`},
		{"v=spf1 ip4:2001:db8::/32", `write "ip6:2001:db8::/32"`},
		{"v=spf1 ip6:192.0.2.1", `write "ip4:192.0.2.1"`},
		{"v=spf1 ip6:[2001:db8::1]", `write "ip6:2001:db8::1"`},
		{"v=spf1 ip6:fe80::1%eth0", `write "ip6:fe80::1"`},
		{"v=spf1 ip4:192.0.2.1:25", `write "ip4:192.0.2.1"`},
		{"v=spf1 ip4:192.0.2.0/255.255.255.0", `write "ip4:192.0.2.0/24"`},
		{"v=spf1 ip4:192.0.2.1/255.255.255.255", `write "ip4:192.0.2.1/32"`},
		{"v=spf1 ip4:192.0.2.0/0.0.0.0", `a prefix length of 0 lets everyone pass`},
		{"v=spf1 ip4:192.0.2.0/0.0.0.255", `a number from 0 to 32`},
		{"v=spf1 ip4:192.0.2.1-192.0.2.9", `a range of addresses is written as networks`},
		{"v=spf1 ip4:192.0.2.*", `SPF has no wildcards`},
		{"v=spf1 ip4:192.0.2", `has 3 of the 4 numbers`},
		{"v=spf1 ip4:192.0.2.01", `without leading zeros`},
		{"v=spf1 ip4:%{i}", `without macros`},
		{"v=spf1 ip4:nonsense", `is not an IPv4 address, as in "ip4:192.0.2.0/24"`},
		{"v=spf1 ip6:nonsense", `is not an IPv6 address, as in "ip6:2001:db8::/32"`},
		{"v=spf1 ip4: 192.0.2.1", `"ip4" needs an address`},
		{"v=spf1 include: a.example", `a blank must not precede it`},
		{"v=spf1 a:a.example:25", `take no port`},
		{"v=spf1 a/24/64", `write "a/24//64"`},
		{"v=spf1 ip4:192.0.2.1,ip4:192.0.2.2", `terms are separated by blanks`},
		{"v=spf1 include:a.example,include:b.example", `terms are separated by blanks`},
		{"v=spf1 include:a.example;", `terms are separated by blanks`},
		{"v=spf1 exists:%{i}.a.example,b.example", `which no name has`},
		{"v=spf1 a -all v=spf1 mx -all", `a domain has one record`},
		{`v=spf1 include:a.example" "mx`, `remove quotation marks`},
		{"v=spf1 include:“a.example”", `remove quotation marks`},
		{"v=spf1 –all", `write the ASCII hyphen "-"`},
		{"v=spf1 include：a.example", `write the ASCII colon ":"`},
		{"v=spf1 ～all", `write the ASCII tilde "~"`},
		{"v=spf1 mx\u00a0-all", `(U+00A0): write an ordinary blank`},
		{"v=spf1 mx\u200b -all", `(U+200B): remove this invisible character`},
		{"v=spf1 mx\n-all", `without tabs and line breaks`},
		{"v=spf1 mx -all\x00", `printable ASCII alone`},
		{"v=spf1 x=\xff", `the octet 0xFF`},
		{"v=spf1 x=é", `records are ASCII`},
		{"v=spf1 include:%{d}.bücher.example", `A-label form`},
		{"v=spf1 include:xn--\u0080.example", `a character that host names cannot have`},
		{"v=spf1 include:%spf_host%", `looks like a variable that was not filled in`},
		{"v=spf1 include:*.a.example", `holds "*"`},
		{"v=spf1 include:a..example", `a label is empty`},
		{"v=spf1 include:.example", `a label is empty`},
		{"v=spf1 include:" + strings.Repeat("x", 64) + ".example", `longer than 63 octets`},
		{"v=spf1 include:" + strings.Repeat("x.", 124) + "example", `longer than 253 octets`},
		{"v=spf1 -+all", `at most one qualifier`},
		{"v=spf1 -redirect=a.example", `write "redirect=a.example"`},
		{`v=spf1 include:spf.example.net\`, `a backslash, and what it escapes, are quoting`},
		{`v=spf1 include:spf.example.net\;`, `a backslash, and what it escapes, are quoting`},
		{`v=spf1 ip4:192.0.2.0\24`, `a prefix length follows a slash, not a backslash`},
		{"v=spf1 mxall", `"all" without a qualifier lets everyone pass`},
		{"v=spf1 include:-spf.example.net", `a qualifier stands before the mechanism`},
		{"v=spf1 ~include:-spf.example.net", `a qualifier stands before the mechanism`},
		{"v=spf1 foo:bar", `it must be one of all, include, a, mx, ptr, ip4, ip6 and exists`},
	}
	for _, tt := range tests {
		_, err := Parse(tt.in)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(syntax.Reason, tt.want) {
			t.Errorf("Parse(%q) = %v, want a *SyntaxError with %q", tt.in, err, tt.want)
		}
		if err != nil && strings.HasSuffix(err.Error(), ".") {
			t.Errorf("Parse(%q) = %v: a full stop at the end", tt.in, err)
		}
	}
}

func TestNotSPF(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", "the text is empty"},
		{"  ", "the text is empty"},
		{" v=spf1 -all", `remove the text before "v=spf1"`},
		{"\nv=spf1 -all", `remove the text before "v=spf1"`},
		{`"v=spf1 -all"`, "it is a list of quoted strings, as zone files have them: give the texts between the quotes"},
		{`"v=spf1 " "-all"`, "give the texts between the quotes, joined"},
		{`"TXT" "v=spf1 -all"`, "it is a line of a zone file: give the texts between the quotes"},
		{`example.com. 300 IN TXT "v=spf1 -all"`, "it is a line of a zone file for example.com.: give the texts between the quotes"},
		{"example.com. IN TXT v=spf1 -all", "it is a line of a zone file for example.com.: give the text after its type TXT"},
		{`["v=spf1 ", "-all"]`, "it is a list of strings, as JSON and Terraform have them"},
		{`records = ["v=spf1 -all"]`, "it is a value with the name records"},
		{`'v=spf1 -all'`, "it is a text in single quotes"},
		{`"v=spf1 -all`, "remove the quotation marks"},
		{`x TXT "v=spf1 foo -all"`, "whose value is an SPF record with an error"},
		{`"v=DMARC1; p=none"`, "whose value is not an SPF record: it is a DMARC record"},
		{"“v=spf1 -all”", "remove the quotation marks"},
		{"v=spf1; -all", `followed by ";"`},
		{"v=spf1include:a.example", `followed by "i"`},
		{"v=spf1\u00a0-all", `followed by "\u00a0"`},
		{"v=spf -all", `a record starts with "v=spf1 "`},
		{"spf2.0/pra -all", "Sender ID"},
		{"v=DMARC1; p=reject; rua=mailto:postmaster@example.com", `it is a DMARC record; an SPF record starts with`},
		{"v=NONSENSE1; p=reject; rua=mailto:a@example.com", `it starts with "v=NONSENSE1; p=reject; r…"`},
	}
	for _, tt := range tests {
		_, err := Parse(tt.in)
		if !errors.Is(err, ErrNotSPF) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q) = %v, want ErrNotSPF with %q", tt.in, err, tt.want)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\u202eb\x1b":                `"a\u202eb\x1b"`,
		strings.Repeat("x", 100):      `"` + strings.Repeat("x", 100) + `"`,
		strings.Repeat("x", 101):      `"` + strings.Repeat("x", 100) + `…"`,
		"x" + strings.Repeat("é", 99): `"x` + strings.Repeat("é", 49) + `…"`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("quote(%q) = %s, want %s", in, got, want)
		}
	}
}
