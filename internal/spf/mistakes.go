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

// notSPF says why a text is no record, and what to write.
func notSPF(text string) error { return notSPFError(text) }

// notSPFError is the error of a text that is no SPF record. It looks for the reason when it is asked for it: who reads what DNS
// holds often has no use for it.
type notSPFError string

func (e notSPFError) Error() string {
	return fmt.Sprintf("%v: %s (RFC 7208 §4.5)", ErrNotSPF, whyNotSPF(string(e)))
}

func (notSPFError) Unwrap() error { return ErrNotSPF }

func whyNotSPF(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	bare := strings.TrimLeft(text, " \t\r\n")
	if value, form, ok := record.Pasted(text); ok && form != "" {
		if _, err := Parse(value); err == nil {
			return fmt.Sprintf("it is %s: %s", form, record.PastedAdvice(text))
		} else if !errors.Is(err, ErrNotSPF) {
			return fmt.Sprintf("it is %s, whose value is an SPF record with an error: %s", form, record.PastedAdvice(text))
		}
		return fmt.Sprintf("it is %s, whose value is not an SPF record: %s", form, whyNotSPF(value))
	}
	switch {
	case bare == "":
		return `the text is empty, and a record starts with "v=spf1 "`
	case bare != text:
		return `remove the text before "v=spf1": blanks, tabs or line breaks`
	case isZoneLine(text):
		return `it is a line of a zone file: give the value alone, from "v=spf1" on, without quotation marks`
	case strings.TrimLeft(text, `\`) != text:
		return "it starts with a backslash, which is quoting and not part of a record: " + withoutBackslash
	case isQuotationMark(first):
		return "remove the quotation marks: a TXT value is given whole, its strings joined without a blank between them"
	case hasPrefixFold(text, "spf2.0"):
		return `it is a Sender ID record (RFC 4406), which receivers no longer evaluate; an SPF record starts with "v=spf1 "`
	case isOtherFormat(text):
		return fmt.Sprintf(`it is %s; an SPF record starts with "v=spf1 "`, record.FormatOf(text))
	case hasPrefixFold(text, Version+`\`):
		return fmt.Sprintf("a backslash follows %q, which is quoting and not part of a record: %s", Version, withoutBackslash)
	case hasPrefixFold(text, Version):
		return fmt.Sprintf("a blank is missing after %q, which is followed by %s", Version, Quote(firstRune(text[len(Version):])))
	}
	return fmt.Sprintf(`it starts with %s, and a record starts with "v=spf1 "`, Quote(firstWords(text)))
}

// zoneLine finds the lines of zone files: the type, and a record behind it.
var zoneLine = regexp.MustCompile(`(?i)^(?:\S+\s+)*(?:TXT|SPF)\s+\(?\s*"?v=spf1`)

// isZoneLine matches zoneLine. Its expression takes long over long texts, which seldom hold what it looks for.
func isZoneLine(text string) bool {
	upper := strings.ToUpper(text)
	records := strings.Count(upper, "V=SPF1")
	return records > 0 && (strings.Contains(upper, "TXT") || strings.Count(upper, "SPF") > records) && zoneLine.MatchString(text)
}

// meantAsRecord reports whether a text that is no record looks like an attempt at one.
func meantAsRecord(text string) bool {
	if isZoneLine(text) {
		return true
	}
	text = strings.TrimLeft(text, " \t\r\n")
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, `\`))
	return isQuotationMark(first) || slices.ContainsFunc([]string{"v=", "v =", "v:", "spf1", "spf2"},
		func(start string) bool { return hasPrefixFold(text, start) })
}

// unknownMechanism is about a name that is neither that of a mechanism nor followed by an equals sign.
func unknownMechanism(name string) *fault {
	_, bare := CutQualifier(name)
	if _, again := CutQualifier(bare); again != bare {
		return faultf("4.6.1", "a term has at most one qualifier")
	}
	switch strings.ToLower(bare) {
	case "":
		return faultf("4.6.1", "the name of the mechanism is missing: a qualifier and its mechanism have no blank between them")
	case Redirect, Exp:
		return faultf("6", "a modifier has an equals sign")
	}
	if strings.Contains(strings.ToLower(bare), "verif") {
		return tokenFault(bare)
	}
	return faultf("4.6.1", "there is no mechanism %s: it must be one of all, include, a, mx, ptr, ip4, ip6 and exists", Quote(bare))
}

// mistakenModifier refuses unknown modifiers that are no modifiers: receivers ignore them in silence
// (RFC 7208 §6).
func (p *parser) mistakenModifier(m Modifier) *fault {
	text := m.String()
	switch {
	case isOtherFormat(text):
		return otherFormatFault(text)
	case m.Name == "v" && !hasPrefixFold(m.Value, "spf"):
		return faultf("3.2", "%s is the version of another format, whose records are TXT records of their own and not part of an SPF record", Quote(text))
	case m.Name == "v":
		return faultf("3.2", secondRecord)
	case isToken(m):
		return tokenFault(text)
	}
	switch m.Name {
	case "spf", "host", "address": // They may be meant.
		return nil
	}
	if termNames[m.Name] != "" || !p.plain && splitTerms(m.String()) != nil {
		return faultf("6", "with an equals sign it is an unknown modifier, which receivers ignore")
	}
	return nil
}

// isOtherFormat reports whether a text starts a record of another format that is known.
func isOtherFormat(text string) bool {
	return !hasPrefixFold(text, Version) && record.FormatOf(text) != ""
}

// otherFormatFault is about a text that starts a record of another format.
func otherFormatFault(text string) *fault {
	return faultf("3.2", "%s starts %s, which is a TXT record of its own and not part of an SPF record: take it out, to where that record belongs", Quote(firstWords(text)), record.FormatOf(text))
}

// otherFormatWithin returns the part of a term that starts a record of another format, and is empty where none does.
func otherFormatWithin(term string) string {
	for i := range term {
		if (term[i] == 'v' || term[i] == 'V') && isOtherFormat(term[i:]) {
			return term[i:]
		}
	}
	return ""
}

// tokenFault is about a verification token within a record.
func tokenFault(text string) *fault {
	return faultf("6", "%s is a verification token, which has a TXT record of its own; in an SPF record, the service that asked for it does not find it", Quote(text))
}

// isToken reports whether a modifier is what a vendor has put into DNS to verify a domain: its name says so, or it is
// that of Microsoft.
func isToken(m Modifier) bool {
	return strings.Contains(m.Name, "verif") || m.Name == "ms" && hasPrefixFold(m.Value, "ms")
}

const secondRecord = `a second version: this text holds two records, or a version where only terms belong; a domain has one record, so keep one "v=spf1" at the start, and one "all" at the end`

// explain replaces a fault by what is more likely the cause, and says what to write where that is known.
func (p *parser) explain(f *fault, term string) *fault {
	for i, r := range term {
		if _, known := lookalike(r); known || r < ' ' || r == 0x7F {
			return characterFault(term[i:])
		}
	}
	if r := wrongEscapes(term); r.known() {
		return &fault{reason: r.guarded(term).write(), section: f.section}
	}
	if i := strings.IndexAny(term, "\"'`"); i >= 0 && !p.wire {
		return characterFault(term[i:])
	}
	if record.FormatOf(term) != "" {
		return f
	}
	if other := otherFormatWithin(term); other != "" {
		return otherFormatFault(other)
	}
	if secondVersion(term) {
		return faultf("3.2", "a blank is missing before %q, which starts %s", Version, secondRecord)
	}
	if r := findRepair(term); r.known() {
		return &fault{reason: r.write(), section: f.section}
	}
	if strings.Contains(term, `\`) && !strings.Contains(term, "%") {
		return faultf("4.6.1", "it holds a backslash, which is quoting and not part of a record: %s", withoutBackslash)
	}
	if misplaced := misplacedFault(term); misplaced != nil {
		return misplaced
	}
	// An example has the qualifier of the term.
	if qualifier := takeApart(term).qualifier; qualifier != "" {
		for _, m := range []Mechanism{MechInclude, MechPTR, MechExists, MechIP4, MechIP6} {
			f.reason = strings.ReplaceAll(f.reason, fmt.Sprintf(`as in "%s:`, m), fmt.Sprintf(`as in "%s%s:`, qualifier, m))
		}
	}
	if i := strings.IndexAny(term, ",;"); i >= 0 && !strings.Contains(term, "%{") {
		return faultf("4.6.1", "%s cannot stand here: terms are separated by blanks", Quote(term[i:i+1]))
	}
	return f
}

const withoutBackslash = "give the value as DNS serves it, without backslashes, and with a blank between terms"

// misplacedFault is about a qualifier at the start of a name, where there is no telling what was meant.
func misplacedFault(term string) *fault {
	b := takeApart(term)
	_, bare := CutQualifier(b.arg)
	switch name := termNames[b.name]; {
	case name == "" || name == "all" || b.sep == "/" || b.sep == "" || bare == b.arg:
		return nil
	case parses(b.arg):
		return faultf("7.1", "the name is missing after %s, and %s is a term of its own", Quote(b.name+b.sep), Quote(b.arg))
	case isModifier(name):
		return faultf("7.1", "modifiers take no qualifier, and no name starts with %s", Quote(b.arg[:1]))
	}
	return faultf("7.1", whyMisplaced)
}

// characterFault is about the character that starts s.
func characterFault(s string) *fault {
	r, size := utf8.DecodeRuneInString(s)
	advice, known := lookalike(r)
	switch {
	case known:
	case r == '"' || r == '\'' || r == '`':
		advice = "remove quotation marks"
	case r == '\t' || r == '\n' || r == '\r':
		advice = "terms are separated by blanks alone, without tabs and line breaks"
	case r == utf8.RuneError && size == 1:
		return faultf("3.1", "it holds the octet 0x%02X, and records are ASCII", s[0])
	case r >= utf8.RuneSelf:
		advice = `records are ASCII; write names in their A-label form ("xn--…")`
	default:
		advice = "records hold printable ASCII alone"
	}
	return faultf("3.1", "it holds %s (%U): %s", Quote(string(r)), r, advice)
}

// lookalike is [record.Lookalike].
func lookalike(r rune) (advice string, known bool) { return record.Lookalike(r) }

func isQuotationMark(r rune) bool { return record.IsQuotationMark(r) }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// firstWords returns enough of the start of a text to recognise it.
func firstWords(s string) string {
	const most = 24
	count := 0
	for i := range s {
		if count == most {
			return s[:i] + "…"
		}
		count++
	}
	return s
}
