package compose

import (
	"context"
	"maps"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// planned is live DNS with the records of the configuration added: terms that lead to them find them.
type planned struct {
	spf.Resolver

	spf     map[string]string // SPF records, by owner; they replace live ones
	missing map[place][]string
	aliases map[string]string // CNAME records, from owner to target
}

// place is the owner and the type of a record set.
type place struct {
	owner string
	t     spf.RRType
}

// maxPlannedAliases bounds how many CNAME records of one configuration are followed from a name.
const maxPlannedAliases = 8

// Lookup returns the future answer of DNS: the merged SPF records first, then live ones, then those of the services.
func (p planned) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	for range maxPlannedAliases {
		if value, ok := p.spf[name]; ok && t == spf.TypeTXT {
			return []string{value}, nil
		}
		live, err := p.Resolver.Lookup(ctx, name, t)
		if err != nil || len(live) > 0 {
			return live, err
		}
		if values := p.missing[place{name, t}]; len(values) > 0 {
			return values, nil
		}
		target, ok := p.aliases[name]
		if !ok {
			return nil, nil
		}
		name = target
	}
	return nil, nil
}

// planned returns DNS with the records that were merged, and with those that services ask for beside SPF. A service whose
// other records cannot be made, as where a variable that SPF does not need is left out, adds none.
func (b *builder) planned(all []mergedOwner) planned {
	p := planned{Resolver: b.live.dns, spf: make(map[string]string), missing: make(map[place][]string), aliases: make(map[string]string)}
	for _, m := range all {
		p.spf[m.Owner.String()] = m.Record.String()
	}
	exchanges := make(map[string][]string) // MX values, by owner
	for _, key := range slices.Sorted(maps.Keys(b.config.Services)) {
		applied, problems := b.config.applyService(key, service.Kinds(0))
		if len(problems) > 0 {
			continue
		}
		for _, r := range applied.Records {
			owner := r.Record.Owner.String()
			switch {
			case r.Unknown.Any():
			case r.Type == record.CNAME:
				p.aliases[owner] = r.Value
			case r.Type == record.A || r.Type == record.AAAA || r.Type == record.TXT && owner != b.config.Domain.String():
				at := place{owner, spf.RRType(r.Type)}
				p.missing[at] = append(p.missing[at], r.Value)
			case r.Type == record.MX:
				exchanges[owner] = append(exchanges[owner], r.Value)
			}
		}
	}
	for owner, values := range exchanges {
		p.missing[place{owner, spf.TypeMX}] = record.MailHosts(values)
	}
	return p
}
