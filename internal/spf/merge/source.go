package merge

import (
	"errors"
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// SourceKind is where terms of a merge come from.
type SourceKind int

// The kinds of sources. What the owner of the domain writes (existing, mechanisms, arguments) may do more than
// what a service asks for.
const (
	Merged     SourceKind = iota // no input, the record as a whole
	Existing                     // the record that stands
	Service                      // what a service that sends for the domain asks for
	Mechanisms                   // the owner's own terms
	Remove                       // what the owner does not want any more
	Argument                     // a record given to [Texts]
)

// Source is an input of a merge, as users know it. The zero Source is the merged record.
type Source struct {
	Kind  SourceKind
	Name  string // of a service
	Index int    // in the list of mechanisms, of what is removed, or of arguments
}

// String returns the source as error texts name it: `existing`, `service "catglobe"`, `mechanisms[0]`.
func (s Source) String() string {
	switch s.Kind {
	case Existing:
		return "existing"
	case Service:
		return "service " + spf.Quote(s.Name)
	case Mechanisms:
		return fmt.Sprintf("mechanisms[%d]", s.Index)
	case Remove:
		return fmt.Sprintf("remove[%d]", s.Index)
	case Argument:
		return fmt.Sprintf("records[%d]", s.Index)
	default:
		return "the merged record"
	}
}

// of names the source of a term in the text of a warning, unless the warning's own place says it: a caller shows where an
// element of a list or a service is, and a text that says so too says it twice.
func (s Source) of(place Source) string {
	if s == place && s.Kind != Existing {
		return ""
	}
	return fmt.Sprintf(" of %v", s)
}

// Input is what one source brings to a merge.
type Input struct {
	Source Source
	Record spf.Record

	// Owner is the name that the terms were written for, where it is another than that of the merged record;
	// what they say about their owner is then spelled out. The zero Name is the merged record's owner.
	Owner dnsname.Name
}

// ParseInput reads a whole record or terms without the version, as [spf.ParseEither] does. It returns a
// *Error that names the source and wraps the error of [spf.Parse].
func ParseInput(source Source, text string) (Input, error) {
	record, _, err := spf.ParseEither(text)
	if err != nil {
		return Input{}, syntaxError(source, err)
	}
	return Input{Source: source, Record: record}, nil
}

// ParseRemoval is [ParseInput] for terms that the record must not have. The ending is none of them: it returns a
// *Error about an `all`.
func ParseRemoval(source Source, text string) (Input, error) {
	input, err := ParseInput(source, text)
	if err != nil {
		return Input{}, err
	}
	return input, input.removable()
}

// removable returns the error about an `all` among terms to remove, and nil where there is none.
func (i Input) removable() error {
	all, ok := i.Record.Ending()
	if !ok {
		return nil
	}
	return &Error{
		Source: i.Source, Term: all.String(), Err: ErrAllRemoved, Advice: Advice{Kind: AdviceAll},
		Detail: "it sets the result for all other senders, which cannot be removed, only chosen; take it out of `remove`",
	}
}

// Errors that a [*Error] wraps, beside those of [spf.Parse].
var (
	ErrAll               = errors.New("unknown ending")
	ErrNonPassService    = errors.New("a service that refuses senders")
	ErrQualifierConflict = errors.New("one term with two qualifiers")
	ErrRedirects         = errors.New("two redirects")
	ErrExplanations      = errors.New("two explanations")
	ErrPassAll           = errors.New("the record lets nearly everyone send")
	ErrServiceRemoved    = errors.New("a term of a service")
	ErrAllRemoved        = errors.New("the ending of the record")
	ErrLeadsToItself     = errors.New("a record that includes itself")
	ErrTooLong           = errors.New("the record is too long")
)

// Error says which term of which source cannot be merged, and why.
type Error struct {
	Source Source
	Term   string // empty where the source as a whole is at fault
	Err    error  // its class: one of the Err values above, a *SyntaxError, or an error that wraps ErrNotSPF
	Detail string // what is wrong and what to do; empty where Err says it
	Advice Advice
}

func (e *Error) Error() string {
	if e.Detail == "" || e.Term == "" {
		return fmt.Sprintf("%v: %s", e.Source, e.Fault())
	}
	return fmt.Sprintf("%v, %s", e.Source, e.Fault())
}

// Fault is the error without its source, for callers that show where that is.
func (e *Error) Fault() string {
	switch {
	case e.Detail == "":
		return e.Err.Error()
	case e.Term == "":
		return fmt.Sprintf("%v: %s", e.Err, e.Detail)
	}
	return fmt.Sprintf("%s: %v: %s", spf.Quote(e.Term), e.Err, e.Detail)
}

func (e *Error) Unwrap() error { return e.Err }

// syntaxError makes the error about a source that does not parse.
func syntaxError(source Source, err error) *Error {
	e := &Error{Source: source, Err: err}
	if syntax, ok := errors.AsType[*spf.SyntaxError](err); ok {
		e.Term = syntax.Term
	}
	return e
}

// Warning is about something that a merge left out or changed.
type Warning struct {
	Code   string // names the kind: "spf-ending"
	Source Source
	Term   string // the term or terms that it is about; empty where it is about the whole record
	Text   string // whole sentences: what was done, and what to do about it, without the place of the source
	Advice Advice
}

// moved returns the record of an input as it reads at the owner of the merged record.
func (i Input) moved(owner dnsname.Name) (spf.Record, error) {
	if !i.Owner.IsValid() || i.Owner == owner {
		return i.Record, nil
	}
	r, err := i.Record.At(i.Owner)
	if err != nil {
		return spf.Record{}, syntaxError(i.Source, err)
	}
	return r, nil
}
