package spf

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// ErrNotSPF is the class of errors about a text that is no SPF record at all: it does not start with "v=spf1"
// and a blank (RFC 7208 §4.5).
var ErrNotSPF = errors.New("not an SPF record")

// SyntaxError says which term of a record is invalid, and why.
type SyntaxError struct {
	Term    string // as it was written; empty where the whole record is at fault
	Offset  int    // of the term in the text that was parsed, in octets
	Reason  string // what is wrong and what to write instead
	Section string // of RFC 7208
}

func (e *SyntaxError) Error() string {
	if e.Term == "" {
		return fmt.Sprintf("%s (RFC 7208 §%s)", e.Reason, e.Section)
	}
	return fmt.Sprintf("%s at offset %d: %s (RFC 7208 §%s)", Quote(e.Term), e.Offset, e.Reason, e.Section)
}

// Quote makes what a user, a template or DNS wrote safe to show, and short.
func Quote(s string) string {
	const most = 100
	if len(s) <= most {
		return record.Defuse(strconv.Quote(s))
	}
	cut := most
	for cut > most-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return record.Defuse(strconv.Quote(s[:cut] + "…"))
}

// A fault is what is wrong with a term, before it is known where the term stands.
type fault struct {
	reason  string
	section string
}

func faultf(section, format string, args ...any) *fault {
	return &fault{reason: fmt.Sprintf(format, args...), section: section}
}

// at makes the error about the term that stands at the offset.
func (f *fault) at(term string, offset int) *SyntaxError {
	return &SyntaxError{Term: term, Offset: offset, Reason: f.reason, Section: f.section}
}
