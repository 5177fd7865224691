package verify

import (
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

const (
	otherResolvers = "set `query = \"resolvers\"`, and name the resolvers to ask in the provider's `resolvers`"
	// setUpZone is the remedy where a server may not have the zone that is delegated to it.
	setUpZone = "Set the zone up there, or correct the NS records of the zone and of its parent (at the registrar); if the zone is there, let the server answer everybody."
	// interceptor is part of a sentence about answers that no authoritative server gives.
	interceptor = "something on the way, such as a router, a VPN or the Internet provider, answers in the servers' place: " + otherResolvers
)

// lookupRules are about searches for the servers of a zone that found none.
var lookupRules = []rule{
	{
		code: "name-not-delegated", meaning: "the domain is not registered, or its parent zone does not delegate it", cached: true,
		find: whereLookup(func(e *answer.LookupError) []Cause {
			return only(shown(e.At)+" is not registered, or its parent zone does not delegate it.", "")
		}, answer.NotDelegated),
		remedy: "Check the spelling, register the domain, or enter its name servers at the registrar; if the same apply does so, the validation waits for it.",
	},
	{
		code: "servers-without-address", meaning: "the name servers of the zone have no address", cached: true,
		find: whereLookup(withoutAddress, answer.NoAddress),
	},
	{
		code: "split-horizon", meaning: "name servers of a public zone have private addresses", cached: true,
		find: whereLookup(splitHorizon, answer.SplitHorizon, answer.HiddenPrimary),
	},
	{
		code: "servers-private", meaning: "the name servers of the zone have private addresses that `private_networks` does not name", cached: true,
		find: whereLookup(func(e *answer.LookupError) []Cause {
			return only(fmt.Sprintf("The name servers of %s have private addresses, which the provider asks only with permission%s.", shown(e.At), inBrackets(e.Detail)), "")
		}, answer.PrivateServers),
		remedy: "Name the networks of these servers in the provider's `private_networks`, or set `query = \"resolvers\"`.",
	},
	{
		code: "port-blocked", meaning: "resolvers answer, but no authoritative server can be reached from this machine", cached: true,
		find: whereLookup(func(e *answer.LookupError) []Cause {
			if troubleRemedy(e.Trouble, answer.Authorities, "") != "" {
				return nil // More is known than that nothing answers.
			}
			return only("Resolvers answer, but no authoritative server does: it seems that this machine may not send DNS questions to the Internet (port 53), as on many CI runners.", "")
		}, answer.Blocked),
		remedy: "Set `query = \"resolvers\"`, and name the resolvers to ask in the provider's `resolvers`, or open port 53 for UDP and TCP.",
	},
	{
		code: "lookup-failed", meaning: "the name servers of the zone could not be found", cached: true,
		find: whereLookup(lookupFailed, answer.Failure, answer.NoNameServers, answer.NoResolver, answer.Blocked),
	},
	{
		code: "lookup-too-costly", meaning: "the search for the name servers of the zone takes more questions than one record may cost", cached: true,
		find: whereLookup(func(e *answer.LookupError) []Cause {
			at := shown(e.At)
			return only(fmt.Sprintf("The search for the name servers of %s takes more questions than one record may cost, because of the zone %s%s.", shown(e.Name), at, inBrackets(e.Detail)),
				fmt.Sprintf("Give %s fewer name servers, with names whose addresses are in zones that need no further searches; the guide `limits` lists the limits.", at))
		}, answer.Excessive),
	},
	{
		code: "out-of-time", meaning: "the questions about the record were not answered within the time", cached: true,
		find: outOfTime,
	},
}

// whereLookup holds where a search for servers ended for one of the reasons.
func whereLookup(say func(*answer.LookupError) []Cause, reasons ...answer.Reason) func(*evidence) []Cause {
	return func(e *evidence) []Cause {
		lookup := asLookupError(e.Err)
		for _, reason := range reasons {
			if lookup != nil && lookup.Reason == reason {
				return say(lookup)
			}
		}
		return nil
	}
}

// withoutAddress says why no name server of a zone has an address.
func withoutAddress(e *answer.LookupError) []Cause {
	at, remedy := shown(e.At), troubleRemedy(e.Trouble, answer.Authorities, "")
	switch e.Trouble {
	case answer.InCircle:
		return only(fmt.Sprintf("No name server of %s can be found, since delegations lead in a circle: two zones have their name servers in each other%s.", at, inBrackets(e.Detail)), remedy)
	case answer.AddressForName:
		return only(fmt.Sprintf("The NS records of %s hold addresses, which must be names of hosts (RFC 1035 §3.3.11): %s.", at, firstOf(e.Detail)), remedy)
	case answer.AddressUnknown:
		return only(fmt.Sprintf("The addresses of the name servers that %s is delegated to could not be looked up%s.", at, inBrackets(e.Detail)), remedy)
	}
	return only(fmt.Sprintf("The name servers that %s is delegated to have no address%s.", at, inBrackets(e.Detail)),
		"Enter name servers that exist at the registrar, with their addresses (glue) if they are in the zone itself.")
}

// splitHorizon says which of a public zone's name servers have private addresses.
func splitHorizon(e *answer.LookupError) []Cause {
	at := shown(e.At)
	if e.Reason == answer.SplitHorizon {
		return only(fmt.Sprintf("This machine sees private addresses among the name servers of the public zone %s (split horizon)%s.", at, inBrackets(e.Detail)),
			"Set the provider's `resolvers` to those whose view matters, such as a public one for the view of the Internet; if the private view matters, name its networks in `private_networks`.")
	}
	servers, _, _ := strings.Cut(e.Detail, ";")
	return only(fmt.Sprintf("Among the name servers of the public zone %s, %s %s a private address, and the others have public ones: perhaps its NS records name a primary server that should be hidden.",
		at, servers, plural(strings.Count(servers, ", ")+1, "has", "have")),
		"Remove the hidden primary from the NS records of the zone and of its parent; if this machine should ask it, name its network in the provider's `private_networks`, and otherwise "+otherResolvers+".")
}

// lookupFailed says where a search for servers failed.
func lookupFailed(e *answer.LookupError) []Cause {
	remedy := troubleRemedy(e.Trouble, answer.Authorities, "IPv4 or IPv6")
	switch e.Reason {
	case answer.NoNameServers:
		return only(fmt.Sprintf("The name servers of %s cannot be found: %s.", shown(e.Name), e.Detail),
			"Set `query = \"resolvers\"`, which asks the resolver for the records themselves, or name a resolver that answers questions for NS records in the provider's `resolvers`.")
	case answer.NoResolver:
		return only(fmt.Sprintf("The resolvers, which the provider needs to find name servers, fail, so nothing is known about the domain%s.", inBrackets(e.Detail)),
			"Check the provider's `resolvers`, or, if it has none, those of the environment variable `MAILDOMAIN_RESOLVERS` or of the system, and that this machine may ask them.")
	case answer.Blocked:
		if remedy == "" {
			return nil // Nothing more is known than that the port is blocked.
		}
		return only(fmt.Sprintf("Resolvers answer, but no authoritative server does: %s.", e.Detail), remedy)
	}
	return only(fmt.Sprintf("The name servers of %s could not be found: %s at %s%s.", shown(e.Name), e.Outcome, shown(e.At), inBrackets(e.Detail)), firstOf(remedy, lookupRemedy(e))+".")
}

// lookupRemedy returns the remedy where servers on the way to a zone give no usable answer.
func lookupRemedy(e *answer.LookupError) string {
	denies := e.Outcome == answer.NotAuthoritative || e.Outcome == answer.Refused
	suffix, _ := publicsuffix.PublicSuffix(e.At.String())
	switch {
	case denies && e.At.IsValid() && suffix == e.At.String():
		// The servers of a registry do have their zone.
		return "Look for what answers here in place of the registry's servers: most likely " + interceptor + "."
	case denies && e.At.IsValid():
		return setUpZone
	}
	return "Check that the provider's `resolvers` answer, and that the zone's delegation is in order."
}

// outOfTime says that the time was over before there was an answer about the record.
func outOfTime(e *evidence) []Cause {
	switch {
	case e.heldBack():
		return only(fmt.Sprintf("The limits of this provider (`max_rate`, `max_in_flight`) held back questions about %s until the time was over.", shown(e.Owner)),
			"Raise these limits, or the time to wait in `timeouts`.")
	case unanswered(e.Err):
		return only(fmt.Sprintf("The questions about %s were not answered within the time: its name servers are slow, or many zones lead from one to the next.", shown(e.Owner)),
			"Raise the time to wait in `timeouts`, or use the data source `maildomain_lookup` to find out which servers are slow.")
	}
	return nil
}
