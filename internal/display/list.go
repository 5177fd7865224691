package display

import (
	"fmt"
	"slices"
	"strings"
)

// OneOf lists the values of an option in a sentence: "a, b or c".
func OneOf[T ~string](values []T) string {
	var b strings.Builder
	for i, v := range values {
		switch {
		case i > 0 && i == len(values)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(v))
	}
	return b.String()
}

// Unlisted says of the value of an option that it is none of those that there are, and what to write where it is one of
// them but for its case and the blanks around it.
func Unlisted[T ~string](value string, values []T) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", string(v))
	}
	text := "it must be " + OneOf(quoted)
	meant := slices.IndexFunc(values, func(v T) bool { return strings.EqualFold(string(v), strings.TrimSpace(value)) })
	switch {
	case value == "":
		return text + ", and is an empty text"
	case meant >= 0:
		return fmt.Sprintf("%s, and is %s: write %q", text, Quoted(value), string(values[meant]))
	}
	return fmt.Sprintf("%s, and is %s", text, Quoted(value))
}

// Quoted is a text from outside as sentences have it, in quotes.
func Quoted(s string) string {
	const most = 64
	return `"` + strings.ReplaceAll(Text(s, most), `"`, `\"`) + `"`
}
