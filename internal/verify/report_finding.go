package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

const (
	// maxCauses is how many causes of one finding a text names; the first explain most.
	maxCauses = 4
	// maxShared is how many causes of several records a text names.
	maxShared = 10
)

// description describes findings to be printed. It groups them by cause once.
type description struct {
	findings []Finding
	causes   [][]Cause          // of each finding, as many as a text names
	shared   []Cause            // those that several findings have in the same words
	keys     map[Cause][]string // of the findings, by cause
	now      bool               // says too what holds at this moment only
}

// describe returns the text about findings, and behind them the causes that several have in common, once each.
func describe(findings []Finding, limit int, now bool) string {
	d := newDescription(findings, now)
	parts := []string{joinWithin(len(findings), d.finding, limit, "that does not match", "that do not match")}
	for _, c := range d.shared {
		keys := d.keys[words(c)]
		text := fmt.Sprintf("%d records: %s", len(keys), joinFew(keys, maxServers, ", ")) + c.text(now)
		parts = append(parts, Cut(text, MaxText/32))
	}
	return strings.Join(parts, "\n\n")
}

// newDescription looks for the causes of findings, and groups the findings by them.
func newDescription(findings []Finding, now bool) description {
	d := description{findings: findings, causes: make([][]Cause, len(findings)), keys: make(map[Cause][]string), now: now}
	type member struct {
		cause Cause
		key   string
	}
	members := make(map[member]bool)
	var all []Cause
	for i, f := range findings {
		if f.Met() {
			continue
		}
		causes := f.Causes()
		d.causes[i] = causes[:min(maxCauses, len(causes))]
		for _, c := range d.causes[i] {
			same := words(c)
			if m := (member{same, f.Key}); members[m] {
				continue // Authorities and resolvers say the same of a record.
			} else if members[m] = true; d.keys[same] == nil {
				all = append(all, c)
			}
			d.keys[same] = append(d.keys[same], record.Inline(f.Key))
		}
	}
	all = slices.DeleteFunc(all, func(c Cause) bool { return len(d.keys[words(c)]) < 2 })
	d.shared = all[:min(maxShared, len(all))]
	return d
}

// words returns the part of a cause that two findings with the same cause have in common.
func words(c Cause) Cause { return Cause{Sentence: c.Sentence, Remedy: c.Remedy} }

// isShared reports whether a cause stands behind the findings.
func (d description) isShared(c Cause) bool {
	return slices.ContainsFunc(d.shared, func(s Cause) bool { return words(s) == words(c) })
}

// finding returns the text about a finding over several lines, without the causes that it shares with others.
func (d description) finding(i int) string {
	f := d.findings[i]
	var b strings.Builder
	b.WriteString(f.Expected())
	if f.Err != nil {
		fmt.Fprintf(&b, "\n  seen:     nothing: %s", record.Inline(f.Err.Error()))
	}
	label := "seen:    "
	texts, servers := f.seenBy()
	for i, text := range texts {
		if i == maxGroups {
			fmt.Fprintf(&b, "\n           … and %d more answers", len(texts)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s %s, at %s", label, Cut(text, max(maxGroupText/len(texts), 256)), f.where(servers[text], f.identities(d.now)))
		label = "         "
	}
	if f.Err == nil && f.Required != requireAll {
		fmt.Fprintf(&b, "\n  required: %s", f.required())
	}
	for _, c := range d.causes[i] {
		if !d.isShared(c) {
			b.WriteString(c.text(d.now))
		}
	}
	for _, c := range f.Notes() {
		fmt.Fprintf(&b, "\n  note:     %s %s", c.Sentence, c.Remedy)
	}
	return Cut(b.String(), MaxRecordText)
}

// Expected describes the expected record: the first two lines of a report about a record that does not match.
func (f Finding) Expected() string {
	return fmt.Sprintf("%s: %s %s\n  expected: %s", record.Inline(f.Key), f.Type, f.Owner, record.Inline(f.Value))
}

// text returns the lines about a cause.
func (c Cause) text(now bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  cause:    %s", Cut(c.Sentence, MaxRecordText/8))
	if now && c.Now != "" {
		fmt.Fprintf(&b, "\n  now:      %s", Cut(c.Now, MaxRecordText/16))
	}
	fmt.Fprintf(&b, "\n  to do:    %s", c.Remedy)
	return b.String()
}

// identities returns the name that each server gives itself, where that is to be shown.
func (f Finding) identities(now bool) map[answer.Server]string {
	ids := make(map[answer.Server]string)
	for _, s := range f.Seen {
		if now && s.NSID != "" && s.Verdict != Matches {
			ids[s.Server] = s.NSID
		}
	}
	return ids
}

// required says how many servers must serve the record.
func (f Finding) required() string {
	switch f.Required {
	case requireStrict:
		return "every server"
	case requireAny:
		return "any server"
	}
	_, servers := f.serving()
	return fmt.Sprintf("%d %s, of the %d there %s", f.Required, plural(int(f.Required), "server", "servers"), servers, plural(servers, "is", "are"))
}

// seenBy returns the different descriptions of answers, those of servers that do not match first, and the servers of each.
func (f Finding) seenBy() (texts []string, servers map[string][]answer.Server) {
	servers = make(map[string][]answer.Server)
	matches := make(map[string]int)
	for _, j := range f.Seen {
		text := f.seen(j)
		if j.Verdict == Matches {
			text = cmp.Or(text, "the expected record")
			matches[text] = 1
		}
		if servers[text] == nil {
			texts = append(texts, text)
		}
		servers[text] = append(servers[text], j.Server)
	}
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(matches[a], matches[b]), strings.Compare(a, b)) })
	return texts, servers
}

// where names the servers: all that were asked, or each, with the name that it gives itself where that is known.
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
		return "the only " + f.askedServers().text(1)
	}
	return fmt.Sprintf("all %d %s", len(servers), f.askedServers().text(len(servers)))
}
