package dmarc

import (
	"fmt"
	"slices"

	"golang.org/x/net/publicsuffix"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
)

// AuthorisationValue is the value of a record that authorises reports. Receivers that go by RFC 7489 §6.4 want the semicolon.
const AuthorisationValue = "v=" + Version + ";"

// Authorisation is the record that whoever takes reports for another domain publishes, so that receivers send them there
// (RFC 9990 §4).
type Authorisation struct {
	Owner dnsname.Name // <domain>._report._dmarc.<host>
	Host  dnsname.Name // the host that the reports go to
	Zone  dnsname.Name // the organisational domain of that host, whose owner publishes the record
}

// Authorise returns the authorisation of a domain's reports to a host. It returns a *dnsname.ParseError where its name is
// longer than DNS allows.
func Authorise(domain, host dnsname.Name) (Authorisation, error) {
	owner, err := dnsname.ParseIn(domain.String()+"._report._dmarc", host)
	if err != nil {
		return Authorisation{}, err
	}
	return Authorisation{Owner: owner, Host: host, Zone: OrganisationalDomain(host)}, nil
}

// AuthoriseAny returns the authorisation of every domain's reports to a host: a wildcard counts (RFC 9990 §4).
func AuthoriseAny(host dnsname.Name) (Authorisation, error) {
	owner, err := dnsname.ParseIn("*._report._dmarc", host)
	if err != nil {
		return Authorisation{}, err
	}
	return Authorisation{Owner: owner, Host: host, Zone: OrganisationalDomain(host)}, nil
}

// Authorises reports whether a name is one at which receivers look for an authorisation: <domain>._report._dmarc.<host>.
func Authorises(owner dnsname.Name) bool {
	labels := owner.Labels()
	at := slices.Index(labels, "_report")
	return at > 0 && at+1 < len(labels) && labels[at+1] == "_dmarc"
}

// OrganisationalDomain returns the organisational domain of a name as the public suffix list has it, which receivers that
// go by RFC 7489 use. Those that go by RFC 9989 §4.10 ask DNS, and come to the same where no record says psd=n or psd=y. A
// public suffix is its own.
func OrganisationalDomain(name dnsname.Name) dnsname.Name {
	text, err := publicsuffix.EffectiveTLDPlusOne(name.String())
	if err != nil {
		return name
	}
	organisational, err := dnsname.Parse(text)
	if err != nil {
		return name
	}
	return organisational
}

// authorise finds the destinations of reports that lie outside the domain's organisational domain, each once.
func (b *builder) authorise(attribute string, uris []string) {
	for i, uri := range uris {
		host := reporturi.Host(uri)
		if OrganisationalDomain(host) == b.organisational || host.IsIn(b.config.Domain) && b.built.Record.PSD != PSDYes {
			continue
		}
		path := b.uriPath(attribute, i)
		a, err := Authorise(b.config.Domain, host)
		if err != nil {
			b.problem(path, "%s lies outside %s, so it has to authorise the reports, and the name of the record for that, %s._report._dmarc.%s, is longer than DNS allows (RFC 1035 §2.3.4): send them to a host with a shorter name",
				host, b.organisational, b.config.Domain, host)
			continue
		}
		if slices.Contains(b.built.Authorisations, a) {
			continue
		}
		b.built.Authorisations = append(b.built.Authorisations, a)
		b.warn(path, "dmarc-external-reports", "Receivers send reports to %s only if it authorises them, since it lies outside %s (RFC 9990 §4). "+
			"The operator of %s publishes the TXT record %s with the value %s, unless it already does, or one for all domains at %s",
			host, b.organisational, a.Zone, a.Owner, quoted(AuthorisationValue), fmt.Sprintf("*._report._dmarc.%s", host))
	}
}
