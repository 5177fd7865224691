package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

func checkServiceRecordMissing(l *look) {
	for _, key := range l.config.Records.Keys() {
		l.notLive(key, l.config.Records[key])
	}
	for _, s := range l.config.Services {
		for _, r := range s.Applied.Records {
			if !r.Unknown.Any() && r.Kind != service.DKIMKind && !slices.ContainsFunc(l.config.Records.Keys(), func(k string) bool { return l.config.Records[k].Owner == r.Owner && l.config.Records[k].Type == r.Type }) {
				l.notLive(s.Key, r.Record)
			}
		}
		for _, own := range s.Applied.SPF {
			l.notIncluded(s.Key, own)
		}
	}
}

// notLive finds the records of the configuration that DNS does not serve.
func (l *look) notLive(key string, r record.Record) {
	f := l.fact(r.Owner, r.Type)
	if !l.needs(f) || slices.ContainsFunc(f.Values(), func(v string) bool { return same(r, v) }) {
		return
	}
	seen := "nothing is there"
	if values := f.Values(); len(values) > 0 {
		texts := make([]string, 0, len(values))
		for _, v := range values[:min(len(values), maxShown)] {
			texts = append(texts, brief(v))
		}
		seen = "there is " + strings.Join(texts, ", ")
	}
	l.find(r.Owner.String(), fmt.Sprintf("The %s record %s of the configuration (%s) is not live: %s.", r.Type, brief(r.Value), show(key), seen), "Publish it; `maildomain_validation` waits for it.")
}

// notIncluded finds that the SPF record of an owner lacks terms of a service. Where flattened records are included, they
// may stand there.
func (l *look) notIncluded(key string, own service.SPF) {
	s := l.spf[own.Owner]
	if s == nil || s.tree == nil || own.Unknown.Any() || strings.Contains(s.text(), flatLabel) {
		return
	}
	have := make(map[string]bool)
	for _, t := range s.record.Directives {
		have[t.String()] = true
	}
	for n := range each(s.nodes) {
		have[n.Term] = true
	}
	for _, t := range own.Terms.Directives {
		if t.Mechanism == spf.MechInclude && !have[t.String()] {
			l.find(own.Owner.String(), fmt.Sprintf("The SPF record lacks %s of the service %s: its mail fails SPF.", show(t.String()), show(key)), "Publish the record that `maildomain_spf` or `records` makes.")
		}
	}
}

// same reports whether a live value is that of a record: keys, policies and SPF records are held against each other by
// what they say.
func same(r record.Record, live string) bool {
	if canonical, err := record.Canonical(r.Type, live); err == nil && canonical == r.Value {
		return true
	}
	if r.Type != record.TXT {
		return false
	}
	wanted, err := dkim.Parse(r.Value)
	if got, liveErr := dkim.Parse(live); err == nil && liveErr == nil {
		return wanted.Equivalent(got)
	}
	want, err := spf.ParseWire(r.Value)
	if got, liveErr := spf.ParseWire(live); err == nil && liveErr == nil {
		return want.String() == got.String()
	}
	return r.Value == live
}

func checkSenderUnconfigured(l *look) {
	if len(l.config.Services) == 0 {
		return
	}
	for _, f := range l.found {
		if !f.configured && len(f.evidence) > 0 && !l.explained(f) {
			l.find(f.info.Name, fmt.Sprintf("Live records show a service that is not configured: %s.", strings.Join(f.evidence, ", ")), "Add it to `services`, or remove its records.")
		}
	}
}

// explained reports whether configured services show by all that a service is recognised by.
func (v *view) explained(f found) bool {
	return !slices.ContainsFunc(f.evidence, func(e string) bool {
		return !slices.ContainsFunc(v.found, func(other found) bool { return other.configured && slices.Contains(other.evidence, e) })
	})
}

func checkBulkRules(l *look) {
	if l.config.Parked || l.passesNobody() || len(l.found) == 0 {
		return
	}
	p := l.policy
	if p.Step == NoRecord {
		return // That is an error of its own.
	}
	var lacking []string
	s := l.spf[l.config.Domain]
	spfAligns := s != nil && s.tree != nil && (p.Record.SPFAlignment() == dmarc.Relaxed || len(l.records()) == 1)
	if !spfAligns {
		lacking = append(lacking, "SPF")
	}
	keys := slices.ContainsFunc(l.selectors, func(s selector) bool { return s.key.IsValid() && !s.key.Revoked() })
	if f := l.fact(l.below("_domainkey"), record.TXT); !keys && !f.Missing() {
		l.skip("No selector is known, so it is not known whether mail is signed: name the selectors in `selectors`.")
		return
	} else if !keys {
		lacking = append(lacking, "DKIM")
	}
	if len(lacking) > 0 {
		l.find(l.config.Domain.String(), fmt.Sprintf("Google, Yahoo and Microsoft ask bulk senders for SPF, DKIM and DMARC that align, and the domain lacks %s.", strings.Join(lacking, " and ")), "Publish what is missing.")
	}
}

func checkParked(l *look) {
	if !l.config.Parked || !l.needs(l.fact(l.config.Domain, record.MX), l.fact(l.config.Domain, record.TXT), l.fact(l.dmarcOwner(), record.TXT)) {
		return
	}
	var lacking []string
	if !l.nullMX() {
		lacking = append(lacking, "the null MX `0 .`")
	}
	if !l.passesNobody() {
		lacking = append(lacking, "the SPF record `v=spf1 -all`")
	}
	e := l.policy.Record.Effective()
	if l.policy.Step == NoRecord || l.policy.Policy != dmarc.Reject || e.SP != dmarc.Reject || e.NP != dmarc.Reject {
		lacking = append(lacking, "a DMARC record with `p=reject` that holds for subdomains")
	}
	if len(lacking) > 0 {
		l.find(l.config.Domain.String(), "The domain is parked, and lacks "+strings.Join(lacking, ", ")+".", "Publish the records of `maildomain_records` with `parked = true`.")
	}
}
