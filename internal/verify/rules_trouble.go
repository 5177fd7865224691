package verify

import (
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// sayTrouble names the trouble that keeps servers from answering. The first answer stands for those of all of them. It returns
// false where nothing more than the outcome is known.
func sayTrouble(s servers) (Cause, bool) {
	var text string
	first, list, n := s.answers[0], s.list(), s.n()
	detail := firstOf(first.Detail, first.Outcome.String())
	switch first.Trouble {
	case answer.WithoutRoute:
		text = fmt.Sprintf("This machine has no %s, or no route for it (%s), so it cannot ask %s.", family(first.Server), detail, list)
	case answer.Barred:
		text = fmt.Sprintf("This machine blocks questions to %s (%s).", list, detail)
	case answer.WithoutAddress:
		text = fmt.Sprintf("The name %s %s %s no address: %s.", plural(n, "server", "servers"), list, plural(n, "has", "have"), strings.TrimPrefix(detail, "it has no address: "))
	case answer.AddressForName:
		text = fmt.Sprintf("%s in the NS records %s, which must be the name of a host (RFC 1035 §3.3.11).", list, plural(n, "is an address", "are addresses"))
	case answer.AddressUnknown:
		text = fmt.Sprintf("The %s of the name %s %s could not be looked up: %s.", plural(n, "address", "addresses"), plural(n, "server", "servers"), list, detail)
	case answer.InCircle:
		text = fmt.Sprintf("The %s of the name %s %s cannot be found, since delegations lead in a circle: two zones have their name servers in each other.",
			plural(n, "address", "addresses"), plural(n, "server", "servers"), list)
	case answer.WithoutTCP:
		text = fmt.Sprintf("%s %s over UDP that the answer is too long for it (truncated), and %s none over TCP: %s.", list,
			plural(n, "says", "say"), plural(n, "gives", "give"), strings.TrimPrefix(strings.TrimPrefix(detail, overTCPAlone), answer.Malformed.String()+": "))
	case answer.WithoutEDNS:
		text = fmt.Sprintf("%s %s questions without EDNS alone, and %s those with it, as resolvers send them.", list, plural(n, "answers", "answer"), plural(n, "drops", "drop"))
	case answer.TooLate:
		text = fmt.Sprintf("%s %s, and later than the `timeout` of the provider allows.", list, plural(n, "answers", "answer"))
	case answer.Unheeded:
		text = fmt.Sprintf("%s %s connections over TCP, and %s nothing within the `timeout` of the provider.", list, plural(n, "takes", "take"), plural(n, "answers", "answer"))
	case answer.SeveralAliases:
		text = fmt.Sprintf("%s %s more than the one CNAME record that may stand at a name (RFC 2181 §10.1): %s.", list, plural(n, "gives", "give"), detail)
	case answer.Unconnected:
		proxies := ""
		if strings.HasPrefix(first.Server.URL, "https:") {
			proxies = "; the provider does not use proxies, such as that of HTTPS_PROXY"
		}
		text = fmt.Sprintf("No connection to %s could be made: %s%s.", list, detail, proxies)
	default:
		return Cause{}, false
	}
	return Cause{Sentence: text, Remedy: troubleRemedy(first.Trouble, s.via, family(first.Server))}, true
}

// overTCPAlone is how the detail of a truncated answer begins that did not come over TCP.
const overTCPAlone = "truncated over UDP; over TCP: "

// family names the family of a server's address.
func family(s answer.Server) string {
	if s.Addr.IsValid() && !s.Addr.Addr().Is4() {
		return "IPv6"
	}
	return "IPv4"
}

// slower is part of the remedies for servers that are too slow.
const slower = "raise the provider's `timeout`, and `timeouts.read` to three times that, since a refresh allows a third of its time for one answer"

// troubleRemedy returns the remedy for a trouble; it is empty for none.
func troubleRemedy(t answer.Trouble, via answer.Via, family string) string {
	atResolver := via == answer.Resolvers
	switch t {
	case answer.WithoutRoute:
		if atResolver {
			return fmt.Sprintf("Run Terraform where there is %s, or name resolvers with other addresses in the provider's `resolvers`.", family)
		}
		return fmt.Sprintf("Run Terraform where there is %s, or %s; a name server with addresses of both families is reached from everywhere.", family, otherResolvers)
	case answer.Barred:
		return "Allow outgoing DNS questions in the firewall or the sandbox of this machine."
	case answer.WithoutAddress:
		return "Give it address records (A, AAAA), with glue at the registrar if its name is in the zone itself, or remove it from the NS records of the zone and of its parent."
	case answer.AddressForName:
		return "Give the server a name that has an address record, and put that name into the NS records of the zone and of its parent."
	case answer.AddressUnknown:
		return "Repair the zone that holds the name of the server, or remove the server from the NS records of the zone and of its parent."
	case answer.InCircle:
		return "Give one of the zones a name server whose name is in that zone itself, with its address (glue) at the registrar."
	case answer.WithoutTCP:
		if atResolver {
			return "Ask a resolver that answers over TCP as well: name one in the provider's `resolvers`."
		}
		return "Let the server answer over TCP (RFC 7766 §5), and open port 53 for TCP in the firewalls before it; or remove records of this name and type that are no longer needed, so that the answer fits a datagram."
	case answer.WithoutEDNS:
		return "Update the server, or let its firewall pass questions with EDNS (RFC 6891); until then, many resolvers get no answer from it."
	case answer.TooLate:
		return strings.ToUpper(slower[:1]) + slower[1:] + "; or find out why the server is slow, since resolvers do not wait long either."
	case answer.Unheeded:
		return "Check whether the server works, and whether a firewall or proxy accepts connections in its place; if it is only slow, " + slower + "."
	case answer.SeveralAliases:
		return "Remove all but one of them at the DNS provider."
	case answer.Unconnected:
		return "Let this machine connect to it directly, or name resolvers in the provider's `resolvers` that it can reach, such as those of the network."
	}
	return ""
}
