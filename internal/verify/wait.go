package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// How a [Waiter] waits.
const (
	firstPause  = time.Second      // between the first rounds, and after a round in which a record came to match
	longestStop = 15 * time.Second // what the pause grows to
	pauseGrowth = 1.5
	pauseJitter = 0.2 // of the pause, either way, so that many waiters do not ask in step
	// Patience is how long a server may stay silent before "all" passes it over, while every other
	// server matches.
	Patience = 60 * time.Second
	// checkMargin is what a pass leaves of its time for what comes after the questions; a tenth of the time where that is
	// less.
	checkMargin = 500 * time.Millisecond
	// longestRound is how long the questions of one round are waited for; a quarter of the time that is left where that is
	// more. What is not answered by then is asked again in the next one, with what else is pending.
	longestRound = 30 * time.Second
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

// TimeoutError says that the records did not match in time. The report beside it tells why.
type TimeoutError struct {
	Waited time.Duration
	Rounds int
	// Settling is set where all matched, and only the time for caches to forget was missing.
	Settling time.Duration
	// Unconfirmed is set where all that does not count as met matched in the last round, and there was no time to
	// see it once more.
	Unconfirmed bool
	// HeldBack is set where not one round came to its end, since the client's own limits held questions back.
	HeldBack bool
}

// Error says how long the wait was, and why it ended.
func (e *TimeoutError) Error() string {
	if e.Settling > 0 {
		return fmt.Sprintf("all records match after %s, but caches may keep earlier answers for %s more, which is longer than the time to wait",
			rounded(e.Waited), rounded(e.Settling))
	}
	if e.Unconfirmed {
		return fmt.Sprintf("all records matched when they were last asked about, but %s were over before they matched in as many rounds in a row as `consecutive` demands (asked %d times)",
			rounded(e.Waited), e.Rounds)
	}
	if e.HeldBack {
		return fmt.Sprintf("%s were over before all questions were asked, since `max_in_flight` and `max_rate` of the provider held them back", rounded(e.Waited))
	}
	return fmt.Sprintf("the records did not match within %s (asked %d times)", rounded(e.Waited), e.Rounds)
}

// rounded returns a time as texts show it.
func rounded(d time.Duration) time.Duration {
	switch {
	case d < time.Second/10:
		return d.Round(time.Millisecond)
	case d < time.Second:
		return d.Round(time.Second / 10)
	}
	return d.Round(time.Second)
}

// Waiter asks until live DNS serves the expected records. Its Resolver must be set.
type Waiter struct {
	Resolver Resolver
	// Surveyor, where set, lets causes be found that show in the zone and not in the answers.
	Surveyor Surveyor
	// Validator, where set, is asked about each zone whose servers serve what is expected: receivers that validate may
	// not see it all the same. See [Report.Bogus].
	Validator Validator
	// Pause is the first pause between rounds; 0 for [firstPause].
	Pause time.Duration
	// Progress, where set, is called after the first round and on every change of a verdict.
	Progress func(Report)
	// Rounds, where set, is called after each round, with what was found so far and the pause before the next round;
	// 0 where none follows.
	Rounds func(report Report, next time.Duration)
}

// Check makes one pass, and may use answers that the resolver remembers. Where the context has a deadline, some records
// may be left open, so that one which cannot be asked about in time keeps nobody from hearing of the others. Check
// returns an error where nothing at all was answered by then, and when the context is over.
func (w Waiter) Check(ctx context.Context, expected []Expectation, o Options) (Report, error) {
	var report Report
	asking := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		left := time.Until(deadline)
		asking, cancel = context.WithTimeout(ctx, left-min(checkMargin, left/10))
		defer cancel()
	}
	for _, via := range o.Query.stages() {
		findings := probe(asking, w.Resolver, expected, o, via, false)
		if ctx.Err() != nil {
			return report, context.Cause(ctx)
		}
		answers := func(f Finding) bool { return !unanswered(f.Err) }
		if len(report.Findings) == 0 && len(findings) > 0 && !slices.ContainsFunc(findings, answers) {
			return report, overtime(findings, context.DeadlineExceeded)
		}
		report.Findings = append(report.Findings, findings...)
		if report.State() != Valid {
			break
		}
	}
	w.validate(ctx, &report)
	return report, nil
}

// Wait asks at once and then again with growing pauses, until every expectation was met in
// o.Consecutive rounds in a row and all of them together in the last. It returns *TimeoutError when
// o.Timeout or the context's deadline is over, ErrCancelled when the context was cancelled, and ErrBlocked after
// a first round in which no authoritative server at all was reached; all with a report of the last answers.
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
		if err != nil {
			s.recall()
		}
		report.Findings = append(report.Findings, s.findings...)
		report.TTL = max(report.TTL, s.ttl)
		rounds += s.rounds
		switch {
		case errors.Is(err, ErrBlocked):
			return report, ErrBlocked
		case err != nil:
			held := rounds == 0 && errors.Is(err, answer.ErrHeldBack)
			err = waitError(ctx, started, rounds)
			if timeout, ok := errors.AsType[*TimeoutError](err); ok {
				timeout.Unconfirmed, timeout.HeldBack = len(report.Unmet()) == 0, held
			}
			return report, err
		}
	}
	w.validate(ctx, &report)
	if o.Settle {
		if err := settle(ctx, started, time.Duration(report.TTL)*time.Second); err != nil {
			return report, err
		}
		report.Settled = true
	}
	return report, nil
}

// validate asks validating resolvers about the zones whose servers serve the expected records. A failure to ask says
// nothing.
func (w Waiter) validate(ctx context.Context, report *Report) {
	if w.Validator == nil {
		return
	}
	var names []dnsname.Name
	known := make(map[dnsname.Name]bool)
	for _, f := range report.Findings {
		if f.Via != answer.Authorities || f.State() != Valid {
			continue
		}
		for _, name := range f.questioned() {
			if !known[name] {
				names, known[name] = append(names, name), true
			}
		}
	}
	validations := make([]answer.Validation, len(names))
	each(len(names), func(i int) {
		if v, err := w.Validator.Validate(ctx, names[i]); err == nil {
			validations[i] = v
		}
	})
	for _, v := range validations {
		if v.Security == answer.Bogus && !slices.Contains(report.Bogus, v) {
			report.Bogus = append(report.Bogus, v)
		}
	}
	slices.SortFunc(report.Bogus, func(a, b answer.Validation) int { return a.Zone.Compare(b.Zone) })
}

// questioned returns a name in each zone that receivers need for the record: the one that holds its owner, and those that aliases
// lead to, for the record or for the key that has to be there.
func (f Finding) questioned() []dnsname.Name {
	zones := []dnsname.Name{f.set.Zone}
	if f.behind != nil {
		zones = append(zones, f.behind.answers.Zone)
	}
	zones = slices.DeleteFunc(zones, func(zone dnsname.Name) bool { return !zone.IsValid() })
	if !slices.ContainsFunc(zones, f.Owner.IsIn) {
		zones = append(zones, f.Owner) // Of its own zone nothing is known; the client finds that.
	}
	return zones
}

// waitError tells a cancelled wait from one that ran out of time.
func waitError(ctx context.Context, started time.Time, rounds int) error {
	if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) {
		return ErrCancelled
	}
	return &TimeoutError{Waited: time.Since(started), Rounds: rounds}
}

// settle waits until caches have forgotten earlier answers. It returns an error at once where there is not
// the time: a TTL does not heal.
func settle(ctx context.Context, started time.Time, ttl time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < ttl {
		return &TimeoutError{Waited: time.Since(started), Settling: ttl}
	}
	if err := sleep(ctx, ttl); err != nil {
		return waitError(ctx, started, 0)
	}
	return nil
}

// sleep waits for a time, or until the context is over, whose error it returns then.
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
