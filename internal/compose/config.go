package compose

import (
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// Config holds the inputs of a domain's mail records.
type Config struct {
	Domain   dnsname.Name
	Services map[string]Service
	Keys     map[string]Key   // by selector
	TTL      uint32           // seconds; 0: that of the service's template, or DefaultTTL
	Extra    map[string]Extra // records of the owner's own, by a name

	Existing      string   // the SPF record that the domain has; empty: none
	Mechanisms    []string // SPF terms of the owner's own
	Remove        []string // SPF terms that go
	merge.Options          // of each SPF record

	// The next fields count for [SPF] alone, which asks live DNS.
	AdoptLive bool     // takes over the SPF record that live DNS has, instead of Existing
	Flatten   []string // includes or services whose addresses stand in records of their own; "*": all
	MaxSize   int      // octets of a flattened record; 0: spf.DefaultFlatSize
	// WarnOnPermError makes a warning of a record that receivers reject (permerror): it is past the limits of RFC 7208
	// §4.6.4, or includes a name without a valid record.
	WarnOnPermError bool

	Acknowledge []string // codes of the warnings that are not given, see [WarningKinds]

	// Policies of the domain; nil: none. They count for [Records] and for the functions that make one of them.
	DMARC  *dmarc.Config // without the domain
	MTASTS *MTASTS
	TLSRPT *tlsrpt.Config
	BIMI   *BIMI
	MX     []string // MX records of the owner's own, as in "10 mx.example.net"; nil: none
	Parked bool     // the domain sends and receives no mail
	Hosts  []string // names below a parked domain that exist

	// Unknown has the unknown values, by the names that the problems of the configuration have: existing,
	// services["acme"].variables["token"], mx[1]. Lists hold an empty text for each unknown element, and the others keep
	// their indices. Maps leave out an element without any known part, for example a service with an unknown template. An
	// input at fault counts as unknown: its fault is reported once.
	Unknown problem.Unknown
}

// undecided reports whether the keys and types of the records depend on unknown values.
func (c Config) undecided() bool {
	for _, name := range []string{"domain", "parked", "hosts"} {
		if c.Unknown.Attribute(name).Any() {
			return true
		}
	}
	for _, name := range []string{"services", "keys", "extra", "dmarc", "mta_sts", "tls_rpt", "bimi", "mx"} {
		if c.Unknown.Attribute(name).Whole() {
			return true
		}
	}
	decides := func(u problem.Unknown, names ...string) bool {
		return u.Whole() || slices.ContainsFunc(names, func(name string) bool { return u.Attribute(name).Any() })
	}
	services, keys, extra := c.Unknown.Attribute("services"), c.Unknown.Attribute("keys"), c.Unknown.Attribute("extra")
	return decides(c.Unknown.Attribute("mta_sts"), "host", "addresses") ||
		slices.ContainsFunc(services.Keys(), func(key string) bool { return decides(services.Key(key), "service", "template", "groups", "host") }) ||
		slices.ContainsFunc(keys.Keys(), func(key string) bool { return decides(keys.Key(key)) }) ||
		slices.ContainsFunc(extra.Keys(), func(key string) bool { return decides(extra.Key(key), "type") })
}

// Result is the records of a domain.
type Result struct {
	Records record.Set
	// Unknown holds the unknown parts of the records, by their keys, see [service.Record.Unknown]. It is whole if keys or types
	// depend on unknown values: those of a service or a policy, of an SPF record or its owner, or of a DKIM key.
	Unknown  problem.Unknown
	Warnings Problems
	MTASTS   mtasts.Policy // the policy that the records announce; the zero Policy without one
}
