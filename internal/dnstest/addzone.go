package dnstest

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"

	"github.com/miekg/dns"
)

const (
	delegationTTL  = 3600 // of NS, glue and SOA records, in seconds
	negativeTTL    = 300  // the SOA minimum, in seconds (RFC 2308 §4)
	rootServerName = "a.root."
	addrTries      = 50
)

// ZoneOption sets up a zone.
type ZoneOption func(*zoneSettings)

type zoneSettings struct {
	servers     []string
	addrs       map[string][]string
	onParent    bool
	undelegated bool
	primary     string
	records     []string
}

// Servers names the servers of the zone, in the order of its NS records. A name is relative to the
// zone; with a final dot it is absolute, and may lie outside the zone. A server that exists is used. Any
// other is made, on an address of its own. Without this option a zone has one server, ns1.
func Servers(names ...string) ZoneOption {
	return func(s *zoneSettings) { s.servers = append(s.servers, names...) }
}

// ServerAt is [Servers] for one server with fixed addresses, IPv4 or IPv6. Only one server of a
// hierarchy can be at ::1.
func ServerAt(name string, addrs ...string) ZoneOption {
	return func(s *zoneSettings) {
		s.servers = append(s.servers, name)
		s.addrs[name] = addrs
	}
}

// OnParent puts the zone on the servers of its parent, under their names.
func OnParent() ZoneOption { return func(s *zoneSettings) { s.onParent = true } }

// Undelegated leaves the zone unknown to its parent, until [Zone.Delegate].
func Undelegated() ZoneOption { return func(s *zoneSettings) { s.undelegated = true } }

// Primary names the server that takes updates (RFC 2136), one of those of the zone.
func Primary(name string) ZoneOption { return func(s *zoneSettings) { s.primary = name } }

// Records puts records into the zone from the start, as [Zone.Set] does: an SOA or NS record among them
// takes the place of those that the zone would have.
func Records(records ...string) ZoneOption {
	return func(s *zoneSettings) { s.records = append(s.records, records...) }
}

// AddZone makes a zone with its servers, and delegates it in the zone above. The zones above are made
// where they are missing: the top-level domain; and for a server outside the zone, the zone that holds
// its addresses.
func (h *Hierarchy) AddZone(name string, opts ...ZoneOption) (*Zone, error) {
	origin, err := parseName(name)
	if err != nil {
		return nil, err
	}
	s := zoneSettings{addrs: map[string][]string{}}
	for _, opt := range opts {
		opt(&s)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	z, err := h.addZone(origin, s)
	if err != nil {
		return nil, fmt.Errorf("zone %s: %w", displayName(origin), err)
	}
	return z, nil
}

// addZone is AddZone with h.mu held.
func (h *Hierarchy) addZone(origin string, s zoneSettings) (*Zone, error) {
	if h.closed {
		return nil, errors.New("the hierarchy is closed")
	}
	if h.zones[origin] != nil {
		return nil, errors.New("the zone exists already")
	}
	parent, err := h.parent(origin)
	if err != nil {
		return nil, err
	}
	z := &Zone{origin: origin, h: h}
	if z.servers, err = h.zoneServers(z, parent, s); err != nil {
		return nil, err
	}
	if s.primary != "" {
		if z.primary, err = z.pick(s.primary); err != nil {
			return nil, err
		}
	}
	if err := z.fill(s.records); err != nil {
		return nil, err
	}
	h.zones[origin] = z
	for _, server := range z.servers {
		server.host(z, z.live)
	}
	if parent == nil {
		return z, nil
	}
	return z, h.insert(z, parent, s.undelegated)
}

// parent returns the zone above, nil for the root. It makes a top-level domain that is missing.
func (h *Hierarchy) parent(origin string) (*Zone, error) {
	if origin == "." {
		return nil, nil
	}
	labels := dns.SplitDomainName(origin)
	if tld := labels[len(labels)-1] + "."; len(labels) > 1 && h.zones[tld] == nil {
		if _, err := h.addZone(tld, zoneSettings{}); err != nil {
			return nil, err
		}
	}
	return h.enclosing(parentName(origin)), nil
}

// enclosing returns the zone closest to a name. There is always one: the root.
func (h *Hierarchy) enclosing(name string) *Zone {
	for _, above := range upTo(name, ".") {
		if z := h.zones[above]; z != nil {
			return z
		}
	}
	return nil
}

// zoneServers returns the servers that a zone is to have, and makes those that do not exist.
func (h *Hierarchy) zoneServers(z, parent *Zone, s zoneSettings) ([]*Server, error) {
	if s.onParent {
		if len(s.servers) > 0 {
			return nil, errors.New("OnParent does not go with servers of its own")
		}
		return parent.servers, nil
	}
	names := s.servers
	if len(names) == 0 {
		names = []string{defaultServer(z.origin)}
	}
	var servers []*Server
	for _, name := range names {
		full, err := parseNameIn(name, z.origin)
		if err != nil {
			return nil, err
		}
		server := h.findServer(full)
		if server == nil {
			if server, err = h.newServer(z, full, s.addrs[name]); err != nil {
				return nil, err
			}
		}
		servers = append(servers, server)
	}
	return servers, nil
}

// defaultServer names the server of a zone that was given none. Those of the root and of top-level
// domains keep clear of names that tests use.
func defaultServer(origin string) string {
	switch {
	case origin == ".":
		return rootServerName
	case dns.CountLabel(origin) == 1:
		return "a.nic"
	}
	return "ns1"
}

// newServer makes a server for z. The address records of a server outside z go into the zone that
// encloses its name.
func (h *Hierarchy) newServer(z *Zone, name string, addrs []string) (*Server, error) {
	server := newServer(h, name)
	if dns.IsSubDomain(z.origin, name) {
		return server, h.bind(server, addrs)
	}
	home := h.enclosing(name)
	// A zone of its own, rather than addresses in the root or in a top-level domain.
	if own := parentName(name); dns.CountLabel(home.origin) <= 1 && dns.CountLabel(own) > 1 {
		label := strings.TrimSuffix(name, "."+own)
		settings := zoneSettings{servers: []string{label}, addrs: map[string][]string{label: addrs}}
		if _, err := h.addZone(own, settings); err != nil {
			return nil, fmt.Errorf("server %s: %w", displayName(name), err)
		}
		return h.findServer(name), nil
	}
	if err := h.bind(server, addrs); err != nil {
		return nil, err
	}
	return server, home.Update(func(c *Changes) { c.AddRR(addressRecords(server)...) })
}

// bind opens the sockets of a server: at the given addresses, or at the next free one.
func (h *Hierarchy) bind(s *Server, addrs []string) error {
	for _, text := range addrs {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("server %s: %w", s.name, err)
		}
		if err := s.listen(netip.AddrPortFrom(addr, h.Port())); err != nil {
			s.close()
			return err
		}
	}
	if len(addrs) == 0 {
		if err := h.bindNext(s); err != nil {
			return err
		}
	}
	h.servers = append(h.servers, s)
	return nil
}

// bindNext opens a server at the next address. The first server decides whether the port is free; for
// the others an address is passed over where some other program has the port.
func (h *Hierarchy) bindNext(s *Server) error {
	var err error
	for range addrTries {
		addr := h.next
		if err = s.listen(netip.AddrPortFrom(addr, h.Port())); err == nil {
			h.next = addr.Next()
			return nil
		}
		if len(h.servers) == 0 || !errors.Is(err, syscall.EADDRINUSE) {
			return err
		}
		h.next = addr.Next()
	}
	return err
}

// fill gives a new zone its first content.
func (z *Zone) fill(records []string) error {
	changes := newChanges(&content{origin: z.origin})
	var hosts []dns.RR
	for i, s := range z.servers {
		name := dns.Fqdn(s.name)
		if i == 0 {
			changes.AddRR(firstSOA(z.origin, name))
		}
		changes.AddRR(&dns.NS{Hdr: header(z.origin, dns.TypeNS), Ns: name})
		if dns.IsSubDomain(z.origin, name) && z.h.closestZone(z, name) {
			hosts = append(hosts, addressRecords(s)...)
		}
	}
	changes.AddRR(hosts...)
	changes.Set(records...)
	if err := changes.check(); err != nil {
		return err
	}
	z.live = newContent(z.origin, changes.owners)
	return nil
}

// closestZone reports whether no other zone lies between z and name.
func (h *Hierarchy) closestZone(z *Zone, name string) bool {
	between := h.enclosing(name)
	return between == nil || !isBelow(between.origin, z.origin)
}

func firstSOA(origin, server string) *dns.SOA {
	mailbox := "hostmaster." + strings.TrimPrefix(origin, ".")
	return &dns.SOA{
		Hdr: header(origin, dns.TypeSOA), Ns: server, Mbox: mailbox, Serial: 1,
		Refresh: 3600, Retry: 600, Expire: 86400, Minttl: negativeTTL,
	}
}
