package verify_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// recursor is the answer of the n-th resolver.
func recursor(n byte, a answer.Answer) answer.Answer {
	a.Server = answer.Server{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, n}), 53)}
	a.Authoritative = false
	return a
}

// TestWaitLeavesNegativeAnswersAlone counts how often resolvers are asked while they keep an answer.
func TestWaitLeavesNegativeAnswersAlone(t *testing.T) {
	t.Parallel()
	negative := func(n byte, o answer.Outcome, ttl uint32) answer.Answer {
		a := recursor(n, fails(n, o))
		a.TTL = ttl
		return a
	}
	tests := map[string]struct {
		answers  []answer.Answer
		timeout  time.Duration
		min, max int
	}{
		"kept past the deadline": {
			answers: []answer.Answer{negative(1, answer.NXDomain, 3600)}, timeout: 10 * time.Minute, min: 2, max: 2,
		},
		"kept for four minutes": {
			// At once, after four minutes, after eight, and before the deadline.
			answers: []answer.Answer{negative(1, answer.NoData, 240)}, timeout: 10 * time.Minute, min: 4, max: 4,
		},
		"the shortest counts": {
			answers: []answer.Answer{negative(1, answer.NoData, 240), negative(2, answer.NoData, 3600)}, timeout: 10 * time.Minute, min: 4, max: 4,
		},
		"one resolver matches, the other keeps absence": {
			answers: []answer.Answer{recursor(1, found(1, spfValue)), negative(2, answer.NoData, 3600)}, timeout: 10 * time.Minute, min: 2, max: 2,
		},
		"no TTL to go by": {
			answers: []answer.Answer{negative(1, answer.NXDomain, 0)}, timeout: time.Minute, min: 6, max: 20,
		},
		"other content may change any time": {
			answers: []answer.Answer{recursor(1, found(1, "v=spf1 ~all")), negative(2, answer.NXDomain, 3600)}, timeout: time.Minute, min: 6, max: 20,
		},
		"a failure is no negative answer": {
			answers: []answer.Answer{recursor(1, fails(1, answer.ServFail)), negative(2, answer.NXDomain, 3600)}, timeout: time.Minute, min: 6, max: 20,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				resolver := newFake(func(answer.Question, time.Duration) (answer.Set, error) {
					return answer.Set{List: tt.answers}, nil
				})
				_, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord},
					verify.Options{Query: verify.QueryResolvers, Timeout: tt.timeout})
				if _, ok := errors.AsType[*verify.TimeoutError](err); !ok {
					t.Errorf("Wait error = %v, want a timeout", err)
				}
				if n := resolver.count(func(a asked) bool { return a.Via == answer.Resolvers }); n < tt.min || n > tt.max {
					t.Errorf("the resolvers were asked %d times, want %d to %d", n, tt.min, tt.max)
				}
				if last := resolver.lastAsked(t); tt.timeout-last > 3*time.Second {
					t.Errorf("the last question was asked %v before the deadline, want at most 3 s", tt.timeout-last)
				}
			})
		})
	}
}

// TestWaitOthersGoOnWhileOneIsKept holds that a record that a resolver keeps as absent delays no other.
func TestWaitOthersGoOnWhileOneIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resolver := newFake(func(q answer.Question, at time.Duration) (answer.Set, error) {
			if q.Type == record.TXT && at < 100*time.Second {
				kept := recursor(1, fails(1, answer.NXDomain))
				kept.TTL = uint32((100*time.Second - at).Round(time.Second).Seconds())
				return answer.Set{List: []answer.Answer{kept}}, nil
			}
			if q.Type == record.CNAME && at < 20*time.Second {
				return answer.Set{List: []answer.Answer{recursor(1, found(1, "elsewhere.example.net"))}}, nil
			}
			return answer.Set{List: []answer.Answer{recursor(1, found(1, map[record.Type]string{
				record.TXT: spfValue, record.CNAME: dkimRecord.Value,
			}[q.Type]))}}, nil
		})
		started := time.Now()
		_, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord, dkimRecord},
			verify.Options{Query: verify.QueryResolvers, Timeout: 10 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took < 100*time.Second || took > 118*time.Second {
			t.Errorf("Wait took %v, want it to end soon after 100 s", took)
		}
		if n := resolver.count(func(a asked) bool { return a.Type == record.TXT }); n > 3 {
			t.Errorf("the record that was kept as absent was asked about %d times, want at most 3", n)
		}
		if n := resolver.count(func(a asked) bool { return a.Type == record.CNAME && a.at < 20*time.Second }); n < 4 {
			t.Errorf("the other record was asked about %d times within 20 s, want at least 4", n)
		}
	})
}

func TestWaitBlocked(t *testing.T) {
	t.Parallel()
	blocked := &answer.LookupError{Name: name("example.com"), At: name("com"), Outcome: answer.Timeout, Reason: answer.Blocked}
	tests := map[string]struct {
		first, later error
		want         error
		rounds       int
	}{
		"no authority at all":      {first: blocked, later: blocked, want: verify.ErrBlocked, rounds: 1},
		"found out later":          {first: &answer.LookupError{Name: blocked.Name, At: blocked.At, Outcome: answer.Timeout}, later: blocked, want: verify.ErrBlocked, rounds: 2},
		"one zone's servers alone": {first: &answer.LookupError{Name: blocked.Name, At: blocked.At, Outcome: answer.Timeout}, want: nil, rounds: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rounds := 0
				resolver := newFake(func(answer.Question, time.Duration) (answer.Set, error) {
					if rounds++; rounds == 1 && tt.first != nil {
						return answer.Set{}, tt.first
					}
					if tt.later != nil {
						return answer.Set{}, tt.later
					}
					return zone(found(1, spfValue)), nil
				})
				report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{spfRecord},
					verify.Options{Query: verify.QueryBoth, Timeout: 10 * time.Minute})
				if tt.want == nil {
					if err != nil {
						t.Errorf("Wait error = %v, want none", err)
					}
					return
				}
				if !errors.Is(err, tt.want) || rounds != tt.rounds {
					t.Errorf("Wait error = %v after %d rounds, want %v after %d", err, rounds, tt.want, tt.rounds)
				}
				if len(report.Findings) != 1 || report.Findings[0].Err == nil {
					t.Errorf("the report has %+v, want the one finding with its error", report.Findings)
				}
			})
		})
	}
}

// TestWaitLeavesAnAbsentKeyAlone holds the same of the key behind a CNAME that is there.
func TestWaitLeavesAnAbsentKeyAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		resolver := newFake(func(q answer.Question, _ time.Duration) (answer.Set, error) {
			if q.Type == record.CNAME {
				return answer.Set{List: []answer.Answer{recursor(1, found(1, dkimRecord.Value))}}, nil
			}
			absent := recursor(1, fails(1, answer.NXDomain))
			absent.TTL = 3600
			return answer.Set{List: []answer.Answer{absent}}, nil
		})
		_, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{dkimRecord},
			verify.Options{Query: verify.QueryResolvers, Follow: true, Timeout: 10 * time.Minute})
		if _, ok := errors.AsType[*verify.TimeoutError](err); !ok {
			t.Errorf("Wait error = %v, want a timeout", err)
		}
		if n := resolver.count(func(a asked) bool { return a.Via == answer.Resolvers && a.Type == record.TXT }); n != 2 {
			t.Errorf("the resolvers were asked about the key %d times, want 2", n)
		}
	})
}

// TestWaitExplains holds that what is found out by further questions is in the report of a wait that ends in vain,
// and that these questions are asked once, just before its end.
func TestWaitExplains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		doubled := name(dkimRecord.Owner.String() + ".example.com")
		resolver := newFake(func(q answer.Question, _ time.Duration) (answer.Set, error) {
			if q.Name == doubled {
				return zone(found(1, dkimRecord.Value)), nil
			}
			return zone(fails(1, answer.NXDomain)), nil
		})
		report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{dkimRecord}, verify.Options{Timeout: time.Minute})
		if _, ok := errors.AsType[*verify.TimeoutError](err); !ok {
			t.Errorf("Wait error = %v, want a timeout", err)
		}
		if !slices.ContainsFunc(report.Findings[0].Causes(), func(c verify.Cause) bool { return c.Code == "zone-appended-twice" }) {
			t.Errorf("causes = %+v, want %s among them", report.Findings[0].Causes(), "zone-appended-twice")
		}
		if n := resolver.count(func(a asked) bool { return a.Name == doubled && a.at != 57*time.Second }); n != 0 {
			t.Errorf("the doubled name was asked about %d times before the last round, want none", n)
		}
	})
}
