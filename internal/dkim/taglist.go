package dkim

import (
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// blanks are the octets that folding white space is made of (RFC 6376 §2.8).
const blanks = " \t\r\n"

// splitTags reads a tag-list (RFC 6376 §3.2).
func splitTags(txt string) ([]tag, error) {
	var tags []tag
	offset := 0
	specs := strings.Split(txt, ";")
	for i, spec := range specs {
		if i > 0 && i == len(specs)-1 && strings.Trim(spec, " \t") == "" {
			break // The list may end in a semicolon.
		}
		tag, err := readTag(spec, offset)
		if err != nil {
			return nil, err
		}
		tags = append(tags, tag)
		offset += len(spec) + 1
	}
	return tags, nil
}

// readTag reads one tag-spec, which starts at offset in the whole text.
func readTag(spec string, offset int) (tag, error) {
	if reason := keyWithoutTag(strings.Trim(spec, blanks)); reason != "" {
		return tag{}, &SyntaxError{Offset: offset + len(spec) - len(strings.TrimLeft(spec, blanks)), Reason: reason}
	}
	if left, _, found := strings.Cut(spec, "="); found && len(strings.Fields(left)) > 1 {
		return tag{}, badName(strings.Trim(left, blanks), found, offset+len(left)-len(strings.TrimLeft(left, blanks)))
	}
	folded, err := unfold(spec, offset)
	if err != nil {
		return tag{}, err
	}
	left, value, found := strings.Cut(folded, "=")
	name := strings.Trim(left, " \t")
	at := offset + len(left) - len(strings.TrimLeft(left, " \t"))
	if pemkey.IsPrivateBase64(folded) {
		return tag{}, ErrPrivateKey
	}
	if err := badName(name, found, at); err != nil {
		return tag{}, err
	}
	t := tag{name: name, value: strings.Trim(value, " \t"), offset: at}
	if strings.HasSuffix(t.value, `\`) {
		return tag{}, t.fail("a backslash at the end of its value; zone files escape semicolons, the value itself does not: remove it")
	}
	if r, advice, found := record.FirstLookalike(t.value); found {
		return tag{}, t.fail(fmt.Sprintf("its value holds the character %U: %s", r, advice))
	}
	if strings.Contains(t.value, "…") {
		return tag{}, t.fail(`its value holds "…", which stands for what was left out: give the whole value`)
	}
	for i, c := range []byte(t.value) {
		if c != ' ' && c != '\t' && (c < '!' || c > '~') {
			return tag{}, t.fail(fmt.Sprintf("character %d of its value is octet %d, which is not printable ASCII", i+1, c))
		}
	}
	return t, nil
}

// unfold takes out line breaks that a blank follows (RFC 6376 §2.8). Any other line break is an error.
func unfold(spec string, offset int) (string, error) {
	if !strings.ContainsAny(spec, "\r\n") {
		return spec, nil
	}
	if begins.MatchString(spec) {
		return "", &SyntaxError{Offset: offset, Reason: pemInTag}
	}
	plain := strings.NewReplacer("\r\n ", " ", "\r\n\t", "\t").Replace(spec)
	if strings.ContainsAny(plain, "\r\n") {
		reason := "a line break; write the record in one line (a here-document and file() leave one at the end: trimspace() drops it)"
		if strings.ContainsAny(strings.TrimRight(plain, blanks), "\r\n") {
			reason = `a line break; write the record in one line, as replace(…, "\n", "") makes it`
		}
		if strings.Contains(plain, "\r") {
			reason = strings.Replace(reason, `"\n"`, `"\r\n"`, 1)
		}
		return "", &SyntaxError{Offset: offset + strings.IndexAny(spec, "\r\n"), Reason: reason}
	}
	return plain, nil
}

// isTagName reports whether s is a letter with letters, digits and underscores behind it.
func isTagName(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}
