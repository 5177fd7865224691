// Package answer holds the words that those who ask DNS and those who use the answers share: questions, servers, answers
// and their outcomes, and how a search for servers ends.
package answer

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Via names the servers whose answers count.
type Via string

// Authorities are all authoritative servers of the zone that holds the name, asked directly.
// Resolvers are the recursive servers that the provider is configured with.
const (
	Authorities Via = "authoritative"
	Resolvers   Via = "resolvers"
)

// The types of records that are read and never published. Their values are in presentation form (RFC 1035 §5.1).
const (
	SPF        record.Type = "SPF" // RFC 7208 §3.1; joined and unescaped, as TXT
	DNSKEY     record.Type = "DNSKEY"
	RRSIG      record.Type = "RRSIG"
	NSEC3PARAM record.Type = "NSEC3PARAM"
)

// ReadTypes lists them.
func ReadTypes() []record.Type { return []record.Type{SPF, DNSKEY, RRSIG, NSEC3PARAM} }

// Question is a question to DNS: a name, a type, and the servers that it goes to.
type Question struct {
	Name  dnsname.Name
	Type  record.Type
	Via   Via
	Fresh bool // goes around the answers that the client remembers, as a waiting loop must
	TCP   bool // asks over TCP alone, where answers are hard to forge
	Mixed bool // asks for the name with every other letter in upper case, which is the same name (RFC 1035 §2.3.3)
}

// Set holds the answers of all servers to one question.
type Set struct {
	Zone dnsname.Name // the zone that holds the name (the last one, behind aliases); zero for [Resolvers]
	List []Answer
	// Disagreements say where servers of one zone, on the way to the name, do not agree on where to ask.
	Disagreements []Disagreement
	// Above are servers of the zone above, which answer about the NS records that lead to this one.
	Above []Server
	// Redirects are the owners of DNAME records above the name that lead to other names, each once.
	Redirects []dnsname.Name
	// Sources are the zones that the SOA records beside negative answers of resolvers belong to.
	Sources map[Server]dnsname.Name
	// AliasedServers are name servers whose names are aliases, which RFC 2181 §10.3 forbids.
	AliasedServers []dnsname.Name
}

// Disagreement says that servers of a zone do not agree on who serves a zone below it. All servers that any of them
// names were asked, and so were those that answer themselves.
type Disagreement struct {
	Zone, At dnsname.Name
	Views    []View
}

// View holds the name servers of a zone as some servers of the parent zone give them.
type View struct {
	Servers []Server
	Refers  []dnsname.Name // the name servers that they refer to, sorted; none where they answer themselves
}

// Answer is the answer of one server.
type Answer struct {
	Server  Server
	Outcome Outcome
	// Values are the record values in the form of record.Canonical, TXT unescaped and joined, sorted.
	// The slice is empty unless Outcome is Found.
	Values []string
	// Aliases are the targets of the CNAME and DNAME records that led from the name to the values.
	Aliases []dnsname.Name
	// TTL of the values in seconds; for NoData and NXDomain the negative TTL (RFC 2308 §5), 0 where
	// the server sent no SOA.
	TTL uint32
	// Serial is the SOA serial that came with a negative answer, 0 where none did.
	Serial uint32
	// Authoritative is the AA bit, Authentic the AD bit.
	Authoritative, Authentic bool
	// Detail says more about a failure: the network's error, the extended error (RFC 8914). It has
	// passed record.Display.
	Detail string
	// OverUDP is set where the server was to be asked over TCP and gave no answer there, so that it was asked over UDP.
	OverUDP bool
	// Trouble says why nothing came of the question, where that is known.
	Trouble Trouble
	// Extended are the extended errors that came along, also with an answer that is none of a failure, as one
	// text that has passed record.Display.
	Extended string
	// Bogus is set where the extended errors say that the data failed DNSSEC validation.
	Bogus bool
	// NoEDNS is set where an answer came without EDNS (RFC 6891), which the question had.
	NoEDNS bool
	// NSID is the name that the server gives itself (RFC 5001); it has passed record.Display.
	NSID string
}

// Server is one address of one name server.
type Server struct {
	Name dnsname.Name   // zero for resolvers given by address
	Addr netip.AddrPort // zero for a name server without an address
	// URL is the configured form of a resolver that is not asked by plain DNS: "tls://dns.example@192.0.2.53".
	URL string
}

// String returns the name and the address, as reports show them: "ns1.example.com (192.0.2.53)". The
// port is shown where it is not 53. Resolvers that have a URL are shown by it.
func (s Server) String() string {
	if s.URL != "" {
		return record.Display(s.URL)
	}
	if !s.Addr.IsValid() {
		return displayHost(s.Name)
	}
	addr := s.Addr.Addr().String()
	if s.Addr.Port() != 53 {
		addr = s.Addr.String()
	}
	if !s.Name.IsValid() {
		return addr
	}
	return fmt.Sprintf("%s (%s)", displayHost(s.Name), addr)
}

// displayHost makes the name of a host fit to be shown, also where Markdown is read: octets that names of hosts do not
// have become \DDD (RFC 1035 §5.1). The name comes from the zone, which may be anybody's.
func displayHost(n dnsname.Name) string {
	var b []byte
	for _, c := range []byte(record.Display(n.String())) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(`-._\`, c) >= 0:
			b = append(b, c)
		default:
			b = fmt.Appendf(b, `\%03d`, c)
		}
	}
	return string(b)
}

// Outcome is the kind of an answer. The kinds are never blurred: a server that fails does not say
// that a record is absent.
type Outcome int

// The outcomes. The zero Outcome is invalid.
const (
	Found            Outcome = iota + 1
	NoData                   // the name exists, without records of this type (RFC 2308 §2.2)
	NXDomain                 // the name does not exist (RFC 2308 §2.1)
	ServFail                 // the server failed
	Refused                  // the server refuses to answer
	NotAuthoritative         // the server answers without authority for the zone: a lame delegation
	Timeout                  // no answer in time, over UDP and TCP
	Unreachable              // the network reports that the server cannot be reached
	Malformed                // an answer that is none: another question's, unreadable, an unexpected code
	Unvalidated              // an answer without the AD bit, where only validated ones count
)

// outcomes holds what programs and what people read, by outcome.
var outcomes = map[Outcome]struct{ code, text string }{
	Found:            {"found", "found"},
	NoData:           {"no_data", "no such record"},
	NXDomain:         {"nxdomain", "name does not exist (NXDOMAIN)"},
	ServFail:         {"servfail", "server failure (SERVFAIL)"},
	Refused:          {"refused", "refused (REFUSED)"},
	NotAuthoritative: {"not_authoritative", "not authoritative for the zone (lame delegation)"},
	Timeout:          {"timeout", "no answer in time"},
	Unreachable:      {"unreachable", "unreachable"},
	Malformed:        {"malformed", "malformed answer"},
	Unvalidated:      {"unvalidated", "not validated by DNSSEC (no AD bit)"},
}

// OutcomeCodes returns the names of all outcomes, in their order.
func OutcomeCodes() []string {
	codes := make([]string, 0, len(outcomes))
	for _, o := range slices.Sorted(maps.Keys(outcomes)) {
		codes = append(codes, o.Code())
	}
	return codes
}

// Code names the outcome for programs: "no_data".
func (o Outcome) Code() string { return outcomes[o].code }

// String describes the outcome for people.
func (o Outcome) String() string {
	if known, ok := outcomes[o]; ok {
		return known.text
	}
	return fmt.Sprintf("Outcome(%d)", int(o))
}

// Definite reports whether the outcome says what the zone holds, presence or absence.
func (o Outcome) Definite() bool { return o == Found || o == NoData || o == NXDomain }

// Silent reports whether nothing came from the server at all. A failure is an answer: the server is there.
func (o Outcome) Silent() bool { return o == Timeout || o == Unreachable }
