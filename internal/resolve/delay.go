package resolve

import (
	"context"
	"errors"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// A delay knows what keeps a piece of work from its end: questions of its own that wait for the limits of the client, and
// other work that it waits for, since callers share it. What is known when the work runs out of time stays.
type delay struct {
	mu   sync.Mutex
	held int // questions that wait until they may be sent
	on   map[*delay]bool
}

type delayKey struct{}

// delayed returns a context whose work has a delay of its own.
func delayed(ctx context.Context) (context.Context, *delay) {
	d := &delay{on: make(map[*delay]bool)}
	return context.WithValue(ctx, delayKey{}, d), d
}

// delayOf returns the delay of the work of a context; nil where it has none.
func delayOf(ctx context.Context) *delay {
	d, _ := ctx.Value(delayKey{}).(*delay)
	return d
}

// hold notes that a question waits until it may be sent, and release that it waits no longer.
func (d *delay) hold() { d.count(1) }

func (d *delay) release() { d.count(-1) }

func (d *delay) count(n int) {
	if d == nil {
		return
	}
	d.mu.Lock()
	d.held += n
	d.mu.Unlock()
}

// await notes that the work waits for other work, and forget that it does not any more.
func (d *delay) await(other *delay) {
	if d == nil {
		return
	}
	d.mu.Lock()
	d.on[other] = true
	d.mu.Unlock()
}

func (d *delay) forget(other *delay) {
	if d == nil {
		return
	}
	d.mu.Lock()
	delete(d.on, other)
	d.mu.Unlock()
}

// isHeld reports whether a question waits for the limits of the client, of this work or of what it waits for.
func (d *delay) isHeld() bool {
	seen := map[*delay]bool{nil: true}
	open := []*delay{d}
	for len(open) > 0 {
		d, open = open[0], open[1:]
		if seen[d] {
			continue
		}
		seen[d] = true
		d.mu.Lock()
		held := d.held > 0
		for other := range d.on {
			open = append(open, other)
		}
		d.mu.Unlock()
		if held {
			return true
		}
	}
	return false
}

// explain says of work whose time is over that the client's own limits held its questions back, where they did.
func (d *delay) explain(err error) error {
	if errors.Is(err, context.DeadlineExceeded) && d.isHeld() {
		return &heldBack{err}
	}
	return err
}

// heldBack is the error of work that the limits of the client held back until its time was over.
type heldBack struct{ over error }

func (e *heldBack) Error() string { return answer.ErrHeldBack.Error() }

func (e *heldBack) Unwrap() []error { return []error{answer.ErrHeldBack, e.over} }
