package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// mxKnown runs a check where it is known which mail hosts there are.
func mxKnown(f func(l *look)) func(*look) {
	return func(l *look) {
		if l.needs(l.fact(l.config.Domain, record.MX)) {
			f(l)
		}
	}
}

// eachMailHost runs a check for each host that mail for the domain goes to.
func eachMailHost(f func(l *look, host dnsname.Name, a, aaaa Fact)) func(*look) {
	return mxKnown(func(l *look) {
		for _, host := range l.mailHosts() {
			a, aaaa := l.fact(host, record.A), l.fact(host, record.AAAA)
			if l.needs(a, aaaa) {
				f(l, host, a, aaaa)
			}
		}
	})
}

func (v *view) hasAddress() bool {
	return len(v.fact(v.config.Domain, record.A).Values())+len(v.fact(v.config.Domain, record.AAAA).Values()) > 0
}

func checkMXMissing(l *look) {
	if len(l.exchanges()) == 0 && l.hasAddress() {
		l.find(l.config.Domain.String(), "There is no MX record: mail goes to the address of the domain itself, which is seldom intended.", "Publish MX records, or, if the domain receives no mail, the null MX `0 .`.")
	}
}

func checkMXNothing(l *look) {
	parked := l.passesNobody() && l.policy.Policy == "reject"
	if l.needs(l.fact(l.config.Domain, record.A), l.fact(l.config.Domain, record.AAAA)) && len(l.exchanges()) == 0 && !l.hasAddress() && !parked {
		l.find(l.config.Domain.String(), "There is neither an MX record nor an address: mail to the domain cannot be delivered, and senders try for days.", "Publish MX records, or, if the domain receives no mail, the null MX `0 .`.")
	}
}

func checkMXNullMixed(l *look) {
	if l.nullMX() && len(l.exchanges()) > 1 {
		l.find(l.config.Domain.String(), "The null MX is beside other MX records: senders treat such records in different ways.", "Keep either the null MX alone, or the others.")
	}
}

func checkMXNullPreference(l *look) {
	for _, p := range l.exchanges() {
		if p.Target == dnsname.Root && p.Priority != 0 && len(l.exchanges()) == 1 {
			l.find(l.config.Domain.String(), fmt.Sprintf("The null MX has the preference %d in place of 0.", p.Priority), "Publish `0 .`.")
		}
	}
}

func checkMXNullButSends(l *look) {
	s := l.spf[l.config.Domain]
	if l.nullMX() && len(l.exchanges()) == 1 && s != nil && s.tree != nil && !l.passesNobody() {
		l.find(l.config.Domain.String(), "The domain receives no mail (null MX), but its SPF record lets somebody send: many receivers refuse mail from a domain that cannot receive replies.", "Publish MX records, or `v=spf1 -all`.")
	}
}

func checkMXCNAME(l *look, host dnsname.Name, a, aaaa Fact) {
	if len(a.Aliases())+len(aaaa.Aliases()) > 0 {
		l.find(host.String(), "The mail host is an alias (CNAME), which MX records must not name.", "Name the target of the alias.")
	}
}

// readsAsAddress reports whether the name of a mail host is an address.
func readsAsAddress(host dnsname.Name) bool {
	_, err := netip.ParseAddr(host.String())
	return err == nil
}

func checkMXAddress(l *look) {
	for _, host := range l.mailHosts() {
		if readsAsAddress(host) {
			l.find(host.String(), "The MX record names an address, and must name a host: no mail arrives there.", "Give the address a name, and name that.")
		}
	}
}

func checkMXUnresolved(l *look, host dnsname.Name, a, aaaa Fact) {
	if a.Absent() && aaaa.Absent() && !readsAsAddress(host) && !l.registrable(host.String()) && !isInvalid(host) {
		l.find(host.String(), "The mail host has no address.", "Publish its address, or remove the MX record.")
	}
}

// isInvalid reports whether a mail host is one that was published as a proof of control (RFC 6761 §6.4).
func isInvalid(host dnsname.Name) bool { return strings.HasSuffix(host.String(), ".invalid") }

func checkMXDangling(l *look, host dnsname.Name, a, aaaa Fact) {
	if a.Absent() && aaaa.Absent() && l.registrable(host.String()) && !readsAsAddress(host) && !isInvalid(host) {
		l.find(host.String(), "The mail host is in a domain that does not exist: anyone who registers it gets the mail.", "Remove the MX record at once.")
	}
}

func checkMXPrivate(l *look, host dnsname.Name, a, aaaa Fact) {
	addresses := addressesOf(a, aaaa)
	if len(addresses) > 0 && !slices.ContainsFunc(addresses, netblock.IsPublic) {
		l.find(host.String(), fmt.Sprintf("The mail host has %s: nobody on the Internet can reach it.", netblock.Of(addresses[0]).What), "Publish its public address.")
	}
}

func checkMXDuplicate(l *look) {
	seen := make(map[dnsname.Name]int)
	for _, p := range l.exchanges() {
		if seen[p.Target]++; seen[p.Target] == 2 {
			l.find(p.Target.String(), "Two MX records name the host.", "Keep one of them.")
		}
	}
}

func checkMXVerificationLeft(l *look) {
	for _, host := range l.mailHosts() {
		if isInvalid(host) {
			l.find(host.String(), "The MX record proved control of the domain, and is not a mail host.", "Remove it once the service is set up.")
		}
	}
}

func checkMXTwoProviders(l *look) {
	var names []string
	claimed := make(map[dnsname.Name]bool)
	for _, f := range l.found {
		mine := false
		for _, host := range l.mailHosts() {
			if liesIn(host, f.info.Recognise.MX) && !claimed[host] {
				claimed[host], mine = true, true
			}
		}
		if mine {
			names = append(names, f.info.Name)
		}
	}
	if len(names) > 1 {
		l.find(l.config.Domain.String(), fmt.Sprintf("The MX records lead to %s: mail arrives sometimes at one and sometimes at the other.", strings.Join(names, " and ")), "Keep the records of one of them, unless one filters for the other.")
	}
}

func checkMXNoIPv6(l *look) {
	hosts := l.mailHosts()
	for _, host := range hosts {
		f := l.fact(host, record.AAAA)
		if !l.needs(f) || len(f.Values()) > 0 {
			return
		}
	}
	if len(hosts) > 0 && slices.ContainsFunc(hosts, func(h dnsname.Name) bool { return len(l.fact(h, record.A).Values()) > 0 }) {
		l.find(l.config.Domain.String(), "No mail host has an IPv6 address.", "Ask their operator.")
	}
}

func checkMXReverse(l *look, host dnsname.Name, a, aaaa Fact) {
	if !host.IsIn(l.config.Domain) {
		return
	}
	for _, addr := range addressesOf(a, aaaa) {
		got, ok := l.reverse[addr]
		switch {
		case !netblock.IsPublic(addr):
		case !ok || got.err != nil:
			l.skip(fmt.Sprintf("DNS did not answer for the name of %s.", addr))
		case len(got.values) == 0:
			l.find(host.String(), fmt.Sprintf("The address %s has no name (PTR): large receivers refuse mail from there.", addr), "Have the operator of the address publish its name.")
		case !l.confirmed(addr, got.values):
			l.find(host.String(), fmt.Sprintf("The name of the address %s, %s, does not lead back to it.", addr, showAll(got.values)), "Publish the address at that name.")
		}
	}
}

// confirmed reports whether one of the names of an address leads back to it.
func (v *view) confirmed(addr netip.Addr, names []string) bool {
	t := record.AAAA
	if addr.Is4() {
		t = record.A
	}
	return slices.ContainsFunc(names, func(text string) bool {
		return slices.Contains(addressesOf(v.fact(dnsname.FromDNS(text), t)), addr)
	})
}
