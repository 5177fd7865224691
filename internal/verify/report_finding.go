package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// describeAll describes findings, and behind them once what is the cause of several. With now it says too what holds at this
// moment only.
func describeAll(findings []Finding, limit int, now bool) string {
	shared := sharedCauses(findings)
	texts := make([]string, 0, len(findings))
	for _, f := range findings {
		texts = append(texts, f.describe(shared, now))
	}
	parts := []string{joinWithin(texts, limit, "that does not match", "that do not match")}
	for _, s := range shared {
		parts = append(parts, Cut(s.text(now), MaxText/32))
	}
	return strings.Join(parts, "\n\n")
}

// sharedCause is the likely cause of several findings.
type sharedCause struct {
	Cause

	keys []string
}

// maxShared is how many causes of several records a text names.
const maxShared = 10

// sharedCauses returns the causes that several findings have in the same words, in the order of the findings.
func sharedCauses(findings []Finding) []*sharedCause {
	type sentences struct{ what, do string }
	var causes []*sharedCause
	of := make(map[sentences]*sharedCause)
	for _, f := range findings {
		if f.Met() {
			continue
		}
		for _, c := range f.Causes[:min(maxCauses, len(f.Causes))] {
			words := sentences{c.What, c.Do}
			known := of[words]
			if known == nil {
				known = &sharedCause{Cause: c}
				of[words], causes = known, append(causes, known)
			}
			if key := record.Inline(f.Key); !slices.Contains(known.keys, key) {
				known.keys = append(known.keys, key)
			}
		}
	}
	causes = slices.DeleteFunc(causes, func(c *sharedCause) bool { return len(c.keys) < 2 })
	return causes[:min(maxShared, len(causes))]
}

func (c *sharedCause) text(now bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d records: %s", len(c.keys), joinFew(c.keys, maxServers, ", "))
	c.write(&b, now)
	return b.String()
}

// describe describes a finding over several lines, without the causes that it shares with others.
func (f Finding) describe(shared []*sharedCause, now bool) string {
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
		fmt.Fprintf(&b, "\n  %s %s, at %s", label, Cut(g.text, max(maxGroupText/len(groups), 256)), f.where(g.servers, f.identities(now)))
		label = "         "
	}
	if f.Err == nil && f.Required.mode != requireAll {
		fmt.Fprintf(&b, "\n  required: %s", f.required())
	}
	if !f.Met() {
		for _, c := range f.Causes[:min(maxCauses, len(f.Causes))] {
			same := func(s *sharedCause) bool { return s.What == c.What && s.Do == c.Do }
			if !slices.ContainsFunc(shared, same) {
				c.write(&b, now)
			}
		}
	}
	for _, c := range f.Notes {
		fmt.Fprintf(&b, "\n  note:     %s %s", c.What, c.Do)
	}
	return Cut(b.String(), MaxRecordText)
}

// Expected describes what is expected: the first two lines of what a report says about a record that does not match.
func (f Finding) Expected() string {
	return fmt.Sprintf("%s: %s %s\n  expected: %s", record.Inline(f.Key), f.Type, f.Owner, record.Inline(f.Value))
}

// maxCauses is how many causes of one finding a text names; the first explain most.
const maxCauses = 4

// write adds a cause to the lines about a finding.
func (c Cause) write(b *strings.Builder, now bool) {
	fmt.Fprintf(b, "\n  cause:    %s", Cut(c.What, MaxRecordText/8))
	if now && c.Now != "" {
		fmt.Fprintf(b, "\n  now:      %s", Cut(c.Now, MaxRecordText/16))
	}
	fmt.Fprintf(b, "\n  to do:    %s", c.Do)
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
