package dnstest

import (
	"errors"
	"fmt"

	"github.com/miekg/dns"
)

// usable says why a recursor cannot use a reply from a server of zone: nil for an authoritative answer
// or a referral downwards.
func usable(reply *dns.Msg, zone delegation, name string) error {
	switch {
	case reply.Rcode != dns.RcodeSuccess && reply.Rcode != dns.RcodeNameError:
		return errors.New(dns.RcodeToString[reply.Rcode])
	case reply.Truncated:
		return errors.New("truncated over TCP")
	case reply.Authoritative:
		return nil
	}
	if _, ok := referral(reply, zone, name); !ok {
		return fmt.Errorf("lame: neither an authoritative answer nor a referral below %s", displayName(zone.origin))
	}
	return nil
}

// referral returns the delegation that a reply holds for name: that of a zone below the one asked.
func referral(reply *dns.Msg, zone delegation, name string) (delegation, bool) {
	var d delegation
	for _, rr := range reply.Ns {
		ns, ok := rr.(*dns.NS)
		if !ok {
			continue
		}
		origin := dns.CanonicalName(ns.Hdr.Name)
		if !isBelow(origin, zone.origin) || !dns.IsSubDomain(origin, name) {
			continue
		}
		d.origin = origin
		d.names = append(d.names, dns.CanonicalName(ns.Ns))
	}
	if d.origin == "" {
		return d, false
	}
	for _, rr := range reply.Extra {
		// Addresses outside the zone that was asked are hearsay (RFC 2181 §5.4.1).
		if dns.IsSubDomain(zone.origin, dns.CanonicalName(rr.Header().Name)) {
			d.glue = append(d.glue, rr)
		}
	}
	return d, true
}

// digest puts a usable reply into the cache. It returns what there is at name, or the servers to ask next.
func (w *work) digest(reply *dns.Msg, zone delegation, name string, qtype uint16) (e entry, next *delegation) {
	now := w.r.h.now()
	known := map[cacheKey]entry{}
	for _, rrset := range rrsets(reply.Answer, zone.origin) {
		e := w.r.cache.putAnswer(rrset, now)
		known[cacheKey{e.owner, rrset[0].Header().Rrtype}] = e
	}
	if e, ok := known[cacheKey{name, qtype}]; ok {
		return e, nil
	}
	last, ends := lastAlias(known, name, qtype)
	if _, ok := known[cacheKey{last, qtype}]; ends && !ok && dns.IsSubDomain(zone.origin, last) {
		if d, ok := referral(reply, zone, last); ok {
			d.stay = stay{now, ttlOf(reply.Ns)}
			w.r.cache.delegate(d)
			next = &d
		} else {
			e = w.digestDenial(reply, last, qtype)
		}
	}
	if alias, ok := known[cacheKey{name, dns.TypeCNAME}]; ok {
		return alias, nil
	}
	return e, next
}

// lastAlias follows the aliases of a reply from name on. It returns where they end, false if they never do.
func lastAlias(known map[cacheKey]entry, name string, qtype uint16) (last string, ends bool) {
	for range maxChain {
		alias, ok := known[cacheKey{name, dns.TypeCNAME}]
		if !ok || qtype == dns.TypeCNAME {
			return name, true
		}
		name = dns.CanonicalName(alias.records[0].(*dns.CNAME).Target)
	}
	return "", false
}

// digestDenial puts a negative answer into the cache.
func (w *work) digestDenial(reply *dns.Msg, name string, qtype uint16) entry {
	outcome := NoData
	if reply.Rcode == dns.RcodeNameError {
		outcome = NoName
	}
	var soa *dns.SOA
	for _, rr := range reply.Ns {
		if s, ok := rr.(*dns.SOA); ok && dns.IsSubDomain(dns.CanonicalName(s.Hdr.Name), name) {
			soa = s
		}
	}
	return w.r.cache.putNegative(outcome, name, qtype, soa, w.r.h.now())
}

// rrsets groups the records below origin by owner and type, in the order of their first records.
func rrsets(records []dns.RR, origin string) [][]dns.RR {
	var groups [][]dns.RR
	at := map[cacheKey]int{}
	for _, rr := range records {
		key := cacheKey{dns.CanonicalName(rr.Header().Name), rr.Header().Rrtype}
		if !dns.IsSubDomain(origin, key.name) {
			continue
		}
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], rr)
	}
	return groups
}

// ttlOf returns the lowest TTL among records, in seconds.
func ttlOf(records []dns.RR) uint32 {
	ttl := uint32(delegationTTL)
	for _, rr := range records {
		ttl = min(ttl, rr.Header().Ttl)
	}
	return ttl
}
