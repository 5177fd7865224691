package resolve_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// refers makes a server refer to name servers at an address for everything within a zone.
func refers(zone, address string, hosts ...string) dnstest.Fault {
	return dnstest.When(func(ctx context.Context, x *dnstest.Exchange) {
		dnstest.RCode(dns.RcodeSuccess)(ctx, x)
		for _, host := range hosts {
			ns, _ := dns.NewRR(fmt.Sprintf("%s. 300 IN NS %s.", zone, host))
			a, _ := dns.NewRR(fmt.Sprintf("%s. 300 IN A %s", host, address))
			x.Reply.Ns, x.Reply.Extra = append(x.Reply.Ns, ns), append(x.Reply.Extra, a)
		}
	}, dnstest.Direct, dnstest.Within(zone))
}

// evil serves the expected record in a zone of its own making, at an address that is no server's of the hierarchy.
func evil(h *dnstest.Hierarchy, zone string, records ...string) string {
	h.Zone("evil.net", dnstest.Servers("ns1"))
	s := h.Server("ns1.evil.net")
	s.Inject(dnstest.When(dnstest.Answer(records...), dnstest.OfType("TXT"), dnstest.Within(zone)))
	s.Inject(dnstest.When(dnstest.Answer(fmt.Sprintf("%s. 300 IN NS ns1.%s.", zone, zone)), dnstest.OfType("NS"), dnstest.Within(zone)))
	return s.Addr().Addr().String()
}

// judge returns what validations under some require make of a record, with a client that knows nothing.
func judge(t *testing.T, c *resolve.Client, require string, e ...verify.Expectation) verify.Report {
	t.Helper()
	required, err := verify.ParseRequire(require)
	if err != nil {
		t.Fatal(err)
	}
	report, err := verify.Waiter{Resolver: c}.Check(t.Context(), e, verify.Options{Require: required})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// One server of four refers to a server of its own, and the others know of no such name.
func TestReferralOfOneServer(t *testing.T) {
	t.Parallel()
	const owner = "sel._domainkey.example.com"
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3", "ns4"), dnstest.Records(`www TXT ok`))
	at := evil(h, "_domainkey.example.com", owner+". TXT ok")
	zone.Server("ns4").Inject(refers("_domainkey.example.com", at, "ns1._domainkey.example.com"))
	for range 10 {
		c := newClient(t, h)
		for _, require := range []string{"all", "strict", "all"} {
			report := judge(t, c, require, expected(owner, record.TXT, "ok"))
			if f := report.Findings[0]; f.State() == verify.Valid || f.Met() || !hasCause(f, "delegation-disagrees") || len(f.Seen) != 4 {
				t.Fatalf("under %s: state %v, want it not valid, for a delegation that the servers do not agree on:\n%s", require, f.State(), report.Text())
			}
		}
		if report := judge(t, c, "strict", expected("www.example.com", record.TXT, "ok")); report.State() != verify.Valid {
			t.Errorf("a record beside it: %s", report.Text())
		}
	}
}

func hasCause(f verify.Finding, code string) bool {
	return slices.ContainsFunc(f.Causes(), func(c verify.Cause) bool { return c.Code == code })
}

// One server still refers to the servers of before, which have an earlier copy.
func TestReferralOfStaleServer(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
	zone := h.Zone("_domainkey.example.com", dnstest.Servers("ns1.old.net.", "ns1.new.net."), dnstest.Records(`sel TXT old`))
	zone.Set(`@ NS ns1.old.net.`)
	h.Zone("example.com").Set(`_domainkey NS ns1.old.net.`)
	h.Server("ns2.example.com").Hold()
	zone.Server("ns1.old.net.").Hold()
	zone.Set(`@ NS ns1.new.net.`, `sel TXT ok`)
	h.Zone("example.com").Set(`_domainkey NS ns1.new.net.`)
	var first string
	for i := range 40 {
		report := judge(t, newClient(t, h), "all", expected("sel._domainkey.example.com", record.TXT, "ok"))
		if i == 0 {
			first = report.Text()
		}
		f := report.Findings[0]
		if report.Text() != first || f.State() != verify.Unclear || !hasCause(f, "delegation-disagrees") || len(f.Seen) != 2 {
			t.Fatalf("run %d: state %v, want it unclear each time, by the same two servers:\n%s\nat first:\n%s", i, f.State(), report.Text(), first)
		}
	}
}

// Name servers that sort first push no others off the list: past the limit, the list is the finding.
func TestManyNameServers(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
	addr := zone.Server("ns1").Addr().Addr().String()
	var more []string
	for i := range 19 {
		more = append(more, fmt.Sprintf("@ NS a%d", i), fmt.Sprintf("a%d A %s", i, addr))
	}
	zone.Server("ns2").Hold()
	zone.Set(`www TXT new`)
	zone.Add(more...)
	for range 5 {
		report := judge(t, newClient(t, h), "all", expected("www.example.com", record.TXT, "new"))
		if f := report.Findings[0]; f.State() == verify.Valid || !hasCause(f, "lookup-too-costly") {
			t.Fatalf("state %v, want the list of 21 servers as the reason:\n%s", f.State(), report.Text())
		}
	}
}

// Each server of a zone is asked for its list, those as well that only such a list names: one of them may know of a
// server that nobody else lists.
func TestListsOfListedServers(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3", "ns4"), dnstest.Records(`www TXT ok`))
	for i := 1; i < 4; i++ {
		// Each server knows of itself and the next one.
		lists := dnstest.Answer(fmt.Sprintf("example.com. NS ns%d.example.com.", i), fmt.Sprintf("example.com. NS ns%d.example.com.", i+1))
		zone.Server(fmt.Sprintf("ns%d", i)).Inject(dnstest.When(lists, dnstest.Direct, dnstest.OfType("NS"), dnstest.About("example.com")))
	}
	h.Zone("com").Set(`example NS ns1.example`)
	zone.Server("ns4").Hold()
	zone.SetTXT("www", "new")
	for _, require := range []string{"all", "strict"} {
		report := judge(t, newClient(t, h), require, expected("www.example.com", record.TXT, "new"))
		if f := report.Findings[0]; f.State() == verify.Valid || f.Met() || len(f.Seen) != 4 {
			t.Errorf("under %s: state %v by %d servers, want that the fourth one of the lists counts:\n%s", require, f.State(), len(f.Seen), report.Text())
		}
	}
}

// Servers of the parent that do not answer are no view of their own.
func TestSilentServersOfParent(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]dnstest.Fault{
		"silent": dnstest.Drop, "failing": dnstest.RCode(dns.RcodeServerFailure), "refusing": dnstest.RCode(dns.RcodeRefused),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			h.Zone("com", dnstest.Servers("a.nic", "b.nic"))
			h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
			h.Zone("_domainkey.example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`sel TXT ok`))
			for _, server := range []string{"b.nic.com", "ns2.example.com"} {
				h.Server(server).Inject(dnstest.When(fault, dnstest.Direct))
			}
			report := judge(t, newClient(t, h, timeout(time.Second)), "strict", expected("sel._domainkey.example.com", record.TXT, "ok"))
			if report.State() != verify.Valid {
				t.Errorf("state %v, want it valid:\n%s", report.State(), report.Text())
			}
		})
	}
}

// A server may have a zone and the one below it: it needs no referral, and its answers count.
func TestServerOfBothZones(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
	h.Zone("_domainkey.example.com", dnstest.Servers("ns2.example.com.", "ns3.example.net."), dnstest.Records(`sel TXT ok`))
	for range 10 {
		report := judge(t, newClient(t, h), "strict", expected("sel._domainkey.example.com", record.TXT, "ok"))
		if f := report.Findings[0]; f.State() != verify.Valid || len(f.Seen) != 2 || len(report.Warnings()) != 0 {
			t.Fatalf("state %v, warnings %v, want it valid by two servers that agree:\n%s", f.State(), report.Warnings(), report.Text())
		}
	}
}

// A name server whose name is an alias counts alike, whoever looked its address up before.
func TestNameServerIsAlias(t *testing.T) {
	t.Parallel()
	build := func(t *testing.T) *dnstest.Hierarchy {
		h := dnstest.New(t)
		h.Zone("hoster.net", dnstest.Servers("ns1"), dnstest.Records(`@ TXT hoster`, `dns2 CNAME dns3`, `dns3 CNAME ns1`, `loop1 CNAME loop2`, `loop2 CNAME loop1`))
		zone := h.Zone("example.com", dnstest.Servers("ns1.hoster.net."), dnstest.Records(`@ TXT ok`))
		zone.Set(`@ NS dns2.hoster.net.`)
		h.Zone("com").Set(`example NS dns2.hoster.net.`)
		return h
	}
	want := []string{"dns2.hoster.net: found | ok"}
	for name, before := range map[string][]string{"alone": nil, "behind another": {"hoster.net"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			c := newClient(t, h)
			for _, name := range before {
				ask(t, c, about(name, record.TXT))
			}
			for _, when := range []string{"cold", "warm"} {
				got := ask(t, c, about("example.com", record.TXT))
				if diff := cmp.Diff(want, lines(got)); diff != "" {
					t.Errorf("%s: answers (-want +got):\n%s", when, diff)
				}
				if diff := cmp.Diff(names("dns2.hoster.net"), got.AliasedServers, compareValues); diff != "" {
					t.Errorf("%s: aliases (-want +got):\n%s", when, diff)
				}
			}
			report := judge(t, c, "strict", expected("example.com", record.TXT, "ok"))
			warnings := report.Warnings()
			if report.State() != verify.Valid || len(warnings) != 1 || !strings.Contains(warnings[0].Detail, "RFC 2181 §10.3") {
				t.Errorf("state %v, warnings %q; want it valid, with one that names RFC 2181 §10.3", report.State(), warnings)
			}
		})
	}
	t.Run("in a circle", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		h.Zone("com").Set(`example NS loop1.hoster.net.`)
		c := newClient(t, h)
		ask(t, c, about("hoster.net", record.TXT))
		report := judge(t, c, "all", expected("example.com", record.TXT, "ok"))
		if f := report.Findings[0]; f.State() == verify.Valid || !hasCause(f, "servers-without-address") || !strings.Contains(report.Text(), "circle") {
			t.Errorf("state %v, want a server without an address:\n%s", f.State(), report.Text())
		}
	})
}

// A deceit makes one server of a universe lie, or stay behind.
type deceit struct {
	name  string
	apply func(u universe, r *rand.Rand, s *dnstest.Server, z *dnstest.Zone, owner string)
}

func deceits() []deceit {
	answer := func(owner string) dnstest.Fault {
		return dnstest.When(dnstest.Answer(owner+". TXT expected"), dnstest.Direct, dnstest.OfType("TXT"), dnstest.About(owner))
	}
	return []deceit{
		{"answers itself", func(_ universe, _ *rand.Rand, s *dnstest.Server, _ *dnstest.Zone, owner string) {
			s.Inject(answer(owner))
		}},
		{"refers to a server of its own", func(u universe, r *rand.Rand, s *dnstest.Server, z *dnstest.Zone, owner string) {
			cut := owner
			for parent := dnsname.MustParse(owner).Parent(); parent.IsIn(dnsname.MustParse(z.Name())) && parent.String() != z.Name() && r.IntN(2) == 0; parent = parent.Parent() {
				cut = parent.String()
			}
			if cut == z.Name() {
				return
			}
			s.Inject(refers(cut, evil(u.h, cut, owner+". TXT expected"), "ns1."+cut))
		}},
		{"lists other servers", func(u universe, _ *rand.Rand, s *dnstest.Server, z *dnstest.Zone, owner string) {
			ns := fmt.Sprintf("%s. 300 IN NS ns1.evil.net.", z.Name())
			evil(u.h, z.Name(), owner+". TXT expected")
			s.Inject(dnstest.When(dnstest.Answer(ns), dnstest.Direct, dnstest.OfType("NS"), dnstest.About(z.Name())))
			s.Inject(answer(owner))
		}},
		{"is held back", func(_ universe, _ *rand.Rand, s *dnstest.Server, _ *dnstest.Zone, _ string) { s.Hold() }},
	}
}

// With one server that lies or is behind, at any level, a record is valid under all and strict only where every other
// server serves it, too.
func TestOneServerNeverDecides(t *testing.T) {
	t.Parallel()
	forUniverses(t, func(t *testing.T, r *rand.Rand) {
		u := newUniverse(t, r, r.IntN(2) == 0)
		owner := u.names[r.IntN(len(u.names))]
		zone := u.holding(owner)
		// The liar serves some zone on the way to the owner, and none of those all by itself: there is another path.
		type place struct {
			zone   *dnstest.Zone
			server *dnstest.Server
		}
		var places []place
		alone := make(map[*dnstest.Server]bool)
		for _, z := range append(u.zones, u.h.Zone("com")) {
			if !dnsname.MustParse(owner).IsIn(dnsname.MustParse(z.Name())) {
				continue
			}
			for _, s := range z.Servers() {
				places = append(places, place{z, s})
				alone[s] = alone[s] || len(z.Servers()) == 1
			}
		}
		places = slices.DeleteFunc(places, func(p place) bool { return alone[p.server] })
		d := deceits()[r.IntN(len(deceits()))]
		if d.name == "is held back" {
			zone.SetTXT(ownerIn(owner, zone.Name()), "expected")
		} else {
			zone.SetTXT(ownerIn(owner, zone.Name()), "another")
		}
		chosen := places[r.IntN(len(places))]
		at, liar := chosen.zone, chosen.server
		// The resolvers are honest, and not deceived: they are where the way down starts.
		d.apply(u, r, liar, at, owner)
		if d.name == "is held back" {
			zone.SetTXT(ownerIn(owner, zone.Name()), "another")
		}
		c := newClient(t, u.h)
		for _, require := range []string{"all", "strict", "all"} {
			report := judge(t, c, require, expected(owner, record.TXT, "expected"))
			if report.State() == verify.Valid {
				t.Errorf("%s of %s %s: %s is valid under %s:\n%s", liar.Name(), at.Name(), d.name, owner, require, report.Text())
			}
			c.Age(time.Hour)
		}
	})
}

// ownerIn returns an owner relative to its zone.
func ownerIn(owner, zone string) string {
	if owner == zone {
		return "@"
	}
	return strings.TrimSuffix(owner, "."+zone)
}
