package resolve

import (
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// A question with checking disabled gets what a validating resolver refuses, and never shares its answer with one
// that is checked.
func TestUnchecked(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records("www TXT forged"))
	recursor := h.Recursor()
	bogus := dnstest.Chain(dnstest.RCode(dns.RcodeServerFailure), dnstest.ExtendedError(dns.ExtendedErrorCodeDNSBogus, ""))
	recursor.Inject(dnstest.When(bogus, func(q dnstest.Question) bool { return !q.CD }))
	c := clientOf(t, h)
	checked := question{name: dnsname.MustParse("www.example.com"), code: dns.TypeTXT}
	unchecked := checked
	unchecked.unchecked = true
	for range 2 { // the second time from the cache
		if got := c.askResolver(t.Context(), c.recursors()[0], checked); got.Outcome != answer.ServFail {
			t.Errorf("checked: %v %q, want %v", got.Outcome, got.Values, answer.ServFail)
		}
		if got := c.askResolver(t.Context(), c.recursors()[0], unchecked); got.Outcome != answer.Found {
			t.Errorf("unchecked: %v %s, want %v", got.Outcome, got.Detail, answer.Found)
		}
	}
	if n := h.Count(dnstest.To("recursor1")); n != 2 {
		t.Errorf("the recursor was asked %d times, want 2", n)
	}
}

// clientOf returns a client of the hierarchy's first recursor.
func clientOf(t *testing.T, h *dnstest.Hierarchy) *Client {
	t.Helper()
	c, err := New(Config{Resolvers: []Resolver{PlainResolver(h.Recursors()[0].Addr())}, AuthoritativePort: h.Port(), MaxRate: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
