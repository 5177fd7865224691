package check

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// TestCheckModifiers has RFC 7208 §6.
func TestCheckModifiers(t *testing.T) {
	t.Parallel()
	runChecks(t, []checkCase{
		// §6: what holds for all of them.
		{name: "6/an unknown modifier is ignored", dns: "example.com TXT v=spf1 moo=a.example +all", want: Pass, asked: []spftest.Question{"example.com TXT"}},
		{name: "6/a name of all its characters", dns: "example.com TXT v=spf1 moo.cow-far_out2=man:dog/cat +all", want: Pass},
		{name: "6/an unknown modifier twice", dns: "example.com TXT v=spf1 moo=a moo=b +all", want: Pass},
		{name: "6/an unknown modifier without a value", dns: "example.com TXT v=spf1 moo= +all", want: Pass},
		{name: "6/a mechanism's name makes an unknown modifier", dns: "example.com TXT v=spf1 include=a.example -all", want: Fail},
		{name: "6/default= is unknown", dns: "example.com TXT v=spf1 default=pass", want: Neutral},
		{name: "6/no name", dns: "example.com TXT v=spf1 =moo +all", want: PermError},
		{name: "6/a name that starts with a digit", dns: "example.com TXT v=spf1 4you=moo +all", want: PermError},
		{name: "6/a name with another character", dns: "example.com TXT v=spf1 m*o=moo +all", want: PermError},
		{name: "6/a malformed macro in an unknown modifier", dns: "example.com TXT v=spf1 moo=%moo +all", want: PermError},
		{name: "6/redirect twice", dns: "example.com TXT v=spf1 redirect=a.example redirect=a.example\na.example TXT v=spf1 +all", want: PermError},
		{name: "6/exp twice", dns: "example.com TXT v=spf1 exp=a.example exp=b.example +all", want: PermError},
		{name: "6/exp with a colon", dns: "example.com TXT v=spf1 exp:a.example +all", want: PermError},
		{name: "6/redirect with a colon", dns: "example.com TXT v=spf1 redirect:a.example", want: PermError},

		// §6.1: redirect.
		{name: "6.1/pass", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 +all", want: Pass, matched: "a.example: all"},
		{name: "6.1/fail", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 -all", want: Fail, matched: "a.example: -all"},
		{name: "6.1/softfail", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 ~all", want: SoftFail},
		{name: "6.1/neutral", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 ?all", want: Neutral, matched: "a.example: ?all"},
		{name: "6.1/the default", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1", want: Neutral},
		{name: "6.1/temperror", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT !", want: TempError},
		{name: "6.1/permerror", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 moo", want: PermError},
		{name: "6.1/none is a permerror", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT moo", want: PermError, problem: "redirect=a.example leads nowhere"},
		{name: "6.1/a name that does not exist is a permerror", dns: "example.com TXT v=spf1 redirect=a.example", want: PermError},
		{name: "6.1/only where nothing matches", dns: "example.com TXT v=spf1 ~ip4:192.0.2.1 redirect=a.example\na.example TXT v=spf1 +all", want: SoftFail, asked: []spftest.Question{"example.com TXT"}},
		{name: "6.1/not where a directive fails to be evaluated", dns: "example.com TXT v=spf1 a redirect=a.example\nexample.com A !\na.example TXT v=spf1 +all", want: TempError},
		{name: "6.1/in a chain", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 redirect=b.example\nb.example TXT v=spf1 -all", want: Fail, matched: "b.example: -all"},
		{name: "6.1/with a macro", dns: "example.com TXT v=spf1 redirect=%{l}._spf.%{d}\nuser._spf.example.com TXT v=spf1 +all", want: Pass},
		{name: "6.1/the current domain is the target's", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 exists:%{d} -all\na.example A 127.0.0.2", want: Pass},
		{name: "6.1/the sender stays", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 exists:%{o} -all\nexample.com A 127.0.0.2", want: Pass},
		{name: "6.1/of an include", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 redirect=b.example\nb.example TXT v=spf1 +all", want: Pass},
		{name: "6.1/of an include, none", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT v=spf1 redirect=b.example", want: PermError},
		{name: "6.1/without a name", dns: "example.com TXT v=spf1 redirect=", want: PermError},
		{name: "6.1/with a length", dns: "example.com TXT v=spf1 redirect=a.example/24", want: PermError},
		{name: "6.1/with a letter of explanations", dns: "example.com TXT v=spf1 redirect=%{r}.a.example", want: PermError},
	}, false)
}

// TestCheckExplanation has RFC 7208 §6.2.
func TestCheckExplanation(t *testing.T) {
	t.Parallel()
	const fails = "example.com TXT v=spf1 -all exp=x.example\n"
	runChecks(t, []checkCase{
		{name: "6.2/a fail is explained", dns: fails + "x.example TXT Please go away.", want: Fail, exp: "Please go away."},
		{name: "6.2/no other result is", dns: "example.com TXT v=spf1 ~all exp=x.example\nx.example TXT no", want: SoftFail, asked: []spftest.Question{"example.com TXT"}},
		{name: "6.2/nor is a pass", dns: "example.com TXT v=spf1 all exp=x.example\nx.example TXT no", want: Pass, asked: []spftest.Question{"example.com TXT"}},
		{name: "6.2/nor a permerror", dns: "example.com TXT v=spf1 include:a.example exp=x.example\nx.example TXT no", want: PermError},
		{name: "6.2/without exp=", dns: "example.com TXT v=spf1 -all", want: Fail},
		{name: "6.2/the domain-spec is expanded", dns: "example.com TXT v=spf1 -all exp=%{l}.%{d}\nuser.example.com TXT no", want: Fail, exp: "no"},
		{name: "6.2/the text is expanded", dns: fails + "x.example TXT %{i} is not one of %{d}'s 100%% mail%_servers%-.", want: Fail, exp: "192.0.2.1 is not one of example.com's 100% mail servers%20."},
		{name: "6.2/the text may have c, r and t", dns: fails + "x.example TXT %{c} %{r} %{R} %{C}", ip: "2001:db8::cb01", want: Fail, exp: "2001:db8::cb01 unknown unknown 2001%3Adb8%3A%3Acb01"},
		{name: "6.2/the text may have a final dot", dns: fails + "x.example TXT See http://www.example.com/.", want: Fail, exp: "See http://www.example.com/."},
		{name: "6.2/the text may be a macro alone", dns: fails + "x.example TXT %{o}", want: Fail, exp: "example.com"},
		{name: "6.2/the text keeps its blanks", dns: fails + "x.example TXT \"  a  b  \"", want: Fail, exp: "  a  b  "},
		{name: "6.2/the domain-spec may not have c", dns: "example.com TXT v=spf1 -all exp=%{c}.example", want: PermError},
		{name: "6.2/the domain-spec may have a final dot", dns: "example.com TXT v=spf1 -all exp=x.example.\nx.example TXT no", want: Fail, exp: "no"},
		{name: "6.2/without a name", dns: "example.com TXT v=spf1 -all exp=", want: PermError},
		{name: "6.2/with a malformed domain-spec", dns: "example.com TXT v=spf1 -all exp=x.example%", want: PermError},

		// Whatever is wrong with it, the fail stands.
		{name: "6.2/no record", dns: fails, want: Fail},
		{name: "6.2/the lookup fails", dns: fails + "x.example TXT !", want: Fail},
		{name: "6.2/two records", dns: fails + "x.example TXT no\nx.example TXT moo", want: Fail},
		{name: "6.2/two equal records", dns: fails + "x.example TXT no\nx.example TXT no", want: Fail},
		{name: "6.2/an empty record", dns: fails + `x.example TXT ""`, want: Fail},
		{name: "6.2/a malformed macro", dns: fails + "x.example TXT %{i", want: Fail},
		{name: "6.2/a stray percent sign", dns: fails + "x.example TXT 100% no", want: Fail},
		{name: "6.2/an unknown macro letter", dns: fails + "x.example TXT %{z}", want: Fail},
		{name: "6.2/octets past ASCII", dns: fails + `x.example TXT "non \xc3\xa0"`, want: Fail},
		{name: "6.2/a line break", dns: fails + `x.example TXT "no\r\n250 ok"`, want: Fail},
		{name: "6.2/a macro that stands for octets past ASCII", sender: "jörg@example.com", dns: fails + "x.example TXT no, %{l}", want: Fail},
		{name: "6.2/the same escaped", sender: "jörg@example.com", dns: fails + "x.example TXT no, %{L}", want: Fail, exp: "no, j%C3%B6rg"},
		{name: "6.2/a macro that stands for a line break", helo: "a\r\n250 ok", dns: fails + "x.example TXT no, %{h}", want: Fail},
		{name: "6.2/a name past ASCII", sender: "jörg@example.com", dns: "example.com TXT v=spf1 -all exp=%{l}.example", want: Fail, asked: []spftest.Question{"example.com TXT"}},
		{name: "6.2/a malformed name", sender: "a..b@example.com", dns: "example.com TXT v=spf1 -all exp=%{l}.example", want: Fail, asked: []spftest.Question{"example.com TXT"}},
		{name: "6.2/macros that blow the text up", sender: strings.Repeat("a", 1000) + "@example.com", dns: fails + "x.example TXT " + strings.Repeat("%{l}", 100), want: Fail},
		{name: "6.2/macros that do not quite", sender: strings.Repeat("a", 1000) + "@example.com", dns: fails + "x.example TXT " + strings.Repeat("%{l}", 50), want: Fail, exp: strings.Repeat("a", 50000)},

		// Whose explanation it is.
		{
			name: "6.2/that of an include is not used", dns: "example.com TXT v=spf1 -include:a.example\na.example TXT v=spf1 +all exp=y.example\ny.example TXT moo", want: Fail,
			asked: []spftest.Question{"example.com TXT", "a.example TXT"},
		},
		{name: "6.2/that of an include that fails is not used", dns: "example.com TXT v=spf1 include:a.example -all exp=x.example\na.example TXT v=spf1 -all exp=y.example\nx.example TXT no\ny.example TXT moo", want: Fail, exp: "no"},
		{name: "6.2/that of the record with the include is used", dns: "example.com TXT v=spf1 -include:a.example exp=x.example\na.example TXT v=spf1 +all exp=y.example\nx.example TXT no %{d}\ny.example TXT moo", want: Fail, exp: "no example.com"},
		{name: "6.2/that of a redirect's target is used", dns: "example.com TXT v=spf1 exp=x.example redirect=a.example\na.example TXT v=spf1 -all exp=y.example\nx.example TXT moo\ny.example TXT no %{d} %{o}", want: Fail, exp: "no a.example example.com"},
		{name: "6.2/that of the record with the redirect is not used", dns: "example.com TXT v=spf1 exp=x.example redirect=a.example\na.example TXT v=spf1 -all\nx.example TXT moo", want: Fail},
		{name: "6.2/that of the last redirect's target", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 redirect=b.example exp=x.example\nb.example TXT v=spf1 -all exp=y.example\nx.example TXT moo\ny.example TXT no", want: Fail, exp: "no"},
	}, false)
}
