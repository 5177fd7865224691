package spf

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestIsRecord(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"v=spf1":            true,
		"v=spf1 ":           true,
		"v=spf1 -all":       true,
		"V=SPF1 -all":       true,
		"v=spf1 nonsense =": true,
		"":                  false,
		"v=spf":             false,
		"v=spf10":           false,
		"v=spf1-all":        false,
		"v=spf1;":           false,
		"v=spf1\t-all":      false,
		" v=spf1 -all":      false,
		`"v=spf1 -all"`:     false,
		"spf2.0/pra -all":   false,
		"v=DMARC1; p=none":  false,
	}
	for in, want := range tests {
		if got := IsRecord(in); got != want {
			t.Errorf("IsRecord(%q) = %v, want %v", in, got, want)
		}
	}
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// TestParseTree shows the tree of one record for each form.
func TestParseTree(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     Record
	}{
		{"empty", "v=spf1", Record{}},
		{"blanks", "v=spf1   ", Record{}},
		{"all", "v=spf1 -all", Record{Directives: []Directive{{Qualifier: Fail, Mechanism: MechAll}}}},
		{"qualifiers", "v=spf1 +a ~mx ?ptr -all", Record{Directives: []Directive{
			{Mechanism: MechA},
			{Qualifier: SoftFail, Mechanism: MechMX},
			{Qualifier: Neutral, Mechanism: MechPTR},
			{Qualifier: Fail, Mechanism: MechAll},
		}}},
		{"include", "v=spf1 include:_spf.Example.COM.", Record{Directives: []Directive{{Mechanism: MechInclude, Domain: "_spf.example.com"}}}},
		{"lengths", "v=spf1 a/24 mx//64 a:h.example/28//96 mx/32//128", Record{Directives: []Directive{
			{Mechanism: MechA, CIDR: newDualCIDR(24, 128)},
			{Mechanism: MechMX, CIDR: newDualCIDR(32, 64)},
			{Mechanism: MechA, Domain: "h.example", CIDR: newDualCIDR(28, 96)},
			{Mechanism: MechMX},
		}}},
		{"zero lengths", "v=spf1 a/0//0", Record{Directives: []Directive{{Mechanism: MechA, CIDR: newDualCIDR(0, 0)}}}},
		{"networks", "v=spf1 ip4:192.0.2.77/24 ip4:192.0.2.1 ip6:2001:DB8::1/32 ip6:2001:db8::1/128 ip4:0.0.0.0/0", Record{Directives: []Directive{
			{Mechanism: MechIP4, Prefix: prefix("192.0.2.0/24")},
			{Mechanism: MechIP4, Prefix: prefix("192.0.2.1/32")},
			{Mechanism: MechIP6, Prefix: prefix("2001:db8::/32")},
			{Mechanism: MechIP6, Prefix: prefix("2001:db8::1/128")},
			{Mechanism: MechIP4, Prefix: prefix("0.0.0.0/0")},
		}}},
		{"macros", "v=spf1 exists:%{L}._SPF.%{D2r-}.Example.com include:%{IR}.%{v}.%{d}", Record{Directives: []Directive{
			{Mechanism: MechExists, Domain: "%{L}._spf.%{D2r-}.example.com"},
			{Mechanism: MechInclude, Domain: "%{IR}.%{v}.%{d}"},
		}}},
		{"modifiers", "v=spf1 redirect=_spf.Example.com exp=Explain.%{D} Moo.Cow-far_out=Man:dog/cat", Record{Modifiers: []Modifier{
			{"redirect", "_spf.example.com"}, {"exp", "explain.%{D}"}, {"moo.cow-far_out", "Man:dog/cat"},
		}}},
		{"modifier without a value", "v=spf1 p= p=", Record{Modifiers: []Modifier{{"p", ""}, {"p", ""}}}},
		{"behind all", "v=spf1 -all a ?all", Record{Directives: []Directive{
			{Qualifier: Fail, Mechanism: MechAll}, {Mechanism: MechA}, {Qualifier: Neutral, Mechanism: MechAll},
		}}},
		{"duplicates stay", "v=spf1 a A +a", Record{Directives: []Directive{{Mechanism: MechA}, {Mechanism: MechA}, {Mechanism: MechA}}}},
		{"Unicode", "v=spf1 include:Bücher.example", Record{Directives: []Directive{{Mechanism: MechInclude, Domain: "xn--bcher-kva.example"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(tt.in)
			if err != nil {
				t.Fatalf("Parse(%q): %v", tt.in, err)
			}
			if d := diff(tt.want, got); d != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tt.in, d)
			}
		})
	}
}

// TestParsePrint shows what canonical records look like: RFC 7208 in the order of its sections.
func TestParsePrint(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"v=spf1", "v=spf1"},                // §4.5
		{"V=sPf1 -ALL", "v=spf1 -all"},      // §4.5, §4.6.1
		{"v=spf1  a   mx  ", "v=spf1 a mx"}, // §4.6
		{"v=spf1 redirect=a.example mx exp=b.example", "v=spf1 mx redirect=a.example exp=b.example"},                   // §4.6.3
		{"v=spf1 InClUdE:A.example", "v=spf1 include:a.example"},                                                       // §4.6.1
		{"v=spf1 +all", "v=spf1 all"},                                                                                  // §4.6.2
		{"v=spf1 a:foo.example. A/32 A//128", "v=spf1 a:foo.example a a"},                                              // §5.3
		{"v=spf1 a:foo.example/24//64", "v=spf1 a:foo.example/24//64"},                                                 // §5.3
		{"v=spf1 a:foo.example/32//64", "v=spf1 a:foo.example//64"},                                                    // §5.3
		{"v=spf1 mx/0", "v=spf1 mx/0"},                                                                                 // §5.4
		{"v=spf1 ptr ptr:Example.com", "v=spf1 ptr ptr:example.com"},                                                   // §5.5
		{"v=spf1 ip4:192.0.2.1/32 ip4:192.0.2.129/25", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.128/25"},                      // §5.6
		{"v=spf1 ip6:2001:0DB8:0:0::1/128 ip6:::/0", "v=spf1 ip6:2001:db8::1 ip6:::/0"},                                // §5.6
		{"v=spf1 ip6:1:2:3:4:5:6:192.0.2.1", "v=spf1 ip6:1:2:3:4:5:6:c000:201"},                                        // §5.6
		{"v=spf1 exists:%{l1r-}.%{S}._spf.%{D2}", "v=spf1 exists:%{l1r-}.%{S}._spf.%{D2}"},                             // §5.7
		{"v=spf1 REDIRECT=A.example", "v=spf1 redirect=a.example"},                                                     // §6.1
		{"v=spf1 exp=%{d}", "v=spf1 exp=%{d}"},                                                                         // §6.2
		{"v=spf1 Unknown=%{C}%{r}%{t}%%A", "v=spf1 unknown=%{C}%{r}%{t}%%A"},                                           // §6
		{"v=spf1 include:%%{D}X%_%-.Example.com", "v=spf1 include:%%{d}x%_%-.example.com"},                             // §7.1
		{"v=spf1 exists:%{i}%_", "v=spf1 exists:%{i}%_"},                                                               // §7.1
		{"v=spf1 a:%{d/}/24", "v=spf1 a:%{d/}/24"},                                                                     // §7.1
		{"v=spf1 a:%{d}.xn--p1ai", "v=spf1 a:%{d}.xn--p1ai"},                                                           // §7.1
		{"v=spf1 a:foo.example/x%%/24", "v=spf1 a:foo.example/x%%/24"},                                                 // §7.1
		{"v=spf1 a:x.1a", "v=spf1 a:x.1a"},                                                                             // §7.1: the top label is not all digits
		{"v=spf1 exists:%{i999999999999999999999}.example.com", "v=spf1 exists:%{i999999999999999999999}.example.com"}, // §7.3
		{"v=spf1 exists:%{d.-+,/_=}", "v=spf1 exists:%{d.-+,/_=}"},                                                     // §7.1
		{"v=spf1 include:Ελλάδα.example", "v=spf1 include:xn--hxakic4aa.example"},
	}
	for _, tt := range tests {
		r, err := Parse(tt.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
			continue
		}
		got := r.String()
		if got != tt.want {
			t.Errorf("Parse(%q).String() = %q, want %q", tt.in, got, tt.want)
		}
		again, err := Parse(got)
		if err != nil {
			t.Errorf("Parse(%q), which was printed: %v", got, err)
		}
		if d := diff(r, again); d != "" {
			t.Errorf("Parse(%q) after printing (-want +got):\n%s", got, d)
		}
	}
}

// TestParseWire shows what is legal in DNS, and refused where a person writes it.
func TestParseWire(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"v=spf1 include=a.example -all", "v=spf1 -all include=a.example"},
		{"v=spf1 a -all v=spf1 mx", "v=spf1 a -all mx v=spf1"},
		{"v=spf1 a:foo..example", "v=spf1 a:foo..example"},
		{"v=spf1 a:.example", "v=spf1 a:.example"},
		{"v=spf1 a:foo:bar/baz.example.com", "v=spf1 a:foo:bar/baz.example.com"},
		{"v=spf1 include:a.example,include:b.example", "v=spf1 include:a.example,include:b.example"},
		{"v=spf1 a:" + strings.Repeat("x", 64) + ".example", "v=spf1 a:" + strings.Repeat("x", 64) + ".example"},
		{"v=spf1 a:" + strings.Repeat("x.", 130) + "example", "v=spf1 a:" + strings.Repeat("x.", 130) + "example"},
		{"v=spf1 exists:%{i};.example", "v=spf1 exists:%{i};.example"},
		{"v=spf1 ipv4=192.0.2.1", "v=spf1 ipv4=192.0.2.1"},
		{"v=spf1 all=pass", "v=spf1 all=pass"},
		{"v=spf1 ip6:::ffff:192.0.2.5/124", "v=spf1 ip6:::ffff:192.0.2.0/124"},
		{"v=spf1 include:_spf.example.net-all", "v=spf1 include:_spf.example.net-all"},
		{"v=spf1 include:%{d}.example.net-all", "v=spf1 include:%{d}.example.net-all"},
		{"v=spf1 include:a.exampleinclude:b.example", "v=spf1 include:a.exampleinclude:b.example"},
		{"v=spf1 mxredirect=a.example", "v=spf1 mxredirect=a.example"},
	}
	for _, tt := range tests {
		r, err := ParseWire(tt.in)
		if err != nil {
			t.Errorf("ParseWire(%q): %v", tt.in, err)
		}
		if got := r.String(); got != tt.want {
			t.Errorf("ParseWire(%q).String() = %q, want %q", tt.in, got, tt.want)
		}
		var syntax *SyntaxError
		if _, err := Parse(tt.in); !errors.As(err, &syntax) {
			t.Errorf("Parse(%q) = %v, want a *SyntaxError", tt.in, err)
		}
	}
	for _, in := range []string{"v=spf1 include:bücher.example", "v=spf1 a \u00a0mx", "v=spf1 a\tmx", "v=spf1 x=\x80"} {
		var syntax *SyntaxError
		if _, err := ParseWire(in); !errors.As(err, &syntax) {
			t.Errorf("ParseWire(%q) = %v, want a *SyntaxError", in, err)
		}
	}
	if _, err := ParseWire("v=spf10"); !errors.Is(err, ErrNotSPF) {
		t.Errorf("ParseWire(%q) = %v, want ErrNotSPF", "v=spf10", err)
	}
}

func TestParseTerms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                     "",
		" ":                                    "",
		"include:a.example":                    "include:a.example",
		" include:A.example  ip4:192.0.2.0/24": "include:a.example ip4:192.0.2.0/24",
		"redirect=a.example":                   "redirect=a.example",
		"~all":                                 "~all",
	} {
		r, err := ParseTerms(in)
		if err != nil {
			t.Errorf("ParseTerms(%q): %v", in, err)
		}
		if got := r.TermsString(); got != want {
			t.Errorf("ParseTerms(%q).TermsString() = %q, want %q", in, got, want)
		}
	}
	var syntax *SyntaxError
	if _, err := ParseTerms("v=spf1 a"); !errors.As(err, &syntax) || syntax.Term != "v=spf1" {
		t.Errorf("ParseTerms(%q) = %v, want a *SyntaxError about the version", "v=spf1 a", err)
	}
}

func TestParseEither(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		whole bool
		want  string // canonical record; empty for an error
	}{
		{"v=spf1 mx -all", true, "v=spf1 mx -all"},
		{"mx -all", false, "v=spf1 mx -all"},
		{"", false, "v=spf1"},
		{"v=spf1; mx", true, ""},
		{`"v=spf1 mx"`, true, ""},
		{" v=spf1 mx", true, ""},
		{"spf1 mx", true, ""},
		{"v=DMARC1; p=none", true, ""},
		{"mx ip:1", false, ""},
	}
	for _, tt := range tests {
		r, whole, err := ParseEither(tt.in)
		if whole != tt.whole || (err != nil) != (tt.want == "") {
			t.Errorf("ParseEither(%q) = _, %v, %v, want %v", tt.in, whole, err, tt.whole)
		}
		if err == nil && r.String() != tt.want {
			t.Errorf("ParseEither(%q) = %v, want %v", tt.in, r, tt.want)
		}
	}
}

func TestParseOffset(t *testing.T) {
	t.Parallel()
	_, err := Parse("v=spf1  a ip5:1 mx")
	var got *SyntaxError
	if !errors.As(err, &got) {
		t.Fatalf("Parse = %v, want a *SyntaxError", err)
	}
	if got.Term != "ip5:1" || got.Offset != 10 || got.Section != "4.6.1" {
		t.Errorf("Parse = %q at %d, section %q, want %q at 10, section 4.6.1", got.Term, got.Offset, got.Section, "ip5:1")
	}
}

func TestParseLong(t *testing.T) {
	t.Parallel()
	longest := "v=spf1" + strings.Repeat(" ", MaxLength-6)
	if _, err := Parse(longest); err != nil {
		t.Errorf("Parse of %d octets: %v", len(longest), err)
	}
	var syntax *SyntaxError
	if _, err := Parse(longest + " "); !errors.As(err, &syntax) {
		t.Errorf("Parse of %d octets = %v, want a *SyntaxError", len(longest)+1, err)
	}
	if _, err := Parse("v=spf1 " + strings.Repeat("x", 50000)); err == nil || len(err.Error()) > 1000 {
		t.Errorf("Parse of a long term: the error has %d octets, want it cut", len(err.Error()))
	}
}

func TestRecordAccessors(t *testing.T) {
	t.Parallel()
	r := mustParse(t, "v=spf1 a ~all -all redirect=x.example")
	if all, ok := r.Ending(); !ok || all.Qualifier != SoftFail {
		t.Errorf("Ending() = %v, %v, want ~all", all, ok)
	}
	if _, ok := (Record{}).Ending(); ok {
		t.Errorf("Ending() of the zero Record is there, want none")
	}
	if v, ok := r.Modifier("redirect"); !ok || v != "x.example" {
		t.Errorf("Modifier(redirect) = %q, %v, want x.example", v, ok)
	}
	if v, ok := r.Modifier("exp"); ok {
		t.Errorf("Modifier(exp) = %q, want none", v)
	}
}

func TestQualifier(t *testing.T) {
	t.Parallel()
	for q, want := range map[Qualifier][2]string{
		Pass: {"", "pass"}, Fail: {"-", "fail"}, SoftFail: {"~", "softfail"}, Neutral: {"?", "neutral"},
	} {
		if got := [2]string{q.String(), q.Word()}; got != want {
			t.Errorf("Qualifier %q is %q, want %q", byte(q), got, want)
		}
	}
}

func TestDualCIDR(t *testing.T) {
	t.Parallel()
	tests := []struct {
		bits4, bits6 int
		want         string
	}{
		{32, 128, ""}, {0, 128, "/0"}, {24, 128, "/24"}, {32, 64, "//64"}, {24, 64, "/24//64"}, {0, 0, "/0//0"}, {-1, 129, ""}, {33, -1, ""},
	}
	for _, tt := range tests {
		c := newDualCIDR(tt.bits4, tt.bits6)
		if got := c.String(); got != tt.want {
			t.Errorf("newDualCIDR(%d, %d) = %q, want %q", tt.bits4, tt.bits6, got, tt.want)
		}
		if again := newDualCIDR(c.Bits4(), c.Bits6()); again != c {
			t.Errorf("newDualCIDR(%d, %d) = %v, want %v", c.Bits4(), c.Bits6(), again, c)
		}
	}
}
