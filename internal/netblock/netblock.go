// Package netblock knows the ranges of addresses that are kept for a purpose, and so are not reachable from everywhere.
package netblock

import "net/netip"

// A Block is a range of addresses that IANA keeps for a purpose.
type Block struct {
	Kind   Kind
	Prefix netip.Prefix
	What   string // what an address of it is, with the source
}

// Kind says who may reach an address.
type Kind int

// The kinds.
const (
	Reserved  Kind = iota // no server that everybody reaches has such an address
	Private               // networks use them inside, so that they belong to one view of DNS
	Metadata              // where machines ask the cloud that they run in, or each other on one link
	Reachable             // public after all, within a larger block that is not
)

// special are the blocks of IANA's special-purpose address registries (RFC 6890, as updated by RFC 8190) that are not
// globally reachable, with what is reachable within them, and what never belongs to one host. The metadata services of
// cloud providers stand beside them. The longest prefix counts.
//
// https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
var special = []Block{
	{Reserved, netip.MustParsePrefix("0.0.0.0/8"), "an address of this network (RFC 791)"},
	{Private, netip.MustParsePrefix("10.0.0.0/8"), "a private address (RFC 1918)"},
	{Private, netip.MustParsePrefix("100.64.0.0/10"), "a shared address behind carrier-grade NAT (RFC 6598)"},
	{Metadata, netip.MustParsePrefix("100.100.100.200/32"), "the address of a cloud's metadata service"},
	{Private, netip.MustParsePrefix("127.0.0.0/8"), "a loopback address (RFC 1122)"},
	{Metadata, netip.MustParsePrefix("169.254.0.0/16"), "a link-local address, as those of metadata services are (RFC 3927)"},
	{Private, netip.MustParsePrefix("172.16.0.0/12"), "a private address (RFC 1918)"},
	{Reserved, netip.MustParsePrefix("192.0.0.0/24"), "an address for protocols (RFC 6890)"},
	{Reachable, netip.MustParsePrefix("192.0.0.9/32"), "an anycast address (RFC 7723)"},
	{Reachable, netip.MustParsePrefix("192.0.0.10/32"), "an anycast address (RFC 8155)"},
	{Reserved, netip.MustParsePrefix("192.0.2.0/24"), "an address for documentation (RFC 5737)"},
	{Reserved, netip.MustParsePrefix("192.88.99.0/24"), "an address of 6to4 relays (RFC 7526)"},
	{Private, netip.MustParsePrefix("192.168.0.0/16"), "a private address (RFC 1918)"},
	{Reserved, netip.MustParsePrefix("198.18.0.0/15"), "an address for benchmarks (RFC 2544)"},
	{Reserved, netip.MustParsePrefix("198.51.100.0/24"), "an address for documentation (RFC 5737)"},
	{Reserved, netip.MustParsePrefix("203.0.113.0/24"), "an address for documentation (RFC 5737)"},
	{Reserved, netip.MustParsePrefix("224.0.0.0/4"), "a multicast address (RFC 5771)"},
	{Reserved, netip.MustParsePrefix("240.0.0.0/4"), "a reserved address (RFC 1112)"},

	{Reserved, netip.MustParsePrefix("::/0"), "not in the range of public addresses (RFC 4291)"},
	{Reachable, netip.MustParsePrefix("2000::/3"), "a public address (RFC 4291)"},
	{Private, netip.MustParsePrefix("::1/128"), "the loopback address (RFC 4291)"},
	{Reserved, netip.MustParsePrefix("64:ff9b:1::/48"), "an address of local NAT64 (RFC 8215)"},
	{Reserved, netip.MustParsePrefix("2001::/23"), "an address for protocols (RFC 2928)"},
	{Reachable, netip.MustParsePrefix("2001:1::1/128"), "an anycast address (RFC 7723)"},
	{Reachable, netip.MustParsePrefix("2001:1::2/128"), "an anycast address (RFC 8155)"},
	{Reachable, netip.MustParsePrefix("2001:1::3/128"), "an anycast address (RFC 9665)"},
	{Reachable, netip.MustParsePrefix("2001:3::/32"), "an address of multicast tunnels (RFC 7450)"},
	{Reachable, netip.MustParsePrefix("2001:4:112::/48"), "an address of AS112 (RFC 7535)"},
	{Reserved, netip.MustParsePrefix("2001:db8::/32"), "an address for documentation (RFC 3849)"},
	{Reserved, netip.MustParsePrefix("2002::/16"), "an address of 6to4 (RFC 3056)"},
	{Reserved, netip.MustParsePrefix("3fff::/20"), "an address for documentation (RFC 9637)"},
	{Private, netip.MustParsePrefix("fc00::/7"), "a private address (RFC 4193)"},
	{Metadata, netip.MustParsePrefix("fd00:ec2::/32"), "the address of a cloud's metadata service"},
	{Metadata, netip.MustParsePrefix("fd20:ce::/32"), "the address of a cloud's metadata service"},
	{Metadata, netip.MustParsePrefix("fe80::/10"), "a link-local address (RFC 4291)"},
	{Private, netip.MustParsePrefix("fec0::/10"), "a site-local address (RFC 3879)"},
	{Reserved, netip.MustParsePrefix("ff00::/8"), "a multicast address (RFC 4291)"},
}

// translated is for IPv6 addresses that stand for an IPv4 address (NAT64, RFC 6052 §2.1). It is globally reachable, and
// must not stand for an address that is not (§3.1).
var translated = netip.MustParsePrefix("64:ff9b::/96")

// Of returns the smallest special block that an address lies in; one that is reachable where it lies in none.
func Of(addr netip.Addr) Block {
	addr = addr.Unmap().WithZone("")
	if translated.Contains(addr) {
		octets := addr.As16()
		addr = netip.AddrFrom4([4]byte(octets[12:]))
	}
	smallest := &Block{Kind: Reachable}
	for i := range special {
		b := &special[i]
		if b.Prefix.Contains(addr) && (!smallest.Prefix.IsValid() || b.Prefix.Bits() > smallest.Prefix.Bits()) {
			smallest = b
		}
	}
	return *smallest
}

// IsPublic reports whether an address can be reached from anywhere.
func IsPublic(addr netip.Addr) bool { return addr.IsValid() && Of(addr).Kind == Reachable }
