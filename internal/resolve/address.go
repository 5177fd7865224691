package resolve

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"sync"

	"github.com/miekg/dns"
)

// dnsPort is where DNS servers listen (RFC 1035 §4.2).
const dnsPort = 53

// systemResolvers reads the recursive servers that the system is configured with, in their order.
func systemResolvers(path string) ([]Resolver, error) {
	const advice = "set `resolvers` to the addresses of your recursive DNS servers"
	config, err := dns.ClientConfigFromFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the system's DNS servers are unknown, because %s does not exist: %s", path, advice)
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

// systemList are the resolvers of a system. They change while Terraform runs, as where a VPN comes up or a laptop joins
// another network.
type systemList struct {
	path string

	mu        sync.Mutex
	seen      fs.FileInfo // of the file when it was last read; nil where there was none
	resolvers []Resolver
}

// newSystemList reads the resolvers that a file names.
func newSystemList(path string) (*systemList, error) {
	seen, _ := os.Stat(path) // Reading says what is wrong with it.
	resolvers, err := systemResolvers(path)
	if err != nil {
		return nil, err
	}
	return &systemList{path: path, seen: seen, resolvers: resolvers}, nil
}

// systemListOr returns the resolvers that a file names; where it names none, is missing or cannot be read, those of this
// machine, which the C library asks then (resolv.conf(5)). That none runs there is as if they were dead: a machine without
// DNS can still plan and destroy.
func systemListOr(path string, otherwise []Resolver) *systemList {
	list, err := newSystemList(path)
	if err != nil {
		list = &systemList{path: path, resolvers: otherwise}
	}
	return list
}

// localResolvers are the addresses of this machine at which a resolver may run.
func localResolvers() []Resolver {
	return []Resolver{
		PlainResolver(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), dnsPort)),
		PlainResolver(netip.AddrPortFrom(netip.IPv6Loopback(), dnsPort)),
	}
}

// current returns the resolvers, and reports whether they are others than the last time. It reads the file again where
// that has changed. While it names none, as where it is being written, those of before stay.
func (l *systemList) current() (resolvers []Resolver, changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, err := os.Stat(l.path)
	if err != nil || l.seen != nil && os.SameFile(l.seen, now) && l.seen.ModTime().Equal(now.ModTime()) && l.seen.Size() == now.Size() {
		return l.resolvers, false
	}
	l.seen = now
	fresh, err := systemResolvers(l.path)
	if err != nil || slices.Equal(fresh, l.resolvers) {
		return l.resolvers, false
	}
	l.resolvers = fresh
	return fresh, true
}

// recursors returns the resolvers that are to be asked now. Where those of the system have changed, what was found
// through the others is forgotten: it may be another view.
func (c *Client) recursors() []target {
	resolvers := c.resolvers
	if c.system != nil {
		var changed bool
		if resolvers, changed = c.system.current(); changed {
			c.zones.known.clear()
			c.zones.holders.clear()
			c.answers.clear()
			c.securities.clear()
		}
	}
	targets := make([]target, len(resolvers))
	for i, r := range resolvers {
		targets[i] = target{addr: r.Addr(), resolver: r}
	}
	return targets
}
