package resolve

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

const (
	// part is by what the places are divided for one domain, and for the late.
	part = 4
	// maxAccounts bounds of how many domains is remembered what they took. Past it, all is forgotten.
	maxAccounts = 4096
)

// shares hands out a number of places, in fair shares: of those who wait, the domain that held places for the shortest
// time so far comes first. Who holds a place for long while others wait gives it up and queues again among the late, who
// have a part of the places at most: servers that do not answer cannot keep out those that do. Nor has one domain more
// than a part of the places, even while nobody else wants them.
type shares struct {
	max     int
	overdue time.Duration // how long a place may be held while others wait for one

	mu      sync.Mutex
	holders []*share
	queue   []*share // in the order of arrival
	used    map[dnsname.Name]time.Duration
	watch   *time.Timer // while anybody waits
}

// A share is a place, or the wait for one.
type share struct {
	domain dnsname.Name
	late   bool
	chosen bool          // what it is for was chosen by the user, and not by the domain: no part bounds it
	ready  chan struct{} // closed when the place is held
	since  time.Time
	yield  context.CancelFunc // ends what the place is held for; nil where that goes on to its end
	gaveUp bool
}

func newShares(places int, overdue time.Duration) *shares {
	return &shares{max: places, overdue: overdue, used: make(map[dnsname.Name]time.Duration)}
}

// join queues for a place, which is held once the channel ready of the share is closed.
func (s *shares) join(domain dnsname.Name, late, chosen bool) *share {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &share{domain: domain, late: late, chosen: chosen, ready: make(chan struct{})}
	s.queue = append(s.queue, w)
	s.grant()
	if len(s.queue) > 0 && s.watch == nil && s.max > 1 {
		s.watch = time.AfterFunc(s.overdue, s.hurry)
	}
	return w
}

// acquire returns a place. It returns the context's error when that is over first.
func (s *shares) acquire(ctx context.Context, domain dnsname.Name, late, chosen bool) (*share, error) {
	w := s.join(domain, late, chosen)
	select {
	case <-w.ready:
		return w, nil
	case <-ctx.Done():
		s.release(w)
		return nil, ctx.Err()
	}
}

// release gives a place back, or ends the wait for it.
func (s *shares) release(w *share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.holders, w); i >= 0 {
		s.holders = slices.Delete(s.holders, i, i+1)
		if len(s.used) >= maxAccounts {
			clear(s.used)
		}
		s.used[w.domain] += time.Since(w.since)
	} else if i := slices.Index(s.queue, w); i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
	}
	s.grant()
}

// begin returns the context of what a place is held for. It ends when the place is given up.
func (s *shares) begin(ctx context.Context, w *share) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	w.yield = cancel
	return ctx, cancel
}

// gave reports whether a place was given up.
func (s *shares) gave(w *share) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return w.gaveUp
}

// grant hands out the places that are free. s.mu is held.
func (s *shares) grant() {
	for len(s.holders) < s.max {
		i := s.next()
		if i < 0 {
			return
		}
		w := s.queue[i]
		s.queue = slices.Delete(s.queue, i, i+1)
		s.holders = append(s.holders, w)
		w.since = time.Now()
		close(w.ready)
	}
}

// next returns who of the queue gets the next place; -1 where nobody may. s.mu is held.
func (s *shares) next() int {
	late, most := 0, max(1, s.max/part)
	held := make(map[dnsname.Name]int, len(s.holders))
	for _, h := range s.holders {
		if !h.chosen {
			held[h.domain]++
		}
		if h.late {
			late++
		}
	}
	best := -1
	for i, w := range s.queue {
		switch {
		case w.late && late >= most, !w.chosen && held[w.domain] >= most:
		case best < 0, s.queue[best].late == w.late && s.used[w.domain] < s.used[s.queue[best].domain], s.queue[best].late && !w.late && late > 0:
			best = i
		}
	}
	return best
}

// hurry lets those give up their places who have held them for long, as long as anybody waits who has not.
func (s *shares) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := 0
	for _, w := range s.queue {
		if !w.late {
			waiting++
		}
	}
	for _, h := range s.holders {
		if waiting > 0 && !h.late && h.yield != nil && !h.gaveUp && time.Since(h.since) >= s.overdue {
			h.gaveUp = true
			h.yield()
			waiting--
		}
	}
	s.watch = nil
	if len(s.queue) > 0 {
		s.watch = time.AfterFunc(s.overdue/4, s.hurry)
	}
}

// waiting returns how many wait for a place.
func (s *shares) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

type domainKey struct{}

// sharing returns a context whose work counts as that of the domain of a name, unless it counts as that of one already.
func sharing(ctx context.Context, name dnsname.Name) context.Context {
	if sharerOf(ctx).IsValid() {
		return ctx
	}
	return context.WithValue(ctx, domainKey{}, registered(name))
}

// sharerOf returns the domain that the work of a context counts as that of.
func sharerOf(ctx context.Context) dnsname.Name {
	domain, _ := ctx.Value(domainKey{}).(dnsname.Name)
	return domain
}
