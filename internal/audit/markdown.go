package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// Markdown writes the report for a pull request: a verdict, the findings, SPF as a diagram and as text, what DMARC does,
// and who sends. It is timeless, and nothing in it that comes from outside is live.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Mail of %s\n\n%s\n", code(r.Domain.String()), r.verdict())
	if len(r.Findings) > 0 {
		b.WriteString("\n| Severity | Check | Subject | Finding | Remedy |\n| --- | --- | --- | --- | --- |\n")
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.Severity, code(f.ID), code(f.Subject), cell(f.Detail+" ("+f.Reference+")"), cell(f.Remedy))
		}
	}
	b.WriteString("\n### DMARC\n\n" + r.Policy.sentence(r) + "\n")
	for _, d := range r.spf {
		fmt.Fprintf(&b, "\n### SPF of %s\n\n%s\n%s\n", code(d.owner), fence("mermaid", d.mermaid()), fence("text", d.text))
	}
	r.writeSenders(&b)
	r.writeRest(&b)
	return b.String()
}

// verdict returns the first line.
func (r Report) verdict() string {
	var counts []string
	for _, s := range Severities() {
		if n := r.Count(s); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, plural(n, string(s), string(s)+"s")))
		}
	}
	verdict := "✔ **In order**"
	switch {
	case r.Fails(Error):
		verdict = "✘ **Not in order**"
	case r.Fails(Warning):
		verdict = "✔ **In order, with warnings**"
	}
	made := fmt.Sprintf("%d checks passed, %d were not made", len(r.Passed), len(r.NotChecked))
	if len(counts) == 0 {
		return fmt.Sprintf("%s: no findings; %s.", verdict, made)
	}
	return fmt.Sprintf("%s: %s; %s.", verdict, strings.Join(counts, ", "), made)
}

func (r Report) writeSenders(b *strings.Builder) {
	if len(r.Senders) == 0 {
		return
	}
	b.WriteString("\n### Who sends\n\n| Service | Configured | Aligned by SPF | Aligned by DKIM | Seen by |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range r.Senders {
		evidence := "–"
		if len(s.Evidence) > 0 {
			evidence = strings.Join(s.Evidence, ", ")
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", cell(show(s.Name)), tick(s.Configured), tick(s.SPF), tick(s.DKIM), cell(evidence))
	}
}

func (r Report) writeRest(b *strings.Builder) {
	if len(r.Ignored) > 0 {
		b.WriteString("\n### Ignored\n\n")
		for _, f := range r.Ignored {
			fmt.Fprintf(b, "- %s at %s: %s\n", code(f.ID), code(f.Subject), oneLine(f.Detail))
		}
	}
	if len(r.NotChecked) == 0 {
		return
	}
	b.WriteString("\n### Not checked\n\n")
	var whys []string
	ids := make(map[string][]string)
	for _, gap := range r.NotChecked {
		if ids[gap.Why] == nil {
			whys = append(whys, gap.Why)
		}
		ids[gap.Why] = append(ids[gap.Why], code(gap.ID))
	}
	for _, why := range whys {
		fmt.Fprintf(b, "- %s: %s\n", strings.Join(ids[why], ", "), oneLine(why))
	}
}

func tick(yes bool) string {
	if yes {
		return "✔"
	}
	return "✘"
}

// code writes a text from outside as code within a cell of a table.
func code(text string) string { return cell(record.InlineCode(text)) }

// cell makes a text that is fit for Markdown fit for a cell: a pipe ends one even in code, unless it is escaped.
func cell(text string) string { return strings.ReplaceAll(oneLine(text), "|", `\|`) }

// oneLine joins the lines of a text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// fence writes a block of code whose end nothing in it can be.
func fence(language, text string) string {
	marks := "```"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	return marks + language + "\n" + strings.TrimSuffix(text, "\n") + "\n" + marks + "\n"
}

// sentence explains the effect of the policy.
func (p Policy) sentence(r Report) string {
	domain := code(r.Domain.String())
	if p.Step == NoRecord {
		return fmt.Sprintf("No DMARC policy protects %s: anyone can send mail in its name, and nobody is told.", domain)
	}
	text := fmt.Sprintf("Mail that claims to come from %s, and that neither SPF nor DKIM confirms, %s.", domain, fate(p.Policy))
	if p.Step == AuthorDomain {
		e := p.Record.Effective()
		if e.SP != e.P {
			text += fmt.Sprintf(" From its subdomains, such mail %s.", fate(e.SP))
		} else {
			text += " The same holds for its subdomains."
		}
		if e.NP != e.SP {
			text += fmt.Sprintf(" From names that do not exist, it %s.", fate(e.NP))
		}
	} else {
		text += fmt.Sprintf(" The record of %s says so, by its tag %s.", code(p.Domain.String()), code(p.Tag))
	}
	if hosts := reportHosts(p.Record.RUA); len(hosts) > 0 {
		text += fmt.Sprintf(" Daily reports go to %s.", oneLine(shown(hosts...)))
	} else {
		text += " Nobody gets reports."
	}
	return text
}

// fate returns the treatment of mail under a policy.
func fate(p dmarc.Policy) string {
	switch p {
	case dmarc.Reject:
		return "is refused"
	case dmarc.Quarantine:
		return "goes to the spam folder"
	default:
		return "is delivered like any other"
	}
}

// mermaid draws the tree as a flowchart, with the lookups that each term costs at its edge.
func (d drawn) mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	fmt.Fprintf(&b, "  n0[\"%s — %d of %d lookups\"]\n", label(d.owner), d.cost, tree.LimitLookups.Max())
	next := 1
	var draw func(parent int, nodes []tree.Node)
	draw = func(parent int, nodes []tree.Node) {
		for _, n := range nodes {
			at := next
			next++
			text := label(n.Term)
			if n.Kind != "" {
				text += " — " + label(string(n.Kind))
			}
			fmt.Fprintf(&b, "  n%d -->|%d| n%d[\"%s\"]\n", parent, n.Lookups, at, text)
			draw(at, n.Nodes)
		}
	}
	draw(0, d.nodes)
	return b.String()
}

// label writes a text from outside for a node of a diagram: what has a meaning there, or in HTML, stands as its number.
func label(text string) string {
	const most = 80
	shown := record.Display(text)
	if len(shown) > most {
		shown = shown[:most]
	}
	var b strings.Builder
	for i := range len(shown) {
		switch c := shown[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', slices.Contains([]byte(" .-_=~?:"), c):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "#%d;", c)
		}
	}
	return b.String()
}
