package audit

import (
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// MaxMailHosts is how many mail hosts of a domain are looked at.
const MaxMailHosts = 20

// exchanges returns the parts of the domain's MX records.
func (v *view) exchanges() []record.Parts {
	var list []record.Parts
	for _, value := range v.fact(v.config.Domain, record.MX).Values() {
		list = append(list, record.Record{Type: record.MX, Value: value}.Parts())
	}
	return list
}

// mailHosts returns the hosts that mail for the domain goes to, each once, without the null MX (RFC 7505).
func (v *view) mailHosts() []dnsname.Name {
	var hosts []dnsname.Name
	for _, text := range record.MailHosts(v.fact(v.config.Domain, record.MX).Values()) {
		if host := dnsname.FromDNS(text); host.IsValid() && host != dnsname.Root && !slices.Contains(hosts, host) && len(hosts) < MaxMailHosts {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// nullMX reports whether the domain says that it receives no mail.
func (v *view) nullMX() bool {
	return slices.ContainsFunc(v.exchanges(), func(p record.Parts) bool { return p.Target == dnsname.Root })
}
