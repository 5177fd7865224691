package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

func checkSPFPtr(l *look, s *spfAt) {
	found := slices.ContainsFunc(s.record.Directives, isPtr)
	for n := range each(s.nodes) {
		found = found || n.Record != nil && slices.ContainsFunc(n.Record.Directives, isPtr)
	}
	if found {
		l.find(s.owner.String(), "The record, or one that it includes, has the mechanism `ptr` or the macro `p`, which receivers need not evaluate.", "Name the hosts with `a`, `ip4` and `ip6`.")
	}
}

func isPtr(t spf.Directive) bool {
	return t.Mechanism == spf.MechPTR || strings.Contains(strings.ToLower(t.Domain), "%{p")
}

func checkSPFDeadTerms(l *look, s *spfAt) {
	at := slices.IndexFunc(s.record.Directives, func(t spf.Directive) bool { return t.Mechanism == spf.MechAll })
	if at >= 0 && at < len(s.record.Directives)-1 {
		l.find(s.owner.String(), fmt.Sprintf("Receivers never reach %s, which comes after `all`.", show(s.record.Directives[at+1].String())), "Move the terms after `all` before it, or remove them.")
	}
}

func checkSPFRedirectDead(l *look, s *spfAt) {
	_, ends := s.record.Ending()
	if target, ok := s.record.Modifier("redirect"); ok && ends {
		l.find(s.owner.String(), fmt.Sprintf("redirect=%s has no effect beside `all`.", show(target)), "Remove one of the two.")
	}
}

func checkSPFRepeated(l *look, s *spfAt) {
	seen := make(map[spf.Directive]bool)
	for _, t := range s.record.Directives {
		if seen[t] {
			l.find(s.owner.String(), fmt.Sprintf("%s appears twice.", show(t.String())), "Remove one of them.")
		}
		seen[t] = true
	}
	counts := make(map[string]int)
	for n := range each(s.nodes) {
		if n.Record != nil && n.Kind == "" {
			if counts[n.Target]++; counts[n.Target] == 2 && !slices.ContainsFunc(s.record.Directives, func(t spf.Directive) bool { return seen[t] && t.String() == n.Term && repeats(s.record.Directives, t) }) {
				l.find(s.owner.String(), fmt.Sprintf("The record of %s is included twice, and costs its lookups twice.", show(n.Target)), "Remove one of the includes, if it is your own.")
			}
		}
	}
}

func repeats(terms []spf.Directive, t spf.Directive) bool {
	n := 0
	for _, other := range terms {
		if other == t {
			n++
		}
	}
	return n > 1
}

func checkSPFReservedNetwork(l *look, s *spfAt) {
	for _, t := range s.record.Directives {
		if t.Prefix.IsValid() && t.Prefix.Bits() > 0 && !netblock.IsPublic(t.Prefix.Addr()) {
			l.find(s.owner.String(), fmt.Sprintf("%s names %s: receivers never see mail from there.", show(t.String()), netblock.Of(t.Prefix.Addr()).What), "Name the public address that the mail leaves from.")
		}
	}
}

func checkSPFUnknownModifier(l *look, s *spfAt) {
	for _, m := range s.record.Modifiers {
		if m.Name != "redirect" && m.Name != "exp" {
			l.find(s.owner.String(), fmt.Sprintf("SPF does not have the modifier %s; receivers ignore it.", show(m.String())), "Remove it, or correct its name.")
		}
	}
}

func checkSPFExpBroken(l *look, s *spfAt) {
	exp, ok := s.record.Modifier("exp")
	name, err := dnsname.Parse(exp)
	if !ok || err != nil {
		return
	}
	f := l.fact(name, record.TXT)
	if !l.needs(f) {
		return
	}
	why := ""
	switch values := f.Values(); {
	case len(values) == 0:
		why = "has no TXT record"
	case len(values) > 1:
		why = "has several TXT records"
	default:
		if _, err := spf.ExplanationSegments(values[0]); err != nil {
			why = "has a text that does not parse"
		}
	}
	if why != "" {
		l.find(s.owner.String(), fmt.Sprintf("exp= leads to %s, which %s: receivers give no explanation.", shown(name), why), "Publish one TXT record with the explanation there, or remove the modifier.")
	}
}

// longRecord is from how many octets on a record is long (RFC 7208 §3.4).
const longRecord = 450

func checkSPFLong(l *look, s *spfAt) {
	if n := len(s.text()); n > longRecord {
		l.find(s.owner.String(), fmt.Sprintf("The record has %d octets; with at most about %d, the answer fits 512 octets.", n, longRecord), "Shorten it, or move a part to a record that it includes.")
	}
}

func checkTXTAnswerLarge(l *look) {
	f := l.fact(l.config.Domain, record.TXT)
	if !l.needs(f) {
		return
	}
	if size := spf.AnswerSize(l.config.Domain, f.Values()); size > spf.SafeAnswerSize {
		l.find(l.config.Domain.String(), fmt.Sprintf("The answer with all TXT records of the domain has %d octets, and is cut at %d over UDP.", size, spf.SafeAnswerSize),
			"Remove verification tokens that are no longer needed.")
	}
}

func checkSPFClientMacro(l *look, s *spfAt) {
	for n := range each(s.nodes) {
		if n.Kind == tree.FindingMacro {
			l.find(s.owner.String(), fmt.Sprintf("The result of %s depends on the client or the sender, and is not judged here.", show(n.Term)), "Try it with `maildomain_spf_check`.")
		}
	}
}
