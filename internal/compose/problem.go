// Package compose makes the records of a domain from the services that send for it and from what its owner
// adds. It knows neither DNS nor Terraform; its errors say which part of the input they are about, so
// that a caller can point there.
package compose

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Path leads to a part of the input, in the words of the input: services, "acme", variables, "region".
type Path []Step

// Step is one step of a [Path]; Kind says which of the other fields counts.
type Step struct {
	Kind  StepKind
	Name  string // of an attribute, or the key of a map's element
	Index int    // of a list's element
}

// StepKind tells the steps of a path apart.
type StepKind int

// The kinds of steps.
const (
	StepAttribute StepKind = iota + 1
	StepKey
	StepIndex
)

// Attribute starts a path.
func Attribute(name string) Path { return Path(nil).Attribute(name) }

// Attribute returns the path to an attribute of what p leads to.
func (p Path) Attribute(name string) Path { return p.with(Step{Kind: StepAttribute, Name: name}) }

// Key returns the path to an element of the map that p leads to.
func (p Path) Key(key string) Path { return p.with(Step{Kind: StepKey, Name: key}) }

// At returns the path to an element of the list that p leads to.
func (p Path) At(index int) Path { return p.with(Step{Kind: StepIndex, Index: index}) }

// with copies, so that two paths never share their end.
func (p Path) with(s Step) Path { return append(slices.Clip(p), s) }

// top returns the path to the attribute that p leads into: the place of what is about several elements, which the text
// names.
func (p Path) top() Path { return p[:min(len(p), 1)] }

// String writes the path as Terraform does: services["acme"].variables.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch s.Kind {
		case StepAttribute:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(record.Display(s.Name))
		case StepKey:
			b.WriteString("[" + record.DisplayQuoted(shortName(s.Name)) + "]")
		case StepIndex:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		}
	}
	return b.String()
}

// maxShownName is the most octets of a map's key that texts show: a key is whatever the user writes.
const maxShownName = 256

// shortName cuts a name that is too long for a text.
func shortName(name string) string {
	if len(name) <= maxShownName {
		return name
	}
	return strings.ToValidUTF8(name[:maxShownName], "") + "…"
}

// Problem is an error or a warning about one part of the input.
type Problem struct {
	Path    Path
	Summary string // a noun phrase without values
	Detail  string // what happened, what was seen, what to do; it leaves the elements that Path leads through to Path
	Err     error  // the cause, where there is one
}

func (p *Problem) Error() string {
	return p.Path.String() + ": " + p.Summary + ": " + display.HideKeys(p.Detail)
}
func (p *Problem) Unwrap() error { return p.Err }

// Text returns the detail, with its place before it where that is an element of an attribute: Terraform itself shows
// the attribute alone. Private keys are not shown.
func (p *Problem) Text() string {
	detail := display.HideKeys(p.Detail)
	if len(p.Path) < 2 {
		return detail
	}
	return p.Path.String() + ": " + detail
}

// Problems are all that is wrong with an input: one pass names every error, not the first alone.
type Problems []*Problem

func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap gives errors.Is and errors.As the single problems.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// orNil keeps an empty list from becoming an error that is not nil.
func (ps Problems) orNil() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Sentence makes the text of an error one: a capital at the start, a full stop at the end. Private keys are not shown.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	text = display.HideKeys(text)
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}
