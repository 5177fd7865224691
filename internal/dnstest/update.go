package dnstest

import (
	"errors"
	"slices"

	"github.com/miekg/dns"
)

// errNotApplied makes [Zone.Update] leave the zone as it is. The response code says why.
var errNotApplied = errors.New("update not applied")

// update carries out an update (RFC 2136) and returns the response code. Other servers of the zone
// follow as they do for any change. Nobody has to prove who they are.
func (s *Server) update(req *dns.Msg) int {
	zone := req.Question[0]
	if zone.Qtype != dns.TypeSOA { // §3.1.1
		return dns.RcodeFormatError
	}
	s.mu.Lock()
	z := s.zones[dns.CanonicalName(zone.Name)]
	s.mu.Unlock()
	switch {
	case z == nil || zone.Qclass != dns.ClassINET: // §3.1.2
		return dns.RcodeNotAuth
	case z.primary != s: // A secondary that does not forward; §3.3 leaves the code to policy.
		return dns.RcodeRefused
	}
	rcode := dns.RcodeSuccess
	err := z.Update(func(c *Changes) {
		u := updating{Changes: c}
		for _, step := range []func(*dns.Msg) int{u.require, u.scan, u.apply} {
			if rcode = step(req); rcode != dns.RcodeSuccess {
				c.fail(errNotApplied)
				return
			}
		}
	})
	if err != nil && rcode == dns.RcodeSuccess {
		return dns.RcodeServerFailure
	}
	return rcode
}

// updating is an update under way. Its methods are the sections of RFC 2136 in their order.
type updating struct{ *Changes }

// require checks the prerequisites (§3.2).
func (u updating) require(req *dns.Msg) int {
	var whole []dns.RR // of RRsets that must exist with exactly these records
	for _, rr := range req.Answer {
		h := rr.Header()
		switch {
		case h.Ttl != 0:
			return dns.RcodeFormatError
		case !u.contains(rr):
			return dns.RcodeNotZone
		case h.Class == dns.ClassINET:
			whole = append(whole, rr)
			continue
		case h.Class != dns.ClassANY && h.Class != dns.ClassNONE, h.Rdlength != 0:
			return dns.RcodeFormatError
		}
		if rcode := u.requireExistence(h); rcode != dns.RcodeSuccess {
			return rcode
		}
	}
	for _, rrset := range rrsets(whole, u.origin) {
		have := u.owners[ownerOf(rrset[0])][rrset[0].Header().Rrtype]
		if !sameSet(have, rrset) {
			return dns.RcodeNXRrset
		}
	}
	return dns.RcodeSuccess
}

// requireExistence checks that a name or an RRset exists (class ANY) or does not (class NONE).
func (u updating) requireExistence(h *dns.RR_Header) int {
	n := u.owners[dns.CanonicalName(h.Name)]
	wanted := h.Class == dns.ClassANY
	if h.Rrtype == dns.TypeANY {
		switch exists := len(n) > 0; {
		case wanted && !exists:
			return dns.RcodeNameError
		case !wanted && exists:
			return dns.RcodeYXDomain
		}
		return dns.RcodeSuccess
	}
	switch exists := len(n[h.Rrtype]) > 0; {
	case wanted && !exists:
		return dns.RcodeNXRrset
	case !wanted && exists:
		return dns.RcodeYXRrset
	}
	return dns.RcodeSuccess
}

// scan looks for what makes the update malformed as a whole (§3.4.1.3).
func (u updating) scan(req *dns.Msg) int {
	for _, rr := range req.Ns {
		h := rr.Header()
		meta, anyType := isMeta(h.Rrtype), h.Rrtype == dns.TypeANY
		switch {
		case !u.contains(rr):
			return dns.RcodeNotZone
		case h.Class == dns.ClassINET && !meta && !anyType && h.Rdlength != 0:
		case h.Class == dns.ClassANY && !meta && h.Ttl == 0 && h.Rdlength == 0:
		case h.Class == dns.ClassNONE && !meta && !anyType && h.Ttl == 0 && h.Rdlength != 0:
		default:
			return dns.RcodeFormatError
		}
	}
	return dns.RcodeSuccess
}

// apply makes the changes (§3.4.2).
func (u updating) apply(req *dns.Msg) int {
	for _, rr := range req.Ns {
		owner, rrtype := ownerOf(rr), rr.Header().Rrtype
		switch rr.Header().Class {
		case dns.ClassINET:
			u.applyAddition(rr)
		case dns.ClassANY:
			u.applyDeletion(owner, rrtype)
		case dns.ClassNONE:
			lastNS := owner == u.origin && rrtype == dns.TypeNS && len(u.owners[owner][rrtype]) == 1
			if rrtype != dns.TypeSOA && !lastNS { // §3.4.2.4
				single := dns.Copy(rr)
				single.Header().Class = dns.ClassINET
				u.take(single)
			}
		}
	}
	return dns.RcodeSuccess
}

// applyAddition adds one record, where the rules allow it (§3.4.2.2). It is passed over otherwise.
func (u updating) applyAddition(rr dns.RR) {
	owner, rrtype := ownerOf(rr), rr.Header().Rrtype
	n := u.owners[owner]
	switch rrtype {
	case dns.TypeCNAME:
		if len(n) > len(n[dns.TypeCNAME]) { // A CNAME set holds one record: the others are other types.
			return
		}
		u.drop(owner, dns.TypeCNAME)
	case dns.TypeSOA:
		have := u.owners[u.origin][dns.TypeSOA][0].(*dns.SOA)
		if owner != u.origin || int32(rr.(*dns.SOA).Serial-have.Serial) < 0 { // RFC 1982 §3.2
			return
		}
	default:
		if len(n[dns.TypeCNAME]) > 0 {
			return
		}
	}
	u.AddRR(rr)
}

// applyDeletion removes an RRset or, for type ANY, all of them. The SOA and NS records at the top of
// the zone stay (§3.4.2.3).
func (u updating) applyDeletion(owner string, rrtype uint16) {
	types := []uint16{rrtype}
	if rrtype == dns.TypeANY {
		types = u.owners[owner].types()
	}
	for _, t := range types {
		if owner != u.origin || t != dns.TypeSOA && t != dns.TypeNS {
			u.drop(owner, t)
		}
	}
}

// contains reports whether a record lies in the zone.
func (u updating) contains(rr dns.RR) bool { return dns.IsSubDomain(u.origin, ownerOf(rr)) }

func ownerOf(rr dns.RR) string { return dns.CanonicalName(rr.Header().Name) }

// isMeta reports whether a type stands for a kind of question other than ANY (§1.2).
func isMeta(rrtype uint16) bool {
	return slices.Contains([]uint16{dns.TypeAXFR, dns.TypeIXFR, dns.TypeMAILA, dns.TypeMAILB, dns.TypeOPT, dns.TypeTSIG}, rrtype)
}

// sameSet reports whether two RRsets hold the same data, in any order and with any TTL.
func sameSet(a, b []dns.RR) bool {
	within := func(list []dns.RR, rr dns.RR) bool {
		return slices.ContainsFunc(list, func(other dns.RR) bool { return sameData(rr, other) })
	}
	for _, rr := range a {
		if !within(b, rr) {
			return false
		}
	}
	for _, rr := range b {
		if !within(a, rr) {
			return false
		}
	}
	return true
}
