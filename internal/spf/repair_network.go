package spf

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"

	"go4.org/netipx"
)

// A written network is an address or a network as people write them.
type writtenNetwork struct {
	terms []string // for it, without a qualifier
	addr  string   // the address as it was written
	why   string   // what is wrong with the notation; empty where that is right
}

// readNetwork reads an address, with or without a length, in the notations that people use.
func readNetwork(text string) (writtenNetwork, bool) {
	if n, ok := readRange(text); ok {
		return n, true
	}
	addrText, length, sized := strings.Cut(text, "/")
	n := writtenNetwork{addr: addrText}
	addr, ok := n.readAddress(addrText)
	if !ok {
		return readShort(text)
	}
	bits, most := addr.BitLen(), addr.BitLen()
	if sized {
		if bits, ok = n.readLength(length, addr); !ok {
			return writtenNetwork{}, false
		}
	}
	if addr.Is4In6() {
		n.why = "an IPv4-mapped address matches nobody: receivers compare IPv4 clients as IPv4"
		addr, most = addr.Unmap(), 32
		switch {
		case bits >= 96:
			bits -= 96
		case bits > most:
			return writtenNetwork{}, false
		}
	}
	if bits > most {
		return writtenNetwork{}, false
	}
	network := addr.String()
	if sized {
		network += "/" + strconv.Itoa(bits)
	}
	if n.why == whyNetmask {
		network = netip.PrefixFrom(addr, bits).Masked().String()
	}
	n.terms = []string{string(networkMechanism(addr)) + ":" + network}
	return n, true
}

// text returns the terms with a qualifier.
func (n writtenNetwork) text(qualifier string) string {
	return qualifier + strings.Join(n.terms, " "+qualifier)
}

const whyNetmask = "netmasks are written as prefix lengths"

// readAddress reads an address with brackets, a zone, a port or a dot at its end.
func (n *writtenNetwork) readAddress(text string) (netip.Addr, bool) {
	if strings.HasPrefix(text, "[") {
		inner, rest, closed := strings.Cut(text[1:], "]")
		if closed && (rest == "" || rest[0] == ':' && strings.Trim(rest[1:], "0123456789") == "") {
			n.why, text = "an address in SPF has no brackets", inner
		}
	}
	if bare, zone, ok := strings.Cut(text, "%"); ok && !strings.HasPrefix(zone, "{") {
		if addr, err := netip.ParseAddr(bare); err == nil && addr.Is6() {
			n.why, text = "an address in SPF has no zone", bare
		}
	}
	if bare, port, ok := strings.Cut(text, ":"); ok && strings.Contains(bare, ".") && strings.Trim(port, "0123456789") == "" {
		n.why, text = "an address in SPF has no port", bare
	}
	if bare, ok := strings.CutSuffix(text, "."); ok {
		n.why, text = "an address has no dot at its end", bare
	}
	addr, err := netip.ParseAddr(text)
	return addr, err == nil && addr.Zone() == ""
}

// readLength reads a prefix length, or what people write in its place.
func (n *writtenNetwork) readLength(text string, addr netip.Addr) (int, bool) {
	if bits, ok := prefixLength(text, addr.BitLen()); ok {
		return bits, true
	}
	if bits, ok := maskBits(text); ok && addr.Is4() {
		n.why = whyNetmask
		return bits, true
	}
	digits := strings.TrimLeft(strings.Trim(text, "/"), "0")
	if digits == "" && strings.Contains(text, "0") {
		digits = "0"
	}
	bits, ok := prefixLength(digits, 128)
	if ok && bits == 128 && addr.Is4() {
		bits = 32 // one address, whatever its family
	}
	if n.why == "" {
		n.why = "a prefix length is a number without leading zeros, behind one slash"
	}
	return bits, ok && bits <= addr.BitLen()
}

// maskBits returns the prefix length that an IPv4 netmask stands for: its ones stand together, at its left end.
func maskBits(text string) (int, bool) {
	mask, err := netip.ParseAddr(text)
	if err != nil || !mask.Is4() {
		return 0, false
	}
	octets := mask.As4()
	ones := bits.LeadingZeros32(^binary.BigEndian.Uint32(octets[:]))
	return ones, netip.PrefixFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), ones).Masked().Addr() == mask
}

// mostRange is the most networks that are suggested in place of a range.
const mostRange = 8

// readRange reads a range of addresses, "192.0.2.0-192.0.2.255" or "192.0.2.0-255".
func readRange(text string) (writtenNetwork, bool) {
	fromText, toText, found := strings.Cut(text, "-")
	from, err := netip.ParseAddr(fromText)
	if !found || err != nil {
		return writtenNetwork{}, false
	}
	slip := false
	if from.Is4() && !strings.Contains(toText, ".") {
		// "192.0.2.0-24" may be a network, and the hyphen a slip for the slash.
		bits, ok := prefixLength(toText, 32)
		slip = ok && netip.PrefixFrom(from, bits).Masked().Addr() == from
		toText = fromText[:strings.LastIndexByte(fromText, '.')+1] + toText
	}
	to, err := netip.ParseAddr(toText)
	if err != nil || from.Is4In6() || from.Zone() != "" {
		return writtenNetwork{}, false
	}
	prefixes := netipx.IPRangeFrom(from, to).Prefixes()
	if len(prefixes) == 0 || len(prefixes) > mostRange || slip && len(prefixes) > 1 {
		return writtenNetwork{}, false
	}
	terms := make([]string, len(prefixes))
	for i, p := range prefixes {
		terms[i] = Directive{Mechanism: networkMechanism(from), Prefix: p}.String()
	}
	return writtenNetwork{terms: terms, addr: text, why: "a range of addresses is written as networks"}, true
}

// readShort reads IPv4 networks without their last numbers, "192.0.2/24", or with wildcards for them, "192.0.2.*".
func readShort(text string) (writtenNetwork, bool) {
	addr, length, sized := strings.Cut(text, "/")
	parts := strings.Split(strings.TrimSuffix(addr, "."), ".")
	wild := 0
	for len(parts) > 0 && strings.Trim(parts[len(parts)-1], "*xX") == "" {
		parts, wild = parts[:len(parts)-1], wild+1
	}
	known := len(parts)
	if known == 0 || known > 3 || wild > 0 && known+wild > 4 || wild == 0 && !sized {
		return writtenNetwork{}, false
	}
	whole, err := netip.ParseAddr(strings.Join(parts, ".") + strings.Repeat(".0", 4-known))
	bits := 8 * known
	if sized {
		n, ok := prefixLength(length, bits)
		if !ok || wild > 0 && n != bits {
			return writtenNetwork{}, false
		}
		bits = n
	}
	if err != nil {
		return writtenNetwork{}, false
	}
	why := "an IPv4 address has four numbers"
	if wild > 0 {
		why = "SPF has no wildcards in addresses, but prefix lengths"
	}
	return writtenNetwork{terms: []string{"ip4:" + whole.String() + "/" + strconv.Itoa(bits)}, addr: addr, why: why}, true
}

// networkMechanism returns the mechanism for networks of the address's family.
func networkMechanism(addr netip.Addr) Mechanism {
	if addr.Is4() {
		return MechIP4
	}
	return MechIP6
}
