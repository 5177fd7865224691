package spf

import (
	"net/netip"
	"strconv"
)

// Qualifier is what a matching directive means (RFC 7208 §4.6.2).
type Qualifier byte

// The qualifiers. Pass is the zero Qualifier, as it is in a record that names none.
const (
	Pass     Qualifier = 0
	Fail     Qualifier = '-'
	SoftFail Qualifier = '~'
	Neutral  Qualifier = '?'
)

// String returns the qualifier as canonical records have it: nothing for Pass.
func (q Qualifier) String() string {
	if q == Pass {
		return ""
	}
	return string(rune(q))
}

// Word returns the name of the result that the qualifier leads to: "pass", "fail", "softfail" or "neutral".
func (q Qualifier) Word() string {
	switch q {
	case Fail:
		return "fail"
	case SoftFail:
		return "softfail"
	case Neutral:
		return "neutral"
	default:
		return "pass"
	}
}

// Strictness orders qualifiers from the least restrictive: pass, neutral, softfail, fail.
func (q Qualifier) Strictness() int {
	switch q {
	case Fail:
		return 3
	case SoftFail:
		return 2
	case Neutral:
		return 1
	default:
		return 0
	}
}

// Mechanism is the name of a mechanism (RFC 7208 §5), in lower case.
type Mechanism string

// The mechanisms, in the order of RFC 7208 §5.
const (
	MechAll     Mechanism = "all"
	MechInclude Mechanism = "include"
	MechA       Mechanism = "a"
	MechMX      Mechanism = "mx"
	MechPTR     Mechanism = "ptr"
	MechIP4     Mechanism = "ip4"
	MechIP6     Mechanism = "ip6"
	MechExists  Mechanism = "exists"
)

// DualCIDR is the dual-cidr-length of an `a` or `mx` term (RFC 7208 §5.6): how many bits of the
// client's address are compared. The zero value compares whole addresses, as a term without one does.
type DualCIDR struct {
	// What is left out of the comparison, in bits, so that absent, "/32" and "//128" are the same value.
	host4, host6 uint8
}

// newDualCIDR returns the dual-cidr-length /bits4//bits6. Numbers out of range stand for whole addresses.
func newDualCIDR(bits4, bits6 int) DualCIDR {
	var c DualCIDR
	if bits4 >= 0 && bits4 < 32 {
		c.host4 = uint8(32 - bits4)
	}
	if bits6 >= 0 && bits6 < 128 {
		c.host6 = uint8(128 - bits6)
	}
	return c
}

// Bits4 returns the prefix length for IPv4 clients, from 0 to 32.
func (c DualCIDR) Bits4() int { return 32 - int(c.host4) }

// Bits6 returns the prefix length for IPv6 clients, from 0 to 128.
func (c DualCIDR) Bits6() int { return 128 - int(c.host6) }

// String returns the form that a record has, "/24//64", without the parts that compare whole addresses.
func (c DualCIDR) String() string { return string(c.appendTo(nil)) }

func (c DualCIDR) appendTo(b []byte) []byte {
	if c.host4 != 0 {
		b = strconv.AppendInt(append(b, '/'), int64(c.Bits4()), 10)
	}
	if c.host6 != 0 {
		b = strconv.AppendInt(append(b, "//"...), int64(c.Bits6()), 10)
	}
	return b
}

// Directive is one directive of a record (RFC 7208 §4.6.1) in normal form, so that terms that mean the same
// compare equal with ==. The fields that its mechanism does not have are zero.
type Directive struct {
	Qualifier Qualifier
	Mechanism Mechanism

	// Domain is the domain-spec (§7.1) of include, a, mx, ptr and exists: literal text in lower case, macros
	// as written, no final dot. It is empty where a, mx and ptr have none and mean the current domain.
	Domain string

	Prefix netip.Prefix // of ip4 and ip6, masked
	CIDR   DualCIDR     // of a and mx
}

// String returns the term as canonical records have it.
func (t Directive) String() string {
	var buf [128]byte
	return string(t.AppendTo(buf[:0]))
}

// AppendTo appends the text of [Directive.String] to b.
func (t Directive) AppendTo(b []byte) []byte {
	if t.Qualifier != Pass {
		b = append(b, byte(t.Qualifier))
	}
	b = append(b, t.Mechanism...)
	switch {
	case t.Prefix.IsSingleIP():
		return t.Prefix.Addr().AppendTo(append(b, ':'))
	case t.Prefix.IsValid():
		return t.Prefix.AppendTo(append(b, ':'))
	case t.Domain != "":
		b = append(append(b, ':'), t.Domain...)
	}
	return t.CIDR.appendTo(b)
}

// AllText returns `all` as texts show it, "+all" with its sign.
func AllText(q Qualifier) string {
	if q == Pass {
		return "+all"
	}
	return Directive{Qualifier: q, Mechanism: MechAll}.String()
}
