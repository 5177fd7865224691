package resolve

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestSystemResolvers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	got, err := systemResolvers(write("good", "# comment\nsearch example.com\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver fe80::1%eth0\nnameserver nonsense\n"))
	want := []Resolver{MustParseResolver("192.0.2.53"), MustParseResolver("2001:db8::53"), MustParseResolver("fe80::1%eth0")}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b Resolver) bool { return a == b })); diff != "" || err != nil {
		t.Errorf("systemResolvers: %v (-want +got):\n%s", err, diff)
	}
	for name, path := range map[string]string{
		"missing": filepath.Join(dir, "missing"), "empty": write("empty", "search example.com\n"), "a folder": dir,
	} {
		if got, err := systemResolvers(path); err == nil || !strings.Contains(err.Error(), "set `resolvers`") {
			t.Errorf("%s: systemResolvers = %v, %v, want an error that says to set resolvers", name, got, err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	resolvers := []Resolver{MustParseResolver("192.0.2.53")}
	for name, config := range map[string]Config{
		"timeout": {Resolvers: resolvers, Timeout: -1}, "tries": {Resolvers: resolvers, Tries: -1},
		"in flight": {Resolvers: resolvers, MaxInFlight: -1}, "rate": {Resolvers: resolvers, MaxRate: -1},
		"resolver": {Resolvers: []Resolver{{}}}, "bootstrap": {Resolvers: resolvers, Bootstrap: []netip.Addr{netip.IPv6Unspecified()}},
		"DNSSEC mode": {Resolvers: resolvers, DNSSEC: "strict"}, "DNSSEC over plain DNS": {Resolvers: resolvers, DNSSEC: DNSSECRequire},
		"DNSSEC of the system's resolvers": {DNSSEC: DNSSECRequire},
	} {
		if _, err := New(config); err == nil {
			t.Errorf("%s: New(%+v) succeeded, want an error", name, config)
		}
	}
	c, err := New(Config{Resolvers: resolvers})
	udp, ok := c.udp.(datagrams)
	if err != nil || c.timeout != DefaultTimeout || c.port != 53 || !ok || udp.tries != DefaultTries || len(c.private) > 0 {
		t.Errorf("New with resolvers alone = %+v, %v, want the defaults", c, err)
	}
}

// Private addresses among those of a public zone are another view than the world's; those of a private zone are asked
// where they are allowed.
func TestSplitHorizon(t *testing.T) {
	t.Parallel()
	const split, closed = "(split horizon)", "have private addresses, and are not asked"
	tests := []struct {
		name     string
		private  string // the networks that are allowed
		inPublic bool
		addrs    []string
		says     string // what the error says; none where there is none
	}{
		{"public zone", "", true, []string{"192.175.48.1", "2620:4f:8000::1"}, ""},
		{"private zone", "", false, []string{"10.0.0.1", "fd00::1"}, closed},
		{"private zone, allowed", "10.0.0.0/8 fd00::/8", false, []string{"10.0.0.1", "fd00::1"}, ""},
		{"private zone, allowed in part", "10.0.0.0/8", false, []string{"10.0.0.1", "fd00::1"}, closed},
		{"mixed", "", false, []string{"192.175.48.1", "192.168.1.1"}, split},
		{"mixed, allowed", "192.168.0.0/16", false, []string{"192.175.48.1", "192.168.1.1"}, ""},
		{"private in a public zone", "", true, []string{"10.0.0.1"}, split},
		{"private in a public zone, allowed", "10.0.0.1/32", true, []string{"10.0.0.1"}, ""},
		{"another than is allowed", "10.0.0.2/32", true, []string{"10.0.0.1"}, split},
		{"loopback in a public zone", "", true, []string{"127.0.0.1"}, split},
		{"link-local in a public zone", "", true, []string{"169.254.169.254"}, split},
		{"shared space in a public zone", "", true, []string{"100.64.0.1"}, split},
		{"behind NAT64", "", true, []string{"64:ff9b::a00:1"}, split},
		{"an address that nobody has, in a public zone", "", true, []string{"192.175.48.1", "240.0.0.1"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z := &zone{apex: dnsname.MustParse("example.internal"), inPublic: tt.inPublic}
			for i, addr := range tt.addrs {
				name := dnsname.MustParse("ns" + string(rune('1'+i)) + ".example.internal")
				z.hosts = append(z.hosts, newHost(name, []netip.Addr{netip.MustParseAddr(addr)}, ""))
			}
			c := &Client{port: 53}
			for text := range strings.FieldsSeq(tt.private) {
				c.private = append(c.private, netip.MustParsePrefix(text))
			}
			err := c.reject(z, dnsname.MustParse("www.example.com"))
			if (err != nil) != (tt.says != "") {
				t.Fatalf("reject(%v) = %v, want an error: %v", tt.addrs, err, tt.says != "")
			}
			if err != nil && (!strings.Contains(err.Detail, tt.says) || !strings.Contains(err.Detail, "`private_networks`")) {
				t.Errorf("reject says %q, want %q and what to do", err.Detail, tt.says)
			}
		})
	}
}
