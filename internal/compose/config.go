package compose

import (
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// Config says what the mail records of a domain are made of.
type Config struct {
	Domain   dnsname.Name
	Services map[string]Service
	Keys     map[string]Key   // by selector
	TTL      uint32           // seconds; 0: what a service's template says, and DefaultTTL
	Extra    map[string]Extra // records of the owner's own, by a name

	Existing     string    // the SPF record that the domain has; empty: none
	Mechanisms   []string  // SPF terms of the owner's own
	Remove       []string  // SPF terms that go
	All          merge.All // empty: fail
	AllowPassAll bool

	// What follows asks live DNS, and counts for [SPF] alone.
	AdoptLive bool     // takes over the SPF record that live DNS has, instead of Existing
	Flatten   []string // includes or services whose addresses stand in records of their own; "*": all
	MaxSize   int      // octets of a flattened record; 0: spf.DefaultFlatSize
	// WarnOnPermError makes a warning of what receivers reject (permerror): a record past the limits of RFC 7208 §4.6.4,
	// or one that includes what is no record.
	WarnOnPermError bool

	Acknowledge []string // codes of the warnings that are not given, see [WarningKinds]

	// Policies of the domain; nil: none. They count for [Records] and for the functions that make one of them.
	DMARC  *DMARC
	MTASTS *MTASTS
	TLSRPT *TLSRPT
	BIMI   *BIMI
	MX     []string // MX records of the owner's own, as in "10 mx.example.net"; nil: none
	Parked bool     // nobody sends or receives mail with the domain
	Hosts  []string // names below a parked domain that exist

	Pending PendingConfig
}

// PendingConfig says which fields of a [Config] are known only later, in whole or in part.
type PendingConfig struct {
	Existing, All, AllowPassAll, TTL, Parked   bool
	Services                                   bool // some of them are not among [Config.Services]
	Mechanisms, Remove, MX, Hosts, Acknowledge PendingList
}

// PendingList says what of a list is known only later: the whole, so that even its length is not known, or the elements
// at some indices. Those elements stand as empty texts in the list, so that the others keep their indices.
type PendingList struct {
	Whole bool
	At    []int
}

// Any reports whether something of the list is known only later.
func (p PendingList) Any() bool { return p.Whole || len(p.At) > 0 }

// Has reports whether an element is known only later, or the whole list is.
func (p PendingList) Has(index int) bool { return p.Whole || slices.Contains(p.At, index) }

// own reports whether something that the owner writes at the domain itself is known only later.
func (p PendingConfig) own() bool { return p.Existing || p.Mechanisms.Any() || p.Remove.Any() }

// ending reports whether the end of every SPF record is known only later.
func (p PendingConfig) ending() bool { return p.All || p.AllowPassAll }

// Result is the records of a domain.
type Result struct {
	Records record.Set
	// Pending says by key what of a record is known only later; those that are known in full are not in it.
	Pending map[string]service.Pending
	// Unknown says that not even the keys and types of all records are known: SPF stands at an owner that is known
	// only later, what is known only later decides whether the domain has an SPF record, or one of two forms of a
	// DKIM key will be given.
	Unknown  bool
	Warnings Problems
	MTASTS   mtasts.Policy // the policy that the records announce; the zero Policy where they announce none
}
