package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// How a [Waiter] waits.
const (
	FirstPause  = time.Second      // between the first rounds, and after a round in which a record came to match
	LongestStop = 15 * time.Second // what the pause grows to
	pauseGrowth = 1.5
	pauseJitter = 0.2 // of the pause, either way, so that many waiters do not ask in step
	// Patience is how long a server may stay silent before "all" passes it over, while every other
	// server matches.
	Patience = 60 * time.Second
	// lastMargin is how long before the deadline the last round starts; a tenth of the time where
	// that is less.
	lastMargin = 3 * time.Second
)

// ErrCancelled is the error of a wait that was told to stop.
var ErrCancelled = errors.New("cancelled while waiting for DNS")

// ErrBlocked is the error of a wait that cannot come to an end: questions to authoritative servers do not leave
// the machine's network, and an apply does not change that.
var ErrBlocked = errors.New("no authoritative name server can be reached from here")

// errDeadline is the cause of a context that ran out of the waiter's own time.
var errDeadline = errors.New("the time to wait for DNS is over")

// TimeoutError says that the records did not match in time. The report it came with tells what was seen.
type TimeoutError struct {
	Waited time.Duration
	Rounds int
	// Settling is set where all matched, and only the time for caches to forget was missing.
	Settling time.Duration
}

func (e *TimeoutError) Error() string {
	if e.Settling > 0 {
		return fmt.Sprintf("all records match after %s, but caches may keep earlier answers for %s more, which is past the time to wait",
			e.Waited.Round(time.Second), e.Settling.Round(time.Second))
	}
	return fmt.Sprintf("the records did not match within %s (asked %d times)", e.Waited.Round(time.Second), e.Rounds)
}

// Waiter asks until live DNS serves what is expected. Its Resolver must be set.
type Waiter struct {
	Resolver Resolver
	// Surveyor, where set, lets causes be found that show in the zone and not in the answers.
	Surveyor Surveyor
	// Pause is the first pause between rounds; 0 for [FirstPause].
	Pause time.Duration
	// Progress, where set, is called after the first round and on every change of a verdict.
	Progress func(Report)
}

// Check makes one pass, and may use answers that the resolver remembers. It returns an error only when the
// context is over.
func (w Waiter) Check(ctx context.Context, expected []Expectation, o Options) (Report, error) {
	var report Report
	for _, via := range o.Query.stages() {
		findings, err := probe(ctx, w.Resolver, expected, o, via, false)
		if err != nil {
			return report, context.Cause(ctx)
		}
		report.Findings = append(report.Findings, findings...)
		if report.State() != Valid {
			break
		}
	}
	return report, nil
}

// Wait asks at once and then again with growing pauses, until every expectation was met in
// o.Consecutive rounds in a row and all of them together in the last. It returns *TimeoutError when
// o.Timeout or the context's deadline is over, ErrCancelled when the context was cancelled, and ErrBlocked after
// the first round that no authoritative server at all could be reached in; all with a report of what was seen last.
func (w Waiter) Wait(ctx context.Context, expected []Expectation, o Options) (Report, error) {
	started := time.Now()
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.Timeout, errDeadline)
		defer cancel()
	}
	var report Report
	rounds := 0
	for _, via := range o.Query.stages() {
		s := w.stage(expected, o, via, report)
		err := s.run(ctx)
		report.Findings = append(report.Findings, s.findings...)
		report.TTL = max(report.TTL, s.ttl)
		rounds += s.rounds
		switch {
		case errors.Is(err, ErrBlocked):
			return report, ErrBlocked
		case err != nil:
			return report, failure(ctx, started, rounds)
		}
	}
	if o.Settle {
		if err := settle(ctx, started, time.Duration(report.TTL)*time.Second); err != nil {
			return report, err
		}
		report.Settled = true
	}
	return report, nil
}

// failure tells a cancelled wait from one that ran out of time.
func failure(ctx context.Context, started time.Time, rounds int) error {
	if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) {
		return ErrCancelled
	}
	return &TimeoutError{Waited: time.Since(started), Rounds: rounds}
}

// settle waits until caches have forgotten what was served before. It says at once where there is not
// the time: a TTL does not heal.
func settle(ctx context.Context, started time.Time, ttl time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < ttl {
		return &TimeoutError{Waited: time.Since(started), Settling: ttl}
	}
	if err := sleep(ctx, ttl); err != nil {
		return failure(ctx, started, 0)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A stage is the wait for one kind of servers.
type stage struct {
	waiter   Waiter
	expected []Expectation
	options  Options
	via      Via
	before   Report // what earlier stages found

	pause    *backoff.ExponentialBackOff
	findings []Finding // the last of each expectation
	hits     []int     // rounds in a row in which each was met
	askedIn  []int     // the last round that asked about each
	silent   map[Server]time.Time
	held     []time.Time // until when each is not worth asking about
	rounds   int
	ttl      uint32 // the largest TTL seen at the owners, in seconds
	shown    string // the verdicts last told to Progress
	last     bool   // the round before the deadline was made
}

func (w Waiter) stage(expected []Expectation, o Options, via Via, before Report) *stage {
	s := &stage{
		waiter: w, expected: expected, options: o, via: via, before: before,
		pause:   backoff.NewExponentialBackOff(),
		hits:    make([]int, len(expected)),
		askedIn: make([]int, len(expected)),
		silent:  make(map[Server]time.Time),
		held:    make([]time.Time, len(expected)),
	}
	s.options.Consecutive = max(1, o.Consecutive)
	s.pause.InitialInterval, s.pause.MaxInterval = cmp.Or(w.Pause, FirstPause), LongestStop
	s.pause.Multiplier, s.pause.RandomizationFactor = pauseGrowth, pauseJitter
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
			if done || err != nil {
				return err
			}
		}
		if s.last && !s.confirming() {
			s.explain(ctx)
		}
		if err := sleep(ctx, s.nextPause(ctx)); err != nil {
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
		lookup, ok := errors.AsType[*LookupError](f.Err)
		return !ok || lookup.Reason != Blocked
	})
}

// explain looks for the causes of what is not met, within what is left of the time.
func (s *stage) explain(ctx context.Context) {
	met := len(s.before.Findings)
	report := Report{Findings: slices.Concat(s.before.Findings, s.findings)}
	s.findings = report.Explain(ctx, s.waiter.Resolver, s.waiter.Surveyor).Findings[met:]
}

// confirm asks again about what was last asked about in rounds before the latest, so that all hold at one
// time.
func (s *stage) confirm(ctx context.Context) (bool, error) {
	var earlier []int
	for i, round := range s.askedIn {
		if round < s.rounds {
			earlier = append(earlier, i)
		}
	}
	if len(earlier) == 0 {
		return true, nil
	}
	if err := s.round(ctx, earlier); err != nil {
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
	findings, err := probe(ctx, s.waiter.Resolver, asked, s.options, s.via, true)
	if err != nil {
		return err
	}
	s.rounds++
	s.noteSilence(findings)
	for i, index := range indices {
		f := s.passOver(findings[i])
		for _, seen := range f.Seen {
			s.ttl = max(s.ttl, seen.TTL)
		}
		if !f.Met() {
			s.hits[index] = 0
		} else if s.hits[index]++; s.hits[index] == 1 {
			s.pause.Reset() // What has just come to match is confirmed soon.
		}
		s.findings[index], s.askedIn[index] = f, s.rounds
		s.held[index] = time.Now().Add(f.negativeTTL())
	}
	s.tell()
	return nil
}

// noteSilence remembers since when each server has answered nothing.
func (s *stage) noteSilence(findings []Finding) {
	now := time.Now()
	for _, f := range findings {
		for _, seen := range f.Seen {
			if seen.Verdict != Unknown {
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
		if silent && seen.Verdict == Unknown && time.Since(since) >= Patience {
			f.PassedOver = append(f.PassedOver, seen.Server)
		}
	}
	return f
}

// nextPause returns how long to wait before the next round. Whatever the pause has grown to, one
// more round is made just before the deadline, and what still has to be confirmed then is asked within what is
// left.
func (s *stage) nextPause(ctx context.Context) time.Duration {
	pause := max(s.pause.NextBackOff(), s.holding())
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
