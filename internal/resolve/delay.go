package resolve

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// A delay knows what keeps a piece of work from its end: questions of its own that wait for the limits of the client, and
// other work that it waits for, since callers share it. What is known when the work runs out of time stays.
type delay struct {
	begun time.Time

	mu     sync.Mutex
	held   int       // questions that wait until they may be sent
	from   time.Time // since when
	waited time.Duration
	on     map[*delay]bool
	// How long other work waited that was waited for: at one time, of which the longest counts, and before.
	phase, past time.Duration
}

type delayKey struct{}

// delayed returns a context whose work has a delay of its own.
func delayed(ctx context.Context) (context.Context, *delay) {
	d := &delay{begun: time.Now(), on: make(map[*delay]bool)}
	return context.WithValue(ctx, delayKey{}, d), d
}

// delayOf returns the delay of the work of a context; nil where it has none.
func delayOf(ctx context.Context) *delay {
	d, _ := ctx.Value(delayKey{}).(*delay)
	return d
}

// hold notes that a question waits until it may be sent, and release that it waits no longer.
func (d *delay) hold() {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held == 0 {
		d.from = time.Now()
	}
	d.held++
}

func (d *delay) release() {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held--; d.held == 0 {
		d.waited += time.Since(d.from)
	}
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
	waited := other.total()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.on, other)
	d.phase = max(d.phase, waited)
	if len(d.on) == 0 {
		d.past, d.phase = d.past+d.phase, 0
	}
}

// total returns how long the work waited for the limits of the client so far.
func (d *delay) total() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.waited + d.past + d.phase
}

// isHeld reports whether a question of this work, or of what it waits for, waits for the limits of the client, or did so
// for more than half of the time.
func (d *delay) isHeld() bool {
	if d == nil {
		return false
	}
	waited, held := d.sum(make(map[*delay]bool))
	return held || waited > time.Since(d.begun)/2
}

// sum returns how long the work and what it waits for waited for the limits of the client, and whether any of it does now.
func (d *delay) sum(seen map[*delay]bool) (waited time.Duration, held bool) {
	if seen[d] {
		return 0, false
	}
	seen[d] = true
	d.mu.Lock()
	waited, held = d.waited+d.past, d.held > 0
	longest := d.phase
	others := slices.Collect(maps.Keys(d.on))
	d.mu.Unlock()
	for _, other := range others {
		more, holds := other.sum(seen)
		longest, held = max(longest, more), held || holds
	}
	return waited + longest, held
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
