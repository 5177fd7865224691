package faultmatrix_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// taken is what a question had the client send: each datagram and connection counts, so that the budget sees no more.
type taken struct{ sent, questions, names int }

// tally counts what the client asked in a world.
func tally(w *world) taken {
	questions, names := make(map[string]bool), make(map[string]bool)
	all := w.h.Questions(dnstest.Direct)
	for _, q := range all {
		questions[q.Name+" "+q.Type] = true
		if q.Type == "A" || q.Type == "AAAA" {
			names[q.Name] = true
		}
	}
	return taken{len(all), len(questions), len(names)}
}

// No fault that an honest zone may have takes more than a fifth of the budget of a question, on a client that knows nothing:
// what is right is not taken for an attack.
func TestFaultsLeaveTheBudgetRoom(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	all := make(map[string]taken)
	t.Cleanup(func() { // It runs when the last fault is done.
		var b strings.Builder
		table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		var most taken
		for _, f := range faults() {
			if n, ok := all[f.name]; ok {
				fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", f.name, n.sent, n.questions, n.names)
				most = taken{max(most.sent, n.sent), max(most.questions, n.questions), max(most.names, n.names)}
			}
		}
		fmt.Fprintf(table, "at most\t%d\t%d\t%d\n", most.sent, most.questions, most.names)
		table.Flush()
		if most.sent == 0 || most.names == 0 {
			t.Error("nothing was asked")
		}
		t.Logf("exchanges, different questions and names of servers, by fault:\n%s", b.String())
	})
	for _, f := range faults() {
		if f.virtual != nil {
			continue // It has no servers.
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, f)
			w.fill(f, right)
			w.h.ResetQuestions()
			e := f.subject.orSPF()
			_, err := w.client().Ask(t.Context(), answer.Question{Name: e.Owner, Type: e.Type, Via: answer.Authorities, Fresh: true})
			if lookup, ok := errors.AsType[*answer.LookupError](err); ok && lookup.Reason == answer.Excessive {
				t.Errorf("Ask = %v, want the budget to suffice", err)
			}
			n := tally(w)
			mu.Lock()
			all[f.name] = n
			mu.Unlock()
			if 5*n.sent > resolve.MaxExchanges || 5*n.questions > resolve.MaxSearches || 5*n.names > resolve.MaxFollowed {
				t.Errorf("%+v, want a fifth of %d exchanges, %d questions and %d names at most", n, resolve.MaxExchanges, resolve.MaxSearches, resolve.MaxFollowed)
			}
		})
	}
}
