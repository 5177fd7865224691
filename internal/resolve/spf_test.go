package resolve_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(
		`@ TXT "v=spf1 " "include:a.example.com -all"`, `@ TXT "MS=1"`,
		"@ MX 20 second", "@ MX 5 first", "@ MX 10 b", "@ MX 10 a",
		"www A 192.0.2.2", "www A 192.0.2.1", "www AAAA 2001:db8::1",
		"alias CNAME www", `joe\064home TXT found`, "null MX 0 .",
	))
	h.Zone("2.0.192.in-addr.arpa", dnstest.Records("1 PTR www.example.com."))
	broken := h.Zone("example.org")
	broken.Server("ns1").Inject(dnstest.RCode(dns.RcodeServerFailure))
	c := newClient(t, h)

	tests := map[string]struct {
		name  string
		typ   spf.RRType
		want  []string
		fails string
	}{
		"TXT, strings joined":      {name: "example.com", typ: spf.TypeTXT, want: []string{"MS=1", "v=spf1 include:a.example.com -all"}},
		"addresses":                {name: "WWW.example.com", typ: spf.TypeA, want: []string{"192.0.2.1", "192.0.2.2"}},
		"IPv6":                     {name: "www.example.com", typ: spf.TypeAAAA, want: []string{"2001:db8::1"}},
		"MX by preference":         {name: "example.com", typ: spf.TypeMX, want: []string{"first.example.com", "a.example.com", "b.example.com", "second.example.com"}},
		"null MX":                  {name: "null.example.com", typ: spf.TypeMX, want: []string{"."}},
		"PTR":                      {name: "1.2.0.192.in-addr.arpa", typ: spf.TypePTR, want: []string{"www.example.com"}},
		"behind an alias":          {name: "alias.example.com", typ: spf.TypeA, want: []string{"192.0.2.1", "192.0.2.2"}},
		"octets that need escapes": {name: "joe@home.example.com", typ: spf.TypeTXT, want: []string{"found"}},
		"no such name":             {name: "nowhere.example.com", typ: spf.TypeTXT},
		"none of the type":         {name: "www.example.com", typ: spf.TypeTXT},
		"a server that fails":      {name: "example.org", typ: spf.TypeTXT, fails: "server failure (SERVFAIL)"},
		"a label too long":         {name: strings.Repeat("a", 64) + ".example.com", typ: spf.TypeTXT, fails: "not a name that DNS can carry"},
		"an empty label":           {name: "a..example.com", typ: spf.TypeTXT, fails: "not a name that DNS can carry"},
		"a type that DNS lacks":    {name: "example.com", typ: "SPFX", fails: "unknown record type"},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			got, err := c.Lookup(t.Context(), tt.name, tt.typ)
			if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
				t.Fatalf("Lookup(%q, %s) error = %v, want one that says %q", tt.name, tt.typ, err, tt.fails)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Lookup(%q, %s) = %q, want %q", tt.name, tt.typ, got, tt.want)
			}
		})
	}
}

func TestPublishedTXT(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`@ TXT "v=spf1 -all"`, `@ TXT "MS=1"`))
	c := newClient(t, h)
	owner := dnsname.MustParse("example.com")
	got, err := c.PublishedTXT(t.Context(), owner)
	if err != nil || !slices.Equal(got, []string{"MS=1", "v=spf1 -all"}) {
		t.Errorf("PublishedTXT = %q, %v", got, err)
	}
	zone.Server("ns2").Hold()
	zone.SetTXT("@", "v=spf1 ~all")
	if got, err := c.PublishedTXT(t.Context(), owner); !errors.Is(err, answer.ErrDisagree) {
		t.Errorf("PublishedTXT of servers that differ = %q, %v; want %v", got, err, answer.ErrDisagree)
	}
	if got, err := c.PublishedTXT(t.Context(), dnsname.MustParse("none.example.com")); err != nil || len(got) != 0 {
		t.Errorf("PublishedTXT of nothing = %q, %v", got, err)
	}
	if n := h.Count(dnstest.Over(dnstest.UDP), dnstest.Direct, dnstest.Within("example.com")); n != 0 {
		t.Errorf("%d questions went over UDP", n)
	}
}

// What must not be forged is asked over TCP alone, the search for the zone included.
func TestAskOverTCP(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`@ TXT "v=spf1 -all"`))
	q := about("example.com", record.TXT)
	q.TCP = true
	if got := ask(t, newClient(t, h), q); len(got.List) != 1 || !slices.Equal(got.List[0].Values, []string{"v=spf1 -all"}) {
		t.Errorf("Ask over TCP = %+v", got)
	}
	for _, asked := range h.Questions(dnstest.Over(dnstest.UDP), dnstest.Direct) {
		t.Errorf("asked over UDP: %s", asked)
	}
}
