package record

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Strings reads quoted strings with or without blanks between them, as zone files have TXT data (RFC 1035 §5.1), and
// joins them. It reports false for anything else.
func Strings(s string) (joined string, ok bool) {
	var b strings.Builder
	for s != "" {
		if s[0] != '"' {
			return "", false
		}
		end := closingQuote(s)
		if end < 0 {
			return "", false
		}
		b.WriteString(Unescape(s[1:end]))
		s = strings.TrimLeft(s[end+1:], " \t")
	}
	return b.String(), true
}

// closingQuote returns the index of the quote that ends the string which s starts with, -1 where none does.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// seam separates two strings of a value whose outer quotes a Terraform file or a form adds.
var seam = regexp.MustCompile(`\\?"[ \t\r\n]*[,+.&\\]?[ \t\r\n]*\\?"`)

// bareLine is a line of a zone file without quotes around its value, which starts with a tag.
var bareLine = regexp.MustCompile(`(?is)^(?:([^\s"'=;,]+)[\s,]+)??(?:(?:[0-9]+[smhdw]?)+[\s,]+)?(?:IN[\s,]+)?(?:(?:[0-9]+[smhdw]?)+[\s,]+)?TXT[\s,]+\(?\s*([a-z]\s*=[^"]*?)\s*\)?\s*$`)

// bareLineOf matches bareLine. Its expression takes long over long texts, which seldom hold what it looks for.
func bareLineOf(text string) []string {
	if !strings.Contains(strings.ToUpper(text), string(TXT)) {
		return nil
	}
	return bareLine.FindStringSubmatch(text)
}

// named is a value with its name, as JSON and Terraform have them: an object of one, or an assignment.
var named = regexp.MustCompile(`(?s)^(\{\s*)?"?([^"{}=:\s]+)"?\s*[:=]\s*("[^{}]*"|\[[^{}]*\])\s*,?\s*(\})?$`)

// namedIn matches named.
func namedIn(text string) []string {
	if !strings.ContainsAny(text, ":=") {
		return nil
	}
	return named.FindStringSubmatch(text)
}

// startsAsRecord is how the records of SPF, DKIM and DMARC start.
var startsAsRecord = regexp.MustCompile(`^(?i:v\s*=|[kp]=)`)

// Pasted returns the TXT value in a text that people copied together with its quotes: strings of a zone file, a whole
// line of one (BIND, opendkim's .txt, dig), what nslookup and host print, a list, an assignment or an object of one name
// (JSON, Terraform), or strings joined by "" as Route 53 and Terraform files have them. The form names which, to stand
// behind "it is"; it is empty for a text that is the value itself. Pasted reports false where quotes stand in none of
// these ways.
func Pasted(text string) (value, form string, ok bool) {
	value, form, ok = pasted(text)
	// A quoted text may have been quoted twice.
	if ok && form != "" && strings.ContainsAny(value, marks) {
		if value, _, ok := pasted(value); ok {
			return value, form, true
		}
	}
	return value, form, ok
}

// marks are the quotation marks that [Pasted] reads.
const marks = "\"'`"

// InQuotes reports whether a text holds quotation marks that [Pasted] reads.
func InQuotes(text string) bool { return strings.ContainsAny(text, marks) }

// PastedAdvice returns the replacement for a text that [Pasted] reads.
func PastedAdvice(text string) string {
	if InQuotes(text) {
		return "give the texts between the quotes, joined"
	}
	return "give the text after its type TXT"
}

func pasted(text string) (value, form string, ok bool) {
	trimmed := strings.TrimSpace(text)
	if inner, quotes, ok := otherQuotes(trimmed); ok {
		if value, form, ok := pasted(inner); ok && form != "" {
			return value, form, true
		}
		return inner, "a text in " + quotes, true
	}
	if m := bareLineOf(trimmed); m != nil {
		return Unescape(strings.NewReplacer("\r\n", " ", "\n", " ").Replace(m[2])), zoneForm(m[1]), true
	}
	if !strings.Contains(text, `"`) {
		return text, "", true
	}
	text = trimmed
	if m := namedIn(text); len(m) == 5 && (m[1] == "") == (m[4] == "") {
		if value, _, ok := quotedStrings(m[3]); ok && (m[1] != "" || startsAsRecord.MatchString(strings.TrimLeft(value, `"`))) {
			return value, "a value with the name " + Display(m[2]) + ", as JSON and Terraform have them", true
		}
	}
	if strings.HasPrefix(text, `\"`) && strings.HasSuffix(text, `\"`) {
		text = strings.ReplaceAll(text, `\"`, `"`)
	}
	if value, form, ok := quotedStrings(text); ok {
		return value, form, true
	}
	if joined := seam.ReplaceAllString(text, ""); joined != text && !strings.Contains(joined, `"`) {
		return joined, `a list of strings with quotes between them, as Terraform files for Route 53 have them`, true
	}
	return "", "", false
}

// quotedStrings joins the strings of a line of a zone file, or of a list.
func quotedStrings(text string) (value, form string, ok bool) {
	quoted, words, ok := zoneLine(text)
	if !ok {
		return "", "", false
	}
	// Tables give the columns of a line quotes as well.
	if i := slices.IndexFunc(quoted, isTXT); len(words) == 0 && i >= 0 && i < 4 && i+1 < len(quoted) {
		words, quoted = quoted[:i+1], quoted[i+1:]
	}
	value = strings.Join(quoted, "")
	last, tool := len(words)-1, ""
	switch {
	case last >= 1 && words[last] == "=" && words[last-1] == "text":
		tool = "nslookup"
	case last >= 1 && words[last] == "text" && words[last-1] == "descriptive":
		tool = "host"
	}
	switch {
	case tool != "":
		return value, "an answer that " + tool + " prints", true
	case last < 0 && strings.HasPrefix(text, "["):
		return value, "a list of strings, as JSON and Terraform have them", true
	case last < 0:
		return value, "a list of quoted strings, as zone files have them", true
	case !isTXT(words[last]) || last > 3:
		return "", "", false
	case last == 0:
		return value, zoneForm(""), true
	}
	return value, zoneForm(words[0]), true
}

// zoneForm names a line of a zone file, with its owner where it has one.
func zoneForm(owner string) string {
	if owner == "" || isTTLOrClass(owner) {
		return "a line of a zone file"
	}
	return zoneLineFor + Display(owner)
}

const zoneLineFor = "a line of a zone file for "

// PastedOwner returns the owner of a line of a zone file that [Pasted] reads, as it stands there, and false for any other
// text.
func PastedOwner(text string) (owner string, ok bool) {
	_, form, ok := Pasted(text)
	owner, found := strings.CutPrefix(form, zoneLineFor)
	return owner, ok && found
}

func isTXT(word string) bool { return strings.EqualFold(word, string(TXT)) }

// otherQuotes returns what stands between single quotes, as shells have them around an argument, or between the backticks
// of Markdown.
func otherQuotes(text string) (inner, quotes string, ok bool) {
	for _, q := range []struct{ mark, name string }{{"'", "single quotes"}, {"`", "backticks"}} {
		if len(text) < 2 || !strings.HasPrefix(text, q.mark) || !strings.HasSuffix(text, q.mark) {
			continue
		}
		inner = singleSeam.ReplaceAllString(strings.TrimSpace(strings.Trim(text, q.mark)), "")
		return inner, q.name, !strings.Contains(inner, q.mark)
	}
	return "", "", false
}

var singleSeam = regexp.MustCompile(`'[ \t\r\n]*[,+]?[ \t\r\n]*'`)

func isTTLOrClass(word string) bool {
	return strings.EqualFold(word, "IN") || strings.Trim(strings.ToLower(word), "0123456789smhdw") == "" && word[0] <= '9'
}

// zoneLine reads a line of a zone file, which brackets may spread over several: words, then quoted strings alone, with
// blanks, commas or what code joins strings by between them. Comments are left out.
func zoneLine(s string) (quoted, words []string, ok bool) {
	for s = strings.TrimLeft(s, blankOrBracket); s != ""; s = strings.TrimLeft(s, blankOrBracket) {
		switch end := strings.IndexAny(s, "\"; \t\r\n(),"); {
		case s[0] == ';' && len(quoted) > 0 && strings.HasPrefix(strings.TrimLeft(s[1:], " \t"), `"`):
			s = s[1:] // Between strings, not before a comment.
		case len(quoted) > 0 && strings.IndexByte(`.&\`, s[0]) >= 0:
			s = s[1:] // Code has these between strings.
		case s[0] == ';':
			end := strings.IndexByte(s, '\n')
			if end < 0 {
				end = len(s) - 1
			}
			s = s[end+1:]
		case s[0] == '"':
			end := closingQuote(s)
			if end < 0 {
				return nil, nil, false
			}
			quoted = append(quoted, Unescape(s[1:end]))
			s = s[end+1:]
		case len(quoted) > 0 || end <= 0 || len(words) == 4:
			return nil, nil, false
		default:
			words = append(words, s[:end])
			s = s[end:]
		}
	}
	return quoted, words, len(quoted) > 0
}

const blankOrBracket = " \t\r\n()[],+"

// Encoded says what a text was written for that is a record once it is decoded: HTML, a URL, or the source of a mail;
// empty where it is none.
func Encoded(text string, isRecord func(text string) bool) string {
	if plain := html.UnescapeString(text); plain != text && isRecord(plain) {
		return `it holds characters as HTML writes them: write ";" for "&semi;" or "&#59;", and the like`
	}
	if plain, err := url.PathUnescape(text); err == nil && plain != text && isRecord(plain) {
		return "it is written for a URL: urldecode() makes a record of it"
	}
	if plain := strings.ReplaceAll(text, "=3D", "="); plain != text && isRecord(plain) {
		return `it is quoted-printable, as the source of a mail has it: write "=" for "=3D"`
	}
	return ""
}

// Lookalike knows the characters that word processors and web pages put in place of ASCII ones, and what to do
// about each.
func Lookalike(r rune) (advice string, known bool) {
	switch r {
	case '“', '”', '„', '‟', '«', '»', '‘', '’', '‚', '‛', '‹', '›', '″', '′', '＂', '＇':
		return "remove quotation marks", true
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹣', '－':
		return `write the ASCII hyphen "-"`, true
	case '\u00A0', '\u1680', '\u2000', '\u2001', '\u2002', '\u2003', '\u2004', '\u2005', '\u2006', '\u2007', '\u2008', '\u2009', '\u200A',
		'\u202F', '\u205F', '\u3000':
		return "write an ordinary blank", true
	case '\u00AD', '\u200B', '\u200C', '\u200D', '\u200E', '\u200F', '\u2060', '\uFEFF',
		'\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069':
		return "remove this invisible character", true
	case '\u0085', '\u2028', '\u2029':
		return "remove this line break", true
	case '：', '∶', '﹕', '︓', '꞉':
		return `write the ASCII colon ":"`, true
	case '；', '\u037E', '﹔', '︔', '⁏':
		return `write the ASCII semicolon ";"`, true
	case '＝', '﹦', '꞊':
		return `write the ASCII equals sign "="`, true
	case '，', '、', '﹐', '︐':
		return `write the ASCII comma ","`, true
	case '＠', '﹫':
		return `write the ASCII at sign "@"`, true
	case '～', '˜', '∼':
		return `write the ASCII tilde "~"`, true
	}
	return "", false
}

// FirstLookalike returns the first character of a text that [Lookalike] knows.
func FirstLookalike(s string) (r rune, advice string, found bool) {
	for _, r := range s {
		if advice, known := Lookalike(r); known {
			return r, advice, true
		}
	}
	return 0, "", false
}

// IsQuotationMark reports whether a character is a quotation mark, of ASCII or a look-alike.
func IsQuotationMark(r rune) bool {
	advice, known := Lookalike(r)
	return r == '"' || r == '\'' || r == '`' || known && advice == "remove quotation marks"
}

// A TagNames finds in a list of tags, "a=1; b=2" (RFC 6376 §3.2, RFC 9989 §4.7), where a semicolon is missing.
type TagNames struct{ inValue, inText *regexp.Regexp }

// NewTagNames returns the TagNames for the names of a format. A tag with an empty value is one only in a whole text,
// and only for the names that may be empty.
func NewTagNames(names []string, empty ...string) TagNames {
	const before = `(;?)((?:[ \t\r\n,|:]|\\[nrt;])+)`
	filled := `(` + strings.Join(names, "|") + `)[ \t]*=[^=;\s]`
	all := filled
	if len(empty) > 0 {
		all += `|(` + strings.Join(empty, "|") + `)[ \t]*=`
	}
	return TagNames{inValue: regexp.MustCompile(before + `(?:` + filled + `)`), inText: regexp.MustCompile(before + `(?:` + all + `)`)}
}

// Missing returns the first tag in a tag's value that a semicolon should stand before, empty where there is none.
func (t TagNames) Missing(value string) (name string) {
	// Most values lack one of these; the expression is slow over long ones.
	if !strings.Contains(value, "=") || !strings.ContainsAny(value, " \t\r\n,|:\\") {
		return ""
	}
	at := t.inValue.FindStringSubmatchIndex(value)
	if len(at) < 8 || at[2] < at[3] {
		return ""
	}
	return value[at[6]:at[7]]
}

// Repair returns a whole text with semicolons where they are missing, and what stands there in place of the first.
func (t TagNames) Repair(text string) (repaired, between string) {
	repaired = t.inText.ReplaceAllStringFunc(text, func(match string) string {
		if strings.HasPrefix(match, ";") {
			return match
		}
		rest := strings.TrimLeft(match, " \t\r\n,|:\\")
		sep := match[:len(match)-len(rest)]
		if strings.HasSuffix(sep, `\`) { // The letter behind the backslash is the escape's.
			rest = strings.TrimLeft(rest[1:], " \t\r\n,|:;")
			sep = match[:len(match)-len(rest)]
		}
		if between == "" {
			between = sep
		}
		return "; " + rest
	})
	return repaired, between
}
