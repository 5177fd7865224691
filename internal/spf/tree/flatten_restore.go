package tree

import (
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// Restore puts the includes of a source back in the place of the flattened records that a record of owner has for it.
// The includes are those that the record would have if nothing were flattened.
func (f Flattening) Restore(r spf.Record, owner dnsname.Name, includes []spf.Directive) spf.Record {
	if !owner.IsValid() {
		return r
	}
	own, names := f.ownRecords(owner, includes), f.senderNames()
	sources := make(map[string][]spf.Directive) // by their labels
	for _, t := range includes {
		label := names.source(t.Domain).label
		sources[label] = append(sources[label], t)
	}
	restored := spf.Record{Modifiers: r.Modifiers}
	for _, t := range r.Directives {
		of := sources[own(t.Domain)]
		if t.Mechanism != spf.MechInclude || t.Qualifier != spf.Pass || len(of) == 0 {
			of = []spf.Directive{t}
		}
		restored.Directives = append(restored.Directives, of...) // a merge drops what comes twice
	}
	return restored
}

// IsFlattened reports whether a domain has the name of a record that flattening makes for owner.
func IsFlattened(domain string, owner dnsname.Name) bool {
	label, below := strings.CutSuffix(domain, "."+owner.String())
	label, flattened := strings.CutPrefix(label, flatPrefix)
	return owner.IsValid() && below && flattened && !strings.Contains(label, ".")
}
