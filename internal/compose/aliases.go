package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// aliases finds CNAME records that lead round to themselves, which is an error, and MX records whose host is one
// of the CNAME records, which is a warning (RFC 2181 §10.3).
func (f *conflictFinder) aliases(all []*claim) {
	byOwner := make(map[dnsname.Name]*claim)
	for _, c := range all {
		if c.Type == record.CNAME && !c.unknown {
			byOwner[c.Owner] = c
		}
	}
	followed := make(map[*claim]bool)
	for _, c := range all {
		if byOwner[c.Owner] == c {
			f.follow(c, byOwner, followed)
		}
		if c.Type != record.MX || c.unknown {
			continue
		}
		_, host, _ := strings.Cut(c.Value, " ")
		if alias := byOwner[dnsname.FromDNS(host)]; alias != nil {
			f.warnings = append(f.warnings, &Problem{
				Code: warnMXAlias, Path: c.by.path.Top(), Summary: "Mail host that is an alias",
				Detail: fmt.Sprintf("%s leads to a CNAME record, «%s»: a mail host has addresses of its own, and some senders do not deliver to an alias (RFC 2181 §10.3). Name the host that it leads to, or give it A and AAAA records.",
					record.Inline(c.String()), alias),
			})
		}
	}
}

// follow reports a chain of aliases that comes back to a name on it.
func (f *conflictFinder) follow(c *claim, byOwner map[dnsname.Name]*claim, followed map[*claim]bool) {
	var way []*claim
	for ; c != nil && !followed[c]; c = byOwner[dnsname.FromDNS(c.Value)] {
		followed[c] = true
		way = append(way, c)
	}
	start := slices.Index(way, c)
	if c == nil || start < 0 {
		return
	}
	texts := make([]string, 0, len(way))
	for _, c := range way[start:] {
		texts = append(texts, "«"+c.String()+"»")
	}
	last := way[len(way)-1]
	f.problems = append(f.problems, &Problem{
		Path: last.by.path.Top(), Summary: "Aliases that lead in a circle", Err: ErrConflict,
		Detail: fmt.Sprintf("%s lead in a circle, so that DNS has no answer at any of these names (RFC 1034 §3.6.2). Write the name that the service gave as the target of one of them.", strings.Join(texts, " and ")),
	})
}
