package spf

import (
	"errors"
	"strconv"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "v=spf1", "v=spf1 -all", twentyTerms, "V=SPF1 +A ~mx/24//64 ?PTR:A.example. ALL",
		"v=spf1 exists:%{L2R-+}.%{ir}.%%%_%-.%{d} redirect=%{d2} exp=Why.%{D} x=%{c}",
		"v=spf1 ip6:::ffff:192.0.2.1/100 ip4:192.0.2.0/255.255.255.0", "v=spf1 include:bücher.example -all v=spf1",
		"ip:192.0.2.1 a,b;c “all” –all", "v=spf1 a:foo:bar/baz.example.com a:museum a:1.2.3.4", "v=spf1 include:%spf%", "\"v=spf1\" \"-all\"",
		"v=spf1 a:%{d/}/0//0 ip4:fe80::1%eth0 ip4:1.2.3.4-5 include:x..example", "spf2.0/pra mx\x00\xff\u00a0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := Parse(text); checkParse(t, text, err) {
			checkRoundTrip(t, text, r, Parse)
			// What a person may write is legal in DNS.
			checkRoundTrip(t, text, r, ParseWire)
		}
		if r, err := ParseWire(text); checkParse(t, text, err) {
			checkRoundTrip(t, text, r, ParseWire)
		}
		if r, err := ParseTerms(text); checkParse(t, text, err) {
			checkRoundTrip(t, text, r, Parse)
			if again, err := ParseTerms(r.TermsString()); err != nil || diff(r, again) != "" {
				t.Errorf("ParseTerms(%q) = %v, %v, want %v", r.TermsString(), again, err, r)
			}
		}
		if _, err := Segments(text); err != nil {
			checkParse(t, text, err)
		}
	})
}

// checkParse reports whether the text was read, and checks its error otherwise.
func checkParse(t *testing.T, text string, err error) bool {
	t.Helper()
	if err == nil {
		return true
	}
	var syntax *SyntaxError
	switch {
	case errors.Is(err, ErrNotSPF):
		if IsRecord(text) {
			t.Errorf("%q is a record, and the error is %v", text, err)
		}
	case !errors.As(err, &syntax):
		t.Errorf("Parse(%q): %v, neither ErrNotSPF nor a *SyntaxError", text, err)
	case syntax.Term != "" && (syntax.Offset < 0 || syntax.Offset > len(text)):
		t.Errorf("Parse(%q): offset %d", text, syntax.Offset)
	}
	checkAdvice(t, text, err)
	for _, r := range err.Error() {
		if !strconv.IsPrint(r) {
			t.Errorf("Parse(%q): the text of the error holds %U: %q", text, r, err)
		}
	}
	return false
}
