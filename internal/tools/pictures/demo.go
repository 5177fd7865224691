package main

import (
	"fmt"
	"regexp"
	"strings"
)

// A scene is what the terminal shows of one step of the demo.
type scene struct {
	step    int
	comment string // what happens before the command
	command string
	shows   []excerpt
}

// An excerpt is the lines of a step from the first that begins with one text to the next that begins with another,
// blanks at their beginnings aside. Without an end, it is every line of the step that holds the text.
type excerpt struct{ from, to string }

func scenes() []scene {
	return []scene{
		{step: 2, comment: "example.com sends with Microsoft 365. Catglobe is added.", command: "terraform plan", shows: []excerpt{
			{from: `# terraform_data.dns["example.com/TXT"]`, to: "]"},
			{from: "Plan: "},
			{from: "Warning: SPF record", to: "Warning: SPF record"},
			{from: "The existing record ends in", to: "= ["},
		}},
		{step: 3, comment: "The name server ns3 follows the others 12 s later.", command: "terraform apply", shows: []excerpt{
			{from: ": published "},
			{from: "maildomain_validation.this: "},
			{from: "Apply complete!"},
			{from: "Compared with live DNS"},
		}},
		{step: 5, comment: "Somebody deletes a DKIM record.", command: "terraform plan", shows: []excerpt{
			{from: "Warning: Live DNS", to: "Warning: Live DNS"},
			{from: "The records matched at an earlier validation", to: "to do:"},
		}},
		{step: 6, comment: "Nobody publishes it again.", command: "terraform apply -var on_drift=revalidate -var wait=5s", shows: []excerpt{
			{from: "Error: ", to: "Error: "},
			{from: "The records did not match", to: "to do:"},
		}},
		{step: 7, comment: "The record comes back.", command: "terraform apply", shows: []excerpt{
			{from: "No changes."},
			{from: "Apply complete!"},
			{from: "spf = "},
		}},
	}
}

// columns is the width of the terminal, and still the scene that is seen where nothing moves.
const (
	columns = 100
	still   = 3
)

// random matches what differs from run to run and tells nobody anything.
var random = regexp.MustCompile(` \[id=[^]]*\]`)

// lines returns what the scene shows of the demo's output.
func (s scene) lines(output string) ([]line, error) {
	_, step, found := strings.Cut(output, fmt.Sprintf("── Step %d of ", s.step))
	if !found {
		return nil, fmt.Errorf("the output has no step %d", s.step)
	}
	_, step, _ = strings.Cut(step, "\n── Look at:")
	step, _, _ = strings.Cut(step, "\n── ")
	all := strings.Split(step, "\n")
	var shown []line
	for _, e := range s.shows {
		part := e.of(all)
		if len(part) == 0 {
			return nil, fmt.Errorf("step %d does not show %q", s.step, e.from)
		}
		if len(shown) > 0 {
			shown = append(shown, line{})
		}
		for _, text := range part {
			shown = append(shown, wrap(random.ReplaceAllString(text, ""))...)
		}
	}
	return shown, nil
}

func (e excerpt) of(all []string) []string {
	var part []string
	begun := false
	for _, line := range all {
		trimmed := strings.TrimSpace(line)
		switch {
		case e.to == "" && strings.Contains(line, e.from):
			part = append(part, line)
		case e.to == "":
		case !begun && !strings.HasPrefix(trimmed, strings.TrimSpace(e.from)):
		default:
			part = append(part, line)
			if (begun || e.to == e.from) && strings.HasPrefix(trimmed, e.to) {
				return part
			}
			begun = true
		}
	}
	if begun {
		return nil // It has no end.
	}
	return part
}

// A line of the terminal is a line of the output, or a piece of one that is longer than the terminal is wide.
type line struct{ text, of string }

// wrap cuts a line of the output at blanks, and indents the further pieces a little more than the first.
func wrap(whole string) []line {
	rest := strings.TrimRight(whole, " ")
	words := strings.TrimLeft(rest, " ")
	indent := strings.Repeat(" ", min(len(rest)-len(words), columns/2))
	var lines []line
	for len(indent)+len(words) > columns {
		width := columns - len(indent)
		cut := strings.LastIndex(words[:width+1], " ")
		if cut <= 0 {
			cut = width
		}
		lines = append(lines, line{indent + words[:cut], whole})
		words = strings.TrimLeft(words[cut:], " ")
		if len(lines) == 1 {
			indent += "  "
		}
	}
	return append(lines, line{indent + words, whole})
}
