package audit

import (
	"errors"
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// A family is a kind of policy record that stands alone at its owner.
type family struct {
	name    string // with its article
	where   string // the labels before the domain
	records func(v *view) []string
	is      func(string) bool
	parse   func(string) error
	wrong   []string // labels of names that it is found at by mistake; the domain itself is one
}

var (
	stsFamily = family{
		name: "an MTA-STS record", where: mtasts.Label, records: (*view).mtastsRecords, is: mtasts.IsRecord,
		parse: func(s string) error { _, err := mtasts.Parse(s); return err }, wrong: []string{mtasts.Label + "." + mtasts.Label},
	}
	tlsrptFamily = family{
		name: "a TLS reporting record", where: tlsrpt.Label, records: (*view).tlsrptRecords, is: tlsrpt.IsRecord,
		parse: func(s string) error { _, err := tlsrpt.Parse(s); return err }, wrong: []string{"_tls"},
	}
	bimiFamily = family{
		name: "a BIMI record", where: bimi.DefaultSelector + "." + bimi.Label, records: (*view).bimiRecords, is: bimi.IsRecord,
		parse: func(s string) error { _, err := bimi.Parse(s); return err }, wrong: []string{bimi.Label},
	}
)

func (f family) known(check func(l *look, records []string)) func(*look) {
	return func(l *look) {
		if l.needs(l.fact(l.below(f.where), record.TXT)) {
			check(l, f.records(l.view))
		}
	}
}

// missing finds that there is no record, nor one at a wrong place.
func (f family) missing(what, remedy string) func(*look) {
	return f.known(func(l *look, records []string) {
		if len(records) == 0 && len(f.misplaced(l.view)) == 0 && len(l.mailHosts()) > 0 {
			l.find(l.below(f.where).String(), what, remedy)
		}
	})
}

func (f family) multiple() func(*look) {
	return f.known(func(l *look, records []string) {
		if len(records) > 1 {
			l.find(l.below(f.where).String(), fmt.Sprintf("There are %d records, so readers use none of them.", len(records)), "Keep one.")
		}
	})
}

// wrongPlaces returns the names at which a record of the policy may be published by mistake.
func (f family) wrongPlaces(v *view) []dnsname.Name {
	names := []dnsname.Name{v.config.Domain}
	for _, labels := range f.wrong {
		names = append(names, v.below(labels))
	}
	return names
}

// misplaced returns the names at which a record of the policy is published by mistake.
func (f family) misplaced(v *view) []dnsname.Name {
	names := f.wrongPlaces(v)
	return slices.DeleteFunc(names, func(n dnsname.Name) bool {
		return v.fromWildcard(n) || !slices.ContainsFunc(v.fact(n, record.TXT).Values(), f.is)
	})
}

func (f family) wrongPlace() func(*look) {
	return func(l *look) {
		for _, name := range f.wrongPlaces(l.view) {
			l.texts(name) // They are to be known.
		}
		for _, name := range f.misplaced(l.view) {
			l.find(name.String(), fmt.Sprintf("There is %s at a name where nobody looks for it.", f.name), fmt.Sprintf("Move it to `%s`.", f.where))
		}
	}
}

// syntax returns a check for the syntax of the one record: with ofURIs for that of addresses, and else for the rest.
func (f family) syntax(ofURIs bool, remedy string) func(*look) {
	return f.known(func(l *look, records []string) {
		if len(records) != 1 {
			return
		}
		if err := f.parse(records[0]); err != nil && isOfURIs(err) == ofURIs {
			l.find(l.below(f.where).String(), sentence(err), remedy)
		}
	})
}

// isOfURIs reports whether an error is about the addresses of a TLS reporting record.
func isOfURIs(err error) bool {
	broken, ok := errors.AsType[*taglist.SyntaxError](err)
	return ok && broken.Tag == "rua"
}

func checkMTASTSHost(l *look, records []string) {
	host := l.below(mtasts.Host)
	a, aaaa := l.fact(host, record.A), l.fact(host, record.AAAA)
	if len(records) > 0 && l.needs(a, aaaa) && a.Absent() && aaaa.Absent() {
		l.find(host.String(), "The host of the policy has no address, so no sender can fetch the policy.", "Publish the policy there, at "+record.InlineShown(mtasts.URL(l.config.Domain))+".")
	}
}

func checkTLSRPTUndeliverable(l *look) {
	for _, host := range reportHosts(mailedTo(l.tlsrptURIs())) {
		if why := l.undeliverable(host); why != "" {
			l.find(host.String(), "The host that reports on TLS go to "+why+".", "Name an address that receives mail.")
		}
	}
}

func checkBIMIDMARC(l *look, records []string) {
	if len(records) != 1 {
		return
	}
	r, err := bimi.Parse(records[0])
	if err != nil || r.Location == "" {
		return
	}
	p := l.policy
	why := bimi.WhyNotShown(string(p.Policy), string(p.Record.SubdomainPolicy()))
	if p.Record.Test && why == "" {
		why = "receivers show no logo while the DMARC policy is being tested (t=y)"
	}
	if why != "" {
		l.find(l.below(bimiFamily.where).String(), sentence(errors.New(why)), "Raise the DMARC policy, for subdomains too.")
	}
}
