package discover

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// configureOwn adds the owner's records beside SPF and keys: policies, mail hosts, other records.
func (b *builder) configureOwn(c *compose.Config) {
	for _, live := range b.live.policies {
		if live.Fault != "" || live.Alias != "" || b.left[live.Name] {
			continue
		}
		for _, p := range policies {
			if p.name == live.Name && b.isText(p.name, p.name, live.Value) {
				p.set(c, live.Value, b.live.web)
			}
		}
	}
	b.configureMX(c)
	if !b.left["extra"] {
		b.configureExtra(c)
	}
}

// configureMX writes the mail hosts of the domain. Where they are not all of one service, all are the owner's: mail is
// delivered to one service, or to the hosts that stand in the configuration.
func (b *builder) configureMX(c *compose.Config) {
	var all []string
	own := b.mailServices() > 1 // None of them has all mail hosts.
	for _, f := range b.live.facts {
		if f.Owner == b.domain && f.Type == record.MX {
			all = append(all, f.Value)
			own = own || b.claimed[f] == ""
		}
	}
	if !own || b.left["mx"] {
		return
	}
	groups := make(map[string][]string)
	for _, m := range b.chosen {
		kept, ok := m.withoutMX(b.domain)
		if !ok {
			b.left["mx"] = true
			b.unsettled("mx", fmt.Sprintf("Some of the mail hosts do not belong to %s, whose mail hosts are in one group with records of other types: the configuration has only its hosts.", m.info.Name))
			return
		}
		if len(kept) < len(m.found.Groups) {
			groups[m.key()] = kept
		}
	}
	for _, m := range b.chosen {
		kept, changed := groups[m.key()]
		s := c.Services[m.key()]
		switch s.Groups = m.named(kept); {
		case changed && len(kept) == 0:
			delete(c.Services, m.key())
		case changed:
			c.Services[m.key()] = s
		}
	}
	slices.SortFunc(all, compareMX)
	c.MX = all
}

// mailServices returns how many services have mail hosts of the domain.
func (b *builder) mailServices() (n int) {
	for _, m := range b.chosen {
		if kept, ok := m.withoutMX(b.domain); !ok || len(kept) < len(m.found.Groups) {
			n++
		}
	}
	return n
}

// withoutMX returns the groups without the mail hosts of the domain, and reports false where a group has other records too.
func (m match) withoutMX(domain dnsname.Name) (kept []string, ok bool) {
	isMX := func(claim service.Claim) bool { return claim.Type == record.MX && claim.Owner == domain }
	for _, g := range m.found.Groups {
		switch {
		case !slices.ContainsFunc(g.Claims, isMX):
			kept = append(kept, g.ID)
		case slices.ContainsFunc(g.Claims, func(claim service.Claim) bool { return !isMX(claim) }):
			return nil, false
		}
	}
	return kept, true
}

// named returns groups as a configuration names them: nil for those that apply by default.
func (m match) named(groups []string) []string {
	if slices.Equal(groups, m.defaults()) {
		return nil
	}
	return groups
}

// compareMX orders MX values by preference and host.
func compareMX(x, y string) int {
	preference := func(value string) int {
		number, _, _ := strings.Cut(value, " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			return 0
		}
		return n
	}
	return cmp.Or(cmp.Compare(preference(x), preference(y)), cmp.Compare(x, y))
}

// configureExtra writes the other records as they are.
func (b *builder) configureExtra(c *compose.Config) {
	taken := make(map[string]bool)
	for _, f := range b.live.facts {
		if f.Type == service.SPFTerm || b.isKey(f.Owner) || b.isWeb(*c, f) || f.Type == record.MX && f.Owner == b.domain || b.claimed[f] != "" || b.isFaulty(f) {
			continue
		}
		id := b.extraID(f, taken)
		if taken[id] = true; b.left["extra/"+id] || !b.isText("extra/"+id, setName(f.Owner, f.Type), f.Value) {
			continue
		}
		if c.Extra == nil {
			c.Extra = make(map[string]compose.Extra)
		}
		name, _ := f.Owner.In(b.domain)
		c.Extra[id] = compose.Extra{Name: name, Type: string(f.Type), Value: f.Value}
	}
}

// isText reports whether a value can stand in a configuration. The first time that one cannot, it says so.
func (b *builder) isText(part, subject, value string) bool {
	if !utf8.ValidString(value) {
		b.left[part] = true
		b.unsettled(subject, fmt.Sprintf("The configuration cannot hold %s, which is not UTF-8: it is left out, and stays as it is in DNS.", record.Inline(value)))
		return false
	}
	return true
}

// isKey reports whether a name is one that `keys` takes.
func (b *builder) isKey(owner dnsname.Name) bool {
	name, _ := owner.In(b.domain)
	return strings.HasSuffix("."+name, "._domainkey")
}

// isWeb reports whether a fact leads to the web server of the MTA-STS policy, and stands with that in the configuration.
func (b *builder) isWeb(c compose.Config, f service.Fact) bool {
	name, _ := f.Owner.In(b.domain)
	return name == mtasts.Host && c.MTASTS != nil && f.Type == record.CNAME && f.Value == c.MTASTS.Host
}

// isFaulty reports whether a fact stands in a record set that holds something that receivers refuse: the set stays as it is.
func (b *builder) isFaulty(f service.Fact) bool {
	return slices.ContainsFunc(b.live.faults, func(u Unknown) bool { return u.Owner == f.Owner && u.Type == f.Type })
}

// extraID returns the name of a record: the part of a token before the equals sign, or owner and type.
func (b *builder) extraID(f service.Fact, taken map[string]bool) string {
	name, _ := f.Owner.In(b.domain)
	token, _, found := strings.Cut(f.Value, "=")
	switch {
	case f.Type == record.TXT && found && strings.Trim(token, "-_") != "" && len(token) <= len("a-token-of-a-service-with-a-long-name") && strings.Trim(strings.ToLower(token), "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" && token != "v":
		name = token
	case name == "@":
		name = string(f.Type)
	default:
		name += "_" + string(f.Type)
	}
	name = strings.Trim(localName(strings.ReplaceAll(strings.ToLower(name), "._", "_")), "_")
	id := name
	for n := 2; taken[id]; n++ {
		id = name + "_" + strconv.Itoa(n)
	}
	return id
}

// differ takes out of the configuration what makes something else than what is live, and reports whether there was such a
// thing.
func (b *builder) differ() bool {
	for _, live := range b.live.policies {
		made, ok := b.result.Records[record.Key(b.domain, live.Name, "")]
		if !ok || live.Alias != "" || b.same(live.Owner.String()+" TXT", live.Value, made.Value) {
			continue
		}
		b.left[live.Name] = true
		b.unsettled(live.Name, fmt.Sprintf("The policy is left out: receivers read the live record %s differently from %s, which the configuration would make.",
			record.Inline(live.Value), record.Inline(made.Value)))
		return true
	}
	sets := b.extraSets()
	for _, id := range slices.Sorted(maps.Keys(sets)) {
		if missing := b.missing(sets[id]); len(missing) > 0 {
			b.left["extra/"+id] = true
			b.unsettled(sets[id], fmt.Sprintf("The record set stays as it is, and out of the configuration, which does not make %s of it.", record.InlineAll(missing)))
			return true
		}
	}
	return false
}

// extraSets returns the record sets of which the configuration makes only extra records, by the ids of these.
func (b *builder) extraSets() map[string]string {
	sets := make(map[string]string)
	others := make(map[string]bool)
	for key, r := range b.result.Records {
		set := setOf(r)
		if id, is := strings.CutPrefix(key, b.domain.String()+"/extra/"); is {
			sets[id] = set
		} else {
			others[set] = true
		}
	}
	maps.DeleteFunc(sets, func(_, set string) bool { return others[set] })
	return sets
}

// missing returns the live values of a record set that the configuration does not make.
func (b *builder) missing(set string) []string {
	return slices.DeleteFunc(slices.Clone(b.live.sets[set]), func(value string) bool {
		return slices.ContainsFunc(b.made(set), func(made string) bool { return b.same(set, value, made) })
	})
}

// made returns the values of a record set that the configuration makes, sorted, each once.
func (b *builder) made(set string) []string {
	var values []string
	for _, r := range b.result.Records {
		if setOf(r) == set {
			values = append(values, r.Value)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// same reports whether two values of a record set of the domain mean the same.
func (b *builder) same(set, x, y string) bool { return sameValue(b.domain, set, x, y) }

// sameValue reports whether two values of a record set mean the same.
func sameValue(domain dnsname.Name, set, x, y string) bool {
	owner, typ, _ := strings.Cut(set, " ")
	if x == y || typ != string(record.TXT) {
		return strings.EqualFold(x, y)
	}
	for _, p := range policies {
		if owner == p.host+"."+domain.String() && p.is(x) && p.is(y) {
			return p.same(x, y)
		}
	}
	if a, err := spf.Parse(x); err == nil {
		made, err := spf.Parse(y)
		return err == nil && effective(a) == effective(made)
	}
	if a, err := dkim.Parse(x); err == nil && strings.Contains(owner, "._domainkey.") {
		made, err := dkim.Parse(y)
		return err == nil && a.Canonical().String() == made.Canonical().String()
	}
	return false
}

// effective returns what receivers read of an SPF record: nothing behind `all`, which a record without it or a redirect ends in
// as neutral (RFC 7208 §4.7, §5.1, §6.1).
func effective(r spf.Record) string {
	isAll := func(d spf.Directive) bool { return d.Mechanism == spf.MechAll }
	if at := slices.IndexFunc(r.Directives, isAll); at >= 0 {
		r.Directives = r.Directives[:at+1]
		r.Modifiers = slices.DeleteFunc(slices.Clone(r.Modifiers), func(m spf.Modifier) bool { return m.Name == "redirect" })
	} else if _, redirects := r.Modifier("redirect"); !redirects {
		r.Directives = append(slices.Clone(r.Directives), spf.Directive{Qualifier: spf.Neutral, Mechanism: spf.MechAll})
	}
	return r.String()
}

// tellRest adds the tasks that the configuration leaves to the owner: other values, and the MTA-STS policy.
func (b *builder) tellRest() {
	told := make(map[string]bool)
	for _, i := range b.result.Imports {
		set := setName(i.Owner, i.Type)
		if missing := b.missing(set); len(missing) > 0 && !told[set] {
			told[set] = true
			b.unsettled(set, fmt.Sprintf("The record set also has %s, which the configuration does not make: a DNS resource that holds the whole set would remove it.", record.InlineAll(missing)))
		}
	}
	if b.result.Config.MTASTS != nil {
		b.unsettled("mta_sts", fmt.Sprintf("DNS has only the id of the policy; the policy itself is on the web server %s.%s. The configuration keeps the record: to make the policy too, write mode and mx in place of existing.", mtasts.Host, b.domain))
	}
}
