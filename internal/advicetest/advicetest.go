// Package advicetest takes apart what texts advise, so that tests can follow the advice: what is quoted must parse, pass
// the check that refused the input, and name an option that the reader has.
package advicetest

import (
	"regexp"
	"slices"
	"strconv"
)

var (
	written = regexp.MustCompile(`\bwrite ("(?:[^"\\]|\\.)*")`)
	example = regexp.MustCompile(`\b(?:as in|like) ("(?:[^"\\]|\\.)*")`)
	option  = regexp.MustCompile("`([a-z_]+)(?:\\[[^`]*)?(?: = [^`]*)?`|\\b([a-z]+(?:_[a-z]+)+) = ")
)

// Written returns what a text tells its reader to write in place of what was refused: each quoted text behind the word
// "write".
func Written(text string) []string { return unquoted(written, text) }

// Examples returns the examples of a text: each quoted text behind "as in" or "like".
func Examples(text string) []string { return unquoted(example, text) }

// Options returns the options that a text names, each once: the words between backticks that may be names of attributes,
// and those before an equals sign.
func Options(text string) []string {
	var names []string
	for _, match := range option.FindAllStringSubmatch(text, -1) {
		name := match[1] + match[2]
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func unquoted(pattern *regexp.Regexp, text string) []string {
	var found []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		if s, err := strconv.Unquote(match[1]); err == nil {
			found = append(found, s)
		}
	}
	return found
}
