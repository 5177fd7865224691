package resolve

import "sync"

// maxHands is how many goroutines of a client do parts of the work of others. What is beyond them is done one after
// another: nobody waits for a hand.
const maxHands = 64

// lend calls do where there is a hand for it.
func (c *Client) lend(do func()) {
	select {
	case c.hands <- struct{}{}:
		defer func() { <-c.hands }()
		do()
	default:
	}
}

// all calls do(0) to do(n-1), the first on the caller's stack and as many as there are hands at the same time, and
// returns when the last one has returned.
func (c *Client) all(n int, do func(i int)) {
	var group sync.WaitGroup
	defer group.Wait()
	for i := n - 1; i > 0; i-- {
		select {
		case c.hands <- struct{}{}:
			group.Go(func() {
				defer func() { <-c.hands }()
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
