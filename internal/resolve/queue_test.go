package resolve

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// A queue keeps the order of arrival within each lane, and that of the lanes by their first, whatever comes and goes.
func TestQueueKeepsTheOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		var q queue
		var want []*share // in the order of arrival
		for range 300 {
			if r.IntN(3) > 0 || len(want) == 0 {
				w := &share{domain: dnsname.MustParse(fmt.Sprintf("d%d.com", r.IntN(4))), late: r.IntN(4) == 0, chosen: r.IntN(4) == 0}
				q.add(w)
				want = append(want, w)
			} else {
				i := r.IntN(len(want))
				if !q.remove(want[i]) || q.remove(want[i]) {
					t.Fatalf("seed %d: a share is to be removed once", seed)
				}
				want = slices.Delete(want, i, i+1)
			}
			var firsts []*share
			places := make(map[lanePlace]int)
			for _, w := range want {
				if places[w.lane()]++; places[w.lane()] == 1 {
					firsts = append(firsts, w)
				}
			}
			if len(q.lanes) != len(firsts) {
				t.Fatalf("seed %d: %d lanes, want %d", seed, len(q.lanes), len(firsts))
			}
			for i, l := range q.lanes {
				if l.waiting[0] != firsts[i] || len(l.waiting) != places[l.lanePlace] || !slices.IsSortedFunc(l.waiting, func(a, b *share) int { return int(a.turn) - int(b.turn) }) {
					t.Fatalf("seed %d: lane %d has %d shares out of order, want %d in the order of arrival", seed, i, len(l.waiting), places[l.lanePlace])
				}
			}
		}
	}
}

// Who gets the next place is chosen among the first of each domain, however many of them wait.
func TestQueueIsShortForOneDomain(t *testing.T) {
	t.Parallel()
	s := newShares(1, 0)
	s.max = 0 // Nobody gets a place.
	for i := range 10_000 {
		s.queue.add(&share{domain: dnsname.MustParse(fmt.Sprintf("d%d.com", i%3))})
	}
	if n := len(s.queue.lanes); n != 3 {
		t.Errorf("%d shares are looked at for the next place, want one of each of 3 domains", n)
	}
}
