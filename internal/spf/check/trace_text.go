package check

import (
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// String returns the trace as a tree, one line for each term:
//
//	example.com  v=spf1 …                                 fail, 2 of 10 lookups, 1 of 2 void
//	├─ include:_spf.acme.example                          no match: softfail
//	│  └─ ~all                                            match: softfail
//	├─ exists:%{i}.list.example → 192.0.2.1.list.example  no match: no such record
//	└─ -all                                               match: fail
//
// It is safe to be shown, and the same whenever DNS answers the same.
func (c Outcome) String() string {
	if c.Trace == nil {
		return ""
	}
	voids := fmt.Sprintf("%d of %d void", c.Voids, c.MaxVoids)
	if c.MaxVoids < 0 {
		voids = fmt.Sprintf("%d void", c.Voids)
	}
	root := display.Row{Left: c.Trace.title(), Right: fmt.Sprintf("%s, %d of %d lookups, %s", c.Result, c.Lookups, spf.MaxLookups, voids)}
	return display.Columns(c.Trace.lines([]display.Row{root}, ""))
}

// title names a domain, and whether it has a record.
func (t *Trace) title() string {
	switch {
	case t.Domain == "":
		return "(no domain)"
	case t.Record == "":
		return qname.Show(t.Domain)
	}
	return qname.Show(t.Domain) + "  " + spf.Version + " …"
}

// lines appends the lines below the one of the trace itself, which start with indent.
func (t *Trace) lines(lines []display.Row, indent string) []display.Row {
	if t.Problem != "" {
		lines = append(lines, display.Row{Left: indent + "└─ " + t.Problem})
	}
	for i := range t.Steps {
		s := &t.Steps[i]
		branch, below := "├─ ", "│  "
		if i == len(t.Steps)-1 && !t.undecided() {
			branch, below = "└─ ", "   "
		}
		lines = append(lines, display.Row{Left: indent + branch + s.title(), Right: s.outcome(t.Result)})
		switch {
		case s.Inner != nil:
			lines = s.Inner.lines(lines, indent+below)
		case s.Problem != "":
			lines = append(lines, display.Row{Left: indent + below + "└─ " + s.Problem})
		}
	}
	if t.undecided() {
		lines = append(lines, display.Row{Left: indent + "└─ (no term matches)", Right: string(Neutral)})
	}
	return lines
}

// undecided reports whether the result is the default, which no term gave (RFC 7208 §4.7).
func (t *Trace) undecided() bool {
	if t.Result != Neutral || len(t.Steps) == 0 {
		return t.Result == Neutral
	}
	last := &t.Steps[len(t.Steps)-1]
	return !last.Matched && last.Term != nil
}

// title names the term, and what it asked for where that is not written in it.
func (s *Step) title() string {
	title := qname.Show(s.text())
	if s.More > 0 {
		title += fmt.Sprintf(" … (%d networks)", s.More+1)
	}
	if s.Target != "" && strings.Contains(s.domainSpec(), "%") {
		title += " → " + qname.Show(s.Target)
	}
	return title
}

// outcome says what came of a term, in a record with that result.
func (s *Step) outcome(result Result) string {
	switch {
	case s.Problem != "" && s.Inner != nil && s.Inner.Result == None:
		return string(result) + ": no record"
	case s.Problem != "" || s.Term == nil:
		return string(result)
	case s.Matched:
		return "match: " + s.Term.Qualifier.Word()
	case s.Inner != nil:
		return "no match: " + string(s.Inner.Result)
	case s.Note != "":
		return "no match: " + s.Note
	}
	return "no match"
}
