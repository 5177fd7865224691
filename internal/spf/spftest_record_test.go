package spf

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go4.org/netipx"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// diff compares records and what holds them.
func diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateComparable(Term{}, dnsname.Name{}))
}

// mustParse reads a record that the test knows to be valid.
func mustParse(t testing.TB, text string) Record {
	t.Helper()
	r, _, err := ParseEither(text)
	if err != nil {
		t.Fatalf("ParseEither(%q): %v", text, err)
	}
	return r
}

// verdict evaluates the ip4 and ip6 terms of a list for an address, in first-match order. It returns false where
// none matches; terms of other mechanisms match nothing.
func verdict(terms []Term, addr netip.Addr) (Qualifier, bool) {
	for _, t := range terms {
		if t.Prefix.IsValid() && t.Prefix.Contains(addr) {
			return t.Qualifier, true
		}
	}
	return 0, false
}

// probes returns the addresses at the borders of the networks, on both sides.
func probes(terms []Term) []netip.Addr {
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

func checkRoundTrip(t *testing.T, text string, r Record, parse func(string) (Record, error)) {
	t.Helper()
	printed := r.String()
	again, err := parse(printed)
	if err != nil {
		t.Fatalf("%q was printed as %q: %v", text, printed, err)
	}
	if d := diff(r, again); d != "" {
		t.Errorf("%q was printed as %q (-want +got):\n%s", text, printed, d)
	}
	if got := again.String(); got != printed {
		t.Errorf("%q was printed as %q, then as %q", text, printed, got)
	}
}
