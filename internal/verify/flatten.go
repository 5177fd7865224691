package verify

import (
	"context"
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// flatten looks behind DKIM CNAMEs that servers say are none: a DNS provider that flattens aliases serves the
// target's key as a TXT record of the name itself, which does what the CNAME would. What is at the target
// is asked only where there is such a key.
func flatten(ctx context.Context, r Resolver, b *batch, findings []Finding) {
	type pair struct{ own, target *reply }
	pairs := make(map[int]*pair)
	for i, f := range findings {
		if f.Type == record.CNAME && IsDKIMOwner(f.Owner) && slices.ContainsFunc(f.Seen, mayBeFlattened) {
			pairs[i] = &pair{own: b.want(f.Owner, record.TXT)}
		}
	}
	b.ask(ctx, r)
	for i, pair := range pairs {
		if slices.ContainsFunc(pair.own.answers.List, hasOwnKey) {
			pair.target = b.want(dnsname.FromDNS(findings[i].Value), record.TXT)
		}
	}
	b.ask(ctx, r)
	for i, pair := range pairs {
		switch {
		case unanswered(pair.own.err):
			findings[i] = findings[i].open(pair.own.err) // The key may be there.
		case pair.target != nil && unanswered(pair.target.err):
			findings[i] = findings[i].open(pair.target.err)
		case pair.target != nil:
			findings[i] = compareKeys(findings[i], *pair.own, *pair.target)
		}
	}
}

// mayBeFlattened reports whether a server has the name, and no CNAME there.
func mayBeFlattened(s Seen) bool { return s.Outcome == answer.NoData && len(s.Aliases) == 0 }

// hasOwnKey reports whether an answer is one valid DKIM key that stands at the name itself.
func hasOwnKey(a answer.Answer) bool { return len(a.Aliases) == 0 && validKey(a).IsValid() }

// validKey returns the one valid DKIM key that an answer holds, and the zero Record where there is none.
func validKey(a answer.Answer) dkim.Record {
	if a.Outcome != answer.Found || len(a.Values) != 1 {
		return dkim.Record{}
	}
	key, err := dkim.Parse(a.Values[0])
	if err != nil {
		return dkim.Record{}
	}
	if _, err := key.PublicKey(); err != nil {
		return dkim.Record{}
	}
	return key
}

// compareKeys judges the servers that serve a key in place of the CNAME, by the key at its target.
func compareKeys(f Finding, own, target reply) Finding {
	key, asked := targetKey(target)
	f.Seen = slices.Clone(f.Seen)
	matches := f.count(Matches)
	for i, s := range f.Seen {
		at := slices.IndexFunc(own.answers.List, func(a answer.Answer) bool { return a.Server == s.Server && hasOwnKey(a) })
		if !mayBeFlattened(s) || at < 0 {
			continue
		}
		served := own.answers.List[at].Values[0]
		switch {
		case key.IsValid() && key.Equivalent(validKey(own.answers.List[at])):
			f.Seen[i].Verdict, f.Seen[i].Text = Matches, "no CNAME, but the key of its target"
			f.Notes = append(f.Notes, flattenedNotes(f.Expectation, served)...)
		case asked:
			f.Seen[i].Text = fmt.Sprintf("no CNAME, but a TXT record whose key is not that of the target: «%s»", record.Display(served))
			f.Causes = append(f.Causes, otherKey(f.Expectation, key.IsValid()))
		default:
			f.Seen[i].Text = "no CNAME, but a TXT record with a key; the key of the target cannot be asked for"
			f.Causes = append(f.Causes, Cause{
				Code: KeyUnknown,
				What: fmt.Sprintf("The DNS provider flattens the CNAME at %s, and whether its key is that of %s cannot be told, since no server answers for it.", shown(f.Owner), record.Display(f.Value)),
				Do:   askSender,
			})
			// A failure to ask is no mismatch, but nor may it be passed over where other servers match.
			if matches == 0 {
				f.Seen[i].Verdict = Unknown
			}
		}
	}
	f.Causes, f.Notes = arrange(f.Causes), arrange(f.Notes)
	return f
}

// targetKey returns the key on which the servers of the target agree, and whether they said what there is.
func targetKey(target reply) (key dkim.Record, asked bool) {
	for _, a := range answer.Answering(target.answers.List) {
		if !a.Outcome.Definite() {
			continue
		}
		k := validKey(a)
		if asked && !k.Equivalent(key) {
			return dkim.Record{}, true
		}
		key, asked = k, true
	}
	return key, asked
}

func flattenedNotes(e Expectation, served string) []Cause {
	notes := []Cause{{
		Code: KeyFlattened,
		What: fmt.Sprintf("The DNS provider flattens the CNAME at %s: it serves the key of %s as a TXT record, which receivers read alike.", shown(e.Owner), record.Display(e.Value)),
		Do:   "Turn the flattening off for this name where you can, since a copy of the key may lag behind when the sender changes it.",
	}}
	if inTestMode(served) {
		notes = append(notes, testMode(e.Owner))
	}
	return notes
}

func otherKey(e Expectation, valid bool) Cause {
	c := Cause{
		Code: FlattenedKeyDiffers,
		What: fmt.Sprintf("The DNS provider serves a TXT record in place of the CNAME at %s, and its key is not the one at %s.", shown(e.Owner), record.Display(e.Value)),
		Do:   "Publish the CNAME itself, or turn its flattening off at the DNS provider.",
	}
	if !valid {
		c.What = fmt.Sprintf("The DNS provider serves a TXT record in place of the CNAME at %s, and there is no one valid key at %s that it could be.", shown(e.Owner), record.Display(e.Value))
	}
	return c
}
