// Package problem holds the problems with parts of an input, each under a [Path] in the words of the input, and the set of
// its unknown values. It knows no Terraform.
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

// In returns the path appended to another, its parent.
func (p Path) In(parent Path) Path { return slices.Concat(parent, p) }

// Attribute returns the path to an attribute of the value at p.
func (p Path) Attribute(name string) Path { return p.with(Step{Kind: StepAttribute, Name: name}) }

// Key returns the path to an element of the map at p.
func (p Path) Key(key string) Path { return p.with(Step{Kind: StepKey, Name: key}) }

// At returns the path to an element of the list at p.
func (p Path) At(index int) Path { return p.with(Step{Kind: StepIndex, Index: index}) }

// with copies the path: two paths never share their end.
func (p Path) with(s Step) Path { return append(slices.Clip(p), s) }

// Top returns the path to the attribute that p starts with: the place of a problem with several elements, which its text
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

// MaxShownName is the greatest number of octets of a map's key in texts. Users choose keys freely.
const MaxShownName = 256

// ShortName cuts a name that is too long for a text.
func ShortName(name string) string {
	if len(name) <= MaxShownName {
		return name
	}
	return strings.ToValidUTF8(name[:MaxShownName], "") + "…"
}

// maxShown is the greatest number of octets of a name in a path.
const maxShown = 1024

func shown(name string) string { return display.Text(name, maxShown) }

func quoted(name string) string { return `"` + strings.ReplaceAll(shown(name), `"`, `\"`) + `"` }

// Problem is an error or a warning about one part of the input.
type Problem struct {
	Path    Path
	Summary string // a noun phrase without values
	Detail  string // the event, the value seen, and the remedy; Path names the elements
	Err     error  // the cause, where there is one
	// Code is the kind of a warning that a configuration can acknowledge; empty for other problems.
	Code string
}

func (p *Problem) Error() string {
	return p.Path.String() + ": " + p.Summary + ": " + display.HideKeys(p.Detail)
}
func (p *Problem) Unwrap() error { return p.Err }

// Text returns the detail. The path comes first for an element of an attribute, since Terraform shows the attribute alone.
// Private keys are not shown.
func (p *Problem) Text() string {
	detail := display.HideKeys(p.Detail)
	if len(p.Path) < 2 {
		return detail
	}
	return p.Path.String() + ": " + detail
}

// Problems are all problems with an input. One pass finds them all, not the first alone.
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

// In returns the problems with their paths below the path of a larger input.
func (ps Problems) In(parent Path) Problems {
	moved := make(Problems, len(ps))
	for i, p := range ps {
		inside := *p
		inside.Path = p.Path.In(parent)
		moved[i] = &inside
	}
	return moved
}

// OrNil returns the problems as an error, which is nil for an empty list.
func (ps Problems) OrNil() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Sentence returns the text of an error as a sentence, with a capital and a full stop. Private keys are not shown.
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
