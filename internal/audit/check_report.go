package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// authorisation returns the fact about the record with which a host takes reports; ok is false where it needs none.
func (v *view) authorisation(host dnsname.Name) (f Fact, ok bool) {
	a, err := dmarc.Authorise(v.policy.Domain, host)
	if err != nil || v.sameOrganisation(host) {
		return Fact{}, false
	}
	return v.fact(a.Owner, record.TXT), true
}

func checkDMARCReportUnauthorised(l *look, p Policy) {
	for _, host := range reportHosts(slices.Concat(p.Record.RUA, p.Record.RUF)) {
		f, needed := l.authorisation(host)
		if needed && l.needs(f) && !slices.ContainsFunc(f.Values(), dmarc.IsRecord) {
			l.find(host.String(), fmt.Sprintf("The host does not authorise reports of %s: there is no DMARC record at %s, and receivers send none.", shown(p.Domain), shown(f.Name)),
				"Ask its owner to publish the TXT record `"+dmarc.AuthorisationValue+"` there.")
		}
	}
}

func checkDMARCReportOverride(l *look, p Policy) {
	for _, host := range reportHosts(slices.Concat(p.Record.RUA, p.Record.RUF)) {
		f, needed := l.authorisation(host)
		if !needed {
			continue
		}
		for _, text := range f.Values() {
			r, err := dmarc.Parse(text)
			if err != nil {
				continue
			}
			for _, other := range reportHosts(r.RUA) {
				if other != host {
					l.find(host.String(), fmt.Sprintf("The record that authorises the reports redirects them to another host, %s, which is not allowed: they are lost.", shown(other)), "Ask its owner to name an address at the same host, or none.")
				}
			}
		}
	}
}

// undeliverable says why no mail can be delivered to a host; empty where it can, or that is not known.
func (l *look) undeliverable(host dnsname.Name) string {
	mx, a, aaaa := l.fact(host, record.MX), l.fact(host, record.A), l.fact(host, record.AAAA)
	if !l.needs(mx, a, aaaa) {
		return ""
	}
	switch values := mx.Values(); {
	case len(values) == 1 && strings.HasSuffix(values[0], " ."):
		return "receives no mail (null MX)"
	case len(values) == 0 && a.Absent() && aaaa.Absent():
		return "has neither an MX record nor an address"
	}
	return ""
}

func checkDMARCReportUndeliverable(l *look, p Policy) {
	for _, host := range reportHosts(slices.Concat(mailedTo(p.Record.RUA), mailedTo(p.Record.RUF))) {
		if why := l.undeliverable(host); why != "" {
			l.find(host.String(), "The host that DMARC reports go to "+why+".", "Name an address that receives mail.")
		}
	}
}

func checkDMARCRUFExternal(l *look, p Policy) {
	for _, host := range reportHosts(p.Record.RUF) {
		if !l.sameOrganisation(host) {
			l.find(host.String(), "Failure reports, which contain parts of messages, go to another organisation.", "Make sure that there is a contract for that.")
		}
	}
}

func checkDMARCRejectSPFOnly(l *look, p Policy) {
	if p.Policy != dmarc.Reject || l.passesNobody() || l.config.Parked {
		return
	}
	for _, s := range l.selectors {
		if !l.needs(s.fact) || s.key.IsValid() && !s.key.Revoked() {
			return
		}
	}
	if f := l.fact(l.below("_domainkey"), record.TXT); f.Missing() || len(l.namedSelectors()) > 0 {
		l.find(l.config.Domain.String(), "The policy is reject, and no DKIM key was found: mail that is forwarded fails SPF, and is refused.", "Turn DKIM on, or lower the policy until it is.")
	} else {
		l.skip("No selector is known, so it is not known whether mail is signed: name the selectors in `selectors`.")
	}
}

func checkDMARCStrictBreaks(l *look, p Policy) {
	for _, s := range l.config.Services {
		for _, own := range s.Applied.SPF {
			if own.Owner != l.config.Domain && p.Record.SPFAlignment() == dmarc.Strict {
				l.find(s.Key, fmt.Sprintf("The service bounces to %s, but aspf=s demands %s itself: SPF never aligns.", shown(own.Owner), shown(l.config.Domain)), "Set aspf=r, unless only DKIM should count.")
			}
		}
		for _, r := range s.Applied.Records {
			_, signer, _ := strings.Cut(r.Owner.String(), "._domainkey.")
			if r.Kind == service.DKIMKind && signer != "" && signer != l.config.Domain.String() && p.Record.DKIMAlignment() == dmarc.Strict {
				l.find(s.Key, fmt.Sprintf("The service signs as %s, but adkim=s demands %s itself: DKIM never aligns.", show(signer), shown(l.config.Domain)), "Set adkim=r.")
			}
		}
	}
}

func checkDMARCUnalignedService(l *look, _ Policy) {
	for _, s := range l.config.Services {
		if s.Info.MailFrom != service.MailFromOwn || s.Applied.OwnZone {
			continue
		}
		signs := func(kind service.Kinds) bool { return kind == service.DKIMKind }
		can := slices.ContainsFunc(s.Info.Records, func(r service.RecordInfo) bool { return signs(r.Kind) })
		does := slices.ContainsFunc(s.Applied.Records, func(r service.Record) bool { return signs(r.Kind) })
		switch aligns := s.Info.DKIMAligns; {
		case aligns != nil && !*aligns:
			l.find(s.Key, fmt.Sprintf("%s bounces to a domain of its own and signs with one too: its mail fails DMARC.", s.Info.Name), "Send through another service, or from a domain without a DMARC policy.")
		case can && !does:
			l.find(s.Key, fmt.Sprintf("%s bounces to a domain of its own, and its DKIM records are left out: its mail fails DMARC.", s.Info.Name), "Apply the group of its DKIM records.")
		}
	}
}

func checkDMARCFromParent(l *look, p Policy) {
	if p.Step == Organisation || p.Step == PublicSuffix {
		l.find(l.config.Domain.String(), fmt.Sprintf("The record of %s applies, by its tag %s: the policy is %s.", shown(p.Domain), p.Tag, p.Policy), "Nothing needs to be done; publish a record at `_dmarc` for another policy.")
	}
}

func checkDMARCAlias(l *look) {
	f := l.fact(l.dmarcOwner(), record.TXT)
	if !l.needs(f) || len(f.Aliases()) == 0 {
		return
	}
	target := shown(f.Aliases()[len(f.Aliases())-1])
	if len(f.Values()) == 0 {
		l.grade(Error, f.Name.String(), fmt.Sprintf("The name is an alias (CNAME) of %s, which has no record.", target), "Correct the alias, or publish the record itself.")
		return
	}
	l.grade(Note, f.Name.String(), fmt.Sprintf("The name is an alias (CNAME): the operator of %s sets the policy.", target), "Nothing needs to be done if that is intended.")
}

func checkDMARCWildcard(l *look) {
	if f := l.fact(l.below("_dmarc."+probeLabel), record.TXT); l.needs(f) && slices.ContainsFunc(f.Values(), dmarc.IsRecord) {
		l.find("*."+l.config.Domain.String(), "A wildcard gives every subdomain a DMARC record of its own, which takes the place of sp and np.", "Remove the wildcard, and set sp and np.")
	}
}

func checkDMARCDeep(l *look) {
	if n := len(l.config.Domain.Labels()); n > maxWalk && len(l.dmarcAt(l.config.Domain)) == 0 && l.needs(l.fact(l.dmarcOwner(), record.TXT)) {
		l.find(l.config.Domain.String(), fmt.Sprintf("The domain has %d labels and no record of its own, and the search for a record skips names above it.", n), "Publish a record at its `_dmarc`.")
	}
}
