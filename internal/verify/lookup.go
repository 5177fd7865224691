package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Lookup is what live DNS answers to one question.
type Lookup struct {
	answer.Question
	Zone    dnsname.Name    // as in [answer.Set]
	Answers []answer.Answer // one for each server address, in the order of [Resolver]; none where there is nobody to ask
	Agree   bool            // all servers say what there is, and say the same
	Values  []string        // where they agree, as in [answer.Answer]; otherwise empty
	Causes  []Cause         // what looks wrong
}

// LookUp asks a question and says what looks wrong about the answers, although nothing is expected. The surveyor
// may be nil. That there is no server to ask is a cause, and no error. LookUp returns the context's error once
// that is over before there are answers, and those of the resolver about a question that makes no sense.
func LookUp(ctx context.Context, r Resolver, s Surveyor, q answer.Question) (Lookup, error) {
	answers, err := r.Ask(ctx, q)
	var lookup *answer.LookupError
	if err != nil && (ctx.Err() != nil || !errors.As(err, &lookup)) {
		return Lookup{}, err
	}
	l := Lookup{Question: q, Zone: answers.Zone, Answers: answers.List}
	if err != nil {
		l.Causes = lookupCauses(err)
	} else {
		l.Causes = askedCauses(q, answers)
		if values, err := answers.Agreed(); err == nil {
			l.Agree, l.Values = true, values
		}
	}
	if q.Via == answer.Authorities && !hopeless(err) {
		d := newDiagnosis()
		p := d.probe(subject{
			owner: q.Name, typ: q.Type, zone: answers.Zone, seen: answer.Answering(answers.List),
			has: func(a answer.Answer) bool { return holds(q, a) },
		})
		d.ask(ctx, r, s)
		l.Causes = p.add(l.Causes)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return Lookup{}, ctx.Err()
	}
	l.Causes = arrange(l.Causes)
	return l, nil
}

// Text describes the answers, server by server, and what looks wrong about them. It is as timeless as
// [Report.Text].
func (l Lookup) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s:", shown(l.Name), l.Type)
	if len(l.Answers) == 0 {
		b.WriteString(" no server was asked.")
	}
	for i, a := range l.Answers {
		if b.Len() > MaxRecordText/2 {
			fmt.Fprintf(&b, "\n  … and %d more servers", len(l.Answers)-i)
			break
		}
		text := withDetail(a)
		if a.Outcome == answer.Found {
			text = record.InlineAll(a.Values)
		}
		if len(a.Aliases) > 0 {
			text += ", by way of " + shownNames(a.Aliases)
		}
		fmt.Fprintf(&b, "\n  %s: %s", a.Server, Cut(withExtended(a, text), maxGroupText))
	}
	for _, c := range l.Causes {
		fmt.Fprintf(&b, "\n  cause: %s\n  to do: %s", Cut(c.What, MaxRecordText/8), c.Do)
	}
	return Cut(b.String(), MaxRecordText)
}

// holds reports whether an answer has what a question looks for: at the name of a DKIM key, nothing but a key.
func holds(q answer.Question, a answer.Answer) bool {
	if q.Type != record.TXT || !IsDKIMOwner(q.Name) {
		return a.Outcome == answer.Found
	}
	return slices.ContainsFunc(a.Values, func(v string) bool { _, err := dkim.Parse(v); return err == nil })
}

// askedCauses says what is wrong with answers by themselves.
func askedCauses(q answer.Question, answers answer.Set) []Cause {
	var seen []Seen
	for _, a := range answer.Answering(answers.List) {
		seen = append(seen, Seen{Answer: a})
	}
	causes := serverCauses(q.Name, q.Via, seen)
	if _, err := answers.Agreed(); err != nil {
		causes = append(causes, delegationCauses(answers.Disagreements)...)
	}
	if c, ok := differing(q, answers.Zone, seen); ok {
		causes = append(causes, c)
	}
	for i, s := range seen {
		same := func(other Seen) bool {
			return slices.Equal(other.Values, s.Values) && slices.Equal(other.Aliases, s.Aliases)
		}
		switch {
		case slices.ContainsFunc(seen[:i], same):
		case s.Outcome == answer.Found && q.Type == record.TXT:
			causes = append(causes, textCauses(q.Name, s.Values)...)
		case s.Outcome.Definite() && s.Outcome != answer.Found && len(s.Aliases) > 0 && q.Type != record.CNAME:
			causes = append(causes, aliasForRecord(q.Name, q.Type, s.Answer))
		case noSelector(q, s.Answer):
			causes = append(causes, Cause{
				Code: NotPublished,
				What: fmt.Sprintf("There is no DKIM key at %s.", shown(q.Name)),
				Do: "Check the selector against what the sender hands out, and look whether the record stands under a name without `_domainkey`, " +
					"or with the zone appended twice.",
			})
		}
	}
	if slices.ContainsFunc(causes, func(c Cause) bool { return c.Code == AliasForRecord }) {
		return redirected(causes, q.Name, answers.Redirects)
	}
	return causes
}

// noSelector reports whether an answer says that nothing stands where a DKIM key is looked for. Any other name may well
// be without records; and a selector without a CNAME may have its key as a TXT record.
func noSelector(q answer.Question, a answer.Answer) bool {
	absent := a.Outcome == answer.NXDomain || a.Outcome == answer.NoData && q.Type == record.TXT
	return absent && IsDKIMOwner(q.Name) && (q.Type == record.TXT || q.Type == record.CNAME)
}

// differing says that servers do not answer the same.
func differing(q answer.Question, zone dnsname.Name, seen []Seen) (Cause, bool) {
	texts := make(map[string][]answer.Server)
	var order []string
	for _, s := range seen {
		if !s.Outcome.Definite() {
			continue
		}
		text := "none"
		if s.Outcome == answer.Found {
			text = briefAll(s.Values)
		}
		if texts[text] == nil {
			order = append(order, text)
		}
		texts[text] = append(texts[text], s.Server)
	}
	if len(order) < 2 || q.Via != answer.Authorities {
		return Cause{}, false
	}
	slices.Sort(order)
	parts := make([]string, len(order))
	for i, text := range order {
		parts[i] = fmt.Sprintf("%s %s %s", serverList(texts[text]), plural(len(texts[text]), "has", "have"), text)
	}
	return Cause{
		Code: ServersBehind,
		What: fmt.Sprintf("The name servers of %s do not have the same %s records at %s: %s.", shown(zone), q.Type, shown(q.Name), strings.Join(parts, "; ")),
		Do:   followPrimary,
	}, true
}

// textCauses says what is wrong with the TXT values of a name, although nothing is expected of them.
func textCauses(owner dnsname.Name, values []string) []Cause {
	var causes []Cause
	told := make(map[CauseCode]bool)
	add := func(c Cause) {
		if !told[c.Code] {
			causes, told[c.Code] = append(causes, c), true
		}
	}
	for _, v := range values {
		k := kindOf(Expectation{Owner: owner, Type: record.TXT, Value: v})
		if of := k.among(values); k.single() && len(of) > 1 {
			add(several(owner, k, "", of))
		}
		if c, ok := literals(owner, v, func(plain string) bool { return plain != v || !escaped(v) }); ok {
			add(c)
			continue
		}
		if IsDKIMOwner(owner) {
			for _, c := range keyCauses(owner, v) {
				add(c)
			}
		} else if k.name == spfKind {
			if c, ok := brokenSPF(owner, v); ok {
				add(c)
			}
		}
	}
	return causes
}

// escaped reports whether a value looks as if quotes or escapes of a zone file had become part of it.
func escaped(v string) bool {
	return unquote(v) != v || strings.Contains(v, `\"`) || strings.Contains(v, `\;`)
}

// keyCauses says what is wrong with a key, although no other is expected.
func keyCauses(owner dnsname.Name, v string) []Cause {
	if c, ok := unusable(owner, v); ok {
		return []Cause{c}
	}
	var causes []Cause
	if _, p, ok := strings.Cut(v, "p="); ok {
		p, _, _ = strings.Cut(p, ";")
		if p = strings.TrimSpace(p); strings.ContainsAny(p, " \t") {
			causes = append(causes, Cause{
				Code: BlankMisplaced,
				What: fmt.Sprintf("The key at %s has a blank behind %d characters, as where it was cut into strings: receivers should skip it (RFC 6376 §3.6.1), and not all do.", shown(owner), strings.IndexAny(p, " \t")),
				Do:   "Publish the key whole or cut as `txt_chunks` cuts it, without a blank between the strings.",
			})
		}
	}
	if inTestMode(v) {
		causes = append(causes, testMode(owner))
	}
	return causes
}
