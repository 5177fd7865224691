// Package taglist reads the TXT values that start with their version and go on in tags, "v=STSv1; id=1": what MTA-STS,
// TLS reporting and BIMI have in common. It tells a text that is no such record from one that is broken, and says what to
// write where that is known to be read.
package taglist

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Format is a kind of record.
type Format struct {
	Name    string // with its article: "an MTA-STS record"
	Version string // "STSv1", case-sensitive
	Owner   string // where it stands: "_mta-sts"
	Section string // where its grammar stands: "RFC 8461 §3.1"
	Example string
	Names   []string // of its tags
	Tags    record.TagNames
	// Blanks says that blanks may stand around names and values. Without it, they stand around semicolons alone, and a
	// semicolon follows the version.
	Blanks bool
	Err    error // the class of errors about a text that is no such record
	// Stray says what is wrong with a text without an equals sign, which stands behind a tag, and how the two are written
	// as one tag. It may be nil; the rule is empty where nothing is known.
	Stray func(before, text string) (rule, joined string)
	// Mend writes a value as it was probably meant; readers judge of it. It may be nil.
	Mend func(name, value string) string
}

// Tag is one name with its value.
type Tag struct {
	Name, Value string
	Offset      int // of the name, in octets
}

// SyntaxError says where a record is broken, and why.
type SyntaxError struct {
	Format string // with its article
	Tag    string // the tag's name; empty where the text has none at that place
	Offset int    // octets before the place
	Reason string
}

func (e *SyntaxError) Error() string {
	_, name, _ := strings.Cut(e.Format, " ")
	if e.Tag == "" {
		return fmt.Sprintf("%s, octet %d: %s", name, e.Offset, e.Reason)
	}
	return fmt.Sprintf("%s, tag %s at octet %d: %s", name, record.ShortQuoted(e.Tag), e.Offset, e.Reason)
}

// Fail returns a *SyntaxError about a tag.
func (f Format) Fail(t Tag, format string, args ...any) error {
	return &SyntaxError{Format: f.Name, Tag: t.Name, Offset: t.Offset, Reason: fmt.Sprintf(format, args...)}
}

// MaxRemarks is how many remarks on a record there are at most; a last one tells that there are more.
const MaxRemarks = 50

// Remark adds a sentence to the remarks on a record.
func Remark(remarks []string, format string, args ...any) []string {
	switch {
	case len(remarks) < MaxRemarks:
		return append(remarks, fmt.Sprintf(format, args...))
	case len(remarks) == MaxRemarks:
		return append(remarks, "The record has more warnings.")
	}
	return remarks
}

const blanks = " \t"

// IsRecord reports whether readers take a TXT value for a record of the format: it begins with the version.
func (f Format) IsRecord(txt string) bool {
	first, _, found := strings.Cut(txt, ";")
	if !f.Blanks {
		return found && strings.TrimRight(first, blanks) == "v="+f.Version
	}
	name, value, found := strings.Cut(first, "=")
	return found && strings.Trim(name, blanks) == "v" && strings.Trim(value, blanks) == f.Version
}

// Read returns the tags behind the version. Tags may stand twice. It returns an error that wraps the Err of the format,
// or a *SyntaxError.
func (f Format) Read(txt string) ([]Tag, error) {
	if len(txt) > record.MaxTXT {
		return nil, fmt.Errorf("%w: it has %d octets, and a TXT record holds at most %d", f.Err, len(txt), record.MaxTXT)
	}
	if !f.IsRecord(txt) {
		return nil, fmt.Errorf("%w: %s (%s)", f.Err, f.whyNot(txt), f.Section)
	}
	specs := strings.Split(txt, ";")
	offset := len(specs[0]) + 1
	var tags []Tag
	for i, spec := range specs[1:] {
		if i == len(specs)-2 && strings.Trim(spec, blanks) == "" {
			break // The list may end in a semicolon.
		}
		tag, err := f.tag(spec, specs[i], offset)
		if err != nil {
			return nil, err
		}
		tags = append(tags, tag)
		offset += len(spec) + 1
	}
	return tags, nil
}

// tag reads one tag, which stands behind another and starts at offset in the whole text.
func (f Format) tag(spec, before string, offset int) (Tag, error) {
	text := strings.Trim(spec, blanks)
	name, value, found := strings.Cut(text, "=")
	t := Tag{Name: name, Value: value, Offset: offset + len(spec) - len(strings.TrimLeft(spec, blanks))}
	if f.Blanks {
		t.Name, t.Value = strings.Trim(name, blanks), strings.Trim(value, blanks)
	}
	nameless := Tag{Offset: t.Offset}
	mistake := f.mistake(t.Value)
	if isName(t.Name) && !slices.Contains(f.Names, t.Name) {
		mistake = "" // Extensions may hold what they like (RFC 8461 §3.1).
	}
	switch {
	case text == "":
		return t, f.Fail(nameless, "two semicolons with nothing between them")
	case !isName(t.Name) && f.mistake(name) != "":
		return t, f.Fail(nameless, "%s", f.mistake(name))
	case !found && f.stray(before, text) != "":
		return t, f.Fail(nameless, "%s", f.stray(before, text))
	case !found:
		return t, f.Fail(nameless, `%s has no equals sign and no value`, record.ShortQuoted(text))
	case mistake != "":
		return t, f.Fail(t, "%s", mistake)
	case strings.Trim(t.Name, blanks) != t.Name || strings.Trim(t.Value, blanks) != t.Value:
		return t, f.Fail(nameless, `a blank is beside the equals sign of %s, where none is allowed`, record.ShortQuoted(text))
	case !isName(t.Name):
		return t, f.Fail(nameless, "%s is not the name of a tag, which consists of letters and digits", record.ShortQuoted(t.Name))
	case strings.ContainsFunc(t.Value, func(c rune) bool { return c < ' ' || c > '~' }):
		return t, f.Fail(t, "its value holds a character that is not printable ASCII")
	}
	return t, nil
}

// stray says what is wrong with a text without an equals sign; empty where the format has nothing to say.
func (f Format) stray(before, text string) string {
	if f.Stray == nil {
		return ""
	}
	rule, _ := f.Stray(before, text)
	return rule
}

// isName reports whether a text may be the name of a tag: letters and digits, and behind the first of them underscores,
// hyphens and full stops (RFC 8461 §3.1, RFC 8460 §3).
func isName(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '_' && c != '-' && c != '.') {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// Advise returns an error with what to write at its end, where the text can be mended so that it is read: the tests of that
// are those of the caller. Other errors are returned as they are.
func (f Format) Advise(txt string, err error, read func(txt string) error) error {
	if err == nil {
		return nil
	}
	mended, ok := f.mend(txt, func(s string) bool { return read(s) == nil })
	if !ok {
		return err
	}
	advice := "write " + record.ShortQuoted(mended)
	if broken, ok := errors.AsType[*SyntaxError](err); ok {
		advised := *broken
		// The whole record is enough, where the reason says what to write for a part of it.
		reason, _, _ := strings.Cut(broken.Reason, `; write "`)
		advised.Reason = reason + "; " + advice
		return &advised
	}
	return fmt.Errorf("%w; %s", err, advice)
}
