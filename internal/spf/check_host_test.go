package spf

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

// TestCheckHost has RFC 7208 §2.4 and §4, but for the limits of §4.6.4.
func TestCheckHost(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	runChecks(t, []checkCase{
		// §2.4: which identity, and which domain.
		{name: "2.4/MAIL FROM: the domain of the sender", dns: "example.com TXT v=spf1 +all", want: VerdictPass},
		{name: "2.4/MAIL FROM: not that of HELO", dns: "client.example.net TXT v=spf1 +all", want: VerdictNone},
		{name: "2.4/no reverse-path: the domain of HELO", sender: "<>", dns: "client.example.net TXT v=spf1 +all", want: VerdictPass},
		{
			name: "2.4/no reverse-path: the sender is the postmaster of HELO", sender: "<>", want: VerdictFail, exp: "postmaster@client.example.net",
			dns: "client.example.net TXT v=spf1 -all exp=x.example\nx.example TXT %{s}",
		},
		{name: "2.4/neither sender nor HELO", sender: "<>", helo: ".", want: VerdictNone},
		{
			name: "4.1/the domain is given", domain: "given.example", dns: "given.example TXT v=spf1 -all exp=x.example\nx.example TXT %{d} %{o} %{s}",
			want: VerdictFail, exp: "given.example example.com user@example.com",
		},
		{
			name: "4.1/the domain and HELO are given", domain: "given.example", sender: "<>", helo: "client", want: VerdictFail,
			dns: "given.example TXT v=spf1 -all exp=x.example\nx.example TXT %{s} %{h}", exp: "postmaster@client client",
		},
		{name: "4.1/the domain is given in Unicode and with a final dot", domain: "bücher.example.", dns: "xn--bcher-kva.example TXT v=spf1 +all", want: VerdictPass},
		{name: "4.1/the sender in angle brackets", sender: "<user@example.com>", dns: "example.com TXT v=spf1 +all", want: VerdictPass},
		{
			name: "4.1/a quoted local part with an at sign", sender: `"a@b"@example.com`, dns: "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{l}",
			want: VerdictFail, exp: `"a@b"`,
		},
		{
			name: "4.3/no local part", sender: "@example.com", dns: "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{s}",
			want: VerdictFail, exp: "postmaster@example.com",
		},
		{
			name: "4.3/a sender without a local part and at sign", sender: "example.com", dns: "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{l} %{o}",
			want: VerdictFail, exp: "postmaster example.com",
		},

		// §4.3: initial processing.
		{name: "4.3/malformed: an empty label", sender: "user@a..example.com", want: VerdictNone, asked: []scriptedQuestion{}, problem: "empty"},
		{name: "4.3/malformed: a leading dot", sender: "user@.example.com", want: VerdictNone, asked: []scriptedQuestion{}},
		{name: "4.3/malformed: two final dots", sender: "user@example.com..", want: VerdictNone, asked: []scriptedQuestion{}},
		{name: "4.3/malformed: a label of 64 octets", sender: "user@a" + long + ".example.com", want: VerdictNone, asked: []scriptedQuestion{}, problem: "63"},
		{name: "4.3/a label of 63 octets", sender: "user@" + long + ".example.com", dns: long + ".example.com TXT v=spf1 +all", want: VerdictPass},
		{
			name: "4.3/malformed: 254 octets", sender: "user@" + strings.Repeat(long+".", 3) + strings.Repeat("b", 58) + ".com",
			want: VerdictNone, asked: []scriptedQuestion{}, problem: "253",
		},
		{
			name: "4.3/253 octets", sender: "user@" + strings.Repeat(long+".", 3) + strings.Repeat("b", 57) + ".com",
			dns: strings.Repeat(long+".", 3) + strings.Repeat("b", 57) + ".com TXT v=spf1 +all", want: VerdictPass,
		},
		{name: "4.3/malformed: no domain behind the at sign", sender: "user@", want: VerdictNone, asked: []scriptedQuestion{}},
		{name: "4.3/a single label", sender: "user@localhost", dns: "localhost TXT v=spf1 +all", want: VerdictNone, asked: []scriptedQuestion{}, problem: "one label"},
		{name: "4.3/a single label and a final dot", sender: "user@localhost.", dns: "localhost TXT v=spf1 +all", want: VerdictNone, asked: []scriptedQuestion{}},
		{name: "4.3/a single label in HELO", sender: "<>", helo: "CLIENT", want: VerdictNone, asked: []scriptedQuestion{}},
		{name: "4.3/an address literal", sender: "user@[192.0.2.1]", want: VerdictNone, asked: []scriptedQuestion{}, problem: "address"},
		{name: "4.3/an address literal in HELO", sender: "<>", helo: "[IPv6:2001:db8::1]", want: VerdictNone, asked: []scriptedQuestion{}},
		{name: "4.3/an address", sender: "<>", helo: "192.0.2.1", want: VerdictNone, asked: []scriptedQuestion{}, problem: "address"},
		{name: "4.3/a final dot", sender: "user@example.com.", dns: "example.com TXT v=spf1 +all", want: VerdictPass},
		{name: "4.3/a name that does not exist", want: VerdictNone, asked: []scriptedQuestion{"example.com TXT"}, problem: "no SPF record"},
		{
			name: "4.3/an internationalised domain", sender: "user@bücher.example", dns: "xn--bcher-kva.example TXT v=spf1 -all exp=x.example\nx.example TXT %{o} %{d}",
			want: VerdictFail, exp: "xn--bcher-kva.example xn--bcher-kva.example",
		},
		{name: "4.3/octets that are no internationalised domain", sender: "user@b\xfccher.example", want: VerdictNone, asked: []scriptedQuestion{}},
		{name: "4.3/upper case", sender: "User@EXAMPLE.com", dns: "example.com TXT v=spf1 +all", want: VerdictPass, asked: []scriptedQuestion{"example.com TXT"}},

		// §4.4: record lookup.
		{name: "4.4/the lookup fails", dns: "example.com TXT !", want: VerdictTempError, problem: "server failure"},
		{name: "4.4/type 99 is never asked for", dns: "example.com SPF v=spf1 +all", want: VerdictNone, asked: []scriptedQuestion{"example.com TXT"}},
		{name: "4.4/the lookup of an included record fails", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT !", want: VerdictTempError},

		// §4.5: selecting records.
		{name: "4.5/other records are passed over", dns: "example.com TXT google-site-verification=x\nexample.com TXT v=spf1 +all\nexample.com TXT \"\"", want: VerdictPass},
		{name: "4.5/only other records", dns: "example.com TXT v=DKIM1; p=", want: VerdictNone},
		{name: "4.5/the version ends at a blank", dns: "example.com TXT v=spf10 +all", want: VerdictNone},
		{name: "4.5/the version ends at the end", dns: "example.com TXT v=spf1", want: VerdictNeutral},
		{name: "4.5/strings are joined without a blank", dns: "example.com TXT v=spf1mx", want: VerdictNone},
		{name: "4.5/a blank before the version", dns: "example.com TXT \" v=spf1 +all\"", want: VerdictNone},
		{name: "4.5/the version in any case", dns: "example.com TXT V=sPF1 +ALL", want: VerdictPass},
		{name: "4.5/Sender ID is no SPF", dns: "example.com TXT spf2.0/mfrom +all", want: VerdictNone},
		{name: "4.5/two records", dns: "example.com TXT v=spf1 +all\nexample.com TXT v=spf1 -all", want: VerdictPermError, problem: "2 SPF records"},
		{name: "4.5/two equal records", dns: "example.com TXT v=spf1 +all\nexample.com TXT v=spf1 +all", want: VerdictPermError},
		{name: "4.5/two records that differ in case", dns: "example.com TXT v=spf1 +all\nexample.com TXT V=SPF1", want: VerdictPermError},
		{name: "4.5/other records may hold any octet", dns: "example.com TXT \"\\x96\\x00\"\nexample.com TXT v=spf1 +all", want: VerdictPass},

		// §3.1, §4.6: syntax errors anywhere spoil the record.
		{name: "3.1/octets past ASCII in a name", dns: "example.com TXT \"v=spf1 a:\\xef\\xbb\\xbfa.example +all\"", want: VerdictPermError},
		{name: "3.1/octets past ASCII before a mechanism", dns: "example.com TXT \"v=spf1 \\x80a +all\"", want: VerdictPermError},
		{name: "3.1/octets past ASCII in place of the qualifier", dns: "example.com TXT \"v=spf1 a \\x96all\"", want: VerdictPermError},
		{name: "3.1/octets past ASCII in an unknown modifier", dns: "example.com TXT \"v=spf1 x=\\xff +all\"", want: VerdictPermError},
		{name: "3.1/a control character", dns: "example.com TXT \"v=spf1 a:a.example\\rmx +all\"", want: VerdictPermError},
		{name: "3.1/a null character at the end", dns: "example.com TXT \"v=spf1 +all\\x00\"", want: VerdictPermError},
		{name: "4.6/an error behind the match", dns: "example.com TXT v=spf1 ip4:192.0.2.1 all/8", want: VerdictPermError, asked: []scriptedQuestion{"example.com TXT"}},
		{name: "4.6/an error behind all", dns: "example.com TXT v=spf1 +all moo", want: VerdictPermError, problem: "moo"},
		{name: "4.6/an error in an include that is evaluated", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT v=spf1 +all moo", want: VerdictPermError, problem: "a.example"},
		{name: "4.6/an error in an include that is not", dns: "example.com TXT v=spf1 +all include:a.example\na.example TXT v=spf1 moo", want: VerdictPass},
		{name: "4.6/several blanks between terms", dns: "example.com TXT v=spf1   ?a    +all", want: VerdictPass},
		{name: "4.6/blanks at the end", dns: "example.com TXT \"v=spf1 +all   \"", want: VerdictPass},
		{name: "4.6/a tab", dns: "example.com TXT \"v=spf1\\t+all\"", want: VerdictNone},
		{name: "4.6/a tab between terms", dns: "example.com TXT \"v=spf1 mx\\t+all\"", want: VerdictPermError},
		{name: "4.6/an oversize record", dns: "example.com TXT v=spf1 " + strings.Repeat("ip4:198.51.100.1 ", 4000) + "+all", want: VerdictPermError},
		{name: "4.6/a record of 60,000 octets", dns: "example.com TXT v=spf1 " + strings.Repeat("ip4:198.51.100.1 ", 3500) + "+all", want: VerdictPass},

		// §4.6.1: terms.
		{name: "4.6.1/mechanisms in any case", dns: "example.com TXT v=spf1 -IP4:192.0.2.1 +aLL", want: VerdictFail},
		{name: "4.6.1/modifiers in any case", dns: "example.com TXT v=spf1 REDIRECT=a.example\na.example TXT v=spf1 +all", want: VerdictPass},
		{name: "4.6.1/an unknown mechanism", dns: "example.com TXT v=spf1 foo +all", want: VerdictPermError},
		{name: "4.6.1/an unknown mechanism with an argument", dns: "example.com TXT v=spf1 foo:bar +all", want: VerdictPermError},
		{name: "4.6.1/an unknown mechanism with a length", dns: "example.com TXT v=spf1 foo/24 +all", want: VerdictPermError},
		{name: "4.6.1/a modifier with a qualifier", dns: "example.com TXT v=spf1 -redirect=a.example", want: VerdictPermError},
		{name: "4.6.1/two qualifiers", dns: "example.com TXT v=spf1 ++all", want: VerdictPermError},
		{name: "4.6.1/a qualifier alone", dns: "example.com TXT v=spf1 -", want: VerdictPermError},

		// §4.6.2: mechanisms.
		{name: "4.6.2/no qualifier is pass", dns: "example.com TXT v=spf1 all", want: VerdictPass, matched: "example.com: all"},
		{name: "4.6.2/plus", dns: "example.com TXT v=spf1 +all", want: VerdictPass},
		{name: "4.6.2/minus", dns: "example.com TXT v=spf1 -all", want: VerdictFail, matched: "example.com: -all"},
		{name: "4.6.2/tilde", dns: "example.com TXT v=spf1 ~all", want: VerdictSoftFail, matched: "example.com: ~all"},
		{name: "4.6.2/question mark", dns: "example.com TXT v=spf1 ?all", want: VerdictNeutral, matched: "example.com: ?all"},
		{name: "4.6.2/the first that matches decides", dns: "example.com TXT v=spf1 -ip4:198.51.100.1 ~ip4:192.0.2.0/24 +ip4:192.0.2.1", want: VerdictSoftFail, matched: "~ip4:192.0.2.0/24"},

		// §4.6.3: modifiers may stand anywhere.
		{name: "4.6.3/redirect before the mechanisms", dns: "example.com TXT v=spf1 redirect=a.example ~ip4:192.0.2.1", want: VerdictSoftFail},
		{name: "4.6.3/exp before the mechanisms", dns: "example.com TXT v=spf1 exp=x.example -all\nx.example TXT no", want: VerdictFail, exp: "no"},

		// §4.7: the default.
		{name: "4.7/no directives", dns: "example.com TXT v=spf1 x=y", want: VerdictNeutral},
		{name: "4.7/none matches", dns: "example.com TXT v=spf1 ip4:198.51.100.1 -ip6:::/0", want: VerdictNeutral},
	}, false)
}

// TestCheckDomainSpec has RFC 7208 §4.8.
func TestCheckDomainSpec(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	runChecks(t, []checkCase{
		{name: "4.8/no domain-spec: the current domain", dns: "example.com TXT v=spf1 a -all\nexample.com A 192.0.2.1", want: VerdictPass},
		{name: "4.8/no domain-spec in an include: its domain", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 a -all\na.example A 192.0.2.1", want: VerdictPass},
		{name: "4.8/no domain-spec behind a redirect: its domain", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 a -all\na.example A 192.0.2.1", want: VerdictPass},
		{
			name: "4.8/no domain-spec: the current domain in lower case", sender: "user@EXAMPLE.com",
			dns:  "example.com TXT v=spf1 a mx ptr -all\nexample.com A 192.0.2.2\n1.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A 192.0.2.1",
			want: VerdictPass, asked: []scriptedQuestion{"example.com TXT", "example.com A", "example.com MX", "1.2.0.192.in-addr.arpa PTR", "a.example.com A"},
		},
		{name: "4.8/a domain-spec", dns: "example.com TXT v=spf1 a:mail.example.net -all\nmail.example.net A 192.0.2.1", want: VerdictPass},
		{
			name: "4.8/a final dot", dns: "example.com TXT v=spf1 a:mail.example.net. -all\nmail.example.net A 192.0.2.1", want: VerdictPass,
			asked: []scriptedQuestion{"example.com TXT", "mail.example.net A"},
		},
		{name: "4.8/a final dot behind a macro", sender: "x.@example.com", dns: "example.com TXT v=spf1 exists:a.%{l} -all\na.x A 127.0.0.2", want: VerdictPass},
		{name: "4.8/upper case is folded", dns: "example.com TXT v=spf1 a:MAIL.example.NET -all\nmail.example.net A 192.0.2.1", want: VerdictPass},
		{name: "4.8/upper case in a macro is folded", sender: "BOB@example.com", dns: "example.com TXT v=spf1 exists:%{l}.example.net -all\nbob.example.net A 127.0.0.2", want: VerdictPass},
		{name: "4.8/an empty label matches nothing", dns: "example.com TXT v=spf1 a:mail..example.net -mx:.example.net -all", want: VerdictFail, matched: "-all", asked: []scriptedQuestion{"example.com TXT"}},
		{
			name: "4.8/a long label matches nothing", dns: "example.com TXT v=spf1 exists:" + long + ".example.net ptr:" + long + ".example.net -all", want: VerdictFail,
			matched: "-all", asked: []scriptedQuestion{"example.com TXT"},
		},
		{name: "4.8/a macro that makes an empty label", sender: "a..b@example.com", dns: "example.com TXT v=spf1 exists:%{l}.example.net ~all", want: VerdictSoftFail, asked: []scriptedQuestion{"example.com TXT"}},
		{name: "4.8/a macro that makes a long label", sender: long + "@example.com", dns: "example.com TXT v=spf1 mx:%{l}.example.net ~all", want: VerdictSoftFail, asked: []scriptedQuestion{"example.com TXT"}},
		{name: "4.8/an include of a malformed name has no record", sender: "a..b@example.com", dns: "example.com TXT v=spf1 include:%{l}.example.net +all", want: VerdictPermError, problem: "include:%{l}.example.net"},
		{name: "4.8/an include of a single label has no record", helo: "CLIENT", dns: "example.com TXT v=spf1 include:%{h} +all\nclient TXT v=spf1 +all", want: VerdictPermError, asked: []scriptedQuestion{"example.com TXT"}},
		{name: "4.8/a redirect to a malformed name has no record", dns: "example.com TXT v=spf1 redirect=a..example.net", want: VerdictPermError},
		{name: "4.8/an address lookup may have a single label", helo: "CLIENT", dns: "example.com TXT v=spf1 a:%{h} -all\nclient A 192.0.2.1", want: VerdictPass},

		// RFC 8616 §4: a local part that is not ASCII.
		{name: "RFC 8616/a local part past ASCII matches nothing", sender: "jörg@example.com", dns: "example.com TXT v=spf1 exists:%{l}.example.net include:%{s} -all", want: VerdictFail, matched: "-all", asked: []scriptedQuestion{"example.com TXT"}},
		{name: "RFC 8616/nor does it escaped", sender: "jörg@example.com", dns: "example.com TXT v=spf1 exists:%{L}.example.net -all\nj%c3%b6rg.example.net A 127.0.0.2", want: VerdictFail, matched: "-all"},
		{name: "RFC 8616/a redirect by it leads nowhere", sender: "jörg@example.com", dns: "example.com TXT v=spf1 redirect=%{l}.example.net", want: VerdictPermError},
	}, false)
}

// TestCheckDomainAlone has a query with nothing but a domain: the sender is its postmaster.
func TestCheckDomainAlone(t *testing.T) {
	t.Parallel()
	dns := newScript(t, "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{s} %{h}")
	got, err := Checker{Resolver: dns}.Check(t.Context(), Query{IP: netip.MustParseAddr("192.0.2.1"), Domain: "example.com"})
	if want := "postmaster@example.com unknown"; err != nil || got.Explanation != want {
		t.Errorf("Check() = %s, explained by %q, %v; want %q", got.Verdict, got.Explanation, err, want)
	}
}

func TestCheckClientIP(t *testing.T) {
	t.Parallel()
	_, err := Checker{Resolver: newScript(t, "")}.Check(t.Context(), Query{Sender: "user@example.com"})
	if !errors.Is(err, ErrClientIP) {
		t.Errorf("Check() = %v, want %v", err, ErrClientIP)
	}
	if _, err := (Checker{Resolver: newScript(t, "")}).Check(t.Context(), Query{IP: netip.MustParseAddr("192.0.2.1")}); err != nil {
		t.Errorf("Check() = %v for no domain, want a verdict", err)
	}
}
