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

// Observed returns what live DNS serves in place of the records that do not match, by key of the expectation, fit to be
// shown. It is empty where all match.
func (r Report) Observed() map[string][]string {
	observed := make(map[string][]string)
	differing := r.keys(notValid)
	for _, f := range r.Findings {
		if !slices.Contains(differing, f.Key) {
			continue
		}
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

// Text describes the findings that do not match, and says in one line how many do. Where all match it is that line, with
// what is to be noted of them.
func (r Report) Text() string {
	if len(r.Findings) == 0 {
		return "There are no records to check."
	}
	var bad, good []Finding
	for _, f := range r.Findings {
		if notValid(f) {
			bad = append(bad, f)
		} else {
			good = append(good, f)
		}
	}
	count := r.Count()
	head := fmt.Sprintf("%d of %d %s", count-len(r.keys(notValid)), count, plural(count, "record matches", "records match"))
	if len(bad) == 0 {
		head += " at " + places(good)
	}
	head += "."
	var parts []string
	if len(bad) > 0 {
		parts = append(parts, describeAll(bad, MaxText/2, false))
	}
	parts = append(append(parts, uncompared(good)...), notesOf(good)...)
	for i, v := range r.Bogus {
		if i == maxShown {
			parts = append(parts, fmt.Sprintf("Validating resolvers refuse %d more zones.", len(r.Bogus)-maxShown))
			break
		}
		parts = append(parts, refused(v))
	}
	end := ""
	if len(bad) > 0 {
		end = "\n\n" + r.asked()
	}
	if ttl := r.cacheTTL(); ttl > 0 && !r.Settled {
		cached := fmt.Sprintf("Caches may serve an earlier answer for up to %d s, its TTL; `settle = true` waits for that.", ttl)
		if len(bad) == 0 {
			head += " " + cached
		} else {
			end += "\n\n" + cached
		}
	}
	return Cut(strings.Join(append([]string{head}, parts...), "\n\n"), MaxText-len(end)) + end
}

// maxPlaces is how many zones one line names.
const maxPlaces = 5

// places says where records match: "3 name servers of example.com and 2 resolvers". A zone of whose servers some do not
// serve each of its records counts as served by those that do.
func places(findings []Finding) string {
	type zone struct {
		of     Finding
		serves map[answer.Server]bool
	}
	zones := make(map[string]*zone)
	for _, f := range findings {
		name := f.servers(2)
		if zones[name] == nil {
			zones[name] = &zone{of: f, serves: make(map[answer.Server]bool)}
		}
		for _, s := range f.Seen {
			serves, known := zones[name].serves[s.Server]
			zones[name].serves[s.Server] = s.Verdict == Matches && (serves || !known)
		}
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		z, serving := zones[name], 0
		for _, serves := range z.serves {
			if serves {
				serving++
			}
		}
		text := fmt.Sprint(serving)
		if all := len(z.serves); all != serving {
			text = fmt.Sprintf("%d of %d", serving, all)
		}
		texts = append(texts, text+" "+z.of.servers(len(z.serves)))
	}
	if more := len(texts) - maxPlaces; more > 0 {
		texts = append(texts[:maxPlaces], fmt.Sprintf("the servers of %d more zones", more))
	}
	last := len(texts) - 1
	if last == 0 {
		return texts[0]
	}
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}

// uncompared says which servers did not say what they have about records that match elsewhere, a text for each.
func uncompared(findings []Finding) []string {
	var texts []string
	for _, f := range findings {
		for _, s := range f.Seen {
			if s.Verdict == Unknown {
				texts = append(texts, fmt.Sprintf("Not compared: %s, at %s.", Cut(s.Text, maxGroupText), s.Server))
			}
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if more := len(texts) - maxShown; more > 0 {
		texts = append(texts[:maxShown:maxShown], fmt.Sprintf("Not compared: %d more answers.", more))
	}
	return texts
}

// notesOf returns what is to be noted of records that match, a text for each record.
func notesOf(findings []Finding) []string {
	var texts []string
	for _, f := range findings {
		for _, c := range f.Notes {
			texts = append(texts, fmt.Sprintf("%s: %s %s", record.Inline(f.Key), c.What, c.Do))
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if more := len(texts) - maxWarned; more > 0 {
		texts = append(texts[:maxWarned:maxWarned], fmt.Sprintf("… and notes about %d more.", more))
	}
	return texts
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
	var unmet []Finding
	for _, f := range r.Findings {
		if !f.Met() {
			unmet = append(unmet, f)
		}
	}
	text := describeAll(unmet[:min(len(unmet), MaxFailing)], MaxText*3/4, true)
	if more := len(unmet) - MaxFailing; more > 0 {
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
		lines = append(lines, "Servers asked, the "+kind+": "+serverList(servers[kind]))
	}
	return Cut(joinFew(lines, maxZonesAsked, "\n"), MaxText/4)
}

// Unmet returns the keys of the expectations that are not met.
func (r Report) Unmet() []string {
	return r.keys(func(f Finding) bool { return !f.Met() })
}

// Behind returns the servers that do not serve what is expected, of the findings that are not met, in their order.
func (r Report) Behind() []answer.Server {
	var behind []answer.Server
	for _, f := range r.Findings {
		for _, seen := range f.Seen {
			if !f.Met() && seen.Verdict != Matches && !slices.Contains(behind, seen.Server) {
				behind = append(behind, seen.Server)
			}
		}
	}
	return behind
}

func notValid(f Finding) bool { return f.State() != Valid }

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
