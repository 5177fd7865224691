package dmarc

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
)

// tagNames are all tags that a record may have, those that RFC 9989 has removed among them.
var tagNames = record.NewTagNames([]string{"v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo", "pct", "rf", "ri"})

// notDMARC says why a text is no record, and what to write.
func notDMARC(text string) error { return notDMARCError(text) }

// notDMARCError is the error of a text that is no DMARC record. It looks for the reason when it is asked for it: who reads
// what DNS holds often has no use for it.
type notDMARCError string

func (e notDMARCError) Error() string {
	return fmt.Sprintf("%v: %s (RFC 9989 §4.7)", ErrNotDMARC, whyNot(string(e)))
}

func (notDMARCError) Unwrap() error { return ErrNotDMARC }

const mustBegin = `it must begin with "v=DMARC1", in exactly these letters`

func whyNot(text string) string {
	bare := strings.Trim(text, " \t\r\n")
	if bare == "" {
		return `the text is empty, and a record looks like "v=DMARC1; p=none; rua=mailto:…"`
	}
	if r, advice, found := record.FirstLookalike(text); found {
		return fmt.Sprintf("it holds the character %U: %s", r, advice)
	}
	switch value, form, ok := record.Pasted(text); {
	case !ok:
		return "remove the quotation marks: a TXT value is given whole, its strings joined without a blank between them"
	case form != "" && IsRecord(value):
		return fmt.Sprintf("it is %s: %s", form, record.PastedAdvice(text))
	case form != "":
		return fmt.Sprintf("it is %s, whose value is not a record: %s", form, whyNot(value))
	}
	if bare != text && IsRecord(bare) {
		return "remove the blanks and line breaks around it; trimspace() drops them"
	}
	if repaired := strings.ReplaceAll(text, `\;`, ";"); repaired != text && IsRecord(repaired) {
		return `it holds backslashes before its semicolons, which belongs in zone files and not in the value: write ";" for "\;"`
	}
	if repaired, between := tagNames.Repair(text); between != "" && IsRecord(repaired) {
		return fmt.Sprintf(`its tags are separated by semicolons, and one is missing after "v=%s": write ";" for %s`, Version, quoted(between))
	}
	if name, _, found := strings.Cut(bare, "="); found && slices.Contains(names, trim(name)) && trim(name) != "v" && !strings.Contains(bare, "DMARC1") {
		return fmt.Sprintf(`it has no version: write "v=%s; " before it`, Version)
	}
	if reason := record.Encoded(text, IsRecord); reason != "" {
		return reason
	}
	first, rest, _ := strings.Cut(bare, ";")
	if i := strings.Index(first, "v="+Version); i > 0 && IsRecord(bare[i:]) {
		return mustBegin + ": remove " + quoted(strings.TrimSpace(first[:i])) + " before that"
	}
	for tag := range strings.SplitSeq(rest, ";") {
		if IsRecord(trim(tag)) {
			return mustBegin + ", which come later in it"
		}
	}
	return whyNotVersion(trim(first))
}

// whyNotVersion is about what stands where the version belongs.
func whyNotVersion(first string) string {
	plain := strings.ToLower(strings.NewReplacer(" ", "", "\t", "", "-", "", ":", "=", ".", "", ",", "").Replace(first))
	switch {
	case versionLike.MatchString(plain):
		return fmt.Sprintf(`%s: write "v=%s" for %s`, mustBegin, Version, quoted(first))
	case record.FormatOf(plain) != "" && !strings.HasPrefix(plain, "v=dmarc1"):
		return fmt.Sprintf("it is %s, and a DMARC record belongs at _dmarc", record.FormatOf(plain))
	}
	return fmt.Sprintf("%s, and starts with %s", mustBegin, quoted(first))
}

// versionLike is what people write for the version, without its punctuation: "dmarc", "version=dmarc1", "v=dmarc1.0".
var versionLike = regexp.MustCompile(`^(?:(?:v|version)=*)?dmarcv?(?:1[01]?)?$|^v=1$`)

// noValue says what to write for a tag without an equals sign, which stands at a place among the tags.
func (p *parser) noValue(text string, at int) string {
	name, rest, colon := strings.Cut(text, ":")
	lower := strings.ToLower(trim(name))
	if !colon {
		if first, behind, blank := strings.Cut(text, " "); blank && (slices.Contains(names, strings.ToLower(first)) || isRemoved(first)) {
			lower, rest, colon = strings.ToLower(first), behind, true
		}
	}
	if r, advice, found := record.FirstLookalike(text); found {
		return fmt.Sprintf("it holds the character %U: %s", r, advice)
	}
	switch row := p.optionsAround(at); {
	case row != "":
		return "options are separated by colons, not by semicolons" + p.row(row)
	case lower == "mailto" || !strings.Contains(text, ":") && reporturi.IsAddress(text):
		return p.lostAddress(text, at)
	case isRemoved(lower):
		return removedAdvice(lower, trim(rest))
	case colon && slices.Contains(names, lower) && lower != "v":
		return joined(lower, trim(rest))
	}
	if reason := mistake(text); reason != "" {
		return reason + p.instead(cleaned(text))
	}
	if name, value, ok := glued(text); ok {
		return joined(name, value)
	}
	if slices.Contains(names, strings.ToLower(text)) {
		return "it has no value: join one to it by an equals sign, or leave it out"
	}
	return p.noName(text)
}

// row says to write the options of fo in one, where that is right.
func (p *parser) row(row string) string {
	_, value, _ := strings.Cut(row, "=")
	if !usable("fo", value) {
		return ""
	}
	return ": write " + quoted(row)
}

// noName is about a value without the name of its tag.
func (p *parser) noName(value string) string {
	const rule = "it has no name and equals sign before it"
	switch fit := p.fits(value); {
	case len(fit) == 1:
		return rule + ": write " + quoted(fit[0]+"="+value)
	case len(fit) > 1:
		return fmt.Sprintf("%s; it may be the value of %s", rule, record.OneOf(fit))
	}
	return "it has no equals sign and no value, and DMARC knows no such tag; leave it out"
}

// lostAddress is about an address that stands where a tag belongs.
func (p *parser) lostAddress(text string, at int) string {
	uri := text
	if scheme, _, _ := strings.Cut(text, ":"); !strings.EqualFold(trim(scheme), "mailto") {
		uri = "mailto:" + text
	}
	name, value, _ := strings.Cut(p.tags[max(at-1, 0)], "=")
	name, value = trim(name), trim(value)
	for i := at - 1; i > 0 && strings.Contains(p.tags[i], "@") && !strings.Contains(p.tags[i], "="); i-- {
		name, value, _ = strings.Cut(p.tags[i-1], "=")
		name, value = trim(name), trim(value)
	}
	suggest := func(rule, name, tag string) string {
		if !usable(name, uri) {
			return rule
		}
		return rule + ": write " + tag
	}
	switch {
	case name != "rua" && name != "ruf":
		if p.have["rua"] {
			return "it has no name and equals sign before it; addresses stand in rua and ruf, with commas between them"
		}
		return suggest("it has no name and equals sign before it", "rua", quoted("rua="+uri))
	case strings.EqualFold(strings.TrimRight(value, ":"), "mailto"):
		return suggest("a colon stands between mailto and the address, and no semicolon", name, quoted(name+"="+uri))
	}
	return suggest("addresses are separated by commas, not by semicolons", name, quoted(","+uri)+" behind the address before it")
}

// joined says how a tag and its value are written, with the two where the value is one of the tag's.
func joined(name, value string) string {
	const rule = "a tag and its value are joined by an equals sign"
	if !usable(name, value) {
		return rule
	}
	return rule + ": write " + quoted(name+"="+value)
}

// badName says what is wrong with the name of a tag that DMARC does not know, and what to write.
func (p *parser) badName(name, value string) string {
	if strings.ContainsAny(name, "'`") {
		return "its name holds quotes: remove them" + p.instead(cleaned(name)+"="+cleaned(value))
	}
	if reason := mistake(name); reason != "" {
		return strings.Replace(reason, "its value holds", "its name holds", 1) + p.instead(cleaned(name)+"="+value)
	}
	if name == "" {
		return p.noName(value)
	}
	if meant := meantName(name); meant != "" {
		if advice := p.instead(meant + "=" + value); advice != "" {
			return "DMARC knows no such tag" + advice
		}
	}
	return "DMARC knows no such tag; check the spelling"
}

// mistake says what is wrong with the value of a tag beside its grammar; empty where that is nothing.
func mistake(value string) string {
	if r, advice, found := record.FirstLookalike(value); found {
		return fmt.Sprintf("its value holds the character %U: %s", r, advice)
	}
	if next := tagNames.Missing(value); next != "" {
		return fmt.Sprintf(`a semicolon is missing before "%s="`, next)
	}
	switch {
	case strings.HasSuffix(value, `\`):
		return "a backslash stands before the semicolon, which belongs in zone files and not in the value: remove it"
	case strings.Contains(value, `\n`), strings.Contains(value, `\r`):
		return `it holds a line break as the two characters \n: leave it out`
	case strings.ContainsAny(value, "\r\n"):
		return "it holds a line break; write the record in one line (trimspace() drops one at the end)"
	case strings.Contains(value, `"`):
		return "it holds quotes: remove them"
	}
	return ""
}
