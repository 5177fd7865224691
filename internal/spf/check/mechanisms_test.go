package check

import (
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// TestCheckMechanisms has RFC 7208 §5, but for the limits of §4.6.4.
func TestCheckMechanisms(t *testing.T) {
	t.Parallel()
	runChecks(t, []checkCase{
		// §5: what holds for all of them.
		{name: "5/IPv4 asks for A", dns: "example.com TXT v=spf1 a -all\nexample.com A 192.0.2.1", want: Pass, asked: []spftest.Question{"example.com TXT", "example.com A"}},
		{name: "5/IPv6 asks for AAAA", ip: "2001:db8::1", dns: "example.com TXT v=spf1 a -all\nexample.com AAAA 2001:db8::1", want: Pass, asked: []spftest.Question{"example.com TXT", "example.com AAAA"}},
		{name: "5/an IPv4-mapped address is IPv4", ip: "::ffff:192.0.2.1", dns: "example.com TXT v=spf1 a -all\nexample.com A 192.0.2.1\nexample.com AAAA ::ffff:192.0.2.1", want: Pass, asked: []spftest.Question{"example.com TXT", "example.com A"}},
		{name: "5/the zone of an address does not matter", ip: "fe80::1%eth0", dns: "example.com TXT v=spf1 ip6:fe80::/10 -all", want: Pass},
		{name: "5/a lookup that fails is a temperror", dns: "example.com TXT v=spf1 a:a.example +all\na.example A !", want: TempError, problem: "a.example"},
		{name: "5/and ends the evaluation of an include, too", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT v=spf1 a +all\na.example A !", want: TempError},
		{name: "5/a failure behind the match does not matter", dns: "example.com TXT v=spf1 ip4:192.0.2.1 a:a.example\na.example A !", want: Pass},
		{name: "5/a name that does not exist has no addresses", dns: "example.com TXT v=spf1 a:a.example ~all", want: SoftFail},
		{name: "5/answers that are no addresses", dns: "example.com TXT v=spf1 a ~all\nexample.com A moo\nexample.com A 2001:db8::1", want: SoftFail},

		// §5.1: all.
		{name: "5.1/all matches", dns: "example.com TXT v=spf1 ?all", want: Neutral},
		{name: "5.1/behind all nothing is evaluated", dns: "example.com TXT v=spf1 ~all a include:a.example -ip4:192.0.2.1", want: SoftFail, asked: []spftest.Question{"example.com TXT"}},
		{name: "5.1/the first all counts", dns: "example.com TXT v=spf1 ~all -all", want: SoftFail},
		{name: "5.1/redirect beside all is ignored", dns: "example.com TXT v=spf1 redirect=a.example ~all\na.example TXT v=spf1 +all", want: SoftFail},
		{name: "5.1/all with an argument", dns: "example.com TXT v=spf1 all:example.com", want: PermError},
		{name: "5.1/all with a length", dns: "example.com TXT v=spf1 all/0", want: PermError},
		{name: "5.1/all with a dot", dns: "example.com TXT v=spf1 all.", want: PermError},

		// §5.2: include.
		{name: "5.2/pass matches", dns: "example.com TXT v=spf1 ~include:a.example -all\na.example TXT v=spf1 +all", want: SoftFail, matched: "example.com: ~include:a.example → a.example: all"},
		{name: "5.2/fail does not match", dns: "example.com TXT v=spf1 include:a.example ~all\na.example TXT v=spf1 -all", want: SoftFail, matched: "example.com: ~all"},
		{name: "5.2/softfail does not match", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 ~all", want: Fail},
		{name: "5.2/neutral does not match", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 ?all", want: Fail},
		{name: "5.2/the default does not match", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1", want: Fail},
		{name: "5.2/temperror is a temperror", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT !", want: TempError},
		{name: "5.2/permerror is a permerror", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT v=spf1 moo", want: PermError},
		{name: "5.2/two records are a permerror", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT v=spf1 +all\na.example TXT v=spf1 +all", want: PermError},
		{name: "5.2/none is a permerror", dns: "example.com TXT v=spf1 include:a.example +all\na.example TXT moo", want: PermError, problem: "include:a.example leads nowhere: a.example has no SPF record"},
		{name: "5.2/a name that does not exist is a permerror", dns: "example.com TXT v=spf1 include:a.example +all", want: PermError},
		{
			name: "5.2/a pass two includes down", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 include:b.example -all\nb.example TXT v=spf1 ip4:192.0.2.0/24 -all", want: Pass,
			matched: "example.com: include:a.example → a.example: include:b.example → b.example: ip4:192.0.2.0/24",
		},
		{name: "5.2/a fail that an include two down means", dns: "example.com TXT v=spf1 include:a.example ~all\na.example TXT v=spf1 -include:b.example +all\nb.example TXT v=spf1 +all", want: SoftFail},
		{
			name: "5.2/an include whose redirect passes", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 redirect=b.example\nb.example TXT v=spf1 ip4:192.0.2.1", want: Pass,
			matched: "example.com: include:a.example → b.example: ip4:192.0.2.1",
		},
		{name: "5.2/the sender stays", sender: "user@example.com", dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 exists:%{s}.%{d} -all\nuser@example.com.a.example A 127.0.0.2", want: Pass},
		{name: "5.2/without a name", dns: "example.com TXT v=spf1 include +all", want: PermError},
		{name: "5.2/with an empty name", dns: "example.com TXT v=spf1 include: +all", want: PermError},
		{name: "5.2/with a length", dns: "example.com TXT v=spf1 include:a.example/24 +all\na.example TXT v=spf1 +all", want: PermError},

		// §5.3: a, and dual-cidr-length.
		{name: "5.3/an address", dns: "example.com TXT v=spf1 a -all\nexample.com A 192.0.2.1", want: Pass},
		{name: "5.3/another address", dns: "example.com TXT v=spf1 a ~all\nexample.com A 192.0.2.2", want: SoftFail},
		{name: "5.3/one of many addresses", dns: "example.com TXT v=spf1 a ~all\nexample.com A 192.0.2.2\nexample.com A 192.0.2.3\nexample.com A 192.0.2.1", want: Pass},
		{name: "5.3/no implicit www or mx", dns: "example.com TXT v=spf1 a ~all\nexample.com MX mail.example.com\nmail.example.com A 192.0.2.1", want: SoftFail},
		{name: "5.3/a length", dns: "example.com TXT v=spf1 a/24 ~all\nexample.com A 192.0.2.200", want: Pass},
		{name: "5.3/a length that does not reach", dns: "example.com TXT v=spf1 a/25 ~all\nexample.com A 192.0.2.200", want: SoftFail},
		{name: "5.3/length 0 takes any IPv4 client", dns: "example.com TXT v=spf1 a/0 ~all\nexample.com A 203.0.113.9", want: Pass},
		{name: "5.3/length 0 needs an address", dns: "example.com TXT v=spf1 a/0 ~all", want: SoftFail},
		{name: "5.3/length 0 does not take an IPv6 client", ip: "2001:db8::1", dns: "example.com TXT v=spf1 a/0 ~all\nexample.com A 203.0.113.9", want: SoftFail},
		{name: "5.3/an IPv6 length", ip: "2001:db8::1", dns: "example.com TXT v=spf1 a//64 ~all\nexample.com AAAA 2001:db8::ffff", want: Pass},
		{name: "5.3/an IPv6 length of 0 takes any IPv6 client", ip: "2001:db8::1", dns: "example.com TXT v=spf1 a//0 ~all\nexample.com AAAA 2001:db9::1", want: Pass},
		{name: "5.3/an IPv6 length of 0 does not take an IPv4 client", dns: "example.com TXT v=spf1 a//0 ~all\nexample.com AAAA 2001:db9::1", want: SoftFail},
		{name: "5.3/nor an IPv4-mapped one", ip: "::ffff:192.0.2.1", dns: "example.com TXT v=spf1 a//0 ~all\nexample.com AAAA 2001:db9::1", want: SoftFail},
		{name: "5.3/an IPv4 length leaves IPv6 whole", ip: "2001:db8::1", dns: "example.com TXT v=spf1 a/8 ~all\nexample.com AAAA 2001:db8::2", want: SoftFail},
		{name: "5.3/an IPv6 length leaves IPv4 whole", dns: "example.com TXT v=spf1 a//8 ~all\nexample.com A 192.0.2.2", want: SoftFail},
		{name: "5.3/both lengths, IPv4", dns: "example.com TXT v=spf1 a/24//128 ~all\nexample.com A 192.0.2.2", want: Pass},
		{name: "5.3/both lengths, IPv6", ip: "2001:db8::1", dns: "example.com TXT v=spf1 a/32//64 ~all\nexample.com AAAA 2001:db8::2", want: Pass},
		{name: "5.3/a name and a length", dns: "example.com TXT v=spf1 a:a.example/24 ~all\na.example A 192.0.2.2", want: Pass},
		{name: "5.3/length 33", dns: "example.com TXT v=spf1 a/33 +all", want: PermError},
		{name: "5.3/IPv6 length 129", dns: "example.com TXT v=spf1 a//129 +all", want: PermError},
		{name: "5.3/a leading zero", dns: "example.com TXT v=spf1 a/024 +all", want: PermError},
		{name: "5.3/an empty length", dns: "example.com TXT v=spf1 a/ +all", want: PermError},
		{name: "5.3/an empty IPv6 length", dns: "example.com TXT v=spf1 a/24// +all", want: PermError},
		{name: "5.3/an empty name", dns: "example.com TXT v=spf1 a: +all", want: PermError},
		{name: "5.3/an address for a name", dns: "example.com TXT v=spf1 a:192.0.2.1 +all", want: PermError},
		{name: "5.3/a numeric top label", dns: "example.com TXT v=spf1 a:abc.123 +all", want: PermError},
		{name: "5.3/a top label that starts with a hyphen", dns: "example.com TXT v=spf1 a:example.-com +all", want: PermError},
		{name: "5.3/a top label that ends in a hyphen", dns: "example.com TXT v=spf1 a:example.com- +all", want: PermError},
		{name: "5.3/a top label with an inner hyphen", dns: "example.com TXT v=spf1 a:example.xn--zckzah -all\nexample.xn--zckzah A 192.0.2.1", want: Pass},
		{name: "5.3/a top label alone", dns: "example.com TXT v=spf1 a:museum +all", want: PermError},
		{name: "5.3/a top label alone and a dot", dns: "example.com TXT v=spf1 a:museum. +all", want: PermError},
		{name: "5.3/colon and slash in a name", dns: "example.com TXT v=spf1 a:foo:bar/baz.example -all\nfoo:bar/baz.example A 192.0.2.1", want: Pass},
		{name: "5.3/a null character in a name", dns: "example.com TXT \"v=spf1 a:a\\x00.example +all\"", want: PermError},

		// §5.4: mx.
		{
			name: "5.4/the address of a mail server", dns: "example.com TXT v=spf1 mx -all\nexample.com MX a.example\na.example A 192.0.2.1", want: Pass,
			asked: []spftest.Question{"example.com TXT", "example.com MX", "a.example A"},
		},
		{name: "5.4/the second mail server", dns: "example.com TXT v=spf1 mx -all\nexample.com MX a.example\nexample.com MX B.example.\na.example A 192.0.2.2\nb.example A 192.0.2.1", want: Pass},
		{
			name: "5.4/no server behind the match is asked for", dns: "example.com TXT v=spf1 mx -all\nexample.com MX a.example\nexample.com MX b.example\na.example A 192.0.2.1\nb.example A !", want: Pass,
			asked: []spftest.Question{"example.com TXT", "example.com MX", "a.example A"},
		},
		{name: "5.4/no mail server is the client", dns: "example.com TXT v=spf1 mx ~all\nexample.com MX a.example\na.example A 192.0.2.2", want: SoftFail},
		{name: "5.4/no implicit MX", dns: "example.com TXT v=spf1 mx ~all\nexample.com A 192.0.2.1", want: SoftFail, asked: []spftest.Question{"example.com TXT", "example.com MX"}},
		{name: "5.4/a domain without mail", dns: "example.com TXT v=spf1 mx ~all\nexample.com MX .", want: SoftFail, asked: []spftest.Question{"example.com TXT", "example.com MX"}},
		{name: "5.4/IPv6", ip: "2001:db8::1", dns: "example.com TXT v=spf1 mx -all\nexample.com MX a.example\na.example A 192.0.2.1\na.example AAAA 2001:db8::1", want: Pass},
		{name: "5.4/a name", dns: "example.com TXT v=spf1 mx:b.example -all\nb.example MX a.example\na.example A 192.0.2.1", want: Pass},
		{name: "5.4/lengths", dns: "example.com TXT v=spf1 mx:b.example/24//64 -all\nb.example MX a.example\na.example A 192.0.2.99", want: Pass},
		{name: "5.4/lengths, IPv6", ip: "2001:db8::1", dns: "example.com TXT v=spf1 mx/24//64 -all\nexample.com MX a.example\na.example AAAA 2001:db8::99", want: Pass},
		{name: "5.4/length 0 does not cross families", ip: "2001:db8::1", dns: "example.com TXT v=spf1 mx/0//128 ~all\nexample.com MX a.example\na.example A 192.0.2.1", want: SoftFail},
		{name: "5.4/the MX lookup fails", dns: "example.com TXT v=spf1 mx +all\nexample.com MX !", want: TempError},
		{name: "5.4/an address lookup fails", dns: "example.com TXT v=spf1 mx +all\nexample.com MX a.example\na.example A !", want: TempError},
		{name: "5.4/an empty name", dns: "example.com TXT v=spf1 mx: +all", want: PermError},
		{name: "5.4/length 33", dns: "example.com TXT v=spf1 mx/33 +all", want: PermError},
		{name: "5.4/IPv6 length 129", dns: "example.com TXT v=spf1 mx//129 +all", want: PermError},
		{name: "5.4/a numeric top label", dns: "example.com TXT v=spf1 mx:abc.123 +all", want: PermError},

		// §5.5: ptr.
		{name: "5.5/the domain itself", dns: "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR example.com\nexample.com A 192.0.2.1", want: Pass},
		{name: "5.5/a name below it", dns: "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR mail.example.com\nmail.example.com A 192.0.2.1", want: Pass},
		{name: "5.5/in any case", dns: "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR Mail.EXAMPLE.com.\nmail.example.com A 192.0.2.1", want: Pass},
		{name: "5.5/a name", dns: "example.com TXT v=spf1 ptr:a.example -all\n1.2.0.192.in-addr.arpa PTR x.a.example\nx.a.example A 192.0.2.1", want: Pass},
		{name: "5.5/not a name that only ends like it", dns: "example.com TXT v=spf1 ptr ~all\n1.2.0.192.in-addr.arpa PTR notexample.com\nnotexample.com A 192.0.2.1", want: SoftFail},
		{name: "5.5/not a name above it", dns: "example.com TXT v=spf1 ptr:a.example.com ~all\n1.2.0.192.in-addr.arpa PTR example.com\nexample.com A 192.0.2.1", want: SoftFail},
		{name: "5.5/not a name that leads elsewhere", dns: "example.com TXT v=spf1 ptr ~all\n1.2.0.192.in-addr.arpa PTR mail.example.com\nmail.example.com A 192.0.2.2", want: SoftFail},
		{name: "5.5/the second name", dns: "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR a.example.net\n1.2.0.192.in-addr.arpa PTR b.example.com\nb.example.com A 192.0.2.1", want: Pass},
		{name: "5.5/no names", dns: "example.com TXT v=spf1 ptr ~all", want: SoftFail},
		{name: "5.5/the PTR lookup fails: no match", dns: "example.com TXT v=spf1 ptr ~all\n1.2.0.192.in-addr.arpa PTR !", want: SoftFail},
		{name: "5.5/an address lookup fails: that name is skipped", dns: "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR a.example.com\n1.2.0.192.in-addr.arpa PTR b.example.com\na.example.com A !\nb.example.com A 192.0.2.1", want: Pass},
		{name: "5.5/all address lookups fail: no match", dns: "example.com TXT v=spf1 ptr ~all\n1.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A !", want: SoftFail},
		{name: "5.5/an alias that goes nowhere: no match", dns: "example.com TXT v=spf1 ptr ~all\n1.2.0.192.in-addr.arpa PTR a.example.com", want: SoftFail},
		{
			name: "5.5/IPv6", ip: "2001:db8::1", want: Pass,
			dns: "example.com TXT v=spf1 ptr -all\n1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR mail.example.com\nmail.example.com AAAA 2001:db8::1",
		},
		{
			name: "5.5/only names that may match are looked up", dns: "example.com TXT v=spf1 ptr ~all\n1.2.0.192.in-addr.arpa PTR a.example.net\n1.2.0.192.in-addr.arpa PTR b.example.com", want: SoftFail,
			asked: []spftest.Question{"example.com TXT", "1.2.0.192.in-addr.arpa PTR", "b.example.com A"},
		},
		{name: "5.5/an empty name", dns: "example.com TXT v=spf1 ptr: +all", want: PermError},
		{name: "5.5/with a length", dns: "example.com TXT v=spf1 ptr/0 +all", want: PermError},

		// §5.6: ip4 and ip6.
		{name: "5.6/ip4, an address", dns: "example.com TXT v=spf1 ip4:192.0.2.1 -all", want: Pass},
		{name: "5.6/ip4, another address", dns: "example.com TXT v=spf1 ip4:192.0.2.2 ~all", want: SoftFail},
		{name: "5.6/ip4, a network", dns: "example.com TXT v=spf1 ip4:192.0.2.200/24 -all", want: Pass},
		{name: "5.6/ip4, length 0", dns: "example.com TXT v=spf1 ip4:198.51.100.1/0 -all", want: Pass},
		{name: "5.6/ip4, length 32", dns: "example.com TXT v=spf1 ip4:192.0.2.0/32 ~all", want: SoftFail},
		{name: "5.6/ip4 takes an IPv4-mapped client", ip: "::ffff:192.0.2.1", dns: "example.com TXT v=spf1 ip4:192.0.2.1 -all", want: Pass},
		{name: "5.6/ip4 does not take an IPv6 client", ip: "2001:db8::1", dns: "example.com TXT v=spf1 ip4:0.0.0.0/0 ~all", want: SoftFail},
		{name: "5.6/ip6, an address", ip: "2001:db8::1", dns: "example.com TXT v=spf1 ip6:2001:DB8:0:0::1 -all", want: Pass},
		{name: "5.6/ip6, a network", ip: "2001:db8::1", dns: "example.com TXT v=spf1 ip6:2001:db8::/33 -all", want: Pass},
		{name: "5.6/ip6, a network that does not reach", ip: "2001:db8:8000::1", dns: "example.com TXT v=spf1 ip6:2001:db8::/33 ~all", want: SoftFail},
		{name: "5.6/ip6, length 0", ip: "2001:db8::1", dns: "example.com TXT v=spf1 ip6:::/0 -all", want: Pass},
		{name: "5.6/ip6 does not take an IPv4 client", dns: "example.com TXT v=spf1 ip6:::1/0 ~all", want: SoftFail},
		{name: "5.6/ip6 does not take an IPv4-mapped client", ip: "::ffff:192.0.2.1", dns: "example.com TXT v=spf1 ip6:::ffff:192.0.2.1 ip6:::/0 ~all", want: SoftFail},
		{name: "5.6/ip4 without an address", dns: "example.com TXT v=spf1 ip4 +all", want: PermError},
		{name: "5.6/ip4, length 33", dns: "example.com TXT v=spf1 ip4:192.0.2.1/33 +all", want: PermError},
		{name: "5.6/ip4, a leading zero", dns: "example.com TXT v=spf1 ip4:192.0.2.1/032 +all", want: PermError},
		{name: "5.6/ip4, an empty length", dns: "example.com TXT v=spf1 ip4:192.0.2.1/ +all", want: PermError},
		{name: "5.6/ip4, an IPv6 length", dns: "example.com TXT v=spf1 ip4:192.0.2.1//32 +all", want: PermError},
		{name: "5.6/ip4, a port", dns: "example.com TXT v=spf1 ip4:192.0.2.1:25 +all", want: PermError},
		{name: "5.6/ip4, three numbers", dns: "example.com TXT v=spf1 ip4:192.0.2 +all", want: PermError},
		{name: "5.6/ip4, an IPv6 address", dns: "example.com TXT v=spf1 ip4:2001:db8::1 +all", want: PermError},
		{name: "5.6/ip6 without an address", dns: "example.com TXT v=spf1 ip6 +all", want: PermError},
		{name: "5.6/ip6, an IPv4 address", dns: "example.com TXT v=spf1 ip6:192.0.2.1 +all", want: PermError},
		{name: "5.6/ip6, length 129", dns: "example.com TXT v=spf1 ip6:2001:db8::1/129 +all", want: PermError},
		{name: "5.6/ip6, two double colons", dns: "example.com TXT v=spf1 ip6:2001::db8::1 +all", want: PermError},

		// §5.7: exists.
		{name: "5.7/any A record matches", dns: "example.com TXT v=spf1 exists:%{ir}.list.example -all\n1.2.0.192.list.example A 127.0.0.2", want: Pass},
		{name: "5.7/no A record", dns: "example.com TXT v=spf1 exists:a.example ~all", want: SoftFail},
		{
			name: "5.7/A is asked for even for IPv6", ip: "2001:db8::1", dns: "example.com TXT v=spf1 exists:a.example -all\na.example A 127.0.0.2", want: Pass,
			asked: []spftest.Question{"example.com TXT", "a.example A"},
		},
		{name: "5.7/AAAA does not count", ip: "2001:db8::1", dns: "example.com TXT v=spf1 exists:a.example ~all\na.example AAAA 2001:db8::1", want: SoftFail},
		{name: "5.7/the lookup fails", dns: "example.com TXT v=spf1 exists:a.example +all\na.example A !", want: TempError},
		{name: "5.7/without a name", dns: "example.com TXT v=spf1 exists +all", want: PermError},
		{name: "5.7/an empty name", dns: "example.com TXT v=spf1 exists: +all", want: PermError},
		{name: "5.7/with a length", dns: "example.com TXT v=spf1 exists:a.example/24 +all\na.example A 127.0.0.2", want: PermError},
	}, false)
}
