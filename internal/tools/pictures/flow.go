package main

import (
	"fmt"
	"html"
	"strings"
)

// flowStyle has a card of its own behind the picture, so that it can be read on a page of either colour.
const flowStyle = `
  text { font: 13px "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .card { fill: #ffffff; stroke: #d1d9e0; }
  .box { fill: #f6f8fa; stroke: #818b98; }
  .own { fill: #ddf4ff; stroke: #0969da; }
  .good { fill: #dafbe1; stroke: #1a7f37; }
  .bad { fill: #ffebe9; stroke: #d1242f; }
  .title { font-weight: 600; }
  .small { font-size: 12px; }
  .label { font-size: 12px; fill: #59636e; }
  path { fill: none; stroke: #59636e; stroke-width: 1.5; }
  .ask { stroke-dasharray: 5 4; }
  marker path { fill: #59636e; stroke: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .card { fill: #0d1117; stroke: #3d444d; }
    .box { fill: #151b23; stroke: #656c76; }
    .own { fill: #122d4f; stroke: #4493f8; }
    .good { fill: #12361f; stroke: #3fb950; }
    .bad { fill: #3d1518; stroke: #f85149; }
    .label { fill: #9198a1; }
    path { stroke: #9198a1; }
    marker path { fill: #9198a1; }
  }
`

// box is a rectangle with a title and lines below it.
type box struct {
	x, y, width, height int
	class, title        string
	lines               []string
}

// arrow is a line with a head, and the label at its own place.
type arrow struct {
	path           string
	dashed         bool
	label          string
	labelX, labelY int
}

// drawFlow draws how values flow: into the provider, to the DNS provider's resources, and from live DNS back.
func drawFlow() string {
	boxes := []box{
		{24, 28, 206, 62, "box", "Mail services", []string{"the values that each hands out"}},
		{24, 114, 206, 62, "box", "Today's SPF record", []string{"given, or read from live DNS"}},
		{24, 200, 206, 62, "box", "Keys and policies", []string{"DKIM, DMARC, MTA-STS, BIMI"}},
		{292, 95, 190, 100, "own", "maildomain computes", []string{"data sources, functions:", "one map of records"}},
		{560, 28, 186, 62, "box", "Your DNS provider", []string{"its own Terraform resources"}},
		{560, 171, 186, 62, "own", "maildomain_validation", []string{"waits until all agree"}},
		{840, 28, 200, 62, "box", "Name servers", []string{"of the zone: live DNS"}},
		{840, 138, 200, 62, "good", "The apply goes on", []string{"to what needs the domain"}},
		{840, 224, 200, 62, "bad", "Or it ends with an error", []string{"record, server, cause, cure"}},
	}
	arrows := []arrow{
		{path: "M230 59 C265 59 262 120 286 124"},
		{path: "M230 145 L286 145"},
		{path: "M230 231 C265 231 262 170 286 166"},
		{path: "M482 125 C520 120 515 59 554 59", label: "records", labelX: 476, labelY: 86},
		{path: "M482 165 C520 170 515 202 554 202", label: "expected", labelX: 470, labelY: 206},
		{path: "M746 59 L834 59", label: "publishes", labelX: 768, labelY: 50},
		{path: "M700 171 C710 125 780 105 862 94", dashed: true, label: "asks every server", labelX: 594, labelY: 140},
		{path: "M746 192 C800 188 790 169 834 169"},
		{path: "M746 212 C800 216 790 255 834 255"},
	}
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1060 312" width="1060" height="312" role="img" aria-labelledby="title">` + "\n")
	b.WriteString("<title id=\"title\">Values flow from mail services, today's SPF record, keys and policies into maildomain, which computes a map of records. " +
		"The resources of your DNS provider publish them, and maildomain_validation asks every name server before the apply goes on.</title>\n")
	b.WriteString("<style>" + flowStyle + "</style>\n")
	b.WriteString(`<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z"/></marker></defs>` + "\n")
	b.WriteString(`<rect class="card" x="0.5" y="0.5" width="1059" height="311" rx="8"/>` + "\n")
	for _, a := range arrows {
		a.draw(&b)
	}
	for _, x := range boxes {
		x.draw(&b)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (x box) draw(b *strings.Builder) {
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", x.class, x.x, x.y, x.width, x.height)
	const lineHeight = 19
	middle := x.x + x.width/2
	y := x.y + (x.height-lineHeight*len(x.lines))/2 + 5
	fmt.Fprintf(b, `<text class="title" text-anchor="middle" x="%d" y="%d">%s</text>`+"\n", middle, y, html.EscapeString(x.title))
	for _, line := range x.lines {
		y += lineHeight
		fmt.Fprintf(b, `<text class="small" text-anchor="middle" x="%d" y="%d">%s</text>`+"\n", middle, y, html.EscapeString(line))
	}
}

func (a arrow) draw(b *strings.Builder) {
	class := ""
	if a.dashed {
		class = ` class="ask"`
	}
	fmt.Fprintf(b, `<path%s d="%s" marker-end="url(#head)"/>`+"\n", class, a.path)
	if a.label != "" {
		fmt.Fprintf(b, `<text class="label" x="%d" y="%d">%s</text>`+"\n", a.labelX, a.labelY, html.EscapeString(a.label))
	}
}
