package resolve

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// A block is a range of addresses that IANA keeps for a purpose.
type block struct {
	kind   blockKind
	prefix netip.Prefix
	what   string // what an address of it is, with the source
}

type blockKind int

const (
	reserved  blockKind = iota // no server that everybody reaches has such an address
	private                    // networks use them inside, so that they belong to one view of DNS
	metadata                   // where machines ask the cloud that they run in, or each other on one link
	reachable                  // public after all, within a larger block that is not
)

// special are the blocks of IANA's special-purpose address registries (RFC 6890, as updated by RFC 8190) that are not
// globally reachable, with what is reachable within them, and what never belongs to one host. The metadata services of
// cloud providers stand beside them. The longest prefix counts.
//
// https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
var special = []block{
	{reserved, netip.MustParsePrefix("0.0.0.0/8"), "an address of this network (RFC 791)"},
	{private, netip.MustParsePrefix("10.0.0.0/8"), "a private address (RFC 1918)"},
	{private, netip.MustParsePrefix("100.64.0.0/10"), "a shared address behind carrier-grade NAT (RFC 6598)"},
	{metadata, netip.MustParsePrefix("100.100.100.200/32"), "the address of a cloud's metadata service"},
	{private, netip.MustParsePrefix("127.0.0.0/8"), "a loopback address (RFC 1122)"},
	{metadata, netip.MustParsePrefix("169.254.0.0/16"), "a link-local address, as those of metadata services are (RFC 3927)"},
	{private, netip.MustParsePrefix("172.16.0.0/12"), "a private address (RFC 1918)"},
	{reserved, netip.MustParsePrefix("192.0.0.0/24"), "an address for protocols (RFC 6890)"},
	{reachable, netip.MustParsePrefix("192.0.0.9/32"), "an anycast address (RFC 7723)"},
	{reachable, netip.MustParsePrefix("192.0.0.10/32"), "an anycast address (RFC 8155)"},
	{reserved, netip.MustParsePrefix("192.0.2.0/24"), "an address for documentation (RFC 5737)"},
	{reserved, netip.MustParsePrefix("192.88.99.0/24"), "an address of 6to4 relays (RFC 7526)"},
	{private, netip.MustParsePrefix("192.168.0.0/16"), "a private address (RFC 1918)"},
	{reserved, netip.MustParsePrefix("198.18.0.0/15"), "an address for benchmarks (RFC 2544)"},
	{reserved, netip.MustParsePrefix("198.51.100.0/24"), "an address for documentation (RFC 5737)"},
	{reserved, netip.MustParsePrefix("203.0.113.0/24"), "an address for documentation (RFC 5737)"},
	{reserved, netip.MustParsePrefix("224.0.0.0/4"), "a multicast address (RFC 5771)"},
	{reserved, netip.MustParsePrefix("240.0.0.0/4"), "a reserved address (RFC 1112)"},

	{reserved, netip.MustParsePrefix("::/0"), "not in the range of public addresses (RFC 4291)"},
	{reachable, netip.MustParsePrefix("2000::/3"), "a public address (RFC 4291)"},
	{private, netip.MustParsePrefix("::1/128"), "the loopback address (RFC 4291)"},
	{reserved, netip.MustParsePrefix("64:ff9b:1::/48"), "an address of local NAT64 (RFC 8215)"},
	{reserved, netip.MustParsePrefix("2001::/23"), "an address for protocols (RFC 2928)"},
	{reachable, netip.MustParsePrefix("2001:1::1/128"), "an anycast address (RFC 7723)"},
	{reachable, netip.MustParsePrefix("2001:1::2/128"), "an anycast address (RFC 8155)"},
	{reachable, netip.MustParsePrefix("2001:1::3/128"), "an anycast address (RFC 9665)"},
	{reachable, netip.MustParsePrefix("2001:3::/32"), "an address of multicast tunnels (RFC 7450)"},
	{reachable, netip.MustParsePrefix("2001:4:112::/48"), "an address of AS112 (RFC 7535)"},
	{reserved, netip.MustParsePrefix("2001:db8::/32"), "an address for documentation (RFC 3849)"},
	{reserved, netip.MustParsePrefix("2002::/16"), "an address of 6to4 (RFC 3056)"},
	{reserved, netip.MustParsePrefix("3fff::/20"), "an address for documentation (RFC 9637)"},
	{private, netip.MustParsePrefix("fc00::/7"), "a private address (RFC 4193)"},
	{metadata, netip.MustParsePrefix("fd00:ec2::/32"), "the address of a cloud's metadata service"},
	{metadata, netip.MustParsePrefix("fd20:ce::/32"), "the address of a cloud's metadata service"},
	{metadata, netip.MustParsePrefix("fe80::/10"), "a link-local address (RFC 4291)"},
	{private, netip.MustParsePrefix("fec0::/10"), "a site-local address (RFC 3879)"},
	{reserved, netip.MustParsePrefix("ff00::/8"), "a multicast address (RFC 4291)"},
}

// translated is for IPv6 addresses that stand for an IPv4 address (NAT64, RFC 6052 §2.1). It is globally reachable, and
// must not stand for an address that is not (§3.1).
var translated = netip.MustParsePrefix("64:ff9b::/96")

// blockOf returns the smallest special block that an address lies in; one that is reachable where it lies in none.
func blockOf(addr netip.Addr) block {
	addr = addr.Unmap().WithZone("")
	if translated.Contains(addr) {
		octets := addr.As16()
		addr = netip.AddrFrom4([4]byte(octets[12:]))
	}
	smallest := block{kind: reachable}
	for _, b := range special {
		if b.prefix.Contains(addr) && (!smallest.prefix.IsValid() || b.prefix.Bits() > smallest.prefix.Bits()) {
			smallest = b
		}
	}
	return smallest
}

// isPublic reports whether an address can be reached from anywhere.
func isPublic(addr netip.Addr) bool { return addr.IsValid() && blockOf(addr).kind == reachable }

// networks are those whose addresses may be asked although they are not public.
type networks []netip.Prefix

// hold reports whether an address lies in one of the networks. That of a metadata service has to be named by a network
// of such addresses alone: what lets machines ask is not let in with a larger one.
func (n networks) hold(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	b := blockOf(addr)
	return slices.ContainsFunc(n, func(network netip.Prefix) bool {
		return network.Contains(addr) && (b.kind != metadata || network.Bits() >= b.prefix.Bits())
	})
}

// ParseNetwork reads a network, "10.0.0.0/8", or one address of it.
func ParseNetwork(s string) (netip.Prefix, error) {
	text := strings.TrimSpace(s)
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("network %s: it must be a network in CIDR notation, like 10.0.0.0/8 or fd00::/8", record.DisplayQuoted(redact(s)))
	case prefix.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("network %s: write it as an IPv4 network", record.DisplayQuoted(text))
	case prefix != prefix.Masked():
		return netip.Prefix{}, fmt.Errorf("network %s: it has bits behind its prefix; write %s", record.DisplayQuoted(text), prefix.Masked())
	}
	return prefix, nil
}

// loopback are the networks of addresses on this machine.
var loopback = networks{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// networks returns those whose addresses may be asked although they are not public: those that are configured, and this
// machine for a lab on it, where servers listen at another port than those of the world and resolvers here find them.
func (config Config) networks(resolvers []Resolver) networks {
	allowed := slices.Clone(networks(config.PrivateNetworks))
	here := func(addr netip.Addr) bool { return addr.IsLoopback() }
	isHere := func(r Resolver) bool {
		if !r.addr.Addr().IsValid() {
			return len(config.Bootstrap) > 0 && !slices.ContainsFunc(config.Bootstrap, func(a netip.Addr) bool { return !here(a) })
		}
		return here(r.addr.Addr())
	}
	lab := orDefault(config.AuthoritativePort, dnsPort) != dnsPort
	if lab && !slices.ContainsFunc(resolvers, func(r Resolver) bool { return !isHere(r) }) {
		allowed = append(allowed, loopback...)
	}
	return allowed
}

// forbidden returns what stands for the answer of an authoritative server that is not asked, as its address is not
// public. Its address comes from DNS, and so from whoever writes there: questions to it may be meant for a machine
// inside.
func (c *Client) forbidden(t target) (response, bool) {
	addr := t.addr.Addr()
	if t.recursive() || isPublic(addr) || c.private.hold(addr) {
		return response{}, false
	}
	text := fmt.Sprintf("not asked: %s is %s", addr, blockOf(addr).what)
	if blockOf(addr).kind != reserved {
		text += "; the provider's `private_networks` names those that may be asked"
	}
	return response{outcome: answer.Unreachable, detail: text, skipped: true}, true
}
