// Package qname has the rules for the names that SPF asks DNS for: how they are cut, folded and refused (RFC 7208 §4.3, §7.3).
package qname

import (
	"net/netip"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// ALabels returns a domain as DNS has it: without its final dot, and with U-labels turned into A-labels
// (RFC 8616 §4). What is no domain stays as it is, and proves malformed.
func ALabels(domain string) string {
	domain = strings.TrimSuffix(domain, ".")
	if IsASCII(domain) {
		return domain
	}
	name, err := dnsname.Parse(domain)
	if err != nil {
		return domain
	}
	return name.String()
}

// NotADomain says why a domain has no record whatever DNS holds (RFC 7208 §4.3), and nothing where it may have one.
func NotADomain(domain string) string {
	switch {
	case isAddress(domain):
		return "it is an address, not a domain"
	case !IsASCII(domain):
		return "it is not a valid internationalised name"
	case domain != "" && !strings.Contains(domain, "."):
		return "it has one label only"
	}
	return Malformed(domain)
}

// isAddress reports whether a domain is an address, or the literal of one (RFC 5321 §4.1.3).
func isAddress(domain string) bool {
	if strings.HasPrefix(domain, "[") {
		return true
	}
	if !strings.Contains(domain, ":") && strings.TrimRight(domain, "0123456789") == domain {
		return false // As most domains are: neither IPv6 nor, with a digit at its end, IPv4.
	}
	_, err := netip.ParseAddr(domain)
	return err == nil
}

// Malformed says why a name cannot be asked for in DNS (RFC 1035 §2.3.4), and nothing where it can.
func Malformed(name string) string {
	if name == "" {
		return "the name is empty"
	}
	if len(name) > dnsname.MaxName {
		return dnsname.ErrNameLength.Error()
	}
	for start := 0; ; {
		end := strings.IndexByte(name[start:], '.')
		length := end
		if end < 0 {
			length = len(name) - start
		}
		switch {
		case length == 0:
			return dnsname.ErrEmptyLabel.Error()
		case length > dnsname.MaxLabel:
			return dnsname.ErrLabelLength.Error()
		case end < 0:
			return ""
		}
		start += end + 1
	}
}

// Show makes a name, or another short text from a record, safe to print; it cuts texts longer than 100 octets.
func Show(s string) string { return display.Text(s, 100) }

// Host returns a host name from DNS as it is asked for.
func Host(name string) string { return Fold(strings.TrimSuffix(name, ".")) }

// Cut removes labels from the left of a name until it is no longer than DNS allows (RFC 7208 §7.3). A single label
// that is too long stays.
func Cut(name string) string {
	for len(name) > dnsname.MaxName {
		dot := strings.IndexByte(name, '.')
		if dot < 0 {
			return name
		}
		name = name[dot+1:]
	}
	return name
}

// KeepEnd bounds an expansion that grows: all that [Cut] may leave of it stands at its end.
func KeepEnd(b []byte) []byte {
	const keep = 4 * dnsname.MaxName
	if len(b) > 2*keep {
		return append(b[:0], b[len(b)-keep:]...)
	}
	return b
}

// Fold lower-cases a name. Octets outside ASCII stay as they are (RFC 4343).
func Fold(name string) string {
	if !HasUpper(name) {
		return name
	}
	b := []byte(name)
	for i, c := range b {
		b[i] = Lower(c)
	}
	return string(b)
}

// HasUpper reports whether a text has a capital letter of ASCII.
func HasUpper(s string) bool {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// IsASCII reports whether all octets of a text are ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Lower returns the small letter for a capital one of ASCII, and any other octet as it is.
func Lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
