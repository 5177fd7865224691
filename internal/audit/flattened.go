package audit

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// flatLabel starts the names of flattened records.
const flatLabel = "_spf-"

// flatNodes returns the flattened records that the domain's record includes.
func (v *view) flatNodes() []tree.Node {
	s := v.spf[v.config.Domain]
	if s == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.nodes), func(n tree.Node) bool {
		return n.Record == nil || !strings.HasPrefix(n.Target, flatLabel) || !dnsname.FromDNS(n.Target).IsIn(v.config.Domain)
	})
}

// A flatSource is a service as addresses, as they are now.
type flatSource struct {
	name     string
	owners   map[string]bool // of records that it has for itself
	networks []netip.Prefix
}

// readSources flattens the services whose includes the domain's record no longer has, as they are now.
func (g *gatherer) readSources(ctx context.Context, s *spfAt) {
	if !strings.Contains(s.text(), flatLabel) {
		return
	}
	for _, service := range g.config.Services {
		for _, own := range service.Applied.SPF {
			if own.Owner != g.config.Domain || own.NeverFlatten || g.includes(s.record, own.Terms) {
				continue
			}
			input := merge.Input{Source: merge.Source{Kind: merge.Service, Name: service.Key}, Record: own.Terms}
			sender := tree.Sender{Name: service.Key, Includes: input.Includes(g.config.Domain)}
			walked, err := tree.Walk(ctx, asked{g}, own.Terms, g.config.Domain)
			var flat tree.Flattened
			if err == nil {
				flat, err = walked.Flatten(tree.Flattening{Names: []string{tree.EverySource}, Senders: []tree.Sender{sender}})
			}
			if err != nil {
				g.sourceErr = err
				continue
			}
			found := flatSource{name: service.Key, owners: make(map[string]bool)}
			for _, r := range flat.Records {
				found.networks = append(found.networks, prefixes(r.Record)...)
			}
			for _, owner := range sender.Owners(g.config.Domain) {
				found.owners[owner.String()] = true
			}
			g.sources = append(g.sources, found)
		}
	}
}

// includes reports whether a record has one of the includes of others.
func (*gatherer) includes(r, of spf.Record) bool {
	return slices.ContainsFunc(of.Directives, func(t spf.Directive) bool { return t.Mechanism == spf.MechInclude && slices.Contains(r.Directives, t) })
}

func prefixes(r spf.Record) []netip.Prefix {
	var list []netip.Prefix
	for _, t := range r.Directives {
		if t.Prefix.IsValid() {
			list = append(list, t.Prefix)
		}
	}
	return list
}

func checkSPFFlattenedStale(l *look) {
	nodes := l.flatNodes()
	if len(nodes) == 0 {
		return
	}
	if l.sourceErr != nil {
		l.skip(sentence(l.sourceErr))
	}
	var live []netip.Prefix
	for _, n := range nodes {
		live = append(live, prefixes(*n.Record)...)
	}
	for _, source := range l.sources {
		var gone, fresh []string
		for _, p := range source.networks {
			if !slices.Contains(live, p) {
				fresh = append(fresh, p.String())
			}
		}
		// Nothing tells of an address in a shared record whose it was.
		for _, n := range nodes {
			for _, p := range prefixes(*n.Record) {
				if source.owners[n.Target] && !slices.Contains(source.networks, p) {
					gone = append(gone, p.String())
				}
			}
		}
		if len(fresh) > 0 {
			l.find(l.config.Domain.String(), "The flattened records lack addresses that "+show(source.name)+" sends from now: "+showAll(fresh)+".", "Apply the configuration again, which reads the source.")
		}
		if len(gone) > 0 {
			l.find(l.config.Domain.String(), "The flattened records have addresses that "+show(source.name)+" no longer sends from: "+showAll(gone)+".", "Apply the configuration again, which reads the source.")
		}
	}
}
