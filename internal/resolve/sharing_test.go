package resolve_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// Two zones that are delegated two labels down, with no zone between: each has a stale copy of the other.
func twoZonesUnderOneLabel(t *testing.T) *dnstest.Hierarchy {
	t.Helper()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1"))
	for _, name := range []string{"a", "b"} {
		zone := h.Zone(name+".corp.example.com", dnstest.Servers("ns1"))
		zone.SetTXT("@", "expected")
	}
	return h
}

func TestZonesUnderOneLabel(t *testing.T) {
	t.Parallel()
	h := twoZonesUnderOneLabel(t)
	// The servers of each zone have a copy of the other one as it was.
	h.Server("ns1.a.corp.example.com").Inject(dnstest.When(dnstest.Answer(`b.corp.example.com. TXT expected`), dnstest.Within("b.corp.example.com")))
	h.Server("ns1.b.corp.example.com").Inject(dnstest.When(dnstest.Answer(`a.corp.example.com. TXT stale`), dnstest.Within("a.corp.example.com")))
	h.Zone("b.corp.example.com").SetTXT("@", "another")
	records := []verify.Expectation{expected("a.corp.example.com", record.TXT, "expected"), expected("b.corp.example.com", record.TXT, "expected")}
	for range 6 {
		report, err := verify.Waiter{Resolver: newClient(t, h)}.Check(t.Context(), records, verify.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := []verify.State{report.Findings[0].State(), report.Findings[1].State()}; got[0] != verify.Valid || got[1] != verify.Invalid {
			t.Errorf("states %v, want the first valid and the second invalid:\n%s", got, report.Text())
		}
	}
}

// A fleet of domains under one label that is no zone.
func TestFleetUnderOneLabel(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1"))
	var records []verify.Expectation
	for i := range 50 {
		name := fmt.Sprintf("x%d.corp.example.com", i+1)
		h.Zone(name, dnstest.Servers("ns1")).SetTXT("@", name)
		records = append(records, expected(name, record.TXT, name))
	}
	c := newClient(t, h)
	for round := range 10 {
		report, err := verify.Waiter{Resolver: c, Surveyor: c}.Check(t.Context(), records, verify.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if report.State() != verify.Valid || len(report.Warnings()) > 0 {
			t.Errorf("round %d: state %v, warnings %q, want valid without any:\n%s", round, report.State(), report.Warnings(), report.Failing())
		}
	}
}

// A universe is a random tree of delegations below example.com.
type universe struct {
	h     *dnstest.Hierarchy
	zones []*dnstest.Zone
	names []string // to ask about
}

// newUniverse makes up zones with up to four labels between a zone and the one above, with names that hold something
// and names that do not. Labels are few, so that many zones lie under the same.
func newUniverse(t *testing.T, r *rand.Rand, shared bool) universe {
	t.Helper()
	u := universe{h: dnstest.New(t)}
	u.h.Zone("com", dnstest.Servers("a.nic", "b.nic"))
	u.zones = append(u.zones, u.h.Zone("example.com", dnstest.Servers("ns1", "ns2")))
	for range 2 + r.IntN(5) {
		above := u.zones[r.IntN(len(u.zones))]
		name := above.Name()
		for range 1 + r.IntN(5) {
			name = []string{"a", "b", "_domainkey"}[r.IntN(3)] + "." + name
		}
		if slices.ContainsFunc(u.zones, func(z *dnstest.Zone) bool { return z.Name() == name }) {
			continue
		}
		servers := []string{"ns1"}
		if r.IntN(2) == 0 {
			servers = append(servers, "ns2")
		}
		// Some zones share a server with the zone above, where their delegation does not show.
		if shared && r.IntN(4) == 0 {
			servers = append(servers, above.Servers()[r.IntN(len(above.Servers()))].Name()+".")
		}
		u.zones = append(u.zones, u.h.Zone(name, dnstest.Servers(servers...)))
	}
	for _, z := range u.zones {
		for _, owner := range []string{"@", "_dmarc", "sel._domainkey", "www.b.a"} {
			name := strings.TrimPrefix(owner+"."+z.Name(), "@.")
			u.names = append(u.names, name)
			if r.IntN(3) > 0 && u.holding(name) == z {
				z.SetTXT(owner, "at "+name)
			}
		}
	}
	slices.Sort(u.names)
	u.names = slices.Compact(u.names)
	r.Shuffle(len(u.names), func(i, j int) { u.names[i], u.names[j] = u.names[j], u.names[i] })
	u.names = u.names[:min(len(u.names), 14)]
	return u
}

// holding returns the zone that holds a name.
func (u universe) holding(name string) *dnstest.Zone {
	var deepest *dnstest.Zone
	for _, z := range u.zones {
		if dnsname.MustParse(name).IsIn(dnsname.MustParse(z.Name())) && (deepest == nil || len(z.Name()) > len(deepest.Name())) {
			deepest = z
		}
	}
	return deepest
}

// say asks about a name and puts the answer into words: the zone, its servers and what each of them says.
func say(t *testing.T, c *resolve.Client, q answer.Question) string {
	t.Helper()
	answers, err := c.Ask(t.Context(), q)
	if lookup, ok := errors.AsType[*answer.LookupError](err); ok {
		return fmt.Sprintf("%v at %v (%d)", lookup.Outcome, lookup.At, lookup.Reason)
	}
	if err != nil {
		t.Errorf("Ask(%s): %v", q.Name, err)
		return ""
	}
	return answers.Zone.String() + "\n" + strings.Join(lines(answers), "\n")
}

// universes returns how many random universes a property is tried on.
func universes() int {
	if testing.Short() {
		return 4
	}
	return 24
}

// forUniverses tries a property on random universes, and on those of seeds that it failed on before.
func forUniverses(t *testing.T, try func(t *testing.T, r *rand.Rand), seeds ...uint64) {
	t.Helper()
	for _, seed := range seeds {
		t.Run(fmt.Sprint("known ", seed), func(t *testing.T) {
			t.Parallel()
			try(t, rand.New(rand.NewPCG(seed, 0)))
		})
	}
	start := uint64(time.Now().UnixNano())
	const lanes = 4
	for lane := range lanes {
		t.Run(fmt.Sprint(lane), func(t *testing.T) {
			t.Parallel()
			for i := range universes() / lanes {
				seed := start + uint64(i*lanes+lane)
				t.Run(fmt.Sprint(seed), func(t *testing.T) { try(t, rand.New(rand.NewPCG(seed, 0))) })
			}
		})
	}
}

// What a client answers never depends on what else it was asked, in which order, or whether it knew the way.
func TestAnswersDoNotDependOnOthers(t *testing.T) {
	t.Parallel()
	forUniverses(t, func(t *testing.T, r *rand.Rand) {
		u := newUniverse(t, r, true)
		want := make(map[string]string)
		for _, name := range u.names {
			q := about(name, record.TXT)
			q.Fresh = r.IntN(2) == 0
			want[name] = say(t, newClient(t, u.h), q)
			if zone, _, _ := strings.Cut(want[name], "\n"); zone != u.holding(name).Name() {
				t.Errorf("%s alone: %s, want the zone %s", name, want[name], u.holding(name).Name())
			}
		}
		c := newClient(t, u.h)
		for _, when := range []string{"cold", "warm", "warm again"} {
			r.Shuffle(len(u.names), func(i, j int) { u.names[i], u.names[j] = u.names[j], u.names[i] })
			fresh := r.IntN(2) == 0
			got := make([]string, len(u.names))
			var group sync.WaitGroup
			for i, name := range u.names {
				q := about(name, record.TXT)
				q.Fresh = fresh
				if when == "warm again" {
					got[i] = say(t, c, q)
					continue
				}
				group.Go(func() { got[i] = say(t, c, q) })
			}
			group.Wait()
			for i, name := range u.names {
				if diff := cmp.Diff(want[name], got[i]); diff != "" {
					t.Errorf("%s, %s (-alone +together):\n%s", name, when, diff)
				}
			}
		}
	}, 1795774305083002521)
}

// outsiders are zones below each other, of which the deepest is served by a server of the highest as well.
func outsiders(t *testing.T) *dnstest.Hierarchy {
	t.Helper()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
	for _, name := range []string{"a.example.com", "b.a.example.com", "c.b.a.example.com"} {
		h.Zone(name, dnstest.Servers("ns1"), dnstest.Records(`www TXT ok`))
	}
	h.Zone("deep.c.b.a.example.com", dnstest.Servers("ns1", "ns2.example.com."), dnstest.Records(`www TXT ok`))
	return h
}

// A server of a zone above that has a zone further below as well answers about names in that alone: what it was to one
// question, it is not to others on the same way.
func TestOutsidersAreThoseOfAQuestion(t *testing.T) {
	t.Parallel()
	h := outsiders(t)
	for _, name := range []string{"www.c.b.a.example.com", "www.b.a.example.com", "www.a.example.com", "missing.b.a.example.com"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := lines(ask(t, newClient(t, h), about(name, record.TXT)))
			c := newClient(t, h)
			ask(t, c, about("www.deep.c.b.a.example.com", record.TXT))
			if diff := cmp.Diff(want, lines(ask(t, c, about(name, record.TXT)))); diff != "" {
				t.Errorf("after a name below (-alone +after):\n%s", diff)
			}
		})
	}
}

// Where such a server knows of other servers than the rest, that shows once it is asked about another name: all zones
// from there on are found anew.
func TestOutsiderRefersElsewhere(t *testing.T) {
	t.Parallel()
	h := outsiders(t)
	const name, below = "www.c.b.a.example.com", "deep.c.b.a.example.com"
	elsewhere := refers("a.example.com", evil(h, name, name+". TXT ok"), "ns9.a.example.com")
	h.Server("ns2.example.com").Inject(func(ctx context.Context, x *dnstest.Exchange) {
		if !strings.HasSuffix(strings.ToLower(strings.TrimSuffix(x.Question.Asked, ".")), below) {
			elsewhere(ctx, x)
		}
	})
	want := lines(ask(t, newClient(t, h), about(name, record.TXT)))
	c := newClient(t, h)
	ask(t, c, about("www."+below, record.TXT))
	first := lines(ask(t, c, about(name, record.TXT)))
	if !slices.ContainsFunc(first, func(line string) bool { return strings.HasPrefix(line, "ns2.example.com: not authoritative") }) {
		t.Errorf("after a name below: %q, want that a server refers elsewhere", first)
	}
	if diff := cmp.Diff(want, lines(ask(t, c, about(name, record.TXT)))); diff != "" {
		t.Errorf("once it was noticed (-alone +after):\n%s", diff)
	}
}
