package resolve

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A purse pays what the limiter of an address wants for each question.
type purse struct {
	mu     sync.Mutex
	spared int     // what questions paid that never left this machine, a second's worth at most
	buyer  *buying // waits for the limiter; nil where none does
}

// buying is the wait of one question for the limiter.
type buying struct {
	reservation *rate.Reservation
	timer       *time.Timer
	stop        func() bool
	done        func()
}

// pay calls done once the limiter allows one question, once another question did not need what it paid, or when the
// context is over. Whose turn it is alone may call it. It does not block.
func (p *purse) pay(ctx context.Context, limiter *rate.Limiter, done func()) {
	reservation := limiter.Reserve()
	delay := reservation.Delay()
	p.mu.Lock()
	switch {
	case delay == 0:
	case p.spared > 0:
		p.spared--
		reservation.Cancel()
	default:
		b := &buying{reservation: reservation, done: done}
		p.buyer = b
		b.timer = time.AfterFunc(delay, func() { p.settle(b, true) })
		b.stop = context.AfterFunc(ctx, func() { p.settle(b, false) })
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	done()
}

// settle ends the wait of a question, unless it has ended. What is not paid is given back.
func (p *purse) settle(b *buying, paid bool) {
	p.mu.Lock()
	if p.buyer != b {
		p.mu.Unlock()
		return
	}
	p.buyer = nil
	p.mu.Unlock()
	b.timer.Stop()
	b.stop()
	if !paid {
		b.reservation.Cancel()
	}
	b.done()
}

// spare gives back what a question paid, up to the limit that is kept for those to come.
func (p *purse) spare(limit int) {
	p.mu.Lock()
	b := p.buyer
	if b == nil && p.spared < limit {
		p.spared++
	}
	p.mu.Unlock()
	if b != nil {
		p.settle(b, false)
	}
}
