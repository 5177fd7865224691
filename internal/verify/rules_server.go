package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// serverRules are about servers that give no answer that counts.
var serverRules = []rule{
	{
		code: "delegation-disagrees", meaning: "the servers of a zone do not agree on who serves the zone below it",
		find: delegationDisagrees,
	},
	{
		code: "dnssec-bogus", meaning: "the zone's DNSSEC signatures are invalid, so validating resolvers refuse it", cached: true,
		find: bogus, remedy: signAnew,
	},
	{
		code: "dnssec-unvalidated", meaning: "an answer came without DNSSEC validation, and only validated ones count", aside: true, cached: true,
		find: whereServers(unvalidated, func(e *evidence, s servers) Cause {
			return Cause{Sentence: fmt.Sprintf("%s %s %s without validating it (no AD bit), and `dnssec = \"require\"` accepts only validated answers.",
				s.list(), plural(s.n(), "answers for", "answer for"), shown(e.Owner))}
		}),
		remedy: "Sign the zone and have its DS record published by the parent, ask a resolver that validates, or set `dnssec = \"report\"`.",
	},
	{
		code: "alias-loop", meaning: "aliases lead in a circle", cached: true,
		find: func(e *evidence) []Cause {
			return append(whereServers(loop, sayLoop)(e), e.behindIs(loop, sayLoop)...)
		},
		remedy: "Change one of the CNAME records, so that the last one leads to a name with records of its own.",
	},
	{
		code: "alias-dead-end", meaning: "an alias leads to a name that cannot be looked up", cached: true,
		find: func(e *evidence) []Cause {
			causes := whereServers(deadEnd, sayDeadEnd)(e)
			if a, ok := e.badKey(); ok && leadsNowhere(a) {
				causes = append(causes, sayDeadEnd(e, servers{answers: []answer.Answer{a}}))
			}
			return causes
		},
		remedy: "Compare the target with the one that the service gives; if it is right, ask the support of the service.",
	},
	{
		code: "servers-lame", meaning: "the zone is delegated to servers that do not serve it", aside: true, cached: true,
		find: whereServers(lame, sayLame),
	},
	{
		code: "servers-silent", meaning: "servers do not answer", aside: true, cached: true,
		find: whereServers(silent, saySilent),
	},
	{
		code: "servers-failing", meaning: "servers answer with a failure", aside: true, cached: true,
		find: whereServers(failing, sayFailing),
	},
	{
		code: "too-few-servers", meaning: "`require` asks for more servers than there are", aside: true, cached: true,
		find: func(e *evidence) []Cause {
			_, n := e.serving()
			if e.Err != nil || int(e.Required) <= n {
				return nil
			}
			return only(fmt.Sprintf("`require` asks for %d servers, and there %s %d, however many addresses %s.", e.Required,
				plural(n, "is", "are"), n, plural(n, "it has", "they have")), "")
		},
		remedy: "Lower it, or set `require = \"strict\"` to require every server.",
	},
}

// failure is the kind of an answer that says nothing about the record.
type failure int

// The failures. The zero failure is an answer that counts.
const (
	signature   failure = iota + 1 // the signatures do not hold
	unvalidated                    // the answer was not validated, where it has to be
	loop                           // aliases lead in a circle
	deadEnd                        // an alias leads to a name that cannot be looked up
	lame                           // the server does not have the zone
	silent                         // the server does not answer
	failing                        // any other failure
)

// failureOf returns the failure of an answer. Only resolvers validate: a server of the zone that calls its own signatures
// bogus is one server's word, and no verdict on the zone.
func failureOf(via answer.Via, a answer.Answer) failure {
	switch {
	case a.Bogus && via == answer.Resolvers:
		return signature
	case a.Outcome == answer.Unvalidated:
		return unvalidated
	case a.Outcome.Definite():
		return 0
	case len(a.Aliases) > 0 && a.Outcome == answer.Malformed && strings.Contains(a.Detail, "aliases"):
		return loop
	case len(a.Aliases) > 0:
		return deadEnd
	case a.Outcome == answer.NotAuthoritative:
		return lame
	case a.Outcome == answer.Timeout || a.Outcome == answer.Unreachable:
		return silent
	}
	return failing
}

// failureOf returns the failure of one of the finding's answers. Where others answer at the end of the same aliases, these are right,
// and the server alone fails.
func (f Finding) failureOf(a answer.Answer) failure {
	leadsOn := func(j Judgement) bool { return j.Outcome.Definite() && slices.Equal(j.Aliases, a.Aliases) }
	if slices.ContainsFunc(f.Seen, leadsOn) {
		a.Aliases = nil
	}
	return failureOf(f.Via, a)
}

// servers are the answers of those servers that fail in one way.
type servers struct {
	answers []answer.Answer
	via     answer.Via
	all     bool // there are no others
}

// list names the servers.
func (s servers) list() string { return serverList(serversOf(s.answers)) }

// n returns the number of servers.
func (s servers) n() int { return len(slices.Compact(serversOf(s.answers))) }

// serversOf returns the servers that answers come from.
func serversOf(answers []answer.Answer) []answer.Server {
	list := make([]answer.Server, len(answers))
	for i, a := range answers {
		list[i] = a.Server
	}
	return list
}

// whereServers holds for each group of servers whose answers fail alike.
func whereServers(f failure, say func(*evidence, servers) Cause) func(*evidence) []Cause {
	return func(e *evidence) []Cause {
		var causes []Cause
		for _, j := range e.judged {
			for _, s := range j.failures(f) {
				causes = append(causes, say(e, s))
			}
		}
		return causes
	}
}

// failures returns the servers whose answers fail in one way, grouped by the reason as far as it is known.
func (f Finding) failures(kind failure) []servers {
	type reason struct {
		outcome answer.Outcome
		trouble answer.Trouble
		family  string // of the addresses that there is no way to
	}
	groups := make(map[reason]*servers)
	var list []*servers
	for _, j := range f.Seen {
		if f.failureOf(j.Answer) != kind {
			continue
		}
		var why reason
		if kind == failing {
			why.outcome = j.Outcome
		}
		if kind == failing || kind == silent {
			why.trouble = j.Trouble
		}
		if why.trouble == answer.WithoutRoute {
			why.family = family(j.Server)
		}
		if groups[why] == nil {
			groups[why] = &servers{via: f.Via}
			list = append(list, groups[why])
		}
		groups[why].answers = append(groups[why].answers, j.Answer)
	}
	result := make([]servers, len(list))
	for i, s := range list {
		s.all = len(s.answers) == len(f.Seen)
		result[i] = *s
	}
	return result
}

// delegationDisagrees says where the servers of a zone do not agree on who serves a zone below it.
func delegationDisagrees(e *evidence) []Cause {
	var causes []Cause
	for _, j := range e.judged {
		if j.Err != nil || !e.expects() && j.agrees() {
			continue
		}
		for _, d := range j.set.Disagreements {
			views := make([]string, 0, maxShown+1)
			for i, v := range d.Views {
				if i == maxShown {
					views = append(views, fmt.Sprintf("and %d more", len(d.Views)-maxShown))
					break
				}
				views = append(views, shownView(v))
			}
			causes = append(causes, Cause{
				Sentence: fmt.Sprintf("The name servers of %s do not agree on who serves %s: %s.", shown(d.Zone), shown(d.At), strings.Join(views, "; ")),
				Remedy: fmt.Sprintf("Bring every name server of %s to the same version of the zone, with one list of NS records for %s; "+
					"until then, all of them must serve the record, since resolvers may ask any of them.", shown(d.Zone), shown(d.At)),
			})
		}
	}
	return causes
}

// shownView says where some servers lead on.
func shownView(v answer.View) string {
	n, list := len(v.Servers), serverList(v.Servers[:min(len(v.Servers), maxShown)])
	if more := n - maxShown; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	if len(v.Refers) == 0 {
		return fmt.Sprintf("%s %s", list, plural(n, "answers itself", "answer themselves"))
	}
	return fmt.Sprintf("%s %s to %s", list, plural(n, "refers", "refer"), shownNames(v.Refers[:min(len(v.Refers), maxShown)]))
}

const signAnew = "Sign the zone anew, or make the DS record at the registrar match its keys; until then, receivers that validate see none of its records."

// bogus says who refuses the zone: resolvers that were asked for the record, or those of the survey.
func bogus(e *evidence) []Cause {
	say := func(e *evidence, s servers) Cause {
		first := s.answers[0]
		return Cause{Sentence: fmt.Sprintf("The DNSSEC signatures of %s are invalid, so %s %s the data as bogus%s.", shown(e.Owner), s.list(), plural(s.n(), "refuses", "refuse"), inBrackets(first.Extended, first.Detail))}
	}
	causes := append(whereServers(signature, say)(e), e.behindIs(signature, say)...)
	if len(causes) > 0 || e.probes == nil || e.probes.survey.Security != answer.Bogus {
		return causes
	}
	survey := e.probes.survey
	return only(fmt.Sprintf("Validating resolvers refuse the zone %s, since its DNSSEC signatures are invalid%s.", shown(survey.Zone), inBrackets(survey.Detail)), "")
}

// sayLoop says that aliases lead in a circle.
func sayLoop(e *evidence, s servers) Cause {
	first := s.answers[0]
	return Cause{Sentence: fmt.Sprintf("The aliases from %s lead nowhere: %s.", shown(e.Owner), firstOf(first.Detail, first.Outcome.String()))}
}

// sayDeadEnd says to which name an alias leads in vain.
func sayDeadEnd(e *evidence, s servers) Cause {
	first := s.answers[0]
	return Cause{Sentence: fmt.Sprintf("%s is an alias of %s, which cannot be looked up: %s.", shown(e.Owner), shown(first.Aliases[len(first.Aliases)-1]), firstOf(first.Detail, first.Outcome.String()))}
}

// sayLame says that servers do not have the zone: where none has it, something else may have answered in their place.
func sayLame(_ *evidence, s servers) Cause {
	if s.all && s.via == answer.Authorities {
		return Cause{
			Sentence: fmt.Sprintf("No name server of the zone answers with authority for it: %s.", s.list()),
			Remedy: "Look up another domain from here: if the result is the same, " + interceptor + "; otherwise set the zone up at its servers, " +
				"or correct the delegation at the registrar.",
		}
	}
	n := s.n()
	return Cause{
		Sentence: fmt.Sprintf("%s %s listed as name %s of the zone, and %s not serve it.", s.list(), plural(n, "is", "are"), plural(n, "server", "servers"), plural(n, "does", "do")),
		Remedy:   "Set the zone up there, or remove the server from the NS records of the zone and of its parent (at the registrar).",
	}
}

// saySilent says that servers do not answer. As those of the zones above did, the way to all servers is not cut off.
func saySilent(_ *evidence, s servers) Cause {
	if c, ok := sayTrouble(s); ok {
		return c
	}
	list := s.list()
	c := Cause{
		Sentence: fmt.Sprintf("%s %s not answer%s.", list, plural(s.n(), "does", "do"), howAsked(s.answers[0])),
		Remedy:   fmt.Sprintf("Repair the server, or remove it from the NS records of the zone and of its parent; `require = \"all\"` passes over it after %d s of silence while all others match, so set `timeouts.create` to more than that.", int(Patience.Seconds())),
	}
	switch {
	case s.via == answer.Resolvers:
		c.Remedy = "Check the addresses in the provider's `resolvers`, and that this machine may ask them."
	case s.all:
		c.Sentence = fmt.Sprintf("No name server of the zone answers: they are down, or cannot be reached from here: %s.", list)
		c.Remedy = "Check whether they run, and whether a firewall blocks this machine; if others reach them, " + otherResolvers + "."
	}
	return c
}

// howAsked says how a silent server was asked.
func howAsked(a answer.Answer) string {
	switch {
	case a.Outcome == answer.Unreachable && a.Detail != "":
		return ": " + firstOf(a.Detail)
	case a.Server.URL != "" && a.Detail != "":
		return " in time: " + firstOf(a.Detail)
	case a.Server.URL != "":
		return " in time"
	}
	return ", neither over UDP nor over TCP"
}

// sayFailing says how servers fail. Most servers answer REFUSED for a zone that they do not have.
func sayFailing(_ *evidence, s servers) Cause {
	if c, ok := sayTrouble(s); ok {
		return c
	}
	list, n, first := s.list(), s.n(), s.answers[0]
	text := withExtended(first, first.Why())
	if s.via == answer.Authorities && first.Outcome == answer.Refused {
		return Cause{
			Sentence: fmt.Sprintf("%s %s to answer (%s): %s may not have the zone, because of a wrong delegation, or may refuse this client.", list,
				plural(n, "refuses", "refuse"), text, plural(n, "it", "they")),
			Remedy: setUpZone,
		}
	}
	return Cause{
		Sentence: fmt.Sprintf("%s %s with a failure: %s.", list, plural(n, "answers", "answer"), text),
		Remedy:   "Repair the server, or look in its log for the reason; a failure says nothing about the record.",
	}
}
