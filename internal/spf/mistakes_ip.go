package spf

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strings"
)

func networkExample(m Mechanism) string {
	if m == MechIP6 {
		return "ip6:2001:db8::/32"
	}
	return "ip4:192.0.2.0/24"
}

// addressFault says what to write in place of a text that is no address of the mechanism's family.
func addressFault(m Mechanism, text string) *fault {
	addr, err := netip.ParseAddr(text)
	inner := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	switch {
	case err == nil && addr.Zone() != "":
		return faultf("5.6", "an address in SPF has no zone: write %q", string(m)+":"+addr.WithZone("").String())
	case err == nil && addr.Is4():
		return faultf("5.6", "%s is an IPv4 address: write %q", quote(text), "ip4:"+text)
	case err == nil:
		return faultf("5.6", "%s is an IPv6 address: write %q", quote(text), "ip6:"+text)
	case text == "":
		return faultf("5.6", "%q needs an address: write %q", m, networkExample(m))
	case inner != text:
		return faultf("5.6", "an address in SPF has no brackets: write %s", quote(string(m)+":"+inner))
	case strings.Contains(text, "%"):
		return faultf("5.6", "%q takes an address as it is, without macros", m)
	}
	if host, port, found := strings.Cut(text, ":"); found && m == MechIP4 {
		if _, err := netip.ParseAddr(host); err == nil && strings.Trim(port, "0123456789") == "" {
			return faultf("5.6", "an address in SPF has no port: write %q", "ip4:"+host)
		}
	}
	if from, to, found := strings.Cut(text, "-"); found {
		if _, err := netip.ParseAddr(from); err == nil {
			return faultf("5.6", "a range of addresses is written as networks: split %s to %s up into terms like %q", quote(from), quote(to), networkExample(m))
		}
	}
	if m == MechIP4 && strings.Trim(text, "0123456789.*xX") == "" {
		return quadFault(text)
	}
	if domain, f := (&parser{}).domainSpec(text); f == nil {
		return faultf("5.6", "%q takes an address, not a name: write %s", m, quote("a:"+domain))
	}
	return faultf("5.6", "%s is no address: write one like %q", quote(text), networkExample(m))
}

// quadFault is about a text of digits and dots that is no IPv4 address.
func quadFault(text string) *fault {
	if strings.ContainsAny(text, "*xX") {
		return faultf("5.6", "SPF has no wildcards: write the network with its prefix length, as in %q", networkExample(MechIP4))
	}
	parts := strings.Split(strings.TrimSuffix(text, "."), ".")
	if len(parts) != 4 {
		return faultf("5.6", "%s has %d of the 4 numbers of an IPv4 address: write a network with all four, as in %q", quote(text), len(parts), networkExample(MechIP4))
	}
	return faultf("5.6", "%s is no IPv4 address: it has four numbers from 0 to 255 without leading zeros", quote(text))
}

// lengthFault says what to write in place of a text that is no prefix length.
func lengthFault(m Mechanism, addr netip.Addr, length string) *fault {
	if mask, err := netip.ParseAddr(length); err == nil && mask.Is4() && m == MechIP4 {
		octets := mask.As4()
		netmask := binary.BigEndian.Uint32(octets[:])
		// The ones of a netmask stand together, at its left end.
		if ones := bits.LeadingZeros32(^netmask); netmask<<ones == 0 {
			network := netip.PrefixFrom(addr, ones).Masked()
			return faultf("5.6", "netmasks are written as prefix lengths: write %q", "ip4:"+network.String())
		}
	}
	return faultf("5.6", "%s is no prefix length: write a number from 0 to %d without leading zeros", quote(length), addr.BitLen())
}
