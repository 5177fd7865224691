package compose

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// nullMX is the MX record of a domain that receives no mail (RFC 7505 §3).
const nullMX = "0 ."

// addMX adds the owner's own MX records, in their order.
func (b *builder) addMX() {
	list := b.config.MX
	if list == nil {
		return
	}
	path := Attribute("mx")
	fail := func(path Path, format string, args ...any) {
		b.problems = append(b.problems, &Problem{Path: path, Summary: "Invalid MX record", Detail: Sentence(fmt.Sprintf(format, args...))})
	}
	if len(list) == 0 {
		fail(path, "it is an empty list: write [%q] for a domain that receives no mail (RFC 7505), or leave it out", nullMX)
	}
	by := (&policy{at: path}).ofOwner()
	seen := make(map[string]bool)
	for i, text := range list {
		p := &policy{at: path.At(i), source: "mx", unknown: b.config.Unknown.Attribute("mx").At(i).Any()}
		value, reason := "", ""
		if !p.unknown {
			value, reason = readMX(b.config.Domain, text)
		}
		switch {
		case reason != "":
			fail(p.at, "%s", reason)
			continue
		case value == nullMX && len(list) > 1:
			fail(p.at, "%q says that the domain receives no mail, and stands alone (RFC 7505 §3): remove it, or the others", nullMX)
			continue
		case !p.unknown && seen[value]:
			fail(p.at, "%q appears twice: remove one of the two", value)
			continue
		}
		seen[value] = true
		b.addOwn(p, by, strconv.Itoa(i), b.config.Domain, record.MX, value)
	}
}

// readMX parses an MX value. The reason is the error and its remedy, empty for a valid value.
func readMX(domain dnsname.Name, text string) (value, reason string) {
	if fields := strings.Fields(text); len(fields) == 1 {
		if name, ok := dnsname.Meant(fields[0]); ok {
			return "", fmt.Sprintf("%s has no preference: write %q", record.ShortQuoted(text), "10 "+name.String())
		}
	}
	value, err := record.Canonical(record.MX, text)
	if err == nil {
		err = record.Record{Domain: domain, Owner: domain, Type: record.MX, Value: value}.CheckTarget()
	}
	if err != nil {
		return "", err.Error()
	}
	_, host, _ := strings.Cut(value, " ")
	switch {
	case (host == "." || host == "") && value != nullMX:
		return "", fmt.Sprintf("%s names no host; write %q for a domain that receives no mail (RFC 7505 §3)", record.ShortQuoted(text), nullMX)
	case strings.HasPrefix(host, "*."):
		return "", fmt.Sprintf("%s is a wildcard, and a mail host has a name of its own", record.ShortQuoted(host))
	case strings.Contains(host, "_"):
		return "", fmt.Sprintf("%s holds an underscore, which the name of a mail host does not (RFC 5321 §4.1.2)", record.ShortQuoted(host))
	}
	return value, ""
}

// mailHosts returns the names that mail for the domain goes to, as the configuration has them: the owner's own, or those of
// services, as patterns where it is known which hosts they may have. It reports whether some of them are unknown.
func (b *builder) mailHosts() (hosts []string, partly bool) {
	unknown := b.config.Unknown.Attribute("mx")
	partly = unknown.Whole()
	for i, text := range b.config.MX {
		value, reason := readMX(b.config.Domain, text)
		switch {
		case unknown.At(i).Any() || reason != "": // The fault is reported already.
			partly = true
		case value != nullMX:
			_, host, _ := strings.Cut(value, " ")
			hosts = append(hosts, host)
		}
	}
	for i := range b.services {
		s := &b.services[i]
		for _, r := range s.Records {
			switch {
			case r.Type != record.MX || !r.Unknown.Attribute(service.OwnerPart).Any() && r.Owner != b.config.Domain:
			case r.Unknown.Any():
				partly = true
			default:
				_, host, _ := strings.Cut(r.Value, " ")
				hosts = append(hosts, patternsFor(host, s.Facts.MXPatterns)...)
			}
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), partly
}

// patternsFor returns the patterns that allow a mail host, and the host itself where none does.
func patternsFor(host string, patterns []string) (allow []string) {
	name := dnsname.FromDNS(host)
	for _, pattern := range patterns {
		if (mtasts.Policy{MX: []dnsname.Name{dnsname.FromDNS(pattern)}}).Matches(name) {
			allow = append(allow, pattern)
		}
	}
	if len(allow) == 0 {
		return []string{host}
	}
	return allow
}

// addressType returns the type of the record for an address, empty for another text.
func addressType(text string) record.Type {
	addr, err := netip.ParseAddr(text)
	switch {
	case err != nil || addr.Zone() != "" || addr.Is4In6():
		return ""
	case addr.Is4():
		return record.A
	}
	return record.AAAA
}
