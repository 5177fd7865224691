package resolve

import (
	"context"
	"sync"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// maxTurns bounds the questions of batches that are worked on at once. Others wait for their turn, in fair shares of their
// domains: see [shares].
const maxTurns = 128

// A batch is many questions, some of which wait for their turn.
type batch struct {
	c    *Client
	ctx  context.Context //nolint:containedctx // It lives no longer than the call that makes it.
	take func(i int, set answer.Set, err error)
	open sync.WaitGroup

	begun time.Time

	mu    sync.Mutex
	queue []*inTurn // those that wait, or have waited
}

// AskEach implements verify.Batcher. A question that goes on for long while others wait is put again behind them, with
// what is left of its budget.
func (c *Client) AskEach(ctx context.Context, questions []answer.Question, take func(i int, set answer.Set, err error)) {
	b := &batch{c: c, ctx: ctx, take: take, begun: time.Now()}
	b.open.Add(len(questions))
	defer context.AfterFunc(ctx, b.leave)()
	for i, q := range questions {
		b.join(&inTurn{i: i, q: q, share: share{domain: registered(q.Name), chosen: q.Via == answer.Resolvers}})
	}
	b.open.Wait()
}

// inTurn is a question that waits for its turn, or has it.
type inTurn struct {
	share

	i      int
	q      answer.Question
	began  time.Time // when its first turn came; zero before
	budget *budget   // what it has spent from in a turn before; nil in the first
}

// join has a question asked when its turn comes.
func (b *batch) join(w *inTurn) {
	w.start = func() { go b.ask(w) }
	b.mu.Lock()
	b.queue = append(b.queue, w)
	b.mu.Unlock()
	b.c.turns.join(&w.share)
	if b.ctx.Err() != nil {
		b.leave()
	}
}

// leave ends the questions that wait, as the context is over.
func (b *batch) leave() {
	b.mu.Lock()
	queue := b.queue
	b.queue = nil
	b.mu.Unlock()
	for _, w := range queue {
		if b.c.turns.withdraw(&w.share) {
			d := &delay{begun: b.begun, held: 1}
			b.end(w, answer.Set{}, d.explain(b.ctx.Err()))
		}
	}
}

func (b *batch) end(w *inTurn, set answer.Set, err error) {
	b.take(w.i, set, err)
	b.open.Done()
}

// ask asks a question in its turn.
func (b *batch) ask(w *inTurn) {
	if w.began.IsZero() {
		w.began = time.Now()
	}
	ctx, d := delayed(b.ctx)
	d.begun, d.waited = b.begun, w.began.Sub(b.begun)
	ctx, cancel := b.c.turns.turn(ctx, &w.share)
	if w.q.Via == answer.Authorities {
		if w.budget == nil {
			w.budget = newBudget()
		}
		ctx = context.WithValue(ctx, budgetOnHand{}, w.budget)
	}
	set, err := b.c.Ask(ctx, w.q)
	over := ctx.Err() != nil
	cancel()
	b.c.turns.release(&w.share)
	if err == nil || !over || b.ctx.Err() != nil || !b.c.turns.gave(&w.share) {
		b.end(w, set, err)
		return
	}
	b.join(&inTurn{i: w.i, q: w.q, began: w.began, budget: w.budget, share: share{domain: w.domain, chosen: w.chosen, late: true}})
}
