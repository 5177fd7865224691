package discover

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// builder turns the matched services into a configuration, and lists the other records.
type builder struct {
	*matching
	result  Result
	dropped map[string]string // selectors of keys that cannot be configured, and why
	left    map[string]bool   // names of other parts of the configuration that stay out of it, as in "dmarc" and "extra/ms"
}

func (b *builder) build() {
	b.dropped, b.left = make(map[string]string), make(map[string]bool)
	b.leaveWildcards()
	for range len(b.live.facts) + len(b.live.policies) + len(b.chosen) + 2 { // Each attempt is without a part of the one before.
		b.configure()
		made, err := compose.Records(b.result.Config)
		b.result.Records = made.Records
		if err == nil && b.differ() {
			continue
		}
		if err == nil {
			break
		}
		if !b.takeOut(err) {
			b.unsettled("the configuration", compose.Sentence(err.Error()))
			b.result.Config = compose.Config{Domain: b.domain}
			break
		}
	}
	b.settleSPF()
	b.list()
	b.imports()
	b.tellRest()
	b.result.Unresolved = append(b.result.Unresolved, b.unresolved()...)
}

// unsettled adds a decision that DNS does not show.
func (b *builder) unsettled(subject, why string) {
	b.result.Unresolved = append(b.result.Unresolved, Unresolved{Subject: subject, Why: why})
}

// configure writes the services, keys and terms.
func (b *builder) configure() {
	c := compose.Config{Domain: b.domain, Services: make(map[string]compose.Service), Keys: make(map[string]compose.Key)}
	for _, m := range b.chosen {
		s := compose.Service{Host: m.place, Variables: m.found.Variables}
		if m.key() != m.id {
			s.Service = m.id
		}
		s.Groups = m.named(m.found.GroupIDs())
		c.Services[m.key()] = s
	}
	for _, f := range b.live.facts {
		if selector, key, ok := b.keyOf(f); ok {
			c.Keys[selector] = key
		}
	}
	b.result.Mechanisms = nil
	if live, ok := b.live.spf[b.domain]; ok {
		b.result.SPF = live.String()
		c.All, c.AllowPassAll = ending(live)
		b.result.All = c.All
		for _, term := range termsOf(live) {
			if b.claimed[service.Fact{Owner: b.domain, Type: service.SPFTerm, Value: term}] == "" {
				b.result.Mechanisms = append(b.result.Mechanisms, term)
			}
		}
		c.Mechanisms = b.result.Mechanisms
		if _, redirects := live.Modifier("redirect"); redirects {
			c.Existing, c.Mechanisms = b.result.SPF, nil
		}
	}
	b.configureOwn(&c)
	b.result.Config = b.asParked(c)
}

// defaults returns the names of the groups that apply by default.
func (m match) defaults() []string {
	var ids []string
	for _, g := range m.info.Groups {
		if g.Default {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// keyOf returns the key that a fact is, where no service asks for it.
func (b *builder) keyOf(f service.Fact) (selector string, key compose.Key, ok bool) {
	parent, err := dnsname.ParseIn("_domainkey", b.domain)
	if err != nil || b.claimed[f] != "" {
		return "", compose.Key{}, false
	}
	selector, below := f.Owner.In(parent)
	if _, dropped := b.dropped[selector]; !below || selector == "@" || dropped {
		return "", compose.Key{}, false
	}
	switch f.Type {
	case record.CNAME:
		return selector, compose.Key{CNAME: f.Value}, true
	case record.TXT:
		parsed, err := dkim.Parse(f.Value)
		if err != nil {
			b.dropped[selector] = compose.Sentence(err.Error())
			return "", compose.Key{}, false
		}
		for _, finding := range parsed.Check() {
			if finding.Level == dkim.Error && finding.Code != dkim.KeyRevoked {
				b.dropped[selector] = compose.Sentence(finding.Text)
				return "", compose.Key{}, false
			}
		}
		return selector, compose.Key{Record: f.Value}, true
	}
	return "", compose.Key{}, false
}

// ending returns how a record ends, as the configuration has it.
func ending(r spf.Record) (all merge.All, allowPass bool) {
	term, ends := r.Ending()
	if !ends {
		if _, redirects := r.Modifier("redirect"); redirects {
			return "", false // The redirect ends the record.
		}
		return merge.AllNeutral, false // RFC 7208 §4.7
	}
	switch term.Qualifier {
	case spf.SoftFail:
		return merge.AllSoftFail, false
	case spf.Neutral:
		return merge.AllNeutral, false
	case spf.Pass:
		return merge.AllPass, true
	default:
		return merge.AllFail, false
	}
}

// takeOut removes the part of the configuration that an error is about. It returns false without one.
func (b *builder) takeOut(err error) bool {
	var problems compose.Problems
	if !errors.As(err, &problems) {
		return false
	}
	for _, p := range problems {
		if b.takeOutOwn(p) {
			return true
		}
		if len(p.Path) < 2 || p.Path[1].Kind != problem.StepKey {
			if len(p.Path) > 0 && b.takeOutSPF(p) {
				return true
			}
			continue
		}
		switch p.Path[0].Name {
		case "keys":
			b.dropped[p.Path[1].Name] = p.Detail
			return true
		case "services":
			b.refused[p.Path[1].Name] = true
			b.unsettled(fmt.Sprintf("services[%q]", p.Path[1].Name), "The service is left out: "+p.Text())
			b.reset()
			return true
		}
	}
	return false
}

// takeOutOwn removes a policy, the mail hosts or an extra record if the problem is about one.
func (b *builder) takeOutOwn(p *compose.Problem) bool {
	if len(p.Path) == 0 || !slices.Contains([]string{"dmarc", "mta_sts", "tls_rpt", "bimi", "mx", "extra"}, p.Path[0].Name) {
		return false
	}
	part, subject := p.Path[0].Name, p.Path[0].Name
	if part == "extra" && len(p.Path) > 1 {
		part, subject = "extra/"+p.Path[1].Name, p.Path[:2].String()
	}
	if b.left[part] {
		return false
	}
	b.left[part] = true
	if ids := b.besideServices(); part == "extra" && len(ids) > 0 { // The others can stand.
		delete(b.left, part)
		for _, id := range ids {
			b.left["extra/"+id] = true
		}
	}
	b.unsettled(subject, "It is left out, and stays as it is in DNS: "+p.Text())
	return true
}

// besideServices returns the ids of the extra records, other than texts, at names where services have such records: the only ones
// that may not stand beside those.
func (b *builder) besideServices() (ids []string) {
	for id, extra := range b.result.Config.Extra {
		owner, err := dnsname.ParseIn(extra.Name, b.domain)
		claimed := func(f service.Fact) bool { return f.Owner == owner && typeOf(f) != record.TXT && b.claimed[f] != "" }
		if err == nil && extra.Type != string(record.TXT) && slices.ContainsFunc(b.live.facts, claimed) {
			ids = append(ids, id)
		}
	}
	return ids
}

// takeOutSPF leaves the domain's SPF record to the owner, where it cannot be configured.
func (b *builder) takeOutSPF(p *compose.Problem) bool {
	if _, ok := b.live.spf[b.domain]; !ok {
		return false
	}
	value := b.result.SPF
	delete(b.live.spf, b.domain)
	b.live.facts = slices.DeleteFunc(b.live.facts, func(f service.Fact) bool { return f.Owner == b.domain && f.Type == service.SPFTerm })
	b.live.faults = append(b.live.faults, Unknown{Kind: Fault, Owner: b.domain, Type: record.TXT, Value: value, Why: p.Text()})
	b.result.SPF, b.result.All, b.result.Mechanisms = "", "", nil
	b.reset()
	return true
}

// settleSPF holds the record that the configuration makes against the live one. Where services and terms alone give
// another, as with terms in another order, the live record goes into the configuration as the existing one.
func (b *builder) settleSPF() {
	live, ok := b.live.spf[b.domain]
	if !ok || b.spfMade() == live.String() {
		return
	}
	c := b.result.Config
	c.Existing, c.Mechanisms = live.String(), nil
	made, err := compose.Records(c)
	if err != nil {
		b.unsettled("the SPF record", "The configuration makes a record that differs from the live one, and cannot adopt the live one: "+compose.Sentence(err.Error()))
		return
	}
	b.result.Config, b.result.Records = c, made.Records
	if got := b.spfMade(); !b.same(setName(b.domain, record.TXT), live.String(), got) {
		b.unsettled("the SPF record", fmt.Sprintf("The configuration makes %s of it.", record.Inline(got)))
	}
}

// spfMade returns the SPF record of the domain that the configuration makes.
func (b *builder) spfMade() string { return b.result.Records[record.Key(b.domain, "spf", "")].Value }

// list adds the records that no service asks for.
func (b *builder) list() {
	unknown := slices.DeleteFunc(slices.Clone(b.live.faults), b.isParkedKey)
	for _, f := range b.live.facts {
		if b.claimed[f] == "" && !b.isParked(f) {
			unknown = append(unknown, b.unknown(f))
		}
	}
	slices.SortFunc(unknown, compareUnknown)
	b.result.Unknown = unknown
}

// imports adds the live record sets that the configuration makes.
func (b *builder) imports() {
	for _, key := range slices.Sorted(maps.Keys(b.result.Records)) {
		r := b.result.Records[key]
		set := setOf(r)
		if live, ok := b.live.sets[set]; ok {
			b.result.Imports = append(b.result.Imports, Import{Key: key, Owner: r.Owner, Type: r.Type, Rewritten: !slices.Equal(b.made(set), live)})
		}
	}
	b.settleTTL()
}

// settleTTL gives the configuration the TTL that most live record sets have, where the records that it makes have others.
// Those that keep another are told.
func (b *builder) settleTTL() {
	counts := make(map[uint32]int)
	differ, zero := 0, 0
	own := b.extraSets()
	for _, i := range b.result.Imports {
		ttl := b.live.ttls[setName(i.Owner, i.Type)]
		if ttl == 0 {
			zero++
			continue
		}
		if _, ok := own[b.extraOf(i.Key)]; ok {
			continue // It has a TTL of its own.
		}
		counts[ttl]++
		if b.result.Records[i.Key].TTL != ttl {
			differ++
		}
	}
	defer b.settleExtraTTL(own)
	if zero > 0 {
		b.unsettled("ttl", fmt.Sprintf("A configuration has no TTL of 0: the TTL of %s would change.", counted(zero, "record")))
	}
	if differ == 0 {
		return
	}
	best, total := uint32(0), 0
	for _, ttl := range slices.Sorted(maps.Keys(counts)) {
		total += counts[ttl]
		if counts[ttl] > counts[best] {
			best = ttl
		}
	}
	if others := total - counts[best]; others < differ {
		differ, b.result.Config.TTL = others, best
		for key, r := range b.result.Records {
			r.TTL = best
			b.result.Records[key] = r
		}
	}
	if differ > 0 {
		b.unsettled("ttl", fmt.Sprintf("The live records have several TTLs, and a configuration has only one: the TTL of %s would change.", counted(differ, "record")))
	}
}

// settleExtraTTL gives the extra records that make up record sets of their own the TTL that the sets have.
func (b *builder) settleExtraTTL(own map[string]string) {
	for id, set := range own {
		key := record.Key(b.domain, "extra", id)
		r, extra := b.result.Records[key], b.result.Config.Extra[id]
		if ttl := b.live.ttls[set]; ttl != 0 && ttl != r.TTL {
			r.TTL, extra.TTL = ttl, ttl
			b.result.Records[key], b.result.Config.Extra[id] = r, extra
		}
	}
}

// extraOf returns the id of the extra record that has a key, and the key itself where that is of another record.
func (b *builder) extraOf(key string) string {
	id, _ := strings.CutPrefix(key, record.Key(b.domain, "extra", "")+"/")
	return id
}

// unknown returns a fact without a service, with its possible origin.
func (b *builder) unknown(f service.Fact) Unknown {
	u := Unknown{Kind: kindOf(f), Owner: f.Owner, Type: typeOf(f), Value: f.Value}
	if selector, _, ok := strings.Cut(f.Owner.String(), "._domainkey."); ok && b.dropped[selector] != "" {
		u.Kind, u.Why = Fault, b.dropped[selector]
		return u
	}
	u.Guess, u.Why = b.guess(f)
	return u
}

func kindOf(f service.Fact) Kind {
	switch {
	case f.Type == service.SPFTerm:
		return Term
	case strings.Contains(f.Owner.String(), "._domainkey."):
		return Key
	case f.Type == record.MX:
		return MX
	case f.Type == record.TXT:
		return Text
	default:
		return Host
	}
}
