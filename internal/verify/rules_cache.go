package verify

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// cacheRules are about resolvers that do not give the records of the authorities. An earlier answer in the cache is only one
// reason: they may have another zone of the same name, or keep an answer past its time to live.
var cacheRules = []rule{
	{
		code: "value-cached", meaning: "a resolver still has an earlier value in its cache", cached: true,
		find: whereResolvers(func(e *evidence, a answer.Answer) bool {
			return !e.fromElsewhere(a) && !e.outlived(a) && a.Outcome == answer.Found
		}, func(_ *evidence, answers []answer.Answer) Cause {
			n := len(answers)
			return Cause{
				Sentence: fmt.Sprintf("The name servers serve the record, and %s still %s an earlier value in the cache: %s.", serverList(serversOf(answers)), plural(n, "has", "have"), briefAll(answers[n-1].Values)),
				Now:      countdowns(answers),
			}
		}),
		remedy: waitForCache,
	},
	{
		code: "absence-cached", meaning: "a resolver still remembers that there was no such record", cached: true,
		find: whereResolvers(func(e *evidence, a answer.Answer) bool {
			return !e.fromElsewhere(a) && !e.outlived(a) && a.Outcome != answer.Found
		}, func(_ *evidence, answers []answer.Answer) Cause {
			return Cause{
				Sentence: fmt.Sprintf("The name servers serve the record, and %s still %s that there was none.", serverList(serversOf(answers)), plural(len(answers), "remembers", "remember")),
				Now:      countdowns(answers),
			}
		}),
		remedy: waitForCache,
	},
	{
		code: "resolver-view", meaning: "a resolver sees another zone of the same name, such as a private view", cached: true,
		find: whereResolvers((*evidence).fromElsewhere, func(e *evidence, answers []answer.Answer) Cause {
			return Cause{Sentence: fmt.Sprintf("The name servers serve the record, and %s %s about %s from another zone of the same name, such as a private view: the SOA records differ, or the answer is not from a cache.",
				serverList(serversOf(answers)), plural(len(answers), "answers", "answer"), shown(e.Owner))}
		}),
		remedy: "If that view matters, publish the record in it as well, and wait for it alone with `query = \"resolvers\"`; " +
			"if it does not, name resolvers in the provider's `resolvers` that see the public zone. The difference will not go away by itself.",
	},
	{
		code: "answer-outlived", meaning: "a resolver gives an earlier answer after its time to live", cached: true,
		find: whereResolvers(func(e *evidence, a answer.Answer) bool {
			return !e.fromElsewhere(a) && e.outlived(a)
		}, func(_ *evidence, answers []answer.Answer) Cause {
			return Cause{Sentence: fmt.Sprintf("The name servers serve the record, and %s %s on giving an earlier answer, after its time to live.", serverList(serversOf(answers)), plural(len(answers), "goes", "go"))}
		}),
		remedy: "If the resolver is yours, flush its cache and find out why it cannot ask the name servers: resolvers serve expired answers in that case (RFC 8767); or name other resolvers in the provider's `resolvers`.",
	},
}

// waitForCache is the remedy where a resolver keeps an earlier answer.
const waitForCache = "Wait until the time to live of that answer is over, or, if the resolver is yours, flush its cache; other resolvers forget the answer by themselves."

// whereResolvers holds where resolvers that meet a condition do not have the record of the authorities.
func whereResolvers(is func(*evidence, answer.Answer) bool, say func(*evidence, []answer.Answer) Cause) func(*evidence) []Cause {
	return func(e *evidence) []Cause {
		var answers []answer.Answer
		for _, a := range e.withheld() {
			if e.cached && is(e, a) {
				answers = append(answers, a)
			}
		}
		if len(answers) == 0 {
			return nil
		}
		return []Cause{say(e, answers)}
	}
}

// withheld returns the answers of resolvers in place of the record or, where that is right, of the key that it leads to.
func (e *evidence) withheld() []answer.Answer {
	var answers []answer.Answer
	for _, j := range e.Seen {
		switch {
		case j.Verdict != Mismatch:
		case j.fault != behindAlias:
			answers = append(answers, j.Answer)
		default:
			answers = append(answers, slices.DeleteFunc(slices.Clone(e.behind.answers.List), func(a answer.Answer) bool {
				return a.Server != j.Server || keyVerdict(a) != Mismatch
			})...)
		}
	}
	return answers
}

// countdowns says when resolvers forget their answers.
func countdowns(answers []answer.Answer) string {
	var counts []string
	for _, a := range answers {
		if a.TTL > 0 {
			counts = append(counts, fmt.Sprintf("%s forgets it in %d s", a.Server, a.TTL))
		}
	}
	if len(counts) == 0 {
		return ""
	}
	slices.Sort(counts)
	return enumerate(counts) + "."
}

// stale finds the extended errors that say that an answer is kept past its TTL (RFC 8914 §4.4, §4.20).
var stale = regexp.MustCompile(`\bextended error (3|19)\b`)

// outlived reports whether a resolver keeps an answer past its TTL.
func (e *evidence) outlived(a answer.Answer) bool {
	return stale.MatchString(a.Extended) || a.TTL == 0 && (a.Outcome == answer.Found || e.set.Sources[a.Server].IsValid())
}

// fromElsewhere reports whether a resolver's answer comes from another zone than the authorities serve: it has the AA bit,
// which nothing from a cache has, or the SOA record that the resolver has for the zone is none of theirs.
func (e *evidence) fromElsewhere(a answer.Answer) bool {
	if e.probes == nil {
		return false
	}
	return isElsewhere(a, e.set.Sources[a.Server], *e.probes.comparison)
}

// isElsewhere compares the zone that a resolver's answer comes from with that of the authorities.
func isElsewhere(a answer.Answer, source dnsname.Name, zone answer.Comparison) bool {
	if a.Authoritative || source.IsValid() && len(a.Aliases) == 0 && zone.Zone.IsValid() && source != zone.Zone {
		return true
	}
	i := slices.IndexFunc(zone.Resolvers, func(o answer.Origin) bool { return o.Server == a.Server })
	own := slices.DeleteFunc(slices.Clone(zone.Authorities), func(o answer.Origin) bool { return o.Outcome != answer.Found })
	if i < 0 || zone.Resolvers[i].Outcome != answer.Found || len(own) == 0 {
		return false
	}
	return !slices.ContainsFunc(own, func(o answer.Origin) bool { return isVersion(zone.Resolvers[i], o) })
}

// isVersion reports whether a resolver may have the SOA record of a server, now or from before: an earlier one is kept for a
// while, and counts down.
func isVersion(remembered, now answer.Origin) bool {
	switch {
	case remembered.Source != now.Source:
		return false
	case remembered.Serial == now.Serial:
		return true
	}
	return newer(now.Serial, remembered.Serial) && remembered.TTL < now.TTL
}
