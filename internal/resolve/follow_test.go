package resolve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(
		`across CNAME Sel.Key.Example.ORG.`,
		`inside CNAME host`,
		`host TXT here`,
		`nowhere CNAME x.undelegated.org.`,
		`nodata CNAME nothing.key.example.org.`,
		`a CNAME b`, `b CNAME c.example.com.`, `c CNAME a`,
		`self CNAME SELF`,
		`old DNAME new.key.example.org.`,
		`long DNAME `+strings.Repeat("x", 60)+`.`+strings.Repeat("y", 60)+`.`+strings.Repeat("z", 60)+`.org.`,
	))
	h.Zone("key.example.org", dnstest.Records(`sel CNAME again.example.net.`, `sel.new TXT moved`, `nothing A 192.0.2.1`))
	h.Zone("example.net", dnstest.Records(`again TXT there`))
	tests := []struct {
		name string
		typ  record.Type
		zone string
		want []string
	}{
		{"across.example.com", record.TXT, "example.net", []string{"ns1.example.net: found → sel.key.example.org → again.example.net | there"}},
		{"across.example.com", record.CNAME, "example.com", []string{"ns1.example.com: found | sel.key.example.org", "ns2.example.com: found | sel.key.example.org"}},
		{"inside.example.com", record.TXT, "example.com", []string{"ns1.example.com: found → host.example.com | here", "ns2.example.com: found → host.example.com | here"}},
		{"nowhere.example.com", record.TXT, "example.com", []string{
			"ns1.example.com: name does not exist (NXDOMAIN) → x.undelegated.org", "ns2.example.com: name does not exist (NXDOMAIN) → x.undelegated.org",
		}},
		{"nodata.example.com", record.TXT, "key.example.org", []string{"ns1.key.example.org: no such record → nothing.key.example.org"}},
		{"a.example.com", record.TXT, "example.com", []string{
			"ns1.example.com: malformed answer → b.example.com → c.example.com → a.example.com",
			"ns2.example.com: malformed answer → b.example.com → c.example.com → a.example.com",
		}},
		{"self.example.com", record.TXT, "example.com", []string{
			"ns1.example.com: malformed answer → self.example.com", "ns2.example.com: malformed answer → self.example.com",
		}},
		{"sel.old.example.com", record.TXT, "key.example.org", []string{"ns1.key.example.org: found → sel.new.key.example.org | moved"}},
		{"sel.old.example.com", record.CNAME, "example.com", []string{
			"ns1.example.com: found | sel.new.key.example.org", "ns2.example.com: found | sel.new.key.example.org",
		}},
		{strings.Repeat("w", 60) + "." + strings.Repeat("v", 20) + ".long.example.com", record.TXT, "example.com", []string{
			"ns1.example.com: malformed answer", "ns2.example.com: malformed answer",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name+"/"+string(tt.typ), func(t *testing.T) {
			t.Parallel()
			answers := ask(t, newClient(t, h), about(tt.name, tt.typ))
			if diff := cmp.Diff(tt.want, lines(answers)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			if answers.Zone.String() != tt.zone {
				t.Errorf("Zone = %v, want %v", answers.Zone, tt.zone)
			}
		})
	}
}

func TestFollowSaysWhy(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`a CNAME b`, `b CNAME a`, `nowhere CNAME x.undelegated.org.`))
	c := newClient(t, h)
	tests := map[string]string{
		"a.example.com":       "aliases in a circle: a.example.com -> b.example.com -> a.example.com",
		"nowhere.example.com": "the name servers of x.undelegated.org cannot be found",
	}
	for name, want := range tests {
		if got := ask(t, c, about(name, record.TXT)).List[0].Detail; !strings.Contains(got, want) {
			t.Errorf("Ask(%s) says %q, want %q", name, got, want)
		}
	}
}

func TestFollowAtMostEight(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`n0 TXT end`))
	for i := range 9 {
		zone.Set(fmt.Sprintf("n%d CNAME n%d", i+1, i))
	}
	for name, want := range map[string]answer.Outcome{"n8.example.com": answer.Found, "n9.example.com": answer.Malformed} {
		for _, via := range []answer.Via{answer.Authorities, answer.Resolvers} {
			q := about(name, record.TXT)
			q.Via = via
			if got := ask(t, newClient(t, h), q).List[0]; got.Outcome != want {
				t.Errorf("Ask(%s, %s) = %+v, want %v", name, via, got, want)
			}
		}
	}
}

func TestFollowWhereServersDisagree(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"), dnstest.Records(`www TXT plain`))
	h.Zone("example.net", dnstest.Records(`one TXT first`))
	h.Zone("example.org", dnstest.Records(`two TXT second`))
	zone.Server("ns1").Hold()
	zone.Set(`www CNAME one.example.net.`)
	zone.Server("ns2").Hold()
	zone.Set(`www CNAME two.example.org.`)
	want := []string{
		"ns1.example.com: found | plain",
		"ns1.example.net: found → one.example.net | first",
		"ns1.example.org: found → two.example.org | second",
	}
	if diff := cmp.Diff(want, lines(ask(t, newClient(t, h), about("www.example.com", record.TXT)))); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// A server that delegates a name which another server of the zone still answers for.
func TestFollowPartialDelegation(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`sel._domainkey TXT old`))
	c := newClient(t, h)
	q := fresh(about("sel._domainkey.example.com", record.TXT))
	ask(t, c, q)
	zone.Server("ns2").Hold()
	h.Zone("_domainkey.example.com", dnstest.Servers("ns1.vendor.net."), dnstest.Records(`sel TXT new`))
	want := []string{"ns1.vendor.net: found | new", "ns2.example.com: found | old"}
	if diff := cmp.Diff(want, lines(ask(t, c, q))); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// Servers that leave it to the client to make the CNAME of a DNAME.
func TestFollowBareDNAME(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`old DNAME new.example.com.`, `sel.new TXT moved`))
	zone.Server("ns1").Inject(dnstest.When(dnstest.Mutate(func(reply *dns.Msg) {
		if len(reply.Answer) > 0 {
			reply.Answer = reply.Answer[:1]
		}
	}), dnstest.Within("old.example.com")))
	if diff := cmp.Diff([]string{"ns1.example.com: found → sel.new.example.com | moved"},
		lines(ask(t, newClient(t, h), about("sel.old.example.com", record.TXT)))); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ns1.example.com: found | sel.new.example.com"},
		lines(ask(t, newClient(t, h), about("sel.old.example.com", record.CNAME)))); diff != "" {
		t.Errorf("the CNAME (-want +got):\n%s", diff)
	}
}
