package tree

import (
	"slices"
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
	shared := f.unaccounted(r, own, includes)
	restored := spf.Record{Modifiers: r.Modifiers}
	for _, t := range r.Directives {
		label := own(t.Domain)
		of := sources[label]
		if label == sharedLabel {
			of = shared
		}
		if t.Mechanism != spf.MechInclude || t.Qualifier != spf.Pass || len(of) == 0 {
			of = []spf.Directive{t}
		}
		restored.Directives = append(restored.Directives, of...) // a merge drops what comes twice
	}
	return restored
}

// unaccounted returns the includes that neither stand in a record themselves nor have records of their own in it: they
// may be in its shared records.
func (f Flattening) unaccounted(r spf.Record, own func(domain string) string, includes []spf.Directive) []spf.Directive {
	names := f.senderNames()
	there := make(map[string]bool) // by domain and by label
	for _, t := range r.Directives {
		if t.Mechanism == spf.MechInclude {
			there[t.Domain], there[own(t.Domain)] = true, true
		}
	}
	return slices.DeleteFunc(slices.Clone(includes), func(t spf.Directive) bool {
		s := names.source(t.Domain)
		return s.never || there[t.Domain] || there[s.label]
	})
}

// IsFlattened reports whether a domain has the name of a record that flattening makes for owner.
func IsFlattened(domain string, owner dnsname.Name) bool {
	label, below := strings.CutSuffix(domain, "."+owner.String())
	label, flattened := strings.CutPrefix(label, flatPrefix)
	return owner.IsValid() && below && flattened && !strings.Contains(label, ".")
}
