// Package check evaluates check_host (RFC 7208 §4), and records each step of the evaluation.
package check

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// Result is a result of check_host, by its name in RFC 7208 §2.6.
type Result string

// The results.
const (
	None      Result = "none"      // no domain to ask for, or one without an SPF record
	Neutral   Result = "neutral"   // the domain says nothing about the client
	Pass      Result = "pass"      // the client may send for the domain
	Fail      Result = "fail"      // the client may not
	SoftFail  Result = "softfail"  // the client probably may not
	TempError Result = "temperror" // DNS could not be asked; a later check may succeed
	PermError Result = "permerror" // the records cannot be interpreted until their owner mends them
)

// Query is what check_host is asked (RFC 7208 §4.1).
type Query struct {
	// IP is the address of the SMTP client. IPv4 addresses in IPv6 form (::ffff:192.0.2.1) count as IPv4, as §5
	// wants; the zone of an address is dropped.
	IP netip.Addr

	// Domain is the domain whose record is evaluated. If empty, it is the one of the sender, and that of HELO
	// where there is no sender (§2.4).
	Domain string

	// Sender is what MAIL FROM names: an address, or a domain alone, for its postmaster. If empty, as it is for
	// bounces and for a check of the HELO identity, the sender is the postmaster of HELO.
	Sender string

	HELO     string    // the name by which the client greets; if empty, "unknown" in macros
	Receiver string    // the name of the host that checks, for explanations; if empty, "unknown"
	Time     time.Time // for the macro t of explanations; if zero, the time of the check
}

// Checker evaluates check_host (RFC 7208 §4). It asks one question after the other, in the order of the records,
// and no more than they need: that is what the limits of §4.6.4 count. A [spf.Resolver] that reads ahead makes it faster.
type Checker struct {
	Resolver spf.Resolver

	// MaxVoids is how many void lookups a check may meet before it is a permerror (§4.6.4). 0 means 2, the
	// number that the RFC recommends; a negative number lifts the limit.
	MaxVoids int

	// Timeout is the time after which a check is a temperror (§4.6.4). 0 means 20 seconds, the least that the RFC
	// recommends; a negative duration leaves it to the context.
	Timeout time.Duration
}

// checkTimeout is the default of [Checker.Timeout] (RFC 7208 §4.6.4).
const checkTimeout = 20 * time.Second

// Outcome is the outcome of check_host.
type Outcome struct {
	Result Result

	// Explanation is what the domain says about a fail (§6.2), and empty where it says nothing. It is printable
	// ASCII, and the words of a third party: whoever shows it makes that clear.
	Explanation string

	// Matched has the terms that decided, each behind the domain of its record, the innermost of includes last:
	// "example.com: include:_spf.example → _spf.example: ip4:192.0.2.0/24". It is empty where no term matched. It
	// is safe to be shown.
	Matched string

	Lookups  int // terms that looked something up, and macros p in their names; 10 are allowed (§4.6.4)
	Voids    int // questions of terms that had no answer
	MaxVoids int // how many of these were allowed; negative: any number

	// Problem says why the result is none, temperror or permerror, and is empty otherwise. It is safe to be shown.
	Problem string

	Trace *Trace // what was evaluated
}

// ErrClientIP says that [Query.IP] is no address.
var ErrClientIP = errors.New("the address of the client is missing or invalid")

// errTooLong is the cause of the end of a context that [Checker.Timeout] ends.
var errTooLong = errors.New("the check takes too long")

// Check evaluates check_host. Whatever the domain, the sender and DNS are like, there is a result: the error is
// [ErrClientIP], or the cause of the context's end.
func (c Checker) Check(ctx context.Context, q Query) (Outcome, error) {
	if !q.IP.IsValid() {
		return Outcome{}, ErrClientIP
	}
	if timeout := c.timeout(); timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errTooLong)
		defer cancel()
	}
	e := newEvaluation(c, q)
	check := Outcome{MaxVoids: e.maxVoids, Trace: &Trace{Domain: e.domain}}
	err := e.checkHost(ctx, check.Trace)
	check.Result, check.Problem = check.Trace.Result, check.Trace.Problem
	if err == nil && check.Result == Fail {
		check.Explanation, err = e.explain(ctx, check.Trace.deciding())
	}
	if p, ok := errors.AsType[*problem](err); ok {
		check.Result, check.Problem = p.result, p.text
	} else if err != nil {
		return Outcome{}, err
	}
	check.Lookups, check.Voids = e.lookups, e.voids
	check.Matched = check.Trace.matched()
	return check, nil
}

func (c Checker) timeout() time.Duration {
	if c.Timeout == 0 {
		return checkTimeout
	}
	return c.Timeout
}

// A problem ends a check, however deep in includes, with temperror or permerror.
type problem struct {
	result Result
	text   string // safe to be shown
	lookup bool   // a question that could not be asked; the ptr mechanism passes over these
}

func (p *problem) Error() string { return p.text }

// permErrorf makes a permerror, whose text is safe to be shown if its arguments are.
func permErrorf(format string, args ...any) *problem {
	return &problem{result: PermError, text: fmt.Sprintf(format, args...)}
}
