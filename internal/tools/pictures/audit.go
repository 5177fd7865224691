package main

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// auditStyle is that of a page of GitHub, on a card of its own.
const auditStyle = `
  text { font: 14px "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .card { fill: #ffffff; stroke: #d1d9e0; }
  .h2 { font-size: 21px; font-weight: 600; }
  .h3 { font-size: 17px; font-weight: 600; }
  .head, .strong { font-weight: 600; }
  .code { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }
  .behind { fill: #eff1f3; }
  .line { stroke: #d1d9e0; }
  .row { fill: #f6f8fa; }
  .box { fill: #f6f8fa; stroke: #818b98; }
  .bad { fill: #ffebe9; stroke: #d1242f; }
  .error, .cross { fill: #d1242f; font-weight: 600; }
  .warning { fill: #9a6700; font-weight: 600; }
  .note { fill: #59636e; }
  .tick { fill: #1a7f37; font-weight: 600; }
  .edge { fill: none; stroke: #59636e; stroke-width: 1.3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .card { fill: #0d1117; stroke: #3d444d; }
    .behind { fill: #2a313c; }
    .line { stroke: #3d444d; }
    .row { fill: #151b23; }
    .box { fill: #151b23; stroke: #656c76; }
    .bad { fill: #3d1518; stroke: #f85149; }
    .error, .cross { fill: #f85149; }
    .warning { fill: #d29922; }
    .note { fill: #9198a1; }
    .tick { fill: #3fb950; }
    .edge { stroke: #9198a1; }
  }
`

// The measures of the page, in pixels.
const (
	pageWidth  = 1000
	margin     = 28
	lineHeight = 21
	gap        = 12
	cellPad    = 9
	boxHeight  = 32
	boxGap     = 14
	depthGap   = 62
)

// A canvas is a page that is drawn from its top to its bottom.
type canvas struct {
	strings.Builder

	y int // of the next block
}

// drawAudit draws the page of an audit, as those see it who read it beside a pull request.
func drawAudit(page string) (string, error) {
	all := blocks(page)
	if len(all) == 0 {
		return "", fmt.Errorf("the page is empty")
	}
	c := &canvas{y: margin}
	for _, b := range all {
		c.draw(b)
	}
	height := c.y - gap + margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title">`+"\n", pageWidth, height, pageWidth, height)
	b.WriteString("<title id=\"title\">The page of an audit: a verdict, a table of findings, what DMARC does, the SPF record as a diagram with the lookups of each term, and who sends.</title>\n")
	b.WriteString("<style>" + auditStyle + "</style>\n")
	fmt.Fprintf(&b, `<rect class="card" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>`+"\n", pageWidth-1, height-1)
	b.WriteString(c.String() + "</svg>\n")
	return b.String(), nil
}

func (c *canvas) draw(b block) {
	const width = pageWidth - 2*margin
	switch b.kind {
	case heading:
		c.y += gap / 2
		title := words(strings.ReplaceAll(b.text, "`", ""))
		for i := range title {
			title[i].style = strong
		}
		class := fmt.Sprintf("h%d", b.level)
		c.y += c.write(wrapWords(title, width, scales[class]), margin, c.y+5, class)
		if b.level == 2 {
			fmt.Fprintf(c, `<path class="line" d="M%d %.1f H%d"/>`+"\n", margin, float64(c.y)+6.5, pageWidth-margin)
			c.y += gap
		}
	case item:
		fmt.Fprintf(c, `<circle cx="%d" cy="%d" r="2.5" class="note"/>`+"\n", margin+8, c.y+11)
		c.y += c.write(wrapWords(words(b.text), width-22, 1), margin+22, c.y, "")
	case table:
		c.table(b.rows, width)
	case code:
		c.code(b.text)
	case diagram:
		c.diagram(b.text)
	default:
		c.y += c.write(wrapWords(words(b.text), width, 1), margin, c.y, "")
	}
	c.y += gap
}

// scales are how much larger headings are than the rest.
var scales = map[string]float64{"h2": 1.5, "h3": 1.2}

// letterWidths are those of letters that are not of the usual width, in parts of the size.
var letterWidths = map[float64]string{0.3: "il.,:;'|!ftjrI()[]` /", 0.66: "ABCDEFGHKLNOPQRSTUVXYZ_=+", 0.9: "mwMW@%—✔✘"}

// widthOf is about how wide a word is, rather more than less.
func widthOf(w word, scale float64) float64 {
	if w.style == mono {
		return 7.3 * float64(len([]rune(w.text)))
	}
	total := 0.0
	for _, c := range w.text {
		part := 0.56
		for width, letters := range letterWidths {
			if strings.ContainsRune(letters, c) {
				part = width
			}
		}
		total += part
	}
	if w.style == strong {
		total *= 1.08
	}
	return total * 14 * scale
}

// A placed word stands at a place of its line.
type placedWord struct {
	word

	x float64
}

// wrapWords puts words into lines. Words of code have room around them.
func wrapWords(all []word, width int, scale float64) [][]placedWord {
	lines := [][]placedWord{nil}
	x := 0.0
	for i, w := range all {
		space := 4.2 * scale
		if w.glued || x == 0 {
			space = 0
		}
		room := 0.0
		if w.style == mono && (i == 0 || all[i-1].style != mono) {
			room = 3
		}
		wide := widthOf(w, scale)
		if x > 0 && x+space+room+wide > float64(width) && !w.glued {
			lines = append(lines, nil)
			x, space = 0, 0
		}
		last := len(lines) - 1
		lines[last] = append(lines[last], placedWord{w, x + space + room})
		x += space + room + wide
		if w.style == mono && (i+1 == len(all) || all[i+1].style != mono) {
			x += 3
		}
	}
	return lines
}

// write writes lines from a place on, and returns how high they are.
func (c *canvas) write(lines [][]placedWord, x, y int, class string) int {
	for i, line := range lines {
		base := y + i*lineHeight + 15
		for _, w := range line {
			left := float64(x) + w.x
			shown := class
			switch {
			case w.style == mono:
				shown = "code"
				fmt.Fprintf(c, `<rect class="behind" x="%.1f" y="%d" width="%.1f" height="18" rx="4"/>`+"\n", left-3, base-13, widthOf(w.word, 1)+6)
			case w.style == strong && scales[class] == 0:
				shown = "strong"
			}
			if marked := map[string]string{"✔": "tick", "✘": "cross"}[w.text]; marked != "" {
				shown = marked
			}
			// Its width is set, so that a font that is wider moves nothing.
			length := widthOf(w.word, max(1, scales[class]))
			fmt.Fprintf(c, `<text class="%s" x="%.1f" y="%d" textLength="%.1f" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n", shown, left, base, length, html.EscapeString(w.text))
		}
	}
	return len(lines) * lineHeight
}

// table draws a table whose columns are as wide as what they hold asks for.
func (c *canvas) table(rows [][]string, width int) {
	widths := columnWidths(rows, width)
	for n, row := range rows {
		high, lines := 0, make([][][]placedWord, len(row))
		for i, cell := range row {
			lines[i] = wrapWords(words(cell), widths[i]-2*cellPad, 1)
			high = max(high, len(lines[i])*lineHeight)
		}
		high += 12
		if n > 0 && n%2 == 0 {
			fmt.Fprintf(c, `<rect class="row" x="%d" y="%d" width="%d" height="%d"/>`+"\n", margin, c.y, width, high)
		}
		fmt.Fprintf(c, `<path class="line" d="M%d %.1f H%d"/>`+"\n", margin, float64(c.y)+0.5, margin+width)
		x := margin
		for i, cell := range row {
			class := ""
			switch {
			case n == 0:
				class = "head"
			case slices.Contains([]string{"error", "warning", "note"}, cell):
				class = cell
			}
			c.write(lines[i], x+cellPad, c.y+5, class)
			x += widths[i]
		}
		c.y += high
	}
	fmt.Fprintf(c, `<path class="line" d="M%d %.1f H%d"/>`+"\n", margin, float64(c.y)+0.5, margin+width)
}

// columnWidths shares a width out: each column has room for its longest word, and of the rest, what the most that a cell
// holds asks for.
func columnWidths(rows [][]string, width int) []int {
	least, most := make([]float64, len(rows[0])), make([]float64, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			if i >= len(least) {
				break
			}
			all := 0.0
			for _, w := range words(cell) {
				wide := widthOf(w, 1) + 8
				least[i] = max(least[i], wide)
				all += wide + 4
			}
			most[i] = max(most[i], all)
		}
	}
	rest, wanted := float64(width), 0.0
	for i := range least {
		rest -= least[i] + 2*cellPad
		wanted += most[i] - least[i]
	}
	widths := make([]int, len(least))
	for i := range least {
		share := 0.0
		if wanted > 0 {
			share = rest * (most[i] - least[i]) / wanted
		}
		widths[i] = int(least[i] + 2*cellPad + max(0, share))
	}
	return widths
}

// code draws lines as they are.
func (c *canvas) code(text string) {
	lines := strings.Split(text, "\n")
	high := len(lines)*18 + 20
	fmt.Fprintf(c, `<rect class="row" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", margin, c.y, pageWidth-2*margin, high)
	for i, line := range lines {
		fmt.Fprintf(c, `<text class="code" x="%d" y="%d">%s</text>`+"\n", margin+14, c.y+24+i*18, html.EscapeString(line))
	}
	c.y += high
}

// diagram draws a tree from left to right, each box in the middle of those that it leads to.
func (c *canvas) diagram(text string) {
	root := tree(text)
	if root == nil {
		return
	}
	var widest []int
	var measure func(n *node)
	measure = func(n *node) {
		if n.depth == len(widest) {
			widest = append(widest, 0)
		}
		widest[n.depth] = max(widest[n.depth], n.width())
		for _, below := range n.below {
			measure(below)
		}
	}
	measure(root)
	y := c.y
	var place func(n *node)
	place = func(n *node) {
		n.x = margin
		for _, wide := range widest[:n.depth] {
			n.x += wide + depthGap
		}
		if len(n.below) == 0 {
			n.y = y
			y += boxHeight + boxGap
			return
		}
		for _, below := range n.below {
			place(below)
		}
		n.y = (n.below[0].y + n.below[len(n.below)-1].y) / 2
	}
	place(root)
	root.draw(c)
	c.y = y - boxGap
}

func (n *node) width() int { return int(widthOf(word{text: n.label}, 1)) + 24 }

func (n *node) draw(c *canvas) {
	class := "box"
	if strings.Contains(n.label, " — ") && n.depth > 0 {
		class = "bad" // Something is said of the term.
	}
	middle := n.y + boxHeight/2
	fmt.Fprintf(c, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="5"/>`+"\n", class, n.x, n.y, n.width(), boxHeight)
	fmt.Fprintf(c, `<text x="%d" y="%d" textLength="%d" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n", n.x+12, middle+5, n.width()-24, html.EscapeString(n.label))
	for _, below := range n.below {
		right, to := n.x+n.width(), below.y+boxHeight/2
		half := (below.x + right) / 2
		fmt.Fprintf(c, `<path class="edge" d="M%d %d C%d %d %d %d %d %d"/>`+"\n", right, middle, half, middle, half, to, below.x, to)
		fmt.Fprintf(c, `<text class="note" text-anchor="end" x="%d" y="%d">%s</text>`+"\n", below.x-6, to-5, html.EscapeString(below.edge))
		below.draw(c)
	}
}
