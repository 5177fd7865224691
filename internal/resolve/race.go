package resolve

import (
	"context"
	"sync"
	"time"
)

// all calls do(0) to do(n-1) at the same time, the first on the caller's stack, and returns when the last one has
// returned.
func all(n int, do func(i int)) {
	if n == 0 {
		return
	}
	var group sync.WaitGroup
	for i := 1; i < n; i++ {
		group.Go(func() { do(i) })
	}
	do(0)
	group.Wait()
}

// race calls try(0) to try(n-1) until one of them succeeds, and returns that one, or -1.
//
// It starts with one, starts another for each that fails, and doubles their number whenever delay has
// passed: one server that is alive is found soon, without asking all of them. Calls that are still
// running when one succeeds are cancelled; all have returned when race does.
func race(ctx context.Context, n int, delay time.Duration, try func(ctx context.Context, i int) bool) int {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()

	type result struct {
		i  int
		ok bool
	}
	results := make(chan result, n)
	started, running := 0, 0
	start := func(count int) {
		for ; count > 0 && started < n && ctx.Err() == nil; count-- {
			i := started
			group.Go(func() { results <- result{i, try(ctx, i)} })
			started++
			running++
		}
	}
	ticker := time.NewTicker(delay)
	defer ticker.Stop()
	for start(1); running > 0; {
		select {
		case r := <-results:
			running--
			if r.ok {
				return r.i
			}
			start(1)
		case <-ticker.C:
			start(started)
		}
	}
	return -1
}
