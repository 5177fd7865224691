package resolve

import "time"

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

// Age lets the zones that the client knows have been found that much earlier.
func (c *Client) Age(d time.Duration) {
	c.zones.known.mu.Lock()
	defer c.zones.known.mu.Unlock()
	for apex, entry := range c.zones.known.m {
		older := *entry.value
		older.found = older.found.Add(-d)
		c.zones.known.m[apex] = cached[*zone]{value: &older, expires: entry.expires}
	}
}
