package taglist

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// whyNot says why a text is no record of the format.
func (f Format) whyNot(text string) string {
	bare := strings.Trim(text, " \t\r\n")
	if bare == "" {
		return "the text is empty, and a record looks like " + record.ShortQuoted(f.Example)
	}
	if r, advice, found := record.FirstLookalike(text); found {
		return fmt.Sprintf("it holds the character %U: %s", r, advice)
	}
	switch value, form, ok := record.Pasted(text); {
	case !ok:
		return "remove the quotation marks: a TXT value is given whole, its strings joined without a blank between them"
	case form != "" && f.IsRecord(value):
		return fmt.Sprintf("it is %s: give the texts between the quotes, joined", form)
	case form != "":
		return fmt.Sprintf("it is %s, whose value is not a record: %s", form, f.whyNot(value))
	}
	if other := record.FormatOf(bare); other != "" && other != f.Name {
		return fmt.Sprintf("it is %s, and %s belongs at %s", other, f.Name, f.Owner)
	}
	if bare != text && f.IsRecord(bare) {
		return "remove the blanks and line breaks around it; trimspace() drops them"
	}
	if strings.Contains(text, `\;`) {
		return `it holds backslashes before its semicolons, which belongs in zone files and not in the value: put ";" in place of "\;"`
	}
	mustBegin := fmt.Sprintf("it must begin with %s, in exactly these letters", record.ShortQuoted("v="+f.Version+";"))
	if f.Blanks {
		mustBegin = fmt.Sprintf("it must begin with %s, in exactly these letters", record.ShortQuoted("v="+f.Version))
	}
	first, rest, _ := strings.Cut(bare, ";")
	for tag := range strings.SplitSeq(rest, ";") {
		if strings.Trim(tag, blanks) == "v="+f.Version {
			return mustBegin + ", which come later in it"
		}
	}
	if first == "v="+f.Version {
		return mustBegin + ", and the semicolon is missing"
	}
	return mustBegin + ", and starts with " + record.ShortQuoted(first)
}

// mistake says what is wrong with a text beside its grammar; empty where that is nothing.
func (f Format) mistake(text string) string {
	if r, advice, found := record.FirstLookalike(text); found {
		return fmt.Sprintf("it holds the character %U: %s", r, advice)
	}
	if next := f.Tags.Missing(text); next != "" {
		return fmt.Sprintf("a semicolon is missing before %s", record.ShortQuoted(next+"="))
	}
	switch {
	case strings.HasSuffix(text, `\`):
		return "a backslash stands before the semicolon, which belongs in zone files and not in the value: remove it"
	case strings.Contains(text, `\n`), strings.Contains(text, `\r`):
		return `it holds a line break as the two characters \n: leave it out`
	case strings.ContainsAny(text, "\r\n"):
		return "it holds a line break; write the record in one line (trimspace() drops one at the end)"
	case strings.Contains(text, `"`):
		return "it holds quotes: remove them"
	}
	return ""
}

// mend finds the record that a text was probably meant to be: it undoes what copying and typing do to records, and returns
// the first text that is read. A text that is too long to be shown is not looked for.
func (f Format) mend(text string, read func(string) bool) (string, bool) {
	if len(text) > 2*record.MaxShort {
		return "", false
	}
	if value, form, ok := record.Pasted(text); ok && form != "" {
		text = value
	}
	text = plain(text)
	repaired, _ := f.Tags.Repair(text)
	if bare := strings.Trim(repaired, blanks); slices.ContainsFunc(f.Names, func(name string) bool {
		rest, found := strings.CutPrefix(bare, name)
		return name != "v" && found && strings.IndexAny(rest, "=: ") == 0
	}) && !strings.Contains(bare, f.Version) {
		repaired = "v=" + f.Version + "; " + bare
	}
	var tags []string
	for i, spec := range strings.Split(repaired, ";") {
		spec = f.mendTag(strings.Trim(spec, blanks), i == 0)
		if f.Stray != nil && len(tags) > 1 && !strings.Contains(spec, "=") {
			if _, joined := f.Stray(tags[len(tags)-1], spec); joined != "" {
				tags[len(tags)-1] = joined
				continue
			}
		}
		switch {
		case spec == "":
		case spec == "v="+f.Version && i > 0 && !slices.Contains(tags, spec): // The version stood further behind.
			tags = slices.Insert(tags, 0, spec)
		default:
			tags = append(tags, spec)
		}
	}
	mended := strings.Join(tags, "; ")
	return mended, len(mended) <= record.MaxShort && read(mended)
}

// plain takes out of a text what word processors, zone files and shells put into it.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		advice, known := record.Lookalike(r)
		switch {
		case record.IsQuotationMark(r):
		case !known:
			b.WriteRune(r)
		case strings.HasPrefix(advice, "write the ASCII"):
			b.WriteString(advice[len(advice)-2 : len(advice)-1])
		case strings.HasPrefix(advice, "write an ordinary blank"):
			b.WriteByte(' ')
		}
	}
	return strings.NewReplacer(`\;`, ";", `\n`, " ", `\r`, " ", "\r", " ", "\n", " ", `\`, "").Replace(b.String())
}

var (
	// asTag is a tag in one of the ways that people join its name and value.
	asTag = regexp.MustCompile(`^([A-Za-z]+)[ \t]*[=:]+[ \t]*(.*)$`)
	// versionLike is what people write before a version, and around it.
	versionLike = regexp.MustCompile(`^(?i:(?:version|v)?[ \t]*[=:]*[ \t]*)(.*)$`)
)

// mendTag writes one tag as the format wants it.
func (f Format) mendTag(spec string, first bool) string {
	spec = strings.Trim(spec, " \t,|")
	if first {
		squeeze := strings.NewReplacer(" ", "", "-", "", "_", "", ".", "")
		version := squeeze.Replace(versionLike.FindStringSubmatch(spec)[1])
		// The number may be missing, and written as "1.0".
		stem := strings.TrimRight(strings.ToLower(f.Version), "v1")
		if rest, ok := strings.CutPrefix(strings.ToLower(version), stem); ok && slices.Contains([]string{"", "1", "v1", "v10", "10"}, rest) {
			return "v=" + f.Version
		}
		return spec
	}
	m := asTag.FindStringSubmatch(spec)
	if len(m) != 3 || !slices.Contains(f.Names, strings.ToLower(m[1])) {
		return spec
	}
	name, value := strings.ToLower(m[1]), m[2]
	if f.Mend != nil {
		value = f.Mend(name, value)
	}
	return name + "=" + value
}
