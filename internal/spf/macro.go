package spf

import (
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// Segment is one piece of a macro-string (RFC 7208 §7.1): a macro, an escape or plain text.
type Segment struct {
	Text string // as written: "%{ir}", "%%", "_spf."

	// Letter is the macro letter in lower case, and 0 for plain text and for the escapes %%, %_ and %-.
	Letter     byte
	Escape     bool   // the letter is written in upper case: the expansion is URL-escaped
	Parts      int    // how many right-hand parts are kept; 0: all
	Reverse    bool   // the parts are reversed
	Delimiters string // what the value is split at; "": dots
}

// The macro letters (RFC 7208 §7.2): c, r and t are known in explanations only.
const (
	domainLetters      = "slodiphv"
	explanationLetters = "slodiphvcrt"
	delimiters         = ".-+,/_="
)

// mostParts bounds [Segment.Parts]: no name or address has as many parts (RFC 7208 §7.3 asks for 127).
const mostParts = 255

// Segments takes a domain-spec apart (RFC 7208 §7.1). It returns a *SyntaxError where a macro is malformed, or
// is one of those that only explanations may have. That the text ends as a domain-spec must is not looked at.
func Segments(domainSpec string) ([]Segment, error) {
	return collect(domainSpec, macroString{letters: domainLetters})
}

// ExplanationSegments takes an explain-string apart (RFC 7208 §6.2), which may hold blanks and all macro letters.
// It returns a *SyntaxError where a macro is malformed.
func ExplanationSegments(text string) ([]Segment, error) {
	return collect(text, macroString{letters: explanationLetters, blanks: true})
}

func collect(s string, m macroString) ([]Segment, error) {
	var segments []Segment
	for offset := 0; offset < len(s); {
		segment, f := m.next(s[offset:])
		if f != nil {
			return nil, f.at(s, offset)
		}
		segments = append(segments, segment)
		offset += len(segment.Text)
	}
	return segments, nil
}

// Literal returns what plain text and the escapes stand for (RFC 7208 §7.1), and false for a macro.
func (s Segment) Literal() (string, bool) {
	switch {
	case s.Letter != 0:
		return "", false
	case s.Text == "%%":
		return "%", true
	case s.Text == "%_":
		return " ", true
	case s.Text == "%-":
		return "%20", true
	}
	return s.Text, true
}

// Transform returns the expansion of a macro whose letter stands for value (RFC 7208 §7.3): split at the
// delimiters, reversed, cut to its right-hand parts, joined with dots and URL-escaped, as the macro asks.
func (s Segment) Transform(value string) string {
	if s.Parts != 0 || s.Reverse || s.Delimiters != "" {
		split := s.Delimiters
		if split == "" {
			split = "."
		}
		parts := splitAny(value, split)
		if s.Reverse {
			slices.Reverse(parts)
		}
		if s.Parts != 0 && s.Parts < len(parts) {
			parts = parts[len(parts)-s.Parts:]
		}
		value = strings.Join(parts, ".")
	}
	if s.Escape {
		return urlEscape(value)
	}
	return value
}

// splitAny splits at each of the characters and, unlike strings.FieldsFunc, keeps empty parts.
func splitAny(s, chars string) []string {
	var parts []string
	for {
		i := strings.IndexAny(s, chars)
		if i < 0 {
			return append(parts, s)
		}
		parts = append(parts, s[:i])
		s = s[i+1:]
	}
}

// urlEscape escapes all but the unreserved characters (RFC 3986 §2.3), as RFC 7208 §7.3 asks of upper case macros.
func urlEscape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		if isAlphanumeric(c) || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// A macroString is the grammar of one kind of macro-string.
type macroString struct {
	letters string // the letters that macros may have
	blanks  bool   // blanks may stand in plain text
}

// next returns the first segment of s, which is not empty.
func (m macroString) next(s string) (Segment, *fault) {
	if s[0] == '%' {
		return m.macro(s)
	}
	end := 0
	for end < len(s) && s[end] != '%' {
		c := s[end]
		if c < '!' && (c != ' ' || !m.blanks) || c > '~' {
			return Segment{}, characterFault(s[end:])
		}
		end++
	}
	return Segment{Text: s[:end]}, nil
}

// macro reads a macro-expand, which starts s (RFC 7208 §7.1).
func (m macroString) macro(s string) (Segment, *fault) {
	if len(s) > 1 && (s[1] == '%' || s[1] == '_' || s[1] == '-') {
		return Segment{Text: s[:2]}, nil
	}
	if len(s) < 2 || s[1] != '{' {
		return Segment{}, strayPercent(s)
	}
	end := strings.IndexByte(s, '}')
	if end < 0 {
		return Segment{}, faultf("7.1", "the macro %s has no closing brace", Quote(s))
	}
	segment := Segment{Text: s[:end+1]}
	rest := s[2:end]
	if rest == "" {
		return Segment{}, faultf("7.1", `the macro "%%{}" has no letter: write "%%{d}" for the current domain, "%%{i}" for the client's address`)
	}
	segment.Letter = qname.Lower(rest[0])
	segment.Escape = segment.Letter != rest[0]
	if f := m.checkLetter(segment); f != nil {
		return Segment{}, f
	}
	f := segment.transformers(rest[1:])
	return segment, f
}

func (m macroString) checkLetter(segment Segment) *fault {
	if strings.IndexByte(m.letters, segment.Letter) >= 0 {
		return nil
	}
	if strings.IndexByte(explanationLetters, segment.Letter) >= 0 {
		return faultf("7.2", `the macro %s may stand only in the explanation that "exp=" leads to`, Quote(segment.Text))
	}
	return faultf("7.2", "the macro %s has an unknown letter: it must be one of s, l, o, d, i, p, h and v", Quote(segment.Text))
}

// transformers reads what follows the letter: a number, "r" and delimiters (RFC 7208 §7.1).
func (s *Segment) transformers(rest string) *fault {
	digits := 0
	for digits < len(rest) && isDigit(rest[digits]) {
		s.Parts = min(s.Parts*10+int(rest[digits]-'0'), mostParts)
		digits++
	}
	// If a DIGIT is specified, it must be nonzero (§7.3).
	if digits > 0 && s.Parts == 0 {
		return faultf("7.3", "the macro %s keeps 0 parts: leave out the number, or write 1 or more", Quote(s.Text))
	}
	rest = rest[digits:]
	if rest != "" && qname.Lower(rest[0]) == 'r' {
		s.Reverse = true
		rest = rest[1:]
	}
	s.Delimiters = rest
	for i := range len(rest) {
		if strings.IndexByte(delimiters, rest[i]) < 0 {
			return faultf("7.1", `the macro %s is malformed: after the letter come a number, "r" and delimiters out of %s, each of which may be left out`,
				Quote(s.Text), Quote(delimiters))
		}
	}
	return nil
}

func strayPercent(s string) *fault {
	if closing := strings.IndexByte(s[1:], '%'); closing > 0 {
		return faultf("7.1", `%s looks like a variable that was not filled in; in SPF, "%%" starts a macro, "%%{d}", or is written "%%%%"`,
			Quote(s[:closing+2]))
	}
	return faultf("7.1", `"%%" must start a macro, as in "%%{i}"; a percent sign itself is written "%%%%"`)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isAlphanumeric(c byte) bool { return isDigit(c) || isAlpha(c) }

// HasNameMacro reports whether a domain-spec has the macro p, which asks for the client's name.
func HasNameMacro(domainSpec string) bool {
	return strings.Contains(domainSpec, "%{p") || strings.Contains(domainSpec, "%{P")
}
