package resolve

import (
	"net/netip"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

const (
	// maxZones bounds the zones, and the names with their zones, that a client remembers.
	maxZones = 4096
	// minZoneLifetime is the least time for which a zone is remembered, whatever the TTL of its NS records: as long
	// as it takes to ask about all the records of a domain.
	minZoneLifetime = 5 * time.Second
	// freshZone is the time for which a zone is remembered for fresh questions: a domain may move
	// to other servers while they wait, and the old ones may go on answering.
	freshZone = time.Minute
)

// zone is a zone and its servers. It is shared between callers and never changed.
type zone struct {
	apex  dnsname.Name
	hosts []host // sorted by name
	// above is the zone whose servers delegate this one; nil where the resolvers named it.
	above *zone
	// top zones are where a search starts: found through the resolvers, not through their parent.
	top bool
	// inPublic zones were delegated by a server with a public address.
	inPublic bool
	// whole zones have the name servers of the parent's list and of their own, with all addresses.
	whole    bool
	lifetime time.Duration
	found    time.Time
	// outsiders are servers that the zone is not delegated to, and that answer for names in it all the same.
	outsiders []outsider
	// split says where servers of the zone above do not agree on who serves this one; nil where they do.
	split *answer.Disagreement
}

// An outsider is a server of a zone above that answers about names in a zone, instead of referring to its servers, or
// refers elsewhere. Whoever looks a name up may come to it.
type outsider struct {
	server answer.Server
	apex   dnsname.Name // of the zone that it is asked as a server of
}

// host is a name server by name.
type host struct {
	name  dnsname.Name
	addrs []netip.Addr // sorted
	why   string       // there are none; has passed record.Display
	// trouble is the kind of that reason.
	trouble answer.Trouble
	// glue are the addresses that the zone above sends along, sorted.
	glue []netip.Addr
	// uncertain says that some address could not be looked up, though it may exist.
	uncertain bool
	failed    answer.Outcome // of the question for its address
	// byParent and byZone say who lists it.
	byParent, byZone bool
	alias            bool // its name is an alias, which RFC 2181 §10.3 forbids
}

// servers returns the addresses of all hosts, by name and address, and of outsiders, each address once. A host without
// any is a server without an address.
func (z *zone) servers(port uint16) []answer.Server {
	var servers []answer.Server
	seen := make(map[netip.Addr]bool)
	for _, h := range z.hosts {
		if len(h.addrs) == 0 {
			servers = append(servers, answer.Server{Name: h.name})
		}
		for _, addr := range h.addrs {
			if !seen[addr] {
				seen[addr] = true
				servers = append(servers, answer.Server{Name: h.name, Addr: netip.AddrPortFrom(addr, port)})
			}
		}
	}
	for _, o := range z.outsiders {
		if !seen[o.server.Addr.Addr()] {
			seen[o.server.Addr.Addr()] = true
			servers = append(servers, o.server)
		}
	}
	return servers
}

// hasAddr reports whether an address is one of the zone's own servers.
func (z *zone) hasAddr(addr netip.Addr) bool {
	return slices.ContainsFunc(z.hosts, func(h host) bool { return slices.Contains(h.addrs, addr) })
}

// apexAt returns the apex of the zone that an address is asked as a server of.
func (z *zone) apexAt(addr netip.Addr) dnsname.Name {
	for _, o := range z.outsiders {
		if o.server.Addr.Addr() == addr && !z.hasAddr(addr) {
			return o.apex
		}
	}
	return z.apex
}

// passed returns the zone of an apex, where that is the zone itself or one on the way down to it; nil otherwise.
func (z *zone) passed(apex dnsname.Name) *zone {
	for ; z != nil && z.apex != apex; z = z.above {
	}
	return z
}

// find returns the host of a name; the zero host where the zone has none of it.
func (z *zone) find(name dnsname.Name) host {
	i := slices.IndexFunc(z.hosts, func(h host) bool { return h.name == name })
	if i < 0 {
		return host{}
	}
	return z.hosts[i]
}

// reachable reports whether any host has an address.
func (z *zone) reachable() bool {
	return slices.ContainsFunc(z.hosts, func(h host) bool { return len(h.addrs) > 0 })
}

// below returns the name so many labels longer than the apex on the way to name; the name itself where it is not as
// long.
func (z *zone) below(name dnsname.Name, labels int) dnsname.Name {
	for longer := len(name.Labels()) - len(z.apex.Labels()); longer > labels; longer-- {
		name = name.Parent()
	}
	return name
}

// zoneLifetime bounds the TTL of NS records, in seconds.
func zoneLifetime(ttl uint32) time.Duration {
	return min(maxLifetime, max(minZoneLifetime, time.Duration(ttl)*time.Second))
}

// zones remembers the zones that were found, and which zone holds which name.
type zones struct {
	known   *cache[dnsname.Name, *zone] // by apex
	holders *cache[dnsname.Name, *zone] // by name
}

func newZones() *zones {
	return &zones{known: newCache[dnsname.Name, *zone](maxZones), holders: newCache[dnsname.Name, *zone](maxZones)}
}

// put remembers a zone, unless more is known about it already.
func (s *zones) put(z *zone) {
	if known, _ := s.known.get(z.apex); known != nil && known.whole && !z.whole {
		return
	}
	s.known.put(z.apex, z, z.lifetime)
}

// hold notes that a zone holds a name.
func (s *zones) hold(name dnsname.Name, z *zone) { s.holders.put(name, z, z.lifetime) }

// holder returns the zone that holds a name, nil where that is not known, or not any more.
func (s *zones) holder(name dnsname.Name) *zone {
	held, _ := s.holders.get(name)
	if held == nil {
		return nil
	}
	if known, _ := s.known.get(held.apex); known != held {
		return nil
	}
	return held
}

// deepest returns the closest known zone at or above a name, nil where none is.
func (s *zones) deepest(name dnsname.Name) *zone {
	for n := name; n.IsValid(); n = n.Parent() {
		if z, ok := s.known.get(n); ok {
			return z
		}
	}
	return nil
}

// forgetOld makes the next search find those zones again, at or above a name, that were found a while ago.
func (s *zones) forgetOld(name dnsname.Name) {
	for n := name; n.IsValid(); n = n.Parent() {
		if z, ok := s.known.get(n); ok && !z.top && time.Since(z.found) >= freshZone {
			s.forget(z)
		}
	}
}

// forget makes the next search find the zone again.
func (s *zones) forget(z *zone) {
	if known, _ := s.known.get(z.apex); known == z {
		s.known.drop(z.apex)
	}
}

// forgetWay makes the next search find a zone again, and those on the way down to it from the apex on.
func (s *zones) forgetWay(z *zone, apex dnsname.Name) {
	s.forget(z)
	for z = z.above; z != nil && z.apex.IsIn(apex); z = z.above {
		s.known.drop(z.apex)
	}
}
