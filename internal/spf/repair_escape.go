package spf

import (
	"regexp"
	"strings"
)

// escape is what quoting leaves of a line break, a tab, a blank, a semicolon, a comma or a quotation mark, and a backslash
// alone at an end.
var escape = regexp.MustCompile(`(?:\\+(?:[nrt;,"']|032|009|010|013|$)[;,"']*)+|^\\+`)

// escapedSign is a sign that a term may have, escaped.
var escapedSign = regexp.MustCompile(`\\+([^0-9A-Za-z\\])`)

// wrongEscapes repairs terms with escapes around them or between them.
func wrongEscapes(text string) repair {
	if !strings.Contains(text, `\`) || len(text) > mostRepaired {
		return repair{}
	}
	pieces := strings.Fields(escape.ReplaceAllString(text, " "))
	const why = "a backslash, and what it escapes, are quoting and not part of a record"
	if len(pieces) == 0 {
		return repair{why: why + ": take it out"}
	}
	if r := repairTo(strings.Join(pieces, " "), why+": terms are separated by blanks"); r.known() {
		return r
	}
	return repairTo(escapedSign.ReplaceAllString(text, "$1"), "a backslash is quoting, and not part of a record")
}

// wrongBlanks repairs terms with punctuation behind them or between them.
func wrongBlanks(b broken) repair {
	const separators, why = ",;|", "%s cannot stand here: terms are separated by blanks"
	text := b.qualifier + b.bare
	i := strings.IndexAny(text, separators)
	if i < 0 {
		return repair{}
	}
	if strings.Contains(text, "%{") { // Macros may hold a comma.
		end := strings.TrimRight(text, separators)
		if end == text {
			return repair{}
		}
		return repairTo(end, why, Quote(text[len(end):]))
	}
	pieces := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) })
	for k, piece := range pieces {
		// In "ip4:192.0.2.1,192.0.2.2", the second has lost its mechanism.
		if k > 0 && !parses(piece) && b.sep == ":" {
			pieces[k] = b.qualifier + b.name + ":" + piece
		}
	}
	return repairTo(strings.Join(pieces, " "), why, Quote(text[i:i+1]))
}
