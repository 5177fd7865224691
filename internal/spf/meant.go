package spf

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// ErrBrokenRecord is the class of errors about TXT values that were meant as SPF and that receivers do not take for it.
var ErrBrokenRecord = errors.New("TXT value meant as SPF that is not an SPF record")

// What a text that was meant as SPF looks like once marks and unusual blanks are gone. Verification tokens match
// none of these: they are `name=value` with a name of their own, or lack a mechanism's name before a colon.
var (
	// The version as it is mistyped: "v=spf1include:a.example", "v:spf1", "v = spf 1", "v=spf2.0", "vspf1", "spf1 a -all".
	mistypedVersion = regexp.MustCompile(`^(?:v(?:ersion)?\s*[=:]+\s*s\s*p\s*f|v\s*(?:spf|sfp|psf)\s*v?[1li](?:$|[^0-9a-z=_-])|` +
		`v\s*[=:]+\s*(?:sfp|psf|pfs|fps|fsp|sp|sf|pf|spp?ff?|ssspf|sspf)\s*v?[1li](?:$|[^0-9a-z=_-])|` +
		`=?\s*spf\s*[=: ]?\s*v?1(?:$|[^0-9a-z=_.-]|[-~?+]all$|include:|ip[46]:|mx|a:))`)
	// Sender ID (RFC 4406 §3.1) is another format.
	senderID = regexp.MustCompile(`^spf2\.[0-9]+/`)
	// A version in the middle of other text: `example.com. IN TXT "v=spf1 …`.
	innerVersion = regexp.MustCompile(`(?:^|[\s;,:=(])v\s*=\s*spf1(?:$|[\s;,"])`)
	// A term that nothing but SPF has.
	tellingTerm = regexp.MustCompile(`^(?:[-+?~]?(?:include|exists|ip4|ip6|ipv4|ipv6)[:=][^/\s]|[-+?~]all$|[-+?~]?(?:a|mx|ptr)[:=][^/\s]+\.[^/\s]|[-+?~]?(?:a|mx)/[0-9]+$|` +
		`redirect[=:](?:[^/\s]+\.)[^/\s]+$)`)
	// A term that may as well be a word.
	bareTerm = regexp.MustCompile(`^[-+?~]?(?:a|mx|ptr|all)$`)
)

// MeantAsSPF reports whether a TXT value that is not an SPF record was meant as one, or as a part of one: receivers
// ignore it, as if it were not there (RFC 7208 §4.5). Records of other formats, Sender ID (RFC 4406) among them, and
// verification tokens are not meant as SPF.
func MeantAsSPF(txt string) bool {
	if IsRecord(txt) {
		return false
	}
	text := plain(txt)
	switch {
	case senderID.MatchString(text):
		return false
	case mistypedVersion.MatchString(text), innerVersion.MatchString(text):
		return true
	}
	return slices.ContainsFunc(words(text), tellingTerm.MatchString)
}

// plain writes a text in lower case, without the quotation marks, escapes, invisible characters and unusual blanks that
// come with copying.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch advice, known := lookalike(r); {
		case isQuotationMark(r), r == '\\', r == utf8.RuneError:
		case r >= '！' && r <= '～': // the fullwidth forms of printable ASCII
			b.WriteRune(r - '！' + '!')
		case r == '\u00AD', known && strings.HasPrefix(advice, "remove"):
		case known && strings.Contains(advice, "hyphen"):
			b.WriteByte('-')
		case known && strings.Contains(advice, "tilde"):
			b.WriteByte('~')
		case known && strings.Contains(advice, "colon"):
			b.WriteByte(':')
		case known, r < ' ':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(strings.ToLower(b.String()))
}

// words are the terms of a text, whatever separates them.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ';' || r == ',' || r == '(' || r == ')' })
}

// isBare reports whether a text has no words but those that SPF has as terms.
func isBare(txt string) bool {
	all := words(plain(txt))
	return len(all) > 0 && !slices.ContainsFunc(all, func(word string) bool { return !bareTerm.MatchString(word) })
}

// BrokenRecords says which TXT values of a name were meant as SPF and are not, given those that are SPF records and those
// that are not, and what to do about them. It returns "" where none was.
func BrokenRecords(records, others []string) string {
	var broken []string
	split := false
	for _, txt := range others {
		if MeantAsSPF(txt) {
			broken = append(broken, txt)
			split = split || !mistypedVersion.MatchString(plain(txt))
		}
	}
	// Words such as "mx" are parts of a record only beside other parts, or a version that stands alone.
	alone := slices.ContainsFunc(records, func(r string) bool { return strings.TrimSpace(r[len(Version):]) == "" })
	if split || alone {
		for _, txt := range others {
			if isBare(txt) && !slices.Contains(broken, txt) {
				broken, split = append(broken, txt), true
			}
		}
	}
	if len(broken) == 0 {
		return ""
	}
	return brokenText(broken, records, split)
}

// brokenText says what is wrong, what receivers do with it, and what to do.
func brokenText(broken, records []string, split bool) string {
	shown := make([]string, len(broken))
	for i, txt := range broken {
		shown[i] = "«" + record.Display(txt) + "»"
	}
	verb, them := "was meant as an SPF record and is not one", "it"
	if len(broken) > 1 {
		verb, them = "were meant as SPF and are not SPF records", "them"
	}
	what := fmt.Sprintf("the TXT value %s %s", strings.Join(shown, ", "), verb)
	if len(broken) > 1 {
		what = fmt.Sprintf("the TXT values %s %s", strings.Join(shown, ", "), verb)
	}
	today := fmt.Sprintf("receivers ignore %s, as if the domain had no SPF record (RFC 7208 §4.5)", them)
	if len(records) > 0 {
		today = fmt.Sprintf("receivers ignore %s and read «%s» alone (RFC 7208 §4.5)", them, record.Display(records[0]))
	}
	why := ""
	switch {
	case split:
		why = "; a record is one TXT record, however many strings it has, and separate TXT records are not joined"
	case len(broken) == 1:
		why = "; " + whyNotSPF(broken[0])
	}
	return fmt.Sprintf("%s: %s%s; publish one record that starts with \"v=spf1 \", or delete the values that are not wanted, before you take over the record", what, today, why)
}
