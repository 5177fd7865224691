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
	shown, rest := s, ""
	if len(s) > most {
		shown = s[:most]
		rest = fmt.Sprintf("… (%d octets in all)", len(s))
	}
	shown = HideKeys(shown)
	var b strings.Builder
	b.Grow(len(shown))
	for i := range len(shown) {
		switch c := shown[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c < ' ' || c > '~', (c == '#' || c == ':') && isLogCommand(s[i:]):
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + rest
}

// Defuse takes the commands for CI systems out of a text that is fit to be shown but for them: one octet of each becomes
// \DDD.
func Defuse(s string) string {
	if !strings.Contains(s, "##") && !strings.Contains(s, "::") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; (c == '#' || c == ':') && isLogCommand(s[i:]) {
			fmt.Fprintf(&b, `\%03d`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// isLogCommand reports whether a text starts with what makes CI systems act on a line of a log: "##[…]" and "##vso[…]"
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
