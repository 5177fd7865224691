package answer

import "github.com/catglobe/terraform-provider-maildomain/internal/dnsname"

// Survey is a zone as its parent, its own servers and validating resolvers see it.
type Survey struct {
	Zone dnsname.Name
	// Parent are the name servers that the parent zone refers to, sorted. They are unknown, and none, where
	// the resolvers named the zone, and where a server of the parent has the zone as well and so answers
	// instead of referring.
	Parent []dnsname.Name
	// Own are the name servers that the zone lists itself, sorted; none where its servers do not answer.
	Own []dnsname.Name
	// Serials are the SOA serials, one for each server address, sorted by server name and address.
	Serials []Serial
	// Security is the result of the resolvers' DNSSEC validation of the zone.
	Security Security
	// Detail says more about a bogus zone: the extended error of the resolver that refuses it. It has passed
	// record.Display.
	Detail string
}

// Validation is the result of the resolvers' DNSSEC validation of a zone.
type Validation struct {
	Zone     dnsname.Name
	Security Security
	Detail   string // as in [Survey]
}

// Serial is the version of a zone that one server has.
type Serial struct {
	Server  Server
	Outcome Outcome // Found where the server gave its SOA record
	Serial  uint32
}

// Security is the state of a zone by DNSSEC (RFC 4033 §5).
type Security int

// The states. The zero Security is Unchecked.
const (
	Unchecked Security = iota // no resolver that validates could be asked
	Insecure                  // not signed, or no resolver validates
	Secure                    // signed, and validated
	Bogus                     // resolvers refuse it, and give it where validation is turned off
)
