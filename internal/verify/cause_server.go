package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
	causes := serverCauses(f.Owner, f.Via, f.Seen)
	if _, servers := f.serving(); f.Required.mode == requireCount && f.Required.count > servers {
		causes = append(causes, Cause{
			Code: TooFewServers,
			What: fmt.Sprintf("`require` asks for %d servers, and there %s %d, however many addresses %s.", f.Required.count,
				plural(servers, "is", "are"), servers, plural(servers, "it has", "they have")),
			Do: "Lower it, or set `require = \"strict\"` for every server there is.",
		})
	}
	if behind, ok := f.behind(); ok {
		return append(causes, behind)
	}
	var told []Answer // A server that says what another says adds nothing.
	for _, s := range f.Seen {
		same := func(a Answer) bool {
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
	return causes
}

// notes says what is worth knowing about a record that matches.
func (f Finding) notes() []Cause {
	if !IsDKIMOwner(f.Owner) {
		return nil
	}
	for _, s := range f.Seen {
		if s.Verdict == Matches && slices.ContainsFunc(s.Values, inTestMode) {
			return []Cause{testMode(f.Owner)}
		}
	}
	return nil
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

// behind says which name servers lack what others of the zone serve.
func (f Finding) behind() (Cause, bool) {
	if f.Via != Authorities || f.count(Matches) == 0 || f.count(Mismatch) == 0 {
		return Cause{}, false
	}
	var servers []Server
	var serials []Serial
	for _, s := range f.Seen {
		if s.Verdict == Mismatch {
			servers = append(servers, s.Server)
		}
		if s.Serial > 0 {
			serials = append(serials, Serial{Server: s.Server, Outcome: Found, Serial: s.Serial})
		}
	}
	return Cause{
		Code: ServersBehind,
		What: fmt.Sprintf("%s %s not serve the record yet, and other name servers of the zone do.", serverList(servers), plural(len(servers), "does", "do")),
		Do:   followPrimary,
		Now:  serialsText(serials),
	}, true
}

const followPrimary = "Wait until every server follows the zone's primary; where that lasts, mend the zone transfer to the one that is behind, or take it off the zone's name servers."

// serialsText says which version of the zone each server has.
func serialsText(serials []Serial) string {
	if len(serials) == 0 {
		return ""
	}
	texts := make([]string, len(serials))
	for i, s := range serials {
		texts[i] = fmt.Sprintf("%s has %d", s.Server, s.Serial)
		if s.Outcome != Found {
			texts[i] = fmt.Sprintf("%s gives none (%s)", s.Server, s.Outcome)
		}
	}
	slices.Sort(texts)
	return "Of the zone's serials, " + enumerate(texts) + "."
}

// serverCauses says why servers gave no answer that counts.
func serverCauses(owner dnsname.Name, via Via, seen []Seen) []Cause {
	kinds := make(map[CauseCode][]Answer)
	for _, s := range seen {
		if code := serverCode(s.Answer); code != "" {
			kinds[code] = append(kinds[code], s.Answer)
		}
	}
	var causes []Cause
	for code, answers := range kinds {
		causes = append(causes, serverCause(code, owner, via, answers, len(answers) == len(seen)))
	}
	return arrange(causes)
}

// serverCode tells the kinds of answers apart that say nothing about the record.
func serverCode(a Answer) CauseCode {
	switch {
	case a.Bogus:
		return ZoneBogus
	case a.Outcome == Unvalidated:
		return AnswerUnvalidated
	case a.Outcome.Definite():
		return ""
	case len(a.Aliases) > 0 && a.Outcome == Malformed:
		return AliasLoop
	case len(a.Aliases) > 0:
		return AliasDeadEnd
	case a.Outcome == NotAuthoritative:
		return ServersLame
	case a.Outcome == Timeout || a.Outcome == Unreachable:
		return ServersSilent
	}
	return ServersFailing
}

// serverCause writes the sentences about servers whose answers are of one kind. All is set where there are no others.
func serverCause(code CauseCode, owner dnsname.Name, via Via, answers []Answer, all bool) Cause {
	servers := make([]Server, len(answers))
	for i, a := range answers {
		servers[i] = a.Server
	}
	list, first, n := serverList(servers), answers[0], len(slices.Compact(slices.Clone(servers)))
	c := Cause{Code: code}
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
		c.What = fmt.Sprintf("%s %s listed as name %s of the zone, and %s not serve it.", list, plural(n, "is", "are"), plural(n, "server", "servers"), plural(n, "does", "do"))
		c.Do = "Set the zone up there, or take the server off the NS records of the zone and of its parent (at the registrar)."
	case ServersSilent:
		c = silent(via, list, n, all)
	default:
		c.What = fmt.Sprintf("%s %s with a failure: %s.", list, plural(n, "answers", "answer"), withExtended(first, withDetail(first)))
		c.Do = "Mend the server, or look for what it refuses in its log; a failure says nothing about the record."
	}
	return c
}

const resign = "Sign the zone anew, or make the DS record at the registrar fit its keys; until then, receivers that validate see none of its records."

// silent says that servers do not answer: all of them more likely for a reason on the way to them.
func silent(via Via, list string, n int, all bool) Cause {
	c := Cause{
		Code: ServersSilent,
		What: fmt.Sprintf("%s %s not answer, neither over UDP nor over TCP.", list, plural(n, "does", "do")),
		Do:   "Mend the server, or take it off the NS records of the zone and of its parent; `require = \"all\"` passes over one that stays silent while all others match.",
	}
	switch {
	case via == Resolvers:
		c.Do = "Check the addresses in the provider's `resolvers`, and that this machine may ask them."
	case all:
		c.What = fmt.Sprintf("No name server of the zone answers: %s.", list)
		c.Do = "Check that this machine can send DNS questions to the Internet (port 53, UDP and TCP); " +
			"where it cannot, set `query = \"resolvers\"`, with the provider's `resolvers` naming those to ask."
	}
	return c
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
	e, ok := errors.AsType[*LookupError](err)
	if !ok {
		return nil
	}
	at := shown(e.At)
	c := Cause{Code: LookupFailed}
	switch {
	case e.Reason == NotDelegated:
		c.Code = NameNotDelegated
		c.What = fmt.Sprintf("%s is not registered, or the zone above does not delegate it.", at)
		c.Do = "Check the spelling, register the domain, or enter its name servers at the registrar; where the same apply does so, the validation waits for it."
	case e.Reason == NoAddress:
		c.Code = ServersNoAddress
		c.What = fmt.Sprintf("The name servers that %s is delegated to have no address%s.", at, inBrackets(e.Detail))
		c.Do = "Enter name servers that exist at the registrar, with their addresses (glue) where they lie in the zone itself."
	case e.Reason == SplitHorizon:
		c.Code = ViewsSplit
		c.What = fmt.Sprintf("This machine sees private addresses among the name servers of the public zone %s (split horizon)%s.", at, inBrackets(e.Detail))
		c.Do = "Set the provider's `resolvers` to those whose view counts, as a public one for what the Internet sees."
	case e.Reason == Blocked:
		c.Code = PortBlocked
		c.What = "Resolvers answer, and no authoritative server does: this machine seems to be kept from sending DNS questions to the Internet (port 53), as on many CI runners."
		c.Do = "Set `query = \"resolvers\"`, with the provider's `resolvers` naming those to ask, or open port 53 for UDP and TCP."
	default:
		c.What = fmt.Sprintf("The name servers of %s could not be found: %s at %s%s.", shown(e.Name), e.Outcome, at, inBrackets(e.Detail))
		c.Do = "Check that the provider's `resolvers` answer, and that the zone's delegation is in order."
	}
	return []Cause{c}
}

// cached says which resolvers have not forgotten yet what was before, where the authorities serve the record.
func (f Finding) cached() []Cause {
	var causes []Cause
	for _, code := range []CauseCode{ValueCached, AbsenceCached} {
		var servers []Server
		var counts []string
		var old Answer
		for _, s := range f.Seen {
			if s.Verdict != Mismatch || (s.Outcome == Found) != (code == ValueCached) {
				continue
			}
			servers, old = append(servers, s.Server), s.Answer
			if s.TTL > 0 {
				counts = append(counts, fmt.Sprintf("%s forgets it in %d s", s.Server, s.TTL))
			}
		}
		if len(servers) == 0 {
			continue
		}
		slices.Sort(counts)
		c := Cause{Code: code, Do: "Wait until the time to live of that answer is over, or flush the cache where the resolver is yours; what other resolvers remember ends by itself too."}
		c.What = fmt.Sprintf("The name servers serve the record, and %s still %s in the cache that there was none.", serverList(servers), plural(len(servers), "has", "have"))
		if code == ValueCached {
			c.What = fmt.Sprintf("The name servers serve the record, and %s still %s an earlier value in the cache: %s.", serverList(servers), plural(len(servers), "has", "have"), briefAll(old.Values))
		}
		if len(counts) > 0 {
			c.Now = enumerate(counts) + "."
		}
		causes = append(causes, c)
	}
	return causes
}
