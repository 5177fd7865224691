package dmarc

import (
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// synonyms are what people write for the values of p, sp, np, adkim, aspf, psd and t.
var synonyms = map[string]string{
	"relaxed": "r", "strict": "s", "yes": "y", "true": "y", "1": "y", "no": "n", "false": "n", "0": "n", "unknown": "u",
	"monitor": "none", "monitoring": "none", "quarantined": "quarantine", "quarentine": "quarantine",
	"rejected": "reject", "rejects": "reject",
}

// nameSynonyms are what people write for the names of tags, beside slips of one letter.
var nameSynonyms = map[string]string{
	"policy": "p", "subdomain_policy": "sp", "subdomainpolicy": "sp", "subpolicy": "sp", "subdomain": "sp", "dkim": "adkim", "spf": "aspf",
	"test": "t", "testing": "t", "failure_options": "fo",
}

// usable reports whether a receiver takes a value of a tag, all of it.
func usable(name, value string) bool {
	if !slices.Contains(names, name) || name == "v" || len(name)+len(value) > maxShown-len("=") {
		return false
	}
	var p parser
	p.read(name, value)
	return p.left == 0 && mistake(value) == ""
}

// meantValue returns the one of a tag's values that a text was probably meant to be; empty where that is none, or more
// than one.
func meantValue(text string, allowed []string) string {
	text = strings.ToLower(strings.Trim(text, " \t\r\n=:;,.!|\"'`<>()[]*/\\"))
	if slices.Contains(allowed, text) {
		return text
	}
	if synonym := synonyms[text]; slices.Contains(allowed, synonym) {
		return synonym
	}
	return onlySlip(text, allowed)
}

// meantName returns the name of the tag that a text was probably meant to be; empty where that is none, or more than one.
func meantName(text string) string {
	lower := strings.ToLower(text)
	if name := nameSynonyms[lower]; name != "" {
		return name
	}
	return onlySlip(lower, names)
}

// meantOptions returns the options of fo that a text was probably meant to name, whatever stands between them; empty where
// it holds anything else, or what excludes each other.
func meantOptions(text string) string {
	if len(text) > maxShown {
		return ""
	}
	var options []string
	for _, c := range strings.ToLower(text) {
		switch {
		case strings.ContainsRune("01ds", c):
			options = append(options, string(c))
		case !strings.ContainsRune(",:;/|+& \t", c):
			return ""
		}
	}
	meant := strings.Join(options, ":")
	if _, wrong := readOptions(meant); wrong != "" {
		return ""
	}
	return meant
}

// onlySlip returns the one word that a text differs from by a slip; empty where there is none, or more than one. Words of
// one or two letters are all alike.
func onlySlip(text string, words []string) string {
	meant := ""
	for _, word := range words {
		if len(word) < 3 || !isSlip(text, word) {
			continue
		}
		if meant != "" {
			return ""
		}
		meant = word
	}
	return meant
}

// isSlip reports whether a text is a word with a letter too many, one missing, one replaced, or two exchanged.
func isSlip(text, word string) bool {
	start := 0
	for start < len(text) && start < len(word) && text[start] == word[start] {
		start++
	}
	a, b := text[start:], word[start:]
	switch {
	case len(a) == 0 || len(b) == 0:
		return len(a)+len(b) == 1
	case a[1:] == b || a == b[1:] || a[1:] == b[1:]:
		return true
	}
	return len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
}

// fits returns the names of the tags that a text may be a value of, which the record does not have: p alone where that is
// one of them, since it decides.
func (p *parser) fits(value string) []string {
	var fit []string
	for _, name := range []string{"p", "sp", "np", "adkim", "aspf", "fo", "psd", "t", "rua"} {
		if p.have[name] || !usable(name, value) {
			continue
		}
		if name == "p" {
			return []string{name}
		}
		fit = append(fit, name)
	}
	return fit
}

// glued finds a tag whose name and value stand behind each other without an equals sign, as "ruamailto:a@x.example".
func glued(text string) (name, value string, ok bool) {
	for _, name := range byLength {
		if len(text) <= len(name) || !strings.EqualFold(text[:len(name)], name) {
			continue
		}
		value := strings.TrimLeft(text[len(name):], " \t:-_.,|>~+/")
		if usable(name, value) {
			return name, value, true
		}
	}
	return "", "", false
}

// byLength are the names of tags, the longest first: "spnone" is sp, not a part of another.
var byLength = func() []string {
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return len(b) - len(a) })
	return sorted
}()

// cleaned takes off a text what copying put around it: blanks, line breaks, quotes and backslashes, and look-alikes of
// blanks and quotes.
func cleaned(text string) string {
	text = strings.NewReplacer(`\n`, " ", `\r`, " ", `\t`, " ", `\"`, " ", `\`, " ").Replace(text)
	return strings.TrimFunc(text, func(r rune) bool {
		advice, known := record.Lookalike(r)
		return strings.ContainsRune(" \t\r\n", r) || record.IsQuotationMark(r) || known && !strings.HasPrefix(advice, "write the ASCII")
	})
}

// instead returns what to write for a tag, to stand behind a reason; empty where that is not known.
func (p *parser) instead(text string) string {
	name, value, found := strings.Cut(text, "=")
	if name, value = trim(name), trim(value); !found || p.have[name] || !usable(name, value) {
		return ""
	}
	return "; write " + quoted(name+"="+value)
}

// optionsAround returns the tag fo with the options behind it that semicolons cut off, "fo=1;d;s", for the one at a place;
// empty where the place is not in such a row.
func (p *parser) optionsAround(at int) string {
	from := at
	for from > 0 && isOption(p.tags[from]) {
		from--
	}
	name, value, found := strings.Cut(p.tags[from], "=")
	if !isOption(p.tags[at]) || !found || trim(name) != "fo" {
		return ""
	}
	options := []string{strings.ToLower(trim(value))}
	for _, tag := range p.tags[from+1:] {
		if !isOption(tag) {
			break
		}
		options = append(options, strings.ToLower(tag))
	}
	return "fo=" + strings.Join(options, ":")
}

func isOption(text string) bool {
	return len(text) == 1 && strings.ContainsAny(text, "01dsDS")
}
