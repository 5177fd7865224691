package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Warning is a warning about records although they count as valid.
type Warning struct {
	Summary string // a noun phrase that names the domain, as equal ones are shown once
	Detail  string
}

// Warnings returns the warnings about records that are met: servers that were passed over, servers without a
// usable answer where the others were enough, name servers behind an alias, and zones that validating resolvers refuse.
func (r Report) Warnings() []Warning {
	var warnings []Warning
	warnings = append(warnings, r.perDomain("Servers of %s passed over", Finding.silence)...)
	warnings = append(warnings, r.perDomain("Servers of %s without a usable answer", Finding.refusals)...)
	warnings = append(warnings, r.perDomain("Aliased name servers of %s", Finding.aliased)...)
	return append(warnings, r.BogusWarnings()...)
}

// perDomain makes one warning for each domain of whose records something is to be said.
func (r Report) perDomain(summary string, say func(Finding) string) []Warning {
	texts := make(map[dnsname.Name][]string)
	known := make(map[Warning]bool) // by domain and text
	var domains []dnsname.Name
	for _, f := range r.Findings {
		text := say(f)
		if text == "" {
			continue
		}
		domain := DomainOf(f.Owner)
		if texts[domain] == nil {
			domains = append(domains, domain)
		}
		if w := (Warning{domain.String(), text}); !known[w] {
			texts[domain], known[w] = append(texts[domain], text), true
		}
	}
	slices.SortFunc(domains, dnsname.Name.Compare)
	var warnings []Warning
	for _, domain := range domains {
		warnings = append(warnings, Warning{Summary: fmt.Sprintf(summary, shown(domain)), Detail: joinFew(texts[domain], maxWarned, "\n\n")})
	}
	return warnings
}

// silence says which servers were passed over; it is empty where none was.
func (f Finding) silence() string {
	if len(f.PassedOver) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s did not answer for %d s and %s passed over, since every other server matches. "+
		"Mail servers that ask there see nothing: repair or remove the server, or set require = \"strict\" to wait for it.",
		record.Display(f.Key), serverList(f.PassedOver), int(Patience.Seconds()), plural(len(f.PassedOver), "was", "were"))
}

// refusals says which servers gave an answer that says nothing of the record, where `require` lets the others decide; it
// is empty where none did.
func (f Finding) refusals() string {
	if f.Required == requireAll || f.Required == requireStrict || !f.Met() {
		return ""
	}
	var servers []answer.Server
	var failures []string
	for _, s := range f.Seen {
		if s.Verdict == Unknown && !s.Outcome.Silent() {
			servers, failures = append(servers, s.Server), append(failures, withExtended(s.Answer, s.Why()))
		}
	}
	if len(servers) == 0 {
		return ""
	}
	slices.Sort(failures)
	failures = slices.Compact(failures)
	failures = failures[:min(maxShown, len(failures))]
	return fmt.Sprintf("%s: %s gave no usable answer (%s), and require = %q lets the other servers decide. "+
		"Mail servers that ask there see nothing: repair or remove the server, or set require = \"all\" to wait for it.",
		record.Display(f.Key), serverList(servers), strings.Join(failures, "; "), f.Required)
}

// aliased says which name servers some resolvers cannot ask; it is empty where none is.
func (f Finding) aliased() string {
	if len(f.set.AliasedServers) == 0 {
		return ""
	}
	names := slices.SortedFunc(slices.Values(f.set.AliasedServers), dnsname.Name.Compare)
	return aliasedServers(slices.Compact(names)) + " " + aliasRemedy
}

// BogusWarnings returns a warning for each zone that validating resolvers refuse.
func (r Report) BogusWarnings() []Warning {
	var warnings []Warning
	for _, v := range r.Bogus {
		warnings = append(warnings, Warning{Summary: "Bogus DNSSEC signatures of " + shown(v.Zone), Detail: refused(v)})
	}
	return warnings
}

// refused says that resolvers refuse the zone, with the remedy.
func refused(v answer.Validation) string {
	return fmt.Sprintf("The name servers of %s serve the records, and validating resolvers refuse the zone, since its DNSSEC signatures are invalid%s. %s",
		shown(v.Zone), inBrackets(v.Detail), signAnew)
}
