package resolve

import (
	"context"
	"time"
)

// A candidate is a server that may be asked a question.
type candidate struct {
	to     target
	q      question
	nobody bool // it has no address
}

// An inquiry puts questions to several servers at once. It waits for all of them by one goroutine.
type inquiry struct {
	c      *Client
	ctx    context.Context //nolint:containedctx // It lives no longer than the call that makes it.
	groups [][]candidate
	// read is told what came of a question, and reports whether that is enough for its group. It is told nil of nobody.
	read func(group, member int, got *response) bool

	ready chan position
	asked []asked // by group
	open  int     // groups that want an answer
}

// position locates a candidate: its group, and its index there.
type position struct{ group, member int }

// asked holds the progress of a group.
type asked struct {
	flights          []*flight[response] // by member; nil where none is waited for
	known            []response          // by member, what was remembered
	started, running int
	over             bool
}

// inquire asks one of each group, another one for each that is not enough, and twice as many whenever the time of
// hedging has passed: a server that is alive is found soon, without asking all of them. It returns once each group has
// enough, or has none left; at once when the context is over: what was read means nothing then.
func (c *Client) inquire(ctx context.Context, groups [][]candidate, read func(group, member int, got *response) bool) {
	in := &inquiry{c: c, ctx: ctx, groups: groups, read: read, asked: make([]asked, len(groups)), open: len(groups)}
	total, widest := 0, 0
	for i, g := range groups {
		in.asked[i] = asked{flights: make([]*flight[response], len(g)), known: make([]response, len(g))}
		total += len(g)
		widest = max(widest, len(g))
	}
	in.ready = make(chan position, total) // As many as are asked at once: nobody waits to say so.
	defer in.leave()
	var hedge <-chan time.Time
	if widest > 1 {
		ticker := time.NewTicker(hedging(ctx))
		defer ticker.Stop()
		hedge = ticker.C
	}
	for i := range groups {
		if ctx.Err() == nil {
			in.start(i, 1)
		}
	}
	for in.open > 0 && ctx.Err() == nil {
		select {
		case at := <-in.ready:
			in.take(at)
		case <-hedge:
			for i := range groups {
				if in.isOpen(i) {
					in.start(i, in.asked[i].started)
				}
			}
		case <-ctx.Done():
		}
	}
}

func (in *inquiry) isOpen(group int) bool { return !in.asked[group].over }

// start asks so many more of a group, and closes it where all of them have been heard.
func (in *inquiry) start(group, count int) {
	g := &in.asked[group]
	for ; count > 0 && g.started < len(in.groups[group]) && in.isOpen(group); count-- {
		at := position{group, g.started}
		g.started++
		if in.groups[group][at.member].nobody {
			if in.read(group, at.member, nil) {
				in.end(group)
			}
			count++
			continue
		}
		g.running++
		in.ask(at)
	}
	if g.running == 0 && in.isOpen(group) {
		in.end(group)
	}
}

// end closes a group: those that are still asked are not waited for.
func (in *inquiry) end(group int) {
	in.asked[group].over = true
	in.open--
	in.abandon(group)
}

// ask puts the question to one server, unless the answer is remembered or already on its way.
func (in *inquiry) ask(at position) {
	who, g := in.groups[at.group][at.member], &in.asked[at.group]
	known, fl := in.c.exchanges.join(in.ctx, exchangeKey{who.to, who.q}, func(ctx context.Context, land func(response)) {
		in.c.launch(ctx, who.to, who.q, land)
	}, func() { in.ready <- at })
	if g.flights[at.member] = fl; fl == nil {
		g.known[at.member] = known
		in.ready <- at
		return
	}
	delayOf(in.ctx).await(fl.delay)
}

// take reads what came of a question.
func (in *inquiry) take(at position) {
	g := &in.asked[at.group]
	fl := g.flights[at.member]
	switch {
	case !in.isOpen(at.group):
		return
	case fl == nil:
	case fl.expired && isEnding(in.ctx):
		<-in.ctx.Done()
		return
	case fl.expired: // It ran out of another caller's time or budget.
		delayOf(in.ctx).forget(fl.delay)
		in.ask(at)
		return
	default:
		g.known[at.member] = fl.value
		g.flights[at.member] = nil
		delayOf(in.ctx).forget(fl.delay)
	}
	g.running--
	if in.read(at.group, at.member, &g.known[at.member]) {
		in.end(at.group)
		return
	}
	in.start(at.group, 1)
}

// abandon leaves those who are asked to others who wait for them.
func (in *inquiry) abandon(group int) {
	for i, fl := range in.asked[group].flights {
		if fl != nil {
			in.c.exchanges.leave(exchangeKey{in.groups[group][i].to, in.groups[group][i].q}, fl)
			in.asked[group].flights[i] = nil
			if in.ctx.Err() == nil {
				delayOf(in.ctx).forget(fl.delay)
			}
		}
	}
}

func (in *inquiry) leave() {
	for i := range in.groups {
		in.abandon(i)
	}
}
