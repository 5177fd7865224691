package verify

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// cached says why resolvers do not give what the authorities serve. That they remember what was before is only one reason:
// they may have another zone of the same name, or keep what is over.
func (f Finding) cached(zone *answer.Comparison) []Cause {
	kinds := make(map[CauseCode][]answer.Answer)
	for _, s := range f.Seen {
		if s.Verdict == Mismatch {
			code := f.withheld(s.Answer, zone)
			kinds[code] = append(kinds[code], s.Answer)
		}
	}
	var causes []Cause
	for code, answers := range kinds {
		causes = append(causes, cacheCause(f.Expectation, code, answers))
	}
	return causes
}

// withheld tells the reasons apart for which a resolver does not give what the authorities serve.
func (f Finding) withheld(a answer.Answer, zone *answer.Comparison) CauseCode {
	negative, source := a.Outcome != answer.Found, f.sources[a.Server]
	switch {
	case zone != nil && isElsewhere(a, source, *zone):
		return ViewElsewhere
	case isStale.MatchString(a.Extended), a.TTL == 0 && (!negative || source.IsValid()):
		return AnswerOutlived
	case negative:
		return AbsenceCached
	}
	return ValueCached
}

// isStale finds the extended errors that say that an answer is kept past its TTL (RFC 8914 §4.4, §4.20).
var isStale = regexp.MustCompile(`\bextended error (3|19)\b`)

// isElsewhere reports whether a resolver's answer comes from another zone than the authorities serve: it has the AA bit,
// which nothing from a cache has, or the SOA record that the resolver has for the zone is none of theirs.
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

// cacheCause writes the sentences about resolvers that do not give what the authorities serve, for one reason.
func cacheCause(e Expectation, code CauseCode, answers []answer.Answer) Cause {
	servers := make([]answer.Server, len(answers))
	var counts []string
	for i, a := range answers {
		if servers[i] = a.Server; a.TTL > 0 {
			counts = append(counts, fmt.Sprintf("%s forgets it in %d s", a.Server, a.TTL))
		}
	}
	list, n := serverList(servers), len(servers)
	c := Cause{Code: code}
	switch code {
	case ViewElsewhere:
		c.What = fmt.Sprintf("The name servers serve the record, and %s %s about %s from another zone than theirs, as in a private view: the SOA records differ, or the answer is not from a cache.",
			list, plural(n, "answers", "answer"), shown(e.Owner))
		c.Do = "Where that view counts, publish the record in it as well, and wait for it alone with `query = \"resolvers\"`; " +
			"where it does not, name resolvers in the provider's `resolvers` that see the public zone. It does not pass by itself."
		return c
	case AnswerOutlived:
		c.What = fmt.Sprintf("The name servers serve the record, and %s %s on giving what was before, past its time to live.", list, plural(n, "goes", "go"))
		c.Do = "Flush the cache of the resolver where it is yours, and see why it cannot ask the name servers, as resolvers that serve expired answers do so then (RFC 8767); or name other resolvers in the provider's `resolvers`."
		return c
	case ValueCached:
		c.What = fmt.Sprintf("The name servers serve the record, and %s still %s an earlier value in the cache: %s.", list, plural(n, "has", "have"), briefAll(answers[n-1].Values))
	default:
		c.What = fmt.Sprintf("The name servers serve the record, and %s still %s in the cache that there was none.", list, plural(n, "has", "have"))
	}
	c.Do = "Wait until the time to live of that answer is over, or flush the cache where the resolver is yours; what other resolvers remember ends by itself too."
	if slices.Sort(counts); len(counts) > 0 {
		c.Now = enumerate(counts) + "."
	}
	return c
}
