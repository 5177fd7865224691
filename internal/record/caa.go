package record

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// caaParameters are those behind the issuer of a CAA record (RFC 8659 §4.2).
var caaParameters = regexp.MustCompile(`^[ \t]*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?[ \t]*=[ \t]*[\x21-\x3A\x3C-\x7E]*[ \t]*$`)

// canonicalCAA reads flags, tag and value (RFC 8659 §4.1), the value with or without quotes, and writes them with
// quotes: without them, a zone file would end the value at a semicolon, or go on to the next line at a bracket.
func canonicalCAA(text string) (string, error) {
	fail := func(format string, args ...any) (string, error) {
		return "", &ValueError{Type: CAA, Value: text, Reason: fmt.Sprintf(format, args...)}
	}
	first, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	tag, value, _ := strings.Cut(strings.TrimLeft(rest, " \t"), " ")
	value = strings.Trim(value, " \t")
	if tag == "" || value == "" {
		return fail("it must look like %s", shapes[CAA])
	}
	flags, err := strconv.ParseUint(first, 10, 8)
	if err != nil {
		return fail("its flags must be a number from 0 to 255: it must look like %s", shapes[CAA])
	}
	tag = strings.ToLower(tag)
	if strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return fail("its tag must be letters and digits, as issue, issuewild and iodef are: it must look like %s", shapes[CAA])
	}
	if strings.HasPrefix(value, `"`) {
		if closingQuote(value) != len(value)-1 {
			return fail("its value must be one string in quotes: it must look like %s", shapes[CAA])
		}
		value = Unescape(value[1 : len(value)-1])
	} else if strings.ContainsAny(value, `"()\`) {
		return fail("its value must stand in quotes: it must look like %s", shapes[CAA])
	}
	if reason := badCAA(tag, value); reason != "" {
		return fail("%s", reason)
	}
	return fmt.Sprintf(`%d %s "%s"`, flags, tag, escape(value, decimal)), nil
}

// badCAA returns the fault of a value of a tag that RFC 8659 or RFC 9495 defines, empty for a valid one.
func badCAA(tag, value string) string {
	if len(value) > MaxString {
		return fmt.Sprintf("its value has %d octets, and may have %d (RFC 8659 §4.1.1)", len(value), MaxString)
	}
	if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' }) {
		return "its value holds characters that are not printable ASCII"
	}
	switch tag {
	case "issue", "issuewild", "issuemail":
		issuer, parameters, _ := strings.Cut(value, ";")
		if issuer = strings.Trim(issuer, " \t"); issuer != "" {
			if _, err := dnsname.Parse(issuer); err != nil {
				return "its value must start with the domain name of an authority, or with a semicolon if no authority may issue (RFC 8659 §4.2)"
			}
		}
		for parameter := range strings.SplitSeq(parameters, ";") {
			if strings.Trim(parameter, " \t") != "" && !caaParameters.MatchString(parameter) {
				return `its parameters must look like "name=value", separated by semicolons (RFC 8659 §4.2)`
			}
		}
	case "iodef":
		if uri, err := url.Parse(value); err != nil || uri.Scheme != "mailto" && uri.Scheme != "https" && uri.Scheme != "http" {
			return "its value must be a URL that starts with mailto:, https: or http: (RFC 8659 §4.4)"
		}
	}
	return ""
}
