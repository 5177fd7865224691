package resolve

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// reply is a response as one question sees it. Where it is an alias or a referral, its Outcome is zero.
type reply struct {
	answer.Answer
	alias    dnsname.Name   // where the server says to ask on
	referral *referral      // the zone below that the server delegates the name to
	apex     dnsname.Name   // the zone that holds the name, where the reply says so
	extra    []dns.RR       // the additional section
	raw      response       // of authoritative servers
	redirect dnsname.Name   // the owner of the DNAME record that the first alias comes from
	source   dnsname.Name   // the owner of the SOA record beside a negative answer
	idle     bool           // the server has no say about the name
	targets  []dnsname.Name // of several replies in one: all that alias may be
}

// settles reports whether a reply says what there is, or where to ask.
func (r reply) settles() bool {
	return r.Outcome.Definite() || r.alias.IsValid() || r.referral != nil
}

// unanswered reports whether the server could not be reached at all.
func (r reply) unanswered() bool {
	return r.Outcome == answer.Timeout || r.Outcome == answer.Unreachable
}

// referral holds the delegation of a zone, as a server of the parent zone gives it.
type referral struct {
	apex  dnsname.Name
	hosts []dnsname.Name                // sorted
	glue  map[dnsname.Name][]netip.Addr // by host
	ttl   uint32                        // seconds
}

// read gives a response its meaning as far as that is the same for all servers. Only where it returns
// true there is more to be said: the message holds an answer, positive or negative.
func read(r response, q question) (reply, bool) {
	if r.msg == nil {
		return reply{Answer: answer.Answer{Outcome: r.outcome, Detail: r.detail, Trouble: r.trouble}}, false
	}
	got := reply{extra: r.msg.Extra}
	got.OverUDP = r.overUDP
	got.Authoritative, got.Authentic = r.msg.Authoritative, r.msg.AuthenticatedData
	readEDNS(r.msg, &got.Answer)
	got.Detail = got.Extended
	switch r.msg.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		got.Detail = ""
		if len(r.msg.Answer) > 0 && !concerns(r.msg.Answer, q.name) {
			got.fail(answer.Malformed, "the answer is about another name")
			return got, false
		}
		return got, true
	case dns.RcodeServerFailure:
		got.Outcome = answer.ServFail
	case dns.RcodeRefused:
		got.Outcome = answer.Refused
	case dns.RcodeNotAuth:
		got.Outcome = answer.NotAuthoritative
	case dns.RcodeYXDomain:
		got.fail(answer.Malformed, "a DNAME makes the name too long (YXDOMAIN)")
	default:
		code, ok := dns.RcodeToString[r.msg.Rcode]
		if !ok {
			code = fmt.Sprint(r.msg.Rcode)
		}
		got.fail(answer.Malformed, "unexpected response code "+code)
	}
	return got, false
}

// fail makes the reply a failure. The text passes record.Display; an extended error stays behind it.
func (r *reply) fail(outcome answer.Outcome, text string) {
	text = record.Display(text)
	if r.Detail != "" {
		text += "; " + r.Detail
	}
	r.Outcome, r.Detail = outcome, text
}

// readAuthority reads the response of a server of a zone to a question about a name in it.
func readAuthority(r response, zone dnsname.Name, q question) reply {
	got, ok := read(r, q)
	got.raw = r
	if !ok {
		return got
	}
	if got.referral = referralIn(r.msg, zone, q.name); got.referral != nil {
		return got
	}
	soa := soaOf(r.msg)
	switch {
	case !r.msg.Authoritative:
		got.fail(answer.NotAuthoritative, "the answer has no AA bit")
		return got
	case soa != nil && len(r.msg.Answer) == 0 && !ownerOf(soa).IsIn(zone):
		got.fail(answer.NotAuthoritative, fmt.Sprintf("it answers for the zone %s", ownerOf(soa)))
		return got
	}
	got.readAnswer(r.msg, q.name, q.code)
	if !got.alias.IsValid() {
		got.apex = enclosing(r.msg, zone, q.name)
	}
	return got
}

// readAnswer reads what the answer section says about a name.
func (r *reply) readAnswer(msg *dns.Msg, name dnsname.Name, code uint16) {
	found, ttl := values(msg.Answer, name, code)
	alias, err := aliasOf(msg.Answer, name)
	if !r.redirect.IsValid() && len(r.Aliases) == 0 {
		r.redirect = redirectOf(msg.Answer, name)
	}
	switch {
	case len(found) > 0 && code != dns.TypeCNAME && msg.Rcode == dns.RcodeNameError:
		r.fail(answer.Malformed, "it gives records of a name, and says that there is no such name (NXDOMAIN)") // Programs go by that.
	case len(found) > 0:
		r.Outcome, r.Values, r.TTL = answer.Found, found, ttl
		r.Serial = serialIn(msg.Answer, name)
	case err != nil:
		r.fail(answer.Malformed, err.Error())
		if errors.Is(err, errSeveralAliases) {
			r.Trouble = answer.SeveralAliases
		}
	case alias.IsValid() && code == dns.TypeCNAME:
		// A DNAME whose CNAME the server left for others to make.
		r.Outcome, r.Values, r.TTL = answer.Found, []string{alias.String()}, messageTTL(msg)
	case alias.IsValid():
		r.alias = alias
	default:
		r.readNegative(msg, name)
	}
}

// concerns reports whether a section holds anything about a name.
func concerns(section []dns.RR, name dnsname.Name) bool {
	return slices.ContainsFunc(section, func(rr dns.RR) bool {
		owner := ownerOf(rr)
		return owner == name || rr.Header().Rrtype == dns.TypeDNAME && name.IsIn(owner)
	})
}

// serialIn returns the serial of the SOA record that a section holds for a zone, 0 where it holds none.
func serialIn(section []dns.RR, apex dnsname.Name) uint32 {
	for _, rr := range section {
		if soa, ok := rr.(*dns.SOA); ok && ownerOf(rr) == apex {
			return soa.Serial
		}
	}
	return 0
}

func (r *reply) readNegative(msg *dns.Msg, name dnsname.Name) {
	r.Outcome = answer.NoData
	if msg.Rcode == dns.RcodeNameError {
		r.Outcome = answer.NXDomain
	}
	if soa := soaOf(msg); soa != nil && name.IsIn(ownerOf(soa)) {
		r.TTL, r.Serial, r.source = min(soa.Hdr.Ttl, soa.Minttl), soa.Serial, ownerOf(soa)
	}
}

// enclosing returns the apex of the zone that an authoritative answer says it comes from: the owner of
// the SOA or NS records beside it, or of the SOA that was asked for.
func enclosing(msg *dns.Msg, zone, name dnsname.Name) dnsname.Name {
	for _, section := range [][]dns.RR{msg.Ns, msg.Answer} {
		for _, rr := range section {
			if t := rr.Header().Rrtype; t != dns.TypeSOA && t != dns.TypeNS {
				continue
			}
			if owner := ownerOf(rr); owner.IsIn(zone) && name.IsIn(owner) {
				return owner
			}
		}
	}
	return dnsname.Name{}
}

// referralIn returns the delegation that an answer of a server of zone consists of, nil where it is
// none. Only what lies between the zone and the name counts: referrals upward say that a server is
// lame.
func referralIn(msg *dns.Msg, zone, name dnsname.Name) *referral {
	if len(msg.Answer) > 0 || msg.Rcode != dns.RcodeSuccess || soaOf(msg) != nil {
		return nil
	}
	for _, rr := range msg.Ns {
		apex := ownerOf(rr)
		if rr.Header().Rrtype != dns.TypeNS || apex == zone || !apex.IsIn(zone) || !name.IsIn(apex) {
			continue
		}
		hosts, ttl := hostsIn(msg.Ns, apex)
		if len(hosts) == 0 {
			continue
		}
		ref := &referral{apex: apex, hosts: hosts, ttl: ttl, glue: make(map[dnsname.Name][]netip.Addr)}
		for _, host := range hosts {
			// A zone knows only what lies in it: glue for other names may be forged (RFC 5452 §6).
			if host.IsIn(zone) {
				ref.glue[host] = addressesIn(msg.Extra, host)
			}
		}
		return ref
	}
	return nil
}

// hostsIn returns the name servers that a section lists for a zone, sorted, and the TTL of the list.
func hostsIn(section []dns.RR, apex dnsname.Name) ([]dnsname.Name, uint32) {
	texts, ttl := values(section, apex, dns.TypeNS)
	return hostNames(texts), ttl
}

// hostNames reads the values of NS records. A host of no name, the root, cannot be one.
func hostNames(texts []string) []dnsname.Name {
	var hosts []dnsname.Name
	for _, text := range texts {
		if host := dnsname.FromDNS(text); host.IsValid() && host != dnsname.Root {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// maxAliases bounds the CNAME and DNAME records that are followed from one name.
const maxAliases = 8

// readRecursor reads the response of a recursive server, which has followed the aliases itself.
func readRecursor(r response, q question) reply {
	got, ok := read(r, q)
	if !ok {
		return got
	}
	name := q.name
	for got.readAnswer(r.msg, name, q.code); got.alias.IsValid(); got.readAnswer(r.msg, name, q.code) {
		if len(got.Aliases) == maxAliases {
			got.alias = dnsname.Name{}
			got.fail(answer.Malformed, fmt.Sprintf("more than %d aliases, or aliases in a circle", maxAliases))
			return got
		}
		got.Aliases = append(got.Aliases, got.alias)
		name, got.alias = got.alias, dnsname.Name{}
	}
	if got.Outcome == answer.NoData && !r.msg.RecursionAvailable && !r.msg.Authoritative && soaOf(r.msg) == nil {
		got.fail(answer.NotAuthoritative, "the server offers no recursion")
	}
	return got
}
