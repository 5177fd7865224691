package dmarc

import (
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// examine looks at the record as a whole.
func (b *builder) examine() {
	r := b.built.Record
	if r.PSD == PSDYes && len(r.RUF) > 0 {
		b.problem(problem.Attribute("failure_reports"), "`psd = \"y\"` excludes failure reports, which would hold mail of the domains below a public suffix (RFC 9989 §10.2): remove them, or, if the domain is not a public suffix, `psd`")
	}
	if size := len(r.String()); size > record.MaxTXT {
		b.problem(problem.Attribute("aggregate_reports"), "the record has %d octets, and a TXT record holds at most %d", size, record.MaxTXT)
	}
	if len(r.RUA) == 0 {
		b.warn(problem.Attribute("aggregate_reports"), "dmarc-no-aggregate-reports", "nobody receives aggregate reports, which alone show whose mail fails; name an address")
	}
	for _, list := range []struct {
		attribute string
		uris      []string
	}{{"aggregate_reports", r.RUA}, {"failure_reports", r.RUF}} {
		if len(list.uris) > 2 {
			b.warn(problem.Attribute(list.attribute), "dmarc-many-addresses", "receivers must send reports to the first two addresses, and may leave out the others (RFC 7489 §6.2); there are %d: send them to one that passes them on", len(list.uris))
		}
		for i, uri := range list.uris {
			if scheme, _, _ := strings.Cut(uri, ":"); !strings.EqualFold(scheme, "mailto") {
				b.warn(b.uriPath(list.attribute, i), "dmarc-web-reports", "receivers send reports by mail, and need not send them to %s: name a mail address", record.ShortQuoted(uri))
			}
		}
	}
	if len(r.FO) > 0 && len(r.RUF) == 0 {
		b.warn(problem.Attribute("failure_options"), "", "failure options mean nothing without `failure_reports` (RFC 9989 §4.7): leave them out")
	}
	b.examineTest()
	b.examineSubdomains()
	if r.Policy() == Reject {
		b.warn(problem.Attribute("policy"), "dmarc-mailing-lists", "with reject, mail that users of the domain send to mailing lists is lost if the lists change it, and may cause other members to be removed from the lists (RFC 9989 §7.4); it suits domains whose mail comes from machines alone")
	}
}

// examineTest looks at the test.
func (b *builder) examineTest() {
	r := b.built.Record
	switch {
	case r.Test && !r.lowered():
		b.warn(problem.Attribute("testing"), "", "a test changes nothing where the policy is none (RFC 9989 §4.7): leave `testing` out")
	case r.Test:
		b.warn(problem.Attribute("testing"), "dmarc-testing", "receivers are asked to apply each policy one level lower: %s; those that follow RFC 7489 do not know the tag, and apply %s in full", r.lowerings(), r.P)
	}
}

// examineSubdomains looks at what subdomains are held to.
func (b *builder) examineSubdomains() {
	r, counts := b.built.Record, b.built.Record.Effective()
	for _, of := range []struct {
		attribute string
		named     Policy
		counts    Policy
	}{{"subdomain_policy", r.SP, counts.SP}, {"nonexistent_subdomain_policy", r.NP, counts.NP}} {
		path := problem.Attribute(of.attribute)
		switch {
		case of.named == "":
		case b.config.Domain != b.organisational:
			b.warn(path, "", "receivers use the policy for subdomains only in the record of %s, the organisational domain (RFC 9989 §4.10), and ignore it at %s: leave `%s` out", b.organisational, b.config.Domain, of.attribute)
		case of.counts.weaker(counts.P):
			b.warn(path, "dmarc-weaker-subdomains", "the policy %s is weaker than %s, which the domain itself has: forgers use a subdomain; leave it out, or write %q", of.named, r.P, r.P)
		}
	}
	if r.NP == "" && r.SP != "" && counts.SP.weaker(counts.P) && b.config.Domain == b.organisational {
		b.warn(problem.Attribute("nonexistent_subdomain_policy"), "dmarc-weaker-subdomains", "subdomains that do not exist have the policy %s, like those that do; write %q, since nobody sends from them", r.SP, r.P)
	}
}
