package mtasts

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
)

// MaxPolicy is the longest policy file that [ParsePolicy] reads, in octets: senders read 64 KiB (RFC 8461 §3.3).
const MaxPolicy = 64 << 10

// ErrNotPolicy is the class of errors of [ParsePolicy] about a text that is no policy file.
var ErrNotPolicy = errors.New("not an MTA-STS policy")

// PolicyError says which line of a policy is broken, and why.
type PolicyError struct {
	Line   int    // from 1; 0 where it is about the whole file
	Field  string // "mx"; empty where the line has none
	Reason string
}

func (e *PolicyError) Error() string {
	text := "MTA-STS policy"
	if e.Line > 0 {
		text += fmt.Sprintf(", line %d", e.Line)
	}
	if e.Field != "" {
		text += ", field " + record.ShortQuoted(e.Field)
	}
	return text + ": " + e.Reason
}

// IsPolicy reports whether a text is a policy file rather than a record, be it a broken one: a line starts with the name of a
// field.
func IsPolicy(text string) bool {
	for line := range strings.Lines(text[:min(len(text), MaxPolicy)]) {
		name := strings.ToLower(strings.TrimLeft(line, " \t\"'\ufeff"))
		for _, field := range fields {
			if rest, found := strings.CutPrefix(name, field); found && strings.IndexAny(rest, ":= \t") == 0 {
				return true
			}
		}
	}
	return false
}

// lostBreak finds a field behind the value of another.
var lostBreak = regexp.MustCompile(`[ \t,;](?:(version|mode|mx|max_age):)`)

// policyReader reads the lines of a policy.
type policyReader struct {
	p     Policy
	seen  map[string]bool
	hosts map[dnsname.Name]bool // those of p
	line  int
}

// ParsePolicy reads a policy file, strictly: a sender uses no policy that is broken (RFC 8461 §3.2). Its lines end in CRLF
// or LF. It returns an error that wraps [ErrNotPolicy], or a *PolicyError.
func ParsePolicy(text string) (Policy, error) {
	if reason := whyNotPolicy(text); reason != "" {
		return Policy{}, fmt.Errorf("%w: %s (RFC 8461 §3.2)", ErrNotPolicy, reason)
	}
	r := policyReader{seen: make(map[string]bool)}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	for line := range strings.SplitSeq(text, "\n") {
		r.line++
		if err := r.read(strings.TrimSuffix(line, "\r")); err != nil {
			return Policy{}, err
		}
	}
	return r.done()
}

// whyNotPolicy says why a text is no policy file at all.
func whyNotPolicy(text string) string {
	bare := strings.ToLower(strings.TrimLeft(text, " \t\r\n\ufeff"))
	switch {
	case len(text) > MaxPolicy:
		return fmt.Sprintf("it has %d octets, and senders read at most %d", len(text), MaxPolicy)
	case bare == "":
		return `the text is empty, and a policy starts with the line "version: STSv1"`
	case strings.HasPrefix(bare, "<"):
		return `it is a web page: the policy is plain text, and starts with the line "version: STSv1"`
	case IsRecord(text):
		return "it is the TXT record; the policy is the file that it announces"
	case !utf8.ValidString(text):
		return "it is not UTF-8"
	case strings.Count(text, "\n") == 0 && strings.Contains(text, `\n`):
		return `its lines end in the two characters \n, and must end in line breaks: replace(…, "\\n", "\n") makes them`
	case strings.Count(strings.TrimRight(text, "\r"), "\r") > strings.Count(text, "\r\n"):
		return "its lines end in CR alone, and must end in CRLF or LF"
	}
	return ""
}

// fields are the fields of RFC 8461 §3.2.
var fields = []string{"version", "mode", "mx", "max_age"}

func (r *policyReader) fail(field, format string, args ...any) error {
	return &PolicyError{Line: r.line, Field: field, Reason: fmt.Sprintf(format, args...)}
}

func (r *policyReader) remark(format string, args ...any) {
	r.p.Remarks = taglist.Remark(r.p.Remarks, format, args...)
}

// read reads one line.
func (r *policyReader) read(line string) error {
	if c, advice, found := record.FirstLookalike(line); found {
		return r.fail("", "it holds the character %U: %s", c, advice)
	}
	name, value, found := strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	switch {
	case strings.Trim(line, " \t") == "":
		return r.fail("", "it is empty: remove it")
	case !found || !isFieldName(name):
		return r.fail("", "%s", whyNoField(line))
	}
	if next := lostBreak.FindStringSubmatch(value); next != nil && r.known(name) {
		return r.fail(name, "a line break is missing before %q", next[1])
	}
	first := !r.seen[name]
	r.seen[name] = true
	switch {
	case name == "mx":
		return r.mx(value)
	case !first && name != "mx" && r.known(name):
		r.remark("The field %q appears twice; senders take the first one (RFC 8461 §3.2).", name)
		return nil
	case name == "version":
		if value != Version {
			return r.fail(name, `it must be %q; write "version: %[1]s"`, Version)
		}
	case name == "mode":
		return r.mode(value)
	case name == "max_age":
		return r.maxAge(value)
	case r.known(strings.ToLower(strings.ReplaceAll(name, "-", "_"))):
		return r.fail(name, "names of fields are in lower case; write %q", strings.ToLower(strings.ReplaceAll(name, "-", "_"))+":")
	default:
		return r.other(name, value)
	}
	return nil
}

// other reads a field that RFC 8461 does not define.
func (r *policyReader) other(name, value string) error {
	if value == "" || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return r.fail(name, "its value is empty, or holds a control character")
	}
	r.p.Other = append(r.p.Other, name+": "+value)
	r.remark("The field %s is not one of MTA-STS: senders ignore it.", record.ShortQuoted(name))
	return nil
}

func (*policyReader) known(name string) bool {
	return slices.Contains(fields, name)
}

// isFieldName reports whether a text may be the name of a field (RFC 8461 §3.2).
func isFieldName(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '_' && c != '-' && c != '.') {
			return false
		}
	}
	return s != "" && len(s) <= MaxID
}

// whyNoField says why a line is no field.
func whyNoField(line string) string {
	bare := strings.Trim(line, " \t\"'")
	if at := strings.IndexAny(bare, "=: \t"); at > 0 {
		name := strings.ToLower(strings.ReplaceAll(bare[:at], "-", "_"))
		value := strings.Trim(bare[at:], "=: \t\"'")
		for _, field := range fields {
			if name == field && value != "" && !strings.ContainsAny(value, "\" ") && acceptable(field, value) {
				return fmt.Sprintf("a name and its value are joined by a colon; write %s", record.ShortQuoted(field+": "+value))
			}
		}
	}
	return `a line is a name, a colon and a value, as in "mode: enforce"`
}

// acceptable reports whether a field may have a value.
func acceptable(field, value string) bool {
	r := policyReader{seen: make(map[string]bool)}
	return r.read(field+": "+value) == nil
}

func (r *policyReader) mode(value string) error {
	for _, mode := range modes {
		if string(mode) == value {
			r.p.Mode = mode
			return nil
		}
	}
	return r.fail("mode", "%s", whyNoMode(value, `"mode: `))
}

// whyNoMode says why a text is no mode; what is written before the one that is meant stands in before.
func whyNoMode(value, before string) string {
	reason := fmt.Sprintf("%s is not one of its values: %s", record.ShortQuoted(value), record.OneOf(modes))
	if meant, ok := meantMode(value); ok {
		reason += fmt.Sprintf(`; write %s%s"`, before, meant)
	}
	return reason
}

// meantMode returns the mode that people mean by other words.
func meantMode(text string) (Mode, bool) {
	switch strings.ToLower(strings.Trim(text, " \t\r\n.,;\"'")) {
	case "enforce", "enforced", "enforcing", "reject", "strict":
		return Enforce, true
	case "testing", "test", "report", "report-only":
		return Testing, true
	case "none", "off", "disabled":
		return None, true
	}
	return "", false
}

func (r *policyReader) maxAge(value string) error {
	if value == "" || len(value) > 10 || strings.Trim(value, "0123456789") != "" {
		reason := fmt.Sprintf("it must be a whole number of seconds from 0 to %d, in digits alone", MaxMaxAge)
		if age, ok := meantAge(value); ok {
			reason += fmt.Sprintf(`; write "max_age: %d"`, age)
		}
		return r.fail("max_age", "%s", reason)
	}
	age, err := strconv.ParseInt(value, 10, 64)
	if err != nil || age > MaxMaxAge {
		return r.fail("max_age", `it may be at most %d seconds, a year (RFC 8461 §3.2); write "max_age: %[1]d"`, MaxMaxAge)
	}
	r.p.MaxAge = age
	return nil
}

// asAge is an age as people write it: with separators between the digits, with a unit, or in quotes.
var asAge = regexp.MustCompile(`^["']?([0-9][0-9,_']*)(?:\.0+)?[ \t]*(|s|sec|seconds?|h|hours?|d|days?|w|weeks?)["';,.]*$`)

// meantAge returns the number of seconds that people mean by an age with a unit.
func meantAge(text string) (int64, bool) {
	m := asAge.FindStringSubmatch(strings.ToLower(text))
	if len(m) != 3 || len(m[1]) > 2*len("31557600") {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", "_", "", "'", "").Replace(m[1]), 10, 64)
	if err != nil || n > MaxMaxAge {
		return 0, false
	}
	switch {
	case strings.HasPrefix(m[2], "h"):
		n *= 60 * 60
	case strings.HasPrefix(m[2], "d"):
		n *= day
	case strings.HasPrefix(m[2], "w"):
		n *= 7 * day
	}
	return n, n <= MaxMaxAge
}

func (r *policyReader) mx(value string) error {
	pattern, reason := checkPattern(value)
	if reason != "" {
		return r.fail("mx", "%s: %s", record.ShortQuoted(value), strings.Replace(reason, `; write "`, `; write "mx: `, 1))
	}
	if !strings.EqualFold(pattern.String(), value) {
		return r.fail("mx", "%s is not in the form that senders compare; write %q", record.ShortQuoted(value), "mx: "+pattern.String())
	}
	if r.hosts[pattern] {
		r.remark("The mail host %s appears twice, and once is enough.", record.ShortQuoted(value))
		return nil
	}
	if r.hosts == nil {
		r.hosts = make(map[dnsname.Name]bool)
	}
	r.hosts[pattern] = true
	r.p.MX = append(r.p.MX, pattern)
	return nil
}

// done looks at what shows in the whole file alone.
func (r *policyReader) done() (Policy, error) {
	for _, field := range []string{"version", "mode", "max_age"} {
		if !r.seen[field] {
			return Policy{}, &PolicyError{Field: field, Reason: "it is missing, and required (RFC 8461 §3.2)"}
		}
	}
	if r.p.Mode != None && len(r.p.MX) == 0 {
		return Policy{}, &PolicyError{Field: "mx", Reason: fmt.Sprintf("it is missing, and required with the mode %s (RFC 8461 §3.2)", r.p.Mode)}
	}
	return r.p, nil
}
