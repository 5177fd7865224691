package audit

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// Recognised is a service that the domain's records show to send or receive its mail.
type Recognised struct {
	Service    string // id of a built-in service, or the key of a configured one
	Name       string
	Configured bool
	Evidence   []string // the records that show it; fit to be shown
	SPF, DKIM  bool     // whether mail that it sends passes DMARC by SPF, and by DKIM, as far as records tell
}

// found is a service with the facts that it was recognised by.
type found struct {
	key        string
	info       service.Info
	configured bool
	evidence   []string
	include    bool // at an SPF record
	mailbox    bool // mail goes there
	signs      bool // a selector holds its key
	bounces    bool // its include stands where its bounces go
}

// liesIn reports whether a name lies in one of the domains.
func liesIn(name dnsname.Name, domains []string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return name.IsIn(dnsname.FromDNS(d)) })
}

// recognise finds the services that live records show.
func (v *view) recognise() []found {
	var all []found
	seen := traces{v.spfTexts(), v.mailHosts()}
	for _, s := range v.config.Services {
		f := v.evidence(s.Info, seen)
		f.key, f.configured = s.Key, true
		all = append(all, f)
	}
	for _, info := range service.Catalogue() {
		if slices.ContainsFunc(all, func(f found) bool { return f.configured && f.info.ID == info.ID }) {
			continue
		}
		f := v.evidence(info, seen)
		if f.key = info.ID; len(f.evidence) > 0 {
			all = append(all, f)
		}
	}
	// Services share includes and hosts: those that a stronger match explains are no evidence of another.
	slices.SortStableFunc(all, func(a, b found) int {
		if a.configured != b.configured {
			if a.configured {
				return -1
			}
			return 1
		}
		return cmp.Compare(len(b.evidence), len(a.evidence))
	})
	explained := make(map[string]bool)
	kept := all[:0:0]
	for _, f := range all {
		fresh := slices.DeleteFunc(slices.Clone(f.evidence), func(e string) bool { return explained[e] })
		if !f.configured && len(fresh) == 0 {
			continue
		}
		for _, e := range f.evidence {
			explained[e] = true
		}
		kept = append(kept, f)
	}
	slices.SortStableFunc(kept, func(a, b found) int { return cmp.Compare(a.key, b.key) })
	return kept
}

// traces are the includes and hosts that identify services, beside selectors.
type traces struct {
	spf   []spfText
	hosts []dnsname.Name
}

// evidence looks for the names that identify a service.
func (v *view) evidence(info service.Info, seen traces) found {
	f := found{info: info}
	note := func(text string) {
		if !slices.Contains(f.evidence, text) {
			f.evidence = append(f.evidence, text)
		}
	}
	for _, s := range seen.spf {
		for _, name := range s.includes {
			if liesIn(name, info.Recognise.Includes) {
				f.include = true
				f.bounces = f.bounces || info.MailFrom == service.MailFromDomain || info.MailFrom == "" || s.owner != v.config.Domain
				note("SPF include:" + show(name.String()))
			}
		}
	}
	for _, host := range seen.hosts {
		if liesIn(host, info.Recognise.MX) {
			f.mailbox = true
			note("MX " + show(host.String()))
		}
	}
	for _, s := range v.selectors {
		if !s.fact.deadEnd() && len(s.fact.Values()) > 0 && slices.ContainsFunc(s.fact.Aliases(), func(n dnsname.Name) bool { return liesIn(n, info.Recognise.CNAMEs) }) {
			f.signs = true
			note("DKIM " + show(s.name))
		}
	}
	return f
}

// spfText holds the includes of one SPF record.
type spfText struct {
	owner    dnsname.Name
	includes []dnsname.Name
}

// maxIncludes is how many includes of a record services are recognised by.
const maxIncludes = 100

// spfTexts returns the includes of the SPF records, whether or not they parse.
func (v *view) spfTexts() []spfText {
	var texts []spfText
	for _, owner := range v.spfOwners() {
		for _, value := range v.fact(owner, record.TXT).Values() {
			if record.FormatOf(value) != "an SPF record" {
				continue
			}
			t := spfText{owner: owner}
			for _, term := range strings.Fields(value)[1:] {
				term = strings.TrimLeft(strings.ToLower(term), "+?~-")
				for _, before := range []string{"include:", "redirect="} {
					if target, ok := strings.CutPrefix(term, before); ok && len(t.includes) < maxIncludes {
						t.includes = append(t.includes, dnsname.FromDNS(target))
					}
				}
			}
			texts = append(texts, t)
		}
	}
	return texts
}

// senders returns the services with the alignment of their mail.
func (v *view) senders() []Recognised {
	var list []Recognised
	for _, f := range v.found {
		r := Recognised{Service: f.key, Name: f.info.Name, Configured: f.configured, Evidence: f.evidence}
		r.SPF = f.include && f.bounces && f.info.MailFrom != service.MailFromOwn
		r.DKIM = f.signs || f.configured && v.hasKeyOf(f)
		list = append(list, r)
	}
	return list
}

// hasKeyOf reports whether a selector that a configured service signs with holds a key.
func (v *view) hasKeyOf(f found) bool {
	return slices.ContainsFunc(v.selectors, func(s selector) bool {
		return slices.Contains(s.services, f.key) && s.key.IsValid() && !s.key.Revoked()
	})
}

// A selector is a DKIM selector that was looked at.
type selector struct {
	name     string
	owner    dnsname.Name
	given    bool         // the configuration names it
	services []string     // keys of the configured services that sign with it
	target   dnsname.Name // of the CNAME that the configuration has there
	fact     Fact         // of its TXT records
	alias    Fact         // of its CNAME
	key      dkim.Record  // where there is one record, and it parses
	keyErr   error        // why it does not
}

// keys returns the values at the selector that are key records, or were meant to be.
func (s selector) keys() []string {
	return slices.DeleteFunc(slices.Clone(s.fact.Values()), func(v string) bool { return !record.IsDKIM(v) && !record.IsDKIM(unquoted(v)) })
}

// namedSelectors returns the selectors that the configuration names, in the order of their owners.
func (v *view) namedSelectors() []selector {
	byOwner := make(map[dnsname.Name]*selector)
	add := func(owner dnsname.Name, key string, target dnsname.Name) {
		name, ok := strings.CutSuffix(owner.String(), "._domainkey."+v.config.Domain.String())
		if !ok {
			return
		}
		s := byOwner[owner]
		if s == nil {
			s = &selector{name: name, owner: owner, given: true}
			byOwner[owner] = s
		}
		if key != "" {
			s.services = append(s.services, key)
		}
		if target.IsValid() {
			s.target = target
		}
	}
	for _, s := range v.config.Selectors {
		if owner, err := s.Owner(v.config.Domain); err == nil {
			add(owner, "", dnsname.Name{})
		}
	}
	for _, s := range v.config.Services {
		for _, r := range s.Applied.Records {
			if r.Kind == service.DKIMKind {
				add(r.Owner, s.Key, r.Parts().Target)
			}
		}
	}
	for _, key := range v.config.Records.Keys() {
		r := v.config.Records[key]
		add(r.Owner, "", r.Parts().Target)
	}
	var list []selector
	for _, s := range byOwner {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b selector) int { return a.owner.Compare(b.owner) })
	return list
}

// wantSelectors asks about the selectors that the configuration names, and about those of services that live records
// show. Where nothing exists below _domainkey, the latter are not asked for (RFC 8020).
func (g *gatherer) wantSelectors(ctx context.Context) {
	list := g.namedSelectors()
	if !g.fact(ctx, g.below("_domainkey"), record.TXT).Missing() {
		for _, f := range g.found {
			for _, name := range f.info.Recognise.Selectors {
				owner, err := dkim.Owner(name, g.config.Domain)
				if err == nil && !slices.ContainsFunc(list, func(s selector) bool { return s.owner == owner }) {
					list = append(list, selector{name: name, owner: owner})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b selector) int { return a.owner.Compare(b.owner) })
	g.selectors = list
	for i := range list {
		g.group.Go(func() {
			s := &list[i]
			g.want(ctx, s.owner, record.CNAME) // At the same time.
			s.fact, s.alias = g.fact(ctx, s.owner, record.TXT), g.fact(ctx, s.owner, record.CNAME)
			if keys := s.keys(); len(keys) == 1 {
				s.key, s.keyErr = dkim.Parse(keys[0])
			}
		})
	}
}
