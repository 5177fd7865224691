package resolve

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// dnsPort is where DNS servers listen (RFC 1035 §4.2).
const dnsPort = 53

// ParseResolver reads the address of a recursive server: "192.0.2.53", "192.0.2.53:5353",
// "2001:db8::53", "[2001:db8::53]:53". The port is 53 where none is given. Link-local addresses carry
// their zone ("fe80::1%eth0"). Names are refused: they would need a resolver to be resolved.
func ParseResolver(s string) (netip.AddrPort, error) {
	text := strings.TrimSpace(s)
	bare := text
	if strings.HasPrefix(bare, "[") && strings.HasSuffix(bare, "]") {
		bare = bare[1 : len(bare)-1]
	}
	server, err := netip.ParseAddrPort(text)
	if addr, bareErr := netip.ParseAddr(bare); bareErr == nil {
		server, err = netip.AddrPortFrom(addr, dnsPort), nil
	}
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("resolver %q: it must be an IP address, with or without a port, "+
			"like 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53; host names are not resolved", s)
	}
	addr := server.Addr().Unmap()
	switch {
	case server.Port() == 0:
		return netip.AddrPort{}, fmt.Errorf("resolver %q: port 0 cannot be asked; leave the port out for 53", s)
	case addr.IsUnspecified() || addr.IsMulticast():
		return netip.AddrPort{}, fmt.Errorf("resolver %q: %s is not the address of one host", s, addr)
	}
	return netip.AddrPortFrom(addr, server.Port()), nil
}

// systemResolvers reads the recursive servers that the system is configured with, in their order.
func systemResolvers(path string) ([]netip.AddrPort, error) {
	const advice = "set `resolvers` to the addresses of your recursive DNS servers"
	config, err := dns.ClientConfigFromFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the system's DNS servers are unknown, as there is no %s: %s", path, advice)
	}
	if err != nil {
		return nil, fmt.Errorf("the system's DNS servers are unknown: %w: %s", err, advice)
	}
	var servers []netip.AddrPort
	for _, s := range config.Servers {
		if server, err := ParseResolver(s); err == nil {
			servers = append(servers, server)
		}
	}
	if len(servers) == 0 {
		return nil, fmt.Errorf("%s names no DNS server: %s", path, advice)
	}
	return servers, nil
}

// sharedSpace is for carrier-grade NAT (RFC 6598): as little public as private addresses.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// isPublic reports whether an address can be reached from anywhere. A public zone whose servers have
// other addresses is seen through split horizon.
func isPublic(addr netip.Addr) bool {
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !sharedSpace.Contains(addr)
}
