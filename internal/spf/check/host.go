package check

import (
	"context"
	"errors"
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// checkHost is check_host for the domain of the trace (RFC 7208 §4), and fills the trace in. The error is a *problem
// or the end of the context.
func (e *evaluation) checkHost(ctx context.Context, t *Trace) error {
	err := e.evaluateDomain(ctx, t)
	if p, ok := errors.AsType[*problem](err); ok {
		t.Result = p.result
	}
	return err
}

func (e *evaluation) evaluateDomain(ctx context.Context, t *Trace) error {
	if reason := qname.NotADomain(t.Domain); reason != "" {
		t.Result = None
		t.Problem = fmt.Sprintf("%q has no SPF record: %s", qname.Show(t.Domain), reason)
		if t.Domain == "" && !t.nested {
			t.Problem = "there is no domain to check: neither the sender nor HELO names one"
		}
		return nil
	}
	e.way = append(e.way, qname.Fold(t.Domain))
	defer func() { e.way = e.way[:len(e.way)-1] }()
	record, found, err := e.fetch(ctx, t)
	switch {
	case err != nil:
		t.Problem = err.Error()
		return err
	case !found:
		t.Result = None
		t.Problem = qname.Show(t.Domain) + " has no SPF record"
		return nil
	}
	return e.evaluate(ctx, t, record)
}

// fetch returns the one SPF record of the domain, and false where it has none (RFC 7208 §4.4, §4.5).
func (e *evaluation) fetch(ctx context.Context, t *Trace) (spf.Record, bool, error) {
	values, err := e.ask(ctx, qname.Fold(t.Domain), spf.TypeTXT)
	if err != nil {
		return spf.Record{}, false, err
	}
	if len(values) == 0 && t.nested {
		e.voids++ // without a look at the limit: this is a permerror anyway, and better said to be a missing record
	}
	count := 0
	for _, value := range values {
		if spf.IsRecord(value) {
			t.Record = value
			count++
		}
	}
	switch {
	case count == 0:
		return spf.Record{}, false, nil
	case count > 1:
		t.Record = ""
		return spf.Record{}, false, permErrorf("%s has %d SPF records, where a domain has one (RFC 7208 §4.5)", qname.Show(t.Domain), count)
	}
	record, err := spf.ParseWire(t.Record)
	if err != nil {
		return spf.Record{}, false, permErrorf("the SPF record of %s is invalid: %v", qname.Show(t.Domain), err)
	}
	return record, true, nil
}

// evaluate finds the first directive that matches (RFC 7208 §4.6.2), or follows redirect= where none does (§6.1).
func (e *evaluation) evaluate(ctx context.Context, t *Trace, record spf.Record) error {
	t.exp, _ = record.Modifier(spf.Exp)
	t.expect(record)
	for i := range record.Directives {
		term := &record.Directives[i]
		var step *Step
		var err error
		switch term.Mechanism {
		case spf.MechIP4, spf.MechIP6:
			step = t.network(term, term.Prefix.Contains(e.client))
		case spf.MechAll:
			step = t.step(Step{Term: term, Matched: true}) // §5.1
		default:
			step = t.step(Step{Term: term})
			err = e.lookUp(ctx, t.Domain, step)
		}
		if err != nil {
			step.fail(err)
			return err
		}
		if step.Matched {
			t.Result = Result(term.Qualifier.Word())
			return nil
		}
	}
	target, ok := record.Modifier(spf.Redirect)
	if !ok {
		t.Result = Neutral // §4.7
		return nil
	}
	step := t.step(Step{Redirect: target})
	if err := e.redirect(ctx, t, step); err != nil {
		step.fail(err)
		return err
	}
	return nil
}

// redirect evaluates the record that redirect= names in place of this one (RFC 7208 §6.1).
func (e *evaluation) redirect(ctx context.Context, t *Trace, step *Step) error {
	if err := e.countTerm(t.Domain, step); err != nil {
		return err
	}
	if err := e.recurse(ctx, t.Domain, step); err != nil {
		return err
	}
	if step.Inner == nil || step.Inner.Result == None {
		return noRecord(step, "6.1")
	}
	t.Result = step.Inner.Result
	return nil
}

// include evaluates the record of another domain (RFC 7208 §5.2): a pass matches, what the domain says otherwise does
// not, and without a record there is no answer.
func (e *evaluation) include(ctx context.Context, domain string, step *Step) error {
	if err := e.recurse(ctx, domain, step); err != nil || step.Inner == nil {
		return err
	}
	if step.Inner.Result == None {
		return noRecord(step, "5.2")
	}
	step.Matched = step.Inner.Result == Pass
	return nil
}

// recurse is check_host for the domain that the term names. There is no inner trace where it names none.
func (e *evaluation) recurse(ctx context.Context, domain string, step *Step) error {
	target, ok, err := e.expandName(ctx, step.domainSpec(), domain)
	if err != nil {
		return err
	}
	if !ok {
		step.Note = noteNotASCII
		return nil
	}
	step.Target = target
	step.Inner = &Trace{Domain: target, nested: true}
	return e.checkHost(ctx, step.Inner)
}

// noRecord is the problem of an include or a redirect that leads to no record.
func noRecord(step *Step, section string) error {
	reason := step.Note
	if step.Inner != nil {
		reason = step.Inner.Problem
	}
	return permErrorf("%s leads nowhere: %s (RFC 7208 §%s)", qname.Show(step.text()), reason, section)
}
