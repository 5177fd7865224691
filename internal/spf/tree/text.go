package tree

import (
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// MaxTreeLines is the most lines of the text of a tree.
const MaxTreeLines = 200

// String draws the tree: the record and its cost, and below it the terms that look something up, each with the lookups
// that it costs and what is wrong with it.
//
//	example.com  v=spf1 … -all             7 of 10 lookups, 0 of 2 void
//	├─ include:spf.protection.outlook.com   1
//	└─ include:_spf.acme.example            6  ← most of the budget
//	   ├─ include:a._spf.acme.example       1
//
// The text is the same whenever DNS answers the same, and safe to be shown.
func (t *Tree) String() string {
	d := drawing{counter: t.counter(), open: make(map[*page]bool)}
	d.lines = append(d.lines, display.Row{Left: qname.Show(t.owner.String()) + "  " + t.abbreviated(), Right: t.headline()})
	d.draw(t.root, "")
	return display.Columns(d.lines)
}

// abbreviated returns how the record starts and ends.
func (t *Tree) abbreviated() string {
	r := t.root.record
	terms, redirect := r.Reached()
	text := spf.Version
	if len(terms) > 0 {
		text += " …"
	}
	if all, ok := r.Ending(); ok {
		text += " " + spf.AllText(all.Qualifier)
	}
	if redirect != "" {
		text += " " + qname.Show(spf.Redirect+"="+redirect)
	}
	return text
}

// headline is what stands beside the record: a loop has no count.
func (t *Tree) headline() string {
	c := t.cost()
	if t.endless[t.root] {
		return "a loop: endless lookups"
	}
	if family, ok := c.FamilyLimit(); ok {
		return fmt.Sprintf("%s of %d lookups, %s of %d void for %s", atLeast(c.Lookups, c.LookupsAtLeast), spf.MaxLookups,
			atLeast(family.Count, c.VoidAtLeast), spf.MaxVoidLookups, family.Family)
	}
	return fmt.Sprintf("%s of %d lookups, %s of %d void", atLeast(c.Lookups, c.LookupsAtLeast), spf.MaxLookups, atLeast(c.Void(), c.VoidAtLeast), spf.MaxVoidLookups)
}

func atLeast(n int, least bool) string {
	if least || n >= mostCounted {
		return fmt.Sprintf("at least %d", n)
	}
	return fmt.Sprint(n)
}

// A drawing is the text of a tree that is being made.
type drawing struct {
	*counter

	lines []display.Row
	open  map[*page]bool // the pages that lead to the one that is drawn
}

// draw adds the branches of a page, each behind the lines that lead down to it.
func (d *drawing) draw(p *page, indent string) {
	d.open[p] = true
	defer func() { d.open[p] = false }()
	for i, b := range p.branches {
		if len(d.lines) >= MaxTreeLines-1 {
			if last := d.lines[len(d.lines)-1]; last.Left != cutMark {
				d.lines = append(d.lines, display.Row{Left: cutMark})
			}
			return
		}
		fork, below := "├─ ", "│  "
		if i == len(p.branches)-1 {
			fork, below = "└─ ", "   "
		}
		next := d.child(b)
		d.lines = append(d.lines, display.Row{Left: indent + fork + qname.Show(b.String()), Right: d.outcome(p, b, next)})
		if next != nil && !d.open[next] {
			d.draw(next, indent+below)
		}
	}
}

// cutMark is the line that stands for the rest of a tree that is too large.
const cutMark = "… and more"

// outcome returns what stands beside a branch of a page.
func (d *drawing) outcome(p *page, b branch, next *page) string {
	count := d.branch(b)
	text := fmt.Sprintf("%2d", count.Lookups)
	switch {
	case d.endless[next]:
		text = "endless"
	case count.LookupsAtLeast:
		text = " " + atLeast(count.Lookups, true)
	}
	if kind := d.trouble(b, d.open); kind != "" {
		return text + "  ← " + kind.brief()
	}
	if p == d.root && 2*count.Lookups > spf.MaxLookups && !d.endless[next] {
		return text + "  ← most of the budget"
	}
	return text
}
