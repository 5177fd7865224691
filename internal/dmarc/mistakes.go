package dmarc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// tagNames are all tags that a record may have, those that RFC 9989 has removed among them.
var tagNames = record.NewTagNames([]string{"v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo", "pct", "rf", "ri"})

// notDMARC says why a text is no record, and what to write.
func notDMARC(text string) error {
	return fmt.Errorf("%w: %s (RFC 9989 §4.7)", ErrNotDMARC, whyNot(text))
}

const mustBegin = `it must begin with "v=DMARC1", in these very letters`

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
		return fmt.Sprintf("it is %s: give what stands between the quotes, joined", form)
	case form != "":
		return fmt.Sprintf("it is %s, whose value is no record: %s", form, whyNot(value))
	}
	if bare != text && IsRecord(bare) {
		return "remove the line breaks around it; trimspace() drops them"
	}
	if repaired := strings.ReplaceAll(text, `\;`, ";"); repaired != text && IsRecord(repaired) {
		return `it holds backslashes before its semicolons, which zone files want and the value has not: write ";" for "\;"`
	}
	if repaired, between := tagNames.Repair(text); between != "" && IsRecord(repaired) {
		return fmt.Sprintf(`its tags are separated by semicolons, and one is missing behind "v=%s": write ";" for %s`, Version, quoted(between))
	}
	first, rest, _ := strings.Cut(bare, ";")
	for tag := range strings.SplitSeq(rest, ";") {
		if IsRecord(trim(tag)) {
			return mustBegin + ", and they stand further behind"
		}
	}
	return whyNotVersion(trim(first))
}

// whyNotVersion is about what stands where the version belongs.
func whyNotVersion(first string) string {
	plain := strings.ToLower(strings.NewReplacer(" ", "", "\t", "", "-", "", ":", "=", ".", "", ",", "").Replace(first))
	switch {
	case slices.Contains([]string{"v=dmarc1", "dmarc1", "v=dmarc", "dmarc", "v=1", "vdmarc1", "version=dmarc1", "v==dmarc1"}, plain):
		return fmt.Sprintf(`%s: write "v=%s" for %s`, mustBegin, Version, quoted(first))
	case record.FormatOf(plain) != "" && !strings.HasPrefix(plain, "v=dmarc1"):
		return fmt.Sprintf("it is %s, and a DMARC record stands at _dmarc", record.FormatOf(plain))
	}
	return fmt.Sprintf("%s, and starts with %s", mustBegin, quoted(first))
}

// noValue says what to write for a tag without an equals sign.
func noValue(text string) string {
	name, rest, colon := strings.Cut(text, ":")
	lower := strings.ToLower(trim(name))
	switch {
	case lower == "mailto" || !colon && isAddress(text):
		uri := text
		if !colon {
			uri = "mailto:" + text
		}
		return fmt.Sprintf(`addresses are separated by commas, not by semicolons: write %s behind the address before it`, quoted(","+uri))
	case colon && slices.Contains(names, lower) && lower != "v":
		return joined(lower, trim(rest))
	}
	if r, advice, found := record.FirstLookalike(text); found {
		return fmt.Sprintf("it holds the character %U: %s", r, advice)
	}
	if strings.HasSuffix(text, `\`) {
		return "a backslash stands before the semicolon, which zone files want and the value has not: remove it"
	}
	if name, value, blank := strings.Cut(text, " "); blank && slices.Contains(names, strings.ToLower(name)) {
		return joined(strings.ToLower(name), trim(value))
	}
	return "it has no value; write " + quoted(shownName(text)+"=…") + ", with a semicolon before it"
}

// joined says how a tag and its value are written, with the two where the value is one of the tag's.
func joined(name, value string) string {
	const rule = "a tag and its value are joined by an equals sign"
	p := parser{seen: make(map[string]bool)}
	p.tag(name + "=" + value)
	if p.unusableTag(name) || len(value) > maxShown/2 {
		return rule
	}
	return rule + ": write " + quoted(name+"="+value)
}

func shownName(text string) string {
	name, _, _ := strings.Cut(text, " ")
	return name
}

// mistake says what is wrong with the value of a tag beside its grammar; empty where that is nothing.
func mistake(value string) string {
	if next := tagNames.Missing(value); next != "" {
		return fmt.Sprintf(`a semicolon is missing before "%s="`, next)
	}
	if r, advice, found := record.FirstLookalike(value); found {
		return fmt.Sprintf("its value holds the character %U: %s", r, advice)
	}
	switch {
	case strings.HasSuffix(value, `\`):
		return "a backslash stands before the semicolon, which zone files want and the value has not: remove it"
	case strings.Contains(value, `\n`):
		return `it holds a line break as the two characters \n: leave it out`
	case strings.ContainsAny(value, "\r\n"):
		return "it holds a line break; write the record in one line (trimspace() drops one at the end)"
	case strings.Contains(value, `"`):
		return "it holds quotes: remove them"
	}
	return ""
}

// synonyms are what people write for the values of p, adkim, aspf, psd and t.
var synonyms = map[string]string{
	"relaxed": "r", "strict": "s", "yes": "y", "true": "y", "1": "y", "no": "n", "false": "n", "0": "n",
	"monitor": "none", "monitoring": "none", "quarantined": "quarantine", "quarentine": "quarantine",
	"rejected": "reject", "rejects": "reject",
}
