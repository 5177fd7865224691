package audit

import (
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsa"
)

// tlsaOf returns the fact about the TLSA records of a mail host.
func (v *view) tlsaOf(host dnsname.Name) Fact {
	owner, ok := tlsa.Owner(host)
	if !ok {
		return Fact{Name: host, Type: record.TLSA}
	}
	return v.fact(owner, record.TLSA)
}

// eachTLSA runs a check for each mail host with TLSA records.
func eachTLSA(f func(l *look, host dnsname.Name, owner string, values []string)) func(*look) {
	return func(l *look) {
		for _, host := range l.mailHosts() {
			if fact := l.tlsaOf(host); l.needs(fact) && len(fact.Values()) > 0 {
				f(l, host, fact.Name.String(), fact.Values())
			}
		}
	}
}

func checkTLSAInsecure(l *look, host dnsname.Name, owner string, _ []string) {
	const remedy = "Sign the domain, and the zone of the mail host."
	of, known := l.hostZones[host]
	switch {
	case l.surveyErr == nil && l.survey.Security == answer.Insecure:
		l.find(owner, "The domain is not signed (DNSSEC), so senders ignore the TLSA records of its mail hosts.", remedy)
	case known && of.Security == answer.Insecure:
		l.find(owner, "The zone of the mail host is not signed (DNSSEC), so senders ignore its TLSA records.", remedy)
	case l.survey.Security == answer.Unchecked || !known || of.Security == answer.Unchecked:
		l.skip("No resolver that validates could be asked whether the domain and its mail hosts are signed.")
	}
}

func checkTLSABogus(l *look) {
	for _, host := range l.mailHosts() {
		f := l.tlsaOf(host)
		for _, a := range f.Set.List {
			if a.Outcome == answer.ServFail || a.Bogus {
				l.find(f.Name.String(), "A server fails when it is asked for TLSA records: senders that use DANE defer the mail.", "Tell the operator of the name servers.")
				break
			}
		}
	}
}

func checkTLSAUnusable(l *look, _ dnsname.Name, owner string, values []string) {
	for _, value := range values {
		if _, err := tlsa.Parse(value); err != nil {
			l.find(owner, sentence(err), "Publish records of the form `3 1 1`.")
		}
	}
}

func checkTLSAPartial(l *look) {
	var with, without []dnsname.Name
	for _, host := range l.mailHosts() {
		f := l.tlsaOf(host)
		if !l.needs(f) {
			return
		}
		if len(f.Values()) > 0 {
			with = append(with, host)
		} else {
			without = append(without, host)
		}
	}
	if len(with) > 0 && len(without) > 0 {
		l.find(l.config.Domain.String(), fmt.Sprintf("%s %s no TLSA record, and other mail hosts do: an attacker on the way can divert senders there.", shown(without...), plural(len(without), "has", "have")), "Publish TLSA records for every mail host.")
	}
}

func checkTLSANoRollover(l *look, _ dnsname.Name, owner string, values []string) {
	if len(values) == 1 {
		l.find(owner, "There is only one TLSA record: when the key changes, mail is deferred until caches have forgotten it.", "Publish the record of the next key before it is used.")
	}
}
