package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// zoneRules are about answers that change, and about the zone as its servers and the zone above have it.
var zoneRules = []rule{
	{
		code: "answers-change", meaning: "the record matches in some rounds and not in others", cached: true,
		find: func(e *evidence) []Cause {
			if len(e.unsteady) == 0 {
				return nil
			}
			return only(fmt.Sprintf("The answers about %s change from round to round: %s %s the expected record in some rounds and not in others.",
				shown(e.Owner), serverList(e.unsteady), plural(len(e.unsteady), "has", "have")), "")
		},
		remedy: "Check whether several machines answer at one of the addresses, or two programs write the record in turn; while a change is still spreading, wait.",
	},
	{
		code: "glue-stale", meaning: "the parent zone gives other addresses for name servers (glue) than the zone has",
		find: glueStale, remedy: "Correct the address of the name server at the registrar (glue, host record); until then, resolvers use the old one as well.",
	},
	{
		code: "servers-behind", meaning: "some servers serve another version of the zone than others", aside: true,
		find: serversBehind,
	},
	{
		code: "parent-delegates-elsewhere", meaning: "the parent zone delegates to other name servers than the zone itself lists",
		find: parentElsewhere,
	},
	{
		code: "wildcard-answers", meaning: "a wildcard record answers for the name",
		find: func(e *evidence) []Cause {
			if !e.wildcard {
				return nil
			}
			return only(fmt.Sprintf("The answer for %s comes from a wildcard record: any other name beside it has the same.", shown(e.Owner)), "")
		},
		remedy: "Publish the record at the name itself, which takes precedence over the wildcard.",
	},
}

// glueStale says of which name servers the zone above sends other addresses along than the zone has.
func glueStale(e *evidence) []Cause {
	if e.probes == nil {
		return nil
	}
	var causes []Cause
	zone := e.probes.comparison
	for _, g := range zone.Glue[:min(len(zone.Glue), maxShown)] {
		causes = append(causes, Cause{Sentence: fmt.Sprintf("The parent zone of %s gives %s as the address of %s (glue), and the zone itself has %s.",
			shown(zone.Zone), shownAddresses(g.Parent), shown(g.Host), shownAddresses(g.Own))})
	}
	return causes
}

// parentElsewhere says that the zone and the zone above have different NS records.
func parentElsewhere(e *evidence) []Cause {
	var causes []Cause
	for _, j := range e.judged {
		if j.partlyServed() && len(j.lacking()) == 0 {
			causes = append(causes, Cause{
				Sentence: fmt.Sprintf("The zone %s has the NS record %s, and the parent zone does not, so nobody finds it: %s.", shown(e.Owner), brief(e.Value), serverList(j.set.Above)),
				Remedy:   "Enter the name server at the registrar, or publish the NS record in the parent zone; if other servers should serve the zone, correct its own NS records.",
			})
		}
	}
	if e.probes == nil {
		return causes
	}
	if s := e.probes.survey; len(s.Parent) > 0 && len(s.Own) > 0 && !sameNames(s.Parent, s.Own) {
		causes = append(causes, Cause{
			Sentence: fmt.Sprintf("The parent zone delegates %s to %s, and the zone itself lists %s.", shown(s.Zone), shownNames(s.Parent), shownNames(s.Own)),
			Remedy:   "Make the name servers at the registrar and the zone's own NS records the same, and make sure that the record is published at the DNS provider that runs them.",
		})
	}
	return causes
}

// sameNames reports whether lists hold the same names in any order.
func sameNames(a, b []dnsname.Name) bool {
	byName := dnsname.Name.Compare
	return slices.Equal(slices.SortedFunc(slices.Values(a), byName), slices.SortedFunc(slices.Values(b), byName))
}

// followPrimary is the remedy where servers have another version of the zone than others.
const followPrimary = "Wait until every server follows the zone's primary; if that takes long, repair the zone transfer to the server that is behind, or remove it from the zone's name servers."

// serversBehind names the servers without the record that others of the zone serve and, where the zone was surveyed, compares
// their versions of the zone.
func serversBehind(e *evidence) []Cause {
	if e.onlyStaleGlue() {
		return nil // Those servers follow no primary any more.
	}
	if causes := e.aliasesApart(); len(causes) > 0 {
		return causes // It is others who answer about the record.
	}
	causes := e.versionsApart()
	if len(causes) == 0 {
		causes = e.lacking()
	}
	if len(causes) == 0 {
		causes = e.serialsApart()
	}
	if e.probes != nil {
		if now := shownSerials(e.probes.survey.Serials); now != "" {
			for i := range causes {
				causes[i].Now = now
			}
		}
	}
	return causes
}

// aliasesApart says where servers lead by different aliases, of which one leads to the record.
func (e *evidence) aliasesApart() []Cause {
	var causes []Cause
	for _, j := range e.judged {
		if !j.partlyServed() {
			continue
		}
		if at, ways := j.ways(); len(ways) > 1 {
			causes = append(causes, Cause{
				Sentence: fmt.Sprintf("The name servers that have %s do not agree on the alias (CNAME or DNAME) there: %s.", shown(at), enumerate(ways)),
				Remedy:   followPrimary,
			})
		}
	}
	return causes
}

// ways returns the name behind which aliases part, and what some servers or others have there.
func (f Finding) ways() (at dnsname.Name, ways []string) {
	var chains [][]dnsname.Name
	for _, j := range f.Seen {
		if j.Verdict != Unknown {
			chains = append(chains, append([]dnsname.Name{f.Owner}, j.Aliases...))
		}
	}
	shared := 0 // by all of them
	for shared < len(chains[0]) && !slices.ContainsFunc(chains, func(c []dnsname.Name) bool { return shared == len(c) || c[shared] != chains[0][shared] }) {
		shared++
	}
	for _, c := range chains {
		way := "some have none"
		if shared < len(c) {
			way = "some lead to " + shown(c[shared])
		}
		ways = append(ways, way)
	}
	slices.Sort(ways)
	return chains[0][shared-1], slices.Compact(ways)
}

// lacking says which servers do not serve the record; where nothing is expected, which do not answer as others do.
func (e *evidence) lacking() []Cause {
	if !e.expects() {
		return answersApart(e.Finding)
	}
	var causes []Cause
	for _, j := range e.judged {
		servers := j.lacking()
		if !j.partlyServed() || len(servers) == 0 {
			continue
		}
		var serials []answer.Serial
		for _, s := range j.Seen {
			if s.Serial > 0 {
				serials = append(serials, answer.Serial{Server: s.Server, Outcome: answer.Found, Serial: s.Serial})
			}
		}
		c := notYet(servers)
		c.Now = shownSerials(serials)
		causes = append(causes, c)
	}
	return causes
}

// notYet says that servers do not serve the record.
func notYet(servers []answer.Server) Cause {
	return Cause{
		Sentence: fmt.Sprintf("%s %s not serve the record yet, and other name servers of the zone do.", serverList(servers), plural(len(servers), "does", "do")),
		Remedy:   followPrimary,
	}
}

// lacking returns the servers of the zone that serve something else than the expected record.
func (f Finding) lacking() []answer.Server {
	var servers []answer.Server
	for _, j := range f.Seen {
		if j.Verdict == Mismatch && !slices.Contains(f.set.Above, j.Server) {
			servers = append(servers, j.Server)
		}
	}
	return servers
}

// onlyStaleGlue reports whether every server that lacks the record is one that stale glue alone leads to.
func (e *evidence) onlyStaleGlue() bool {
	if e.probes == nil {
		return false
	}
	stale := func(s answer.Server) bool {
		return slices.ContainsFunc(e.probes.comparison.Glue, func(g answer.Glue) bool { return slices.Contains(g.Parent, s.Addr.Addr()) })
	}
	lacking := e.published().lacking()
	return len(lacking) > 0 && !slices.ContainsFunc(lacking, func(s answer.Server) bool { return !stale(s) })
}

// answersApart says that authoritative servers do not answer the same.
func answersApart(f Finding) []Cause {
	servers := make(map[string][]answer.Server)
	var texts []string
	for _, j := range f.Seen {
		if !j.Outcome.Definite() {
			continue
		}
		text := "none"
		if j.Outcome == answer.Found {
			text = briefAll(j.Values)
		}
		if servers[text] == nil {
			texts = append(texts, text)
		}
		servers[text] = append(servers[text], j.Server)
	}
	if len(texts) < 2 || f.Via != answer.Authorities {
		return nil
	}
	slices.Sort(texts)
	parts := make([]string, len(texts))
	for i, text := range texts {
		parts[i] = fmt.Sprintf("%s %s %s", serverList(servers[text]), plural(len(servers[text]), "has", "have"), text)
	}
	return only(fmt.Sprintf("The name servers of %s do not have the same %s records at %s: %s.", shown(f.set.Zone), f.Type, shown(f.Owner), strings.Join(parts, "; ")), followPrimary)
}

// shownSerials says which version of the zone each server has.
func shownSerials(serials []answer.Serial) string {
	if len(serials) == 0 {
		return ""
	}
	texts := make([]string, len(serials))
	for i, s := range serials {
		texts[i] = fmt.Sprintf("%s has %d", s.Server, s.Serial)
		if s.Outcome != answer.Found {
			texts[i] = fmt.Sprintf("%s gives none (%s)", s.Server, s.Outcome)
		}
	}
	slices.Sort(texts)
	return "Of the zone's serials, " + enumerate(texts) + "."
}

// serialsApart says which servers have a lower serial than others, where none serves the record: they may be behind, and may
// as well count versions of their own.
func (e *evidence) serialsApart() []Cause {
	if e.probes == nil {
		return nil
	}
	survey := e.probes.survey
	newest, found := latest(survey.Serials)
	var servers []answer.Server
	for _, s := range survey.Serials {
		if s.Outcome == answer.Found && found && s.Serial != newest {
			servers = append(servers, s.Server)
		}
	}
	if len(servers) == 0 {
		return nil
	}
	return only(fmt.Sprintf("%s %s a lower serial of the zone %s than its other name servers: an older version, or that of another DNS provider, which has its own serials.",
		serverList(servers), plural(len(servers), "has", "have"), shown(survey.Zone)),
		"Wait until every server follows the zone's primary; if two DNS providers serve the zone, publish every record at both.")
}

// latest returns the newest serial that a server gave.
func latest(serials []answer.Serial) (newest uint32, found bool) {
	for _, s := range serials {
		if s.Outcome == answer.Found && (!found || newer(s.Serial, newest)) {
			newest, found = s.Serial, true
		}
	}
	return newest, found
}

// newer compares serials, which start again past their end (RFC 1982 §3.2).
func newer(a, b uint32) bool { return a != b && a-b < 1<<31 }

// versionsApart says of the servers that lack the record how their version of the zone compares with the newest that has it;
// nothing where no server has it, or no serial of one that does is known. Only a server with a lower serial is behind.
func (e *evidence) versionsApart() []Cause {
	if e.probes == nil || !e.expects() {
		return nil
	}
	published := e.published()
	var having []answer.Serial
	serials := make(map[answer.Server]uint32)
	for _, s := range e.probes.survey.Serials {
		if s.Outcome != answer.Found {
			continue
		}
		serials[s.Server] = s.Serial
		if slices.ContainsFunc(published.Seen, func(j Judgement) bool { return j.Server == s.Server && j.Verdict == Matches }) {
			having = append(having, s)
		}
	}
	newest, ok := latest(having)
	if !ok {
		return nil
	}
	var older, same, ahead []answer.Server
	for _, s := range published.lacking() {
		serial, known := serials[s]
		switch {
		case !known || newer(newest, serial):
			older = append(older, s)
		case serial == newest:
			same = append(same, s)
		default:
			ahead = append(ahead, s)
		}
	}
	var causes []Cause
	if len(older) > 0 {
		causes = append(causes, notYet(older))
	}
	if n := len(same); n > 0 {
		causes = append(causes, Cause{
			Sentence: fmt.Sprintf("%s %s not serve the record, and other name servers do, although they have the same version of the zone by its serial.", serverList(same), plural(n, "does", "do")),
			Remedy: "Check whether two DNS providers serve the zone, and if so publish the record at both; if the servers follow one primary, raise the serial there, " +
				"so that all of them load the zone again.",
		})
	}
	if n := len(ahead); n > 0 {
		causes = append(causes, Cause{
			Sentence: fmt.Sprintf("%s %s not serve the record, and %s a higher serial of the zone than the name servers that do.", serverList(ahead), plural(n, "does", "do"), plural(n, "has", "have")),
			Remedy: "Check whether the record was removed or changed since, and publish it again; if two DNS providers serve the zone, each has its own serials, " +
				"and the record must be right at both.",
		})
	}
	return causes
}
