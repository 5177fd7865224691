package verify

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Answers may be of any length, by intent too. Texts begin with the most important part, and say how much they leave out.
const (
	// MaxRecordText is how many octets of a text one record may take.
	MaxRecordText = 8 << 10
	// MaxText is how many octets a report has at most, and an error, and a message to a sender's support.
	MaxText = 64 << 10
	// maxServers is how many servers a list names.
	maxServers = 20
	// maxGroups is how many different answers a record is told to have.
	maxGroups = 10
	// maxGroupText is how many octets of one of them are shown.
	maxGroupText = 2 << 10
	// maxZonesAsked is how many zones a report names with their servers.
	maxZonesAsked = 100
	// maxWarned is how many records one warning speaks of.
	maxWarned = 25
	// maxShown is how many values, servers or names a sentence lists.
	maxShown = record.MaxInline
)

// Cut shortens a text to a number of octets, at the end of a line where there is one near, and says how much is left out.
func Cut(text string, limit int) string {
	const room = 40
	if len(text) <= limit {
		return text
	}
	keep := text[:max(0, limit-room)]
	for len(keep) > 0 && !utf8.ValidString(keep[max(0, len(keep)-utf8.UTFMax):]) && !utf8.RuneStart(text[len(keep)]) {
		keep = keep[:len(keep)-1] // The limit falls into a sign.
	}
	if line := strings.LastIndexByte(keep, '\n'); line > len(keep)*3/4 {
		keep = keep[:line+1]
	}
	return keep + fmt.Sprintf("… and %d more octets", len(text)-len(keep))
}

// joinFew joins texts, but no more than a limit.
func joinFew(texts []string, limit int, separator string) string {
	if more := len(texts) - limit; more > 0 {
		texts = append(texts[:limit:limit], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, separator)
}

// joinWithin joins texts by blank lines while they fit into a number of octets; it builds no more of them. Behind them it says
// how many more there are, with a noun in its two forms.
func joinWithin(n int, text func(i int) string, limit int, one, many string) string {
	var b strings.Builder
	for i := range n {
		next := text(i)
		if more := n - i; i > 0 && b.Len()+len(next) > limit {
			fmt.Fprintf(&b, "\n\n… and %d more %s.", more, plural(more, one, many))
			break
		}
		if i > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(next)
	}
	return b.String()
}
