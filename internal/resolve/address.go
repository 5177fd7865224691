package resolve

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/miekg/dns"
)

// dnsPort is where DNS servers listen (RFC 1035 §4.2).
const dnsPort = 53

// systemResolvers reads the recursive servers that the system is configured with, in their order.
func systemResolvers(path string) ([]Resolver, error) {
	const advice = "set `resolvers` to the addresses of your recursive DNS servers"
	config, err := dns.ClientConfigFromFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the system's DNS servers are unknown, as there is no %s: %s", path, advice)
	}
	if err != nil {
		return nil, fmt.Errorf("the system's DNS servers are unknown: %w: %s", err, advice)
	}
	var servers []Resolver
	for _, s := range config.Servers {
		if addr, err := parseAddrPort(s, dnsPort); err == nil {
			servers = append(servers, PlainResolver(addr))
		}
	}
	if len(servers) == 0 {
		return nil, fmt.Errorf("%s names no DNS server: %s", path, advice)
	}
	return servers, nil
}
