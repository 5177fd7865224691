package dnstest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Changes gathers changes to one zone that show together or not at all. It is handed out by
// [Zone.Update]. Records are in presentation form, with owners relative to the zone, as in a zone
// file: "www 60 IN A 192.0.2.1". Left out, the TTL is [DefaultTTL]. One string may hold several lines.
type Changes struct {
	origin string
	owners map[string]node
	errs   []error
}

func newChanges(c *content) *Changes {
	owners := make(map[string]node, len(c.nodes))
	for owner, rrsets := range c.nodes {
		if len(rrsets) == 0 {
			continue
		}
		copied := make(node, len(rrsets))
		for rrtype, rrset := range rrsets {
			copied[rrtype] = slices.Clone(rrset)
		}
		owners[owner] = copied
	}
	return &Changes{origin: c.origin, owners: owners}
}

// Add adds records to what their owners have. A record that is there already only changes the TTL,
// which an RRset has in common (RFC 2181 §5.2).
func (c *Changes) Add(records ...string) { c.AddRR(c.parse(records)...) }

// AddRR is [Changes.Add] for records of the DNS library. Owners without a final dot are relative.
func (c *Changes) AddRR(records ...dns.RR) {
	for _, rr := range c.normalise(records) {
		c.insert(rr)
	}
}

// Set makes the given records the only ones of their owner and type. A CNAME displaces everything
// else at its owner, and is displaced by everything else.
func (c *Changes) Set(records ...string) { c.SetRR(c.parse(records)...) }

// SetRR is [Changes.Set] for records of the DNS library. Owners without a final dot are relative.
func (c *Changes) SetRR(records ...dns.RR) {
	list := c.normalise(records)
	for _, rr := range list {
		owner, rrtype := dns.CanonicalName(rr.Header().Name), rr.Header().Rrtype
		if rrtype == dns.TypeCNAME {
			c.drop(owner)
		}
		c.drop(owner, rrtype, dns.TypeCNAME)
	}
	for _, rr := range list {
		c.insert(rr)
	}
}

// SetTXT makes the given values the only TXT records of owner. Each is raw octets, cut into strings
// of at most 255 of them.
func (c *Changes) SetTXT(owner string, values ...string) {
	records := make([]dns.RR, len(values))
	for i, value := range values {
		records[i] = TXT(owner, DefaultTTL, value)
	}
	c.SetRR(records...)
}

// Remove removes single records; TTLs do not matter. It is an error if one is not there.
func (c *Changes) Remove(records ...string) { c.RemoveRR(c.parse(records)...) }

// RemoveRR is [Changes.Remove] for records of the DNS library.
func (c *Changes) RemoveRR(records ...dns.RR) {
	for _, rr := range c.normalise(records) {
		if !c.take(rr) {
			c.fail(fmt.Errorf("record %q is not in the zone", rr))
		}
	}
}

// Delete removes the RRsets of owner with the given types ("TXT"), all of them where no type is given.
// What is not there is passed over.
func (c *Changes) Delete(owner string, types ...string) {
	name, err := parseNameIn(owner, c.origin)
	if err != nil {
		c.fail(err)
		return
	}
	var numbers []uint16
	for _, t := range types {
		number, err := parseType(t)
		if err != nil {
			c.fail(err)
			return
		}
		numbers = append(numbers, number)
	}
	c.drop(name, numbers...)
}

func (c *Changes) fail(err error) { c.errs = append(c.errs, err) }

func (c *Changes) parse(texts []string) []dns.RR {
	records, err := parseRecords(c.origin, texts...)
	if err != nil {
		c.fail(err)
	}
	return records
}

func (c *Changes) normalise(records []dns.RR) []dns.RR {
	var whole []dns.RR
	for _, rr := range records {
		n, err := normalise(rr, c.origin)
		if err != nil {
			c.fail(err)
			continue
		}
		whole = append(whole, n)
	}
	return whole
}

// insert adds one record that normalise returned.
func (c *Changes) insert(rr dns.RR) {
	owner, rrtype := dns.CanonicalName(rr.Header().Name), rr.Header().Rrtype
	if c.owners[owner] == nil {
		c.owners[owner] = node{}
	}
	rrset := c.owners[owner][rrtype]
	at := slices.IndexFunc(rrset, func(have dns.RR) bool { return sameData(have, rr) })
	switch {
	case rrtype == dns.TypeSOA: // There is only ever one.
		rrset = []dns.RR{rr}
	case at >= 0:
		rrset[at] = rr
	default:
		rrset = append(rrset, rr)
	}
	c.owners[owner][rrtype] = withTTL(rrset, rr.Header().Ttl)
}

// withTTL returns the RRset with one TTL. Records are shared with older contents, so they are copied.
func withTTL(rrset []dns.RR, ttl uint32) []dns.RR {
	for i, rr := range rrset {
		if rr.Header().Ttl != ttl {
			rrset[i] = dns.Copy(rr)
			rrset[i].Header().Ttl = ttl
		}
	}
	return rrset
}

// take removes one record and reports whether it was there.
func (c *Changes) take(rr dns.RR) bool {
	owner, rrtype := dns.CanonicalName(rr.Header().Name), rr.Header().Rrtype
	rrset := c.owners[owner][rrtype]
	rest := slices.DeleteFunc(slices.Clone(rrset), func(have dns.RR) bool { return sameData(have, rr) })
	if len(rest) == len(rrset) {
		return false
	}
	if len(rest) == 0 {
		c.drop(owner, rrtype)
		return true
	}
	c.owners[owner][rrtype] = rest
	return true
}

// drop removes RRsets of an owner, all of them where no type is given.
func (c *Changes) drop(owner string, types ...uint16) {
	if len(types) == 0 {
		delete(c.owners, owner)
	}
	for _, t := range types {
		delete(c.owners[owner], t)
	}
	if len(c.owners[owner]) == 0 {
		delete(c.owners, owner)
	}
}

// check returns what is wrong with the changes: everything that failed so far, and what no zone may hold.
func (c *Changes) check() error {
	errs := c.errs
	if len(c.owners[c.origin][dns.TypeSOA]) == 0 {
		errs = append(errs, errors.New("the zone would have no SOA record"))
	}
	for _, owner := range slices.Sorted(maps.Keys(c.owners)) {
		rrsets := c.owners[owner]
		cnames := rrsets[dns.TypeCNAME]
		if len(cnames) > 1 || len(cnames) == 1 && len(rrsets) > 1 {
			errs = append(errs, fmt.Errorf("%s would have a CNAME beside other records (RFC 1034 §3.6.2)", displayName(owner)))
		}
	}
	return errors.Join(errs...)
}

// differsFrom reports whether the changes leave other records than old has.
func (c *Changes) differsFrom(old *content) bool {
	return !maps.EqualFunc(c.owners, newChanges(old).owners, func(a, b node) bool {
		return maps.EqualFunc(a, b, func(x, y []dns.RR) bool { return slices.EqualFunc(x, y, sameRecord) })
	})
}

func sameRecord(a, b dns.RR) bool {
	return a == b || a.Header().Ttl == b.Header().Ttl && sameData(a, b)
}

// parseType reads the name of a record type, in any case.
func parseType(s string) (uint16, error) {
	if t, ok := dns.StringToType[strings.ToUpper(s)]; ok {
		return t, nil
	}
	return 0, fmt.Errorf("%q is not a record type", s)
}
