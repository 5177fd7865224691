package spf

import (
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Restore puts the includes of a source back in the place of the flattened records that a record of owner has for it.
// The includes are those that the record would have if nothing were flattened.
func (f Flattening) Restore(r Record, owner dnsname.Name, includes []Term) Record {
	if !owner.IsValid() {
		return r
	}
	own, names := f.ownRecords(owner, includes), f.senderNames()
	sources := make(map[string][]Term) // by their labels
	for _, t := range includes {
		label := names.source(t.Domain).label
		sources[label] = append(sources[label], t)
	}
	restored := Record{Modifiers: r.Modifiers}
	for _, t := range r.Terms {
		of := sources[own(t.Domain)]
		if t.Mechanism != MechInclude || t.Qualifier != Pass || len(of) == 0 {
			of = []Term{t}
		}
		restored.Terms = append(restored.Terms, of...) // a merge drops what comes twice
	}
	return restored
}

// IsFlattened reports whether a domain has the name of a record that flattening makes for owner.
func IsFlattened(domain string, owner dnsname.Name) bool {
	label, below := strings.CutSuffix(domain, "."+owner.String())
	label, flattened := strings.CutPrefix(label, flatPrefix)
	return owner.IsValid() && below && flattened && !strings.Contains(label, ".")
}
