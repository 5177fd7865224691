package audit

import (
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// unquoted returns a value without the quotes and escapes that were meant for a zone file and became part of it.
func unquoted(value string) string {
	if joined, ok := record.Strings(strings.TrimSpace(value)); ok {
		return joined
	}
	return value
}

// plural returns one of two words.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// sentence makes the text of an error one that is fit to be shown.
func sentence(err error) string {
	text := strings.TrimSuffix(err.Error(), ".")
	if text == "" {
		return ""
	}
	if c := text[0]; c >= 'a' && c <= 'z' && !strings.HasPrefix(text, "v=") {
		text = string(c-'a'+'A') + text[1:]
	}
	return record.InlineShown(text) + "."
}
