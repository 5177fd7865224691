package record

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/secret"
)

// MaxString is the most octets that one string of a TXT record holds (RFC 1035 §3.3.14).
const MaxString = 255

// Chunks cuts a TXT value into strings of at most 255 octets, which readers join without a blank
// (RFC 7208 §3.3, RFC 6376 §3.6.2.2). A character of several octets is not cut in two, so that each
// string of a UTF-8 value is UTF-8 as well. The empty value is one empty string.
func Chunks(value string) []string {
	chunks := make([]string, 0, len(value)/MaxString+1)
	for len(value) > MaxString {
		cut := runeStart(value, MaxString)
		chunks = append(chunks, value[:cut])
		value = value[cut:]
	}
	return append(chunks, value)
}

// runeStart returns the last index up to limit at which a character starts, or limit itself where
// none of the octets before it can start one.
func runeStart(s string, limit int) int {
	for i := limit; i > limit-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return i
		}
	}
	return limit
}

// QuoteTXT returns a TXT value in presentation form: quoted strings with blanks between them.
func QuoteTXT(value string) string {
	chunks := Chunks(value)
	for i, chunk := range chunks {
		chunks[i] = `"` + escape(chunk, decimal) + `"`
	}
	return strings.Join(chunks, " ")
}

// escape writes a string so that it may stand between quotes: quote and backslash behind a
// backslash, octets outside printable ASCII as number writes them.
func escape(s string, number func(byte) string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			b.WriteString(number(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func decimal(c byte) string { return fmt.Sprintf(`\%03d`, c) }
func octal(c byte) string   { return fmt.Sprintf(`\%03o`, c) }

// Unescape is the inverse of the escaping in presentation form (RFC 1035 §5.1): \DDD is the octet of
// that decimal number, a backslash before anything else quotes it. A backslash at the end stays.
func Unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		if n, ok := threeDigits(s[i+1:]); ok {
			b = append(b, n)
			i += 3
			continue
		}
		i++
		b = append(b, s[i])
	}
	return string(b)
}

func threeDigits(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	n := 0
	for i := range 3 {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return byte(n), n <= 255
}

// MaxDisplay is the most octets of a foreign text that [Display] shows.
const MaxDisplay = 1024

// Display makes a text that came from DNS or from a template fit to be shown: Terraform prints
// diagnostics raw, and a record may hold escape sequences that repaint a terminal, or marks that turn
// text around. Octets outside printable ASCII become \DDD, a backslash is doubled (RFC 1035 §5.1), and
// what is past [MaxDisplay] octets is cut, with its length said. A private key is not shown at all.
func Display(s string) string {
	shown, rest := s, ""
	if len(s) > MaxDisplay {
		shown = s[:MaxDisplay]
		rest = fmt.Sprintf("… (%d octets in all)", len(s))
	}
	shown = secret.Hide(shown)
	var b strings.Builder
	b.Grow(len(shown))
	for i := range len(shown) {
		switch c := shown[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c < ' ' || c > '~':
			b.WriteString(decimal(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + rest
}
