package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
)

func checkSPFWildcard(l *look) {
	name := l.below(probeLabel)
	if f := l.fact(name, record.TXT); l.needs(f) && slices.ContainsFunc(f.Values(), spf.IsRecord) {
		l.find("*."+l.config.Domain.String(), "A wildcard gives every name below the domain an SPF record.", "Nothing needs to be done if that is intended: `v=spf1 -all` protects names that do not exist.")
	}
}

func checkSPFHELO(l *look) {
	var hosts []dnsname.Name
	for _, host := range l.mailHosts() {
		if host.IsIn(l.config.Domain) {
			hosts = append(hosts, host)
		}
	}
	for _, s := range l.config.Senders {
		if name, err := dnsname.Parse(s.HELO); err == nil && !slices.Contains(hosts, name) {
			hosts = append(hosts, name)
		}
	}
	for _, host := range hosts {
		if f := l.fact(host, record.TXT); l.needs(f) && !slices.ContainsFunc(f.Values(), spf.IsRecord) {
			l.find(host.String(), "The host has no SPF record for the name that it greets with, which counts for bounces.", "Publish `v=spf1 a -all` there.")
		}
	}
}

func checkSPFHostOpen(l *look) {
	for _, host := range l.config.Hosts {
		if f := l.fact(host, record.TXT); l.needs(f) && !slices.ContainsFunc(f.Values(), deniesAll) {
			l.find(host.String(), "The host sends no mail, and no SPF record says so.", "Publish `v=spf1 -all` there.")
		}
	}
}

// deniesAll reports whether a TXT value is an SPF record that lets nobody pass.
func deniesAll(text string) bool {
	r, err := spf.ParseWire(text)
	if err != nil {
		return false
	}
	all, ok := r.Ending()
	return ok && all.Qualifier == spf.Fail && r.Directives[0].Mechanism == spf.MechAll
}

func (s Sender) String() string {
	return strings.TrimSpace(strings.Join([]string{s.IP.String(), record.Display(s.Sender), record.Display(s.HELO)}, " "))
}

func checkSPFExpected(l *look) {
	l.eachCheck(l.config.Senders, func(s Sender, c check.Outcome) {
		if c.Result != check.Pass {
			l.find(s.String(), fmt.Sprintf("SPF gives %s for a sender that must pass.%s", c.Result, because(c)), "Add the service or the address that it sends from.")
		}
	})
}

func checkSPFStrangers(l *look) {
	l.eachCheck(l.config.Strangers, func(s Sender, c check.Outcome) {
		if c.Result == check.Pass {
			l.find(s.String(), fmt.Sprintf("SPF lets a stranger pass: %s.", show(c.Matched)), "Remove the term, or narrow it.")
		}
	})
}

func because(c check.Outcome) string {
	if c.Problem == "" {
		return ""
	}
	return " " + record.InlineShown(strings.TrimSuffix(strings.ToUpper(c.Problem[:1])+c.Problem[1:], ".")+".")
}

func (l *look) eachCheck(senders []Sender, f func(Sender, check.Outcome)) {
	for _, s := range senders {
		c, ok := l.checks[s]
		if !ok || c.err != nil || c.Result == check.TempError {
			l.skip(fmt.Sprintf("SPF could not be evaluated for %s, since DNS did not answer.", show(s.String())))
			continue
		}
		f(s, c.Outcome)
	}
}

func checkSPFNeedlessInclude(l *look) {
	for _, f := range l.found {
		if f.info.MailFrom != "own" {
			continue
		}
		for _, t := range l.spfTexts() {
			for _, name := range t.includes {
				if t.owner == l.config.Domain && liesIn(name, f.info.Recognise.Includes) {
					l.find(t.owner.String(), fmt.Sprintf("include:%s only wastes lookups: bounces of %s go to a domain of its own, whose SPF record counts.", shown(name), f.info.Name), "Remove it.")
				}
			}
		}
	}
}

// passesNobody reports whether the domain's SPF record lets nobody pass.
func (v *view) passesNobody() bool {
	s := v.spf[v.config.Domain]
	return s != nil && len(s.values) == 1 && deniesAll(s.text())
}

// addressesOf parses the values of address records.
func addressesOf(facts ...Fact) []netip.Addr {
	var list []netip.Addr
	for _, f := range facts {
		for _, text := range f.Values() {
			if addr, err := netip.ParseAddr(text); err == nil {
				list = append(list, addr)
			}
		}
	}
	return list
}
