package verify_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// A pattern is what a server answers in the rounds of a wait: R the record, W an old value, N that there is none, Q the
// record in quotes, F a failure, T nothing. The last letters, in brackets, are repeated.
type pattern string

func (p pattern) at(round int) byte {
	head, tail, _ := strings.Cut(strings.TrimSuffix(string(p), ")"), "(")
	if round < len(head) {
		return head[round]
	}
	return tail[(round-len(head))%len(tail)]
}

func (p pattern) answer(server byte, round int) answer.Answer {
	switch p.at(round) {
	case 'R':
		return found(server, spfValue)
	case 'W':
		return found(server, "v=spf1 mx -all")
	case 'N':
		return fails(server, answer.NXDomain)
	case 'Q':
		return found(server, `"`+spfValue+`"`)
	case 'F':
		return fails(server, answer.ServFail)
	}
	return fails(server, answer.Timeout)
}

// waitForPatterns waits for the record while each server answers by its pattern, and returns the report and
// how many rounds were made.
func waitForPatterns(t *testing.T, timeout time.Duration, patterns ...pattern) (verify.Report, int) {
	t.Helper()
	rounds := 0
	dns := func(q answer.Question, _ time.Duration) (answer.Set, error) {
		if q.Name != spfRecord.Owner {
			return zone(fails(1, answer.NXDomain)), nil
		}
		if q.Fresh {
			rounds++
		}
		var list []answer.Answer
		for i, p := range patterns {
			list = append(list, p.answer(byte(i+1), rounds-1))
		}
		return zone(list...), nil
	}
	report, err := verify.Waiter{Resolver: newFake(dns)}.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{Consecutive: 100, Timeout: timeout})
	if (err == nil) != (len(report.Unmet()) == 0) {
		t.Errorf("Wait error = %v, with %q unmet", err, report.Unmet())
	}
	return report, rounds
}

// Answers that change to and fro are told whichever round is the last; what changed once and stayed is not.
func TestWaitAnswersChange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		patterns []pattern
		changes  string // the servers that the cause names; none where there is no such cause
		lacks    string
		has      string
	}{
		"right first":                           {patterns: []pattern{"(RW)"}, changes: "ns1.example.com (192.0.2.1) has", lacks: "value-differs"},
		"wrong first":                           {patterns: []pattern{"(WR)"}, changes: "ns1.example.com (192.0.2.1) has", lacks: "value-differs"},
		"of three rounds, one right":            {patterns: []pattern{"(WWR)"}, changes: "ns1.example.com", lacks: "value-differs"},
		"of three rounds, two right":            {patterns: []pattern{"(RRW)"}, changes: "ns1.example.com", lacks: "value-differs"},
		"right once between":                    {patterns: []pattern{"WWWR(W)"}, changes: "ns1.example.com", lacks: "value-differs"},
		"absent between":                        {patterns: []pattern{"(RNN)"}, changes: "ns1.example.com", lacks: "not-published"},
		"quoted between":                        {patterns: []pattern{"(RQ)"}, changes: "ns1.example.com", lacks: "literal-quotes"},
		"with failures between":                 {patterns: []pattern{"(RFWF)"}, changes: "ns1.example.com"},
		"two servers in turn":                   {patterns: []pattern{"(RW)", "(WR)"}, changes: "ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2) have", lacks: "value-differs"},
		"one server of two":                     {patterns: []pattern{"(R)", "(RW)"}, changes: "ns2.example.com (192.0.2.2) has", lacks: "value-differs"},
		"one changes, the other is wrong":       {patterns: []pattern{"(WR)", "(W)"}, changes: "ns1.example.com (192.0.2.1) has"},
		"always wrong":                          {patterns: []pattern{"(W)"}, has: "value-differs"},
		"changed from right to wrong":           {patterns: []pattern{"RRR(W)"}, has: "value-differs"},
		"changed from wrong to right":           {patterns: []pattern{"WWW(R)"}},
		"changed once each, and one is wrong":   {patterns: []pattern{"WWW(R)", "RRR(W)"}},
		"changed once with failures between":    {patterns: []pattern{"WFWF(R)", "(W)"}},
		"failing in turn":                       {patterns: []pattern{"(RF)"}, has: "servers-failing"},
		"silent in turn, and right in between":  {patterns: []pattern{"(RT)"}, has: "servers-silent"},
		"one follows later than the other does": {patterns: []pattern{"WW(R)", "WWWWW(R)", "(N)"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, timeout := range []time.Duration{90 * time.Second, 2 * time.Minute, 150 * time.Second} {
				synctest.Test(t, func(t *testing.T) {
					report, rounds := waitForPatterns(t, timeout, tt.patterns...)
					causes := report.Findings[0].Causes()
					code := func(code string) int {
						return slices.IndexFunc(causes, func(c verify.Cause) bool { return c.Code == code })
					}
					last := code("answers-change")
					switch {
					case last >= 0 != (tt.changes != ""):
						t.Errorf("after %d rounds, causes = %+v, want %s: %v", rounds, causes, "answers-change", tt.changes != "")
					case last >= 0 && !strings.Contains(causes[last].Sentence, tt.changes):
						t.Errorf("after %d rounds, cause %q, want %q in it", rounds, causes[last].Sentence, tt.changes)
					}
					if tt.lacks != "" && code(tt.lacks) >= 0 {
						t.Errorf("after %d rounds, causes = %+v, want no %s", rounds, causes, tt.lacks)
					}
					if met := len(report.Unmet()) == 0; tt.has != "" && !met && code(tt.has) < 0 {
						t.Errorf("after %d rounds, causes = %+v, want %s", rounds, causes, tt.has)
					}
				})
			}
		})
	}
}

// Two aliases may lead to one server, which answers about either in each round.
func TestWaitTwoWaysToOneServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := world{"_dmarc.example.com TXT": {behindAlias(found(1, policy.Value), "a.example.net"), behindAlias(fails(1, answer.NXDomain), "b.example.net")}}
		report, err := verify.Waiter{Resolver: newFake(w.answer)}.Wait(t.Context(), []verify.Expectation{policy}, verify.Options{Timeout: time.Minute})
		if err == nil {
			t.Error("Wait returned no error, although one of two aliases leads to nothing")
		}
		if diff := cmp.Diff(codes("servers-behind"), codesOf(report.Findings[0].Causes())); diff != "" {
			t.Errorf("causes (-want +got):\n%s", diff)
		}
	})
}

// Whatever the rounds are like: answers change where a server's verdict did more than once.
func TestWaitAnswersChangeByChance(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 0)) // Tests are to be repeatable.
			var b strings.Builder
			for range 200 {
				b.WriteByte("RRWWWFT"[r.IntN(7)])
			}
			p := pattern(b.String() + "(W)")
			synctest.Test(t, func(t *testing.T) {
				report, rounds := waitForPatterns(t, 2*time.Minute, p)
				told := strings.NewReplacer("F", "", "T", "").Replace(string(p)[:rounds])
				changes := 0
				for i := 1; i < len(told); i++ {
					if told[i] != told[i-1] {
						changes++
					}
				}
				got := slices.ContainsFunc(report.Findings[0].Causes(), func(c verify.Cause) bool { return c.Code == "answers-change" })
				if got != (changes > 1) {
					t.Errorf("rounds %s: %s %v, want %v", string(p)[:rounds], "answers-change", got, changes > 1)
				}
			})
		})
	}
}
