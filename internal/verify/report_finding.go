package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// description describes findings to be printed. It groups them by cause once.
type description struct {
	findings []Finding
	causes   [][]Cause // of each finding, as many as a text names
	shared   []sharedCause
	isShared map[Cause]bool // by sentence and remedy
	now      bool           // says too what holds at this moment only
}

// sharedCause is the likely cause of several findings.
type sharedCause struct {
	Cause

	keys []string
}

const (
	// maxCauses is how many causes of one finding a text names; the first explain most.
	maxCauses = 4
	// maxShared is how many causes of several records a text names.
	maxShared = 10
)

// describe returns the text about findings, and behind them the causes that several have in common, once each.
func describe(findings []Finding, limit int, now bool) string {
	d := newDescription(findings, now)
	parts := []string{joinWithin(len(findings), d.finding, limit, "that does not match", "that do not match")}
	for _, s := range d.shared {
		parts = append(parts, Cut(d.sharedCause(s), MaxText/32))
	}
	return strings.Join(parts, "\n\n")
}

// newDescription looks for the causes of findings, and groups the findings by them.
func newDescription(findings []Finding, now bool) description {
	d := description{findings: findings, causes: make([][]Cause, len(findings)), isShared: make(map[Cause]bool), now: now}
	type member struct{ cause, key string }
	members := make(map[member]bool)
	places := make(map[Cause]int)
	var common []sharedCause
	for i, f := range findings {
		if f.Met() {
			continue
		}
		causes := f.Causes()
		d.causes[i] = causes[:min(maxCauses, len(causes))]
		for _, c := range d.causes[i] {
			at, known := places[words(c)]
			if !known {
				at = len(common)
				places[words(c)], common = at, append(common, sharedCause{Cause: c})
			}
			if m := (member{c.Sentence + c.Remedy, f.Key}); !members[m] {
				members[m] = true
				common[at].keys = append(common[at].keys, record.Inline(f.Key))
			}
		}
	}
	for _, c := range common {
		if len(c.keys) > 1 && len(d.shared) < maxShared {
			d.shared = append(d.shared, c)
			d.isShared[words(c.Cause)] = true
		}
	}
	return d
}

// words returns what two causes have in common that say the same.
func words(c Cause) Cause { return Cause{Sentence: c.Sentence, Remedy: c.Remedy} }

// sharedCause returns the text about a cause of several findings.
func (d description) sharedCause(c sharedCause) string {
	return fmt.Sprintf("%d records: %s", len(c.keys), joinFew(c.keys, maxServers, ", ")) + c.text(d.now)
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
	groups := f.groups()
	for i, g := range groups {
		if i == maxGroups {
			fmt.Fprintf(&b, "\n           … and %d more answers", len(groups)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s %s, at %s", label, Cut(g.text, max(maxGroupText/len(groups), 256)), f.where(g.servers, f.identities(d.now)))
		label = "         "
	}
	if f.Err == nil && f.Required.mode != requireAll {
		fmt.Fprintf(&b, "\n  required: %s", f.required())
	}
	for _, c := range d.causes[i] {
		if !d.isShared[words(c)] {
			b.WriteString(c.text(d.now))
		}
	}
	for _, c := range f.Notes() {
		fmt.Fprintf(&b, "\n  note:     %s %s", c.Sentence, c.Remedy)
	}
	return Cut(b.String(), MaxRecordText)
}

// Expected describes what is expected: the first two lines of what a report says about a record that does not match.
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

// group holds the servers whose answers are shown in the same words.
type group struct {
	text    string
	matches bool
	servers []answer.Server
}

// groups returns the answers in groups, those that do not match first.
func (f Finding) groups() []group {
	places := make(map[string]int)
	var groups []group
	for _, s := range f.Seen {
		text := f.seen(s)
		if s.Verdict == Matches && text == "" {
			text = "the expected record"
		}
		at, known := places[text]
		if !known {
			at = len(groups)
			places[text], groups = at, append(groups, group{text: text, matches: s.Verdict == Matches})
		}
		groups[at].servers = append(groups[at].servers, s.Server)
	}
	slices.SortStableFunc(groups, func(a, b group) int {
		if a.matches != b.matches {
			return map[bool]int{false: -1, true: 1}[a.matches]
		}
		return strings.Compare(a.text, b.text)
	})
	return groups
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
