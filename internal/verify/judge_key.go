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

// askOwnKeys asks for the keys that may stand in place of DKIM CNAMEs that servers do not have: a DNS provider that
// flattens aliases serves the target's key as a TXT record of the name itself, with the same effect. The key of the target is
// asked for only where there is one at the name.
func askOwnKeys(ctx context.Context, r Resolver, b *batch, findings []Finding) {
	for i := range findings {
		f := &findings[i]
		if f.Type == record.CNAME && dkim.IsOwner(f.Owner) && slices.ContainsFunc(f.Seen, mayBeFlattened) {
			f.own = b.want(f.Owner, record.TXT)
		}
	}
	b.ask(ctx, r)
	for i := range findings {
		f := &findings[i]
		if f.own != nil && slices.ContainsFunc(f.own.answers.List, isOwnKey) {
			f.target = b.want(dnsname.FromDNS(f.Value), record.TXT)
		}
	}
	b.ask(ctx, r)
}

// mayBeFlattened reports whether a server has the name, and no CNAME there.
func mayBeFlattened(j Judgement) bool { return j.Outcome == answer.NoData && len(j.Aliases) == 0 }

// isOwnKey reports whether an answer is one valid DKIM key that stands at the name itself.
func isOwnKey(a answer.Answer) bool { return len(a.Aliases) == 0 && validKey(a).IsValid() }

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

// ownKey returns the answer of the same server with a valid key at the name of the CNAME.
func (f Finding) ownKey(j Judgement) (answer.Answer, bool) {
	i := slices.IndexFunc(f.own.answers.List, func(a answer.Answer) bool { return a.Server == j.Server && isOwnKey(a) })
	if i < 0 {
		return answer.Answer{}, false
	}
	return f.own.answers.List[i], true
}

// judgeFlattened judges the servers that serve a key in place of the CNAME, by the key at its target.
func (f *Finding) judgeFlattened() {
	if f.target == nil {
		return
	}
	key, asked := targetKey(*f.target)
	matches := f.count(Matches)
	for i, j := range f.Seen {
		if !mayBeFlattened(j) {
			continue
		}
		served, ok := f.ownKey(j)
		switch {
		case !ok:
		case key.IsValid() && key.Equivalent(validKey(served)):
			f.Seen[i].Verdict, f.Seen[i].fault = Matches, flattened
		case asked:
			f.Seen[i].fault = flattenedKey
		default:
			f.Seen[i].fault = uncompared
			// A failure to ask is no mismatch, but nor may it be passed over where other servers match.
			if matches == 0 {
				f.Seen[i].Verdict = Unknown
			}
		}
	}
}

// targetKey returns the key on which the servers of the target agree, and whether any of them gave a definite answer.
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

// judgeKey judges the key that the CNAME leads to: a server that serves the CNAME matches only where that key is usable.
func (f *Finding) judgeKey() {
	if f.behind == nil || f.count(Matches) == 0 {
		return
	}
	verdict := f.keyVerdict()
	if verdict == Matches {
		return
	}
	for i, j := range f.Seen {
		if j.Verdict == Matches {
			f.Seen[i].Verdict, f.Seen[i].fault = verdict, behindAlias
		}
	}
}

// keyVerdict returns the verdict of all servers on the key behind the CNAME. The key is the sender's, and so are its
// servers: one that is silent does not matter where others answer, unless every server is required.
func (f Finding) keyVerdict() Verdict {
	a, ok := f.decisive()
	if !ok {
		return Unknown
	}
	return keyVerdict(a)
}

// decisive returns the answer about the key behind the CNAME that decides for all servers: the first one that says that
// there is no usable key, or the last that says nothing where that counts, and otherwise one that matches. It returns false
// where there is no server to ask.
func (f Finding) decisive() (answer.Answer, bool) {
	if f.behind.err != nil {
		return answer.Answer{}, false
	}
	var good, silent *answer.Answer
	list := f.Required.counting(f.behind.answers.List)
	for i := range list {
		switch keyVerdict(list[i]) {
		case Mismatch:
			return list[i], true
		case Matches:
			good = &list[i]
		default:
			silent = &list[i]
		}
	}
	switch {
	case good != nil && (silent == nil || f.Required != requireStrict):
		return *good, true
	case silent != nil:
		return *silent, true
	}
	return answer.Answer{}, false
}

// keyVerdict judges one answer about the key behind a CNAME.
func keyVerdict(a answer.Answer) Verdict {
	switch {
	case !a.Outcome.Definite():
		return Unknown
	case validKey(a).IsValid() && validKey(a).Rejected() == nil:
		return Matches
	}
	return Mismatch
}

// seenKey describes the answer that decides about the key behind the CNAME.
func (f Finding) seenKey() string {
	a, ok := f.decisive()
	switch {
	case f.behind.err != nil:
		return "the key at the CNAME's target: " + record.Display(f.behind.err.Error())
	case !ok:
		return "the key at the CNAME's target: there is no server to ask"
	}
	return fmt.Sprintf("%s (%s)", describeKey(a), a.Server)
}

// describeKey says in which way an answer holds no usable key.
func describeKey(a answer.Answer) string {
	switch {
	case !a.Outcome.Definite():
		return "the key at the CNAME's target: " + withExtended(a, a.Why())
	case leadsNowhere(a):
		return "the CNAME leads nowhere: " + a.Why()
	case a.Outcome != answer.Found:
		return "the CNAME, and no key at its target: " + withExtended(a, a.Outcome.String())
	case len(a.Values) != 1:
		return fmt.Sprintf("the CNAME leads to %d TXT records, and there must be exactly one key (RFC 6376 §3.6.2.2)", len(a.Values))
	}
	key, err := dkim.Parse(a.Values[0])
	switch {
	case err != nil:
		return "the CNAME leads to a record that is not a DKIM key: " + reasonOf(err)
	case key.Revoked():
		return "the CNAME leads to a revoked key (empty p=, RFC 6376 §3.6.1)"
	}
	return "the CNAME leads to a record without a usable key: " + reasonOf(key.Rejected())
}

// leadsNowhere reports whether the target of the CNAME leads on to a name that does not exist.
func leadsNowhere(a answer.Answer) bool {
	return a.Outcome == answer.NXDomain && len(a.Aliases) > 0 && a.Detail != ""
}
