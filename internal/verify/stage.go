package verify

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// A stage is the wait for one kind of servers.
type stage struct {
	waiter   Waiter
	expected []Expectation
	options  Options
	via      answer.Via
	before   Report // what earlier stages found

	pause    time.Duration // before the next round, but for chance
	findings []Finding     // the last of each expectation
	unmet    []Finding     // the last of each that was not met, with an owner where there was one
	hits     []int         // rounds in a row in which each was met
	askedIn  []int         // the last round that asked about each
	past     []history     // of each
	silent   map[answer.Server]time.Time
	held     []time.Time // until when each is not worth asking about
	rounds   int
	ttl      uint32 // the largest TTL seen at the owners, in seconds
	shown    string // the verdicts last told to Progress
	last     bool   // the round before the deadline was made
}

func (w Waiter) stage(expected []Expectation, o Options, via answer.Via, before Report) *stage {
	s := &stage{
		waiter: w, expected: expected, options: o, via: via, before: before,
		pause:   cmp.Or(w.Pause, FirstPause),
		hits:    make([]int, len(expected)),
		askedIn: make([]int, len(expected)),
		silent:  make(map[answer.Server]time.Time),
		held:    make([]time.Time, len(expected)),
		unmet:   make([]Finding, len(expected)),
		past:    make([]history, len(expected)),
	}
	s.options.Consecutive = max(1, o.Consecutive)
	s.findings = make([]Finding, len(expected))
	for i, e := range expected {
		s.findings[i] = Finding{Expectation: e, Via: via, Required: o.Require, Err: errors.New("no server answered before the time was over")}
	}
	return s
}

// run returns nil once all expectations are met, and an error once the context is over.
func (s *stage) run(ctx context.Context) error {
	if len(s.expected) == 0 {
		return nil
	}
	for {
		if err := s.round(ctx, s.due()); err != nil {
			return err
		}
		if s.blocked() {
			return ErrBlocked
		}
		if len(s.pending()) == 0 {
			done, err := s.confirm(ctx)
			if done && err == nil {
				s.tellRound(ctx, 0)
			}
			if done || err != nil {
				return err
			}
		}
		if s.last && !s.confirming() {
			s.explain(ctx)
		}
		pause := s.nextPause(ctx)
		s.tellRound(ctx, pause)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// pending returns the expectations that were not met often enough in a row.
func (s *stage) pending() []int {
	var pending []int
	for i, n := range s.hits {
		if n < s.options.Consecutive {
			pending = append(pending, i)
		}
	}
	return pending
}

// due returns the pending expectations that are worth asking about now; before the deadline, all of them.
func (s *stage) due() []int {
	now := time.Now()
	return slices.DeleteFunc(s.pending(), func(i int) bool { return !s.last && now.Before(s.held[i]) })
}

// blocked reports whether not one authoritative server could be reached.
func (s *stage) blocked() bool {
	return !slices.ContainsFunc(s.findings, func(f Finding) bool {
		lookup, ok := errors.AsType[*answer.LookupError](f.Err)
		return !ok || lookup.Reason != answer.Blocked
	})
}

// explain looks for the causes of what is not met, within what is left of the time.
func (s *stage) explain(ctx context.Context) {
	met := len(s.before.Findings)
	report := Report{Findings: slices.Concat(s.before.Findings, s.findings)}
	s.findings = report.Explain(ctx, s.waiter.Resolver, s.waiter.Surveyor).Findings[met:]
}

// recall puts what was seen before in the place of what matched last, but not often enough in a row, where it had matched
// before that: an error is to name what stood in the way. It says of all that is not met which answers changed to and fro.
func (s *stage) recall() {
	for _, i := range s.pending() {
		past := s.past[i]
		if s.hits[i] > 0 {
			if past.turns < 2 {
				continue // It came to match in the end, and stayed so.
			}
			s.findings[i] = s.unmet[i]
		}
		s.findings[i] = past.explain(s.findings[i])
	}
}

// confirm asks about everything once more where something was last asked about in a round before the latest, so that
// all hold at one time.
func (s *stage) confirm(ctx context.Context) (bool, error) {
	if !slices.ContainsFunc(s.askedIn, func(round int) bool { return round < s.rounds }) {
		return true, nil
	}
	all := make([]int, len(s.expected))
	for i := range all {
		all[i] = i
	}
	if err := s.round(ctx, all); err != nil {
		return false, err
	}
	return len(s.pending()) == 0, nil
}

// round asks about some of the expectations, and counts.
func (s *stage) round(ctx context.Context, indices []int) error {
	asked := make([]Expectation, len(indices))
	for i, index := range indices {
		asked[i] = s.expected[index]
	}
	asking, cancel := context.WithTimeout(ctx, s.roundTime(ctx))
	defer cancel()
	findings := probe(asking, s.waiter.Resolver, asked, s.options, s.via, true)
	if ctx.Err() != nil {
		s.interrupted(indices, findings)
		return overtime(findings, ctx.Err())
	}
	s.rounds++
	s.noteSilence(findings)
	for i, index := range indices {
		f := s.passOver(findings[i])
		s.past[index].note(f)
		for _, seen := range f.Seen {
			s.ttl = max(s.ttl, seen.TTL)
		}
		if !f.Met() {
			s.hits[index], s.unmet[index] = 0, f
		} else if s.hits[index]++; s.hits[index] == 1 {
			s.pause = cmp.Or(s.waiter.Pause, FirstPause) // What has just come to match is confirmed soon.
		}
		s.findings[index], s.askedIn[index] = f, s.rounds
		s.held[index] = time.Now().Add(f.negativeTTL())
	}
	s.tell()
	return nil
}

// roundTime returns how long the questions of a round are waited for.
func (s *stage) roundTime(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return longestRound
	}
	return max(longestRound, time.Until(deadline)/4)
}

// interrupted takes over what was answered in a round that did not come to its end.
func (s *stage) interrupted(indices []int, findings []Finding) {
	for i, index := range indices {
		if f := findings[i]; !unanswered(f.Err) {
			s.past[index].note(f)
			if s.findings[index] = f; !f.Met() {
				s.hits[index], s.unmet[index] = 0, f
			}
		}
	}
}

// noteSilence remembers since when each server has answered nothing. One that fails or refuses has answered: it is up,
// and receivers may meet it.
func (s *stage) noteSilence(findings []Finding) {
	now := time.Now()
	for _, f := range findings {
		for _, seen := range f.Seen {
			if !seen.Outcome.Silent() {
				delete(s.silent, seen.Server)
			} else if _, known := s.silent[seen.Server]; !known {
				s.silent[seen.Server] = now
			}
		}
	}
}

// passOver names the servers whose silence has outlasted [Patience].
func (s *stage) passOver(f Finding) Finding {
	for _, seen := range f.Seen {
		since, silent := s.silent[seen.Server]
		if silent && seen.Outcome.Silent() && time.Since(since) >= Patience {
			f.PassedOver = append(f.PassedOver, seen.Server)
		}
	}
	return f
}

// backOff returns the pause before the next round, varied so that many waits do not ask in step, and lets it grow.
func (s *stage) backOff() time.Duration {
	//nolint:gosec // It spreads the load; nothing has to be hard to guess.
	varied := float64(s.pause) * (1 + pauseJitter*(2*rand.Float64()-1))
	s.pause = min(LongestStop, time.Duration(float64(s.pause)*pauseGrowth))
	return time.Duration(varied)
}

// nextPause returns how long to wait before the next round. Whatever the pause has grown to, one
// more round is made just before the deadline, and what still has to be confirmed then is asked within what is
// left.
func (s *stage) nextPause(ctx context.Context) time.Duration {
	pause := max(s.backOff(), s.holding())
	deadline, ok := ctx.Deadline()
	if !ok {
		return pause
	}
	left := time.Until(deadline)
	margin := lastMargin
	if s.options.Timeout > 0 {
		margin = min(margin, s.options.Timeout/10)
	}
	switch {
	case pause < left-margin:
		return pause
	case !s.last && left > margin:
		s.last = true
		return left - margin
	case s.confirming():
		return left / time.Duration(s.options.Consecutive+1)
	}
	return left + margin // The context ends first.
}

// holding returns how long none of the pending expectations is worth asking about.
func (s *stage) holding() time.Duration {
	var earliest time.Time
	for i, index := range s.pending() {
		if until := s.held[index]; i == 0 || until.Before(earliest) {
			earliest = until
		}
	}
	return time.Until(earliest)
}

// confirming reports whether everything that is pending was met in the last round about it.
func (s *stage) confirming() bool {
	return !slices.ContainsFunc(s.pending(), func(i int) bool { return s.hits[i] == 0 })
}

// tellRound tells of a round that came to its end, and of the pause after it. No round follows a pause that outlasts the
// context.
func (s *stage) tellRound(ctx context.Context, pause time.Duration) {
	if s.waiter.Rounds == nil {
		return
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
		pause = 0
	}
	s.waiter.Rounds(Report{Findings: slices.Concat(s.before.Findings, s.findings)}, pause)
}

// tell reports progress where a verdict has changed.
func (s *stage) tell() {
	if s.waiter.Progress == nil {
		return
	}
	report := Report{Findings: slices.Concat(s.before.Findings, s.findings)}
	if verdicts := report.verdicts(); verdicts != s.shown {
		s.shown = verdicts
		s.waiter.Progress(report)
	}
}
