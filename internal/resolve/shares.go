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
// than a part of the places, even while nobody else wants them. Who waits is an entry in the queue, and no goroutine.
type shares struct {
	max     int
	overdue time.Duration // how long a place may be held while others wait for one
	// patient lets a place be held for long while nobody but the same domain waits for one.
	patient bool

	mu      sync.Mutex
	holders []*share
	held    map[dnsname.Name]int // of the holders that a part bounds, by domain
	late    int                  // of the holders
	queue   queue
	used    map[dnsname.Name]time.Duration
	watch   *time.Timer // while anybody waits
}

// A share is a place, or the wait for one.
type share struct {
	domain dnsname.Name
	late   bool
	chosen bool   // what it is for was chosen by the user, and not by the domain: no part bounds it
	start  func() // called when the place is held
	since  time.Time
	turn   uint64             // the order of arrival
	yield  context.CancelFunc // ends what the place is held for; nil where that goes on to its end
	gaveUp bool
}

func newShares(places int, overdue time.Duration) *shares {
	return &shares{max: places, overdue: overdue, used: make(map[dnsname.Name]time.Duration), held: make(map[dnsname.Name]int)}
}

// when calls start once a place is held, which has to be released then. Where the context is over first, it calls
// instead otherwise. Neither may block.
func (s *shares) when(ctx context.Context, w *share, start, otherwise func()) {
	leave := func() {
		if s.withdraw(w) {
			otherwise()
		}
	}
	stop := context.AfterFunc(ctx, leave)
	w.start = func() {
		stop()
		start()
	}
	s.join(w)
	if ctx.Err() != nil {
		leave()
	}
}

// join queues for a place. What the share is for starts once it is held.
func (s *shares) join(w *share) {
	s.mu.Lock()
	s.queue.add(w)
	granted := s.grant()
	if len(s.queue.lanes) > 0 && s.watch == nil && s.max > 1 {
		s.watch = time.AfterFunc(s.overdue, s.hurry)
	}
	s.mu.Unlock()
	begin(granted)
}

// withdraw ends the wait for a place. It reports whether there was one.
func (s *shares) withdraw(w *share) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.remove(w)
}

// release gives a place back.
func (s *shares) release(w *share) {
	s.mu.Lock()
	if i := slices.Index(s.holders, w); i >= 0 {
		s.holders = slices.Delete(s.holders, i, i+1)
		s.hold(w, -1)
		if len(s.used) >= maxAccounts {
			clear(s.used)
		}
		s.used[w.domain] += time.Since(w.since)
	}
	granted := s.grant()
	s.mu.Unlock()
	begin(granted)
}

// begin starts what places were granted for.
func begin(granted []*share) {
	for _, w := range granted {
		w.start()
	}
}

// turn returns the context of what a place is held for. It ends when the place is given up.
func (s *shares) turn(ctx context.Context, w *share) (context.Context, context.CancelFunc) {
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

// grant hands out the places that are free, and returns who got them. s.mu is held.
func (s *shares) grant() []*share {
	var granted []*share
	for len(s.holders) < s.max {
		w := s.next()
		if w == nil {
			break
		}
		s.queue.remove(w)
		s.holders = append(s.holders, w)
		s.hold(w, 1)
		w.since = time.Now()
		granted = append(granted, w)
	}
	return granted
}

// hold counts a place that is held, or given back. s.mu is held.
func (s *shares) hold(w *share, n int) {
	if w.late {
		s.late += n
	}
	if w.chosen {
		return
	}
	if s.held[w.domain] += n; s.held[w.domain] == 0 {
		delete(s.held, w.domain)
	}
}

// next returns who of the queue gets the next place; nil where nobody may. s.mu is held.
func (s *shares) next() *share {
	most := max(1, s.max/part)
	var best *share
	for _, l := range s.queue.lanes {
		w := l.waiting[0]
		switch {
		case w.late && s.late >= most, !w.chosen && s.held[w.domain] >= most:
		case best == nil, best.late == w.late && s.used[w.domain] < s.used[best.domain], best.late && !w.late && s.late > 0:
			best = w
		}
	}
	return best
}

// hurry lets those give up their places who have held them for long, as long as anybody waits who has not.
func (s *shares) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := 0
	domains := make(map[dnsname.Name]bool)
	for _, l := range s.queue.lanes {
		if !l.late {
			waiting += len(l.waiting)
			domains[l.domain] = true
		}
	}
	for _, h := range s.holders {
		if waiting == 0 || h.late || h.yield == nil || h.gaveUp || time.Since(h.since) < s.overdue {
			continue
		}
		if s.patient && len(domains) == 1 && domains[h.domain] {
			continue
		}
		h.gaveUp = true
		h.yield()
		waiting--
	}
	s.watch = nil
	if len(s.queue.lanes) > 0 {
		s.watch = time.AfterFunc(s.overdue/4, s.hurry)
	}
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
