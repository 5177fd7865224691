package compose

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// ErrConflict is the class of problems about services whose records cannot stand beside each other.
var ErrConflict = errors.New("records that cannot stand beside each other")

// A claim is a record of a service, or of the owner's own. The SPF terms of a service for one owner are one claim, on a TXT
// record that services share, since they are merged.
type claim struct {
	by      *applied
	id      string // of the record in its template; empty for SPF
	groups  []string
	txt     service.TXTConflict
	key     bool // it is on the record of a DKIM selector
	unknown bool // its value is unknown
	record.Record
}

func (c *claim) isSPF() bool { return c.id == "" }

// isSole reports whether a claim is the owner's own TXT record at a name that has one at most, as the name of a policy.
func (c *claim) isSole() bool { return c.by.own != "" && !c.isExtra() }

// isExtra reports whether a claim is on one of the extra records, which stand beside other TXT records.
func (c *claim) isExtra() bool { return c.by.own == extraName }

// isKey reports whether a record is that of a DKIM selector.
func isKey(r record.Record) bool {
	return (r.Type == record.TXT || r.Type == record.CNAME) && dkim.IsOwner(r.Owner)
}

func (c *claim) same(other *claim) bool {
	return c.isSPF() == other.isSPF() && c.Owner == other.Owner && c.Type == other.Type &&
		(c.isSPF() || !c.unknown && !other.unknown && c.Value == other.Value)
}

// mayBe reports whether two claims with unknown values can become the same record. Two uses of one template can; different
// templates count as different.
func (c *claim) mayBe(other *claim) bool {
	return (c.unknown || other.unknown) && c.Type == other.Type && c.by.source == other.by.source
}

// String writes the claim as a line of a zone file.
func (c *claim) String() string {
	if c.isSPF() {
		return fmt.Sprintf("%s TXT (SPF)", c.Owner)
	}
	if c.unknown {
		return fmt.Sprintf("%s %s, with an unknown value", c.Owner, c.Type)
	}
	return fmt.Sprintf("%s %s %s", c.Owner, c.Type, record.Display(c.Value))
}

// claims returns the claims of services with known owners, in the order of the services.
func claims(services []applied) []*claim {
	var all []*claim
	for i := range services {
		s := &services[i]
		for _, r := range s.Records {
			if r.Unknown.Attribute(service.OwnerPart).Any() {
				continue
			}
			c := &claim{by: s, id: r.ID, txt: r.TXT, key: isKey(r.Record), unknown: r.Unknown.Attribute(service.ValuePart).Any(), Record: r.Record}
			if r.Group != "" {
				c.groups = []string{r.Group}
			}
			all = append(all, c)
		}
		for _, part := range s.SPF {
			if !part.Unknown.Attribute(service.OwnerPart).Any() {
				all = append(all, &claim{by: s, groups: part.Groups, Record: record.Record{Owner: part.Owner, Type: record.TXT}})
			}
		}
	}
	return all
}

// conflicts finds the records of services, and of the owner, that cannot stand beside each other (Domain Connect,
// "Conflict Detection"). The services are applied together: none of them replaces records of another, and one problem for
// each two services, owner and rule names the choices.
//
// Equal records of two services are one record in DNS and no conflict ("Identical Records"). It keeps both of its keys,
// since a key depends on its source alone. A warning says so, because two DNS resources for it would collide.
func conflicts(services []applied, own ...*claim) (warnings, problems Problems) {
	f := conflictFinder{told: make(map[toldKey]bool)}
	all := append(claims(services), own...)
	byOwner := make(map[dnsname.Name][]*claim)
	for _, c := range all {
		for _, earlier := range byOwner[c.Owner] {
			f.compare(earlier, c)
		}
		byOwner[c.Owner] = append(byOwner[c.Owner], c)
	}
	for _, c := range all {
		if c.Type == record.NS {
			f.compareBelow(c, all)
		}
	}
	f.aliases(all)
	return f.warnings, f.problems
}

type conflictFinder struct {
	told               map[toldKey]bool
	warnings, problems Problems
}

// toldKey identifies a problem: two claims' sources, their owner, and the rule.
type toldKey struct {
	first, second *applied
	owner         dnsname.Name
	rule          string
}

// compare reports a conflict between two claims on one owner.
func (f *conflictFinder) compare(first, second *claim) {
	owned := first.by.own != "" || second.by.own != ""
	if first.same(second) && (first.isSPF() || !owned) {
		f.share(first, second)
		return
	}
	if !owned && first.mayBe(second) {
		return
	}
	rule := clash(first, second)
	if rule == "" && first.same(second) {
		rule = ruleTwice
	}
	if rule != "" {
		f.report(first, second, rule)
	}
}

// The rules that two records of one owner can break.
const (
	ruleKey   = "a DKIM selector has one record (RFC 6376 §3.6.2.2)"
	ruleCNAME = "a CNAME stands alone at its name (RFC 1034 §3.6.2)"
	ruleNS    = "a name that is delegated to other name servers holds no other records, and none stand below it"
	ruleMX    = "the mail of a name is delivered to one service"
	ruleSole  = "receivers take one TXT record at such a name, and none if there are two"
	ruleSRV   = "a service of a name is offered by one provider"
	ruleTwice = "they are one record in DNS, and two keys would make two resources of it"
	ruleA     = "the addresses of a name lead to one service"
	ruleTXT   = "one of them is to stand without the other, as its template says (txtConflictMatchingMode)"
)

// clash returns the rule that two different records of one owner break, or nothing. Several records of one template are
// made to stand together, except for records that no zone can hold.
func clash(a, b *claim) string {
	both := func(t record.Type) bool { return a.Type == t && b.Type == t }
	either := func(t record.Type) bool { return a.Type == t || b.Type == t }
	switch {
	case a.key && b.key:
		return ruleKey
	case either(record.CNAME):
		return ruleCNAME
	case either(record.NS) && (a.by != b.by || !both(record.NS)):
		return ruleNS
	case a.by == b.by:
		return ""
	case both(record.MX):
		return ruleMX
	case both(record.TXT) && !a.isSPF() && !b.isSPF() && (a.isSole() && !b.isExtra() || b.isSole() && !a.isExtra()):
		return ruleSole
	case both(record.SRV):
		return ruleSRV
	case isAddress(a.Type) && isAddress(b.Type):
		return ruleA
	case both(record.TXT) && !a.isSPF() && !b.isSPF() && (a.txt.With(b.Value) || b.txt.With(a.Value)):
		return ruleTXT
	}
	return ""
}

func isAddress(t record.Type) bool { return t == record.A || t == record.AAAA }

// compareBelow reports the conflicts of a delegation with claims on names below it. The addresses of its own name servers
// are glue.
func (f *conflictFinder) compareBelow(delegation *claim, all []*claim) {
	for _, c := range all {
		glue := isAddress(c.Type) && c.by == delegation.by
		if c.Owner != delegation.Owner && c.Owner.IsIn(delegation.Owner) && !glue {
			f.report(delegation, c, ruleNS)
		}
	}
}

func (f *conflictFinder) once(first, second *claim, rule string) bool {
	key := toldKey{first.by, second.by, second.Owner, rule}
	told := f.told[key]
	f.told[key] = true
	return !told
}

func (f *conflictFinder) report(first, second *claim, rule string) {
	if !f.once(first, second, rule) {
		return
	}
	p := &Problem{Path: second.by.path.Top(), Summary: "Conflicting records of services", Err: ErrConflict}
	if first.by.own != "" || second.by.own != "" {
		p.Summary = "Conflicting records of services and of your own"
	}
	if rule == ruleKey {
		p.Summary = "Two DKIM records with one selector"
	}
	wants := fmt.Sprintf("%s wants «%s», and %s wants «%s»", first.by.name(), first, second.by.name(), second)
	if first.by == second.by && first.by.own == "" {
		p.Summary = "Conflicting records of one service"
		wants = fmt.Sprintf("%s wants both «%s» and «%s»", first.by.name(), first, second)
	}
	p.Detail = fmt.Sprintf("%s, which cannot stand beside each other: %s. %s", wants, rule, choices(first, second))
	f.problems = append(f.problems, p)
}

// share warns of a record that stands under two keys.
func (f *conflictFinder) share(first, second *claim) {
	if first.isSPF() || !f.once(first, second, "shared "+string(second.Type)) {
		return
	}
	f.warnings = append(f.warnings, &Problem{
		Code: warnShared, Path: second.by.path.Top(), Summary: "One record under two keys",
		Detail: fmt.Sprintf("%s and %s both ask for «%s». That is one record in DNS, and stands under the keys %s and %s. "+
			"Where each key becomes a DNS resource, the two collide: make the resources from `rrsets`, which has it once, or leave the record out of one of the services.",
			first.by.name(), second.by.name(), second,
			record.DisplayQuoted(record.Key(first.Domain, first.by.key, first.id)), record.DisplayQuoted(record.Key(second.Domain, second.by.key, second.id))),
	})
}

// choices returns the ways to keep one of two records.
func choices(first, second *claim) string {
	if first.by.own != "" || second.by.own != "" {
		ways := slices.Compact([]string{alternative(first), alternative(second)})
		return fmt.Sprintf("Keep one of them: %s.", strings.Join(ways, ", or "))
	}
	var ways []string
	for _, c := range []*claim{first, second} {
		if way := without(c); way != "" && !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	if first.by == second.by {
		if len(ways) == 0 {
			return "Neither is in a group of the template that could be left out: give it other variables, or take one of the records out of a copy of the template."
		}
		return fmt.Sprintf("Keep one of them: set %s.", strings.Join(ways, ", or "))
	}
	if len(ways) == 0 {
		return fmt.Sprintf("Remove %s or %s, or apply one of them to another name by `host`: neither record is in a group that could be left out.",
			first.by.name(), second.by.name())
	}
	return fmt.Sprintf("Keep one of them: set %s; or apply one of the services to another name by `host`.", strings.Join(ways, ", or "))
}

// alternative returns the way to take a claim out, where one of two claims is the owner's own.
func alternative(c *claim) string {
	switch {
	case c.by.own == "":
		way := "remove " + c.by.name()
		if groups := without(c); groups != "" {
			way = "set " + groups
		}
		return way + " or apply it to another name by `host`"
	case c.isSPF():
		return "leave out `existing`, `mechanisms` and `all`, which ask for " + c.by.name()
	}
	if !c.key {
		if c.isExtra() {
			return "take «" + c.String() + "» out of " + c.by.name()
		}
		return "leave out " + c.by.name()
	}
	return "give " + c.by.name() + " another selector"
}

// without returns the groups of a service that leave a claim out, empty if none do.
func without(c *claim) string {
	if len(c.groups) == 0 {
		return ""
	}
	var kept, left []string
	for _, group := range c.by.Groups {
		shown := `"` + record.Display(group) + `"`
		if slices.Contains(c.groups, group) {
			left = append(left, shown)
		} else {
			kept = append(kept, shown)
		}
	}
	return fmt.Sprintf("%s to [%s] (without %s)", c.by.path.Attribute("groups"), strings.Join(kept, ", "), strings.Join(left, " and "))
}
