package dnstest

import (
	"slices"

	"github.com/miekg/dns"
)

// ednsSize is the UDP message size that the servers announce, in octets (DNS flag day 2020).
const ednsSize = 1232

// emptyReply returns a reply without records, and without EDNS.
func emptyReply(req *dns.Msg, rcode int) *dns.Msg {
	reply := new(dns.Msg)
	reply.SetReply(req)
	reply.Rcode = rcode
	reply.Compress = true
	return reply
}

// rejectMalformed returns the reply to a message that no server could answer, nil where it is in order.
func rejectMalformed(req *dns.Msg) *dns.Msg {
	switch {
	case req.Opcode != dns.OpcodeQuery && req.Opcode != dns.OpcodeUpdate:
		return emptyReply(req, dns.RcodeNotImplemented)
	case len(req.Question) != 1, countOPT(req) > 1:
		return emptyReply(req, dns.RcodeFormatError)
	}
	if opt := req.IsEdns0(); opt != nil && opt.Version() != 0 {
		return emptyReply(req, dns.RcodeBadVers) // RFC 6891 §6.1.3
	}
	return nil
}

func countOPT(m *dns.Msg) int { return len(onlyOPT(m.Extra)) }

func onlyOPT(extra []dns.RR) []dns.RR { return slices.DeleteFunc(slices.Clone(extra), isNotOPT) }

func withoutOPT(extra []dns.RR) []dns.RR {
	return slices.DeleteFunc(slices.Clone(extra), func(rr dns.RR) bool { return !isNotOPT(rr) })
}

func isNotOPT(rr dns.RR) bool { return rr.Header().Rrtype != dns.TypeOPT }

// fit adds EDNS to a reply if the request had it and cuts the reply to what the client takes: what its
// EDNS says or 512 octets over UDP, everything over others.
func fit(req, reply *dns.Msg, t Transport) {
	size := dns.MinMsgSize
	if opt := req.IsEdns0(); opt != nil {
		size = max(size, int(opt.UDPSize()))
		if reply.IsEdns0() == nil {
			reply.SetEdns0(ednsSize, opt.Do())
		}
	}
	if t != UDP {
		size = dns.MaxMsgSize
	}
	// Additional records beside an authoritative answer are a courtesy: they are left out rather than
	// cause a truncation. Glue in a referral is not (RFC 9471).
	if reply.Authoritative && reply.Len() > size {
		reply.Extra = onlyOPT(reply.Extra)
	}
	reply.Truncate(size)
	reply.Compress = true
}
