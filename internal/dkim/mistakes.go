package dkim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// tagNames are the tags of RFC 6376 §3.6.1, and g of the one before it (RFC 4871), which old records have. Only p may
// be empty.
var tagNames = record.NewTagNames([]string{"v", "k", "h", "s", "t", "n", "p", "g"}, "p")

// notDKIM says why a text is no key record, and what to write.
func notDKIM(text string) error {
	if pemkey.IsPrivate(text) {
		return ErrPrivateKey
	}
	return notDKIMError(text)
}

// notDKIMError is the error of a text that is no DKIM key record. It looks for the reason when it is asked for it: who reads
// what DNS holds often has no use for it.
type notDKIMError string

func (e notDKIMError) Error() string { return fmt.Sprintf("%v: %s", ErrNotDKIM, whyNot(string(e))) }

func (notDKIMError) Unwrap() error { return ErrNotDKIM }

const pemInTag = "it holds a key in PEM, and takes the base64 between the lines of hyphens alone"

// begins finds the first line of a key in PEM, which may have lost hyphens.
var begins = regexp.MustCompile(`-----BEGIN |(?i)\bBEGIN (?:RSA )?PUBLIC KEY`)

func whyNot(text string) string {
	bare := strings.Trim(text, blanks)
	switch {
	case bare == "":
		return `the text is empty, and a record looks like "v=DKIM1; k=rsa; p=…"`
	case begins.MatchString(text):
		return `it is a key in PEM, and a record holds the key as base64 in its tag "p"`
	}
	if r, advice, found := record.FirstLookalike(text); found {
		return fmt.Sprintf("it holds the character %U: %s", r, advice)
	}
	if reason := whyNotQuotes(text); reason != "" {
		return reason
	}
	if other := record.FormatOf(bare); other != "" && !strings.HasPrefix(strings.ToLower(bare), "v=dkim1") {
		return fmt.Sprintf("it is %s, and a DKIM key belongs at <selector>._domainkey", other)
	}
	if reason := whyNotTags(bare); reason != "" {
		return reason
	}
	if reason := whyNotKey(bare); reason != "" {
		return reason
	}
	if name, err := dnsname.Parse(bare); err == nil && (len(name.Labels()) > 2 || slices.Contains(name.Labels(), "_domainkey")) {
		return `it is a name, not a key: if the sender publishes the key under that name, publish a CNAME to it`
	}
	return `it has neither "v=DKIM1" nor a tag "p"`
}

// whyNotKey is about a key that stands without a tag.
func whyNotKey(text string) string {
	key := strings.Map(dropBlanks, text)
	last := text[strings.LastIndexAny(strings.TrimRight(text, "=; "), ":;=")+1:]
	switch before := TagsBefore(strings.TrimRight(text, "; ")); {
	case before != "" && strings.HasSuffix(text, ";"):
		return fmt.Sprintf(`it is a key without its tag: remove the semicolon, and write "%s" before it`, before)
	case before != "":
		return fmt.Sprintf(`it is a key without its tag: write "%s" before it`, before)
	case TagsBefore(last) != "" && last != text:
		return fmt.Sprintf(`it ends in a key without its tag: write "%s" before the key, in place of the text there`, TagsBefore(last))
	case whySSH(text) != "":
		return "it is " + whySSH(text)
	case strings.HasPrefix(key, pemInBase64):
		return "it is PEM in base64 once more: dkim_record(base64decode(…)) makes a record of it"
	case startsAsDER(key) && strings.TrimRight(key, "=") == base64Of(key):
		return "it is base64 without a tag, and no whole key: copy the whole key again, with the tags before it"
	}
	return ""
}

// whyNotQuotes is about quotes that came with copying, or with a line of a zone file.
func whyNotQuotes(text string) string {
	value, form, ok := record.Pasted(text)
	switch {
	case !ok:
		return "remove the quotation marks: a TXT value is given whole, its strings joined without a blank between them"
	case form == "":
		return ""
	}
	if _, err := Parse(value); err == nil {
		return fmt.Sprintf("it is %s: %s", form, record.PastedAdvice(text))
	}
	return fmt.Sprintf("it is %s, whose value is not a key record: %s", form, whyNot(value))
}

// whyNotTags is about a list of tags that is not written as one.
func whyNotTags(text string) string {
	isRecord := func(text string) bool { _, err := Parse(text); return err == nil }
	if repaired, between := tagNames.Repair(text); between != "" && isRecord(repaired) {
		return "its tags are not separated by semicolons: write one before each tag, " + separator(between)
	}
	if plain := strings.ReplaceAll(text, `\;`, ";"); plain != text && isRecord(plain) {
		return `it holds backslashes before its semicolons, which belongs in zone files and not in the value: write ";" for "\;"`
	}
	if reason := record.Encoded(text, isRecord); reason != "" {
		return reason
	}
	version, rest, _ := strings.Cut(text, ";")
	version = strings.Trim(version, blanks)
	if slices.Contains([]string{"v:dkim1", "dkim1", "v dkim1", "dkim", "v=dkim", "v=1", "v=dkim 1", "v=dkim-1", "version=dkim1"}, strings.ToLower(version)) {
		return fmt.Sprintf(`it starts with %s: write "v=DKIM1"`, show(version))
	}
	if name, value, found := strings.Cut(version, "="); found && strings.Trim(name, blanks) == "v" {
		return fmt.Sprintf(`its version is %s, and that of a key record is "DKIM1"`, show(head(strings.Trim(value, blanks))))
	}
	if repaired := strings.Replace(text, "p:", "p=", 1); rest != "" && repaired != text && isRecord(repaired) {
		return `a tag and its value are joined by an equals sign: write "p=" for "p:"`
	}
	return ""
}

// separator says what stands in place of a semicolon.
func separator(between string) string {
	switch {
	case strings.Contains(between, ","):
		return "in place of the comma"
	case strings.Contains(between, `\`):
		return "in place of the backslash"
	case strings.ContainsAny(between, "|:"):
		return "in place of " + show(strings.TrimSpace(between))
	}
	return "in place of the blank"
}

// TagsBefore returns the tags that make a key record of a text that is the base64 of a key, "v=DKIM1; k=rsa; p="; it is
// empty where the text is none.
func TagsBefore(text string) string {
	data, err := base64.StdEncoding.DecodeString(strings.Map(dropBlanks, text))
	if err != nil {
		return ""
	}
	if public, err := x509.ParsePKIXPublicKey(data); err == nil {
		if _, ok := public.(*rsa.PublicKey); ok {
			return "v=DKIM1; k=rsa; p="
		}
		return ""
	}
	if _, err := x509.ParsePKCS1PublicKey(data); err == nil {
		return "v=DKIM1; k=rsa; p="
	}
	if len(data) == ed25519.PublicKeySize {
		return "v=DKIM1; k=ed25519; p="
	}
	return ""
}

func dropBlanks(r rune) rune {
	if strings.ContainsRune(blanks, r) {
		return -1
	}
	return r
}

// head returns enough of the start of a text to recognise it.
func head(s string) string {
	if len(s) > 24 {
		return s[:24] + "..."
	}
	return s
}

// badName says what is wrong with what stands before the equals sign of a tag, or in place of the whole tag.
func badName(name string, found bool, at int) error {
	fail := func(tag, format string, args ...any) error {
		return &SyntaxError{Tag: tag, Offset: at, Reason: fmt.Sprintf(format, args...)}
	}
	if r, advice, found := record.FirstLookalike(name); found {
		return fail("", "the character %U: %s", r, advice)
	}
	words := strings.Fields(name)
	switch {
	case len(words) > 1 && found && !strings.Contains(name, ":") && slices.ContainsFunc(words[:len(words)-1], func(word string) bool { return strings.EqualFold(strings.Trim(word, `"'`), "TXT") }):
		return fail("", "a line of a zone file; the value is the text after its type TXT")
	case strings.HasPrefix(name, "[") || strings.HasPrefix(name, "{"):
		return fail("", "the start of a list or an object, as JSON has them; the value is the text in it, its strings joined")
	case strings.HasPrefix(name, "'"), strings.HasPrefix(name, "`"):
		return fail("", "a quote; leave out the quotes around the value")
	case strings.HasPrefix(name, `"`):
		return fail("", "a quote; leave out the quotes of the zone file, the value is the text between them")
	case strings.HasPrefix(name, `\n`), strings.HasPrefix(name, `\r`):
		return fail("", `a line break as the two characters \n: leave it out, and write the record in one line`)
	case strings.HasSuffix(name, `\`) && !found:
		return fail("", "a backslash before the semicolon, which belongs in zone files and not in the value: remove it")
	case name == "" && !found:
		return fail("", "two semicolons with nothing between them")
	case !found && strings.EqualFold(name, Version):
		return fail(name, `it has no name: write "v=DKIM1"`)
	case !found:
		if tag, _, colon := strings.Cut(name, ":"); colon && isTagName(strings.Trim(tag, blanks)) {
			tag = strings.Trim(tag, blanks)
			return fail(tag, `a tag and its value are joined by an equals sign: write "%s=" for "%s:"`, tag, tag)
		}
		if reason := noEquals(name); reason != "" {
			return fail("", "%s", reason)
		}
		return fail(head(name), `it has no "=" and no value`)
	case len(name) > 1 && strings.ContainsAny(name[len(name)-1:], "vkp") && !isTagName(name[len(name)-2:]):
		before, last := strings.TrimSpace(name[:len(name)-1]), name[len(name)-1:]
		return fail("", `the text before "%s=" is not a tag: remove %s`, last, show(head(before)))
	case !isTagName(name):
		return fail(head(name), "a tag's name is letters, digits and underscores, a letter first")
	}
	return nil
}

// noEquals says what a text without an equals sign is, where a tag belongs; empty where that is not known.
func noEquals(text string) string {
	switch first, rest, _ := strings.Cut(text, " "); {
	case rest != "" && slices.Contains([]string{"v", "k", "h", "s", "t", "n"}, first):
		return fmt.Sprintf(`an equals sign is missing: write "%s=" for "%s "`, first, first)
	case strings.HasPrefix(text, "--"):
		return "a comment of a zone file: leave it out, and the semicolon before it"
	}
	return ""
}

// keyWithoutTag says what a key lacks that stands where a tag belongs; empty for any other text.
func keyWithoutTag(text string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(text, "P"), "p")
	key := strings.TrimLeft(rest, blanks+":")
	switch {
	case TagsBefore(text) != "":
		return `a key without its tag: write "p=" before it`
	case TagsBefore(key) == "":
		return ""
	case strings.HasPrefix(rest, ":"):
		return `a tag and its value are joined by an equals sign: write "p=" for "p:"`
	}
	return `an equals sign is missing before the key: write "p=" before it`
}

// mistakenTags are remarks on tags that this package does not know, and that were meant as others. Receivers ignore them
// (RFC 6376 §3.2).
func (r Record) mistakenTags() []Finding {
	var found []Finding
	for text := range strings.SplitSeq(r.other, "; ") {
		name, value, _ := strings.Cut(text, "=")
		switch lower := strings.ToLower(name); {
		case strings.HasPrefix(value, "v=") && record.IsDKIM(value):
			found = append(found, Finding{Warning, TagMistaken, name, fmt.Sprintf(
				`The record starts behind "%s=", which receivers take for the name of a tag: remove "%s=".`, record.Display(name), record.Display(name))})
		case lower != name && slices.Contains([]string{"v", "k", "h", "s", "t", "p"}, lower):
			level := Warning
			if lower == "k" && !strings.EqualFold(r.k, value) {
				level = Error
			}
			found = append(found, Finding{level, TagMistaken, name, fmt.Sprintf(
				`Receivers ignore the tag "%s=", since names of tags are in lower case: write "%s=" for "%s=".`, name, lower, name)})
		}
	}
	return found
}

// mistake says what is wrong with the value of a tag that this package reads, beside its grammar.
func (t tag) mistake() error {
	if !slices.Contains([]string{"v", "k", "h", "s", "t", "p"}, t.name) {
		return nil // Notes, and tags that are for others to read.
	}
	switch next := tagNames.Missing(t.value); {
	case next != "":
		return t.fail(fmt.Sprintf(`a semicolon is missing before "%s="`, next))
	case t.name == "p" && strings.Contains(t.value, "-----BEGIN"):
		return t.fail(pemInTag)
	case strings.Contains(t.value, `\n`) && (t.name != "p" || !isWhole(base64Of(t.value))):
		return t.fail(`it holds line breaks as the two characters \n: leave them out`)
	case strings.Contains(t.value, `"`):
		return t.fail("it holds quotes; zone files put them around the strings of a value, but the value has none: remove them, and the text between two strings")
	case t.name == "p" && strings.ContainsAny(t.value, ",") && strings.Trim(t.value, ", \t") != t.value:
		return t.fail("it ends or starts in a comma: tags are separated by semicolons")
	}
	return nil
}
