package display

import (
	"strings"
	"unicode/utf8"
)

// Row is a line of a text with two columns.
type Row struct{ Left, Right string }

// widestLeft is the most characters of a left column that still sets where the right one starts; longer ones push it to
// the right in their row alone.
const widestLeft = 60

// Columns lays out rows of two columns.
func Columns(rows []Row) string {
	column := 0
	for _, r := range rows {
		if width := utf8.RuneCountInString(r.Left); r.Right != "" && width <= widestLeft {
			column = max(column, width)
		}
	}
	var b strings.Builder
	for i, r := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(r.Left)
		if r.Right != "" {
			b.WriteString(strings.Repeat(" ", max(0, column-utf8.RuneCountInString(r.Left))+2))
			b.WriteString(r.Right)
		}
	}
	return b.String()
}
