package audit

import (
	"context"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// Step is how the DMARC record of a domain was found (RFC 9989 §4.10).
type Step string

// The steps.
const (
	NoRecord     Step = "none"                  // there is no record, or none that receivers use
	AuthorDomain Step = "domain"                // at the domain itself
	Organisation Step = "organisational_domain" // at the organisational domain above it
	PublicSuffix Step = "public_suffix"         // at the public suffix above that
)

// Policy is the DMARC record that applies to a domain.
type Policy struct {
	Step   Step
	Domain dnsname.Name // whose record it is; the zero Name where there is none
	Tag    string       // the tag of the record that counts for the domain: p, sp or np
	Policy dmarc.Policy // in force for the domain
	Value  string       // the record, as it is published
	Record dmarc.Record
	// Organisational is the organisational domain (RFC 9989 §4.10.2); the domain itself where no record says which it is.
	Organisational dnsname.Name
}

// maxWalk is how many names a walk asks at most (RFC 9989 §4.10).
const maxWalk = 8

// walk returns the names at which the record of a domain is looked for, the domain first (RFC 9989 §4.10).
func walk(domain dnsname.Name) []dnsname.Name {
	names := []dnsname.Name{domain}
	name := domain.Parent()
	for len(name.Labels()) >= maxWalk {
		name = name.Parent()
	}
	for ; len(name.Labels()) > 0; name = name.Parent() {
		names = append(names, name)
	}
	return names
}

// dmarcAt returns the DMARC records at a name. Several are none (RFC 9989 §4.10).
func (v *view) dmarcAt(name dnsname.Name) []string {
	return slices.DeleteFunc(slices.Clone(v.fact(below("_dmarc", name), record.TXT).Values()), func(s string) bool { return !dmarc.IsRecord(s) })
}

// discover walks up from a domain to the record that applies to it.
func (v *view) discover(domain dnsname.Name) Policy {
	records := make(map[dnsname.Name]dmarc.Record)
	texts := make(map[dnsname.Name]string)
	names := walk(domain)
	for _, name := range names {
		if values := v.dmarcAt(name); len(values) == 1 {
			if r, err := dmarc.Parse(values[0]); err == nil {
				records[name], texts[name] = r, values[0]
			}
		}
	}
	p := Policy{Step: NoRecord, Organisational: organisational(names, records)}
	take := func(step Step, name dnsname.Name) {
		p.Step, p.Domain, p.Record, p.Value = step, name, records[name], texts[name]
	}
	suffix := p.Organisational.Parent()
	switch {
	case texts[domain] != "":
		take(AuthorDomain, domain)
	case texts[p.Organisational] != "":
		take(Organisation, p.Organisational)
	case texts[suffix] != "" && records[suffix].PSD == dmarc.PSDYes:
		take(PublicSuffix, suffix)
	}
	if p.Step != NoRecord && !p.Record.Applies() {
		return Policy{Step: NoRecord, Organisational: p.Organisational}
	}
	switch {
	case p.Step == NoRecord:
	case p.Step == AuthorDomain:
		p.Tag, p.Policy = "p", p.Record.Policy()
	case v.fact(domain, record.TXT).Missing() && p.Record.NP != "":
		p.Tag, p.Policy = "np", p.Record.NonexistentPolicy()
	case p.Record.SP != "":
		p.Tag, p.Policy = "sp", p.Record.SubdomainPolicy()
	default:
		p.Tag, p.Policy = "p", p.Record.SubdomainPolicy()
	}
	return p
}

// organisational returns the organisational domain among the names of a walk (RFC 9989 §4.10.2).
func organisational(names []dnsname.Name, records map[dnsname.Name]dmarc.Record) dnsname.Name {
	last := names[0]
	for i, name := range names {
		r, ok := records[name]
		switch {
		case !ok:
			continue
		case r.PSD == dmarc.PSDNo:
			return name
		case r.PSD == dmarc.PSDYes && i > 0:
			return names[i-1]
		}
		last = name
	}
	return last
}

// sameOrganisation reports whether reports to a host need no authorisation (RFC 9990 §4).
func (v *view) sameOrganisation(host dnsname.Name) bool {
	domain := v.policy.Domain
	return dmarc.OrganisationalDomain(host) == dmarc.OrganisationalDomain(domain) || host.IsIn(domain)
}

// MaxReportHosts is how many hosts that reports go to are looked at, for each kind of report.
const MaxReportHosts = 20

// reportHosts returns the hosts that URIs lead to, each once.
func reportHosts(uris []string) []dnsname.Name {
	var hosts []dnsname.Name
	for _, uri := range uris {
		if host := reporturi.Host(uri); host.IsValid() && !slices.Contains(hosts, host) && len(hosts) < MaxReportHosts {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// mailedTo returns those of the URIs that reports are mailed to.
func mailedTo(uris []string) []string {
	return slices.DeleteFunc(slices.Clone(uris), func(uri string) bool {
		return len(uri) < len("mailto:") || !strings.EqualFold(uri[:len("mailto:")], "mailto:")
	})
}

// wantReports asks whether those who get reports take them.
func (g *gatherer) wantReports(ctx context.Context) {
	for _, host := range reportHosts(slices.Concat(mailedTo(g.policy.Record.RUA), mailedTo(g.policy.Record.RUF), mailedTo(g.tlsrptURIs()))) {
		g.want(ctx, host, record.MX, record.A, record.AAAA)
	}
	for _, host := range reportHosts(slices.Concat(g.policy.Record.RUA, g.policy.Record.RUF)) {
		if a, err := dmarc.Authorise(g.policy.Domain, host); err == nil && !g.sameOrganisation(host) {
			g.want(ctx, a.Owner, record.TXT)
		}
	}
}

// tlsrptURIs returns where reports on TLS go.
func (v *view) tlsrptURIs() []string {
	for _, value := range v.fact(v.below(tlsrpt.Label), record.TXT).Values() {
		if r, err := tlsrpt.Parse(value); err == nil {
			return r.RUA
		}
	}
	return nil
}

// recordsAt returns the TXT values of a name that are records of a format, or were meant to be.
func (v *view) recordsAt(owner dnsname.Name, format string, is func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(v.fact(owner, record.TXT).Values()), func(s string) bool { return !is(s) && record.FormatOf(s) != format })
}

func (v *view) mtastsRecords() []string {
	return v.recordsAt(v.below(mtasts.Label), "an MTA-STS record", mtasts.IsRecord)
}

func (v *view) tlsrptRecords() []string {
	return v.recordsAt(v.below(tlsrpt.Label), "a TLS reporting record", tlsrpt.IsRecord)
}

func (v *view) bimiRecords() []string {
	return v.recordsAt(v.below(bimi.DefaultSelector+"."+bimi.Label), "a BIMI record", bimi.IsRecord)
}
