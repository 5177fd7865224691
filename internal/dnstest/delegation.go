package dnstest

import (
	"errors"

	"github.com/miekg/dns"
)

// insert puts a new zone between its parent and the zones below: these are delegated by it from now on.
func (h *Hierarchy) insert(z, parent *Zone, undelegated bool) error {
	for _, child := range h.zones {
		if isBelow(child.origin, z.origin) && h.enclosing(parentName(child.origin)) == z {
			if len(parent.content().rrset(child.origin, dns.TypeNS)) == 0 {
				continue
			}
			if err := errors.Join(parent.undelegate(child), z.delegate(child)); err != nil {
				return err
			}
		}
	}
	if undelegated {
		return nil
	}
	return parent.delegate(z)
}

// Delegate puts the NS records of the zone, and the addresses of the servers below it, into its parent.
func (z *Zone) Delegate() {
	z.h.t.Helper()
	z.h.must(z.inParent((*Zone).delegate))
}

// Undelegate takes them out again: the zone is still served, but nobody is sent there.
func (z *Zone) Undelegate() {
	z.h.t.Helper()
	z.h.must(z.inParent((*Zone).undelegate))
}

func (z *Zone) inParent(do func(parent, child *Zone) error) error {
	z.h.mu.Lock()
	defer z.h.mu.Unlock()
	if z.origin == "." {
		return errors.New("the root zone has no parent")
	}
	return do(z.h.enclosing(parentName(z.origin)), z)
}

func (z *Zone) delegate(child *Zone) error {
	return z.Update(func(c *Changes) {
		var records []dns.RR
		for _, s := range child.servers {
			name := dns.Fqdn(s.name)
			records = append(records, &dns.NS{Hdr: header(child.origin, dns.TypeNS), Ns: name})
			if dns.IsSubDomain(child.origin, name) {
				records = append(records, addressRecords(s)...)
			}
		}
		c.SetRR(records...)
	})
}

func (z *Zone) undelegate(child *Zone) error {
	return z.Update(func(c *Changes) {
		c.drop(child.origin, dns.TypeNS)
		for _, s := range child.servers {
			if name := dns.Fqdn(s.name); dns.IsSubDomain(child.origin, name) {
				c.drop(name, dns.TypeA, dns.TypeAAAA)
			}
		}
	})
}

// addressRecords returns the A and AAAA records of a server.
func addressRecords(s *Server) []dns.RR {
	var records []dns.RR
	for _, addr := range s.Addrs() {
		if addr.Addr().Is4() {
			records = append(records, &dns.A{Hdr: header(s.name, dns.TypeA), A: addr.Addr().AsSlice()})
		} else {
			records = append(records, &dns.AAAA{Hdr: header(s.name, dns.TypeAAAA), AAAA: addr.Addr().AsSlice()})
		}
	}
	return records
}

func header(name string, rrtype uint16) dns.RR_Header {
	return dns.RR_Header{Name: dns.Fqdn(name), Rrtype: rrtype, Class: dns.ClassINET, Ttl: delegationTTL}
}
