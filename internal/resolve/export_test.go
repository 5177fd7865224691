package resolve

import (
	"context"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

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

// WaitingForTops returns how many callers wait for zones that searches start from.
func (c *Client) WaitingForTops() int {
	c.tops.mu.Lock()
	defer c.tops.mu.Unlock()
	n := 0
	for _, fl := range c.tops.m {
		n += fl.waiting
	}
	return n
}

// Spent is what a question cost.
type Spent struct{ Exchanges, Searches, Names, Octets int }

// Metered returns a context whose questions spend one budget, and a function that says what they spent.
func Metered(ctx context.Context, name dnsname.Name) (context.Context, func() Spent) {
	ctx, end := budgeted(ctx, name)
	b := budgetOf(ctx)
	return ctx, func() Spent {
		b.mu.Lock()
		defer b.mu.Unlock()
		_ = end(nil)
		return Spent{b.exchanges, len(b.searches), len(b.followed), b.octets}
	}
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

// MaxHosts is how many name servers a zone may have.
const MaxHosts = maxHosts

// Overspend takes exchanges from the budget of a context.
func Overspend(ctx context.Context, exchanges int) {
	b := budgetOf(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.exchanges += exchanges
}

// SpendExchange pays for a question about a name.
func SpendExchange(ctx context.Context, name dnsname.Name) { spendExchange(ctx, question{name: name}) }

// SpendName pays for a name of a name server.
func SpendName(ctx context.Context, name dnsname.Name) { spendName(ctx, name) }

// MaxBeside is how many goroutines a round has beside those of exchanges: two for each question that has its turn, the
// workers, and those who wait for the whole.
const MaxBeside = 2*maxTurns + maxWorkers + 64
