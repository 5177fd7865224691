package dkim

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// ErrNotDKIM is the class of errors of [Parse] about a text that is no key record at all: it has another version, or
// neither version nor key.
var ErrNotDKIM = errors.New("not a DKIM key record")

// SyntaxError says where a key record is broken, and why.
type SyntaxError struct {
	Tag    string // the tag's name; empty where the text has none at that place
	Offset int    // octets before the place
	Reason string
}

func (e *SyntaxError) Error() string {
	if e.Tag == "" {
		return fmt.Sprintf("DKIM key record, octet %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("DKIM key record, tag %s at octet %d: %s", show(e.Tag), e.Offset, e.Reason)
}

// show quotes a text that may come from anywhere.
func show(s string) string { return record.DisplayQuoted(s) }

// tag is one tag-spec of a tag-list (RFC 6376 §3.2).
type tag struct {
	name, value string
	offset      int // of the name, in the whole text
}

// Parse reads a key record, "v=DKIM1; k=rsa; p=…", with or without its version. Blanks around names, values
// and list items are dropped, within p all of them (RFC 6376 §3.2, §3.6.1). It returns an error that wraps
// [ErrNotDKIM], a *SyntaxError, or [ErrPrivateKey]. What p holds is not looked at: see [Record.Check].
func Parse(txt string) (Record, error) {
	if len(txt) > record.MaxTXT {
		return Record{}, &SyntaxError{Offset: record.MaxTXT, Reason: fmt.Sprintf("the text has %d octets, and a TXT record holds at most %d", len(txt), record.MaxTXT)}
	}
	if !record.IsDKIM(txt) {
		return Record{}, notDKIM(txt)
	}
	tags, err := splitTags(txt)
	if err != nil {
		return Record{}, err
	}
	r := Record{k: RSA}
	seen := make(map[string]bool, len(tags))
	var other []string
	for i, tag := range tags {
		if seen[tag.name] {
			// RFC 6376 §3.2: tags with duplicate names MUST NOT occur.
			return Record{}, tag.fail("it appears twice; two records may have been joined into one")
		}
		seen[tag.name] = true
		known, err := r.set(tag, i == 0)
		if err != nil {
			return Record{}, err
		}
		if !known {
			other = append(other, tag.name+"="+tag.value)
		}
	}
	if !seen["p"] {
		if i := slices.IndexFunc(tags, func(t tag) bool { return t.name == "P" || t.name != "n" && isWhole(t.value) }); i >= 0 {
			return Record{}, tags[i].fail(fmt.Sprintf(`the key stands in the tag "p": write "p=" for "%s="`, tags[i].name))
		}
		return Record{}, &SyntaxError{Tag: "p", Offset: len(txt), Reason: "it is missing; it holds the key, and is required"}
	}
	r.other = strings.Join(other, "; ")
	return r, nil
}

// ParsePasted is [Parse] for a text that a person copied: strings of a zone file, or a whole line of one, are read as
// receivers see them, joined. The note tells of that in a sentence; it is empty where the text is the record itself.
// A value from DNS is for [Parse]: quotes that it holds are part of it, and a mistake.
func ParsePasted(text string) (r Record, note string, err error) {
	// Quotes and escapes take room that the value does not.
	if len(text) > 4*record.MaxTXT {
		r, err = Parse(text)
		return r, "", err
	}
	value, form, ok := record.Pasted(text)
	if !ok || form == "" {
		r, err = Parse(text)
		return r, "", err
	}
	if r, err = Parse(value); err != nil {
		return Record{}, "", err
	}
	return r, "The text is " + form + ": " + pastedNote(text), nil
}

// pastedNote says how a pasted text was read.
func pastedNote(text string) string {
	if !record.InQuotes(text) {
		return "it was read as the value after its type, without the text before that."
	}
	return "it was read as the joined strings, without the quotes, which are not part of the value."
}

// set stores one tag, and reports false for a name that this package does not know.
func (r *Record) set(tag tag, first bool) (known bool, err error) {
	if err := tag.mistake(); err != nil {
		return true, err
	}
	switch tag.name {
	case "v":
		if !first {
			return true, tag.fail("it must be the first tag (RFC 6376 §3.6.1)")
		}
		if tag.value != Version {
			return true, tag.fail(`it must be "DKIM1", in capitals`)
		}
	case "k":
		if !isWord(tag.value) {
			return true, tag.fail(`it must be one key type, "rsa" or "ed25519"`)
		}
		r.k = tag.value
	case "h":
		r.h, err = tag.list()
	case "s":
		r.s, err = tag.list()
	case "t":
		r.t, err = tag.list()
	case "n":
		r.n = tag.value
	case "p":
		r.p = strings.NewReplacer(" ", "", "\t", "").Replace(tag.value)
	default:
		return false, nil
	}
	return true, err
}

func (t tag) fail(reason string) error {
	return &SyntaxError{Tag: t.name, Offset: t.offset, Reason: reason}
}

// list reads a colon-separated list, dropping the blanks around its items.
func (t tag) list() (string, error) {
	words := strings.Split(t.value, ":")
	for i, word := range words {
		words[i] = strings.Trim(word, " \t")
		if words[i] != "*" && !isWord(words[i]) {
			return "", t.fail(fmt.Sprintf("%s is not a word; the tag holds words with colons between them", show(words[i])))
		}
	}
	return strings.Join(words, ":"), nil
}

// isWord reports whether s is a hyphenated-word: letters, digits and hyphens, a letter first, no hyphen
// last (RFC 6376 §2.10).
func isWord(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != "" && s[len(s)-1] != '-'
}
