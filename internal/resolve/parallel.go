package resolve

import "sync"

// maxWorkers bounds the goroutines of a client that do parts of the work of others. The parts beyond them are done one
// after another: nobody waits for a worker.
const maxWorkers = 64

// ifFree calls do if a worker is free, and holds it until do has returned.
func (c *Client) ifFree(do func()) {
	select {
	case c.workers <- struct{}{}:
		defer func() { <-c.workers }()
		do()
	default:
	}
}

// all calls do(0) to do(n-1), the first on the caller's stack and as many as there are workers at the same time, and
// returns when the last one has returned.
func (c *Client) all(n int, do func(i int)) {
	var group sync.WaitGroup
	defer group.Wait()
	for i := n - 1; i > 0; i-- {
		select {
		case c.workers <- struct{}{}:
			group.Go(func() {
				defer func() { <-c.workers }()
				do(i)
			})
		default:
			do(i)
		}
	}
	if n > 0 {
		do(0)
	}
}
