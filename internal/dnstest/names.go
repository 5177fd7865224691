package dnstest

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// maxNameWire is the length of a name on the wire, in octets (RFC 1035 §2.3.4).
const maxNameWire = 255

// Inside the package a name is a string in miekg's canonical form: lower case, with its final dot.
// At the surface names are taken in any case, with or without the dot, and shown without it.

// parseName reads a name as people write one and returns its canonical form.
func parseName(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("a domain name is empty; the root is %q", ".")
	}
	// By way of the wire: one name can be escaped in several ways (RFC 1035 §5.1).
	wire := make([]byte, maxNameWire)
	n, err := dns.PackDomainName(dns.Fqdn(s), wire, 0, nil, false)
	if err != nil {
		return "", fmt.Errorf("%q is not a domain name (RFC 1035 §2.3.4): %w", s, err)
	}
	name, _, err := dns.UnpackDomainName(wire[:n], 0)
	if err != nil {
		return "", fmt.Errorf("%q is not a domain name (RFC 1035 §2.3.4): %w", s, err)
	}
	return dns.CanonicalName(name), nil
}

// parseNameIn reads a name relative to origin as zone files have them: "@" is the origin itself and
// a name with a final dot is absolute.
func parseNameIn(s, origin string) (string, error) {
	switch {
	case s == "@":
		return origin, nil
	case dns.IsFqdn(s):
		return parseName(s)
	case origin == ".":
		return parseName(s + ".")
	}
	return parseName(s + "." + origin)
}

// displayName shows a canonical name without its final dot.
func displayName(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// parentName drops the leftmost label. The root is its own parent.
func parentName(name string) string {
	if next, end := dns.NextLabel(name, 0); !end {
		return name[next:]
	}
	return "."
}

// upTo lists name and the names above it up to and with top, the lowest first.
func upTo(name, top string) []string {
	list := []string{name}
	for name != top && name != "." {
		name = parentName(name)
		list = append(list, name)
	}
	return list
}

// isBelow reports whether name lies strictly below ancestor.
func isBelow(name, ancestor string) bool {
	return name != ancestor && dns.IsSubDomain(ancestor, name)
}
