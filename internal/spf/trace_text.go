package spf

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The text of a trace has its outcomes in a column, which terms longer than this push to the right.
const widestTerm = 60

// A traceLine is one line of the text: what was evaluated, and what came of it.
type traceLine struct{ what, outcome string }

// String returns the trace as a tree, one line for each term:
//
//	example.com  v=spf1 …                                 fail, 2 of 10 lookups, 1 of 2 void
//	├─ include:_spf.acme.example                          no match: softfail
//	│  └─ ~all                                            match: softfail
//	├─ exists:%{i}.list.example → 192.0.2.1.list.example  no match: no such record
//	└─ -all                                               match: fail
//
// It is safe to be shown, and the same whenever DNS answers the same.
func (c Check) String() string {
	if c.Trace == nil {
		return ""
	}
	voids := fmt.Sprintf("%d of %d void", c.Voids, c.MaxVoids)
	if c.MaxVoids < 0 {
		voids = fmt.Sprintf("%d void", c.Voids)
	}
	root := traceLine{what: c.Trace.title(), outcome: fmt.Sprintf("%s, %d of %d lookups, %s", c.Verdict, c.Lookups, maxTermLookups, voids)}
	return layOut(c.Trace.lines([]traceLine{root}, ""))
}

// title names a domain, and whether it has a record.
func (t *Trace) title() string {
	switch {
	case t.Domain == "":
		return "(no domain)"
	case t.Record == "":
		return display(t.Domain)
	}
	return display(t.Domain) + "  " + version + " …"
}

// lines appends the lines below the one of the trace itself, which start with indent.
func (t *Trace) lines(lines []traceLine, indent string) []traceLine {
	if t.Problem != "" {
		lines = append(lines, traceLine{what: indent + "└─ " + t.Problem})
	}
	for i := range t.Steps {
		s := &t.Steps[i]
		branch, below := "├─ ", "│  "
		if i == len(t.Steps)-1 && !t.undecided() {
			branch, below = "└─ ", "   "
		}
		lines = append(lines, traceLine{what: indent + branch + s.title(), outcome: s.outcome(t.Verdict)})
		switch {
		case s.Inner != nil:
			lines = s.Inner.lines(lines, indent+below)
		case s.Problem != "":
			lines = append(lines, traceLine{what: indent + below + "└─ " + s.Problem})
		}
	}
	if t.undecided() {
		lines = append(lines, traceLine{what: indent + "└─ (no term matches)", outcome: string(VerdictNeutral)})
	}
	return lines
}

// undecided reports whether the verdict is the default, which no term gave (RFC 7208 §4.7).
func (t *Trace) undecided() bool {
	if t.Verdict != VerdictNeutral || len(t.Steps) == 0 {
		return t.Verdict == VerdictNeutral
	}
	last := &t.Steps[len(t.Steps)-1]
	return !last.Matched && last.Term != nil
}

// title names the term, and what it asked for where that is not written in it.
func (s *Step) title() string {
	title := display(s.text())
	if s.More > 0 {
		title += fmt.Sprintf(" … (%d networks)", s.More+1)
	}
	if s.Target != "" && strings.Contains(s.domainSpec(), "%") {
		title += " → " + display(s.Target)
	}
	return title
}

// outcome says what came of a term, in a record with that verdict.
func (s *Step) outcome(verdict Verdict) string {
	switch {
	case s.Problem != "" && s.Inner != nil && s.Inner.Verdict == VerdictNone:
		return string(verdict) + ": no record"
	case s.Problem != "" || s.Term == nil:
		return string(verdict)
	case s.Matched:
		return "match: " + s.Term.Qualifier.Word()
	case s.Inner != nil:
		return "no match: " + string(s.Inner.Verdict)
	case s.Note != "":
		return "no match: " + s.Note
	}
	return "no match"
}

// layOut puts the outcomes of the lines into one column.
func layOut(lines []traceLine) string {
	column := 0
	for _, l := range lines {
		if width := utf8.RuneCountInString(l.what); l.outcome != "" && width <= widestTerm {
			column = max(column, width)
		}
	}
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l.what)
		if l.outcome != "" {
			b.WriteString(strings.Repeat(" ", max(0, column-utf8.RuneCountInString(l.what))+2))
			b.WriteString(l.outcome)
		}
	}
	return b.String()
}
