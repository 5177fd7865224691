package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// SupportMessage is a text to send to the support of a mail sender, so that they can check the set-up on
// their side and finish it: the domains, the SPF records, the DKIM selectors, and where each was seen.
func (r Report) SupportMessage() string {
	if len(r.Findings) == 0 {
		return "No DNS records are needed for this set-up."
	}
	var domains []dnsname.Name
	for _, f := range r.Findings {
		domains = append(domains, DomainOf(f.Owner))
	}
	slices.SortFunc(domains, dnsname.Name.Compare)
	domains = slices.Compact(domains)

	var b strings.Builder
	if r.State() == Valid {
		fmt.Fprintf(&b, "The mail DNS records of %s are published. Please validate them on your side and complete the set-up.\n", joinNames(domains))
	} else {
		fmt.Fprintf(&b, "The mail DNS records of %s are not all as they should be. This is what is expected, and where it was seen.\n", joinNames(domains))
	}
	for _, d := range domains {
		fmt.Fprintf(&b, "\nDomain: %s\n", d)
		if selectors := r.selectors(d); len(selectors) > 0 {
			fmt.Fprintf(&b, "DKIM %s: %s\n", plural(len(selectors), "selector", "selectors"), strings.Join(selectors, ", "))
		}
		r.writeRecords(&b, d)
	}
	return Cut(b.String(), MaxText*3/4) + "\nThese records were compared with what live DNS answers. " + Cut(r.asked(), MaxText/8)
}

// writeRecords lists the records of a domain, where each was seen, and the likeliest cause of what is not met:
// once where that is the same for all.
func (r Report) writeRecords(b *strings.Builder, domain dnsname.Name) {
	var lines, places []string
	for _, key := range r.keys(func(f Finding) bool { return DomainOf(f.Owner) == domain }) {
		var seen []string
		cause := ""
		for _, f := range r.Findings {
			if f.Key == key {
				seen = append(seen, f.seenAt())
				if len(f.Causes) > 0 && !f.Met() {
					cause = ". " + f.Causes[0].What
				}
				lines = append(lines, fmt.Sprintf("- %s %s %s", f.Owner, f.Type, record.Inline(f.Value)))
			}
		}
		lines = lines[:len(places)+1] // Another finding about the record repeats it.
		places = append(places, strings.Join(seen, " and ")+cause)
	}
	same := len(slices.Compact(slices.Clone(places))) == 1
	for i, line := range lines {
		fmt.Fprintln(b, line)
		if !same {
			fmt.Fprintf(b, "  %s\n", places[i])
		}
	}
	if same {
		fmt.Fprintf(b, "%s\n", strings.ToUpper(places[0][:1])+places[0][1:])
	}
}

func joinNames(names []dnsname.Name) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = n.String()
	}
	return strings.Join(texts, ", ")
}

// selectors returns the DKIM selectors of a domain that are expected, sorted.
func (r Report) selectors(domain dnsname.Name) []string {
	var selectors []string
	for _, f := range r.Findings {
		if !IsDKIMOwner(f.Owner) || DomainOf(f.Owner) != domain {
			continue
		}
		selector, _, _ := strings.Cut(f.Owner.String(), "._domainkey.")
		selectors = append(selectors, selector)
	}
	slices.Sort(selectors)
	return slices.Compact(selectors)
}

// seenAt says at which servers the record was seen as it should be.
func (f Finding) seenAt() string {
	var servers []answer.Server
	for _, s := range f.Seen {
		if s.Verdict == Matches {
			servers = append(servers, s.Server)
		}
	}
	if len(servers) == 0 {
		return "not seen"
	}
	return "seen at " + f.where(servers, nil)
}
