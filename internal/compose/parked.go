package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
)

// The values of a parked domain: no host receives or sends its mail, and no key signs it.
const (
	noSenders = "v=spf1 -all"
	noKeys    = "v=DKIM1; p=" // An empty key is a revoked one (RFC 6376 §3.6.1).
)

// checkParked returns the problems with attributes that `parked` excludes.
func (c Config) checkParked() (problems Problems) {
	fail := func(path Path, summary, detail string) {
		problems = append(problems, &Problem{Path: path, Summary: summary, Detail: detail})
	}
	if !c.Parked {
		if len(c.Hosts) > 0 && !c.Unknown.Attribute("parked").Any() {
			fail(Attribute("hosts"), "Hosts of a domain that is not parked", "They are the names below a parked domain that exist. Set `parked = true`, or leave `hosts` out.")
		}
		return problems
	}
	parts := []option{{name: "services", set: len(c.Services) > 0}, {name: "keys", set: len(c.Keys) > 0}}
	parts = append(parts, c.spfOptions()...)
	parts = append(parts, option{name: "mx", set: c.MX != nil}, option{name: "mta_sts", set: c.MTASTS != nil}, option{name: "tls_rpt", set: c.TLSRPT != nil}, option{name: "bimi", set: c.BIMI != nil})
	for _, part := range parts {
		if part.set {
			fail(Attribute(part.name), "Mail of a parked domain", fmt.Sprintf("A parked domain sends and receives no mail, and has no `%s`. Leave out one of the two: the attribute, or `parked`.", part.name))
		}
	}
	if d := c.DMARC; d != nil {
		for _, part := range []struct{ name, policy string }{{"policy", d.Policy}, {"subdomain_policy", d.SubdomainPolicy}, {"nonexistent_subdomain_policy", d.NonexistentPolicy}} {
			if part.policy != "" && part.policy != string(dmarc.Reject) {
				fail(Attribute("dmarc").Attribute(part.name), "Mail of a parked domain", "The policy of a parked domain is reject, since nobody sends with it. Leave the attribute out, or `parked`.")
			}
		}
	}
	return problems
}

// parkedPolicy returns the DMARC policy of a parked domain: reject throughout, with the reports that the owner asks for.
func (c Config) parkedPolicy() *dmarc.Config {
	var d dmarc.Config
	if c.DMARC != nil {
		d = *c.DMARC
	}
	d.Policy = string(dmarc.Reject)
	if dmarc.OrganisationalDomain(c.Domain) == c.Domain { // Receivers ignore the others elsewhere (RFC 9989 §4.10).
		d.SubdomainPolicy, d.NonexistentPolicy = d.Policy, d.Policy
	}
	return &d
}

// Parked makes the records of a domain that is parked, with the reports and the hosts of the configuration. It returns Problems:
// those about reports lead to reports.
func Parked(c Config) (DMARCResult, error) {
	c.Parked = true
	if !c.Domain.IsValid() {
		return DMARCResult{}, reported(c.checkPolicies()).OrNil()
	}
	all, err := Records(c)
	if err != nil {
		return DMARCResult{}, reported(problemsOf(err)).OrNil()
	}
	c.DMARC = c.parkedPolicy()
	result, err := DMARCPolicy(c)
	result.Result, result.Warnings = all, reported(all.Warnings)
	return result, err
}

// reported moves problems with the reports of the policy to the attribute `reports`, and those with other parts of it to
// the top.
func reported(problems Problems) Problems {
	moved := make(Problems, len(problems))
	for i, p := range problems {
		one := *p
		if len(p.Path) > 1 && p.Path[0].Name == "dmarc" && p.Path[1].Name == "aggregate_reports" {
			one.Path = slices.Concat(Attribute("reports"), p.Path[2:])
		} else if len(p.Path) > 1 && p.Path[0].Name == "dmarc" {
			one.Path = p.Path[1:]
		}
		moved[i] = &one
	}
	return moved
}

// unreachable finds the reports of a policy that go to its own domain, which receives no mail.
func unreachable(d dmarc.Config) (problems Problems) {
	for _, list := range []struct {
		name      string
		addresses []string
	}{{"aggregate_reports", d.AggregateReports}, {"failure_reports", d.FailureReports}} {
		for i, text := range list.addresses {
			uri, reason := reporturi.Write(text, reporturi.DMARC)
			if reason != "" || !strings.HasPrefix(strings.ToLower(uri), "mailto:") || reporturi.Host(uri) != d.Domain {
				continue
			}
			problems = append(problems, &Problem{
				Path: Attribute(list.name).At(i), Summary: "Reports to a parked domain",
				Detail: fmt.Sprintf("%s receives no mail once it is parked. Name an address at another domain, which authorises the reports (RFC 9990 §4).", d.Domain),
			})
		}
	}
	return problems
}

// park adds the records of a domain that sends and receives no mail, as every name below it.
func (b *builder) park() {
	b.config.DMARC = b.config.parkedPolicy()
	// Without senders, these warnings are moot.
	b.config.Acknowledge = append(slices.Clone(b.config.Acknowledge), "dmarc-mailing-lists", "dmarc-no-aggregate-reports", warnNoDKIM)
	p := &policy{at: Attribute("parked"), source: "mx"}
	by := p.ofOwner()
	b.addOwn(p, by, "", b.config.Domain, record.MX, nullMX)
	p.source = "spf"
	b.addOwn(p, by, "", b.config.Domain, record.TXT, noSenders)
	b.addParkedHost(p, by, "*")
	for i, host := range b.config.Hosts {
		at := Attribute("hosts").At(i)
		if b.config.Unknown.Attribute("hosts").At(i).Any() {
			continue // Its key is made of its name.
		}
		if reason := b.whyNoHost(host); reason != "" {
			b.problems = append(b.problems, &Problem{Path: at, Summary: "Invalid host of a parked domain", Detail: reason})
			continue
		}
		b.addParkedHost(&policy{at: at, source: "spf"}, by, host)
	}
	p.source = "keys"
	if owner, ok := b.below(p, "*._domainkey"); ok {
		b.addOwn(p, by, "*", owner, record.TXT, noKeys)
	}
}

// whyNoHost returns the reason why a text is not a host of a parked domain, empty for a host.
func (b *builder) whyNoHost(host string) string {
	domain := b.config.Domain
	name, err := dnsname.ParseIn(host, domain)
	if err != nil {
		return Sentence(err.Error())
	}
	if strings.HasSuffix(host, ".") || name == domain || !name.IsIn(domain) || strings.HasSuffix(name.String(), "."+domain.String()+"."+domain.String()) {
		return fmt.Sprintf("%s is not a name below the domain; write the part before %q, such as \"www\".", record.ShortQuoted(host), "."+domain.String())
	}
	if _, taken := b.records[record.Key(domain, "spf", relative(name, domain))]; taken {
		return fmt.Sprintf("%s appears twice, or is the wildcard that every parked domain has: remove it.", record.ShortQuoted(host))
	}
	return ""
}

// addParkedHost adds the SPF record of a name below the domain that sends no mail.
func (b *builder) addParkedHost(p *policy, by *applied, host string) {
	if owner, ok := b.below(p, host); ok {
		b.addOwn(p, by, relative(owner, b.config.Domain), owner, record.TXT, noSenders)
	}
}

func relative(name, domain dnsname.Name) string {
	in, _ := name.In(domain)
	return cmp.Or(in, name.String())
}
