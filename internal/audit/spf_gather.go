package audit

import (
	"context"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// spfAt is the SPF record of one owner.
type spfAt struct {
	owner   dnsname.Name
	values  []string // the TXT values that are SPF records
	record  spf.Record
	err     error      // why the one record does not parse
	tree    *tree.Tree // of the one record that parses; nil otherwise
	cost    tree.Cost
	costErr error
	nodes   []tree.Node
}

// text returns the record as it is published.
func (s *spfAt) text() string {
	if len(s.values) != 1 {
		return ""
	}
	return s.values[0]
}

// spfOwners returns the names whose SPF record counts: the domain, and the hosts that services bounce to.
func (v *view) spfOwners() []dnsname.Name {
	owners := []dnsname.Name{v.config.Domain}
	add := func(n dnsname.Name) {
		if n.IsValid() && !slices.Contains(owners, n) {
			owners = append(owners, n)
		}
	}
	for _, s := range v.config.Services {
		for _, own := range s.Applied.SPF {
			add(own.Owner)
		}
		for _, r := range s.Applied.Records {
			if s.Info.MailFrom == service.MailFromDomain && r.Type == record.MX && r.Owner != v.config.Domain {
				add(r.Owner)
			}
		}
	}
	for _, key := range v.config.Records.Keys() {
		if r := v.config.Records[key]; r.Type == record.TXT && spf.IsRecord(r.Value) && !isFlattened(r.Owner) {
			add(r.Owner)
		}
	}
	slices.SortFunc(owners[1:], dnsname.Name.Compare)
	return owners
}

// isFlattened reports whether a name is one that flattened records have, which nobody sends from.
func isFlattened(n dnsname.Name) bool { return strings.HasPrefix(n.String(), "_") }

// walkSPF reads the records that the SPF record of an owner includes.
func (g *gatherer) walkSPF(ctx context.Context, owner dnsname.Name) {
	s := &spfAt{owner: owner}
	for _, v := range g.fact(ctx, owner, record.TXT).Values() {
		if spf.IsRecord(v) {
			s.values = append(s.values, v)
		}
	}
	if len(s.values) == 1 {
		s.record, s.err = spf.ParseWire(s.values[0])
		if s.err == nil {
			s.tree, _ = tree.Walk(ctx, asked{g}, s.record, owner) // It fails where the time is over; the checks tell.
		}
	}
	if s.tree != nil && owner == g.config.Domain {
		g.readSources(ctx, s)
	}
	if s.tree != nil {
		s.cost, s.costErr = s.tree.Cost(tree.Flattening{})
		s.nodes = s.tree.Nodes()
		for n := range each(s.nodes) {
			if name, err := dnsname.Parse(n.Target); err == nil && (n.Kind == tree.FindingMissing || n.Kind == tree.FindingVoid) {
				g.want(ctx, registrable(name), record.NS)
			}
		}
		if exp, ok := s.record.Modifier("exp"); ok && !strings.Contains(exp, "%") {
			if name, err := dnsname.Parse(exp); err == nil {
				g.want(ctx, name, record.TXT)
			}
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.spf[owner] = s
}

// registrable returns the domain that somebody could register where it does not exist.
func registrable(name dnsname.Name) dnsname.Name { return dmarc.OrganisationalDomain(name) }

// each yields nodes and all below them, in their order.
func each(nodes []tree.Node) func(yield func(tree.Node) bool) {
	var visit func(nodes []tree.Node, yield func(tree.Node) bool) bool
	visit = func(nodes []tree.Node, yield func(tree.Node) bool) bool {
		for _, n := range nodes {
			if !yield(n) || !visit(n.Nodes, yield) {
				return false
			}
		}
		return true
	}
	return func(yield func(tree.Node) bool) { visit(nodes, yield) }
}

// records returns the SPF records in the order of their owners, the domain's first.
func (v *view) records() []*spfAt {
	var list []*spfAt
	for _, owner := range v.spfOwners() {
		if s := v.spf[owner]; s != nil {
			list = append(list, s)
		}
	}
	return list
}
