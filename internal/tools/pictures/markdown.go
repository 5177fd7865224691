package main

import (
	"regexp"
	"strconv"
	"strings"
)

// A block is a part of a page of Markdown, as far as the audit writes it.
type block struct {
	kind  blockKind
	text  string     // of a heading, a paragraph, an item or code
	level int        // of a heading
	rows  [][]string // of a table, its head first
}

type blockKind int

const (
	paragraph blockKind = iota
	heading
	item
	table
	code
	diagram
)

// blocks reads a page.
func blocks(page string) []block {
	var all []block
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "#"):
			marks, text, _ := strings.Cut(line, " ")
			all = append(all, block{kind: heading, level: len(marks), text: text})
		case strings.HasPrefix(line, "- "):
			all = append(all, block{kind: item, text: line[2:]})
		case strings.HasPrefix(line, "```"):
			marks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
			kind := code
			if strings.TrimPrefix(line, marks) == "mermaid" {
				kind = diagram
			}
			var inside []string
			for i++; i < len(lines) && lines[i] != marks; i++ {
				inside = append(inside, lines[i])
			}
			all = append(all, block{kind: kind, text: strings.Join(inside, "\n")})
		case strings.HasPrefix(line, "|"):
			b := block{kind: table}
			for ; i < len(lines) && strings.HasPrefix(lines[i], "|"); i++ {
				if row := cells(lines[i]); strings.Trim(strings.Join(row, ""), "-") != "" {
					b.rows = append(b.rows, row)
				}
			}
			i--
			all = append(all, b)
		default:
			all = append(all, block{text: line})
		}
	}
	return all
}

// cells are those of a row. A pipe behind a backslash is a part of one.
func cells(row string) []string {
	const pipe = "\x00"
	parts := strings.Split(strings.Trim(strings.ReplaceAll(row, `\|`, pipe), "| "), "|")
	for i := range parts {
		parts[i] = strings.ReplaceAll(strings.TrimSpace(parts[i]), pipe, "|")
	}
	return parts
}

// A word is what stands between blanks, in one style.
type word struct {
	text, style string
	glued       bool // no blank stands before it
}

// The styles of words.
const (
	plain  = ""
	mono   = "code"
	strong = "strong"
)

// words reads the code and the bold parts of a text.
func words(text string) []word {
	var all []word
	style, glued := plain, false
	add := func(part string) {
		for i, w := range strings.Split(part, " ") {
			if w != "" {
				all = append(all, word{w, style, glued && i == 0})
			}
			glued = glued && i == 0 && w == ""
		}
		glued = !strings.HasSuffix(part, " ")
	}
	for text != "" {
		at := strings.IndexAny(text, "`*")
		switch {
		case at < 0:
			add(text)
			return all
		case text[at] == '`':
			inside, rest, closed := strings.Cut(text[at+1:], "`")
			if !closed {
				add(text)
				return all
			}
			add(text[:at])
			before := style
			style = mono
			add(inside)
			style, text = before, rest
		case strings.HasPrefix(text[at:], "**"):
			add(text[:at])
			style = map[string]string{plain: strong}[style]
			text = text[at+2:]
		default:
			add(text[:at+1])
			text = text[at+1:]
		}
	}
	return all
}

// A node is a box of a diagram.
type node struct {
	label string
	edge  string // the label of the arrow that leads to it
	depth int
	below []*node
	x, y  int
}

var (
	nodeLine = regexp.MustCompile(`^\s*(?:(n\d+) -->\|([^|]*)\| )?(n\d+)\["(.*)"\]$`)
	entity   = regexp.MustCompile(`#(\d+);`)
)

// tree reads a flowchart whose first box leads to all others.
func tree(flowchart string) *node {
	known := make(map[string]*node)
	var root *node
	for line := range strings.SplitSeq(flowchart, "\n") {
		m := nodeLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		n := &node{edge: m[2], label: entity.ReplaceAllStringFunc(m[4], func(number string) string {
			c, err := strconv.Atoi(strings.Trim(number, "#;"))
			if err != nil {
				return number
			}
			return string(rune(c))
		})}
		known[m[3]] = n
		if parent := known[m[1]]; parent != nil {
			n.depth = parent.depth + 1
			parent.below = append(parent.below, n)
		} else {
			root = n
		}
	}
	return root
}
