package service

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// keepsDMARC reports whether the user grants a service's own record at _dmarc. The type alone does not: TXT is what
// every service writes.
func (s *scope) keepsDMARC() bool {
	return slices.ContainsFunc(s.allow, func(grant string) bool {
		label, _, _ := strings.Cut(grant, ".")
		return grant == "*" || strings.EqualFold(label, "_dmarc")
	})
}

// leavesOut reports whether a record is skipped with a warning.
func (s *scope) leavesOut(e *entry) bool {
	return e.fate == skipWeb || e.fate == skipDMARC && !s.keeps(e)
}

// keeps reports whether the user grants a record at _dmarc that can be a policy, or lead to one.
func (s *scope) keeps(e *entry) bool {
	return e.fate == skipDMARC && (e.typ == "TXT" || e.typ == "CNAME") && s.keepsDMARC()
}

// spellings returns the variables of all fields of a record, as they are written.
func (r *reader) spellings() []string {
	var all []string
	for _, field := range slices.Sorted(maps.Keys(r.object)) {
		text, err := r.object.text(r.index, field)
		if err != nil || field == extraField {
			continue
		}
		for _, spelling := range parseExpr(text).spellings() {
			all = append(all, spelling)
		}
	}
	return all
}

// idleNotes says of variables that have a value and are held by records alone that are left out.
func (s *scope) idleNotes() []string {
	var notes []string
	for _, name := range s.given {
		if s.variables.idle[strings.ToLower(name)] && !s.keepsDMARC() {
			notes = append(notes, fmt.Sprintf("The variable %s of %s does nothing: only records that are left out use it.", show(name), s.Name()))
		}
	}
	return notes
}

// isPlaceholder matches what a template or a value has where something was to be filled in.
var isPlaceholder = regexp.MustCompile(`[%$][A-Za-z][A-Za-z0-9_-]*%`)

// filled refuses a text in which a placeholder is left, such as "%token%", or "$token%", which is misspelt. Octets that
// are encoded as in a URI (RFC 3986 §2.1) are none.
func filled(text string) error {
	if strings.IndexByte(text, '%') < 0 {
		return nil
	}
	for _, left := range isPlaceholder.FindAllString(text, -1) {
		if name := strings.Trim(left, "%$"); left[0] == '$' || !isEncoded(name) {
			return fmt.Errorf("%s is not filled in", show(record.Display(left)))
		}
	}
	return nil
}

// isEncoded reports whether a name is two hexadecimal digits, and text behind them.
func isEncoded(name string) bool {
	return len(name) >= 2 && strings.Trim(name[:2], "0123456789abcdefABCDEF") == ""
}
