package spftest

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go4.org/netipx"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// Diff compares records and what holds them.
func Diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateComparable(spf.Directive{}, dnsname.Name{}))
}

// MustParse reads a record that the test knows to be valid.
func MustParse(t testing.TB, text string) spf.Record {
	t.Helper()
	r, _, err := spf.ParseEither(text)
	if err != nil {
		t.Fatalf("ParseEither(%q): %v", text, err)
	}
	return r
}

// Verdict evaluates the ip4 and ip6 terms of a list for an address, in first-match order. It returns false where
// none matches; terms of other mechanisms match nothing.
func Verdict(terms []spf.Directive, addr netip.Addr) (spf.Qualifier, bool) {
	for _, t := range terms {
		if t.Prefix.IsValid() && t.Prefix.Contains(addr) {
			return t.Qualifier, true
		}
	}
	return 0, false
}

// Probes returns the addresses at the borders of the networks, on both sides.
func Probes(terms []spf.Directive) []netip.Addr {
	var addrs []netip.Addr
	for _, t := range terms {
		from, to := t.Prefix.Addr(), netipx.PrefixLastIP(t.Prefix)
		for _, addr := range []netip.Addr{from, to, from.Prev(), to.Next()} {
			if addr.IsValid() {
				addrs = append(addrs, addr)
			}
		}
	}
	return addrs
}

// CheckRoundTrip prints a record, parses that, and compares.
func CheckRoundTrip(t *testing.T, text string, r spf.Record, parse func(string) (spf.Record, error)) {
	t.Helper()
	printed := r.String()
	again, err := parse(printed)
	if err != nil {
		t.Fatalf("%q was printed as %q: %v", text, printed, err)
	}
	if d := Diff(r, again); d != "" {
		t.Errorf("%q was printed as %q (-want +got):\n%s", text, printed, d)
	}
	if got := again.String(); got != printed {
		t.Errorf("%q was printed as %q, then as %q", text, printed, got)
	}
}

// Alternating is a record of networks whose meaning changes with each.
func Alternating(t testing.TB, n int) spf.Record {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " -ip4:10.%d.%d.0/25 ip4:10.%[1]d.%[2]d.0/24", i/256, i%256)
	}
	return MustParse(t, b.String()+" ip4:10.0.0.0/22 -all")
}
