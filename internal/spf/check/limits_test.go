package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// numbered repeats a text with the numbers from 1 to n in place of "#".
func numbered(n int, text string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "#", fmt.Sprintf("%02d", i+1)))
	}
	return b.String()
}

// TestCheckLimits has RFC 7208 §4.6.4.
func TestCheckLimits(t *testing.T) {
	t.Parallel()
	const elsewhere = "a.example A 198.51.100.1\n"
	runChecks(t, []checkCase{
		// Terms that look something up.
		{name: "4.6.4/terms: a counts", dns: elsewhere + "example.com TXT v=spf1 a:a.example ?all", want: Neutral, lookups: 1},
		{name: "4.6.4/terms: mx counts", dns: elsewhere + "example.com TXT v=spf1 mx ?all\nexample.com MX a.example", want: Neutral, lookups: 1},
		{name: "4.6.4/terms: ptr counts", dns: elsewhere + "example.com TXT v=spf1 ptr ?all\n1.2.0.192.in-addr.arpa PTR a.example", want: Neutral, lookups: 1},
		{name: "4.6.4/terms: exists counts", dns: elsewhere + "example.com TXT v=spf1 exists:a.example", want: Pass, lookups: 1},
		{name: "4.6.4/terms: include counts", dns: "example.com TXT v=spf1 include:a.example ?all\na.example TXT v=spf1", want: Neutral, lookups: 1},
		{name: "4.6.4/terms: redirect counts", dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1", want: Neutral, lookups: 1},
		{name: "4.6.4/terms: all, ip4 and ip6 do not count", dns: "example.com TXT v=spf1 ip4:198.51.100.1 ip6:2001:db8::1 -all", want: Fail},
		{name: "4.6.4/terms: exp does not count", dns: "example.com TXT v=spf1 -all exp=x.example\nx.example TXT no", want: Fail, exp: "no"},
		{name: "4.6.4/terms: an unknown modifier does not count", dns: "example.com TXT v=spf1 ?all x=%{i}.example", want: Neutral},
		{name: "4.6.4/terms: those behind the match do not count", dns: elsewhere + "example.com TXT v=spf1 a:a.example ip4:192.0.2.1 " + numbered(20, "a:a.example "), want: Pass, lookups: 1},
		{name: "4.6.4/terms: redirect beside all does not count", dns: "example.com TXT v=spf1 ?all redirect=a.example", want: Neutral},
		{name: "4.6.4/terms: the same name twice counts twice", dns: elsewhere + "example.com TXT v=spf1 a:a.example a:a.example ?all", want: Neutral, lookups: 2},
		{name: "4.6.4/terms: a name that cannot be asked for counts", dns: "example.com TXT v=spf1 a:a..example ?all", want: Neutral, lookups: 1},
		{name: "4.6.4/terms: ten", dns: elsewhere + "example.com TXT v=spf1 " + numbered(10, "a:a.example ") + "~all", want: SoftFail, lookups: 10},
		{name: "4.6.4/terms: the tenth matches", dns: elsewhere + "example.com TXT v=spf1 " + numbered(9, "a:a.example ") + "a:b.example\nb.example A 192.0.2.1", want: Pass, lookups: 10},
		{
			name: "4.6.4/terms: the eleventh is a permerror, and is not asked for", dns: elsewhere + "example.com TXT v=spf1 " + numbered(10, "a:a.example ") + "mx:b.example -all\nb.example MX !",
			want: PermError, lookups: 10, problem: "mx:b.example of example.com",
		},
		{name: "4.6.4/terms: an eleventh include", dns: "example.com TXT v=spf1 " + numbered(11, "include:a#.example ") + "+all\n" + numbered(11, "a#.example TXT v=spf1\n"), want: PermError, lookups: 10},
		{name: "4.6.4/terms: redirect is the eleventh", dns: elsewhere + "example.com TXT v=spf1 " + numbered(10, "a:a.example ") + "redirect=b.example\nb.example TXT v=spf1 +all", want: PermError, lookups: 10, problem: "redirect=b.example"},
		{name: "4.6.4/terms: redirect is the tenth", dns: elsewhere + "example.com TXT v=spf1 " + numbered(9, "a:a.example ") + "redirect=b.example\nb.example TXT v=spf1 +all", want: Pass, lookups: 10},
		{name: "4.6.4/terms: those of includes count, too", dns: elsewhere + "example.com TXT v=spf1 include:b.example a:a.example +all\nb.example TXT v=spf1 " + numbered(9, "a:a.example "), want: PermError, lookups: 10},
		{name: "4.6.4/terms: ten with those of an include", dns: elsewhere + "example.com TXT v=spf1 include:b.example a:a.example +all\nb.example TXT v=spf1 " + numbered(8, "a:a.example "), want: Pass, lookups: 10},
		{name: "4.6.4/terms: those behind a redirect count, too", dns: elsewhere + "example.com TXT v=spf1 a:a.example redirect=b.example\nb.example TXT v=spf1 " + numbered(9, "a:a.example ") + "+all", want: PermError, lookups: 10},
		{name: "4.6.4/terms: too many in an include that is fail anyway", dns: elsewhere + "example.com TXT v=spf1 include:b.example +all\nb.example TXT v=spf1 " + numbered(10, "a:a.example ") + "-all", want: PermError, lookups: 10},
		{name: "4.6.4/loops: an include of itself", dns: "example.com TXT v=spf1 include:example.com +all", want: PermError, lookups: 10, problem: "the record of example.com includes itself, in a loop"},
		{name: "4.6.4/loops: a redirect to itself", dns: "example.com TXT v=spf1 redirect=example.com", want: PermError, lookups: 10},
		{name: "4.6.4/loops: of two includes", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT v=spf1 include:example.com +all", want: PermError, lookups: 10},
		{
			name: "4.6.4/loops: named before its void lookups", dns: "example.com TXT v=spf1 a:void.example include:a.example +all\na.example TXT v=spf1 redirect=example.com",
			want: PermError, lookups: 7, voids: 3, problem: "the record of example.com includes itself, by way of a.example",
		},
		{name: "4.6.4/loops: that a macro makes longer and longer", dns: "example.com TXT v=spf1 include:a.%{d} +all\n" +
			"a.example.com TXT v=spf1 include:%{d}.%{d}\na.example.com.a.example.com TXT v=spf1 include:%{d} +all", want: PermError, lookups: 10},
		{name: "4.6.4/terms: 1,000 includes", dns: "example.com TXT v=spf1 " + numbered(1000, "include:a#.example ") + "+all\n" + numbered(1000, "a#.example TXT v=spf1\n"), want: PermError, lookups: 10},

		// The macro p.
		{name: "4.6.4/macro p: its lookup counts", dns: "example.com TXT v=spf1 exists:%{p}.a.example ?all\nunknown.a.example A 127.0.0.2", want: Pass, lookups: 2},
		{name: "4.6.4/macro p: in upper case and with transformers", dns: "example.com TXT v=spf1 exists:%{P1r-}.a.example ?all\nunknown.a.example A 127.0.0.2", want: Pass, lookups: 2},
		{name: "4.6.4/macro p: ten", dns: elsewhere + "example.com TXT v=spf1 " + numbered(8, "a:a.example ") + "exists:%{p}.a.example ?all\nunknown.a.example A 127.0.0.2", want: Pass, lookups: 10},
		{name: "4.6.4/macro p: eleven", dns: elsewhere + "example.com TXT v=spf1 " + numbered(9, "a:a.example ") + "exists:%{p}.a.example +all\nunknown.a.example A 127.0.0.2", want: PermError, lookups: 10},
		{name: "4.6.4/macro p: in redirect", dns: "example.com TXT v=spf1 redirect=%{p}.a.example\nunknown.a.example TXT v=spf1 +all", want: Pass, lookups: 2},
		{name: "4.6.4/macro p: in an explanation it does not count", dns: elsewhere + "example.com TXT v=spf1 " + numbered(10, "a:a.example ") + "-all exp=%{p}.example\nunknown.example TXT %{p}", want: Fail, exp: "unknown", lookups: 10},

		// Mail servers.
		{name: "4.6.4/mx: ten mail servers", dns: "example.com TXT v=spf1 mx -all\n" + numbered(10, "example.com MX mail#.example.com\nmail#.example.com A 192.0.2.99\n") + "mail10.example.com A 192.0.2.1", want: Pass, lookups: 1},
		{name: "4.6.4/mx: eleven mail servers are a permerror", dns: "example.com TXT v=spf1 mx +all\n" + numbered(11, "example.com MX mail#.example.com\nmail#.example.com A 192.0.2.99\n"), want: PermError, lookups: 1, problem: "11 mail servers"},
		{
			name: "4.6.4/mx: even where the first is the client", dns: "example.com TXT v=spf1 mx +all\n" + numbered(11, "example.com MX mail#.example.com\nmail#.example.com A 192.0.2.1\n"), want: PermError, lookups: 1,
			asked: []spftest.Question{"example.com TXT", "example.com MX"},
		},
		{name: "4.6.4/mx: ten of ten", dns: numbered(10, "m#.example MX h01.example\nm#.example MX h02.example\n") + numbered(2, "h#.example A 192.0.2.99\n") + "example.com TXT v=spf1 " + numbered(10, "mx:m#.example ") + "~all", want: SoftFail, lookups: 10},
		{name: "4.6.4/a: the number of addresses has no limit", dns: "example.com TXT v=spf1 a -all\n" + numbered(30, "example.com A 198.51.100.1\n") + "example.com A 192.0.2.1", want: Pass, lookups: 1},

		// Names of the client.
		{name: "4.6.4/ptr: ten names", dns: "example.com TXT v=spf1 ptr ~all\n" + numbered(10, "1.2.0.192.in-addr.arpa PTR n#.example.com\n") + "n10.example.com A 192.0.2.1", want: Pass, lookups: 1},
		{name: "4.6.4/ptr: the eleventh name is ignored", dns: "example.com TXT v=spf1 ptr ~all\n" + numbered(11, "1.2.0.192.in-addr.arpa PTR n#.example.com\n") + "n11.example.com A 192.0.2.1", want: SoftFail, lookups: 1},
		{
			name: "4.6.4/ptr: each term counts, although DNS is asked once", dns: "example.com TXT v=spf1 " + numbered(11, "ptr ") + "+all\n1.2.0.192.in-addr.arpa PTR a.example.com", want: PermError, lookups: 10,
			asked: []spftest.Question{"example.com TXT", "1.2.0.192.in-addr.arpa PTR", "a.example.com A"},
		},

		// Void lookups.
		{name: "4.6.4/void lookups: two", dns: "example.com TXT v=spf1 a:a.example a:b.example ~all", want: SoftFail, lookups: 2, voids: 2},
		{name: "4.6.4/void lookups: the third is a permerror", dns: "example.com TXT v=spf1 a:a.example a:b.example a:c.example +all", want: PermError, lookups: 3, voids: 3, problem: "no A record at c.example"},
		{name: "4.6.4/void lookups: the third is the last term", dns: "example.com TXT v=spf1 a:a.example a:b.example a:c.example", want: PermError, lookups: 3, voids: 3},
		{name: "4.6.4/void lookups: the same name three times", dns: "example.com TXT v=spf1 a a a +all", want: PermError, lookups: 3, voids: 3},
		{name: "4.6.4/void lookups: exists", dns: "example.com TXT v=spf1 exists:a.example exists:b.example exists:c.example +all", want: PermError, lookups: 3, voids: 3},
		{name: "4.6.4/void lookups: mx", dns: "example.com TXT v=spf1 mx:a.example mx:b.example mx:c.example +all", want: PermError, lookups: 3, voids: 3, problem: "no MX record at c.example"},
		{name: "4.6.4/void lookups: the addresses of mail servers", dns: "example.com TXT v=spf1 mx +all\n" + numbered(3, "example.com MX m#.example\n"), want: PermError, lookups: 1, voids: 3},
		{name: "4.6.4/void lookups: of the client's family", ip: "2001:db8::1", dns: elsewhere + "example.com TXT v=spf1 " + numbered(3, "a:a.example ") + "+all", want: PermError, lookups: 3, voids: 3, problem: "AAAA"},
		{name: "4.6.4/void lookups: in includes, too", dns: "example.com TXT v=spf1 a include:b.example a +all\nb.example TXT v=spf1 a ?all", want: PermError, lookups: 4, voids: 3},
		{name: "4.6.4/void lookups: behind a redirect, too", dns: "example.com TXT v=spf1 a redirect=b.example\nb.example TXT v=spf1 a a +all", want: PermError, lookups: 4, voids: 3},
		{name: "4.6.4/void lookups: an include without records", dns: "example.com TXT v=spf1 include:b.example +all", want: PermError, lookups: 1, voids: 1},
		{name: "4.6.4/void lookups: an include with other records is none", dns: "example.com TXT v=spf1 include:b.example +all\nb.example TXT moo", want: PermError, lookups: 1},
		{name: "4.6.4/void lookups: an include as the third is said to have no record", dns: "example.com TXT v=spf1 a a include:b.example +all", want: PermError, lookups: 3, voids: 3, problem: "b.example has no SPF record"},
		{name: "4.6.4/void lookups: ptr", dns: "example.com TXT v=spf1 ptr ptr ptr +all", want: PermError, lookups: 3, voids: 3, problem: "1.2.0.192.in-addr.arpa"},
		{name: "4.6.4/void lookups: not the addresses of the client's names", dns: "example.com TXT v=spf1 ptr ~all\n" + numbered(5, "1.2.0.192.in-addr.arpa PTR n#.example.com\n"), want: SoftFail, lookups: 1},
		{name: "4.6.4/void lookups: not those of the macro p", dns: elsewhere + "example.com TXT v=spf1 a:%{p}.example ~all\nunknown.example A 198.51.100.1", want: SoftFail, lookups: 2},
		{name: "4.6.4/void lookups: not the domain itself", want: None},
		{name: "4.6.4/void lookups: not the explanation", dns: "example.com TXT v=spf1 a a -all exp=x.example", want: Fail, lookups: 2, voids: 2},
		{name: "4.6.4/void lookups: not a name that cannot be asked for", dns: "example.com TXT v=spf1 a:a..example ~all", want: SoftFail, lookups: 1},
		{name: "4.6.4/void lookups: not a failure", dns: "example.com TXT v=spf1 a +all\nexample.com A !", want: TempError, lookups: 1},
		{name: "4.6.4/void lookups: not a failure of ptr", dns: "example.com TXT v=spf1 ptr ~all\n1.2.0.192.in-addr.arpa PTR !", want: SoftFail, lookups: 1},
		{name: "4.6.4/void lookups: not an answer that does not match", dns: elsewhere + "example.com TXT v=spf1 a:a.example a:a.example a:a.example ~all", want: SoftFail, lookups: 3},
	}, true)
}

func TestCheckMaxVoids(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		maxVoids int
		voids    int // of the record
		want     Result
		text     string // in the tree
	}{
		{0, 2, SoftFail, "2 of 2 void"},
		{0, 3, PermError, "3 of 2 void"},
		{1, 1, SoftFail, "1 of 1 void"},
		{1, 2, PermError, "2 of 1 void"},
		{5, 5, SoftFail, "5 of 5 void"},
		{5, 6, PermError, "6 of 5 void"},
		{-1, 10, SoftFail, "10 void"},
	} {
		dns := spftest.NewScript(t, "example.com TXT v=spf1 "+strings.Repeat("a ", tt.voids)+"~all")
		got, err := Checker{Resolver: dns, MaxVoids: tt.maxVoids}.Check(t.Context(), checkCase{}.query(t))
		if err != nil || got.Result != tt.want || got.Voids != tt.voids {
			t.Errorf("Check() with MaxVoids %d = %s, %d voids, %v; want %s, %d voids", tt.maxVoids, got.Result, got.Voids, err, tt.want, tt.voids)
		}
		if !strings.Contains(got.String(), tt.text) {
			t.Errorf("the tree with MaxVoids %d is %s, want it to say %q", tt.maxVoids, got, tt.text)
		}
	}
}

// TestCheckQuestions holds how much DNS the worst record costs.
func TestCheckQuestions(t *testing.T) {
	t.Parallel()
	dns := spftest.NewScript(t, "example.com TXT v=spf1 "+numbered(10, "mx:m#.example ")+"-all exp=%{p}.x.example\nunknown.x.example TXT "+strings.Repeat("%{p}", 1000)+"\n"+
		numbered(12, "1.2.0.192.in-addr.arpa PTR n#.example.com\n"))
	for m := range 10 {
		for h := range 10 {
			host := fmt.Sprintf("h%d-%d.example", m, h)
			dns.Add(fmt.Sprintf("m%02d.example", m+1), spf.TypeMX, host)
			dns.Add(host, spf.TypeA, "198.51.100.1")
		}
	}
	got, err := Checker{Resolver: dns}.Check(t.Context(), checkCase{}.query(t))
	if err != nil || got.Result != Fail || got.Explanation != strings.Repeat("unknown", 1000) {
		t.Fatalf("Check() = %s, %v, %v", got.Result, got.Problem, err)
	}
	// The record; ten mx with ten servers each; the client's names and the addresses of ten of them; the explanation.
	if want := 1 + 10*11 + 11 + 1; len(dns.Asked) != want {
		t.Errorf("%d questions were asked, want %d", len(dns.Asked), want)
	}
	checkSound(t, got, dns)
}

// TestCheckHostile has records as large as DNS carries them, at every level that is reached.
func TestCheckHostile(t *testing.T) {
	t.Parallel()
	dns := spftest.NewScript(t, "")
	networks := strings.Repeat("ip4:198.51.100.1 ", 3000)
	for i := range 11 {
		name := fmt.Sprintf("a%d.example", i)
		if i == 0 {
			name = "example.com"
		}
		dns.Add(name, spf.TypeTXT, fmt.Sprintf("v=spf1 %s include:a%d.example a:%s.example moo=%s", networks, i+1, strings.Repeat("%{d}", 500), strings.Repeat("x", 10000)))
	}
	got, err := Checker{Resolver: dns}.Check(t.Context(), checkCase{}.query(t))
	if err != nil || got.Result != PermError || got.Lookups != 10 {
		t.Fatalf("Check() = %s, %d lookups, %v; want %s after 10", got.Result, got.Lookups, err, PermError)
	}
	if most := 8 << 10; len(got.String()) > most {
		t.Errorf("the tree has %d octets, want no more than %d", len(got.String()), most)
	}
}
