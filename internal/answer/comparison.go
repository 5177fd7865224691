package answer

import (
	"net/netip"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Comparison is a zone as its own servers have it, beside what the zone above and the resolvers have in its place.
type Comparison struct {
	Zone dnsname.Name
	// Authorities and Resolvers say which zone each server has under this name.
	Authorities, Resolvers []Origin
	// Glue says of which name servers the zone above sends other addresses along than the zone has.
	Glue []Glue
}

// Origin identifies the zone that a server has, by its SOA record.
type Origin struct {
	Server  Server
	Outcome Outcome // Found where the server gave the record
	Source  string  // the primary and the mailbox, which tell zones of one name apart
	Serial  uint32
	TTL     uint32 // of the record, in seconds
}

// Glue are the addresses of a name server in a zone that the zone above sends along and the zone does not have.
type Glue struct {
	Host   dnsname.Name
	Parent []netip.Addr // those, sorted
	Own    []netip.Addr // what the zone has, sorted
}
