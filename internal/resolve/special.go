package resolve

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// networks are those whose addresses may be asked although they are not public.
type networks []netip.Prefix

// hold reports whether an address lies in one of the networks. That of a metadata service has to be named by a network
// of such addresses alone: what lets machines ask is not let in with a larger one.
func (n networks) hold(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	b := netblock.Of(addr)
	return slices.ContainsFunc(n, func(network netip.Prefix) bool {
		return network.Contains(addr) && (b.Kind != netblock.Metadata || network.Bits() >= b.Prefix.Bits())
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
		return netip.Prefix{}, fmt.Errorf("network %s: it has bits set after its prefix; write %s", record.DisplayQuoted(text), prefix.Masked())
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
	if t.recursive() || netblock.IsPublic(addr) || c.private.hold(addr) {
		return response{}, false
	}
	text := fmt.Sprintf("not asked: %s is %s", addr, netblock.Of(addr).What)
	if netblock.Of(addr).Kind != netblock.Reserved {
		text += "; to have it asked, name it in the provider's `private_networks`"
	}
	return response{outcome: answer.Unreachable, detail: text, skipped: true}, true
}
