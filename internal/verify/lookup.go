package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Lookup holds the answers of live DNS to one question.
type Lookup struct {
	answer.Question
	Zone    dnsname.Name    // as in [answer.Set]
	Answers []answer.Answer // one for each server address, in the order of [Resolver]; none where there is nobody to ask
	Agree   bool            // all servers say what there is, and say the same
	Values  []string        // where they agree, as in [answer.Answer]; otherwise empty
	Causes  []Cause         // what looks wrong
}

// LookUp asks a question and looks for faults in the answers, although no record is expected. The surveyor
// may be nil. A lack of servers to ask is a cause, and no error. LookUp returns the context's error once
// that is over before there are answers, and those of the resolver about a question that makes no sense.
func LookUp(ctx context.Context, r Resolver, s Surveyor, q answer.Question) (Lookup, error) {
	answers, err := r.Ask(ctx, q)
	var lookup *answer.LookupError
	if err != nil && (ctx.Err() != nil || !errors.As(err, &lookup)) {
		return Lookup{}, err
	}
	l := Lookup{Question: q, Zone: answers.Zone, Answers: answers.List}
	f := Finding{Expectation: Expectation{Owner: q.Name, Type: q.Type}, Via: q.Via, Err: err, set: answers}
	if err == nil {
		for _, a := range answer.Answering(answers.List) {
			f.Seen = append(f.Seen, Judgement{Answer: a})
		}
		if values, err := answers.Agreed(); err == nil {
			l.Agree, l.Values = true, values
		}
	}
	if q.Via == answer.Authorities && !hopeless(err) {
		d := newDiagnosis()
		f.probes = d.probe(f)
		d.ask(ctx, r, s)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return Lookup{}, ctx.Err()
	}
	l.Causes = newEvidence(f).causes(false)
	return l, nil
}

// Text describes the answers, server by server, and their faults. It is as timeless as [Report.Text].
func (l Lookup) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s:", shown(l.Name), l.Type)
	if len(l.Answers) == 0 {
		b.WriteString(" no server was asked.")
	}
	for i, a := range l.Answers {
		if b.Len() > MaxRecordText/2 {
			fmt.Fprintf(&b, "\n  … and %d more servers", len(l.Answers)-i)
			break
		}
		text := a.Why()
		if a.Outcome == answer.Found {
			text = record.InlineAll(a.Values)
		}
		if len(a.Aliases) > 0 {
			text += ", by way of " + shownNames(a.Aliases)
		}
		fmt.Fprintf(&b, "\n  %s: %s", a.Server, Cut(withExtended(a, text), maxGroupText))
	}
	for _, c := range l.Causes {
		fmt.Fprintf(&b, "\n  cause: %s\n  to do: %s", Cut(c.Sentence, MaxRecordText/8), c.Remedy)
	}
	return Cut(b.String(), MaxRecordText)
}

// holds reports whether an answer has a record that makes sense at the owner: at the name of a DKIM key, only a key does.
func holds(e Expectation, a answer.Answer) bool {
	if e.Type != record.TXT || !dkim.IsOwner(e.Owner) {
		return a.Outcome == answer.Found
	}
	return slices.ContainsFunc(a.Values, func(v string) bool { _, err := dkim.Parse(v); return err == nil })
}

// agrees reports whether all servers give the same definite answer.
func (f Finding) agrees() bool {
	_, err := f.set.Agreed()
	return err == nil
}
