package check

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// TestCheckHost has RFC 7208 §2.4 and §4, but for the limits of §4.6.4.
func TestCheckHost(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	runChecks(t, []checkCase{
		// §2.4: which identity, and which domain.
		{name: "2.4/MAIL FROM: the domain of the sender", dns: "example.com TXT v=spf1 +all", want: Pass},
		{name: "2.4/MAIL FROM: not that of HELO", dns: "client.example.net TXT v=spf1 +all", want: None},
		{name: "2.4/no reverse-path: the domain of HELO", sender: "<>", dns: "client.example.net TXT v=spf1 +all", want: Pass},
		{
			name: "2.4/no reverse-path: the sender is the postmaster of HELO", sender: "<>", want: Fail, exp: "postmaster@client.example.net",
			dns: "client.example.net TXT v=spf1 -all exp=x.example\nx.example TXT %{s}",
		},
		{name: "2.4/neither sender nor HELO", sender: "<>", helo: ".", want: None},
		{
			name: "4.1/the domain is given", domain: "given.example", dns: "given.example TXT v=spf1 -all exp=x.example\nx.example TXT %{d} %{o} %{s}",
			want: Fail, exp: "given.example example.com user@example.com",
		},
		{
			name: "4.1/the domain and HELO are given", domain: "given.example", sender: "<>", helo: "client", want: Fail,
			dns: "given.example TXT v=spf1 -all exp=x.example\nx.example TXT %{s} %{h}", exp: "postmaster@client client",
		},
		{name: "4.1/the domain is given in Unicode and with a final dot", domain: "bücher.example.", dns: "xn--bcher-kva.example TXT v=spf1 +all", want: Pass},
		{name: "4.1/the sender in angle brackets", sender: "<user@example.com>", dns: "example.com TXT v=spf1 +all", want: Pass},
		{
			name: "4.1/a quoted local part with an at sign", sender: `"a@b"@example.com`, dns: "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{l}",
			want: Fail, exp: `"a@b"`,
		},
		{
			name: "4.3/no local part", sender: "@example.com", dns: "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{s}",
			want: Fail, exp: "postmaster@example.com",
		},
		{
			name: "4.3/a sender without a local part and at sign", sender: "example.com", dns: "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{l} %{o}",
			want: Fail, exp: "postmaster example.com",
		},

		// §4.3: initial processing.
		{name: "4.3/malformed: an empty label", sender: "user@a..example.com", want: None, asked: []spftest.Question{}, problem: "empty"},
		{name: "4.3/malformed: a leading dot", sender: "user@.example.com", want: None, asked: []spftest.Question{}},
		{name: "4.3/malformed: two final dots", sender: "user@example.com..", want: None, asked: []spftest.Question{}},
		{name: "4.3/malformed: a label of 64 octets", sender: "user@a" + long + ".example.com", want: None, asked: []spftest.Question{}, problem: "63"},
		{name: "4.3/a label of 63 octets", sender: "user@" + long + ".example.com", dns: long + ".example.com TXT v=spf1 +all", want: Pass},
		{
			name: "4.3/malformed: 254 octets", sender: "user@" + strings.Repeat(long+".", 3) + strings.Repeat("b", 58) + ".com",
			want: None, asked: []spftest.Question{}, problem: "253",
		},
		{
			name: "4.3/253 octets", sender: "user@" + strings.Repeat(long+".", 3) + strings.Repeat("b", 57) + ".com",
			dns: strings.Repeat(long+".", 3) + strings.Repeat("b", 57) + ".com TXT v=spf1 +all", want: Pass,
		},
		{name: "4.3/malformed: no domain behind the at sign", sender: "user@", want: None, asked: []spftest.Question{}},
		{name: "4.3/a single label", sender: "user@localhost", dns: "localhost TXT v=spf1 +all", want: None, asked: []spftest.Question{}, problem: "one label"},
		{name: "4.3/a single label and a final dot", sender: "user@localhost.", dns: "localhost TXT v=spf1 +all", want: None, asked: []spftest.Question{}},
		{name: "4.3/a single label in HELO", sender: "<>", helo: "CLIENT", want: None, asked: []spftest.Question{}},
		{name: "4.3/an address literal", sender: "user@[192.0.2.1]", want: None, asked: []spftest.Question{}, problem: "address"},
		{name: "4.3/an address literal in HELO", sender: "<>", helo: "[IPv6:2001:db8::1]", want: None, asked: []spftest.Question{}},
		{name: "4.3/an address", sender: "<>", helo: "192.0.2.1", want: None, asked: []spftest.Question{}, problem: "address"},
		{name: "4.3/a final dot", sender: "user@example.com.", dns: "example.com TXT v=spf1 +all", want: Pass},
		{name: "4.3/a name that does not exist", want: None, asked: []spftest.Question{"example.com TXT"}, problem: "no SPF record"},
		{
			name: "4.3/an internationalised domain", sender: "user@bücher.example", dns: "xn--bcher-kva.example TXT v=spf1 -all exp=x.example\nx.example TXT %{o} %{d}",
			want: Fail, exp: "xn--bcher-kva.example xn--bcher-kva.example",
		},
		{name: "4.3/octets that are no internationalised domain", sender: "user@b\xfccher.example", want: None, asked: []spftest.Question{}},
		{name: "4.3/upper case", sender: "User@EXAMPLE.com", dns: "example.com TXT v=spf1 +all", want: Pass, asked: []spftest.Question{"example.com TXT"}},

		// §4.4: record lookup.
		{name: "4.4/the lookup fails", dns: "example.com TXT !", want: TempError, problem: "server failure"},
		{name: "4.4/type 99 is never asked for", dns: "example.com SPF v=spf1 +all", want: None, asked: []spftest.Question{"example.com TXT"}},
		{name: "4.4/the lookup of an included record fails", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT !", want: TempError},

		// §4.5: selecting records.
		{name: "4.5/other records are passed over", dns: "example.com TXT google-site-verification=x\nexample.com TXT v=spf1 +all\nexample.com TXT \"\"", want: Pass},
		{name: "4.5/only other records", dns: "example.com TXT v=DKIM1; p=", want: None},
		{name: "4.5/the version ends at a blank", dns: "example.com TXT v=spf10 +all", want: None},
		{name: "4.5/the version ends at the end", dns: "example.com TXT v=spf1", want: Neutral},
		{name: "4.5/strings are joined without a blank", dns: "example.com TXT v=spf1mx", want: None},
		{name: "4.5/a blank before the version", dns: "example.com TXT \" v=spf1 +all\"", want: None},
		{name: "4.5/the version in any case", dns: "example.com TXT V=sPF1 +ALL", want: Pass},
		{name: "4.5/Sender ID is no SPF", dns: "example.com TXT spf2.0/mfrom +all", want: None},
		{name: "4.5/two records", dns: "example.com TXT v=spf1 +all\nexample.com TXT v=spf1 -all", want: PermError, problem: "2 SPF records"},
		{name: "4.5/two equal records", dns: "example.com TXT v=spf1 +all\nexample.com TXT v=spf1 +all", want: PermError},
		{name: "4.5/two records that differ in case", dns: "example.com TXT v=spf1 +all\nexample.com TXT V=SPF1", want: PermError},
		{name: "4.5/other records may hold any octet", dns: "example.com TXT \"\\x96\\x00\"\nexample.com TXT v=spf1 +all", want: Pass},

		// §3.1, §4.6: syntax errors anywhere spoil the record.
		{name: "3.1/octets past ASCII in a name", dns: "example.com TXT \"v=spf1 a:\\xef\\xbb\\xbfa.example +all\"", want: PermError},
		{name: "3.1/octets past ASCII before a mechanism", dns: "example.com TXT \"v=spf1 \\x80a +all\"", want: PermError},
		{name: "3.1/octets past ASCII in place of the qualifier", dns: "example.com TXT \"v=spf1 a \\x96all\"", want: PermError},
		{name: "3.1/octets past ASCII in an unknown modifier", dns: "example.com TXT \"v=spf1 x=\\xff +all\"", want: PermError},
		{name: "3.1/a control character", dns: "example.com TXT \"v=spf1 a:a.example\\rmx +all\"", want: PermError},
		{name: "3.1/a null character at the end", dns: "example.com TXT \"v=spf1 +all\\x00\"", want: PermError},
		{name: "4.6/an error behind the match", dns: "example.com TXT v=spf1 ip4:192.0.2.1 all/8", want: PermError, asked: []spftest.Question{"example.com TXT"}},
		{name: "4.6/an error behind all", dns: "example.com TXT v=spf1 +all moo", want: PermError, problem: "moo"},
		{name: "4.6/an error in an include that is evaluated", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT v=spf1 +all moo", want: PermError, problem: "a.example"},
		{name: "4.6/an error in an include that is not", dns: "example.com TXT v=spf1 +all include:a.example\na.example TXT v=spf1 moo", want: Pass},
		{name: "4.6/several blanks between terms", dns: "example.com TXT v=spf1   ?a    +all", want: Pass},
		{name: "4.6/blanks at the end", dns: "example.com TXT \"v=spf1 +all   \"", want: Pass},
		{name: "4.6/a tab", dns: "example.com TXT \"v=spf1\\t+all\"", want: None},
		{name: "4.6/a tab between terms", dns: "example.com TXT \"v=spf1 mx\\t+all\"", want: PermError},
		{name: "4.6/an oversize record", dns: "example.com TXT v=spf1 " + strings.Repeat("ip4:198.51.100.1 ", 4000) + "+all", want: PermError},
		{name: "4.6/a record of 60,000 octets", dns: "example.com TXT v=spf1 " + strings.Repeat("ip4:198.51.100.1 ", 3500) + "+all", want: Pass},

		// §4.6.1: terms.
		{name: "4.6.1/mechanisms in any case", dns: "example.com TXT v=spf1 -IP4:192.0.2.1 +aLL", want: Fail},
		{name: "4.6.1/modifiers in any case", dns: "example.com TXT v=spf1 REDIRECT=a.example\na.example TXT v=spf1 +all", want: Pass},
		{name: "4.6.1/an unknown mechanism", dns: "example.com TXT v=spf1 foo +all", want: PermError},
		{name: "4.6.1/an unknown mechanism with an argument", dns: "example.com TXT v=spf1 foo:bar +all", want: PermError},
		{name: "4.6.1/an unknown mechanism with a length", dns: "example.com TXT v=spf1 foo/24 +all", want: PermError},
		{name: "4.6.1/a modifier with a qualifier", dns: "example.com TXT v=spf1 -redirect=a.example", want: PermError},
		{name: "4.6.1/two qualifiers", dns: "example.com TXT v=spf1 ++all", want: PermError},
		{name: "4.6.1/a qualifier alone", dns: "example.com TXT v=spf1 -", want: PermError},

		// §4.6.2: mechanisms.
		{name: "4.6.2/no qualifier is pass", dns: "example.com TXT v=spf1 all", want: Pass, matched: "example.com: all"},
		{name: "4.6.2/plus", dns: "example.com TXT v=spf1 +all", want: Pass},
		{name: "4.6.2/minus", dns: "example.com TXT v=spf1 -all", want: Fail, matched: "example.com: -all"},
		{name: "4.6.2/tilde", dns: "example.com TXT v=spf1 ~all", want: SoftFail, matched: "example.com: ~all"},
		{name: "4.6.2/question mark", dns: "example.com TXT v=spf1 ?all", want: Neutral, matched: "example.com: ?all"},
		{name: "4.6.2/the first that matches decides", dns: "example.com TXT v=spf1 -ip4:198.51.100.1 ~ip4:192.0.2.0/24 +ip4:192.0.2.1", want: SoftFail, matched: "~ip4:192.0.2.0/24"},

		// §4.6.3: modifiers may stand anywhere.
		{name: "4.6.3/redirect before the mechanisms", dns: "example.com TXT v=spf1 redirect=a.example ~ip4:192.0.2.1", want: SoftFail},
		{name: "4.6.3/exp before the mechanisms", dns: "example.com TXT v=spf1 exp=x.example -all\nx.example TXT no", want: Fail, exp: "no"},

		// §4.7: the default.
		{name: "4.7/no directives", dns: "example.com TXT v=spf1 x=y", want: Neutral},
		{name: "4.7/none matches", dns: "example.com TXT v=spf1 ip4:198.51.100.1 -ip6:::/0", want: Neutral},
	}, false)
}

// TestCheckDomainSpec has RFC 7208 §4.8.
func TestCheckDomainSpec(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	runChecks(t, []checkCase{
		{name: "4.8/no domain-spec: the current domain", dns: "example.com TXT v=spf1 a -all\nexample.com A 192.0.2.1", want: Pass},
		{name: "4.8/no domain-spec in an include: its domain", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 a -all\na.example A 192.0.2.1", want: Pass},
		{name: "4.8/no domain-spec behind a redirect: its domain", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 a -all\na.example A 192.0.2.1", want: Pass},
		{
			name: "4.8/no domain-spec: the current domain in lower case", sender: "user@EXAMPLE.com",
			dns:  "example.com TXT v=spf1 a mx ptr -all\nexample.com A 192.0.2.2\n1.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A 192.0.2.1",
			want: Pass, asked: []spftest.Question{"example.com TXT", "example.com A", "example.com MX", "1.2.0.192.in-addr.arpa PTR", "a.example.com A"},
		},
		{name: "4.8/a domain-spec", dns: "example.com TXT v=spf1 a:mail.example.net -all\nmail.example.net A 192.0.2.1", want: Pass},
		{
			name: "4.8/a final dot", dns: "example.com TXT v=spf1 a:mail.example.net. -all\nmail.example.net A 192.0.2.1", want: Pass,
			asked: []spftest.Question{"example.com TXT", "mail.example.net A"},
		},
		{name: "4.8/a final dot behind a macro", sender: "x.@example.com", dns: "example.com TXT v=spf1 exists:a.%{l} -all\na.x A 127.0.0.2", want: Pass},
		{name: "4.8/upper case is folded", dns: "example.com TXT v=spf1 a:MAIL.example.NET -all\nmail.example.net A 192.0.2.1", want: Pass},
		{name: "4.8/upper case in a macro is folded", sender: "BOB@example.com", dns: "example.com TXT v=spf1 exists:%{l}.example.net -all\nbob.example.net A 127.0.0.2", want: Pass},
		{name: "4.8/an empty label matches nothing", dns: "example.com TXT v=spf1 a:mail..example.net -mx:.example.net -all", want: Fail, matched: "-all", asked: []spftest.Question{"example.com TXT"}},
		{
			name: "4.8/a long label matches nothing", dns: "example.com TXT v=spf1 exists:" + long + ".example.net ptr:" + long + ".example.net -all", want: Fail,
			matched: "-all", asked: []spftest.Question{"example.com TXT"},
		},
		{name: "4.8/a macro that makes an empty label", sender: "a..b@example.com", dns: "example.com TXT v=spf1 exists:%{l}.example.net ~all", want: SoftFail, asked: []spftest.Question{"example.com TXT"}},
		{name: "4.8/a macro that makes a long label", sender: long + "@example.com", dns: "example.com TXT v=spf1 mx:%{l}.example.net ~all", want: SoftFail, asked: []spftest.Question{"example.com TXT"}},
		{name: "4.8/an include of a malformed name has no record", sender: "a..b@example.com", dns: "example.com TXT v=spf1 include:%{l}.example.net +all", want: PermError, problem: "include:%{l}.example.net"},
		{name: "4.8/an include of a single label has no record", helo: "CLIENT", dns: "example.com TXT v=spf1 include:%{h} +all\nclient TXT v=spf1 +all", want: PermError, asked: []spftest.Question{"example.com TXT"}},
		{name: "4.8/a redirect to a malformed name has no record", dns: "example.com TXT v=spf1 redirect=a..example.net", want: PermError},
		{name: "4.8/an address lookup may have a single label", helo: "CLIENT", dns: "example.com TXT v=spf1 a:%{h} -all\nclient A 192.0.2.1", want: Pass},

		// RFC 8616 §4: a local part that is not ASCII.
		{name: "RFC 8616/a local part past ASCII matches nothing", sender: "jörg@example.com", dns: "example.com TXT v=spf1 exists:%{l}.example.net include:%{s} -all", want: Fail, matched: "-all", asked: []spftest.Question{"example.com TXT"}},
		{name: "RFC 8616/nor does it escaped", sender: "jörg@example.com", dns: "example.com TXT v=spf1 exists:%{L}.example.net -all\nj%c3%b6rg.example.net A 127.0.0.2", want: Fail, matched: "-all"},
		{name: "RFC 8616/a redirect by it leads nowhere", sender: "jörg@example.com", dns: "example.com TXT v=spf1 redirect=%{l}.example.net", want: PermError},
	}, false)
}

// TestCheckDomainAlone has a query with nothing but a domain: the sender is its postmaster.
func TestCheckDomainAlone(t *testing.T) {
	t.Parallel()
	dns := spftest.NewScript(t, "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{s} %{h}")
	got, err := Checker{Resolver: dns}.Check(t.Context(), Query{IP: netip.MustParseAddr("192.0.2.1"), Domain: "example.com"})
	if want := "postmaster@example.com unknown"; err != nil || got.Explanation != want {
		t.Errorf("Check() = %s, explained by %q, %v; want %q", got.Result, got.Explanation, err, want)
	}
}

func TestCheckClientIP(t *testing.T) {
	t.Parallel()
	_, err := Checker{Resolver: spftest.NewScript(t, "")}.Check(t.Context(), Query{Sender: "user@example.com"})
	if !errors.Is(err, ErrClientIP) {
		t.Errorf("Check() = %v, want %v", err, ErrClientIP)
	}
	if _, err := (Checker{Resolver: spftest.NewScript(t, "")}).Check(t.Context(), Query{IP: netip.MustParseAddr("192.0.2.1")}); err != nil {
		t.Errorf("Check() = %v for no domain, want a result", err)
	}
}
