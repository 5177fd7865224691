package resolve

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// A trial puts a question over TCP to an address that has never answered over UDP, while UDP is still waited for: some
// networks, and some servers, let no datagram pass. It is made for one question to an address at a time. Until one has
// ended in vain, nothing counts against the address because a place was given up: TCP was not tried yet.
type trial struct {
	c      *Client
	ctx    context.Context //nolint:containedctx // It lives no longer than the exchange that makes it.
	cancel context.CancelCauseFunc
	to     target
	q      question
	asked  time.Time
	wait   time.Duration
	timer  *time.Timer
	begun  atomic.Bool
	done   chan response // what came of it; closed without any where the question is not put
}

// errInVain is the cause for which a trial ends whose time is over.
var errInVain = errors.New("no answer over TCP in time")

// newTrial returns the trial of an exchange. It begins after an eighth of the timeout, half of the time for which a place is
// held while others wait, so that silent servers do not hold theirs for much longer. If the place of the exchange is given
// up, it begins then, as its context is that of the exchange. It is nil if there is one transport alone, or TCP is the first.
func (c *Client) newTrial(ctx context.Context, to target, q question, asked time.Time, patience time.Duration) *trial {
	if q.tcp || to.resolver.scheme != schemePlain {
		return nil
	}
	t := &trial{c: c, to: to, q: q, asked: asked, wait: within(ctx, patience, 2), done: make(chan response, 1)}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	t.timer = time.AfterFunc(max(patience/shortening/2, c.timeout/shortening/shortening), t.run)
	return t
}

// run puts the question, if it is the one to do so, and does nothing where the trial has begun.
func (t *trial) run() {
	if t.begun.Swap(true) {
		return
	}
	defer close(t.done)
	if !t.c.peers.tries(t.to) {
		return
	}
	got := t.c.attempt(t.ctx, t.c.tcp, t.to, t.c.newQuery(t.q, t.to), t.wait)
	cut := t.ctx.Err() != nil && !errors.Is(context.Cause(t.ctx), errInVain)
	if got.msg != nil {
		t.c.peers.curb(t.to, t.asked)
	}
	t.c.peers.tried(t.to, got.msg == nil && !cut)
	if !cut {
		t.done <- got
	}
}

// result returns what came of the question over TCP, and false where it was not put; then it is not put any more.
func (t *trial) result(ctx context.Context) (response, bool) {
	if !t.begun.Swap(true) {
		close(t.done)
	}
	select {
	case got, put := <-t.done:
		return got, put
	case <-ctx.Done():
		return response{}, true
	}
}

// hurry returns what comes of the question over TCP within the time, as its place was given up.
func (t *trial) hurry(wait time.Duration) response {
	go t.run()
	defer time.AfterFunc(wait, func() { t.cancel(errInVain) }).Stop()
	got := <-t.done
	if got.msg == nil && (t.ctx.Err() == nil || errors.Is(context.Cause(t.ctx), errInVain)) {
		t.c.peers.giveUp(t.to, t.asked)
	}
	return got
}

// end ends the trial.
func (t *trial) end() {
	if t != nil {
		t.timer.Stop()
		t.cancel(nil)
	}
}

// overTCP holds the results of trials of a target since it answered last.
type overTCP struct {
	trying, inVain bool
	givenUp        []time.Time // when questions were put whose places were given up during a trial
}

// tries reports whether a target is to be tried over TCP, and notes that it is.
func (p *peers) tries(t target) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	if peer.over.heard || peer.tcp.trying || peer.tcp.inVain {
		return false
	}
	peer.tcp.trying = true
	return true
}

// tried notes that a trial has ended.
func (p *peers) tried(t target, inVain bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	givenUp := peer.tcp.givenUp
	peer.tcp = overTCP{inVain: inVain}
	for _, asked := range givenUp {
		if inVain {
			p.fallSilent(t, asked)
		}
	}
}

// giveUp notes that the place was given up of a question that was put to the target at the time asked. It counts as one
// that was not answered, once TCP was tried in vain.
func (p *peers) giveUp(t target, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch peer, _ := p.of(t); {
	case peer.over.heard, peer.tcp.inVain:
		p.fallSilent(t, asked)
	case peer.tcp.trying:
		peer.tcp.givenUp = append(peer.tcp.givenUp, asked)
	}
}
