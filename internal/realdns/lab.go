package realdns

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// Lab is a hierarchy with zones on real servers.
type Lab struct {
	*dnstest.Hierarchy
	t      *testing.T
	next   netip.Addr // of the next server
	zones  []delegation
	limits bool // servers that start from now on limit their responses
}

// delegation is a zone with the servers that the zone above refers to.
type delegation struct {
	zone    string // without its final dot; "" for the root
	servers []netip.AddrPort
}

// New starts a lab that has its root and the top-level domain com. It closes with the test.
func New(t *testing.T) *Lab {
	t.Helper()
	l := &Lab{Hierarchy: dnstest.New(t), t: t, next: netip.AddrFrom4([4]byte{127, 0, 1, 1})}
	l.Zone("com")
	return l
}

// LimitResponses has the servers that start from now on limit their responses, at the values that their makers'
// documentation has as the example: BIND 10 responses a second to a network of clients, Knot DNS and NSD 200, and every
// second of those past that is sent with the TC bit.
func (l *Lab) LimitResponses() { l.limits = true }

// addr returns an address that no other server of the lab has, with the port of the lab.
func (l *Lab) addr() netip.AddrPort {
	addr := l.next
	l.next = l.next.Next()
	return netip.AddrPortFrom(addr, l.Port())
}

// Delegate puts a zone of real servers below com: they are ns1, ns2 and so on in it.
func (l *Lab) Delegate(zone string, servers ...*Server) {
	l.t.Helper()
	d := delegation{zone: zone}
	for i, s := range servers {
		host := fmt.Sprintf("ns%d.%s.", i+1, zone)
		l.Zone("com").Add(fmt.Sprintf("%s. 3600 IN NS %s", zone, host), fmt.Sprintf("%s 3600 IN A %s", host, s.addr.Addr()))
		d.servers = append(d.servers, s.addr)
	}
	l.zones = append(l.zones, d)
}

// DelegateTo puts a zone of real servers below com, which has the servers by these names. The names are absolute, without
// their final dots, and have their addresses elsewhere.
func (l *Lab) DelegateTo(zone string, hosts ...string) {
	l.t.Helper()
	for _, host := range hosts {
		l.Zone("com").Add(fmt.Sprintf("%s. 3600 IN NS %s.", zone, host))
	}
}

// delegations returns all zones of the lab with their servers, for recursors that cannot follow referrals to
// another port than 53.
func (l *Lab) delegations() []delegation {
	root := delegation{servers: l.Zone(".").Servers()[0].Addrs()}
	com := delegation{zone: "com", servers: l.Zone("com").Servers()[0].Addrs()}
	return append([]delegation{root, com}, l.zones...)
}
