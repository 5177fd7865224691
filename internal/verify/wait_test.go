package verify_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// after serves the record from a time on, and an earlier one until then.
func after(from time.Duration, servers ...byte) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(_ answer.Question, at time.Duration) (answer.Set, error) {
		var list []answer.Answer
		for _, n := range servers {
			if at >= from {
				list = append(list, found(n, spfValue))
			} else {
				list = append(list, found(n, "v=spf1 ~all"))
			}
		}
		return zone(list...), nil
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	const forever = 1000 * time.Hour
	tests := map[string]struct {
		answer   func(answer.Question, time.Duration) (answer.Set, error)
		options  verify.Options
		min, max time.Duration // how long the wait takes
		timeout  bool
	}{
		"at once, one round": {
			answer: after(0, 1, 2), options: verify.Options{}, max: 0,
		},
		"at once, two rounds": {
			answer: after(0, 1, 2), options: verify.Options{Consecutive: 2},
			min: 800 * time.Millisecond, max: 1200 * time.Millisecond,
		},
		"after 30 s": {
			// The pause has grown to at most 15 s ± 20 %, and the record is confirmed a second later.
			answer: after(30*time.Second, 1, 2), options: verify.Options{Consecutive: 2, Timeout: 10 * time.Minute},
			min: 30 * time.Second, max: (30 + 18 + 2) * time.Second,
		},
		"never": {
			answer: after(forever, 1, 2), options: verify.Options{Timeout: time.Minute},
			min: time.Minute, max: time.Minute, timeout: true,
		},
		"only the last round before the deadline sees it": {
			answer: after(57*time.Second, 1), options: verify.Options{Consecutive: 2, Timeout: time.Minute},
			min: 57 * time.Second, max: time.Minute,
		},
		"one server behind for ever": {
			answer: func(answer.Question, time.Duration) (answer.Set, error) {
				return zone(found(1, spfValue), found(2, "v=spf1 ~all")), nil
			},
			options: verify.Options{Timeout: 5 * time.Minute}, min: 5 * time.Minute, max: 5 * time.Minute, timeout: true,
		},
		"one server silent is passed over": {
			answer:  silentSecond,
			options: verify.Options{Timeout: 5 * time.Minute}, min: verify.Patience, max: verify.Patience + 18*time.Second,
		},
		"one server silent, strict": {
			answer:  silentSecond,
			options: verify.Options{Timeout: 5 * time.Minute, Require: mustRequire("strict")}, min: 5 * time.Minute, max: 5 * time.Minute, timeout: true,
		},
		"all servers silent are not passed over": {
			answer: func(answer.Question, time.Duration) (answer.Set, error) {
				return zone(fails(1, answer.Timeout), fails(2, answer.ServFail)), nil
			},
			options: verify.Options{Timeout: 5 * time.Minute}, min: 5 * time.Minute, max: 5 * time.Minute, timeout: true,
		},
		"one server that refuses is not passed over":       {answer: answeringSecond(answer.Refused), options: verify.Options{Timeout: 5 * time.Minute}, min: 5 * time.Minute, max: 5 * time.Minute, timeout: true},
		"one server that fails is not passed over":         {answer: answeringSecond(answer.ServFail), options: verify.Options{Timeout: 5 * time.Minute}, min: 5 * time.Minute, max: 5 * time.Minute, timeout: true},
		"a lame server is not passed over":                 {answer: answeringSecond(answer.NotAuthoritative), options: verify.Options{Timeout: 5 * time.Minute}, min: 5 * time.Minute, max: 5 * time.Minute, timeout: true},
		"a malformed answer is not passed over":            {answer: answeringSecond(answer.Malformed), options: verify.Options{Timeout: 5 * time.Minute}, min: 5 * time.Minute, max: 5 * time.Minute, timeout: true},
		"an answer without proof is not passed over":       {answer: answeringSecond(answer.Unvalidated), options: verify.Options{Timeout: 5 * time.Minute}, min: 5 * time.Minute, max: 5 * time.Minute, timeout: true},
		"one server that cannot be reached is passed over": {answer: answeringSecond(answer.Unreachable), options: verify.Options{Timeout: 5 * time.Minute}, min: verify.Patience, max: verify.Patience + 18*time.Second},
		"two of two addresses of one server are one server": {
			answer: func(answer.Question, time.Duration) (answer.Set, error) {
				return zone(found(1, spfValue), otherAddress(found(1, spfValue)), found(2, "v=spf1 ~all")), nil
			},
			options: verify.Options{Timeout: time.Minute, Require: mustRequire("2")}, min: time.Minute, max: time.Minute, timeout: true,
		},
		"one server silent, any": {
			answer: silentSecond, options: verify.Options{Timeout: 5 * time.Minute, Require: mustRequire("any")}, max: 0,
		},
		"two of three": {
			answer: func(answer.Question, time.Duration) (answer.Set, error) {
				return zone(found(1, spfValue), found(2, spfValue), found(3, "v=spf1 ~all")), nil
			},
			options: verify.Options{Timeout: 5 * time.Minute, Require: mustRequire("2")}, max: 0,
		},
		"three of two": {
			answer: after(0, 1, 2), options: verify.Options{Timeout: time.Minute, Require: mustRequire("3")},
			min: time.Minute, max: time.Minute, timeout: true,
		},
		"flapping": {
			// Every answer differs from the one before, so that no two rounds in a row match.
			answer: alternating(), options: verify.Options{Consecutive: 2, Timeout: 2 * time.Minute},
			min: 2 * time.Minute, max: 2 * time.Minute, timeout: true,
		},
		"not delegated, then delegated": {
			answer: func(q answer.Question, at time.Duration) (answer.Set, error) {
				if at < 20*time.Second {
					return answer.Set{}, &answer.LookupError{Name: q.Name, At: q.Name, Outcome: answer.NXDomain}
				}
				return zone(found(1, spfValue)), nil
			},
			options: verify.Options{Timeout: 5 * time.Minute}, min: 20 * time.Second, max: 40 * time.Second,
		},
		"settling takes the TTL": {
			answer: after(10*time.Second, 1), options: verify.Options{Timeout: 2 * time.Hour, Settle: true},
			min: time.Hour + 10*time.Second, max: time.Hour + 30*time.Second,
		},
		"settling past the deadline is said at once": {
			answer: after(0, 1), options: verify.Options{Timeout: 10 * time.Minute, Settle: true}, max: 0, timeout: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				report, err := verify.Waiter{Resolver: newFake(tt.answer)}.Wait(t.Context(), []verify.Expectation{spfRecord}, tt.options)
				took := time.Since(started)
				var timeout *verify.TimeoutError
				if errors.As(err, &timeout) != tt.timeout || err != nil && !tt.timeout {
					t.Errorf("Wait error = %v, want a timeout: %v", err, tt.timeout)
				}
				if took < tt.min || took > tt.max {
					t.Errorf("Wait took %v, want %v to %v", took, tt.min, tt.max)
				}
				if len(report.Findings) != 1 {
					t.Fatalf("Wait gave %d findings, want 1", len(report.Findings))
				}
				if met := report.Findings[0].Met(); met == tt.timeout && !tt.options.Settle {
					t.Errorf("Wait left the record met: %v, with error %v\n%s", met, err, report.Text())
				}
			})
		})
	}
}

func silentSecond(q answer.Question, at time.Duration) (answer.Set, error) {
	return answeringSecond(answer.Timeout)(q, at)
}

// answeringSecond has the record at the first server, and an outcome at the second.
func answeringSecond(o answer.Outcome) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(answer.Question, time.Duration) (answer.Set, error) {
		return zone(found(1, spfValue), fails(2, o)), nil
	}
}

func alternating() func(answer.Question, time.Duration) (answer.Set, error) {
	var asked atomic.Int64
	return func(answer.Question, time.Duration) (answer.Set, error) {
		if asked.Add(1)%2 == 1 {
			return zone(found(1, spfValue)), nil
		}
		return zone(found(1, "v=spf1 ~all")), nil
	}
}

func mustRequire(s string) verify.Require {
	r, err := verify.ParseRequire(s)
	if err != nil {
		panic(err)
	}
	return r
}

// TestWaitUnconfirmed holds that a wait in vain whose records all match in the end says that they were not seen so often
// enough, and not that they do not match.
func TestWaitUnconfirmed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer      func(answer.Question, time.Duration) (answer.Set, error)
		delay       time.Duration
		timeout     time.Duration
		unconfirmed bool
	}{
		"only the last round sees it": {
			answer: after(57*time.Second, 1), delay: 2 * time.Second, timeout: time.Minute, unconfirmed: true,
		},
		"no time to see it again": {answer: after(0, 1), delay: 6 * time.Second, timeout: 10 * time.Second, unconfirmed: true},
		"it came and went":        {answer: alternating(), timeout: time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				resolver := newFake(tt.answer)
				resolver.delay = tt.delay
				report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord},
					verify.Options{Consecutive: 2, Timeout: tt.timeout})
				timeout, ok := errors.AsType[*verify.TimeoutError](err)
				if !ok || timeout.Unconfirmed != tt.unconfirmed || len(report.Unmet()) == 0 != timeout.Unconfirmed {
					t.Fatalf("Wait error = %#v with %q unmet, want a timeout that is unconfirmed: %v", err, report.Unmet(), tt.unconfirmed)
				}
				changes := slices.ContainsFunc(report.Findings[0].Causes, func(c verify.Cause) bool { return c.Code == verify.AnswersChange })
				if changes == tt.unconfirmed {
					t.Errorf("causes = %+v, want %s: %v", report.Findings[0].Causes, verify.AnswersChange, !tt.unconfirmed)
				}
			})
		})
	}
}

func TestWaitPassedOverIsAWarning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		report, err := verify.Waiter{Resolver: newFake(silentSecond)}.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{})
		if err != nil {
			t.Fatal(err)
		}
		warnings := report.Warnings()
		if len(warnings) != 1 || warnings[0].Summary != "Servers of example.com passed over" || !strings.Contains(warnings[0].Detail, "ns2.example.com (192.0.2.2) did not answer for 60 s") {
			t.Errorf("Warnings = %q, want one about ns2", warnings)
		}
	})
}

func TestWaitCancelled(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		delay time.Duration // of an answer
		after time.Duration
	}{
		"between rounds":   {0, 20 * time.Second},
		"while asking":     {time.Hour, 20 * time.Second},
		"before the first": {0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				if tt.after == 0 {
					cancel()
				} else {
					time.AfterFunc(tt.after, cancel)
				}
				resolver := newFake(after(time.Hour, 1))
				resolver.delay = tt.delay
				started := time.Now()
				_, err := verify.Waiter{Resolver: resolver}.Wait(ctx, []verify.Expectation{spfRecord}, verify.Options{Timeout: 10 * time.Minute})
				if !errors.Is(err, verify.ErrCancelled) {
					t.Errorf("Wait error = %v, want %v", err, verify.ErrCancelled)
				}
				if took := time.Since(started); took != tt.after {
					t.Errorf("Wait returned after %v, want %v", took, tt.after)
				}
			})
		})
	}
}

func TestWaitEndsWithTheContextsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := verify.Waiter{Resolver: newFake(after(time.Hour, 1))}.Wait(ctx, []verify.Expectation{spfRecord}, verify.Options{})
		if _, ok := errors.AsType[*verify.TimeoutError](err); !ok {
			t.Errorf("Wait error = %v, want a timeout", err)
		}
	})
}

func TestWaitServersThatNeverAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resolver := newFake(after(0, 1))
		resolver.delay = time.Hour
		report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{Timeout: 10 * time.Second})
		var timeout *verify.TimeoutError
		if !errors.As(err, &timeout) || timeout.Waited != 10*time.Second {
			t.Fatalf("Wait error = %v, want a timeout after 10 s", err)
		}
		if text := report.Failing(); !strings.Contains(text, "no server answered") {
			t.Errorf("Failing = %s\nwant it to say that no server answered", text)
		}
	})
}

// A record that matched early is asked about again at the end: all have to hold at one time.
func TestWaitNoticesARecordThatWentAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resolver := newFake(func(q answer.Question, at time.Duration) (answer.Set, error) {
			switch {
			case q.Type == record.TXT && at < 20*time.Second, q.Type == record.CNAME && at >= 60*time.Second:
				return zone(found(1, map[record.Type]string{record.TXT: spfValue, record.CNAME: dkimRecord.Value}[q.Type])), nil
			default:
				return zone(fails(1, answer.NXDomain)), nil
			}
		})
		report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord, dkimRecord}, verify.Options{Consecutive: 2, Timeout: 5 * time.Minute})
		if _, ok := errors.AsType[*verify.TimeoutError](err); !ok {
			t.Fatalf("Wait error = %v, want a timeout", err)
		}
		if got, want := report.Unmet(), []string{spfRecord.Key}; !slices.Equal(got, want) {
			t.Errorf("Unmet = %q, want %q", got, want)
		}
	})
}

// What matched often enough is not asked about again until the end.
func TestWaitAsksOnlyAboutWhatIsPending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resolver := newFake(func(q answer.Question, at time.Duration) (answer.Set, error) {
			switch {
			case q.Type == record.TXT:
				return zone(found(1, spfValue)), nil
			case at >= 60*time.Second:
				return zone(found(1, dkimRecord.Value)), nil
			default:
				return zone(fails(1, answer.NXDomain)), nil
			}
		})
		_, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord, dkimRecord}, verify.Options{Consecutive: 2})
		if err != nil {
			t.Fatal(err)
		}
		if n := resolver.count(func(a asked) bool { return a.Type == record.TXT }); n != 3 {
			t.Errorf("the record that stood from the start was asked about %d times, want 3: twice, and once at the end", n)
		}
	})
}

// All records hold in one round at the end, also where the last to come right goes away again while the first is
// asked about anew.
func TestWaitEndsWithOneRoundAboutAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var aliases, texts int
		resolver := newFake(func(q answer.Question, _ time.Duration) (answer.Set, error) {
			if q.Type == record.TXT {
				texts++
				return zone(found(1, spfValue)), nil
			}
			// It stands in the second round, is gone when the other record is confirmed, and comes back.
			if aliases++; aliases == 1 || aliases == 3 {
				return zone(fails(1, answer.NXDomain)), nil
			}
			return zone(found(1, dkimRecord.Value)), nil
		})
		if _, err := (verify.Waiter{Resolver: resolver}).Wait(t.Context(), []verify.Expectation{spfRecord, dkimRecord}, verify.Options{}); err != nil {
			t.Fatal(err)
		}
		if aliases < 5 || texts < 3 {
			t.Errorf("asked %d times about the CNAME and %d times about the TXT record, want 5 and 3 at least", aliases, texts)
		}
	})
}

func TestWaitAsksResolversOnlyOnceTheAuthoritiesAgree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resolver := newFake(after(30*time.Second, 1))
		report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{Query: verify.QueryBoth, Consecutive: 2})
		if err != nil {
			t.Fatal(err)
		}
		if n := resolver.count(func(a asked) bool { return a.Via == answer.Resolvers && a.at < 30*time.Second }); n != 0 {
			t.Errorf("resolvers were asked %d times before the authorities agreed", n)
		}
		if n := resolver.count(func(a asked) bool { return a.Via == answer.Resolvers }); n != 2 {
			t.Errorf("resolvers were asked %d times, want 2", n)
		}
		if len(report.Findings) != 2 || report.Findings[1].Via != answer.Resolvers {
			t.Errorf("findings = %+v, want one of each kind of servers", report.Findings)
		}
	})
}

func TestWaitFollowsToTheKey(t *testing.T) {
	t.Parallel()
	const key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	synctest.Test(t, func(t *testing.T) {
		resolver := newFake(func(q answer.Question, at time.Duration) (answer.Set, error) {
			switch {
			case q.Type == record.CNAME:
				return zone(found(1, dkimRecord.Value)), nil
			case at >= 30*time.Second:
				return zone(found(1, key)), nil
			default:
				return zone(fails(1, answer.NXDomain)), nil
			}
		})
		started := time.Now()
		_, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{dkimRecord}, verify.Options{Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took < 30*time.Second {
			t.Errorf("Wait took %v, before there was a key", took)
		}
	})
}

func TestWaitSettledSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, settle := range []bool{true, false} {
			report, err := verify.Waiter{Resolver: newFake(after(0, 1))}.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{Settle: settle})
			if err != nil {
				t.Fatal(err)
			}
			if advised := strings.Contains(report.Text(), "`settle = true` waits"); advised == settle {
				t.Errorf("with settle = %v, the report advises to settle: %v", settle, advised)
			}
		}
	})
}

func TestWaitTellsProgressOncePerChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []string
		waiter := verify.Waiter{
			Resolver: newFake(after(60*time.Second, 1)),
			Progress: func(r verify.Report) { told = append(told, r.Text()) },
		}
		if _, err := waiter.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{Consecutive: 3}); err != nil {
			t.Fatal(err)
		}
		if len(told) != 2 || !strings.HasPrefix(told[0], "0 of 1 record matches") || !strings.HasPrefix(told[1], "1 of 1 record matches") {
			t.Errorf("Progress was told %q, want one text before and one after", told)
		}
	})
}

// Each round is told once, with the servers that are behind, and the pause that really follows.
func TestWaitTellsEachRound(t *testing.T) {
	t.Parallel()
	type told struct {
		at, next time.Duration
		unmet    int
		behind   string
	}
	lag := func(_ answer.Question, at time.Duration) (answer.Set, error) {
		old := "v=spf1 ~all"
		first, second := old, old
		if at >= 4*time.Second {
			first = spfValue
		}
		if at >= 20*time.Second {
			second = spfValue
		}
		return zone(found(1, first), found(2, second)), nil
	}
	never := after(1000*time.Hour, 1)
	tests := map[string]struct {
		answer  func(answer.Question, time.Duration) (answer.Set, error)
		timeout time.Duration
		behind  []string // that come one after the other, each once or more often
	}{
		"until all match":        {lag, time.Hour, []string{"ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2)", "ns2.example.com (192.0.2.2)", ""}},
		"until the time is over": {never, time.Minute, []string{"ns1.example.com (192.0.2.1)"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				resolver, started := newFake(tt.answer), time.Now()
				var rounds []told
				waiter := verify.Waiter{Resolver: resolver, Rounds: func(r verify.Report, next time.Duration) {
					var names []string
					for _, s := range r.Behind() {
						names = append(names, s.String())
					}
					rounds = append(rounds, told{time.Since(started), next, len(r.Unmet()), strings.Join(names, ", ")})
				}}
				_, err := waiter.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{Consecutive: 2, Timeout: tt.timeout})
				if met := tt.behind[len(tt.behind)-1] == ""; (err == nil) != met {
					t.Fatalf("Wait = %v", err)
				}
				moments := make(map[time.Duration]bool) // A diagnosis asks at the time of its round.
				resolver.count(func(a asked) bool { moments[a.at] = true; return true })
				if len(rounds) != len(moments) {
					t.Errorf("%d rounds were told of, want %d", len(rounds), len(moments))
				}
				var behind []string
				for i, r := range rounds {
					behind = append(behind, r.behind)
					if (r.unmet == 0) != (r.behind == "") {
						t.Errorf("round %d: %d are not met, and %q behind", i, r.unmet, r.behind)
					}
					if last := i == len(rounds)-1; last && r.next != 0 {
						t.Errorf("the last round tells of another one in %v", r.next)
					} else if !last && rounds[i+1].at != r.at+r.next {
						t.Errorf("round %d was at %v and told of the next one in %v, which came at %v", i, r.at, r.next, rounds[i+1].at)
					}
				}
				if got := slices.Compact(behind); !slices.Equal(got, tt.behind) {
					t.Errorf("behind were %q, want %q", got, tt.behind)
				}
			})
		})
	}
}

func TestWaitForNothing(t *testing.T) {
	t.Parallel()
	resolver := newFake(nil)
	report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), nil, verify.Options{Consecutive: 2})
	if err != nil || report.State() != verify.Valid {
		t.Errorf("Wait for nothing = %v, %v", report.State(), err)
	}
}

func TestWaitAsksJustBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resolver := newFake(after(time.Hour, 1))
		_, _ = verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{Timeout: time.Minute})
		if last := resolver.lastAsked(t); last != 57*time.Second {
			t.Errorf("the last question was asked after %v, want 57 s of 60 s", last)
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers answer.Set
		err     error
		options verify.Options
		want    verify.State
	}{
		"all match":                {answers: zone(found(1, spfValue), found(2, spfValue)), want: verify.Valid},
		"one silent, others match": {answers: zone(found(1, spfValue), fails(2, answer.Timeout)), want: verify.Valid},
		"one silent, strict":       {answers: zone(found(1, spfValue), fails(2, answer.Timeout)), options: verify.Options{Require: mustRequire("strict")}, want: verify.Unclear},
		"servers disagree":         {answers: zone(found(1, spfValue), fails(2, answer.NXDomain)), want: verify.Unclear},
		"servers disagree, any":    {answers: zone(found(1, spfValue), fails(2, answer.NXDomain)), options: verify.Options{Require: mustRequire("any")}, want: verify.Valid},
		"gone everywhere":          {answers: zone(fails(1, answer.NXDomain), fails(2, answer.NoData)), want: verify.Invalid},
		"changed, one silent":      {answers: zone(found(1, "v=spf1 +all"), fails(2, answer.Timeout)), want: verify.Invalid},
		"one address of a server dead, strict": {
			answers: zone(found(1, spfValue), otherAddress(fails(1, answer.Unreachable))),
			options: verify.Options{Require: mustRequire("strict")}, want: verify.Unclear,
		},
		"one address of a server dead": {
			answers: zone(found(1, spfValue), otherAddress(fails(1, answer.Unreachable))), want: verify.Valid,
		},
		"one address of a server refuses": {answers: zone(found(1, spfValue), otherAddress(fails(1, answer.Refused))), want: verify.Unclear},
		"one server fails":                {answers: zone(found(1, spfValue), fails(2, answer.ServFail)), want: verify.Unclear},
		"two addresses of one server, two servers required": {
			answers: zone(found(1, spfValue), otherAddress(found(1, spfValue)), fails(2, answer.Timeout)),
			options: verify.Options{Require: mustRequire("2")}, want: verify.Unclear,
		},
		"two addresses of each, one dead, two servers required": {
			answers: zone(found(1, spfValue), otherAddress(fails(1, answer.Timeout)), found(2, spfValue), otherAddress(found(2, spfValue))),
			options: verify.Options{Require: mustRequire("2")}, want: verify.Valid,
		},
		"two addresses of a server differ, two servers required": {
			answers: zone(found(1, spfValue), otherAddress(found(1, "v=spf1 ~all")), found(2, spfValue)),
			options: verify.Options{Require: mustRequire("2")}, want: verify.Unclear,
		},
		"two resolvers of two required": {
			answers: answer.Set{List: []answer.Answer{recalls(found(0, spfValue), 9), byURL(found(0, spfValue), "tls://dns.example@192.0.2.53")}},
			options: verify.Options{Require: mustRequire("2"), Query: verify.QueryResolvers}, want: verify.Valid,
		},
		"two addresses of a server differ": {answers: zone(found(1, spfValue), otherAddress(fails(1, answer.NXDomain))), want: verify.Unclear},
		"SERVFAIL is not absence":          {answers: zone(fails(1, answer.ServFail), fails(2, answer.Refused)), want: verify.Unclear},
		"lame servers":                     {answers: zone(fails(1, answer.NotAuthoritative)), want: verify.Unclear},
		"no longer delegated":              {err: &answer.LookupError{Name: name("example.com"), At: name("com"), Outcome: answer.NXDomain, Reason: answer.NotDelegated}, want: verify.Invalid},
		"a resolver denies the zone":       {err: &answer.LookupError{Name: name("example.com"), At: name("com"), Outcome: answer.NXDomain}, want: verify.Unclear},
		"parent cannot be reached":         {err: &answer.LookupError{Name: name("example.com"), At: name("com"), Outcome: answer.Timeout}, want: verify.Unclear},
		"no server at all":                 {want: verify.Unclear},
		"fewer servers than required":      {answers: zone(found(1, spfValue)), options: verify.Options{Require: mustRequire("2")}, want: verify.Unclear},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resolver := newFake(func(answer.Question, time.Duration) (answer.Set, error) { return tt.answers, tt.err })
			report, err := verify.Waiter{Resolver: resolver}.Check(t.Context(), []verify.Expectation{spfRecord}, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if got := report.State(); got != tt.want {
				t.Errorf("State = %v, want %v\n%s", got, tt.want, report.Text())
			}
			if n := resolver.count(func(a asked) bool { return a.Fresh }); n != 0 {
				t.Errorf("a single pass asked %d fresh questions", n)
			}
		})
	}
}

// byURL makes an answer one of a resolver that has a URL.
func byURL(a answer.Answer, url string) answer.Answer {
	a.Server = answer.Server{URL: url, Addr: netip.MustParseAddrPort("192.0.2.53:853")}
	return a
}

// otherAddress gives the answer from another address of its server.
func otherAddress(a answer.Answer) answer.Answer {
	a.Server.Addr = netip.MustParseAddrPort("[2001:db8::1]:53")
	return a
}

func TestCheckEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := verify.Waiter{Resolver: newFake(after(0, 1))}.Check(ctx, []verify.Expectation{spfRecord}, verify.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Check error = %v, want %v", err, context.Canceled)
	}
}
