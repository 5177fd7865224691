package verify_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// endless answers some questions, and leaves the others open until their context is over.
type endless struct {
	verify.Resolver
	open func(q answer.Question) bool
}

func (e endless) Ask(ctx context.Context, q answer.Question) (answer.Set, error) {
	if e.open(q) {
		<-ctx.Done()
		return answer.Set{}, ctx.Err()
	}
	return e.Resolver.Ask(ctx, q)
}

// One record that cannot be asked about in time keeps nobody from hearing of the others.
func TestCheckBesideAnEndlessQuestion(t *testing.T) {
	t.Parallel()
	hostile := verify.Expectation{Key: "hostile", Owner: name("hostile.example.com"), Type: record.TXT, Value: "x"}
	const spf, dkim, drift = "example.com TXT", "cg1._domainkey.example.com CNAME", "v=spf1 mx -all"
	tests := map[string]struct {
		dns      world
		open     func(q answer.Question) bool
		state    verify.State
		unmet    []string
		fails    bool
		says     string
		expected []verify.Expectation
	}{
		"the others match":  {dns: world{spf: {found(1, spfValue)}}, open: about("hostile.example.com"), state: verify.Unclear, unmet: []string{"hostile"}, says: "hostile: TXT hostile.example.com"},
		"another has drift": {dns: world{spf: {found(1, drift)}}, open: about("hostile.example.com"), state: verify.Invalid, unmet: []string{"hostile", "example.com/spf"}, says: drift},
		"none answers":      {open: func(answer.Question) bool { return true }, fails: true},
		"the flattened key": {
			dns:  world{spf: {found(1, spfValue)}, dkim: {fails(1, answer.NoData)}, "cg1._domainkey.example.com TXT": {found(1, edKey)}},
			open: about("cg1.dkim.example.net"), expected: []verify.Expectation{dkimRecord, spfRecord}, state: verify.Unclear, unmet: []string{dkimRecord.Key}, says: "not answered within the time",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				expected := tt.expected
				if expected == nil {
					expected = []verify.Expectation{hostile, spfRecord}
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				waiter := verify.Waiter{Resolver: endless{newFake(tt.dns.answer), tt.open}}
				report, err := waiter.Check(ctx, expected, verify.Options{})
				if (err != nil) != tt.fails || ctx.Err() != nil {
					t.Fatalf("Check = %v, with %v left of the time, want an error: %v", err, ctx.Err(), tt.fails)
				}
				if tt.fails {
					return
				}
				if report.State() != tt.state || strings.Join(report.Unmet(), " ") != strings.Join(tt.unmet, " ") {
					t.Errorf("state %v with %q unmet, want %v with %q\n%s", report.State(), report.Unmet(), tt.state, tt.unmet, report.Text())
				}
				for _, f := range report.Findings {
					if outOfTime := slices.Contains(codesOf(f.Causes()), "out-of-time"); outOfTime != (f.Err != nil) {
						t.Errorf("%s has the causes %q with the error %v", f.Key, codesOf(f.Causes()), f.Err)
					}
				}
				if !strings.Contains(report.Failing(), tt.says) || !strings.Contains(report.Failing(), "the question was not answered within the time") {
					t.Errorf("Failing says:\n%s\nwant %q, and what was not answered", report.Failing(), tt.says)
				}
			})
		})
	}
}

// A wait goes on with the others, and tells of them in the end.
func TestWaitBesideAnEndlessQuestion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hostile := verify.Expectation{Key: "hostile", Owner: name("hostile.example.com"), Type: record.TXT, Value: "x"}
		late := after(2*time.Minute, 1)
		resolver := endless{newFake(late), about("hostile.example.com")}
		report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{hostile, spfRecord}, verify.Options{Consecutive: 2, Timeout: 10 * time.Minute})
		var timeout *verify.TimeoutError
		if !errors.As(err, &timeout) || strings.Join(report.Unmet(), " ") != "hostile" {
			t.Errorf("Wait = %v with %q unmet, want a timeout with the hostile one alone", err, report.Unmet())
		}
	})
	// The time is over within the first round.
	synctest.Test(t, func(t *testing.T) {
		hostile := verify.Expectation{Key: "hostile", Owner: name("hostile.example.com"), Type: record.TXT, Value: "x"}
		resolver := endless{newFake(after(time.Hour, 1)), about("hostile.example.com")}
		report, err := verify.Waiter{Resolver: resolver}.Wait(t.Context(), []verify.Expectation{hostile, spfRecord}, verify.Options{Timeout: 10 * time.Second})
		if err == nil || !strings.Contains(report.Failing(), "v=spf1 ~all") {
			t.Errorf("Wait = %v, with\n%s\nwant what is served in place of the SPF record", err, report.Failing())
		}
	})
}

func about(owner string) func(answer.Question) bool {
	n := dnsname.MustParse(owner)
	return func(q answer.Question) bool { return q.Name == n }
}
