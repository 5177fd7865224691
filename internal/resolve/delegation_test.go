package resolve_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Parent and zone list different servers: all of them are asked, and those that do not have the zone say so.
func TestDelegationMismatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		parent, own []string
		lame        string
		want        []string
	}{
		"the parent lists one more": {
			parent: []string{"ns1", "ns2"}, own: []string{"ns1"},
			want: []string{"ns1.example.com: found | ok", "ns2.example.com: found | ok"},
		},
		"the zone lists one more": {
			parent: []string{"ns1"}, own: []string{"ns1", "ns2"},
			want: []string{"ns1.example.com: found | ok", "ns2.example.com: found | ok"},
		},
		"each lists another": {
			parent: []string{"ns1"}, own: []string{"ns2"},
			want: []string{"ns1.example.com: found | ok", "ns2.example.com: found | ok"},
		},
		"the parent lists one that is lame": {
			parent: []string{"ns1", "ns2"}, own: []string{"ns1"}, lame: "ns2",
			want: []string{"ns1.example.com: found | ok", "ns2.example.com: refused (REFUSED)"},
		},
		"the zone lists one that is lame": {
			parent: []string{"ns1"}, own: []string{"ns1", "ns2"}, lame: "ns2",
			want: []string{"ns1.example.com: found | ok", "ns2.example.com: refused (REFUSED)"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
			var below, own []string
			for _, ns := range tt.parent {
				below = append(below, "example NS "+ns+".example")
			}
			for _, ns := range tt.own {
				own = append(own, "@ NS "+ns)
			}
			h.Zone("com").Set(below...)
			zone.Set(own...)
			if tt.lame != "" {
				zone.Server(tt.lame).Inject(dnstest.RCode(dns.RcodeRefused))
			}
			c := newClient(t, h)
			for range 3 { // Which server is asked first is left to chance.
				if diff := cmp.Diff(tt.want, lines(ask(t, c, fresh(about("www.example.com", record.TXT))))); diff != "" {
					t.Errorf("answers (-want +got):\n%s", diff)
				}
				c.Age(time.Hour)
			}
		})
	}
}

// A domain that has moved is found again by those who wait, though its old servers go on answering.
func TestDelegationMoves(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1.old.net.", "ns1.new.net."))
	zone.Set(`@ NS ns1.old.net.`)
	h.Zone("com").Set(`example NS ns1.old.net.`)
	c := newClient(t, h)
	q := about("www.example.com", record.TXT)
	old := []string{"ns1.old.net: name does not exist (NXDOMAIN)"}
	if diff := cmp.Diff(old, lines(ask(t, c, fresh(q)))); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	zone.Server("ns1.old.net.").Hold()
	zone.Set(`@ NS ns1.new.net.`, `www TXT ok`)
	h.Zone("com").Set(`example NS ns1.new.net.`)
	if diff := cmp.Diff(old, lines(ask(t, c, fresh(q)))); diff != "" {
		t.Errorf("soon after (-want +got):\n%s", diff)
	}
	c.Age(time.Minute)
	if diff := cmp.Diff(old, lines(ask(t, c, q))); diff != "" {
		t.Errorf("a minute later, where what is remembered will do (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ns1.new.net: found | ok"}, lines(ask(t, c, fresh(q)))); diff != "" {
		t.Errorf("a minute later (-want +got):\n%s", diff)
	}
}

// Servers of a registry that have a domain as well, without a referral to show for it.
func TestDelegationOnServersOfRegistry(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.OnParent(), dnstest.Records(`www TXT ok`))
	for name, want := range map[string]string{
		"www.example.com":    "a.nic.com: found | ok",
		"_dmarc.example.com": "a.nic.com: name does not exist (NXDOMAIN)",
		"example.com":        "a.nic.com: no such record",
	} {
		answers := ask(t, newClient(t, h), about(name, record.TXT))
		if diff := cmp.Diff([]string{want}, lines(answers)); diff != "" || answers.Zone.String() != "example.com" {
			t.Errorf("Ask(%s) in zone %s (-want +got):\n%s", name, answers.Zone, diff)
		}
	}
}

func TestDelegationToBothFamilies(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.ServerAt("ns1", "127.0.0.210", "::1"), dnstest.Records(`www TXT ok`))
	answers := ask(t, newClient(t, h), about("www.example.com", record.TXT))
	for i, addr := range zone.Server("ns1").Addrs() {
		if len(answers.List) != 2 || answers.List[i].Server.Addr != addr {
			t.Errorf("answers %+v, want one from %s", answers.List, addr)
		}
	}
}
