package compose

import (
	"cmp"
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Authorisations name the domains whose reports a host receives.
type Authorisations struct {
	Host    dnsname.Name   // the domain of the addresses that take the reports
	Domains []dnsname.Name // whose reports; an invalid one is unknown, or at fault
	Any     bool           // in place of Domains: those of every domain
	TTL     uint32
}

// Authorise makes the records by which a host receives the DMARC reports of other domains (RFC 9990 §4), with the keys that
// [DMARCPolicy] gives them. It returns Problems, whose paths start at domains.
func Authorise(of Authorisations) (records record.Set, warnings Problems, err error) {
	records = make(record.Set)
	host := of.Host
	if !host.IsValid() {
		host = standIn
	}
	put := func(a dmarc.Authorisation, whose string) {
		records[authorisationKey(a, whose)] = record.Record{
			Domain: a.Zone, Owner: a.Owner, Type: record.TXT, TTL: cmp.Or(of.TTL, DefaultTTL), Value: dmarc.AuthorisationValue,
		}
	}
	var problems Problems
	fail := func(path Path, detail string) {
		problems = append(problems, &Problem{Path: path, Summary: "DMARC authorisation", Detail: detail})
	}
	if of.Any {
		a, err := dmarc.AuthoriseAny(host)
		if err != nil {
			fail(Attribute("report_domain"), Sentence(err.Error()))
			return nil, nil, problems
		}
		put(a, "*")
	}
	seen := make(map[dnsname.Name]bool)
	for i, domain := range of.Domains {
		path := Attribute("domains").At(i)
		if !domain.IsValid() {
			continue
		}
		a, err := dmarc.Authorise(domain, host)
		switch {
		case err != nil && of.Host.IsValid():
			fail(path, fmt.Sprintf("The name of the record, %s._report._dmarc.%s, is longer than DNS allows (RFC 1035 §2.3.4): take the reports at a host with a shorter name.", domain, host))
		case err != nil:
		case seen[domain]:
			fail(path, fmt.Sprintf("%s appears twice: remove one of the two.", domain))
		case dmarc.OrganisationalDomain(domain) == dmarc.OrganisationalDomain(host):
			warnings = append(warnings, &Problem{
				Path: path, Summary: "DMARC authorisation",
				Detail: fmt.Sprintf("%s and %s have the same organisational domain: reports need no authorisation (RFC 9990 §4). Leave the domain out.", domain, host),
			})
			put(a, domain.String())
		default:
			put(a, domain.String())
		}
		seen[domain] = true
	}
	return records, warnings, problems.OrNil()
}
