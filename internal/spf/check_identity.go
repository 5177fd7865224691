package spf

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// unknown stands for what a macro should have, and nobody knows (RFC 7208 §7.3).
const unknown = "unknown"

// An identity is who claims to send: the arguments of check_host beside the address (RFC 7208 §4.1).
type identity struct {
	domain string // whose record is evaluated
	local  string // the local part of the sender
	origin string // the domain of the sender
	helo   string
}

func (q Query) identity() identity {
	id := identity{helo: q.HELO}
	sender := q.Sender
	if strings.HasPrefix(sender, "<") && strings.HasSuffix(sender, ">") {
		sender = sender[1 : len(sender)-1] // as MAIL FROM has it (RFC 5321 §4.1.2)
	}
	switch at := strings.LastIndexByte(sender, '@'); {
	case at >= 0: // the last: a quoted local part may have others
		id.local, id.origin = sender[:at], sender[at+1:]
	case sender != "":
		id.origin = sender
	case q.HELO != "":
		id.origin = q.HELO // the null reverse-path (§2.4)
	default:
		id.origin = q.Domain
	}
	if id.local == "" {
		id.local = "postmaster" // §4.3
	}
	if id.helo == "" {
		id.helo = unknown
	}
	id.origin = toALabels(id.origin)
	id.domain = id.origin
	if q.Domain != "" {
		id.domain = toALabels(q.Domain)
	}
	return id
}

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
	if domain == "" || domain[0] != '[' && !isDigit(domain[len(domain)-1]) {
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

// display makes a name, or another short text from a record, safe to be shown.
func display(s string) string {
	const most = 100
	if len(s) > most {
		return fmt.Sprintf("%s… (%d octets)", record.Display(s[:most]), len(s))
	}
	return record.Display(s)
}
