package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

const (
	// maxFailing is how many findings an error describes.
	maxFailing = 25
	// maxPlaces is how many zones one line names.
	maxPlaces = 5
)

// Text says in one line how many records match, and describes the findings that do not. Where all match, only notes follow the
// line.
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
		head += " at " + matching(good)
	}
	head += "."
	var parts []string
	if len(bad) > 0 {
		parts = append(parts, describe(bad, MaxText/2, false))
	}
	parts = append(append(parts, notCompared(good)...), notesOf(good)...)
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

// askedServers are the resolvers, or the name servers of one zone.
type askedServers struct {
	via  answer.Via
	zone dnsname.Name
}

// askedServers returns the servers that were asked about the record.
func (f Finding) askedServers() askedServers {
	if f.Via == answer.Resolvers {
		return askedServers{via: f.Via}
	}
	return askedServers{f.Via, f.set.Zone}
}

// text names a number of the servers: "name servers of example.com".
func (a askedServers) text(n int) string {
	if a.via == answer.Resolvers {
		return plural(n, "resolver", "resolvers")
	}
	kind := plural(n, "name server", "name servers")
	if a.zone.IsValid() {
		kind += " of " + shown(a.zone)
	}
	return kind
}

// byAsked groups servers by the zone that they were asked about, each with whether it serves every record.
func byAsked(findings []Finding) map[askedServers]map[answer.Server]bool {
	groups := make(map[askedServers]map[answer.Server]bool)
	for _, f := range findings {
		asked := f.askedServers()
		if groups[asked] == nil {
			groups[asked] = make(map[answer.Server]bool)
		}
		for _, s := range f.Seen {
			serves, known := groups[asked][s.Server]
			groups[asked][s.Server] = s.Verdict == Matches && (serves || !known)
		}
	}
	return groups
}

// sorted returns the keys in the order of their texts.
func sorted(groups map[askedServers]map[answer.Server]bool) []askedServers {
	return slices.SortedFunc(maps.Keys(groups), func(a, b askedServers) int {
		return cmp.Or(strings.Compare(string(a.via), string(b.via)), strings.Compare(a.zone.String(), b.zone.String()))
	})
}

// matching says where records match: "3 name servers of example.com and 2 resolvers". A zone of whose servers some do not
// serve each of its records counts as served by those that do.
func matching(findings []Finding) string {
	groups := byAsked(findings)
	var texts []string
	for _, asked := range sorted(groups) {
		if len(texts) == maxPlaces {
			texts = append(texts, fmt.Sprintf("the servers of %d more zones", len(groups)-maxPlaces))
			break
		}
		serving, all := 0, len(groups[asked])
		for _, serves := range groups[asked] {
			if serves {
				serving++
			}
		}
		text := fmt.Sprint(serving)
		if all != serving {
			text = fmt.Sprintf("%d of %d", serving, all)
		}
		texts = append(texts, text+" "+asked.text(all))
	}
	return enumerate(texts)
}

// asked lists the servers that were asked, a line for each zone.
func (r Report) asked() string {
	groups := byAsked(r.Findings)
	maps.DeleteFunc(groups, func(_ askedServers, servers map[answer.Server]bool) bool { return len(servers) == 0 })
	if len(groups) == 0 {
		return "No server was asked."
	}
	var lines []string
	for i, asked := range sorted(groups) {
		if i == maxZonesAsked {
			lines = append(lines, fmt.Sprintf("and %d more", len(groups)-i))
			break
		}
		lines = append(lines, "Servers asked, the "+asked.text(2)+": "+serverList(slices.Collect(maps.Keys(groups[asked]))))
	}
	return Cut(strings.Join(lines, "\n"), MaxText/4)
}

// notCompared names the servers that gave no definite answer about records that match elsewhere, with a text for each.
func notCompared(findings []Finding) []string {
	var texts []string
	for _, f := range findings {
		for _, s := range f.Seen {
			if s.Verdict == Unknown {
				texts = append(texts, fmt.Sprintf("Not compared: %s, at %s.", Cut(f.seen(s), maxGroupText), s.Server))
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

// notesOf returns the notes about records that match, a text for each record.
func notesOf(findings []Finding) []string {
	var texts []string
	for _, f := range findings {
		for _, c := range f.Notes() {
			texts = append(texts, fmt.Sprintf("%s: %s %s", record.Inline(f.Key), c.Sentence, c.Remedy))
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if more := len(texts) - maxWarned; more > 0 {
		texts = append(texts[:maxWarned:maxWarned], fmt.Sprintf("… and notes about %d more.", more))
	}
	return texts
}

// cacheTTL returns the largest TTL that an authority names; a resolver's TTL is a countdown, and no text for
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

// Failing describes the findings that are not met, for an error. Unlike Text it adds facts that hold at this moment
// only: countdowns, serials, and the machine behind an address that answered (RFC 5001). Where nothing but the resolvers
// is to blame, it says that once.
func (r Report) Failing() string {
	if c, ok := r.resolversFail(); ok {
		return strings.TrimPrefix(c.text(true), "\n")
	}
	var unmet []Finding
	for _, f := range r.Findings {
		if !f.Met() {
			unmet = append(unmet, f)
		}
	}
	text := describe(unmet[:min(len(unmet), maxFailing)], MaxText*3/4, true)
	if more := len(unmet) - maxFailing; more > 0 {
		text += fmt.Sprintf("\n\n… and %d more that %s not match.", more, plural(more, "does", "do"))
	}
	return text + "\n\n" + Cut(r.asked(), MaxText/8)
}
