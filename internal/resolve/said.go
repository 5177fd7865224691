package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// maxSaid is how many servers an error names.
const maxSaid = 3

// said returns what a server said, in words. It has passed record.Display.
func said(r reply) string {
	if !r.Server.Addr.IsValid() && !r.Server.Name.IsValid() {
		return r.Detail
	}
	text := fmt.Sprintf("%s: %s", r.Server, r.Outcome)
	if r.Detail != "" {
		text += " (" + r.Detail + ")"
	}
	return text
}

// lookupError says that no server of a zone gave a usable answer.
func lookupError(name dnsname.Name, f found) *verify.LookupError {
	replies := slices.Clone(f.seen)
	slices.SortFunc(replies, func(a, b reply) int { return compareAnswers(a.Answer, b.Answer) })
	var each []string
	outcome := verify.Unreachable
	for _, r := range replies {
		if r.Outcome != verify.Unreachable {
			outcome = r.Outcome
		}
		each = append(each, said(r))
	}
	if more := len(each) - maxSaid; more > 0 {
		each = append(each[:maxSaid], fmt.Sprintf("and %d more", more))
	}
	return &verify.LookupError{Name: name, At: f.zone.apex, Outcome: outcome, Detail: strings.Join(each, "; ")}
}
