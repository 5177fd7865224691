package discover

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// A match is a service at a place, as far as it is live.
type match struct {
	sender
	place string // relative to the domain; empty for the domain itself
	found service.Found
	// guessed are the names of groups that fit, and that nothing but the lack of others speaks for.
	guessed []string
}

// key returns the name of the service in the configuration.
func (m match) key() string {
	if m.place == "" {
		return m.id
	}
	return m.id + "_" + strings.NewReplacer(".", "_", "-", "_").Replace(m.place)
}

// matching finds the services that together explain the live records.
type matching struct {
	domain  dnsname.Name
	live    live
	senders []sender
	chosen  []match
	claimed map[service.Fact]string // the key of the service that a fact was first claimed by
	refused map[string]bool         // services that cannot stand with the others, by their keys
}

func newMatching(domain dnsname.Name, read live) *matching {
	return &matching{domain: domain, live: read, senders: senders(), claimed: make(map[service.Fact]string), refused: make(map[string]bool)}
}

// worth is the strength of a match in live DNS, without the records of other matches.
type worth struct{ own, shared, complete, variables int }

func (w worth) compare(other worth) int {
	return cmp.Or(cmp.Compare(4*w.own+2*w.shared+w.complete, 4*other.own+2*other.shared+other.complete), cmp.Compare(w.own, other.own),
		cmp.Compare(other.variables, w.variables))
}

// chooseServices takes the service that explains most, then the one that explains most of the rest, until what is left
// speaks for none.
func (m *matching) chooseServices() {
	candidates := m.candidates()
	for {
		best, top := -1, worth{}
		for i, c := range candidates {
			if w := m.worth(c); w.own > 0 && top.compare(w) < 0 {
				best, top = i, w
			}
		}
		if best < 0 {
			return
		}
		taken := candidates[best]
		m.take(taken)
		candidates = slices.Delete(candidates, best, best+1)
		for i := range candidates {
			if c := &candidates[i]; c.shares(taken) { // Some of its groups may explain nothing any more.
				c.found = c.template.Unapply(m.domain, c.place, m.live.facts, m.speaks(c.sender))
			}
		}
	}
}

// candidates returns the services with some evidence in live DNS.
func (m *matching) candidates() []match {
	var all []match
	for _, place := range m.live.places {
		for _, s := range m.senders {
			c := match{sender: s, place: place}
			if m.refused[c.key()] || !s.isSeen(m.live.facts) {
				continue
			}
			if c.found = s.template.Unapply(m.domain, place, m.live.facts, m.speaks(s)); len(c.found.Groups) > 0 {
				all = append(all, c)
			}
		}
	}
	return all
}

// shares reports whether two matches claim a fact together.
func (m match) shares(other match) bool {
	claims := make(map[service.Fact]bool)
	for _, g := range other.found.Groups {
		for _, c := range g.Claims {
			claims[c.Fact] = true
		}
	}
	return slices.ContainsFunc(m.found.Groups, func(g service.FoundGroup) bool {
		return slices.ContainsFunc(g.Claims, func(c service.Claim) bool { return claims[c.Fact] })
	})
}

// speaks decides which groups of a service count: those that have its text, and that either apply by default or explain
// what no other service does.
func (m *matching) speaks(s sender) func(service.FoundGroup) bool {
	return func(g service.FoundGroup) bool {
		free := slices.ContainsFunc(g.Claims, func(c service.Claim) bool { return m.claimed[c.Fact] == "" })
		return g.Weight() > service.Fits && (free || g.Default) && !m.steals(s, g)
	}
}

// steals reports whether a group explains only records that identify other services.
func (m *matching) steals(s sender, g service.FoundGroup) bool {
	return g.Weight() == service.Shared && !g.Default && !slices.ContainsFunc(g.Claims, func(c service.Claim) bool { return !m.isOfAnother(s, c.Fact) })
}

// isOfAnother reports whether another service is known by a fact.
func (m *matching) isOfAnother(s sender, f service.Fact) bool {
	return slices.ContainsFunc(m.senders, func(other sender) bool {
		return other.id != s.id && f.Type != record.TXT && other.recognises(target(f.Value)) != ""
	})
}

// worth weighs what a match explains and no other service does. A service that is known by nothing of its own in DNS is
// told by its text, where that is no other's.
func (m *matching) worth(c match) worth {
	w := worth{variables: len(c.found.Variables)}
	defaults, found, fixed := 0, 0, 0
	for _, g := range c.info.Groups {
		if g.Default {
			defaults++
		}
	}
	for _, g := range c.found.Groups {
		if g.Default {
			found++
		}
		for _, claim := range g.Claims {
			switch {
			case m.claimed[claim.Fact] != "":
			case claim.Weight == service.Own, claim.Weight == service.Shared && len(c.domains()) == 0 && !m.isOfAnother(c.sender, claim.Fact) && claim.Type != record.TXT:
				w.own++
			case claim.Weight == service.Shared:
				w.shared++
			}
			if m.claimed[claim.Fact] == "" && claim.Fixed && claim.Weight > service.Fits {
				fixed++
			}
		}
	}
	if found == defaults && defaults > 0 {
		w.complete = 1
		if fixed > 0 && w.own+w.shared > 1 { // All that it wants is there, at names of its own.
			w.own, w.shared = w.own+w.shared, 0
		}
	}
	return w
}

// take adds a match and its claims.
func (m *matching) take(c match) {
	m.chosen = append(m.chosen, c)
	for _, g := range c.found.Groups {
		for _, claim := range g.Claims {
			if m.claimed[claim.Fact] == "" {
				m.claimed[claim.Fact] = c.key()
			}
		}
	}
}

// reset takes all claims anew, without the services that cannot stand with the others.
func (m *matching) reset() {
	m.chosen, m.claimed = nil, make(map[service.Fact]string)
	m.chooseServices()
	m.eliminate()
}

// eliminate gives a key that no service is known by to the one service that waits for a key of this form, where there is
// one such service and one such key.
func (m *matching) eliminate() {
	type offer struct {
		match int
		group service.FoundGroup
	}
	offers := make(map[service.Fact][]offer)
	for i, c := range m.chosen {
		c.template.Unapply(m.domain, c.place, m.live.facts, func(g service.FoundGroup) bool {
			if m.waitsFor(c, g) {
				for _, claim := range g.Claims {
					offers[claim.Fact] = append(offers[claim.Fact], offer{i, g})
				}
				return false
			}
			return m.isOf(c, g)
		})
	}
	for _, fact := range m.live.facts {
		if list := offers[fact]; len(list) == 1 {
			m.give(list[0].match, list[0].group)
		}
	}
}

// waitsFor reports whether a group is of keys that nobody has claimed, and that could be no others.
func (m *matching) waitsFor(c match, g service.FoundGroup) bool {
	return g.Weight() <= service.Shared && !g.Others && g.Default && !m.isOf(c, g) && !slices.ContainsFunc(g.Claims, func(claim service.Claim) bool {
		return m.claimed[claim.Fact] != "" || !strings.Contains(claim.Owner.String(), "._domainkey.") || m.isOfAnother(c.sender, claim.Fact)
	})
}

// isOf reports whether a match has a group.
func (*matching) isOf(c match, g service.FoundGroup) bool {
	return slices.ContainsFunc(c.found.Groups, func(of service.FoundGroup) bool { return of.ID == g.ID })
}

// give adds a group to a match.
func (m *matching) give(at int, group service.FoundGroup) {
	c := &m.chosen[at]
	more := c.template.Unapply(m.domain, c.place, m.live.facts, func(g service.FoundGroup) bool { return g.ID == group.ID || m.isOf(*c, g) })
	if len(more.Groups) <= len(c.found.Groups) {
		return
	}
	c.found = more
	c.guessed = append(c.guessed, group.ID)
	for _, claim := range group.Claims {
		m.claimed[claim.Fact] = c.key()
	}
}

// unresolved returns the parts of the services' configuration that DNS does not show.
func (m *matching) unresolved() []Unresolved {
	var all []Unresolved
	for _, c := range m.chosen {
		for _, u := range c.found.Unresolved {
			all = append(all, Unresolved{Subject: fmt.Sprintf("services[%q].variables[%q]", c.key(), u.Variable), Why: u.Why})
		}
		for _, group := range c.guessed {
			all = append(all, Unresolved{
				Subject: fmt.Sprintf("services[%q], group %q", c.key(), group),
				Why:     "The key is assigned to this service because no other service that was found could use it.",
			})
		}
	}
	return all
}
