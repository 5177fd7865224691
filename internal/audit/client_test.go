package audit_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// serve publishes a domain that six services send for, and returns a client that asks for it.
func serve(t testing.TB) (*dnstest.Hierarchy, *resolve.Client) {
	t.Helper()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
	other := h.Zone("example.net", dnstest.Servers("ns1", "ns2"))
	zone.SetTXT("@", "v=spf1 include:s1.example.net include:s2.example.net include:s3.example.net include:s4.example.net include:s5.example.net include:s6.example.net ~all")
	zone.Set("@ 3600 IN MX 10 mx1.example.net.", "@ 3600 IN MX 20 mx2.example.net.")
	zone.SetTXT("_dmarc", "v=DMARC1; p=reject; rua=mailto:a@example.com")
	zone.SetTXT("s1._domainkey", rsaKey(2048, 65537, ""))
	zone.SetTXT("_mta-sts", "v=STSv1; id=1")
	zone.Set("mta-sts 3600 IN A 11.0.0.1")
	zone.SetTXT("_smtp._tls", "v=TLSRPTv1; rua=mailto:a@example.com")
	for _, name := range []string{"s1", "s2", "s3", "s4", "s5", "s6"} {
		other.SetTXT(name, "v=spf1 ip4:11.0.1.0/24 -all")
	}
	for _, name := range []string{"mx1", "mx2"} {
		other.Set(name+" 3600 IN A 11.0.0.1", name+" 3600 IN AAAA 2600::1")
	}
	addr := netip.MustParseAddrPort(h.ResolverAddr())
	client, err := resolve.New(resolve.Config{Resolvers: []resolve.Resolver{resolve.PlainResolver(addr)}, AuthoritativePort: h.Port()})
	if err != nil {
		t.Fatal(err)
	}
	return h, client
}

// The client that the provider has answers what an audit asks.
func TestGatherOverDNS(t *testing.T) {
	t.Parallel()
	h, client := serve(t)
	c := config()
	c.Lab = true
	g, err := audit.Gather(t.Context(), c, client)
	if err != nil {
		t.Fatal(err)
	}
	r := g.Report()
	if got := found(r); len(got) != 1 || got[0] != "dnssec-unsigned note" {
		t.Errorf("found %q, want that the zone is not signed alone", got)
	}
	// Two servers answer each question of the domain, and the way there is asked for once.
	if n := h.Count(dnstest.Direct); n > 140 {
		t.Errorf("%d questions were sent", n)
	}
	for _, gap := range r.NotChecked {
		if !strings.Contains(gap.Why, "fetch = true") {
			t.Errorf("not checked: %s: %s", gap.ID, gap.Why)
		}
	}
}

// A server that tells names apart by case is found.
func TestGatherInMixedCase(t *testing.T) {
	t.Parallel()
	h, client := serve(t)
	h.Zone("example.com").Server("ns2").Inject(dnstest.When(dnstest.RCode(refused), func(q dnstest.Question) bool { return q.Asked != strings.ToLower(q.Asked) }))
	c := config()
	c.Lab = true
	g, err := audit.Gather(t.Context(), c, client)
	if err != nil {
		t.Fatal(err)
	}
	if got := found(g.Report()); len(got) != 2 || got[0] != "dns-case warning" {
		t.Errorf("found %q, want that the second server tells names apart by case, beside the zone that is not signed", got)
	}
}

// refused is the response code of a server that answers nobody.
const refused = 5

// silent is a DNS that never answers.
type silent struct{ *world }

func (silent) Ask(ctx context.Context, _ answer.Question) (answer.Set, error) {
	<-ctx.Done()
	return answer.Set{}, ctx.Err()
}

func (silent) Survey(ctx context.Context, _ dnsname.Name) (answer.Survey, error) {
	<-ctx.Done()
	return answer.Survey{}, ctx.Err()
}

func (silent) Lookup(ctx context.Context, _ string, _ spf.RRType) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// Where DNS says nothing, an audit ends after its patience with checks that are not made; told to stop, it does so at once.
func TestGatherGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		g, err := audit.Gather(t.Context(), config(), silent{newWorld("")})
		if err != nil || time.Since(start) != audit.Patience {
			t.Fatalf("Gather took %v and returned %v, want %v", time.Since(start), err, audit.Patience)
		}
		r := g.Report()
		if len(r.Findings) > 0 {
			t.Errorf("found %q", found(r))
		}
		for _, id := range []string{"spf-missing", "dmarc-missing", "mx-missing", "dkim-selector-missing", "dns-parent-child-ns", "dnssec-unsigned"} {
			if slices.Contains(r.Passed, id) {
				t.Errorf("%s passed", id)
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("told to stop")
		time.AfterFunc(time.Second, func() { cancel(why) })
		start = time.Now()
		if _, err := audit.Gather(ctx, config(), silent{newWorld("")}); !errors.Is(err, why) || time.Since(start) != time.Second {
			t.Errorf("Gather took %v and returned %v, want %v", time.Since(start), err, why)
		}
	})
}
