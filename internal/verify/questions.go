package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// reply is the result of one question: answers or an error.
type reply struct {
	answers answer.Set
	err     error
}

// batch asks each question once, however many callers want its answer.
type batch struct {
	via     answer.Via
	fresh   bool
	replies map[answer.Question]*reply
	open    []answer.Question
}

// newBatch returns a batch without questions.
func newBatch(via answer.Via, fresh bool) *batch {
	return &batch{via: via, fresh: fresh, replies: make(map[answer.Question]*reply)}
}

// want adds a question, and returns the place of its reply, which [batch.ask] fills in.
func (b *batch) want(name dnsname.Name, t record.Type) *reply {
	q := answer.Question{Name: name, Type: t, Via: b.via, Fresh: b.fresh}
	if b.replies[q] == nil {
		b.replies[q] = &reply{}
		b.open = append(b.open, q)
	}
	return b.replies[q]
}

// ask asks all questions that were added since its last call at the same time; the resolver bounds how many are in flight.
// It asks nothing once the context is over.
func (b *batch) ask(ctx context.Context, r Resolver) {
	open := b.open
	b.open = nil
	take := func(i int, set answer.Set, err error) { *b.replies[open[i]] = reply{set, err} }
	if err := ctx.Err(); err != nil {
		for i := range open {
			take(i, answer.Set{}, err)
		}
		return
	}
	if many, ok := r.(Batcher); ok {
		many.AskEach(ctx, open, take)
		return
	}
	var group sync.WaitGroup
	for i, q := range open {
		group.Go(func() {
			set, err := r.Ask(ctx, q)
			take(i, set, err)
		})
	}
	group.Wait()
}

// probe asks once about each expectation and judges the answers. Its findings come in the order of the expectations.
// Questions without an answer when the context is over are left open, and the others are judged all the same.
func probe(ctx context.Context, r Resolver, expected []Expectation, o Options, via answer.Via, fresh bool) []Finding {
	b := newBatch(via, fresh)
	own, behind := make([]*reply, len(expected)), make([]*reply, len(expected))
	for i, e := range expected {
		own[i] = b.want(e.Owner, e.Type)
		if o.Follow && e.Type == record.CNAME && dkim.IsOwner(e.Owner) {
			behind[i] = b.want(e.Owner, record.TXT)
		}
	}
	b.ask(ctx, r)
	findings := make([]Finding, len(expected))
	for i, e := range expected {
		findings[i] = find(e, o.Require, via, *own[i])
		findings[i].behind = behind[i]
	}
	askOwnKeys(ctx, r, b, findings)
	for i := range findings {
		f := &findings[i]
		for _, key := range []*reply{f.own, f.target, f.behind} {
			if key != nil && unanswered(key.err) {
				*f = f.unanswered(key.err) // The key may be there.
				break
			}
		}
		f.judgeFlattened()
		f.judgeKey()
	}
	return findings
}

// find judges the answers about one expectation by themselves.
func find(e Expectation, required Require, via answer.Via, r reply) Finding {
	f := Finding{Expectation: e, Via: via, Required: required, Err: r.err, set: r.answers}
	if unanswered(r.err) {
		return f.unanswered(r.err)
	}
	k := kindOf(e)
	list := required.counting(r.answers.List)
	f.Seen = make([]Judgement, len(list))
	for i, a := range list {
		f.Seen[i] = judge(e, k, a)
	}
	if f.Err == nil && len(f.Seen) == 0 {
		f.Err = fmt.Errorf("no server was found for a question about %s", e.Owner)
	}
	return f
}

// counting returns the answers that count. "strict" wants every server at each of its addresses.
func (r Require) counting(list []answer.Answer) []answer.Answer {
	if r == requireStrict {
		return list
	}
	return answer.Answering(list)
}

// errUnanswered stands for answers that did not come in time, as servers are slow or lead from one to the next.
var errUnanswered = errors.New("the question was not answered within the time")

// errNoRound stands for the answers of a wait in which no round came to its end.
var errNoRound = errors.New("no server answered in time")

// unanswered reports whether an error says that the time was over.
func unanswered(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, errUnanswered) || errors.Is(err, errNoRound)
}

// unanswered returns the finding of a question that was not answered in time, as the error says.
func (f Finding) unanswered(err error) Finding {
	why := errUnanswered
	if errors.Is(err, answer.ErrHeldBack) {
		why = fmt.Errorf("%w, and %w", answer.ErrHeldBack, errUnanswered)
	}
	return Finding{Expectation: f.Expectation, Via: f.Via, Required: f.Required, Err: why}
}

// heldBack reports whether the client's own limits kept a record from being asked about in time.
func (f Finding) heldBack() bool { return errors.Is(f.Err, answer.ErrHeldBack) }

// overtime returns the error of a round that did not come to its end: [answer.ErrHeldBack] where the client's own limits
// are why.
func overtime(findings []Finding, otherwise error) error {
	if slices.ContainsFunc(findings, Finding.heldBack) {
		return fmt.Errorf("%w: %w", answer.ErrHeldBack, otherwise)
	}
	return otherwise
}
