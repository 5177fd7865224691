package spf

import (
	"net/netip"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// toALabels returns a domain as DNS has it: without its final dot, and with U-labels turned into A-labels
// (RFC 8616 §4). What is no domain stays as it is, and proves malformed.
func toALabels(domain string) string {
	domain = strings.TrimSuffix(domain, ".")
	if isASCII(domain) {
		return domain
	}
	name, err := dnsname.Parse(domain)
	if err != nil {
		return domain
	}
	return name.String()
}

// notADomain says why a domain has no record whatever DNS holds (RFC 7208 §4.3), and nothing where it may have one.
func notADomain(domain string) string {
	switch {
	case isAddress(domain):
		return "it is an address, not a domain"
	case !isASCII(domain):
		return "it is not a valid internationalised name"
	case domain != "" && !strings.Contains(domain, "."):
		return "it has one label only"
	}
	return malformed(domain)
}

// isAddress reports whether a domain is an address, or the literal of one (RFC 5321 §4.1.3).
func isAddress(domain string) bool {
	if domain == "" || domain[0] != '[' && !strings.ContainsAny(domain[len(domain)-1:], "0123456789") {
		return false
	}
	_, err := netip.ParseAddr(domain)
	return domain[0] == '[' || err == nil
}

// malformed says why a name cannot be asked for in DNS (RFC 1035 §2.3.4), and nothing where it can.
func malformed(name string) string {
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

// showName makes a name, or another short text from a record, safe to be shown.
func showName(s string) string { return display.Text(s, 100) }

// hostName returns a host name from DNS as it is asked for.
func hostName(name string) string { return fold(strings.TrimSuffix(name, ".")) }

// cutName removes labels from the left of a name until it is no longer than DNS allows (RFC 7208 §7.3). A single label
// that is too long stays.
func cutName(name string) string {
	for len(name) > dnsname.MaxName {
		dot := strings.IndexByte(name, '.')
		if dot < 0 {
			return name
		}
		name = name[dot+1:]
	}
	return name
}

// keepEnd bounds an expansion that grows: all that [cutName] may leave of it stands at its end.
func keepEnd(b []byte) []byte {
	const keep = 4 * dnsname.MaxName
	if len(b) > 2*keep {
		return append(b[:0], b[len(b)-keep:]...)
	}
	return b
}

// fold lower-cases a name. Octets outside ASCII stay as they are (RFC 4343).
func fold(name string) string {
	if !hasUpper(name) {
		return name
	}
	b := []byte(name)
	for i, c := range b {
		b[i] = lower(c)
	}
	return string(b)
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
