package resolve

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// values returns the values of one type that a section holds for a name, sorted, and the smallest TTL of
// them in seconds. Records that are equal as a person reads them stay apart: two of them are two. One that a server gives twice,
// octet for octet, is one (RFC 2181 §5.5).
func values(section []dns.RR, name dnsname.Name, code uint16) ([]string, uint32) {
	var found []string
	var ttl uint32
	known := make(map[string]bool)
	for _, rr := range section {
		if rr.Header().Rrtype != code || rr.Header().Class != dns.ClassINET || ownerOf(rr) != name {
			continue
		}
		text, ok := valueOf(rr)
		data := text
		if code == dns.TypeTXT || code == dns.TypeSPF {
			data = strings.TrimPrefix(rr.String(), rr.Header().String()) // Strings that join to the same are other data.
		}
		if !ok || known[data] {
			continue
		}
		known[data] = true
		if len(found) == 0 || rr.Header().Ttl < ttl {
			ttl = rr.Header().Ttl
		}
		found = append(found, text)
	}
	slices.Sort(found)
	return found, ttl
}

func ownerOf(rr dns.RR) dnsname.Name { return dnsname.FromDNS(rr.Header().Name) }

// valueOf returns the data of a record in the form of [record.Canonical], or as DNS carries it where that
// has no such form. It returns false for other types, and for records without data.
func valueOf(rr dns.RR) (string, bool) {
	switch rr := rr.(type) {
	case *dns.TXT:
		return joined(rr.Txt), len(rr.Txt) > 0
	case *dns.SPF:
		return joined(rr.Txt), len(rr.Txt) > 0
	case *dns.CNAME:
		return nameText(rr.Target)
	case *dns.NS:
		return nameText(rr.Ns)
	case *dns.PTR:
		return nameText(rr.Ptr)
	case *dns.MX:
		target, ok := nameText(rr.Mx)
		return fmt.Sprintf("%d %s", rr.Preference, target), ok
	case *dns.SRV:
		target, ok := nameText(rr.Target)
		return fmt.Sprintf("%d %d %d %s", rr.Priority, rr.Weight, rr.Port, target), ok
	case *dns.A, *dns.AAAA:
		addr, ok := addressOf(rr)
		return addr.String(), ok
	case *dns.SOA, *dns.DNSKEY, *dns.RRSIG, *dns.NSEC3PARAM:
		return strings.TrimPrefix(rr.String(), rr.Header().String()), true
	case *dns.TLSA:
		return fmt.Sprintf("%d %d %d %s", rr.Usage, rr.Selector, rr.MatchingType, strings.ToLower(rr.Certificate)), true
	case *dns.CAA:
		raw := strings.TrimPrefix(rr.String(), rr.Hdr.String())
		if canonical, err := record.Canonical(record.CAA, raw); err == nil {
			return canonical, true
		}
		return raw, true
	}
	return "", false
}

// joined returns the strings of a TXT record as readers join them.
func joined(strs []string) string {
	var text strings.Builder
	for _, s := range strs {
		text.WriteString(record.Unescape(s))
	}
	return text.String()
}

func nameText(s string) (string, bool) {
	name := dnsname.FromDNS(s)
	return name.String(), name.IsValid()
}

// addressOf returns the address of an A or AAAA record. It returns false for other records.
func addressOf(rr dns.RR) (netip.Addr, bool) {
	switch rr := rr.(type) {
	case *dns.A:
		addr, ok := netip.AddrFromSlice(rr.A.To4())
		return addr, ok
	case *dns.AAAA:
		return netip.AddrFromSlice(rr.AAAA.To16())
	}
	return netip.Addr{}, false
}

// errSeveralAliases is the class of errors about a name that leads to several others.
var errSeveralAliases = errors.New("CNAME records, and there may be one")

// aliasOf returns where a section sends those who ask for name: the target of its CNAME, or what a DNAME
// above it makes of it (RFC 6672 §2.2). It returns the zero Name where the section holds no alias, and an
// error where it holds several, or a DNAME makes the name too long.
func aliasOf(section []dns.RR, name dnsname.Name) (dnsname.Name, error) {
	switch targets, _ := values(section, name, dns.TypeCNAME); {
	case len(targets) > 1:
		return dnsname.Name{}, fmt.Errorf("%s has %d %w", name, len(targets), errSeveralAliases)
	case len(targets) == 1:
		return dnsname.FromDNS(targets[0]), nil
	}
	for _, rr := range section {
		dname, ok := rr.(*dns.DNAME)
		if !ok || ownerOf(rr) == name {
			continue
		}
		prefix, below := name.In(ownerOf(rr))
		if !below {
			continue
		}
		target := prefix + "." + strings.TrimPrefix(dname.Target, ".")
		if _, ok := dns.IsDomainName(target); !ok {
			return dnsname.Name{}, fmt.Errorf("the DNAME at %s makes the name too long", ownerOf(rr))
		}
		return dnsname.FromDNS(target), nil
	}
	return dnsname.Name{}, nil
}

// redirectOf returns the owner of the DNAME record above a name that a section holds; the zero Name where it holds none.
func redirectOf(section []dns.RR, name dnsname.Name) dnsname.Name {
	for _, rr := range section {
		if owner := ownerOf(rr); rr.Header().Rrtype == dns.TypeDNAME && owner != name && name.IsIn(owner) {
			return owner
		}
	}
	return dnsname.Name{}
}

// addressesIn returns the addresses that a section holds for a host.
func addressesIn(section []dns.RR, host dnsname.Name) []netip.Addr {
	var addrs []netip.Addr
	for _, rr := range section {
		if addr, ok := addressOf(rr); ok && ownerOf(rr) == host {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// parseAddresses reads the values of A and AAAA records.
func parseAddresses(texts []string) []netip.Addr {
	var addrs []netip.Addr
	for _, text := range texts {
		if addr, err := netip.ParseAddr(text); err == nil {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}
