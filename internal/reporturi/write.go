package reporturi

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// sizeLimit is the limit of RFC 7489 §6.2 behind a URI, as in "!10m".
var sizeLimit = regexp.MustCompile(`![0-9]+[kmgtKMGT]?$`)

// Limit returns the obsolete limit on the size of reports at the end of a URI; empty where there is none.
func Limit(uri string) string { return sizeLimit.FindString(uri) }

// Write returns the URI that stands in a record for what a person writes: an address or a URI. An address gets mailto:
// before it; commas, exclamation marks and semicolons, which have a meaning in a record, are percent-encoded, and a domain
// is written in A-labels. Where no report can be sent there, the reason says why, and what to write.
func Write(text string, use Use) (uri, reason string) {
	if text == "" {
		return "", "it is empty: leave it out"
	}
	scheme, rest, found := strings.Cut(text, ":")
	isURI := found && !strings.ContainsAny(scheme, "@/ ")
	if n := addresses(text); n > 1 {
		return "", fmt.Sprintf("it holds %d addresses: make each one an element of the list", n)
	}
	if limit := Limit(text); limit != "" {
		reason := "it limits the size of reports by " + record.ShortQuoted(limit) + ", which RFC 9989 has removed"
		if bare := strings.TrimSuffix(text, limit); Limit(bare) == "" {
			if meant, wrong := Write(bare, use); wrong == "" {
				reason += "; write " + record.ShortQuoted(meant)
			}
		}
		return "", reason
	}
	switch {
	case !isURI && IsAddress(text) && !strings.ContainsAny(text, " \t\r\n<>()\"\\"):
		local, domain, _ := strings.Cut(text, "@")
		uri = "mailto:" + encodeAll(local) + "@" + ascii(domain)
	case strings.EqualFold(scheme, "mailto"):
		address, query, hasQuery := strings.Cut(rest, "?")
		local, domain, _ := strings.Cut(address, "@")
		uri = "mailto:" + reserved.Replace(local) + "@" + ascii(domain)
		if hasQuery {
			uri += "?" + reserved.Replace(query)
		}
	case isURI:
		uri = reserved.Replace(text)
	default:
		uri = text
	}
	reason = Why(uri, use)
	if meant := "mailto:" + text; reason != "" && !isURI && strings.Contains(text, "?") && Why(meant, use) == "" && len(meant) <= record.MaxShort {
		reason = "it has no scheme; write " + record.ShortQuoted(meant)
	}
	if reason == "" {
		reason = whyNoHost(uri)
	}
	if reason != "" {
		return "", reason
	}
	return uri, ""
}

// whyNoHost says why nobody should be told of a web address in public; empty for an address of another kind.
func whyNoHost(text string) string {
	uri, err := url.Parse(text)
	if err != nil || uri.Host == "" {
		return ""
	}
	if uri.User != nil {
		return "it holds a user, which anybody can read in DNS and which senders of reports do not use: leave out the text before \"@\""
	}
	if name, err := dnsname.Parse(uri.Hostname()); (err != nil || len(name.Labels()) < 2) && !isAddress(uri.Hostname()) {
		return "it names no host with a whole name"
	}
	return ""
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// reserved encodes the characters that end a URI, or a tag, in records (RFC 9989 §4.8, RFC 8460 §3).
var reserved = strings.NewReplacer(",", "%2C", "!", "%21", ";", "%3B")

// encodeAll encodes what does not stand for itself in the local part of a URI with mailto: (RFC 6068 §2).
func encodeAll(local string) string {
	var b strings.Builder
	for _, c := range []byte(local) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~+$'*", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// ascii writes a domain outside ASCII in A-labels, and leaves any other text as it is.
func ascii(domain string) string {
	name, err := dnsname.Parse(domain)
	if err != nil || !strings.ContainsFunc(domain, func(c rune) bool { return c > '~' }) {
		return domain
	}
	return name.String()
}

// addresses counts the addresses of a text in which commas, semicolons or blanks separate them.
func addresses(text string) int {
	words := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(",; \t\r\n", c) })
	for _, word := range words {
		if len(word) >= len("mailto:") && strings.EqualFold(word[:len("mailto:")], "mailto:") {
			word = word[len("mailto:"):]
		}
		if !IsAddress(word) {
			return 0
		}
	}
	return len(words)
}

// Host returns the host that reports to a URI go to: the domain of the address, or the host of a web address. It is the
// zero Name for a text that [Why] refuses.
func Host(uri string) dnsname.Name {
	u, err := url.Parse(uri)
	if err != nil {
		return dnsname.Name{}
	}
	host := u.Hostname()
	if strings.EqualFold(u.Scheme, "mailto") {
		_, host, _ = strings.Cut(u.Opaque, "@")
	}
	name, err := dnsname.Parse(host)
	if err != nil {
		return dnsname.Name{}
	}
	return name
}
