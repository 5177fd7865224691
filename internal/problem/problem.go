// Package problem says what is wrong with which part of an input: a [Path] in the words of the input, and what a person
// should know about it. It knows no Terraform.
package problem

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
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

// In returns the path behind another: the path to a part of what that one leads to.
func (p Path) In(parent Path) Path { return slices.Concat(parent, p) }

// Attribute returns the path to an attribute of what p leads to.
func (p Path) Attribute(name string) Path { return p.with(Step{Kind: StepAttribute, Name: name}) }

// Key returns the path to an element of the map that p leads to.
func (p Path) Key(key string) Path { return p.with(Step{Kind: StepKey, Name: key}) }

// At returns the path to an element of the list that p leads to.
func (p Path) At(index int) Path { return p.with(Step{Kind: StepIndex, Index: index}) }

// with copies, so that two paths never share their end.
func (p Path) with(s Step) Path { return append(slices.Clip(p), s) }

// Top returns the path to the attribute that p leads into: the place of what is about several elements, which the text
// names.
func (p Path) Top() Path { return p[:min(len(p), 1)] }

// String writes the path as Terraform does: services["acme"].variables.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch s.Kind {
		case StepAttribute:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(shown(s.Name))
		case StepKey:
			b.WriteString("[" + quoted(ShortName(s.Name)) + "]")
		case StepIndex:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		}
	}
	return b.String()
}

// MaxShownName is the most octets of a map's key that texts show: a key is whatever the user writes.
const MaxShownName = 256

// ShortName cuts a name that is too long for a text.
func ShortName(name string) string {
	if len(name) <= MaxShownName {
		return name
	}
	return strings.ToValidUTF8(name[:MaxShownName], "") + "…"
}

// maxShown is the most octets of a name that a path shows.
const maxShown = 1024

func shown(name string) string { return display.Text(name, maxShown) }

func quoted(name string) string { return `"` + strings.ReplaceAll(shown(name), `"`, `\"`) + `"` }

// Problem is an error or a warning about one part of the input.
type Problem struct {
	Path    Path
	Summary string // a noun phrase without values
	Detail  string // what happened, what was seen, what to do; it leaves the elements that Path leads through to Path
	Err     error  // the cause, where there is one
	// Code names the kind of a warning that its reader may settle by acknowledging it; empty for every other problem.
	Code string
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

// In returns the problems as those of a part of a larger input, which the path leads to.
func (ps Problems) In(parent Path) Problems {
	moved := make(Problems, len(ps))
	for i, p := range ps {
		inside := *p
		inside.Path = p.Path.In(parent)
		moved[i] = &inside
	}
	return moved
}

// OrNil keeps an empty list from becoming an error that is not nil.
func (ps Problems) OrNil() error {
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
