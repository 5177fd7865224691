package answer

import (
	"errors"
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// ErrHeldBack is the class of errors about questions that were over before the DNS client's own limits let them out.
var ErrHeldBack = errors.New("the limits of this provider (`max_rate`, `max_in_flight`) held questions back")

// LookupError says that there was no server to ask about a name: its zone is not delegated, or the
// servers above it failed.
type LookupError struct {
	Name    dnsname.Name // the name asked about
	At      dnsname.Name // the name at which the search ended
	Outcome Outcome      // NXDomain where the parent zone does not delegate it
	Reason  Reason       // what kind of dead end it is
	Trouble Trouble      // what keeps every server at which the search ended from answering, where that is one and the same
	Detail  string       // has passed record.Display
}

// Reason is the kind of dead end that a search for name servers came to.
type Reason int

// The reasons. The zero Reason is Failure.
const (
	Failure        Reason = iota // servers on the way fail, or say nothing usable
	NotDelegated                 // the zone above does not delegate the domain
	NoAddress                    // the name servers that the zone above names have no address
	SplitHorizon                 // private addresses among the servers of a public zone
	Blocked                      // resolvers answer, and no authoritative server at all does
	PrivateServers               // the servers of a zone that is not public have addresses that may not be asked
	Excessive                    // to find them takes more work than a question may cost
	NoResolver                   // the resolvers, which name servers are found by, fail whatever they are asked
	NoNameServers                // the resolvers answer, and not what is asked for NS records
	HiddenPrimary                // one server of a public zone has a private address, and the others have public ones
)

func (e *LookupError) Error() string {
	if e.Reason == NoResolver || e.Reason == NoNameServers {
		return fmt.Sprintf("the name servers of %s cannot be found: %s", e.Name, e.Detail) // Nothing is wrong at the name.
	}
	text := fmt.Sprintf("the name servers of %s cannot be found: %s at %s", e.Name, e.Outcome, e.At)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}
