package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// maxSaid is how many servers an error names.
const maxSaid = 3

// unknownZone says that the resolvers do not know a zone, by what one of them replied.
func unknownZone(name, at dnsname.Name, r reply) *verify.LookupError {
	detail := withDetail(fmt.Sprintf("asked of the resolver %s", r.Server), r)
	return &verify.LookupError{Name: name, At: at, Outcome: r.Outcome, Detail: detail}
}

// serverText shows a server, by its name alone where it has no address.
func serverText(s verify.Server) string {
	if !s.Addr.IsValid() {
		return record.Display(s.Name.String())
	}
	return s.String()
}

// withDetail puts the detail of a reply behind a text.
func withDetail(text string, r reply) string {
	if r.Detail == "" {
		return text
	}
	return text + " (" + r.Detail + ")"
}

// deadZone says that no server of a zone gave a usable answer.
func deadZone(name dnsname.Name, f found) *verify.LookupError {
	replies := slices.Clone(f.seen)
	slices.SortFunc(replies, func(a, b reply) int { return compareAnswers(a.Answer, b.Answer) })
	var each []string
	outcome := verify.Unreachable
	for _, r := range replies {
		if r.Outcome != verify.Unreachable {
			outcome = r.Outcome
		}
		each = append(each, withDetail(fmt.Sprintf("%s: %s", serverText(r.Server), r.Outcome), r))
	}
	if more := len(each) - maxSaid; more > 0 {
		each = append(each[:maxSaid], fmt.Sprintf("and %d more", more))
	}
	return &verify.LookupError{Name: name, At: f.zone.apex, Outcome: outcome, Detail: strings.Join(each, "; ")}
}
