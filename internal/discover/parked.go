package discover

import (
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// readParked reads the wildcards of a parked domain, which answer for the names that do not exist, if the domain's own records
// are those of a parked one.
func (r *reader) readParked() {
	made, err := compose.Records(compose.Config{Domain: r.domain, Parked: true})
	if err != nil || r.ctx.Err() != nil {
		return
	}
	for _, m := range made.Records {
		if set := setOf(m); m.Owner == r.domain && !slices.ContainsFunc(r.live.sets[set], func(live string) bool { return sameValue(r.domain, set, live, m.Value) }) {
			return
		}
	}
	for _, m := range made.Records {
		if strings.HasPrefix(m.Owner.String(), "*.") {
			r.ask(m.Owner, m.Type)
		}
	}
}

// asParked returns the configuration of a parked domain, where that makes all live records which a configuration makes, and no
// others. Otherwise it returns the configuration as it is.
func (b *builder) asParked(c compose.Config) compose.Config {
	if len(c.Services) > 0 || len(c.Keys) > 0 || c.MTASTS != nil || c.TLSRPT != nil || c.BIMI != nil {
		return c
	}
	parked := compose.Config{Domain: c.Domain, Parked: true, DMARC: c.DMARC}
	for _, place := range b.live.places[1:] { // Without those that only the wildcard answers for.
		at, err := dnsname.ParseIn(place, b.domain)
		if err == nil && b.live.spf[at].String() == b.live.spf[b.domain].String() {
			parked.Hosts = append(parked.Hosts, place)
		}
	}
	made, err := compose.Records(parked)
	if err != nil {
		return c
	}
	for _, r := range made.Records {
		set := setOf(r)
		same := func(live string) bool { return b.same(set, live, r.Value) }
		if live := b.live.sets[set]; !slices.ContainsFunc(live, same) || r.Type == record.MX && len(live) > 1 {
			return c
		}
	}
	parked.Extra = c.Extra
	return parked
}

// isParked reports whether a fact is of a record that a parked domain has.
func (b *builder) isParked(f service.Fact) bool {
	name, _ := f.Owner.In(b.domain)
	return b.result.Config.Parked && (f.Owner == b.domain && f.Type == record.MX || f.Type == service.SPFTerm && slices.Contains(b.result.Config.Hosts, name))
}

// isParkedKey reports whether something live is the wildcard of a parked domain that revokes all keys.
func (b *builder) isParkedKey(u Unknown) bool {
	name, _ := u.Owner.In(b.domain)
	return b.result.Config.Parked && u.Kind == Key && name == "_domainkey"
}
