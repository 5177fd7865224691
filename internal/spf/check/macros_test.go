package check

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// expander returns an evaluation with the sender, client and names of the examples in RFC 7208 §7.4.
func expander(t testing.TB, ip, dns string) (*evaluation, *spftest.Script) {
	t.Helper()
	script := spftest.NewScript(t, dns)
	return newEvaluation(Checker{Resolver: script}, Query{
		IP: netip.MustParseAddr(ip), Sender: "strong-bad@email.example.com", HELO: "mx.example.org", Receiver: "receiver.example", Time: time.Unix(1700000000, 0),
	}), script
}

// TestExpandName has RFC 7208 §7 for domain-specs.
func TestExpandName(t *testing.T) {
	t.Parallel()
	const names = "3.2.0.192.in-addr.arpa PTR mx.example.org\nmx.example.org A 192.0.2.3\n" +
		"1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR mx.example.org\nmx.example.org AAAA 2001:db8::cb01"
	tests := []struct {
		name string
		spec string
		ip   string // 192.0.2.3 where empty
		want string
	}{
		// §7.1: what is no macro.
		{"7.1/plain text", "a.example.com", "", "a.example.com"},
		{"7.1/a percent sign", "a%%b.example.com", "", "a%b.example.com"},
		{"7.1/a blank", "a%_b.example.com", "", "a b.example.com"},
		{"7.1/an escaped blank", "a%-b.example.com", "", "a%20b.example.com"},

		// §7.2: the letters.
		{"7.2/s", "%{s}", "", "strong-bad@email.example.com"},
		{"7.2/l", "%{l}", "", "strong-bad"},
		{"7.2/o", "%{o}", "", "email.example.com"},
		{"7.2/d", "%{d}", "", "email.example.com"},
		{"7.2/i", "%{i}", "", "192.0.2.3"},
		{"7.2/p", "%{p}", "", "mx.example.org"},
		{"7.2/v", "%{v}", "", "in-addr"},
		{"7.2/h", "%{h}", "", "mx.example.org"},
		{"7.2/i, IPv6", "%{i}", "2001:db8::cb01", "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1"},
		{"7.2/i, IPv4-mapped", "%{i}", "::ffff:192.0.2.3", "192.0.2.3"},
		{"7.2/p, IPv6", "%{p}", "2001:db8::cb01", "mx.example.org"},
		{"7.2/v, IPv6", "%{v}", "2001:db8::cb01", "ip6"},
		{"7.2/v, IPv4-mapped", "%{v}", "::ffff:192.0.2.3", "in-addr"},

		// §7.3: transformers.
		{"7.3/four parts of three", "%{d4}", "", "email.example.com"},
		{"7.3/three parts", "%{d3}", "", "email.example.com"},
		{"7.3/two parts", "%{d2}", "", "example.com"},
		{"7.3/one part", "%{d1}", "", "com"},
		{"7.3/128 parts", "%{d128}", "", "email.example.com"},
		{"7.3/reversed", "%{dr}", "", "com.example.email"},
		{"7.3/reversed, two parts", "%{d2r}", "", "example.email"},
		{"7.3/reversed, in upper case", "%{d2R}", "", "example.email"},
		{"7.3/split at hyphens", "%{l-}", "", "strong.bad"},
		{"7.3/reversed, dots by default", "%{lr}", "", "strong-bad"},
		{"7.3/reversed, split at hyphens", "%{lr-}", "", "bad.strong"},
		{"7.3/reversed, split at hyphens, one part", "%{l1r-}", "", "strong"},
		{"7.3/split at several characters", "%{s1.@-}", "", ""}, // "@" is no delimiter: see below
		{"7.3/escaped", "%{S}", "", "strong-bad%40email.example.com"},

		// §7.4: the examples.
		{"7.4/by address", "%{ir}.%{v}._spf.%{d2}", "", "3.2.0.192.in-addr._spf.example.com"},
		{"7.4/by local part", "%{lr-}.lp._spf.%{d2}", "", "bad.strong.lp._spf.example.com"},
		{"7.4/by local part and address", "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
		{"7.4/by address and local part", "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
		{"7.4/by domain", "%{d2}.trusted-domains.example.net", "", "example.com.trusted-domains.example.net"},
		{"7.4/by address, IPv6", "%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01", "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ip := tt.ip
			if ip == "" {
				ip = "192.0.2.3"
			}
			e, _ := expander(t, ip, names)
			got, ok, err := e.expandName(t.Context(), tt.spec, "email.example.com")
			if tt.want == "" {
				if err == nil {
					t.Errorf("expandName(%q) = %q, want an error", tt.spec, got)
				}
				return
			}
			if err != nil || !ok || got != tt.want {
				t.Errorf("expandName(%q) = %q, %v, %v; want %q", tt.spec, got, ok, err, tt.want)
			}
		})
	}
}

// TestExpandLength has the cut to the length of a name (RFC 7208 §7.3).
func TestExpandLength(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("x", 49) + "." // five of them and 3 octets more are 253
	tests := []struct {
		name, spec, domain, want string
	}{
		{"253 octets stay", "%{d}", strings.Repeat(label, 5) + "com", strings.Repeat(label, 5) + "com"},
		{"254 octets lose a label", "%{d}", strings.Repeat(label, 5) + "comm", strings.Repeat(label, 4) + "comm"},
		{"several labels go", "a.b.c.%{d}", strings.Repeat(label, 5) + "com", strings.Repeat(label, 5) + "com"},
		{"no more than needed go", "a.%{d}", strings.Repeat(label, 4) + strings.Repeat("y", 47) + ".com", "a." + strings.Repeat(label, 4) + strings.Repeat("y", 47) + ".com"},
		{"a final dot does not count", "%{d}", strings.Repeat(label, 5) + "com.", strings.Repeat(label, 5) + "com"},
		{"many macros", strings.Repeat("%{d}.", 2000) + "example", "a.b", "b." + strings.Repeat("a.b.", 61) + "example"},
		{"one macro", "%{d}", strings.Repeat("x.", 1500) + "com", strings.Repeat("x.", 125) + "com"},
		{"a name without macros", strings.Repeat(label, 6) + "com", "a.b", strings.Repeat(label, 5) + "com"},
		{"an endless label stays, and is malformed", strings.Repeat("%{d1}", 5000), "a.b", strings.Repeat("b", 5000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, _ := expander(t, "192.0.2.3", "")
			got, ok, err := e.expandName(t.Context(), tt.spec, tt.domain)
			if err != nil || !ok {
				t.Fatalf("expandName() = %v, %v", ok, err)
			}
			if len(tt.want) > 253 {
				if qname.Malformed(got) == "" {
					t.Errorf("expandName() = %q, want a malformed name", got)
				}
				return
			}
			if got != tt.want {
				t.Errorf("expandName() = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestCheckValidatedName has the macro p (RFC 7208 §7.3).
func TestCheckValidatedName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, dns, want string
	}{
		{"the domain first", "a.example.net A 192.0.2.3\nb.example.com A 192.0.2.3\nexample.com A 192.0.2.3", "example.com"},
		{"then a name below it", "a.example.net A 192.0.2.3\nb.example.com A 192.0.2.3", "b.example.com"},
		{"then any", "a.example.net A 192.0.2.3\nexample.com A 192.0.2.4", "a.example.net"},
		{"none leads back", "a.example.net A 192.0.2.4", "unknown"},
		{"one cannot be asked for", "example.com A !\na.example.net A 192.0.2.3", "a.example.net"},
		{"none can be asked for", "example.com A !\na.example.net A !\nb.example.com A !", "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, _ := expander(t, "192.0.2.3", tt.dns+"\n3.2.0.192.in-addr.arpa PTR b.example.com\n3.2.0.192.in-addr.arpa PTR a.example.net\n3.2.0.192.in-addr.arpa PTR Example.COM.")
			got, err := e.validatedName(t.Context(), "EXAMPLE.com")
			if err != nil || got != tt.want {
				t.Errorf("validatedName() = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
	for _, dns := range []string{
		"3.2.0.192.in-addr.arpa PTR b.example\n3.2.0.192.in-addr.arpa PTR a.example",
		"3.2.0.192.in-addr.arpa PTR a.example\n3.2.0.192.in-addr.arpa PTR b.example",
	} {
		e, _ := expander(t, "192.0.2.3", dns+"\na.example A 192.0.2.3\nb.example A 192.0.2.3")
		if got, err := e.validatedName(t.Context(), "example.com"); err != nil || got != "a.example" {
			t.Errorf("validatedName() = %q, %v with the names %q; want %q in any order", got, err, dns, "a.example")
		}
	}
	for name, dns := range map[string]string{"no names": "", "the PTR lookup fails": "3.2.0.192.in-addr.arpa PTR !", "names that are none": "3.2.0.192.in-addr.arpa PTR a..b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, script := expander(t, "192.0.2.3", dns)
			for range 3 {
				if got, err := e.validatedName(t.Context(), "example.com"); err != nil || got != "unknown" {
					t.Errorf("validatedName() = %q, %v; want %q", got, err, "unknown")
				}
			}
			if len(script.Asked) != 1 {
				t.Errorf("asked %q, want one question", script.Asked)
			}
		})
	}
}

// TestCheckMacros has RFC 7208 §7 in records.
func TestCheckMacros(t *testing.T) {
	t.Parallel()
	const fails = "example.com TXT v=spf1 -all exp=x.example\n"
	runChecks(t, []checkCase{
		{name: "7.1/a parenthesis for a brace", dns: "example.com TXT v=spf1 exists:%(i).example +all", want: PermError},
		{name: "7.1/a stray percent sign inside", dns: "example.com TXT v=spf1 exists:a%b.example +all", want: PermError},
		{name: "7.1/a stray percent sign at the end", dns: "example.com TXT v=spf1 exists:a.example% +all", want: PermError},
		{name: "7.1/no closing brace", dns: "example.com TXT v=spf1 exists:%{i.example +all", want: PermError},
		{name: "7.1/an unknown delimiter", dns: "example.com TXT v=spf1 exists:%{l;}.example +all", want: PermError},
		{name: "7.1/all delimiters", sender: "a.b-c+d,e/f_g=h@example.com", dns: "example.com TXT v=spf1 exists:%{lr.-+,/_=}.example -all\nh.g.f.e.d.c.b.a.example A 127.0.0.2", want: Pass},
		{name: "7.1/delimiters without a dot keep dots", sender: "a.b-c@example.com", dns: "example.com TXT v=spf1 exists:%{lr-}.example -all\nc.a.b.example A 127.0.0.2", want: Pass},
		{
			name: "7.1/macros, escapes and text in one name", sender: "bob smith@example.com", dns: "example.com TXT v=spf1 exists:%%%{l}%_x%-.%{i}.example -all\n", want: Fail,
			asked: []spftest.Question{"example.com TXT", "%bob smith x%20.192.0.2.1.example A"},
		},
		{name: "7.2/an unknown letter", dns: "example.com TXT v=spf1 exists:%{a}.example +all", want: PermError},
		{name: "7.2/c, r and t in a domain-spec", dns: "example.com TXT v=spf1 exists:%{t}.example +all", want: PermError},
		{name: "7.2/h that is no name", helo: "JUMPIN' JUPITER", dns: "example.com TXT v=spf1 a:%{h} -all", want: Fail, asked: []spftest.Question{"example.com TXT", "jumpin' jupiter A"}},
		{name: "7.2/h that is an address literal", helo: "[192.0.2.1]", dns: "example.com TXT v=spf1 a:%{H} -all", want: Fail, asked: []spftest.Question{"example.com TXT", "%5b192.0.2.1%5d A"}},
		{name: "7.2/d in an include is its domain", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 exists:%{d}.%{o} -all\na.example.example.com A 127.0.0.2", want: Pass},
		{
			name: "7.2/the letters in an explanation", dns: fails + "x.example TXT %{s} %{l} %{o} %{d} %{i} %{p} %{v} %{h} %{c} %{r}", want: Fail,
			exp: "user@example.com user example.com example.com 192.0.2.1 unknown in-addr client.example.net 192.0.2.1 unknown",
		},
		{
			name: "7.2/i in an explanation, IPv6", ip: "2001:db8::cb01", dns: fails + "x.example TXT %{i} %{ir} %{c}", want: Fail,
			exp: "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.C.B.0.1 1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2 2001:db8::cb01",
		},
		{name: "7.2/p in an explanation", dns: fails + "x.example TXT %{p}\n1.2.0.192.in-addr.arpa PTR mail.example.com\nmail.example.com A 192.0.2.1", want: Fail, exp: "mail.example.com"},
		{name: "7.3/no parts", dns: "example.com TXT v=spf1 exists:%{d0} +all", want: PermError},
		{
			name: "7.3/upper case is escaped", sender: "~a&b=c_d.e@example.com", dns: fails + "x.example TXT http://example.com/?l=%{L}&s=%{S}", want: Fail,
			exp: "http://example.com/?l=~a%26b%3Dc_d.e&s=~a%26b%3Dc_d.e%40example.com",
		},
		{name: "7.3/escaped behind the split", sender: "a=b@example.com", dns: fails + "x.example TXT %{L=} %{L-}", want: Fail, exp: "a.b a%3Db"},
		{name: "7.3/a name is cut from the left", dns: "example.com TXT v=spf1 exists:" + strings.Repeat("%{s}.", 20) + "example -all\n" +
			"com." + strings.Repeat("user@example.com.", 14) + "example A 127.0.0.2", want: Pass},
	}, false)
}

// TestCheckUnknown has the macros for which the query has nothing.
func TestCheckUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dns := spftest.NewScript(t, "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{h} %{r} %{t}")
		got, err := Checker{Resolver: dns}.Check(t.Context(), Query{IP: netip.MustParseAddr("192.0.2.1"), Sender: "user@example.com"})
		if want := "unknown unknown 946684800"; err != nil || got.Explanation != want { // the clock of a bubble starts in 2000
			t.Errorf("Check() explains %q, %v; want %q", got.Explanation, err, want)
		}
	})
	dns := spftest.NewScript(t, "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{h} %{r} %{t}")
	got, err := Checker{Resolver: dns}.Check(t.Context(), Query{
		IP: netip.MustParseAddr("192.0.2.1"), Sender: "user@example.com",
		HELO: "mail.example.com", Receiver: "receiver.example", Time: time.Unix(1700000000, 0),
	})
	if want := "mail.example.com receiver.example 1700000000"; err != nil || got.Explanation != want {
		t.Errorf("Check() explains %q, %v; want %q", got.Explanation, err, want)
	}
}
