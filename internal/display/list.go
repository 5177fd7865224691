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

// manyValues is from how many values on Unlisted names those alone that are like the one that was given.
const manyValues = 12

// Unlisted says of the value of an option that it is none of those that there are, and what to write where it is one of
// them but for its case and the blanks around it. Of many values it names those that may have been meant.
func Unlisted[T ~string](value string, values []T) string {
	known := make([]string, len(values))
	for i, v := range values {
		known[i] = fmt.Sprintf("%q", string(v))
	}
	text := "it must be " + OneOf(known)
	meant := slices.IndexFunc(values, func(v T) bool { return strings.EqualFold(string(v), strings.TrimSpace(value)) })
	switch {
	case value == "":
		return text + ", and is an empty text"
	case meant >= 0:
		return fmt.Sprintf("%s, and is %s: write %q", text, quoted(value), string(values[meant]))
	}
	if near := Near(value, texts(values)); len(values) > manyValues && len(near) > 0 {
		for i := range near {
			near[i] = fmt.Sprintf("%q", near[i])
		}
		return fmt.Sprintf("it is %s, which is not one of the %d values: did you mean %s?", quoted(value), len(values), OneOf(near))
	}
	return fmt.Sprintf("%s, and is %s", text, quoted(value))
}

func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}

// quoted is a text from outside as sentences have it, in quotes.
func quoted(s string) string {
	const most = 64
	return `"` + strings.ReplaceAll(Text(s, most), `"`, `\"`) + `"`
}
