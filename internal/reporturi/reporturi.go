// Package reporturi knows the URIs that reports go to, in DMARC (RFC 9989 §4.8) and TLS reporting (RFC 8460 §3): why a
// text is none, and how an address is written as one.
package reporturi

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Use is what the reports are about: it decides which schemes a URI may have.
type Use int

// The uses.
const (
	DMARC Use = iota // mailto:, and by some receivers https: and http:
	TLS              // mailto: and https: (RFC 8460 §3)
)

// Why says why no report can be sent to a URI; empty where one can.
func Why(text string, use Use) string {
	uri, err := url.Parse(text)
	reason := ""
	switch {
	case text == "":
		return "there is nothing between two commas, or after the last one"
	case err != nil || strings.ContainsAny(text, notInURI):
		reason = "it is not written as a URI (RFC 3986), where blanks, commas and exclamation marks are percent-encoded"
	case uri.Scheme == "" && strings.HasSuffix(meantAddress(text), record.ShortQuoted("mailto:"+text)):
		return "write mailto: before it"
	case uri.Scheme == "" && strings.Contains(text, "@"):
		reason = "it looks like a mail address, which has one local part, and a domain of two labels or more"
	case uri.Scheme == "":
		reason = "it has no scheme, such as mailto:"
	case strings.ContainsFunc(text, func(c rune) bool { return c > '~' }):
		reason = "a URI is ASCII (RFC 3986): a domain is written in A-labels (\"xn--…\"), and other characters are percent-encoded"
	case uri.Scheme == "mailto" && !IsAddress(uri.Opaque):
		reason = "mailto: must be followed by one mail address, whose domain has two labels or more"
	case uri.Scheme == "https" || uri.Scheme == "http" && use == DMARC:
		if uri.Host == "" {
			reason = "it names no host"
		}
	case uri.Scheme == "http":
		reason = "reports go to a web address with https: alone (RFC 8460 §3)"
	case uri.Scheme != "mailto" && use == TLS:
		reason = fmt.Sprintf("reports go to mailto: or https: (RFC 8460 §3), and not to %s", record.ShortQuoted(uri.Scheme+":"))
	case uri.Scheme != "mailto":
		reason = fmt.Sprintf("receivers send reports by mail, and not to %s", record.ShortQuoted(uri.Scheme+":"))
	}
	if reason == "" {
		return ""
	}
	return reason + meantAddress(text)
}

// meantAddress says what to write for a text that holds one mail address, or several where commas are missing.
func meantAddress(text string) string {
	addresses := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" \t<>()\"':;,/=[]|", c) })
	for i, word := range addresses {
		addresses[i] = strings.TrimRight(word, ".")
	}
	addresses = slices.DeleteFunc(addresses, func(word string) bool { return !IsAddress(word) })
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	switch {
	case len(addresses) == 0:
		return ""
	case len(addresses) > 1:
		return "; addresses are separated by commas"
	}
	local, domain, _ := strings.Cut(addresses[0], "@")
	name, err := dnsname.Parse(domain)
	uri := "mailto:" + local + "@" + domain
	if err == nil && strings.ContainsFunc(domain, func(c rune) bool { return c > '~' }) {
		uri = "mailto:" + local + "@" + name.String()
	}
	if uri == text || !isReportURI(uri) {
		return ""
	}
	return "; write " + record.ShortQuoted(uri)
}

// isReportURI reports whether a text is a URI with mailto: that reports can be sent to, short enough to be shown.
func isReportURI(text string) bool {
	uri, err := url.Parse(text)
	return err == nil && IsAddress(uri.Opaque) && !strings.ContainsAny(text, notInURI) && len(text) <= record.MaxShort &&
		!strings.ContainsFunc(text, func(c rune) bool { return c > '~' })
}

// notInURI are characters of ASCII that stand in no URI as they are.
const notInURI = " \t!<>\"`|^{}\\"

// IsAddress reports whether a text is a mail address: a local part, and a domain of two labels or more.
func IsAddress(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || strings.HasSuffix(domain, ".") { // RFC 5321 §4.1.2 has no final dot.
		return false
	}
	name, err := dnsname.Parse(domain)
	if err != nil || len(name.Labels()) < 2 {
		return false
	}
	_, err = netip.ParseAddr(domain)
	return err != nil // An address of a host is no domain.
}
