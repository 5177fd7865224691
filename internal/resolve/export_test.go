package resolve

// Waiting returns how many callers wait for exchanges that are under way.
func (c *Client) Waiting() int {
	c.exchanges.mu.Lock()
	defer c.exchanges.mu.Unlock()
	n := 0
	for _, fl := range c.exchanges.m {
		n += fl.waiting
	}
	return n
}
