package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Report is what was found about a set of expectations. Its texts are timeless: the same answers give
// the same text, whenever and in whatever order they came.
type Report struct {
	Findings []Finding
	// TTL is the largest TTL seen at the owners, in seconds: that long may caches keep what was served before.
	TTL uint32
	// Settled is set once so long was waited after all matched.
	Settled bool
	// Bogus are the zones that validating resolvers refuse, although their servers serve what is expected.
	Bogus []answer.Validation
}

// Heard reports whether any server said what there is, about any of the records, be it that the answer does not
// count for want of validation.
func (r Report) Heard() bool {
	unvalidated := func(s Seen) bool { return s.Outcome == answer.Unvalidated }
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return f.count(Matches)+f.count(Mismatch) > 0 || f.State() == Invalid || slices.ContainsFunc(f.Seen, unvalidated)
	})
}

// Count returns how many records there are. A record for which authorities and resolvers were asked has two
// findings.
func (r Report) Count() int { return len(r.keys(func(Finding) bool { return true })) }

// keys returns the keys of the findings that a function holds for, each once, in their order.
func (r Report) keys(holds func(Finding) bool) []string {
	var keys []string
	for _, f := range r.Findings {
		if holds(f) && !slices.Contains(keys, f.Key) {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// State is Valid where every finding is, Invalid where one is, and Unclear otherwise.
func (r Report) State() State {
	state := Valid
	for _, f := range r.Findings {
		switch f.State() {
		case Invalid:
			return Invalid
		case Unclear:
			state = Unclear
		}
	}
	return state
}

// Disagrees reports whether servers of a record differ about it.
func (r Report) Disagrees() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.count(Matches) > 0 && f.count(Mismatch) > 0 })
}

// Observed returns the values that live DNS serves, by key of the expectation, fit to be shown.
func (r Report) Observed() map[string][]string {
	observed := make(map[string][]string)
	for _, f := range r.Findings {
		values := observed[f.Key]
		if values == nil {
			values = []string{}
		}
		for _, v := range f.Values() {
			values = append(values, record.Display(v))
		}
		slices.Sort(values)
		observed[f.Key] = slices.Compact(values)
	}
	for key, values := range observed {
		size := 0
		for i, v := range values {
			if size += len(v); size > MaxRecordText && i > 0 {
				observed[key] = append(values[:i:i], fmt.Sprintf("… and %d more", len(values)-i))
				break
			}
		}
	}
	return observed
}

// Text describes every finding, those that do not match first.
func (r Report) Text() string {
	if len(r.Findings) == 0 {
		return "There are no records to check."
	}
	var b strings.Builder
	var good, bad []Finding
	for _, f := range r.Findings {
		if notValid(f) {
			bad = append(bad, f)
		} else {
			good = append(good, f)
		}
	}
	count := r.Count()
	fmt.Fprintf(&b, "%d of %d %s.", count-len(r.keys(notValid)), count, plural(count, "record matches", "records match"))
	texts := make([]string, 0, len(r.Findings))
	for _, f := range append(bad, good...) {
		texts = append(texts, f.Text())
	}
	end := r.after()
	b.WriteString("\n\n" + joinWithin(texts, MaxText-len(end)-b.Len()-64, "record", "records"))
	b.WriteString(end)
	return b.String()
}

// after is what stands behind the records in Text.
func (r Report) after() string {
	var b strings.Builder
	zones := make([]string, len(r.Bogus))
	for i, v := range r.Bogus {
		zones[i] = "\n\n" + refused(v)
	}
	b.WriteString(joinFew(zones, maxShown, ""))
	b.WriteString("\n\n" + r.asked())
	if ttl := r.cacheTTL(); ttl > 0 && !r.Settled {
		fmt.Fprintf(&b, "\n\nResolvers that asked before may go on giving an earlier answer for up to %d s, its TTL; settle = true waits for that.", ttl)
	}
	return b.String()
}

// cacheTTL is the largest TTL that an authority names; a resolver's TTL is a countdown, and no text for
// a state.
func (r Report) cacheTTL() uint32 {
	var ttl uint32
	for _, f := range r.Findings {
		for _, s := range f.Seen {
			if f.Via == answer.Authorities {
				ttl = max(ttl, s.TTL)
			}
		}
	}
	return ttl
}

// Failing describes the findings that are not met, for an error. Unlike Text it says what holds at this moment
// only: countdowns, serials, and which of the machines behind an address answered (RFC 5001).
func (r Report) Failing() string {
	var texts []string
	unmet := 0
	for _, f := range r.Findings {
		if f.Met() {
			continue
		}
		if unmet++; unmet <= MaxFailing {
			texts = append(texts, f.describe(true))
		}
	}
	text := joinWithin(texts, MaxText*3/4, "that does not match", "that do not match")
	if more := unmet - MaxFailing; more > 0 {
		text += fmt.Sprintf("\n\n… and %d more that %s not match.", more, plural(more, "does", "do"))
	}
	return text + "\n\n" + Cut(r.asked(), MaxText/8)
}

// MaxFailing is how many findings an error describes.
const MaxFailing = 25

// asked lists the servers that were asked, a line for each zone.
func (r Report) asked() string {
	servers := make(map[string][]answer.Server)
	for _, f := range r.Findings {
		for _, s := range f.Seen {
			kind := f.servers(2)
			servers[kind] = append(servers[kind], s.Server)
		}
	}
	if len(servers) == 0 {
		return "No server was asked."
	}
	lines := make([]string, 0, len(servers))
	for _, kind := range slices.Sorted(maps.Keys(servers)) {
		lines = append(lines, "Asked were the "+kind+": "+serverList(servers[kind]))
	}
	return Cut(joinFew(lines, maxZonesAsked, "\n"), MaxText/4)
}

// Unmet returns the keys of the expectations that are not met.
func (r Report) Unmet() []string {
	return r.keys(func(f Finding) bool { return !f.Met() })
}

func notValid(f Finding) bool { return f.State() != Valid }

// Text describes one finding over several lines.
func (f Finding) Text() string { return f.describe(false) }

// describe writes Text, and with now what holds at this moment only.
func (f Finding) describe(now bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s %s\n  expected: %s", record.Inline(f.Key), f.Type, f.Owner, record.Inline(f.Value))
	if f.Err != nil {
		fmt.Fprintf(&b, "\n  seen:     nothing: %s", record.Inline(f.Err.Error()))
	}
	label := "seen:    "
	groups := f.groups()
	for i, g := range groups {
		if i == maxGroups {
			fmt.Fprintf(&b, "\n           … and %d more answers", len(groups)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s %s, at %s", label, Cut(g.text, max(maxGroupText/len(groups), 256)), f.where(g.servers, f.identities(now)))
		label = "         "
	}
	if f.Err == nil && f.Required.mode != requireAll {
		fmt.Fprintf(&b, "\n  required: %s", f.required())
	}
	if !f.Met() {
		f.writeCauses(&b, now)
	}
	for _, c := range f.Notes {
		fmt.Fprintf(&b, "\n  note:     %s %s", c.What, c.Do)
	}
	return Cut(b.String(), MaxRecordText)
}

// maxCauses is how many causes of one finding a text names; the first explain most.
const maxCauses = 4

func (f Finding) writeCauses(b *strings.Builder, now bool) {
	for i, c := range f.Causes {
		if i == maxCauses {
			break
		}
		fmt.Fprintf(b, "\n  cause:    %s", Cut(c.What, MaxRecordText/8))
		if now && c.Now != "" {
			fmt.Fprintf(b, "\n  now:      %s", Cut(c.Now, MaxRecordText/16))
		}
		fmt.Fprintf(b, "\n  to do:    %s", c.Do)
	}
}

// identities returns what each server calls itself, where that is to be shown.
func (f Finding) identities(now bool) map[answer.Server]string {
	ids := make(map[answer.Server]string)
	for _, s := range f.Seen {
		if now && s.NSID != "" && s.Verdict != Matches {
			ids[s.Server] = s.NSID
		}
	}
	return ids
}

func (f Finding) required() string {
	switch f.Required.mode {
	case requireStrict:
		return "every server"
	case requireAny:
		return "any server"
	default:
		_, servers := f.serving()
		return fmt.Sprintf("%d %s, of the %d there %s", f.Required.count, plural(f.Required.count, "server", "servers"), servers, plural(servers, "is", "are"))
	}
}

type group struct {
	text    string
	matches bool
	servers []answer.Server
}

// groups puts servers that say the same together, those that do not match first.
func (f Finding) groups() []group {
	byText := make(map[string]*group)
	var groups []*group
	for _, s := range f.Seen {
		text := s.Text
		if s.Verdict == Matches && text == "" {
			text = "the expected record"
		}
		if byText[text] == nil {
			byText[text] = &group{text: text, matches: s.Verdict == Matches}
			groups = append(groups, byText[text])
		}
		byText[text].servers = append(byText[text].servers, s.Server)
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		if a.matches != b.matches {
			return map[bool]int{false: -1, true: 1}[a.matches]
		}
		return strings.Compare(a.text, b.text)
	})
	sorted := make([]group, len(groups))
	for i, g := range groups {
		sorted[i] = *g
	}
	return sorted
}

// where names the servers: all that were asked, or each, with what it calls itself where that is known.
func (f Finding) where(servers []answer.Server, ids map[answer.Server]string) string {
	switch {
	case len(servers) < len(f.Seen):
		texts := make([]string, len(servers))
		for i, s := range servers {
			texts[i] = s.String()
			if ids[s] != "" {
				texts[i] += " [NSID " + ids[s] + "]"
			}
		}
		slices.Sort(texts)
		return joinFew(slices.Compact(texts), maxServers, ", ")
	case len(servers) == 1:
		return "the only " + f.servers(1)
	}
	return fmt.Sprintf("all %d %s", len(servers), f.servers(len(servers)))
}

// servers names the kind of servers that were asked.
func (f Finding) servers(n int) string {
	if f.Via == answer.Resolvers {
		return plural(n, "resolver", "resolvers")
	}
	kind := plural(n, "name server", "name servers")
	if f.Zone.IsValid() {
		kind += " of " + record.Display(f.Zone.String())
	}
	return kind
}

func serverList(servers []answer.Server) string {
	texts := make([]string, len(servers))
	for i, s := range servers {
		texts[i] = s.String()
	}
	slices.Sort(texts)
	return joinFew(slices.Compact(texts), maxServers, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// DomainOf returns the mail domain of an owner as far as its name tells: what stands behind its last
// label that starts with an underscore.
func DomainOf(owner dnsname.Name) dnsname.Name {
	domain := owner
	for n := owner; len(n.Labels()) > 1; n = n.Parent() {
		if strings.HasPrefix(n.Labels()[0], "_") {
			domain = n.Parent()
		}
	}
	return domain
}
