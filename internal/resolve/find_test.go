package resolve_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestRecursorsHearOfNoRecord(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1", "ns2.host.net."), dnstest.Records(
		`@ TXT "v=spf1 -all"`, `sel1._domainkey CNAME sel1.key.example.org.`))
	h.Zone("key.example.org", dnstest.Records(`sel1 TXT "v=DKIM1; p="`))
	c := newClient(t, h)
	for _, q := range []answer.Question{
		about("example.com", record.TXT), about("example.com", record.MX), about("sel1._domainkey.example.com", record.TXT),
		about("sel2._domainkey.example.com", record.TXT), about("_dmarc.example.com", record.TXT), about("a.b.c.example.com", record.A),
	} {
		ask(t, c, q)
		ask(t, c, fresh(q))
	}
	want := []string{
		"A a.nic.com", "A a.nic.org", "A ns2.host.net", "AAAA a.nic.com", "AAAA a.nic.org", "AAAA ns2.host.net", "NS com", "NS org",
	}
	if diff := cmp.Diff(want, questions(h, dnstest.To("recursor1"), isNoHedge)); diff != "" {
		t.Errorf("the recursor was asked (-want +got):\n%s", diff)
	}
	for _, q := range h.Questions(dnstest.Direct, dnstest.Not(dnstest.To("recursor1"))) {
		if q.RD {
			t.Errorf("%v came with RD, want none towards authorities", q)
		}
	}
}

func TestFindOncePerDomain(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com")
	c := newClient(t, h, timeout(time.Minute))
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if _, err := c.Ask(t.Context(), about(fmt.Sprintf("s%d._domainkey.example.com", i), record.TXT)); err != nil {
				t.Errorf("Ask: %v", err)
			}
		})
	}
	group.Wait()
	if n := h.Count(dnstest.Direct, dnstest.To("a.nic.com")); n != 1 {
		t.Errorf("the servers of com got %d questions, want 1:\n%v", n, h.Questions(dnstest.Direct, dnstest.To("a.nic.com")))
	}
	if n := h.Count(dnstest.Direct, dnstest.OfType("NS"), dnstest.About("example.com")); n != 1 {
		t.Errorf("the zone was asked %d times for its servers, want 1", n)
	}
	if n := h.Count(dnstest.Direct, dnstest.OfType("TXT"), dnstest.Within("_domainkey.example.com")); n != 1+20 {
		t.Errorf("20 names took %d questions, want 21, one of them to the parent", n)
	}
}

func TestFindHiddenCut(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1"))
	h.Zone("_domainkey.example.com", dnstest.Servers("ns1.example.com.", "ns2.example.com."), dnstest.Records(
		`sel TXT key`, `alias CNAME target.example.com.`))
	tests := []struct {
		name string
		typ  record.Type
		zone string
		want []string
	}{
		{"sel._domainkey.example.com", record.TXT, "_domainkey.example.com", []string{"ns1.example.com: found | key", "ns2.example.com: found | key"}},
		{"alias._domainkey.example.com", record.CNAME, "_domainkey.example.com", []string{"ns1.example.com: found | target.example.com", "ns2.example.com: found | target.example.com"}},
		{"none._domainkey.example.com", record.TXT, "_domainkey.example.com", []string{
			"ns1.example.com: name does not exist (NXDOMAIN)", "ns2.example.com: name does not exist (NXDOMAIN)",
		}},
		{"www.example.com", record.TXT, "example.com", []string{"ns1.example.com: name does not exist (NXDOMAIN)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answers := ask(t, newClient(t, h), about(tt.name, tt.typ))
			if answers.Zone != dnsname.MustParse(tt.zone) {
				t.Errorf("Zone = %v, want %v", answers.Zone, tt.zone)
			}
			if diff := cmp.Diff(tt.want, lines(answers)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFindUnionOfParentAndChild(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("host.net", dnstest.Servers("ns1"))
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"), dnstest.Records(`www TXT ok`))
	zone.Set(`@ NS ns2`, `@ NS ns3`, `@ NS ns1.host.net.`)
	h.Zone("com").Set(`example NS ns1.example`, `example NS ns2.example`)
	c := newClient(t, h)
	answers := ask(t, c, about("www.example.com", record.TXT))
	want := []string{"ns1.example.com: found | ok", "ns1.host.net: refused (REFUSED)", "ns2.example.com: found | ok", "ns3.example.com: found | ok"}
	if diff := cmp.Diff(want, lines(answers)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestFindEveryAddress(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.ServerAt("ns1", "127.0.0.201", "127.0.0.202"), dnstest.Records(`www TXT ok`))
	// The parent knows one address, the zone itself two.
	h.Zone("com").Set(`ns1.example A 127.0.0.202`)
	answers := ask(t, newClient(t, h), about("www.example.com", record.TXT))
	var addrs []netip.AddrPort
	for _, a := range answers.List {
		addrs = append(addrs, a.Server.Addr)
	}
	if diff := cmp.Diff(zone.Server("ns1").Addrs(), addrs, compareValues); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}

func TestFindDelegatedSubzone(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
	c := newClient(t, h)
	q := about("sel._domainkey.example.com", record.TXT)
	want := []string{"ns1.example.com: name does not exist (NXDOMAIN)", "ns2.example.com: name does not exist (NXDOMAIN)"}
	if diff := cmp.Diff(want, lines(ask(t, c, q))); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	// Delegated while the client already knows which zone held the name.
	h.Zone("_domainkey.example.com", dnstest.Servers("ns1.vendor.net."), dnstest.Records(`sel TXT key`))
	want = []string{"ns1.vendor.net: found | key"}
	answers := ask(t, c, fresh(q))
	if diff := cmp.Diff(want, lines(answers)); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	if want := dnsname.MustParse("_domainkey.example.com"); answers.Zone != want {
		t.Errorf("Zone = %v, want %v", answers.Zone, want)
	}
}

func TestFindUndelegated(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Undelegated(), dnstest.Records(`www TXT ok`))
	h.Zone("co.uk")
	c := newClient(t, h)
	tests := map[string]string{
		"www.example.com":          "example.com",
		"example.com":              "example.com",
		"_dmarc.example.co.uk":     "example.co.uk",
		"sel._domainkey.example.x": "example.x",
	}
	for name, at := range tests {
		_, err := c.Ask(t.Context(), fresh(about(name, record.TXT)))
		var lookup *answer.LookupError
		if !errors.As(err, &lookup) || lookup.Outcome != answer.NXDomain || lookup.At.String() != at || lookup.Name.String() != name {
			t.Errorf("Ask(%s) = %v, want NXDOMAIN at %s", name, err, at)
		}
	}
	zone.Delegate()
	if diff := cmp.Diff([]string{"ns1.example.com: found | ok"}, lines(ask(t, c, fresh(about("www.example.com", record.TXT))))); diff != "" {
		t.Errorf("once delegated (-want +got):\n%s", diff)
	}
}

func TestFindAgain(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("new.net", dnstest.Servers("ns1"))
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2.host.net."), dnstest.Records(`www TXT ok`))
	h.Zone("com").Set(`example NS ns1.example`)
	zone.Set(`@ NS ns1`)
	c := newClient(t, h)
	q := fresh(about("www.example.com", record.TXT))
	ask(t, c, q)
	// The domain moves: its old server refuses, its parent lists another one.
	zone.Server("ns1").Inject(dnstest.RCode(dns.RcodeRefused))
	h.Zone("com").Set(`example NS ns2.host.net.`)
	zone.Set(`@ NS ns2.host.net.`)
	if diff := cmp.Diff([]string{"ns1.example.com: refused (REFUSED)"}, lines(ask(t, c, q))); diff != "" {
		t.Errorf("with the old delegation (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ns2.host.net: found | ok"}, lines(ask(t, c, q))); diff != "" {
		t.Errorf("with the new delegation (-want +got):\n%s", diff)
	}
}

func TestFindPrivateZone(t *testing.T) {
	t.Parallel()
	unknown := map[string]dnstest.Fault{
		"NXDOMAIN":     dnstest.RCode(dns.RcodeNameError),
		"no data":      dnstest.RCode(dns.RcodeSuccess),
		"SERVFAIL":     dnstest.RCode(dns.RcodeServerFailure),
		"no answer":    dnstest.Drop,
		"dead servers": nil,
	}
	for name, fault := range unknown {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			h.Zone("corp.test", dnstest.Records(`_dmarc.mail TXT ok`))
			r := h.Recursor()
			if fault == nil {
				h.Server("a.nic.test").Inject(dnstest.When(dnstest.RCode(dns.RcodeRefused), dnstest.Direct))
			} else {
				r.Inject(dnstest.When(fault, dnstest.OfType("NS"), func(q dnstest.Question) bool { return q.Name != "corp.test" }))
			}
			c := newClient(t, h, timeout(time.Second))
			answers := ask(t, c, about("_dmarc.mail.corp.test", record.TXT))
			if diff := cmp.Diff([]string{"ns1.corp.test: found | ok"}, lines(answers)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			for _, q := range h.Questions(dnstest.To(r.Name())) {
				if strings.Contains(q.Name, "mail") {
					t.Errorf("the recursor was asked for %v", q)
				}
			}
		})
	}
}

func TestFindServersGone(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
	zone.Server("ns1").Down()
	zone.Server("ns2").Inject(dnstest.RCode(dns.RcodeServerFailure))
	answers := ask(t, newClient(t, h), about("www.example.com", record.TXT))
	want := []string{"ns1.example.com: unreachable", "ns2.example.com: server failure (SERVFAIL)"}
	if diff := cmp.Diff(want, lines(answers)); diff != "" || answers.Zone.String() != "example.com" {
		t.Errorf("zone %v, answers (-want +got):\n%s", answers.Zone, diff)
	}
}

func TestFindParentGone(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com")
	h.Server("a.nic.com").Inject(dnstest.When(dnstest.RCode(dns.RcodeRefused), dnstest.Direct))
	h.Recursor().Inject(dnstest.When(dnstest.RCode(dns.RcodeServerFailure), dnstest.About("example.com")))
	_, err := newClient(t, h).Ask(t.Context(), about("www.example.com", record.TXT))
	var lookup *answer.LookupError
	if !errors.As(err, &lookup) || lookup.Outcome != answer.Refused || lookup.At.String() != "com" ||
		!strings.Contains(lookup.Detail, "a.nic.com") || !strings.Contains(lookup.Detail, "(REFUSED)") {
		t.Errorf("Ask = %v, want refused at com, with the server that did", err)
	}
}

func TestFindRegistryGone(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("co.uk")
	h.Zone("example.co.uk")
	h.Server("ns1.co.uk").Inject(dnstest.When(dnstest.RCode(dns.RcodeServerFailure), dnstest.Direct))
	_, err := newClient(t, h).Ask(t.Context(), about("_dmarc.example.co.uk", record.TXT))
	var lookup *answer.LookupError
	if !errors.As(err, &lookup) || lookup.Outcome != answer.ServFail || lookup.At.String() != "co.uk" {
		t.Errorf("Ask = %v, want SERVFAIL at co.uk", err)
	}
}

// A domain that a registry knows, without servers, as while it is on hold.
func TestFindRegistryWithoutServers(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("com", dnstest.Records(`ns1.example A 192.0.2.1`))
	h.Zone("test", dnstest.Records(`ns1.example A 192.0.2.1`))
	c := newClient(t, h)
	_, err := c.Ask(t.Context(), about("www.example.com", record.TXT))
	var lookup *answer.LookupError
	if !errors.As(err, &lookup) || lookup.Outcome != answer.NoData || lookup.At.String() != "example.com" {
		t.Errorf("Ask = %v, want no data at example.com", err)
	}
	// Below a top-level domain that no registry runs, it may be the zone of its user.
	if got := ask(t, c, about("www.example.test", record.TXT)); got.Zone.String() != "test" || got.List[0].Outcome != answer.NXDomain {
		t.Errorf("Ask = %+v, want NXDOMAIN from the zone test", got)
	}
}

func TestFindTopLevelNames(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("lab", dnstest.Records(`_dmarc TXT ok`, `@ TXT apex`))
	h.Zone(".").Set(`_dmarc TXT root`)
	c := newClient(t, h)
	for name, want := range map[string]string{
		"lab":        "a.nic.lab: found | apex",
		"_dmarc.lab": "a.nic.lab: found | ok",
		"_spf.lab":   "a.nic.lab: name does not exist (NXDOMAIN)",
		"_dmarc":     "a.root: found | root",
		".":          "a.root: no such record",
		"*.lab":      "a.nic.lab: name does not exist (NXDOMAIN)",
	} {
		if diff := cmp.Diff([]string{want}, lines(ask(t, c, about(name, record.TXT)))); diff != "" {
			t.Errorf("%s: answers (-want +got):\n%s", name, diff)
		}
	}
}

// Where the address of a server cannot be looked up for now, the client does not settle for that.
func TestFindUncertainServer(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1", "ns2.host.net."), dnstest.Records(`www TXT ok`))
	r := h.Recursor()
	r.Inject(dnstest.When(dnstest.RCode(dns.RcodeServerFailure), dnstest.About("ns2.host.net")))
	answers := ask(t, newClient(t, h), about("www.example.com", record.TXT))
	want := []string{"ns1.example.com: found | ok", "ns2.host.net: unreachable"}
	if diff := cmp.Diff(want, lines(answers)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if got, want := answers.List[1].Detail, "it has no address: server failure (SERVFAIL)"; got != want {
		t.Errorf("Detail = %q, want %q", got, want)
	}
}
