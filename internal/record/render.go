package record

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// ZoneFile writes records as a zone file (RFC 1035 §5.1), sorted by domain, owner and type: absolute owners and
// targets, so that it holds in any zone, TTLs in seconds, TXT cut into strings of at most 255 octets. A record
// that several keys hold stands there once. The empty set is the empty file. It returns the errors of [RRsets].
func ZoneFile(records Set) (string, error) {
	sets, err := sortedRRsets(records)
	if err != nil {
		return "", err
	}
	var owners, ttls, types int // widths
	for _, s := range sets {
		owners = max(owners, len(s.Owner.Dotted()))
		ttls = max(ttls, len(strconv.FormatUint(uint64(s.TTL), 10)))
		types = max(types, len(s.Type))
	}
	var b strings.Builder
	for _, s := range sets {
		for _, quoted := range s.Quoted() {
			fmt.Fprintf(&b, "%-*s %*d IN %-*s %s\n", owners, s.Owner.Dotted(), ttls, s.TTL, types, s.Type, quoted)
		}
	}
	return b.String(), nil
}

// MarkdownTable writes records as a table to hand to whoever runs the DNS, sorted by domain, owner and type. What
// stands in a cell is code: it can be copied as it is, and nothing in it becomes a link, an image or another
// cell. It returns the errors of [RRsets].
func MarkdownTable(records Set) (string, error) {
	sets, err := sortedRRsets(records)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| Name | Type | TTL | Value |\n| --- | --- | --- | --- |\n")
	for _, s := range sets {
		for _, value := range s.Values {
			fmt.Fprintf(&b, "| %s | %s | %d | %s |\n", Cell(s.Owner.String()), s.Type, s.TTL, Cell(value))
		}
	}
	return b.String(), nil
}

// sortedRRsets groups records and puts them in the order that people look for them: domain by domain, the
// domain itself first.
func sortedRRsets(records Set) ([]RRset, error) {
	grouped, err := RRsets(records)
	if err != nil {
		return nil, err
	}
	sets := make([]RRset, 0, len(grouped))
	for _, s := range grouped {
		sets = append(sets, s)
	}
	slices.SortFunc(sets, func(a, b RRset) int {
		return cmp.Or(
			a.Domain.Compare(b.Domain),
			compareOwners(a, b),
			cmp.Compare(a.Type, b.Type),
		)
	})
	return sets, nil
}

func compareOwners(a, b RRset) int {
	if own := a.Owner == a.Domain; own != (b.Owner == b.Domain) {
		if own {
			return -1
		}
		return 1
	}
	return dnsname.Name.Compare(a.Owner, b.Owner)
}

// Cell writes a text as code that stays within one cell of a table of Markdown. Octets outside printable ASCII become \DDD
// (RFC 1035 §5.1); a value is never cut.
func Cell(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c > '~':
			b.WriteString(decimal(c))
		case c == '\\' && i+1 < len(text) && text[i+1] == '|', c == '|' && i > 0 && text[i-1] == '\\':
			// Whether a pipe behind two backslashes ends the cell is told by each renderer in its own way.
			b.WriteString(decimal(c))
		case c == '|':
			// A pipe ends the cell even in code, unless it is escaped.
			b.WriteString(`\|`)
		default:
			b.WriteByte(c)
		}
	}
	return fenced(b.String())
}

// Inline is [Display] for a text in prose that people paste where Markdown is read, such as the report of a validation
// in a comment: what would become a link, an image, HTML, a mention or a reference there stands in code. Other texts
// stay plain.
func Inline(s string) string {
	return InlineShown(Display(s))
}

// InlineCode is [Inline] for a text that always stands in code.
func InlineCode(s string) string { return fenced(Display(s)) }

// InlineShown is [Inline] for a sentence whose foreign parts have passed [Display] before, as errors and findings have it.
func InlineShown(s string) string {
	if isLive(s) {
		return fenced(s)
	}
	return s
}

// MaxInline is how many values [InlineAll] shows.
const MaxInline = 5

// InlineAll lists values for a sentence, each as [Inline] shows it, and says how many more there are.
func InlineAll(values []string) string {
	shown := make([]string, 0, MaxInline+1)
	for i, v := range values {
		if i == MaxInline {
			shown = append(shown, fmt.Sprintf("and %d more", len(values)-MaxInline))
			break
		}
		shown = append(shown, "«"+Inline(v)+"»")
	}
	return strings.Join(shown, ", ")
}

// isLive reports whether a text has what Markdown, or a forge that reads it, does not show as it is. Most of what it is
// asked about is long and has none.
func isLive(text string) bool {
	for _, mark := range []string{"`", "<", "](", "][", "://", "www."} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	if _, behind, found := strings.Cut(text, "&"); found && strings.Contains(behind, ";") {
		return true // A character reference may be one of the marks: &commat;
	}
	for i := 1; i < len(text); i++ {
		mention := text[i-1] == '@' && isAlphanumeric(text[i]) && (i == 1 || text[i-2] != '_' && !isAlphanumeric(text[i-2]))
		if mention || text[i-1] == '#' && '0' <= text[i] && text[i] <= '9' {
			return true
		}
	}
	return false
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// fenced puts a text between more backticks than it has in a row.
func fenced(text string) string {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if text == "" || text[0] == '`' || text[len(text)-1] == '`' || text[0] == ' ' && text[len(text)-1] == ' ' {
		// One blank on either side is not shown.
		text = " " + text + " "
	}
	return fence + text + fence
}
