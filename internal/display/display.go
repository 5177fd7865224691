// Package display makes text from outside fit to be shown.
package display

import (
	"fmt"
	"strings"
)

// Text makes a text that came from DNS, from a template or from a user's key fit to be shown: Terraform prints
// diagnostics raw, and a text may hold escape sequences that repaint a terminal, marks that turn text around, or
// commands for whoever reads the log of a CI job. Octets outside printable ASCII become \DDD, a backslash is doubled
// (RFC 1035 §5.1), one octet of each command becomes \DDD too, and what is past a number of octets is cut, with its
// length said. A private key is not shown at all.
func Text(s string, most int) string {
	shown, rest, whole := s, "", s
	if len(s) > most {
		shown = s[:most]
		rest = fmt.Sprintf("… (%d octets in all)", len(s))
	}
	// A command may end behind the cut, and a note in the place of a key moves the text behind it.
	if kept := HideKeys(shown); kept != shown {
		shown, whole = kept, kept+s[len(shown):]
	}
	b := make([]byte, 0, len(shown)+len(rest))
	for i := range len(shown) {
		switch c := shown[i]; {
		case c == '\\':
			b = append(b, `\\`...)
		case c < ' ' || c > '~', (c == '#' || c == ':') && isLogCommand(whole[i:]):
			b = appendEscaped(b, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, rest...))
}

// appendEscaped writes an octet as \DDD (RFC 1035 §5.1). Texts from DNS may consist of nothing else.
func appendEscaped(b []byte, c byte) []byte {
	return append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
}

// Defuse takes the commands for CI systems out of a text that is fit to be shown but for them: one octet of each becomes
// \DDD.
func Defuse(s string) string {
	if !strings.Contains(s, "##") && !strings.Contains(s, "::") {
		return s
	}
	var b []byte
	for i := range len(s) {
		if c := s[i]; (c == '#' || c == ':') && isLogCommand(s[i:]) {
			b = appendEscaped(b, c)
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// isLogCommand reports whether a text starts with a mark of the commands of CI systems: "##[…]" and "##vso[…]"
// (Azure Pipelines, GitHub Actions), "##teamcity[…]", and "::name …::" (GitHub Actions), which may stand anywhere in a
// line or become its start where a line is wrapped.
func isLogCommand(s string) bool {
	if name, found := strings.CutPrefix(s, "##"); found {
		return strings.HasPrefix(strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. "), "[")
	}
	rest, found := strings.CutPrefix(s, "::")
	if !found {
		return false
	}
	name := rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."))]
	// "::" stands in IPv6 addresses too, once in each, and with hexadecimal digits behind it.
	return strings.ContainsFunc(name, func(c rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF.", c) }) ||
		name != "" && strings.HasPrefix(rest[len(name):], "::")
}
