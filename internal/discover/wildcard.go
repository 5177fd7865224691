package discover

import (
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// dropWildcard takes out what wildcards make at the names of policies and hosts: these record sets are not there, and a
// configuration with them would add them. The policies among them that receivers use are named. Selectors are read with their
// wildcard.
func (r *reader) dropWildcard() {
	made := make(map[string]bool)
	asked := make(map[string]answered)
	isMade := func(owner dnsname.Name, t record.Type) bool {
		set := setName(owner, t)
		if _, known := made[set]; !known {
			made[set] = r.ctx.Err() == nil && owner != r.domain && !strings.Contains(owner.String(), "_domainkey.") && r.isWildcards(owner, t, asked)
		}
		return made[set]
	}
	r.live.policies = slices.DeleteFunc(r.live.policies, func(p Policy) bool {
		t := record.TXT
		if p.Alias != "" {
			t = record.CNAME
		}
		if !isMade(p.Owner, t) {
			return false
		}
		r.live.wild = append(r.live.wild, p.Name)
		return p.Fault != ""
	})
	r.live.facts = slices.DeleteFunc(r.live.facts, func(f service.Fact) bool { return isMade(f.Owner, typeOf(f)) })
	r.live.faults = slices.DeleteFunc(r.live.faults, func(u Unknown) bool { return isMade(u.Owner, u.Type) })
	for owner := range r.live.spf {
		if isMade(owner, record.TXT) {
			delete(r.live.spf, owner)
		}
	}
	for set, is := range made {
		if is {
			delete(r.live.sets, set)
		}
	}
}

// isWildcards reports whether a wildcard makes a record set: names beside its owner have the same set, and so have those below
// it, which a wildcard above an existing name does not cover (RFC 4592 §3.3.1).
func (r *reader) isWildcards(owner dnsname.Name, t record.Type, asked map[string]answered) bool {
	values := r.live.sets[setName(owner, t)]
	return len(values) > 0 && !slices.ContainsFunc([]dnsname.Name{owner.Parent(), owner}, func(parent dnsname.Name) bool {
		name, err := dnsname.ParseIn(probe, parent)
		if err != nil {
			return false // It is too long. The other one decides.
		}
		got, known := asked[setName(name, t)]
		if !known {
			got, _ = r.ask(name, t)
			asked[setName(name, t)] = got
		}
		return got.alias != "" || !slices.Equal(slices.Sorted(slices.Values(got.values)), values)
	})
}

// typeOf returns the type of the record that a fact stands in.
func typeOf(f service.Fact) record.Type {
	if f.Type == service.SPFTerm {
		return record.TXT
	}
	return f.Type
}

// leaveWildcards leaves out the policies whose records a wildcard makes.
func (b *builder) leaveWildcards() {
	for _, p := range b.live.policies {
		if p.Fault == "" && p.Alias == "" && slices.Contains(b.live.wild, p.Name) {
			b.left[p.Name] = true
			b.unsettled(p.Name, "The policy is left out, and stays as it is in DNS: a wildcard makes the record, and the configuration would add another one.")
		}
	}
}
