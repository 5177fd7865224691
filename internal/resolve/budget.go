package resolve

import (
	"context"
	"fmt"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// The budget of one question of a caller: what it may cost in all, through finding zones, following aliases, looking the
// addresses of name servers up, and asking them. Zones are written by strangers, and a few records in one can ask for any
// amount of work. TestBudgetLeavesRoom says how much the widest zones in order take.
const (
	// MaxExchanges bounds the exchanges of a question with servers. What is remembered costs nothing.
	MaxExchanges = 400
	// MaxSearches bounds the different questions on the way, however many servers each goes to.
	MaxSearches = 200
	// MaxFollowed bounds the names of name servers that are looked up.
	MaxFollowed = 40
	// maxDepth bounds the depth of searches for the address of one name server that lead to the search for another's: three
	// levels, counted from 0.
	maxDepth = 2
	// MaxOctets bounds the octets of answers that the client keeps for a question.
	MaxOctets = 2 << 20
	// MaxAddresses bounds the addresses of a name server.
	MaxAddresses = 20
	// maxHosts bounds the name servers of a zone. The root has 13; a list of hundreds would make this client flood
	// others with questions for their addresses.
	maxHosts = 20
)

// A budget holds the costs of a question so far. When one of its parts is used up, its context ends.
type budget struct {
	ctx    context.Context //nolint:containedctx // It is the budget's own end, and nobody's call.
	cancel context.CancelCauseFunc

	mu        sync.Mutex
	exchanges int
	octets    int
	searches  map[question]bool
	followed  map[dnsname.Name]bool
}

// exhausted says what a budget was used up by.
type exhausted struct {
	at   dnsname.Name // the zone to blame
	what string
}

func (e *exhausted) Error() string { return e.what }

func newBudget() *budget {
	b := &budget{searches: make(map[question]bool), followed: make(map[dnsname.Name]bool)}
	b.ctx, b.cancel = context.WithCancelCause(context.Background())
	return b
}

type budgetKey struct{}

// budgetOnHand is the key of a budget that the next question spends.
type budgetOnHand struct{}

type blameKey struct{}

// budgeted returns the context of a question with a budget of its own, unless it has one already. The function must be
// called in the end; it turns an error that the budget caused into one that says so.
func budgeted(ctx context.Context, name dnsname.Name) (context.Context, func(error) error) {
	if budgetOf(ctx) != nil {
		return ctx, func(err error) error { return err }
	}
	parent := ctx
	b, ok := ctx.Value(budgetOnHand{}).(*budget)
	if !ok {
		b = newBudget()
	}
	ctx, cancel := context.WithCancel(context.WithValue(context.WithValue(ctx, budgetKey{}, b), blameKey{}, name))
	stop := context.AfterFunc(b.ctx, cancel)
	return ctx, func(err error) error {
		stop()
		cancel()
		spent, ok := context.Cause(b.ctx).(*exhausted) //nolint:errorlint // It is set by spend alone.
		if err == nil || !ok || parent.Err() != nil {
			return err
		}
		return &answer.LookupError{
			Name: name, At: spent.at, Outcome: answer.Unreachable, Reason: answer.Excessive, Detail: spent.what,
		}
	}
}

func budgetOf(ctx context.Context) *budget {
	b, _ := ctx.Value(budgetKey{}).(*budget)
	return b
}

// isSpent reports whether the budget of a context is used up: then it ends in this moment.
func isSpent(ctx context.Context) bool {
	b := budgetOf(ctx)
	return b != nil && b.ctx.Err() != nil
}

// blaming returns a context whose work is done on behalf of a zone.
func blaming(ctx context.Context, apex dnsname.Name) context.Context {
	return context.WithValue(ctx, blameKey{}, apex)
}

// blamed returns the zone on whose behalf work is done; the name asked about where that is its own zone.
func blamed(ctx context.Context) dnsname.Name {
	name, _ := ctx.Value(blameKey{}).(dnsname.Name)
	return name
}

// spend takes from a budget, and ends it where the part that it takes is used up. It reports whether there was any left.
func spend(ctx context.Context, take func(*budget) (used, limit int, what string)) bool {
	b := budgetOf(ctx)
	if b == nil {
		return true
	}
	b.mu.Lock()
	used, limit, what := take(b)
	b.mu.Unlock()
	if used > limit {
		b.cancel(&exhausted{at: blamed(ctx), what: fmt.Sprintf("more than %d %s", limit, what)})
	}
	return used <= limit
}

// spendExchange pays for a question to a server, and reports whether it may be sent.
func spendExchange(ctx context.Context, q question) bool {
	paid := spend(ctx, func(b *budget) (int, int, string) {
		b.exchanges++
		return b.exchanges, MaxExchanges, "exchanges with servers"
	})
	q.fresh = false
	return spend(ctx, func(b *budget) (int, int, string) {
		if len(b.searches) <= MaxSearches {
			b.searches[q] = true
		}
		return len(b.searches), MaxSearches, "different questions on the way"
	}) && paid
}

// spendOctets pays for an answer.
func spendOctets(ctx context.Context, r response) {
	if r.msg == nil {
		return
	}
	spend(ctx, func(b *budget) (int, int, string) {
		b.octets += r.msg.Len()
		return b.octets, MaxOctets, "octets of answers"
	})
}

// spendName pays for looking a name server up.
func spendName(ctx context.Context, name dnsname.Name) {
	spend(ctx, func(b *budget) (int, int, string) {
		if len(b.followed) <= MaxFollowed {
			b.followed[name] = true
		}
		return len(b.followed), MaxFollowed, "names of name servers to look up"
	})
}
