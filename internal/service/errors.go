package service

import (
	"errors"
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// TemplateError says where a template is broken, and why.
type TemplateError struct {
	Record int    // index in "records"; -1 where the fault is not in one of them
	Field  string // empty where the fault is not in one of them
	Reason string
}

func (e *TemplateError) Error() string {
	place := "template"
	if e.Record >= 0 {
		place = fmt.Sprintf("template, records[%d]", e.Record)
	}
	if e.Field != "" {
		place += fmt.Sprintf(", %q", e.Field)
	}
	return place + ": " + e.Reason
}

// ErrUnknown is the class of errors about a service that is not built in.
var ErrUnknown = errors.New("unknown service")

// UnknownError says which service is not built in, and which are.
type UnknownError struct {
	ID    string
	Near  []string // what may have been meant, likeliest first
	Known []string
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("%v %s", ErrUnknown, show(e.ID))
	if len(e.Near) > 0 {
		text += ": did you mean " + quoted(e.Near, " or ") + "?"
	}
	return text + " (built in: " + strings.Join(e.Known, ", ") + ")"
}

func (e *UnknownError) Unwrap() error { return ErrUnknown }

// Problem is what is wrong with a variable.
type Problem int

// The problems with variables.
const (
	Missing Problem = iota + 1 // a record needs it, and it has no value
	Unknown                    // the template has no such variable
	Invalid                    // its value is not one that it may have
	Twice                      // it is given twice, in two spellings that differ by case
)

// VariableError is about a variable of a service.
type VariableError struct {
	Service     string // name of the service
	Name        string // as the template spells it; unknown ones as the user does
	Problem     Problem
	Reason      string   // of an invalid value; of a missing one that has a default elsewhere, why it has none here
	Description string   // what the variable is; empty where the template does not say
	Where       string   // where its value is found; as above
	Near        string   // the known variable that an unknown one is closest to; empty where none is close
	Known       []string // the template's variables
}

func (e *VariableError) Error() string {
	subject := fmt.Sprintf("variable %s of %s ", show(e.Name), e.Service)
	switch e.Problem {
	case Missing:
		if e.Reason != "" {
			subject += "must be set, since " + e.Reason
		} else {
			subject += "is missing"
		}
		return subject + e.explain() + "; set it in `variables`"
	case Unknown:
		return fmt.Sprintf("%s has no variable %s", e.Service, show(e.Name)) + e.instead()
	}
	return subject + e.rest()
}

// Fault is the error without the name of the variable, for callers that show where that stands.
func (e *VariableError) Fault() string {
	switch e.Problem {
	case Missing:
		return e.Error()
	case Unknown:
		return e.Service + " has no such variable" + e.instead()
	}
	return "the variable " + e.rest()
}

// rest is the sentence about a variable that has a value, behind its subject.
func (e *VariableError) rest() string {
	if e.Problem == Twice {
		return "is given twice, in spellings that differ only in case; remove one of them"
	}
	return "has an invalid value: " + e.Reason + e.explain()
}

// instead says which variables there are in place of an unknown one.
func (e *VariableError) instead() string {
	switch {
	case len(e.Known) == 0:
		return ": it has no variables; remove it"
	case e.Near != "":
		return fmt.Sprintf(": did you mean %q? It has: %s", e.Near, quoted(e.Known, ", "))
	}
	return "; it has: " + quoted(e.Known, ", ")
}

// explain says what the variable is and where it is found, as far as the template does.
func (e *VariableError) explain() string {
	text := ""
	if e.Description != "" {
		text = "; it is " + e.Description
	}
	if e.Where != "" {
		text += ", found " + e.Where
	}
	return text
}

// GroupError says which group a template does not have.
type GroupError struct {
	Service string
	Group   string
	Near    string // the known group that it is closest to; empty where none is close
	Known   []string
}

func (e *GroupError) Error() string {
	text := fmt.Sprintf("%s has no group %s", e.Service, show(e.Group))
	switch {
	case len(e.Known) == 0:
		return text + ": its records are in no groups; leave `groups` out"
	case e.Near != "":
		text += fmt.Sprintf(": did you mean %q?", e.Near)
	}
	return text + " (it has: " + quoted(e.Known, ", ") + ")"
}

// RefusedError says which record of a template is not published, and why.
type RefusedError struct {
	Service string
	ID      string // of the record
	Type    string
	Owner   string
	Group   string // of the record; empty where it is in none
	Why     string
	Allow   []string // what `allow` takes to grant it, any one of them; empty where nothing does
}

func (e *RefusedError) Error() string {
	text := fmt.Sprintf("the %s record at %s, which %s asks for, is refused: %s", record.Display(e.Type), record.Display(e.Owner), e.Service, e.Why)
	leave := "take it out of a copy of the template, where it is in no group"
	if e.Group != "" {
		leave = fmt.Sprintf("leave its group %s out of `groups`", show(e.Group))
	}
	if len(e.Allow) == 0 {
		return text + "; " + leave
	}
	return text + fmt.Sprintf("; if you want it, put %s into `allow`, and if not, %s", quoted(e.Allow, " or "), leave)
}

// HostError says why a service cannot be applied to a host.
type HostError struct {
	Service string
	Host    string // as it was given
	Reason  string
}

func (e *HostError) Error() string {
	if e.Host == "" {
		return e.Service + ": " + e.Reason
	}
	return fmt.Sprintf("%s, host %s: %s", e.Service, show(e.Host), e.Reason)
}

// quoted lists texts that may come from a template.
func quoted(items []string, separator string) string {
	q := make([]string, len(items))
	for i, item := range items {
		q[i] = show(item)
	}
	return strings.Join(q, separator)
}

// show quotes a text that may come from anywhere.
func show(s string) string { return record.DisplayQuoted(s) }
