package answer

// Trouble is the reason, if it is known, for which a server does not answer. The zero Trouble says nothing more than the
// [Outcome] does.
type Trouble int

// The troubles.
const (
	WithoutRoute   Trouble = iota + 1 // this machine has no way to addresses like the server's, as without IPv6
	Barred                            // this machine lets nothing out to the server
	WithoutAddress                    // the name of the server has no address
	AddressForName                    // an NS record names an address, where the name of a host belongs
	AddressUnknown                    // the address of the server could not be looked up
	InCircle                          // the search for the server's address leads back to the zone that it is to serve
	WithoutTCP                        // the answer is truncated over UDP, and does not come over TCP
	WithoutEDNS                       // the server answers only what is asked without EDNS
	TooLate                           // an answer came, later than the time that was left for it
	Unheeded                          // the server takes connections, and answers nothing
	SeveralAliases                    // the server gives several CNAME records at one name
	Unconnected                       // no connection to the resolver came about, and none through a proxy is tried
)
