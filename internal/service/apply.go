package service

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// Kinds is a set of kinds of records, by what they are for. The zero Kinds stands for all.
type Kinds uint8

// The kinds of records.
const (
	SPFKind   Kinds = 1 << iota // its terms are merged into an SPF record
	DKIMKind                    // it holds a DKIM key, or leads to one
	OtherKind                   // return paths, mailboxes, verification
)

// Has reports whether the set holds a kind.
func (k Kinds) Has(kind Kinds) bool { return k == 0 || k&kind != 0 }

func (k Kinds) String() string {
	switch k {
	case SPFKind:
		return "SPF"
	case DKIMKind:
		return "DKIM"
	case OtherKind:
		return "other"
	}
	var parts []string
	for _, kind := range []Kinds{SPFKind, DKIMKind, OtherKind} {
		if k.Has(kind) {
			parts = append(parts, kind.String())
		}
	}
	return strings.Join(parts, "+")
}

// Use says where and how a template is applied.
type Use struct {
	Domain    dnsname.Name
	Host      string            // a host below the domain that the service sends from; empty: the domain
	Groups    []string          // nil: those that the template applies by default. Records in no group always apply
	Variables map[string]string // names in any case; an empty value is none
	Unknown   problem.Unknown   // variables whose values are unknown, as keys in any case; the whole: all that have no value
	Allow     []string          // types or owners granted beyond mail records, "*" for all
	Kinds     Kinds             // only records of these kinds are looked at, and only their variables demanded
}

// Record is a DNS record that a service asks for.
type Record struct {
	ID    string // unique within the template, and the same whatever the variables hold
	Kind  Kinds
	Group string // of the template; empty where it is in none
	TXT   TXTConflict
	record.Record
	Unknown problem.Unknown // its parts that are left empty
}

// SPF is what a service adds to the SPF record of one owner.
type SPF struct {
	Owner        dnsname.Name
	Terms        spf.Record // without `all`, and non-pass terms left for the merge to refuse
	NeverFlatten bool       // the service asks that its terms stay as they are
	Groups       []string   // of the records that the terms come from
	// Unknown has OwnerPart where the owner is unknown, and ValuePart where terms are, which are left out.
	Unknown problem.Unknown
}

// Applied is what a service asks for.
type Applied struct {
	Records  []Record // in the template's order
	SPF      []SPF    // one per owner, in the template's order
	Groups   []string // those that were applied, in the template's order
	Warnings []string // whole sentences
	Notes    []string // for the person who applies, whole sentences
	OwnZone  bool     // the service looks after the name itself: there is nothing to add, and Notes says why
	Facts    Facts    // of the template
}

// Apply makes the records that a service asks for. It returns a *HostError, *GroupError, *VariableError,
// *RefusedError or *TemplateError; several of one type come joined.
func (t *Template) Apply(u Use) (Applied, error) {
	s, err := newScope(t, u)
	if err := errors.Join(err, t.checkGroups(u.Groups)); err != nil {
		return Applied{}, err
	}
	selected := t.selectEntries(u.Groups, u.Kinds)
	if s.inOwnZone() {
		return Applied{OwnZone: true, Notes: []string{s.zonesNote()}}, nil
	}
	if err := cmp.Or(s.checkRegion(), errors.Join(s.missing(selected), s.apart(selected))); err != nil {
		return Applied{}, errors.Join(once([]error{err})...)
	}
	a := Applied{Groups: t.asked(u.Groups), Notes: append(t.notesFor(selected), s.idleNotes()...), Facts: t.extra.facts}
	if err := s.addAll(&a, selected); err != nil {
		return Applied{}, err
	}
	return a, nil
}

// CheckNames returns what [Template.Apply] would of the names of groups and variables, wherever it is applied: a
// *GroupError or *VariableError, several of them joined.
func (t *Template) CheckNames(u Use) error {
	s := scope{Template: t}
	return errors.Join(s.setValues(u.Variables, u.Unknown), t.checkGroups(u.Groups))
}

// addAll adds what the entries ask for. It returns an error for each that is wrong.
func (s *scope) addAll(a *Applied, entries []*entry) error {
	var parts spfParts
	var errs []error
	a.Records = make([]Record, 0, len(entries))
	for _, e := range entries {
		if s.leavesOut(e) {
			a.Warnings = append(a.Warnings, s.skipped(e))
			continue
		}
		var err error
		switch e.fate {
		case unsupported:
			err = s.unsupported(e)
		case mergeSPF:
			err = s.addSPF(&parts, e)
		default:
			var r Record
			r, err = s.record(e)
			a.Records = append(a.Records, r)
		}
		if err != nil {
			errs = append(errs, err)
		}
		for _, remark := range e.remarks {
			a.Warnings = append(a.Warnings, fmt.Sprintf("The template of %s, %s.", s.Name(), remark))
		}
	}
	var err error
	if a.SPF, err = parts.join(s.Template); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(once(errs)...)
}

// once takes joined errors apart, and leaves out those that say what one before them does, or are about the value of the
// same variable: one that several records hold is wrong once.
func once(errs []error) []error {
	var left []error
	said := make(map[string]bool)
	var take func(errs []error)
	take = func(errs []error) {
		for _, err := range errs {
			if joined, ok := err.(interface{ Unwrap() []error }); ok {
				take(joined.Unwrap())
				continue
			}
			subject := err.Error()
			if variable, ok := errors.AsType[*VariableError](err); ok && variable.Problem == Invalid {
				subject = "variable " + variable.Name
			}
			if !said[subject] {
				said[subject] = true
				left = append(left, err)
			}
		}
	}
	take(errs)
	return left
}

// checkGroups returns an error for a group that the template does not have. Names are the same only if their case is.
func (t *Template) checkGroups(groups []string) error {
	var errs []error
	for _, group := range groups {
		if !slices.Contains(t.groups, group) {
			errs = append(errs, &GroupError{Service: t.Name(), Group: group, Near: display.Nearest(group, t.groups), Known: t.groups})
		}
	}
	return errors.Join(errs...)
}

// asked returns the groups that are applied where the user names these, in the template's order.
func (t *Template) asked(groups []string) []string {
	var asked []string
	for _, group := range t.groups {
		if slices.Contains(groups, group) || groups == nil && t.isDefault(group) {
			asked = append(asked, group)
		}
	}
	return asked
}

// selectEntries returns the records of some groups and kinds. What it selects depends on no variable.
func (t *Template) selectEntries(groups []string, kinds Kinds) []*entry {
	selected := make([]*entry, 0, len(t.entries))
	for i := range t.entries {
		e := &t.entries[i]
		asked := e.group == "" || slices.Contains(groups, e.group) || groups == nil && e.byDefault
		if asked && kinds.Has(e.kind) {
			selected = append(selected, e)
		}
	}
	return selected
}

// notesFor returns the notes on the groups that some records are in, and those on all.
func (t *Template) notesFor(entries []*entry) []string {
	var notes []string
	for _, n := range t.extra.notes {
		concerned := func(e *entry) bool { return slices.Contains(n.Groups, e.group) }
		if len(n.Groups) == 0 || slices.ContainsFunc(entries, concerned) {
			notes = append(notes, n.Text)
		}
	}
	if unsure := t.unsure(entries); len(unsure) > 0 {
		notes = append(notes, fmt.Sprintf("No published source confirms the records of %s at %s: compare them with those that the service itself shows.",
			t.Name(), strings.Join(unsure, ", ")))
	}
	return notes
}

// unsure returns the owners of the records that nothing published confirms, each once.
func (t *Template) unsure(entries []*entry) []string {
	var owners []string
	for _, e := range entries {
		if cmp.Or(e.source.Evidence, t.extra.evidence) != "?" {
			continue
		}
		if owner := record.Display(e.owner()); !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	return owners
}

// zonesNote says why nothing is to be added in the service's own zones.
func (s *scope) zonesNote() string {
	if s.extra.zonesNote != "" {
		return s.extra.zonesNote
	}
	return fmt.Sprintf("%s operates %s itself: it needs no records.", s.Name(), s.fqdn)
}

// skipped says why a record is left out.
func (s *scope) skipped(e *entry) string {
	if e.fate == skipDMARC {
		text := fmt.Sprintf("%s asks for a record at %s, which is left out: only the owner of a domain sets its DMARC policy.",
			s.Name(), record.Display(e.owner()))
		if len(e.value) > 0 {
			text += fmt.Sprintf(" Its text was: %s", record.Display(e.value.String()))
		}
		return text
	}
	return fmt.Sprintf("%s asks for %s at %s, which is left out: it is a feature of web hosting, not a DNS record.",
		s.Name(), record.Display(e.typ), record.Display(e.owner()))
}
