package main

import (
	"fmt"
	"html"
	"strings"
)

// The sizes of the terminal, in pixels.
const (
	rowHeight = 18
	padding   = 18
	titleBar  = 34
	charWidth = 7.83 // of a monospaced font of 13 px
)

// Seconds of one scene, and how long its command stands alone.
const (
	sceneTime   = 9.0
	commandTime = 1.2
)

const demoStyle = `
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d1d7e0; white-space: pre; }
  .window { fill: #0d1117; stroke: #656c76; }
  .bar { fill: #21262d; }
  .title { fill: #9198a1; }
  .comment { fill: #9198a1; }
  .command { fill: #ffffff; font-weight: 600; }
  .add { fill: #56d364; }
  .warning { fill: #e3b341; font-weight: 600; }
  .error { fill: #ff7b72; font-weight: 600; }
  .good { fill: #56d364; font-weight: 600; }
  .key { fill: #79c0ff; }
  .scene, .output { opacity: 0; }
`

// drawDemo draws a terminal with the scenes one after another. Where nothing moves, it shows one of them.
func drawDemo(output string) (string, error) {
	all := scenes()
	screens := make([][]line, len(all))
	rows := 0
	for i, s := range all {
		var err error
		if screens[i], err = s.lines(output); err != nil {
			return "", err
		}
		rows = max(rows, len(screens[i])+3)
	}
	width := int(columns*charWidth) + 2*padding
	height := titleBar + rows*rowHeight + 2*padding

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title">`+"\n", width, height, width, height)
	b.WriteString("<title id=\"title\">A recording of make demo: a plan, an apply that waits for the last name server, a deleted record that the plan warns of, " +
		"an apply that fails with the cause, and the record back again.</title>\n")
	b.WriteString("<style>" + demoStyle + motion(len(all)) + "</style>\n")
	fmt.Fprintf(&b, `<rect class="window" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>`+"\n", width-1, height-1)
	fmt.Fprintf(&b, `<path class="bar" d="M1 %d V9 a8 8 0 0 1 8 -8 H%d a8 8 0 0 1 8 8 V%d z"/>`+"\n", titleBar, width-9, titleBar)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="6" fill="%s"/>`+"\n", padding+4+i*20, titleBar/2, colour)
	}
	fmt.Fprintf(&b, `<text class="title" text-anchor="middle" x="%d" y="%d">make demo</text>`+"\n", width/2, titleBar/2+5)
	for i, s := range all {
		s.draw(&b, i, screens[i])
	}
	b.WriteString("</svg>\n")
	return b.String(), nil
}

// motion shows one scene after another, each with its command first, and stops for those who want no motion.
func motion(scenes int) string {
	total := float64(scenes) * sceneTime
	at := func(seconds float64) string { return fmt.Sprintf("%.2f%%", 100*seconds/total) }
	var b strings.Builder
	fmt.Fprintf(&b, "  .s%d, .s%d .output { opacity: 1; }\n  @media (prefers-reduced-motion: no-preference) {\n", still, still)
	fmt.Fprintf(&b, "    .scene, .output { animation: %.0fs step-end infinite; }\n", total)
	for i := range scenes {
		begin := float64(i) * sceneTime
		end := begin + sceneTime
		fmt.Fprintf(&b, "    .s%d { animation-name: s%d; }\n    .s%d .output { animation-name: o%d; }\n", i, i, i, i)
		fmt.Fprintf(&b, "    @keyframes s%d { 0%% { opacity: 0 } %s { opacity: 1 } %s { opacity: 0 } }\n", i, at(begin), at(end))
		fmt.Fprintf(&b, "    @keyframes o%d { 0%% { opacity: 0 } %s { opacity: 1 } %s { opacity: 0 } }\n", i, at(begin+commandTime), at(end))
	}
	b.WriteString("  }\n")
	return b.String()
}

func (s scene) draw(b *strings.Builder, number int, lines []line) {
	fmt.Fprintf(b, `<g class="scene s%d">`+"\n", number)
	row := 1
	text := func(class, line string) {
		if line != "" {
			fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, padding, titleBar+padding+row*rowHeight-4, html.EscapeString(line))
		}
		row++
	}
	text("comment", "# "+s.comment)
	text("command", "$ "+s.command)
	b.WriteString(`<g class="output">` + "\n")
	row++
	for _, l := range lines {
		text(class(l.of), l.text)
	}
	b.WriteString("</g>\n</g>\n")
}

// class is the colour of a line, as Terraform and a reader of its output would have it.
func class(line string) string {
	trimmed := strings.TrimSpace(line)
	for _, c := range []struct{ class, prefix string }{
		{"error", "Error:"},
		{"warning", "Warning:"},
		{"add", "+ "},
		{"good", "Apply complete!"},
		{"good", "No changes."},
		{"key", "expected:"},
		{"key", "seen:"},
		{"key", "cause:"},
		{"key", "to do:"},
		{"good", "Plan:"},
	} {
		if strings.HasPrefix(trimmed, c.prefix) {
			return c.class
		}
	}
	return "line"
}
