package resolve

import (
	"context"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// IANA's registries say what can be reached from anywhere.
func TestIsPublic(t *testing.T) {
	t.Parallel()
	public := []string{
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
		"172.15.255.255", "172.32.0.0", "192.0.0.9", "192.0.0.10", "192.0.1.255", "192.0.3.0", "192.31.196.1", "192.52.193.1", "192.175.48.1",
		"192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
		"2000::1", "2600::1", "2001:200::1", "2001:4:112::1", "2001:1::1", "2620:4f:8000::1", "2a00::1", "2001:db7::1", "2001:db9::1", "3fff:1000::",
		"64:ff9b::101:101", "::ffff:1.1.1.1",
	}
	other := []string{
		"0.0.0.0", "0.0.0.1", "0.255.255.255", "10.0.0.2", "100.64.0.1", "100.127.255.255", "100.100.100.200", "127.0.0.1", "127.255.255.255",
		"169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
		"198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:2", "64:ff9b::a9fe:a9fe",
		"64:ff9b:1::1", "64:ff9b:1:ffff::101:101", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:101:101::1",
		"3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1",
	}
	for want, list := range map[bool][]string{true: public, false: other} {
		for _, text := range list {
			if got := netblock.IsPublic(netip.MustParseAddr(text)); got != want {
				t.Errorf("netblock.IsPublic(%s) = %v, want %v (%+v)", text, got, want, netblock.Of(netip.MustParseAddr(text)))
			}
		}
	}
	if netblock.IsPublic(netip.Addr{}) {
		t.Error("netblock.IsPublic(the invalid address) = true")
	}
}

// What is allowed is what was named; where machines ask for their secrets has to be named by itself.
func TestNetworksHold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		networks, addr string
		want           bool
	}{
		{"10.0.0.0/8", "10.1.2.3", true},
		{"10.0.0.0/8", "::ffff:10.1.2.3", true},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"fd00::/8", "fd00::53", true},
		{"fd00::/8", "fd00:ec2::254", false},
		{"fd00::/8 fd00:ec2::254/128", "fd00:ec2::254", true},
		{"fd00:ec2::/32", "fd00:ec2::254", true},
		{"0.0.0.0/0", "169.254.169.254", false},
		{"0.0.0.0/0", "10.0.0.1", true},
		{"169.254.0.0/16", "169.254.169.254", true},
		{"169.254.169.254/32", "169.254.169.254", true},
		{"169.254.169.254/32", "169.254.169.253", false},
		{"100.64.0.0/10", "100.100.100.200", false},
		{"100.64.0.0/10", "100.64.0.1", true},
		{"::/0", "fe80::1", false},
		{"fe80::/10", "fe80::1", true},
		{"64:ff9b::/96", "64:ff9b::a9fe:a9fe", true},
		{"", "127.0.0.1", false},
	}
	for _, tt := range tests {
		var list networks
		for text := range strings.FieldsSeq(tt.networks) {
			n, err := ParseNetwork(text)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, n)
		}
		if got := list.hold(netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("%s hold %s: %v, want %v", tt.networks, tt.addr, got, tt.want)
		}
	}
}

func TestParseNetwork(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "fd00::/8\t": "fd00::/8", "10.0.0.2": "10.0.0.2/32", "fd00::1": "fd00::1/128", "::ffff:10.0.0.2": "10.0.0.2/32",
	} {
		if got, err := ParseNetwork(text); err != nil || got.String() != want {
			t.Errorf("ParseNetwork(%q) = %v, %v, want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "CIDR", "private": "CIDR", "10.0.0.0/33": "CIDR", "fe80::1%eth0": "CIDR", "10.0.0.1/8": "write 10.0.0.0/8", "::ffff:10.0.0.0/104": "IPv4",
		"https://secret@host": "CIDR",
	} {
		if _, err := ParseNetwork(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("ParseNetwork(%q) = %v, want an error with %q", text, err, want)
		}
	}
}

// A lab is one whose servers listen at a port of their own, and whose resolvers are on this machine.
func TestLabsAreOnThisMachine(t *testing.T) {
	t.Parallel()
	here, elsewhere, byName := MustParseResolver("127.0.0.1"), MustParseResolver("192.0.2.53"), MustParseResolver("https://dns.example/dns-query")
	tests := map[string]struct {
		config Config
		want   bool // loopback addresses may be asked
	}{
		"the port of the world":         {Config{Resolvers: []Resolver{here}}, false},
		"its port, written":             {Config{Resolvers: []Resolver{here}, AuthoritativePort: 53}, false},
		"another port":                  {Config{Resolvers: []Resolver{here}, AuthoritativePort: 5300}, true},
		"a resolver elsewhere":          {Config{Resolvers: []Resolver{elsewhere}, AuthoritativePort: 5300}, false},
		"one of the resolvers here":     {Config{Resolvers: []Resolver{here, elsewhere}, AuthoritativePort: 5300}, false},
		"by name, looked up":            {Config{Resolvers: []Resolver{byName}, AuthoritativePort: 5300}, false},
		"by name, bootstrapped here":    {Config{Resolvers: []Resolver{byName}, Bootstrap: []netip.Addr{netip.MustParseAddr("::1")}, AuthoritativePort: 5300}, true},
		"by name, bootstrapped outside": {Config{Resolvers: []Resolver{byName}, Bootstrap: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, AuthoritativePort: 5300}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := New(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			for _, addr := range []string{"127.0.0.1", "::1"} {
				if got := c.private.hold(netip.MustParseAddr(addr)); got != tt.want {
					t.Errorf("%s may be asked: %v, want %v", addr, got, tt.want)
				}
			}
			if c.private.hold(netip.MustParseAddr("10.0.0.1")) {
				t.Error("10.0.0.1 may be asked")
			}
		})
	}
}

// Servers whose addresses are not public get no packet, over UDP or TCP, whoever names them.
func TestForbiddenAddressesAreNotDialled(t *testing.T) {
	t.Parallel()
	addrs := []string{
		"10.0.0.2", "169.254.169.254", "100.100.100.200", "0.0.0.1", "240.0.0.1", "192.0.2.1",
		"::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "fec0::1", "fd00:ec2::254",
	}
	for _, text := range addrs {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			for _, tcp := range []bool{false, true} {
				h := dnstest.New(t)
				c, err := New(Config{Resolvers: []Resolver{PlainResolver(h.Recursor().Addr())}, AuthoritativePort: h.Port()})
				if err != nil {
					t.Fatal(err)
				}
				w := &watchedDials{transport: c.udp}
				c.udp, c.tcp = w, w
				addr := netip.MustParseAddr(text)
				q := question{name: dnsname.MustParse("www.example.com"), code: 16, tcp: tcp}
				got, err := c.query(t.Context(), target{addr: netip.AddrPortFrom(addr, 53)}, q)
				if err != nil || got.outcome != answer.Unreachable || !strings.Contains(got.detail, "not asked: "+addr.String()+" is ") {
					t.Errorf("query = %+v, %v, want it not asked", got, err)
				}
				if len(w.to) > 0 {
					t.Errorf("asked at %v, want nowhere", w.to)
				}
				// A resolver at any address is the user's own.
				if _, err := c.query(t.Context(), target{addr: netip.AddrPortFrom(addr, 53), resolver: PlainResolver(netip.AddrPortFrom(addr, 53))}, q); err != nil || len(w.to) == 0 {
					t.Errorf("the resolver at %s was not asked (%v)", text, err)
				}
			}
		})
	}
}

// An address that nobody can have beside those of servers that answer makes one server silent, and no more.
func TestAskBesideImpossibleAddress(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
	zone.Add(`@ NS ns3`, `ns3 A 240.0.0.1`)
	h.Recursor()
	c := clientOf(t, h)
	answers, err := c.Ask(t.Context(), answer.Question{Name: dnsname.MustParse("www.example.com"), Type: record.TXT, Via: answer.Authorities})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(answers.List, func(a answer.Answer) bool { return a.Server.Name.String() == "ns3.example.com" })
	if len(answers.List) != 3 || i < 0 || answers.List[i].Outcome != answer.Unreachable || !strings.Contains(answers.List[i].Detail, "240.0.0.1 is a reserved address") {
		t.Errorf("Ask = %+v, want ns3 not asked beside two that answer", answers.List)
	}
}

// watchedDials is a transport that notes where it was sent, and goes nowhere.
type watchedDials struct {
	transport
	to []netip.AddrPort
}

func (w *watchedDials) roundTrip(_ context.Context, to netip.AddrPort, _ *dns.Msg, _ time.Duration) (*dns.Msg, error) {
	w.to = append(w.to, to)
	return nil, os.ErrDeadlineExceeded
}
