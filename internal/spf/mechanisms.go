package spf

import (
	"net/netip"
	"strings"
)

// directive reads a qualifier and a mechanism, and its argument with its colon or slash (RFC 7208 §4.6.1 and §5).
func (p *parser) directive(name, arg string) (Directive, *fault) {
	qualifier, bare := CutQualifier(name)
	mechanism, ok := findMechanism(bare)
	if !ok {
		return Directive{}, unknownMechanism(name)
	}
	t := Directive{Qualifier: qualifier, Mechanism: mechanism}
	var f *fault
	switch mechanism {
	case MechAll:
		if arg != "" {
			f = faultf("5.1", `"all" takes no argument`)
		}
	case MechInclude, MechExists:
		t.Domain, f = p.named(mechanism, arg)
	case MechPTR:
		if arg != "" {
			t.Domain, f = p.named(mechanism, arg)
		}
	case MechA, MechMX:
		t.Domain, t.CIDR, f = p.host(mechanism, arg)
	case MechIP4, MechIP6:
		t.Prefix, f = p.network(mechanism, arg)
	}
	return t, f
}

// CutQualifier returns the qualifier that a term starts with, and the rest; Pass where there is none.
func CutQualifier(term string) (Qualifier, string) {
	if term == "" {
		return Pass, ""
	}
	switch c := term[0]; c {
	case '+':
		return Pass, term[1:]
	case '-', '~', '?':
		return Qualifier(c), term[1:]
	}
	return Pass, term
}

// findMechanism looks a name up in any case (RFC 7208 §4.6.1, RFC 5234 §2.3).
func findMechanism(name string) (Mechanism, bool) {
	switch m := Mechanism(name); m {
	case MechAll, MechInclude, MechA, MechMX, MechPTR, MechIP4, MechIP6, MechExists:
		return m, true
	}
	// The longest has seven letters: a long unknown word is not worth a copy.
	if len(name) <= len(MechInclude) {
		if folded := strings.ToLower(name); folded != name {
			return findMechanism(folded)
		}
	}
	return "", false
}

// named reads the argument of include, exists and ptr: a colon and a domain-spec.
func (p *parser) named(m Mechanism, arg string) (string, *fault) {
	switch {
	case arg == "":
		return "", faultf(section(m), "%q needs a name, as in %q", m, m+":example.com")
	case arg[0] == '/':
		return "", faultf(section(m), "%q takes no prefix length", m)
	}
	domain, f := p.domainSpec(arg[1:])
	if i := strings.LastIndexByte(arg, '/'); f != nil && i >= 0 && strings.Trim(arg[i:], "/0123456789") == "" {
		return "", faultf(section(m), "%q takes no prefix length", m)
	}
	return domain, f
}

// host reads the argument of a and mx: a colon and a domain-spec, a dual-cidr-length, both or neither
// (RFC 7208 §5.3, §5.4).
func (p *parser) host(m Mechanism, arg string) (string, DualCIDR, *fault) {
	spec, lengths := arg, ""
	// A slash may stand in a domain-spec and in a macro, but not behind its last dot or macro (§7.1).
	last := strings.LastIndexAny(arg, ".}%") + 1
	if i := strings.IndexByte(arg[last:], '/'); i >= 0 {
		spec, lengths = arg[:last+i], arg[last+i:]
	}
	cidr, f := dualCIDR(section(m), lengths)
	if f != nil || spec == "" {
		return "", cidr, f
	}
	domain, f := p.domainSpec(spec[1:])
	return domain, cidr, f
}

// dualCIDR reads a dual-cidr-length (RFC 7208 §5.6): "", "/24", "//64" or "/24//64".
func dualCIDR(section, s string) (DualCIDR, *fault) {
	if s == "" {
		return DualCIDR{}, nil
	}
	text4, text6, both := strings.Cut(s[1:], "//")
	if s[1:] != "" && s[1] == '/' {
		text4, text6, both = "", s[2:], true
	}
	bits4, bits6 := 32, 128
	var ok bool
	if text4 != "" || !both {
		if bits4, ok = prefixLength(text4, 32); !ok {
			return DualCIDR{}, faultf(section, `%s is not a prefix length: for IPv4 it is "/0" to "/32", for IPv6 "//0" to "//128", for both a pair such as "/24//64"`, Quote(s))
		}
	}
	if both {
		if bits6, ok = prefixLength(text6, 128); !ok {
			return DualCIDR{}, faultf(section, `%s is not an IPv6 prefix length, which is "//0" to "//128"`, Quote("//"+text6))
		}
	}
	return newDualCIDR(bits4, bits6), nil
}

// prefixLength reads a number without leading zeros, from 0 to most.
func prefixLength(s string, most int) (int, bool) {
	if s == "" || len(s) > 3 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n <= most
}

// network reads the argument of ip4 and ip6 (RFC 7208 §5.6): a colon, an address and a prefix length.
func (p *parser) network(m Mechanism, arg string) (netip.Prefix, *fault) {
	if len(arg) < 2 || arg[0] != ':' {
		return netip.Prefix{}, faultf("5.6", "%q needs an address, as in %q", m, networkExample(m))
	}
	text, length, sized := strings.Cut(arg[1:], "/")
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" || addr.Is4() != (m == MechIP4) {
		return netip.Prefix{}, addressFault(m, text)
	}
	if addr.Is4In6() && !p.wire {
		return netip.Prefix{}, faultf("5", "%s is an IPv4-mapped address, which matches nobody: receivers compare IPv4 clients as IPv4", Quote(text))
	}
	bits := addr.BitLen()
	if sized {
		var ok bool
		if bits, ok = prefixLength(length, addr.BitLen()); !ok {
			return netip.Prefix{}, faultf("5.6", "%s is not a prefix length: it is a number from 0 to %d without leading zeros", Quote(length), addr.BitLen())
		}
	}
	return netip.PrefixFrom(addr, bits).Masked(), nil
}

// section returns where RFC 7208 defines a mechanism.
func section(m Mechanism) string {
	switch m {
	case MechAll:
		return "5.1"
	case MechInclude:
		return "5.2"
	case MechA:
		return "5.3"
	case MechMX:
		return "5.4"
	case MechPTR:
		return "5.5"
	case MechExists:
		return "5.7"
	default:
		return "5.6"
	}
}
