package dnstest

import (
	"maps"
	"slices"

	"github.com/miekg/dns"
)

// content is what a zone holds at one moment. It never changes once made: servers that lag behind
// keep an older one.
type content struct {
	origin string
	nodes  map[string]node // by canonical owner; empty non-terminals are nodes without RRsets
}

// node holds the RRsets of one owner by type. An RRset is never empty.
type node map[uint16][]dns.RR

// newContent makes the content of a zone from its RRsets.
func newContent(origin string, owners map[string]node) *content {
	c := &content{origin: origin, nodes: make(map[string]node, len(owners))}
	for owner, rrsets := range owners {
		c.nodes[owner] = rrsets
		// The names between the owner and the apex exist, although they own nothing (RFC 4592 §2.2.2).
		for _, above := range upTo(parentName(owner), origin) {
			if owner == origin || c.nodes[above] != nil {
				break
			}
			c.nodes[above] = owners[above]
			if c.nodes[above] == nil {
				c.nodes[above] = node{}
			}
		}
	}
	return c
}

// rrset returns the records of an owner and type, nil where there are none. They are the content's
// own: callers copy before they change one.
func (c *content) rrset(owner string, rrtype uint16) []dns.RR { return c.nodes[owner][rrtype] }

// soa returns the SOA record, nil where the zone has lost it.
func (c *content) soa() *dns.SOA {
	if rrs := c.rrset(c.origin, dns.TypeSOA); len(rrs) > 0 {
		return rrs[0].(*dns.SOA)
	}
	return nil
}

func (c *content) serial() uint32 {
	if soa := c.soa(); soa != nil {
		return soa.Serial
	}
	return 0
}

// records returns copies of all records: the SOA first, then by owner and type.
func (c *content) records() []dns.RR {
	var list []dns.RR
	list = append(list, copyRecords(c.rrset(c.origin, dns.TypeSOA))...)
	owners := slices.SortedFunc(maps.Keys(c.nodes), c.compareOwners)
	for _, owner := range owners {
		for _, rrtype := range c.nodes[owner].types() {
			if owner == c.origin && rrtype == dns.TypeSOA {
				continue
			}
			list = append(list, copyRecords(c.rrset(owner, rrtype))...)
		}
	}
	return list
}

// types lists the types of a node in the order of their numbers.
func (n node) types() []uint16 { return slices.Sorted(maps.Keys(n)) }

// compareOwners orders names from the apex down, siblings together.
func (c *content) compareOwners(a, b string) int {
	x, y := dns.SplitDomainName(a), dns.SplitDomainName(b)
	slices.Reverse(x)
	slices.Reverse(y)
	return slices.Compare(x, y)
}
