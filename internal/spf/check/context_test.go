package check

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// hangingDNS answers as its script does, but for one question, which hangs until its context is over.
type hangingDNS struct {
	*spftest.Script

	hangs spftest.Question
}

func (d hangingDNS) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	if spftest.Ask(name, t) == d.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return d.Script.Lookup(ctx, name, t)
}

const hangingScript = `
	example.com          TXT v=spf1 include:a.example -all exp=x.example
	a.example            TXT v=spf1 a:b.example mx:b.example ptr:b.example exists:%{p}.b.example -all
	b.example            A   198.51.100.1
	b.example            MX  c.example
	c.example            A   198.51.100.1
	unknown.b.example    A   !
	1.2.0.192.in-addr.arpa PTR d.b.example
	x.example            TXT no
`

// questions are those that a check with the script asks on its way.
var questions = []spftest.Question{"example.com TXT", "a.example TXT", "b.example A", "b.example MX", "c.example A", "1.2.0.192.in-addr.arpa PTR", "d.b.example A"}

// interruptions are checks that wait for a question.
func interruptions(t *testing.T) map[string]hangingDNS {
	t.Helper()
	const reverse = "1.2.0.192.in-addr.arpa PTR"
	hangs := map[string]hangingDNS{
		"the macro p in a name":     {spftest.NewScript(t, "example.com TXT v=spf1 a:%{p}.example -all"), reverse},
		"the macro p in an include": {spftest.NewScript(t, "example.com TXT v=spf1 include:%{p}.example -all"), reverse},
		"the macro p in a redirect": {spftest.NewScript(t, "example.com TXT v=spf1 redirect=%{p}.example"), reverse},
	}
	for _, question := range questions {
		hangs[string(question)] = hangingDNS{spftest.NewScript(t, hangingScript), question}
	}
	return hangs
}

func TestCheckCancelled(t *testing.T) {
	t.Parallel()
	cause := errors.New("the user pressed Ctrl-C")
	for name, dns := range interruptions(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(cause) })
				start := time.Now()
				got, err := Checker{Resolver: dns}.Check(ctx, checkCase{}.query(t))
				if !errors.Is(err, cause) {
					t.Errorf("Check() = %v, %v, want %v", got, err, cause)
				}
				if waited := time.Since(start); waited != time.Second {
					t.Errorf("Check() returned after %v, want at once", waited)
				}
			})
		})
	}
}

func TestCheckTimeout(t *testing.T) {
	t.Parallel()
	for name, dns := range interruptions(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got, err := Checker{Resolver: dns}.Check(t.Context(), checkCase{}.query(t))
				if err != nil || got.Result != TempError {
					t.Errorf("Check() = %s, %v, want %s (RFC 7208 §4.6.4)", got.Result, err, TempError)
				}
				if waited := time.Since(start); waited != 20*time.Second {
					t.Errorf("Check() returned after %v, want 20 s", waited)
				}
				if want := "the check takes too long (RFC 7208 §4.6.4)"; got.Problem != want {
					t.Errorf("the problem is %q, want %q", got.Problem, want)
				}
			})
		})
	}
}

// TestCheckDeadline has the limits that the caller sets.
func TestCheckDeadline(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		timeout  time.Duration // of the checker
		deadline time.Duration // of the caller
		want     time.Duration
		timedOut bool
	}{
		{"a shorter timeout", 3 * time.Second, time.Hour, 3 * time.Second, true},
		{"a longer timeout", time.Minute, time.Hour, time.Minute, true},
		{"no timeout", -1, time.Hour, time.Hour, false},
		{"the caller's deadline comes first", 0, time.Second, time.Second, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				got, err := Checker{Resolver: hangingDNS{spftest.NewScript(t, hangingScript), "b.example MX"}, Timeout: tt.timeout}.Check(ctx, checkCase{}.query(t))
				if tt.timedOut && (err != nil || got.Result != TempError) {
					t.Errorf("Check() = %s, %v, want %s", got.Result, err, TempError)
				}
				if !tt.timedOut && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Check() = %s, %v, want %v", got.Result, err, context.DeadlineExceeded)
				}
				if waited := time.Since(start); waited != tt.want {
					t.Errorf("Check() returned after %v, want %v", waited, tt.want)
				}
			})
		})
	}
}

// TestCheckExplanationInterrupted has a result that stands already: where the time for a check runs out, the
// explanation is lost, and where the caller goes away, the check.
func TestCheckExplanationInterrupted(t *testing.T) {
	t.Parallel()
	for name, dns := range map[string]hangingDNS{
		"its record":                {spftest.NewScript(t, "example.com TXT v=spf1 -all exp=x.example\nx.example TXT no"), "x.example TXT"},
		"the macro p in its name":   {spftest.NewScript(t, "example.com TXT v=spf1 -all exp=%{p}.example"), "1.2.0.192.in-addr.arpa PTR"},
		"the macro p in its text":   {spftest.NewScript(t, "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{p}"), "1.2.0.192.in-addr.arpa PTR"},
		"an address of a name of p": {spftest.NewScript(t, "example.com TXT v=spf1 -all exp=x.example\nx.example TXT %{p}\n1.2.0.192.in-addr.arpa PTR a.example"), "a.example A"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, err := Checker{Resolver: dns}.Check(t.Context(), checkCase{}.query(t))
				if err != nil || got.Result != Fail || got.Explanation != "" {
					t.Errorf("Check() = %s, %q, %v; want fail without an explanation", got.Result, got.Explanation, err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if got, err := (Checker{Resolver: dns}).Check(ctx, checkCase{}.query(t)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Check() = %s, %v, want %v", got.Result, err, context.DeadlineExceeded)
				}
			})
		})
	}
}

func TestCheckContextOver(t *testing.T) {
	t.Parallel()
	cause := errors.New("the plan was interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	dns := spftest.NewScript(t, hangingScript)
	if _, err := (Checker{Resolver: dns}).Check(ctx, checkCase{}.query(t)); !errors.Is(err, cause) {
		t.Errorf("Check() = %v, want %v", err, cause)
	}
	if len(dns.Asked) != 0 {
		t.Errorf("asked %q, want nothing", dns.Asked)
	}
}
