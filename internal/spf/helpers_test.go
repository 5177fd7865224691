package spf

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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

// existing returns the record as [Merge.Existing] wants it.
func existing(t testing.TB, text string) *Record {
	t.Helper()
	r := mustParse(t, text)
	return &r
}

// mechanisms returns the terms as [Merge.Mechanisms] wants them.
func mechanisms(t testing.TB, texts ...string) []Input { return inputs(t, Mechanisms, texts) }

// removals returns the terms as [Merge.Remove] wants them.
func removals(t testing.TB, texts ...string) []Input { return inputs(t, Remove, texts) }

func inputs(t testing.TB, kind SourceKind, texts []string) []Input {
	t.Helper()
	list := make([]Input, len(texts))
	for i, text := range texts {
		list[i] = Input{Source: Source{Kind: kind, Index: i}, Record: mustParse(t, text)}
	}
	return list
}

// service returns the terms of a service.
func service(t testing.TB, name, text string) Input {
	t.Helper()
	return Input{Source: Source{Kind: Service, Name: name}, Record: mustParse(t, text)}
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
