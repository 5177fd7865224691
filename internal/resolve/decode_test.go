package resolve

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func parse(t testing.TB, text string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil || rr == nil {
		t.Fatalf("NewRR(%q): %v", text, err)
	}
	return rr
}

func TestValueOf(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 255)
	tests := []struct{ name, rr, want string }{
		{"strings joined", `x. TXT "v=spf1 " "-all"`, "v=spf1 -all"},
		{"long strings", `x. TXT "` + long + `" "b"`, long + "b"},
		{"escapes", `x. TXT "\"\\\;\000\255"`, "\"\\;\x00\xff"},
		{"empty string", `x. TXT ""`, ""},
		{"names in lower case", `x. CNAME Sel1._DomainKey.Example.NET.`, "sel1._domainkey.example.net"},
		{"names beyond host names", `x. CNAME a\.B!.example.net.`, `a\.b!.example.net`},
		{"null MX", `x. MX 0 .`, "0 ."},
		{"MX", `x. MX 010 Mx.`, "10 mx"},
		{"SRV", `x. SRV 1 2 443 H.example.`, "1 2 443 h.example"},
		{"A", `x. A 192.0.2.1`, "192.0.2.1"},
		{"AAAA", `x. AAAA 2001:DB8:0:0::1`, "2001:db8::1"},
		{"AAAA with IPv4 in it", `x. AAAA ::ffff:192.0.2.1`, "::ffff:192.0.2.1"},
		{"NS", `x. NS NS1.Example.`, "ns1.example"},
		{"SOA", `x. SOA a. b. 1 2 3 4 5`, "a. b. 1 2 3 4 5"},
		{"TLSA", `x. TLSA 3 1 1 ABCDEF`, "3 1 1 abcdef"},
		{"SPF", `x. SPF "v=spf1 " "-all"`, "v=spf1 -all"},
		{"DNSKEY", `x. DNSKEY 257 3 13 AAAA`, "257 3 13 AAAA"},
		{"RRSIG", `x. RRSIG MX 13 2 3600 20261130000000 20261101000000 1 example. AAAA`, "MX 13 2 3600 20261130000000 20261101000000 1 example. AAAA"},
		{"NSEC3PARAM", `x. NSEC3PARAM 1 0 10 AABB`, "1 0 10 AABB"},
		{"CAA", `x. CAA 128 issue "ca.example; a=b"`, `128 issue "ca.example; a=b"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := valueOf(parse(t, tt.rr))
			if got != tt.want || !ok {
				t.Errorf("valueOf(%s) = %q, %v, want %q", tt.rr, got, ok, tt.want)
			}
		})
	}
	if got, ok := valueOf(parse(t, `x. HINFO cpu os`)); ok {
		t.Errorf("valueOf(HINFO) = %q, want none", got)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	section := []dns.RR{
		parse(t, `WWW.example.com. 300 TXT "b"`),
		parse(t, `www.example.com. 60 TXT "a"`),
		parse(t, `www.example.com. 900 TXT "a" ""`),
		parse(t, `Www.example.com. 30 TXT "b"`), // as a server gives a record twice
		parse(t, `www.example.com. 300 TXT "a"`),
		parse(t, `www.example.com. 5 A 192.0.2.1`),
		parse(t, `other.example.com. 5 TXT "c"`),
		parse(t, `www.example.com. 5 CH TXT "d"`),
	}
	got, ttl := values(section, dnsname.MustParse("www.example.com"), dns.TypeTXT)
	if diff := cmp.Diff([]string{"a", "a", "b"}, got); diff != "" || ttl != 60 {
		t.Errorf("values: TTL %d, want 60 (-want +got):\n%s", ttl, diff)
	}
}

func TestAliasOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		section []string
		of      string
		want    string
	}{
		{"none", []string{`a.example. A 192.0.2.1`}, "a.example", ""},
		{"CNAME", []string{`A.example. CNAME B.example.`}, "a.example", "b.example"},
		{"CNAME of another", []string{`b.example. CNAME c.example.`}, "a.example", ""},
		{"DNAME above", []string{`Old.example. DNAME new.example.`}, "a.b.old.example", "a.b.new.example"},
		{"DNAME to the root", []string{`old.example. DNAME .`}, "a.b.old.example", "a.b"},
		{"DNAME at the name", []string{`old.example. DNAME new.example.`}, "old.example", ""},
		{"DNAME beside", []string{`old.example. DNAME new.example.`}, "a.cold.example", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var section []dns.RR
			for _, text := range tt.section {
				section = append(section, parse(t, text))
			}
			got, err := aliasOf(section, dnsname.MustParse(tt.of))
			if got.String() != tt.want || err != nil {
				t.Errorf("aliasOf(%v, %s) = %v, %v, want %q", tt.section, tt.of, got, err, tt.want)
			}
		})
	}
	several := []dns.RR{parse(t, `a.example. CNAME b.example.`), parse(t, `a.example. CNAME c.example.`)}
	if got, err := aliasOf(several, dnsname.MustParse("a.example")); err == nil {
		t.Errorf("aliasOf = %v, want an error: there are two", got)
	}
	if got, err := aliasOf([]dns.RR{several[0], parse(t, `A.example. CNAME B.example.`)}, dnsname.MustParse("a.example")); err != nil || got.String() != "b.example" {
		t.Errorf("aliasOf = %v, %v, want the one that stands there twice", got, err)
	}
	long := strings.Repeat(strings.Repeat("x", 60)+".", 3)
	section := []dns.RR{parse(t, `old.example. DNAME `+long)}
	if got, err := aliasOf(section, dnsname.MustParse(long+"old.example")); err == nil {
		t.Errorf("aliasOf = %v, want an error: the name is too long", got)
	}
}

// message makes an answer with the AA bit out of records; those with the owners in ns go to the
// authority section.
func message(t testing.TB, rcode int, answer, ns, extra []string) response {
	t.Helper()
	msg := &dns.Msg{MsgHdr: dns.MsgHdr{Response: true, Authoritative: true, Rcode: rcode}}
	for section, texts := range map[*[]dns.RR][]string{&msg.Answer: answer, &msg.Ns: ns, &msg.Extra: extra} {
		for _, text := range texts {
			*section = append(*section, parse(t, text))
		}
	}
	return response{msg: msg}
}

func TestReadReferral(t *testing.T) {
	t.Parallel()
	zone := dnsname.MustParse("com")
	q := question{name: dnsname.MustParse("www.example.com"), code: dns.TypeTXT}
	r := message(t, dns.RcodeSuccess, nil,
		[]string{`Example.com. 60 NS ns2.example.com.`, `example.com. 30 NS NS1.example.net.`, `other.com. NS ns.other.com.`},
		[]string{`ns2.example.com. A 192.0.2.2`, `ns2.example.com. AAAA 2001:db8::2`, `ns1.example.net. A 192.0.2.1`})
	r.msg.Authoritative = false
	got := readAuthority(r, zone, q)
	want := &referral{
		apex:  dnsname.MustParse("example.com"),
		hosts: []dnsname.Name{dnsname.MustParse("ns1.example.net"), dnsname.MustParse("ns2.example.com")},
		// ns1.example.net lies outside com: the servers of com may not say where it is.
		glue: map[dnsname.Name][]netip.Addr{
			dnsname.MustParse("ns2.example.com"): {netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::2")},
		},
		ttl: 30,
	}
	compare := cmp.Options{
		cmp.AllowUnexported(referral{}),
		cmp.Comparer(func(a, b dnsname.Name) bool { return a == b }),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	}
	if diff := cmp.Diff(want, got.referral, compare); diff != "" {
		t.Errorf("referral (-want +got):\n%s", diff)
	}
	for name, zone := range map[string]string{"the zone's own servers": "example.com", "a zone elsewhere": "example.net", "further down": "www.example.com"} {
		if got := readAuthority(r, dnsname.MustParse(zone), q); got.referral != nil || got.Outcome != answer.NotAuthoritative {
			t.Errorf("%s: from a server of %s: %+v, want it not authoritative", name, zone, got)
		}
	}
}

func TestReadAuthority(t *testing.T) {
	t.Parallel()
	const soa = `example.com. 600 SOA ns1 hostmaster 42 1 1 1 300`
	tests := []struct {
		name              string
		rcode             int
		answer, authority []string
		want              answer.Answer
		apex              string
	}{
		{
			"found", dns.RcodeSuccess,
			[]string{`www.example.com. 60 TXT x`},
			nil,
			answer.Answer{Outcome: answer.Found, Values: []string{"x"}, TTL: 60},
			"",
		},
		{
			"found, with the zone's NS", dns.RcodeSuccess,
			[]string{`www.example.com. 60 TXT x`},
			[]string{`example.com. NS ns1.example.com.`},
			answer.Answer{Outcome: answer.Found, Values: []string{"x"}, TTL: 60},
			"example.com",
		},
		{
			"no data", dns.RcodeSuccess, nil,
			[]string{soa},
			answer.Answer{Outcome: answer.NoData, TTL: 300, Serial: 42},
			"example.com",
		},
		{"no data without SOA", dns.RcodeSuccess, nil, nil, answer.Answer{Outcome: answer.NoData}, ""},
		{
			"no name", dns.RcodeNameError, nil,
			[]string{soa},
			answer.Answer{Outcome: answer.NXDomain, TTL: 300, Serial: 42},
			"example.com",
		},
		{
			"another zone's SOA", dns.RcodeNameError, nil,
			[]string{`com. 600 SOA ns1 hostmaster 42 1 1 1 300`},
			answer.Answer{Outcome: answer.NotAuthoritative, Detail: "it answers for the zone com"},
			"",
		},
		{
			"other type", dns.RcodeSuccess,
			[]string{`www.example.com. 60 A 192.0.2.1`},
			[]string{soa},
			answer.Answer{Outcome: answer.NoData, TTL: 300, Serial: 42},
			"example.com",
		},
		{
			"name made too long", dns.RcodeYXDomain, nil, nil,
			answer.Answer{Outcome: answer.Malformed, Detail: "a DNAME makes the name too long (YXDOMAIN)"},
			"",
		},
		{
			"found, and no name", dns.RcodeNameError,
			[]string{`www.example.com. 60 TXT x`},
			nil,
			answer.Answer{Outcome: answer.Malformed, Detail: "it gives records of a name, and says that there is no such name (NXDOMAIN)"},
			"",
		},
		{
			"two aliases", dns.RcodeSuccess,
			[]string{`www.example.com. 60 CNAME a.example.com.`, `www.example.com. 60 CNAME b.example.com.`},
			nil,
			answer.Answer{Outcome: answer.Malformed, Detail: "www.example.com has 2 CNAME records, and there may be one", Trouble: answer.SeveralAliases},
			"",
		},
		{"code without a name", 99, nil, nil, answer.Answer{Outcome: answer.Malformed, Detail: "unexpected response code 99"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := question{name: dnsname.MustParse("www.example.com"), code: dns.TypeTXT}
			got := readAuthority(message(t, tt.rcode, tt.answer, tt.authority, nil), dnsname.MustParse("example.com"), q)
			tt.want.Authoritative, tt.want.NoEDNS = true, true // The message has no OPT record.
			if diff := cmp.Diff(tt.want, got.Answer, cmp.Comparer(func(a, b dnsname.Name) bool { return a == b }),
				cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" || got.apex.String() != tt.apex {
				t.Errorf("apex %q, want %q (-want +got):\n%s", got.apex, tt.apex, diff)
			}
		})
	}
}

func TestReadRecursorWithoutRecursion(t *testing.T) {
	t.Parallel()
	r := message(t, dns.RcodeSuccess, nil, []string{`com. NS a.nic.com.`}, nil)
	r.msg.Authoritative = false
	got := readRecursor(r, question{name: dnsname.MustParse("example.com"), code: dns.TypeTXT})
	if want := "the server offers no recursion"; got.Outcome != answer.NotAuthoritative || got.Detail != want {
		t.Errorf("a referral gave %+v, want not authoritative: %s", got.Answer, want)
	}
}

// Whatever comes from the network is read without panic, and what is shown of it is printable.
func FuzzRead(f *testing.F) {
	for _, text := range [][]string{
		{`www.example.com. TXT "v=spf1 \"-all\255"`},
		{`www.example.com. CNAME b.example.com.`, `b.example.com. CNAME www.example.com.`},
		{`example.com. DNAME www.example.com.`},
		{`www.example.com. CAA 0 issue "x"`},
		{`www.example.com. MX 10 a\.b\000.example.`},
		{`www.example.com. SVCB 1 . alpn=h2`},
	} {
		packed, err := message(f, dns.RcodeSuccess, text, []string{`example.com. NS ns1.example.com.`}, []string{`ns1.example.com. A 192.0.2.1`}).msg.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	broken := message(f, dns.RcodeServerFailure, nil, nil, nil).msg
	broken.SetEdns0(1232, false)
	broken.IsEdns0().Option = append(broken.IsEdns0().Option, &dns.EDNS0_EDE{InfoCode: 22, ExtraText: "\x1b]0;"})
	packed, err := broken.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Fuzz(func(t *testing.T, packed []byte) {
		msg := new(dns.Msg)
		if msg.Unpack(packed) != nil {
			return
		}
		for _, typ := range append(record.Types(), answer.ReadTypes()...) {
			q := question{name: dnsname.MustParse("www.example.com"), code: dns.StringToType[string(typ)]}
			for _, r := range []reply{readAuthority(response{msg: msg}, dnsname.MustParse("com"), q), readRecursor(response{msg: msg}, q)} {
				if strings.ContainsFunc(r.Detail, func(c rune) bool { return c < ' ' || c > '~' && c != '…' }) {
					t.Errorf("Detail = %q, want it printable", r.Detail)
				}
				if (r.Outcome == answer.Found) != (len(r.Values) > 0) || !slices.IsSorted(r.Values) {
					t.Errorf("%v with values %q", r.Outcome, r.Values)
				}
			}
		}
		lifetime(response{msg: msg})
	})
}
