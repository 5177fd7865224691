package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// eachOwner runs a check for each name whose SPF record counts.
func eachOwner(f func(l *look, s *spfAt)) func(*look) {
	return func(l *look) {
		for _, s := range l.records() {
			if l.needs(l.fact(s.owner, record.TXT)) {
				f(l, s)
			}
		}
	}
}

// eachRecord runs a check for each SPF record that parses.
func eachRecord(f func(l *look, s *spfAt)) func(*look) {
	return eachOwner(func(l *look, s *spfAt) {
		switch {
		case s.tree != nil:
			f(l, s)
		case len(s.values) == 1 && s.err == nil:
			l.skip(fmt.Sprintf("The time was over before all records that the SPF record of %s includes were read.", shown(s.owner)))
		}
	})
}

func checkSPFMissing(l *look, s *spfAt) {
	if len(s.values) > 0 || len(l.nearMisses(s.owner)) > 0 {
		return
	}
	severity, who := Error, "the domain"
	if s.owner != l.config.Domain {
		severity, who = Warning, "this host, which mail bounces to"
	}
	l.grade(severity, s.owner.String(), fmt.Sprintf("There is no SPF record for %s: no TXT value starts with `v=spf1`.", who),
		"Publish one SPF record that names who sends, or, if nobody does, `v=spf1 -all`.")
}

func checkSPFMultiple(l *look, s *spfAt) {
	if len(s.values) > 1 {
		l.find(s.owner.String(), fmt.Sprintf("There are %d SPF records, so SPF fails for every sender (permerror).", len(s.values)),
			"Merge them into one; the function `spf_merge` does that.")
	}
}

// nearMisses returns the TXT values that were meant as the SPF record of an owner that has none.
func (v *view) nearMisses(owner dnsname.Name) []string {
	var misses []string
	for _, text := range v.fact(owner, record.TXT).Values() {
		if spf.IsRecord(text) {
			return nil
		}
		if spf.MeantAsSPF(text) {
			misses = append(misses, text)
		}
	}
	return misses
}

func checkSPFNearMiss(l *look, s *spfAt) {
	for _, text := range l.nearMisses(s.owner) {
		l.find(s.owner.String(), fmt.Sprintf("A TXT value was meant as the SPF record, but is not one: %s. Receivers ignore it.", brief(text)),
			"Publish it so that it starts with `v=spf1` and a blank, without quotes.")
	}
}

// splitBlank returns where a blank is missing in a record that does not parse, as where its strings were cut at a blank.
func splitBlank(text string) (at int, ok bool) {
	lower := strings.ToLower(text)
	for i := len("v=spf1 "); i < len(text); i++ {
		if text[i-1] == ' ' || !slices.ContainsFunc([]string{"include:", "ip4:", "ip6:", "exists:", "redirect=", "a:", "mx:", "a ", "mx ", "-all", "~all", "?all", "+all"}, func(term string) bool {
			return strings.HasPrefix(lower[i:]+" ", term)
		}) {
			continue
		}
		if _, err := spf.ParseWire(text[:i] + " " + text[i:]); err == nil {
			return i, true
		}
	}
	return 0, false
}

func checkSPFSyntax(l *look, s *spfAt) {
	if len(s.values) != 1 || s.err == nil {
		return
	}
	if _, ok := splitBlank(s.text()); !ok {
		l.find(s.owner.String(), sentence(s.err)+" Receivers stop with an error (permerror).", "Correct the record; the function `spf_parse` says what is wrong with it.")
	}
}

func checkSPFSplitBlank(l *look, s *spfAt) {
	if len(s.values) != 1 || s.err == nil {
		return
	}
	if at, ok := splitBlank(s.text()); ok {
		l.find(s.owner.String(), fmt.Sprintf("A blank is missing after octet %d, perhaps because the record was cut into strings there: readers join the strings without a blank.", at),
			"Keep every blank inside one of the strings, as `txt_chunks` does.")
	}
}

func checkSPFType99(l *look) {
	f := l.fact(l.config.Domain, answer.SPF)
	for _, text := range f.Values() {
		severity, what := Note, "says the same as the TXT record"
		if !slices.Contains(l.fact(l.config.Domain, record.TXT).Values(), text) {
			severity, what = Warning, "differs from the TXT record"
		}
		l.grade(severity, l.config.Domain.String(), "There is a record of the type SPF, which receivers no longer read, and which "+what+".", "Remove it.")
	}
	l.needs(f)
}

func checkSPFSenderID(l *look, s *spfAt) {
	for _, text := range l.fact(s.owner, record.TXT).Values() {
		if strings.HasPrefix(strings.ToLower(text), "spf2.0/") {
			l.find(s.owner.String(), "There is a Sender ID record, which receivers no longer read.", "Remove it.")
		}
	}
}

// limitOf returns a check for one of the limits of RFC 7208 §4.6.4. A record may be past several.
func limitOf(limit tree.Limit, count func(c tree.Count) int) func(*look) {
	return eachRecord(func(l *look, s *spfAt) {
		if _, loop := errors.AsType[*tree.LoopError](s.costErr); loop || count(s.cost.Count) <= limit.Max() {
			return
		}
		text := fmt.Sprintf("The record asks for %d %s, and receivers stop with an error (permerror) after %d.", count(s.cost.Count), limit, limit.Max())
		if err, ok := errors.AsType[*tree.LimitError](s.costErr); ok && err.Limit == limit {
			text = sentence(err)
		}
		l.find(s.owner.String(), text, "Remove services that no longer send, or flatten includes with `flatten` of `maildomain_spf`.")
	})
}

func checkSPFLookupsHigh(l *look, s *spfAt) {
	if n := s.cost.Lookups; n >= tree.ManyLookups && n <= tree.LimitLookups.Max() {
		l.find(s.owner.String(), fmt.Sprintf("The record costs %d of %d lookups: one more service may be too many.", n, tree.LimitLookups.Max()),
			"Remove services that no longer send before you add another one.")
	}
}

func checkSPFVoidOneFamily(l *look, s *spfAt) {
	if family, ok := s.cost.FamilyLimit(); ok {
		l.find(s.owner.String(), fmt.Sprintf("For %s clients, %d lookups find nothing, and receivers stop with an error (permerror) after %d: %s.",
			family.Family, family.Count, tree.LimitVoid.Max(), showAll(family.Terms)), "Remove those terms, or give their hosts addresses of that family.")
	}
}

// treeFindings returns a check for kinds of findings of a tree.
func treeFindings(remedy string, kinds ...tree.FindingKind) func(*look) {
	return eachRecord(func(l *look, s *spfAt) {
		for _, f := range s.tree.Findings() {
			if slices.Contains(kinds, f.Kind) && !l.dangles(s, f) {
				l.find(s.owner.String(), record.InlineShown(f.Text), remedy)
			}
		}
	})
}

// dangles reports whether a finding is about a name that somebody else could register.
func (v *view) dangles(s *spfAt, f tree.Finding) bool {
	if f.Kind != tree.FindingMissing && f.Kind != tree.FindingVoid {
		return false
	}
	for n := range each(s.nodes) {
		if n.Kind == f.Kind && len(f.Path) > 0 && record.Display(n.Term) == f.Path[len(f.Path)-1] && v.registrable(n.Target) {
			return true
		}
	}
	return false
}

// registrable reports whether a name lies in a domain that does not exist.
func (v *view) registrable(text string) bool {
	name, err := dnsname.Parse(text)
	if err != nil {
		return false
	}
	domain := registrable(name)
	return len(domain.Labels()) > 1 && !domain.IsIn(v.config.Domain) && v.fact(domain, record.NS).Missing()
}

func checkSPFDangling(l *look, s *spfAt) {
	for n := range each(s.nodes) {
		if (n.Kind == tree.FindingMissing || n.Kind == tree.FindingVoid) && l.registrable(n.Target) {
			l.find(s.owner.String(), fmt.Sprintf("%s leads to a domain that does not exist: anyone who registers it may send as %s.", show(n.Term), shown(s.owner)),
				"Remove the term at once.")
		}
	}
}

func checkSPFPassAll(l *look, s *spfAt) {
	if s.passesAll() {
		l.find(s.owner.String(), "The record, or one that it includes, ends in `+all`: every host on the internet may send.", "End it in `-all` or `~all`, and name who sends.")
	}
}

// passesAll reports whether the record lets everyone pass by the word.
func (s *spfAt) passesAll() bool {
	passes := func(r spf.Record) bool {
		all, ok := r.Ending()
		return ok && all.Qualifier == spf.Pass
	}
	if passes(s.record) {
		return true
	}
	for n := range each(s.nodes) {
		if n.Record != nil && passes(*n.Record) && !strings.ContainsAny(n.Term[:1], "-~?") {
			return true
		}
	}
	return false
}

func checkSPFPassWide(l *look, s *spfAt) {
	if s.passesAll() {
		return
	}
	const remedy = "Name only the networks that send."
	switch half, most := s.tree.Wide(); {
	case half:
		l.grade(Error, s.owner.String(), "At least half of all addresses of a family pass.", remedy)
	case most:
		l.grade(Warning, s.owner.String(), "At least as many addresses pass as a /8 of IPv4 or a /16 of IPv6 has.", remedy)
	}
}

func checkSPFNeutral(l *look, s *spfAt) {
	if all, ok := s.record.Ending(); ok && all.Qualifier == spf.Neutral {
		l.find(s.owner.String(), "The record ends in `?all`, so it says nothing about senders that it does not name.", "End it in `-all` or `~all`.")
	}
}

func checkSPFNoEnding(l *look, s *spfAt) {
	_, ends := s.record.Ending()
	if _, redirects := s.record.Modifier("redirect"); !ends && !redirects {
		l.find(s.owner.String(), "The record has neither `all` nor `redirect=`, so it says nothing about senders that it does not name.", "End it in `-all` or `~all`.")
	}
}

func checkSPFSoftfailNote(l *look) {
	s := l.spf[l.config.Domain]
	if s == nil || s.tree == nil || l.policy.Step == NoRecord {
		return
	}
	if all, ok := s.record.Ending(); ok && all.Qualifier == spf.SoftFail && l.policy.asksNothing() {
		l.find(l.config.Domain.String(), "SPF ends in `~all` and the DMARC policy is none: mail that fails is delivered.", "Raise the DMARC policy once the reports show that all your mail passes.")
	}
}

func checkSPFFailNote(l *look) {
	s := l.spf[l.config.Domain]
	if s == nil || s.tree == nil || l.policy.Step == NoRecord || len(s.record.Directives) < 2 {
		return
	}
	if all, ok := s.record.Ending(); ok && all.Qualifier == spf.Fail && l.policy.Policy != dmarc.None {
		l.find(l.config.Domain.String(), "SPF ends in `-all`: some receivers then refuse forwarded mail before they look at DKIM and DMARC.", "Nothing needs to be done; `~all` leaves the verdict to DMARC.")
	}
}
