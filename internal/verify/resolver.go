// Package verify compares expected records with live DNS, waits until they match, and explains why they do not. It knows DNS
// only through [Resolver], [Surveyor] and [Validator].
//
// The way from an answer to a printed cause: [judge] compares an answer with the expected record, [find] and [probe] gather the
// judgements of all servers in a [Finding], [Report.Explain] adds the replies to further questions, and [Finding.Causes] runs the
// ordered list of rules over that evidence. Each rule holds the condition, the sentence and the remedy of one cause.
package verify

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Resolver asks live DNS.
type Resolver interface {
	// Ask asks every server that q.Via names and returns one answer per server address, in the order
	// of server name and address. It returns an *answer.LookupError where there is no server to ask, and the
	// context's error once that is over.
	Ask(ctx context.Context, q answer.Question) (answer.Set, error)
}

// Batcher is a [Resolver] that has many questions wait without a goroutine for each of them.
type Batcher interface {
	// AskEach asks each question as Ask does, several at once, and calls take with the place of each and what Ask
	// would return. It calls take at once for all that are open when the context is over, and returns after the last.
	AskEach(ctx context.Context, questions []answer.Question, take func(i int, set answer.Set, err error))
}

// atOnce is how many zones are surveyed or validated at the same time.
const atOnce = 32

// each calls do(0) to do(n-1), as many of them at the same time as atOnce says, and returns when the last one has
// returned.
func each(n int, do func(i int)) {
	var group sync.WaitGroup
	var next atomic.Int64
	for range min(n, atOnce) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}

// Surveyor looks at the zone that holds a name.
type Surveyor interface {
	// Survey describes that zone. It never asks resolvers about the name itself, which may be missing. Its
	// errors are those of [Resolver].
	Survey(ctx context.Context, name dnsname.Name) (answer.Survey, error)
	// Compare compares that zone with what the zone above and the resolvers have in its place. It asks the servers of the
	// zone, and resolvers about the zone alone, never about the name itself.
	Compare(ctx context.Context, name dnsname.Name) (answer.Comparison, error)
}

// Validator asks validating resolvers for their verdict on a zone.
type Validator interface {
	// Validate asks each resolver about the zone that holds a name, where all servers say that the zone is there, and
	// never about the name itself. Its errors are those of [Resolver].
	Validate(ctx context.Context, name dnsname.Name) (answer.Validation, error)
}
