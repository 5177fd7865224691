package spf

import (
	"net/netip"
	"strings"
)

func networkExample(m Mechanism) string {
	if m == MechIP6 {
		return "ip6:2001:db8::/32"
	}
	return "ip4:192.0.2.0/24"
}

// addressFault is about a text that is no address of the mechanism's family.
func addressFault(m Mechanism, text string) *fault {
	switch {
	case text == "":
		return faultf("5.6", "%q needs an address, as in %q", m, networkExample(m))
	case strings.Contains(text, "%"):
		return faultf("5.6", "%q takes an address as it is, without macros", m)
	}
	if from, to, found := strings.Cut(text, "-"); found {
		if _, err := netip.ParseAddr(from); err == nil {
			return faultf("5.6", "a range of addresses is written as networks: split %s to %s up into terms as in %q", Quote(from), Quote(to), networkExample(m))
		}
	}
	if m == MechIP4 && strings.Trim(text, "0123456789.*xX") == "" {
		return quadFault(text)
	}
	return faultf("5.6", "%s is not an %s address, as in %q", Quote(text), family(m), networkExample(m))
}

// family names the addresses that ip4 or ip6 takes.
func family(m Mechanism) string {
	if m == MechIP6 {
		return "IPv6"
	}
	return "IPv4"
}

// quadFault is about a text of digits and dots that is not an IPv4 address.
func quadFault(text string) *fault {
	if strings.ContainsAny(text, "*xX") {
		return faultf("5.6", "SPF has no wildcards in addresses, but prefix lengths, as in %q", networkExample(MechIP4))
	}
	parts := strings.Split(strings.TrimSuffix(text, "."), ".")
	if len(parts) != 4 {
		return faultf("5.6", "%s has %d of the 4 numbers of an IPv4 address; a network has all four, as in %q", Quote(text), len(parts), networkExample(MechIP4))
	}
	return faultf("5.6", "%s is not an IPv4 address: it has four numbers from 0 to 255 without leading zeros", Quote(text))
}
