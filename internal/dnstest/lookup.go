package dnstest

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Outcome says what kind of reply a server prepared, for faults that concern one kind only.
type Outcome string

// The outcomes of a server.
const (
	Answered         Outcome = "answer"             // records, a CNAME or DNAME among them
	Delegated        Outcome = "delegation"         // a referral to the servers of a zone below
	NoData           Outcome = "no data"            // the name exists without the type (RFC 2308 §2.2)
	EmptyNonTerminal Outcome = "empty non-terminal" // no data, and only names below own records
	NoName           Outcome = "no such name"       // NXDOMAIN (RFC 2308 §2.1)
	NotServed        Outcome = "not served"         // REFUSED: outside the zones of the server
	TooLong          Outcome = "name too long"      // YXDOMAIN: what a DNAME leads to is no name (RFC 6672 §2.2)
	Updated          Outcome = "update"             // the reply to an update, whatever came of it (RFC 2136)
	Rejected         Outcome = "rejected"           // what the server could not or would not read
)

// Failed is SERVFAIL: a recursor found no answer.
const Failed Outcome = "failed"

// maxChain is how many CNAME and DNAME records one lookup follows.
const maxChain = 16

// found is what one zone has to say about a question: the sections of a reply.
type found struct {
	outcome       Outcome
	authoritative bool
	answer        []dns.RR
	authority     []dns.RR
	additional    []dns.RR
}

// lookup answers a question from the zone, as RFC 1034 §4.3.2 describes, with wildcards (RFC 4592) and
// DNAME (RFC 6672). qname lies in the zone. The records are copies, their owners spelled as asked.
func (c *content) lookup(qname string, qtype uint16) found {
	f := found{authoritative: true}
	name := qname
	var seen []string
	for len(seen) < maxChain {
		key := dns.CanonicalName(name)
		if slices.Contains(seen, key) || !dns.IsSubDomain(c.origin, key) {
			break // A loop is left to the client, as is what lies outside the zone.
		}
		seen = append(seen, key)
		next := c.step(&f, name, key, qtype)
		if next == "" {
			return f
		}
		name = next
	}
	f.outcome = Answered
	return f
}

// step looks up one name of a chain. It returns the name to go on with, or "" when f is complete.
func (c *content) step(f *found, name, key string, qtype uint16) (next string) {
	if cut := c.cut(key, qtype); cut != "" {
		c.refer(f, cut)
		return ""
	}
	if dname := c.dnameAbove(key); dname != nil {
		return f.redirect(name, dname)
	}
	n, exists := c.match(key)
	switch {
	case !exists:
		c.deny(f, NoName)
	case len(n[dns.TypeCNAME]) > 0 && qtype != dns.TypeCNAME && qtype != dns.TypeANY:
		f.add(name, n[dns.TypeCNAME])
		return n[dns.TypeCNAME][0].(*dns.CNAME).Target
	case len(n) == 0:
		c.deny(f, EmptyNonTerminal)
	case qtype == dns.TypeANY:
		f.outcome = Answered
		for _, rrtype := range n.types() {
			f.add(name, n[rrtype])
		}
	case len(n[qtype]) == 0:
		c.deny(f, NoData)
	default:
		f.outcome = Answered
		f.add(name, n[qtype])
		if qtype == dns.TypeNS {
			f.additional = c.addresses(n[qtype])
		}
	}
	return ""
}

// cut returns the highest zone cut at or above name, "" where there is none. The DS records of a cut
// are the parent's own data (RFC 4035 §3.1.4.1).
func (c *content) cut(name string, qtype uint16) string {
	path := upTo(name, c.origin)
	for _, at := range slices.Backward(path[:len(path)-1]) {
		if len(c.rrset(at, dns.TypeNS)) > 0 && (at != name || qtype != dns.TypeDS) {
			return at
		}
	}
	return ""
}

// refer makes f a referral to the servers of the zone at cut. It is authoritative only for the aliases
// that led here.
func (c *content) refer(f *found, cut string) {
	f.outcome = Delegated
	f.authoritative = len(f.answer) > 0
	f.authority = copyRecords(c.rrset(cut, dns.TypeNS))
	f.additional = c.addresses(f.authority)
}

// addresses returns the addresses that the zone holds for the targets of NS records, glue included.
func (c *content) addresses(servers []dns.RR) []dns.RR {
	var list []dns.RR
	for _, rr := range servers {
		target := dns.CanonicalName(rr.(*dns.NS).Ns)
		list = append(list, copyRecords(c.rrset(target, dns.TypeA))...)
		list = append(list, copyRecords(c.rrset(target, dns.TypeAAAA))...)
	}
	return list
}

// dnameAbove returns the DNAME record strictly above name, nil where there is none.
func (c *content) dnameAbove(name string) *dns.DNAME {
	for _, above := range upTo(name, c.origin)[1:] {
		if rrset := c.rrset(above, dns.TypeDNAME); len(rrset) > 0 {
			return rrset[0].(*dns.DNAME)
		}
	}
	return nil
}

// match returns the node of a name: its own or, if it does not exist, that of the wildcard at its
// closest encloser (RFC 4592 §3.3.1).
func (c *content) match(name string) (n node, exists bool) {
	if n, exists = c.nodes[name]; exists {
		return n, true
	}
	for _, above := range upTo(name, c.origin)[1:] {
		if _, exists := c.nodes[above]; exists {
			n, exists = c.nodes["*."+strings.TrimPrefix(above, ".")]
			return n, exists
		}
	}
	return nil, false
}

// deny makes f a negative answer. The TTL of its SOA is the time for which the answer may be cached
// (RFC 2308 §3).
func (c *content) deny(f *found, outcome Outcome) {
	f.outcome = outcome
	if soa := c.soa(); soa != nil {
		soa = dns.Copy(soa).(*dns.SOA)
		soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
		f.authority = []dns.RR{soa}
	}
}

// add appends copies of an RRset to the answer, with the owner spelled as it was asked.
func (f *found) add(owner string, rrset []dns.RR) {
	for _, rr := range copyRecords(rrset) {
		rr.Header().Name = owner
		f.answer = append(f.answer, rr)
	}
}

// redirect appends a DNAME and the CNAME made from it (RFC 6672 §3.1) and returns the new name, or ""
// where that would be too long.
func (f *found) redirect(name string, dname *dns.DNAME) string {
	f.outcome = Answered
	f.answer = append(f.answer, dns.Copy(dname))
	prefix := name[:len(name)-len(dname.Hdr.Name)]
	target := prefix + dname.Target
	if dname.Target == "." {
		target = prefix
	}
	if _, ok := dns.IsDomainName(target); !ok {
		f.outcome = TooLong
		return ""
	}
	header := dns.RR_Header{Name: name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: dname.Hdr.Ttl}
	f.answer = append(f.answer, &dns.CNAME{Hdr: header, Target: target})
	return target
}

// rcode returns the response code of the outcome.
func (o Outcome) rcode() int {
	switch o {
	case NoName:
		return dns.RcodeNameError
	case Failed:
		return dns.RcodeServerFailure
	case NotServed:
		return dns.RcodeRefused
	case TooLong:
		return dns.RcodeYXDomain // RFC 6672 §2.2
	}
	return dns.RcodeSuccess
}
