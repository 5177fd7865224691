package resolve_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestFindGlue(t *testing.T) {
	t.Parallel()
	t.Run("one of two misses", func(t *testing.T) {
		t.Parallel()
		h := dnstest.New(t)
		h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
		h.Zone("com").Delete("ns2.example")
		answers := ask(t, newClient(t, h), about("www.example.com", record.TXT))
		if diff := cmp.Diff([]string{"ns1.example.com: found | ok", "ns2.example.com: found | ok"}, lines(answers)); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		if n := h.Count(dnstest.To("recursor1"), dnstest.Within("example.com")); n != 0 {
			t.Errorf("the recursor was asked about the zone looked for %d times, want 0", n)
		}
	})
	t.Run("all miss", func(t *testing.T) {
		t.Parallel()
		h := dnstest.New(t)
		h.Zone("example.com", dnstest.Servers("ns1"))
		h.Zone("com").Delete("ns1.example")
		_, err := newClient(t, h).Ask(t.Context(), about("www.example.com", record.TXT))
		var lookup *answer.LookupError
		if !errors.As(err, &lookup) || lookup.At.String() != "example.com" || !strings.Contains(lookup.Detail, "glue") {
			t.Errorf("Ask = %v, want an error at example.com about its glue", err)
		}
	})
	t.Run("in the zone above", func(t *testing.T) {
		t.Parallel()
		h := dnstest.New(t)
		h.Zone("example.com", dnstest.Servers("ns1"), dnstest.Records(`ns9 A 192.0.2.9`))
		h.Zone("sub.example.com", dnstest.Servers("ns1.example.com."), dnstest.Records(`@ NS ns9.example.com.`, `@ NS ns1.example.com.`))
		h.Zone("example.com").Set(`sub NS ns9`)
		h.Zone("example.com").Set(`ns9 A ` + h.Server("ns1.example.com").Addr().Addr().String())
		answers := ask(t, newClient(t, h), about("www.sub.example.com", record.TXT))
		if len(answers.List) != 1 || answers.List[0].Outcome != answer.NXDomain {
			t.Errorf("answers = %v, want one NXDOMAIN", lines(answers))
		}
		if n := h.Count(dnstest.To("recursor1"), dnstest.Within("example.com")); n != 0 {
			t.Errorf("the recursor was asked about the zone looked for %d times, want 0", n)
		}
	})
	t.Run("in a circle", func(t *testing.T) {
		t.Parallel()
		h := dnstest.New(t)
		h.Zone("example.com", dnstest.Servers("ns1"), dnstest.Records(`a NS ns.b`, `b NS ns.a`))
		_, err := newClient(t, h).Ask(t.Context(), about("www.a.example.com", record.TXT))
		var lookup *answer.LookupError
		if !errors.As(err, &lookup) || lookup.At.String() != "a.example.com" {
			t.Errorf("Ask = %v, want an error at a.example.com", err)
		}
	})
	t.Run("a server without an address", func(t *testing.T) {
		t.Parallel()
		h := dnstest.New(t)
		zone := h.Zone("example.com", dnstest.Servers("ns1"), dnstest.Records(`www TXT ok`))
		zone.Set(`@ NS ns1`, `@ NS gone.example.net.`)
		h.Zone("example.net")
		answers := ask(t, newClient(t, h), about("www.example.com", record.TXT))
		if diff := cmp.Diff([]string{"gone.example.net: unreachable", "ns1.example.com: found | ok"}, lines(answers)); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		if got, want := answers.List[0].Detail, "it has no address: name does not exist (NXDOMAIN)"; got != want {
			t.Errorf("Detail = %q, want %q", got, want)
		}
	})
}
