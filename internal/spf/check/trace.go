package check

import (
	"errors"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// Trace is what a check did with the record of one domain.
type Trace struct {
	Domain  string
	Record  string // as published; empty where there is not exactly one
	Result  Result
	Problem string // why the record could not be evaluated; safe to be shown
	Steps   []Step // the terms in their order, up to the one that decided

	exp    string // the domain-spec of exp=
	nested bool   // the record of an include or a redirect
}

// Step is one term of a record, or a run of networks that do not hold the client.
type Step struct {
	Term     *spf.Directive // nil for redirect=
	Redirect string         // the domain-spec of redirect=, which comes last
	Target   string         // the name that was asked for; empty where none was
	Note     string         // why it does not match
	Problem  string         // why the check ended here in temperror or permerror; safe to be shown
	Inner    *Trace         // of include and redirect=
	More     int            // how many networks behind Term the step stands for, too
	Matched  bool
}

// expect makes room for the steps of a record: one for each term, but for runs of networks, and one for redirect=. More
// than these are not taken: each asks DNS, or stands between two that do.
func (t *Trace) expect(record spf.Record) {
	steps := len(record.Modifiers)
	for i := range record.Directives {
		if i == 0 || !record.Directives[i].Prefix.IsValid() || !record.Directives[i-1].Prefix.IsValid() {
			steps++
		}
	}
	t.Steps = make([]Step, 0, min(steps, 2*spf.MaxLookups+2))
}

// step adds a step and returns it. It stays where it is until the next one is added.
func (t *Trace) step(s Step) *Step {
	t.Steps = append(t.Steps, s)
	return &t.Steps[len(t.Steps)-1]
}

// network adds a step for ip4 or ip6, or counts it with the ones before it where none of them matches: of a thousand
// networks, a reader wants to see the one that holds the client.
func (t *Trace) network(term *spf.Directive, matched bool) *Step {
	if last := len(t.Steps) - 1; !matched && last >= 0 && t.Steps[last].Term.Prefix.IsValid() {
		t.Steps[last].More++
		return &t.Steps[last]
	}
	return t.step(Step{Term: term, Matched: matched})
}

// fail notes what ended the check.
func (s *Step) fail(err error) {
	if p, ok := errors.AsType[*problem](err); ok {
		s.Problem = p.text
	}
}

// text returns the term as a record has it.
func (s *Step) text() string {
	if s.Term == nil {
		return spf.Redirect + "=" + s.Redirect
	}
	return s.Term.String()
}

// domainSpec returns the domain-spec of the term, and "" where it has none.
func (s *Step) domainSpec() string {
	if s.Term == nil {
		return s.Redirect
	}
	return s.Term.Domain
}

// deciding returns the trace of the record that decided, behind all redirects (RFC 7208 §6.1).
func (t *Trace) deciding() *Trace {
	for len(t.Steps) > 0 {
		last := &t.Steps[len(t.Steps)-1]
		if last.Term != nil || last.Inner == nil {
			break
		}
		t = last.Inner
	}
	return t
}

// matched returns the terms that decided, as [Outcome.Matched] has them.
func (t *Trace) matched() string {
	var terms []string
	for t != nil {
		t = t.deciding()
		if len(t.Steps) == 0 || !t.Steps[len(t.Steps)-1].Matched {
			break
		}
		last := &t.Steps[len(t.Steps)-1]
		terms = append(terms, qname.Show(t.Domain)+": "+qname.Show(last.text()))
		t = last.Inner
	}
	return strings.Join(terms, " → ")
}
