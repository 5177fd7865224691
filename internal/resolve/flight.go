package resolve

import (
	"context"
	"sync"
	"time"
)

// flights shares work between callers that want the same at the same time.
//
// The work runs detached from the callers' contexts: it goes on while any of them waits, and is
// cancelled when the last one has left. It keeps the deadline of the caller that started it, so that it
// can divide its time, and spends the budget of that one; a caller with more of either starts it anew.
//
// Work remembers its value before it ends. Whoever wants it finds either the flight or the value: there is no moment in
// between, in which the same would be done again.
type flights[K comparable, V any] struct {
	// known returns the value that is remembered for a key, and may not block; nil where the work looks for it first.
	known func(K) (V, bool)

	mu sync.Mutex
	m  map[K]*flight[V]
}

type flight[V any] struct {
	done    chan struct{}
	then    []func() // called once it is done, guarded by flights.mu
	cancel  context.CancelFunc
	delay   *delay
	waiting int // callers, guarded by flights.mu

	// Set before done is closed.
	value   V
	expired bool // its context was over before the work was
}

func newFlights[K comparable, V any](known func(K) (V, bool)) *flights[K, V] {
	return &flights[K, V]{known: known, m: make(map[K]*flight[V])}
}

// do returns the value that is remembered, or what work returns, called by this caller or by another one with the same
// key. It returns the context's error as soon as that is over.
func (f *flights[K, V]) do(ctx context.Context, key K, work func(context.Context) V) (V, error) {
	var zero V
	for {
		if err := ctx.Err(); err != nil {
			return zero, err
		}
		value, fl := f.join(ctx, key, func(ctx context.Context, land func(V)) { go func() { land(work(ctx)) }() }, nil)
		if fl == nil {
			return value, nil
		}
		delayOf(ctx).await(fl.delay)
		select {
		case <-ctx.Done():
			f.leave(key, fl)
			return zero, ctx.Err()
		case <-fl.done:
		}
		if fl.expired && isEnding(ctx) {
			<-ctx.Done()
			return zero, ctx.Err()
		}
		delayOf(ctx).forget(fl.delay)
		if !fl.expired {
			return fl.value, nil
		}
	}
}

// isEnding reports whether work that expired ran out of this caller's time or budget, and not of another's: then the
// context ends in this moment.
func isEnding(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Before(deadline) || isSpent(ctx)
}

// join returns the flight under way for key; without one, the value that is remembered and no flight; without that, a
// flight that it starts: launch may not block, and calls land once. Then is called once the flight is done, unless it is
// nil; it may not block either.
func (f *flights[K, V]) join(ctx context.Context, key K, launch func(ctx context.Context, land func(V)), then func()) (V, *flight[V]) {
	var none V
	f.mu.Lock()
	if fl, ok := f.m[key]; ok {
		defer f.mu.Unlock()
		fl.waiting++
		if then != nil {
			fl.then = append(fl.then, then)
		}
		return none, fl
	}
	// A flight that ended has remembered its value before it went.
	if f.known != nil {
		if value, ok := f.known(key); ok {
			f.mu.Unlock()
			return value, nil
		}
	}
	detached, delay := delayed(context.WithoutCancel(ctx))
	fl := &flight[V]{done: make(chan struct{}), delay: delay, waiting: 1}
	if then != nil {
		fl.then = append(fl.then, then)
	}
	if deadline, ok := ctx.Deadline(); ok {
		detached, fl.cancel = context.WithDeadline(detached, deadline)
	} else {
		detached, fl.cancel = context.WithCancel(detached)
	}
	stop := func() bool { return true }
	if b := budgetOf(ctx); b != nil {
		// Work that used up its budget says nothing to callers who have one of their own.
		stop = context.AfterFunc(b.ctx, fl.cancel)
	}
	f.m[key] = fl
	f.mu.Unlock()
	launch(detached, func(value V) {
		fl.value, fl.expired = value, detached.Err() != nil
		stop()
		f.mu.Lock()
		f.forget(key, fl)
		then := fl.then
		f.mu.Unlock()
		close(fl.done)
		fl.cancel()
		for _, call := range then {
			call()
		}
	})
	return none, fl
}

// leave takes a caller away. The last one ends the work, and nobody joins it any more.
func (f *flights[K, V]) leave(key K, fl *flight[V]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.waiting--
	if fl.waiting == 0 {
		fl.cancel()
		f.forget(key, fl)
	}
}

func (f *flights[K, V]) forget(key K, fl *flight[V]) {
	if f.m[key] == fl {
		delete(f.m, key)
	}
}
