package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// causes says why a finding is not met, as far as its own answers tell.
func (f Finding) causes() []Cause {
	if f.Met() {
		return nil
	}
	if f.Err != nil {
		return lookupCauses(f.Err)
	}
	causes := append(serverCauses(f.Owner, f.Via, f.Seen), delegationCauses(f.Disagreements)...)
	if _, servers := f.serving(); f.Required.mode == requireCount && f.Required.count > servers {
		causes = append(causes, Cause{
			Code: TooFewServers,
			What: fmt.Sprintf("`require` asks for %d servers, and there %s %d, however many addresses %s.", f.Required.count,
				plural(servers, "is", "are"), servers, plural(servers, "it has", "they have")),
			Do: "Lower it, or set `require = \"strict\"` for every server there is.",
		})
	}
	behind, apart := f.behind()
	if apart {
		causes = append(causes, behind)
	}
	return redirected(append(causes, f.contentCauses(apart)...), f.Owner, f.redirects)
}

// contentCauses says what is wrong with what the servers serve. Where others serve the record, apart, another content
// may be an earlier one: only what is wrong in itself counts then.
func (f Finding) contentCauses(apart bool) []Cause {
	var causes []Cause
	var told []answer.Answer // A server that says what another says adds nothing.
	for _, s := range f.Seen {
		same := func(a answer.Answer) bool {
			return a.Outcome == s.Outcome && slices.Equal(a.Values, s.Values) && slices.Equal(a.Aliases, s.Aliases)
		}
		if s.Verdict != Mismatch || slices.ContainsFunc(told, same) || len(told) == maxShown {
			continue
		}
		told = append(told, s.Answer)
		// Where the record itself is right, what is wrong stands behind it.
		if verdict, _ := match(f.Expectation, s.Answer); verdict == Mismatch {
			causes = append(causes, valueCauses(f.Expectation, s.Answer)...)
		}
	}
	return slices.DeleteFunc(causes, func(c Cause) bool { return apart && slices.Contains(ofEarlierContent, c.Code) })
}

// notes says what is worth knowing about a record that matches.
func (f Finding) notes() []Cause {
	var notes []Cause
	inTest := func(s Seen) bool { return s.Verdict == Matches && slices.ContainsFunc(s.Values, inTestMode) }
	if IsDKIMOwner(f.Owner) && slices.ContainsFunc(f.Seen, inTest) {
		notes = append(notes, testMode(f.Owner))
	}
	if len(f.AliasedServers) > 0 {
		notes = append(notes, aliasedServers(f.AliasedServers))
	}
	return notes
}

// aliasedServers says that the names of name servers are aliases.
func aliasedServers(names []dnsname.Name) Cause {
	n := len(names)
	return Cause{
		Code: ServerIsAlias,
		What: fmt.Sprintf("The name %s %s %s (CNAME), which RFC 2181 §10.3 forbids: some resolvers cannot ask %s.",
			plural(n, "server", "servers"), shownNames(names[:min(n, maxShown)]), plural(n, "is an alias", "are aliases"), plural(n, "it", "them")),
		Do: "Give the name server address records (A, AAAA) in place of the CNAME, or name its target in the NS records of the zone and of its parent.",
	}
}

// delegationCauses says where the servers of a zone do not agree on who serves a zone below it.
func delegationCauses(splits []answer.Disagreement) []Cause {
	var causes []Cause
	for _, d := range splits {
		views := make([]string, 0, maxShown+1)
		for i, v := range d.Views {
			if i == maxShown {
				views = append(views, fmt.Sprintf("and %d more", len(d.Views)-maxShown))
				break
			}
			n, list := len(v.Servers), serverList(v.Servers[:min(len(v.Servers), maxShown)])
			if more := n - maxShown; more > 0 {
				list += fmt.Sprintf(" and %d more", more)
			}
			if len(v.Refers) == 0 {
				views = append(views, fmt.Sprintf("%s %s", list, plural(n, "answers itself", "answer themselves")))
				continue
			}
			views = append(views, fmt.Sprintf("%s %s to %s", list, plural(n, "refers", "refer"), shownNames(v.Refers[:min(len(v.Refers), maxShown)])))
		}
		causes = append(causes, Cause{
			Code: DelegationSplit,
			What: fmt.Sprintf("The name servers of %s do not agree on who serves %s: %s.", shown(d.Zone), shown(d.At), strings.Join(views, "; ")),
			Do: fmt.Sprintf("Bring every name server of %s to the same version of the zone, with one list of NS records for %s; "+
				"resolvers come to any of the servers, so all of them must serve the record until then.", shown(d.Zone), shown(d.At)),
		})
	}
	return causes
}

func inTestMode(value string) bool {
	key, err := dkim.Parse(value)
	return err == nil && key.Testing()
}

func testMode(owner dnsname.Name) Cause {
	return Cause{
		Code: KeyInTestMode,
		What: fmt.Sprintf("The DKIM key at %s is in test mode (t=y): receivers treat mail signed with it as if it were not signed (RFC 6376 §3.6.1).", shown(owner)),
		Do:   "Have the flag removed when the tests are done.",
	}
}

// serverCauses says why servers gave no answer that counts.
func serverCauses(owner dnsname.Name, via answer.Via, seen []Seen) []Cause {
	type trouble struct {
		code    CauseCode
		failure answer.Outcome // failures differ in what they mean
		trouble answer.Trouble
		family  string // of the addresses that there is no way to
	}
	kinds := make(map[trouble][]answer.Answer)
	for _, s := range seen {
		kind := trouble{code: serverCode(via, s.Answer)}
		if kind.code == ServersFailing {
			kind.failure = s.Outcome
		}
		if kind.code == ServersSilent || kind.code == ServersFailing {
			kind.trouble = s.Trouble
		}
		if kind.trouble == answer.WithoutRoute {
			kind.family = family(s.Server)
		}
		if kind.code != "" {
			kinds[kind] = append(kinds[kind], s.Answer)
		}
	}
	var causes []Cause
	for kind, answers := range kinds {
		causes = append(causes, serverCause(kind.code, owner, via, answers, len(answers) == len(seen)))
	}
	return arrange(causes)
}

// serverCode tells the kinds of answers apart that say nothing about the record. Only resolvers validate: what a server
// of the zone says of its signatures is one server's word, and no verdict on the zone.
func serverCode(via answer.Via, a answer.Answer) CauseCode {
	switch {
	case a.Bogus && via == answer.Resolvers:
		return ZoneBogus
	case a.Outcome == answer.Unvalidated:
		return AnswerUnvalidated
	case a.Outcome.Definite():
		return ""
	case len(a.Aliases) > 0 && a.Outcome == answer.Malformed:
		return AliasLoop
	case len(a.Aliases) > 0:
		return AliasDeadEnd
	case a.Outcome == answer.NotAuthoritative:
		return ServersLame
	case a.Outcome == answer.Timeout || a.Outcome == answer.Unreachable:
		return ServersSilent
	}
	return ServersFailing
}

// serverCause writes the sentences about servers whose answers are of one kind. All is set where there are no others.
func serverCause(code CauseCode, owner dnsname.Name, via answer.Via, answers []answer.Answer, all bool) Cause {
	servers := make([]answer.Server, len(answers))
	for i, a := range answers {
		servers[i] = a.Server
	}
	list, first, n := serverList(servers), answers[0], len(slices.Compact(slices.Clone(servers)))
	c := Cause{Code: code}
	if code == ServersSilent || code == ServersFailing {
		if what, do, ok := troubled(via, list, n, first); ok {
			return Cause{Code: code, What: what, Do: do}
		}
	}
	switch code {
	case ZoneBogus:
		c.What = fmt.Sprintf("The DNSSEC signatures of %s do not hold, so that %s %s the data as bogus%s.", shown(owner), list, plural(n, "refuses", "refuse"), inBrackets(first.Extended, first.Detail))
		c.Do = resign
	case AnswerUnvalidated:
		c.What = fmt.Sprintf("%s %s %s without validating it (no AD bit), and `dnssec = \"require\"` lets only validated answers count.", list, plural(n, "answers for", "answer for"), shown(owner))
		c.Do = "Sign the zone and have its DS record published by the parent, ask a resolver that validates, or set `dnssec = \"report\"`."
	case AliasLoop:
		c.What = fmt.Sprintf("The aliases from %s lead nowhere: %s.", shown(owner), firstOf(first.Detail, first.Outcome.String()))
		c.Do = "Change one of the CNAME records, so that the last one leads to a name with records of its own."
	case AliasDeadEnd:
		c.What = fmt.Sprintf("%s is an alias of %s, which cannot be looked up: %s.", shown(owner), shown(first.Aliases[len(first.Aliases)-1]), firstOf(first.Detail, first.Outcome.String()))
		c.Do = "Check the target's spelling against what the service hands out, and ask its support where it is right."
	case ServersLame:
		c = lame(via, list, n, all)
	case ServersSilent:
		c = silent(via, list, n, first, all)
	default:
		if via == answer.Authorities && first.Outcome == answer.Refused {
			return refusing(list, n, first)
		}
		c.What = fmt.Sprintf("%s %s with a failure: %s.", list, plural(n, "answers", "answer"), withExtended(first, withDetail(first)))
		c.Do = "Mend the server, or look for what it refuses in its log; a failure says nothing about the record."
	}
	return c
}

const resign = "Sign the zone anew, or make the DS record at the registrar fit its keys; until then, receivers that validate see none of its records."

// refusing says what REFUSED may mean: it is what most servers answer for a zone that they do not have.
func refusing(list string, n int, first answer.Answer) Cause {
	return Cause{
		Code: ServersFailing,
		What: fmt.Sprintf("%s %s to answer (%s): %s may not have the zone, as where the delegation is wrong, or may refuse this client.", list,
			plural(n, "refuses", "refuse"), withExtended(first, withDetail(first)), plural(n, "it", "they")),
		Do: noZone,
	}
}

const noZone = "Set the zone up there, or correct the NS records of the zone and of its parent (at the registrar); where the zone is there, let the server answer everybody."

// lame says that servers do not have the zone: where none has it, something else may have answered in their place.
func lame(via answer.Via, list string, n int, all bool) Cause {
	if all && via == answer.Authorities {
		return Cause{
			Code: ServersLame,
			What: fmt.Sprintf("No name server of the zone answers with authority for it: %s.", list),
			Do: "Ask about another domain from here: where the same is said of that, " + inTheirPlace + "; otherwise set the zone up at its servers, " +
				"or correct the delegation at the registrar.",
		}
	}
	return Cause{
		Code: ServersLame,
		What: fmt.Sprintf("%s %s listed as name %s of the zone, and %s not serve it.", list, plural(n, "is", "are"), plural(n, "server", "servers"), plural(n, "does", "do")),
		Do:   "Set the zone up there, or take the server off the NS records of the zone and of its parent (at the registrar).",
	}
}

// inTheirPlace is part of a sentence about answers that no authoritative server gives.
const inTheirPlace = "something on the way, such as a router, a VPN or the Internet provider, answers in the servers' place: set `query = \"resolvers\"`, " +
	"with the provider's `resolvers` naming those to ask"

// silent says that servers do not answer. As those of the zones above did, the way to all servers is not cut off.
func silent(via answer.Via, list string, n int, first answer.Answer, all bool) Cause {
	c := Cause{
		Code: ServersSilent,
		What: fmt.Sprintf("%s %s not answer%s.", list, plural(n, "does", "do"), overWhat(first)),
		Do:   fmt.Sprintf("Mend the server, or take it off the NS records of the zone and of its parent; under `require = \"all\"` it is passed over after %d s of silence while all others match, so let `timeouts.create` be longer.", int(Patience.Seconds())),
	}
	switch {
	case via == answer.Resolvers:
		c.Do = "Check the addresses in the provider's `resolvers`, and that this machine may ask them."
	case all:
		c.What = fmt.Sprintf("No name server of the zone answers, so that they are down, or cannot be reached from here: %s.", list)
		c.Do = "See whether they run, and whether a firewall keeps this machine from them; where others reach them, " +
			"set `query = \"resolvers\"`, with the provider's `resolvers` naming those to ask."
	}
	return c
}

// overWhat says how a silent server was asked.
func overWhat(a answer.Answer) string {
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

// firstOf returns the first text that is not empty, without a full stop.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return strings.TrimSuffix(text, ".")
		}
	}
	return ""
}

func inBrackets(texts ...string) string {
	if text := firstOf(texts...); text != "" {
		return " (" + text + ")"
	}
	return ""
}

// lookupCauses says why there was no server to ask.
func lookupCauses(err error) []Cause {
	e, ok := errors.AsType[*answer.LookupError](err)
	if !ok {
		return nil
	}
	at := shown(e.At)
	c := Cause{Code: LookupFailed}
	switch {
	case e.Reason == answer.NotDelegated:
		c.Code = NameNotDelegated
		c.What = fmt.Sprintf("%s is not registered, or the zone above does not delegate it.", at)
		c.Do = "Check the spelling, register the domain, or enter its name servers at the registrar; where the same apply does so, the validation waits for it."
	case e.Reason == answer.NoAddress:
		return []Cause{withoutAddress(e)}
	case e.Reason == answer.SplitHorizon:
		c.Code = ViewsSplit
		c.What = fmt.Sprintf("This machine sees private addresses among the name servers of the public zone %s (split horizon)%s.", at, inBrackets(e.Detail))
		c.Do = "Set the provider's `resolvers` to those whose view counts, as a public one for what the Internet sees; where the private view counts, name its networks in `private_networks`."
	case e.Reason == answer.HiddenPrimary:
		c.Code = ViewsSplit
		servers, _, _ := strings.Cut(e.Detail, ";")
		c.What = fmt.Sprintf("Among the name servers of the public zone %s, %s %s a private address, and the others have public ones, as where its NS records name a primary that is meant to be hidden.", at, servers, plural(strings.Count(servers, ", ")+1, "has", "have"))
		c.Do = "Take the hidden primary off the NS records of the zone and of its parent; where this machine is to ask it, name its network in the provider's `private_networks`, and otherwise " + otherResolvers + "."
	case e.Reason == answer.PrivateServers:
		c.Code = ServersPrivate
		c.What = fmt.Sprintf("The name servers of %s have private addresses, which are asked only where that is allowed%s.", at, inBrackets(e.Detail))
		c.Do = "Name the networks of these servers in the provider's `private_networks`, or set `query = \"resolvers\"`."
	case e.Reason == answer.Excessive:
		c.Code = LookupCostly
		c.What = fmt.Sprintf("To find the name servers of %s takes more questions than one record may cost, because of the zone %s%s.", shown(e.Name), at, inBrackets(e.Detail))
		c.Do = fmt.Sprintf("Give %s fewer name servers, with names that have their addresses in zones that need no further searches; the limits stand in the guide `limits`.", at)
	case e.Reason == answer.NoNameServers:
		c.What = fmt.Sprintf("The name servers of %s cannot be found: %s.", shown(e.Name), e.Detail)
		c.Do = "Set `query = \"resolvers\"`, which asks the resolver for the records themselves, or name a resolver in the provider's `resolvers` that answers questions for NS records."
	case e.Reason == answer.NoResolver:
		c.What = fmt.Sprintf("The resolvers, by which name servers are found, fail: nothing is known about the domain%s.", inBrackets(e.Detail))
		c.Do = "Check the provider's `resolvers`, or those of the environment variable `MAILDOMAIN_RESOLVERS` or of the system where it has none, and that this machine may ask them."
	case e.Reason == answer.Blocked && remedy(e.Trouble, answer.Authorities, "") != "":
		c.What = fmt.Sprintf("Resolvers answer, and no authoritative server does: %s.", e.Detail)
		c.Do = remedy(e.Trouble, answer.Authorities, "IPv4 or IPv6")
	case e.Reason == answer.Blocked:
		c.Code = PortBlocked
		c.What = "Resolvers answer, and no authoritative server does: this machine seems to be kept from sending DNS questions to the Internet (port 53), as on many CI runners."
		c.Do = "Set `query = \"resolvers\"`, with the provider's `resolvers` naming those to ask, or open port 53 for UDP and TCP."
	default:
		c.What = fmt.Sprintf("The name servers of %s could not be found: %s at %s%s.", shown(e.Name), e.Outcome, at, inBrackets(e.Detail))
		c.Do = firstOf(remedy(e.Trouble, answer.Authorities, "IPv4 or IPv6"), foundOut(e)) + "."
	}
	return []Cause{c}
}

// withoutAddress says why no name server of a zone has an address.
func withoutAddress(e *answer.LookupError) Cause {
	at := shown(e.At)
	c := Cause{Code: ServersNoAddress, Do: remedy(e.Trouble, answer.Authorities, "")}
	switch e.Trouble {
	case answer.InCircle:
		c.What = fmt.Sprintf("No name server of %s can be found, since delegations lead in a circle: of two zones, each has its name servers in the other%s.", at, inBrackets(e.Detail))
	case answer.AddressForName:
		c.What = fmt.Sprintf("The NS records of %s hold addresses, where names of hosts belong (RFC 1035 §3.3.11): %s.", at, firstOf(e.Detail))
	case answer.AddressUnknown:
		c.What = fmt.Sprintf("The addresses of the name servers that %s is delegated to could not be looked up%s.", at, inBrackets(e.Detail))
	default:
		c.What = fmt.Sprintf("The name servers that %s is delegated to have no address%s.", at, inBrackets(e.Detail))
		c.Do = "Enter name servers that exist at the registrar, with their addresses (glue) where they lie in the zone itself."
	}
	return c
}

// foundOut says what to do where servers on the way to a zone give no usable answer.
func foundOut(e *answer.LookupError) string {
	denies := e.Outcome == answer.NotAuthoritative || e.Outcome == answer.Refused
	suffix, _ := publicsuffix.PublicSuffix(e.At.String())
	switch {
	case denies && e.At.IsValid() && suffix == e.At.String():
		// The servers of a registry do have their zone.
		return "Look for what answers here in place of the registry's servers: most likely " + inTheirPlace + "."
	case denies && e.At.IsValid():
		return noZone
	}
	return "Check that the provider's `resolvers` answer, and that the zone's delegation is in order."
}
