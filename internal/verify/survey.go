package verify

import (
	"context"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Surveyor looks at the zone that holds a name.
type Surveyor interface {
	// Survey describes that zone. It never asks resolvers about the name itself, which may be missing. Its
	// errors are those of [Resolver].
	Survey(ctx context.Context, name dnsname.Name) (Survey, error)
}

// Survey is a zone as its parent, its own servers and validating resolvers see it.
type Survey struct {
	Zone dnsname.Name
	// Parent are the name servers that the parent zone refers to, sorted. They are unknown, and none, where
	// the resolvers named the zone, and where a server of the parent has the zone as well and so answers
	// instead of referring.
	Parent []dnsname.Name
	// Own are the name servers that the zone lists itself, sorted; none where its servers do not answer.
	Own []dnsname.Name
	// Serials are the SOA serials, one for each server address, in the order of [Resolver].
	Serials []Serial
	// Security is what the resolvers make of the zone's DNSSEC signatures.
	Security Security
	// Detail says more about a bogus zone: the extended error of the resolver that refuses it. It has passed
	// record.Display.
	Detail string
}

// Validator finds out what validating resolvers make of a zone.
type Validator interface {
	// Validate asks each resolver about the zone that holds a name, where all servers say that the zone is there, and
	// never about the name itself. Its errors are those of [Resolver].
	Validate(ctx context.Context, name dnsname.Name) (Validation, error)
}

// Validation is what the resolvers make of a zone's DNSSEC signatures.
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
