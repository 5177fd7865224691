package faultmatrix_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// A fault is one way in which DNS goes wrong around a record, and what the wait for the record must end in.
type fault struct {
	name    string
	subject subject  // the record; the SPF record where it is left out
	servers int      // of the zone, ns1 to ns9; 2 where it is left out
	hosts   []string // its servers by other names
	options verify.Options
	timeout time.Duration // of the client; only faults that are waited out need one
	// around sets the scene: what stands beside the record, and what breaks.
	around func(*world)
	// publish makes the zone serve a value for the record; nil where that goes as it should.
	publish func(w *world, value string)
	// during, where set, is called before each round of the last servers that are asked, counted from 1.
	during func(w *world, round int)
	// virtual, where set, answers instead of servers, as a function of the value that is published ("" for
	// none). The clock is that of [synctest], so that minutes pass at once.
	virtual func(value string) verify.Resolver
	ends    endings
}

// content is what is published for the record.
type content int

const (
	missing content = iota
	wrong
	right
)

func (c content) String() string { return [...]string{"missing", "wrong", "right"}[c] }

// endings are what the wait ends in, by what is published.
type endings [3]ending

// An ending is what one wait must come to.
type ending struct {
	rounds int    // after which the record is valid; 0 for never, anyRound where the number is left to chance
	says   string // what the report, and what it warns of, must match: a regular expression
	cause  string // the code of the cause or note that the report must name; "" where any will do
}

const anyRound = -1

func never(says string) ending { return ending{says: says} }

func validIn(rounds int) ending { return ending{rounds: rounds, says: `^1 of 1 record matches`} }

func (e ending) because(code string) ending {
	e.cause = code
	return e
}

// always is for faults that let nobody see what is published.
func always(e ending) endings { return endings{e, e, e} }

// harmless is for faults that hide nothing: what is right is valid as soon as it was seen as often as is asked.
func harmless() endings {
	return endings{never(`seen: +(no such record|name does not exist \(NXDOMAIN\)), at`), never(`seen: +other content: «`), validIn(consecutive)}
}

// only returns what faults end in that show when a record is published, by what the right one ends in then.
func only(e ending) endings { return harmless().but(right, e) }

func (e endings) but(c content, end ending) endings {
	e[c] = end
	return e
}

// faults are the rows of the matrix.
func faults() []fault {
	return slices.Concat(transportFaults(), serverFaults(), delegationFaults(), recordFaults(), contentFaults(), resolverFaults())
}

// TestFaultMatrix waits for a record under every fault, while it is missing, while it is wrong, and once it
// is right: it is never valid unless the servers that count serve it, valid within as many rounds as are asked
// for when they do, and in any case the report says what is the matter.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	var m matrix
	t.Cleanup(func() { t.Log(m.String()) }) // It runs when the last cell is done.
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range []content{missing, wrong, right} {
				t.Run(c.String(), func(t *testing.T) {
					t.Parallel()
					m.put(f.name, c, f.run(t, c))
				})
			}
		})
	}
}

// run makes one cell of the matrix, and returns its text.
func (f fault) run(t *testing.T, c content) (cell string) {
	if f.virtual == nil {
		w := newWorld(t, f)
		w.fill(f, c)
		return f.judge(t, c, w.client(), w)
	}
	synctest.Test(t, func(t *testing.T) {
		cell = f.judge(t, c, f.virtual(f.subject.orSPF().value(c)), nil)
	})
	return cell
}

// judge waits for the record and holds what comes of it against what should. The world is nil for faults that
// have none.
func (f fault) judge(t *testing.T, c content, resolver verify.Resolver, w *world) string {
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	want, expected, options := f.ends[c], f.subject.orSPF().Expectation, f.options
	options.Consecutive = consecutive
	counted := &rounds{Resolver: resolver, of: expected, last: answer.Authorities, stop: stop, n: make(map[answer.Via]int)}
	if f.asksResolvers() {
		counted.last, options.Timeout = answer.Resolvers, cmp.Or(options.Timeout, cachedWait)
	}
	if f.during != nil {
		counted.before = func(round int) { f.during(w, round) }
	}
	waiter := verify.Waiter{Resolver: counted}
	if f.virtual == nil { // Otherwise time is cheap, and its own timeout ends the wait.
		waiter.Pause, counted.limit = pause, max(neverRounds, want.rounds)
	}
	started := time.Now()
	report, err := waiter.Wait(ctx, []verify.Expectation{expected}, options)
	if errors.Is(err, verify.ErrCancelled) {
		t.Errorf("Wait() = %v, and nobody cancelled it", err)
	}
	got := outcome{report: report, valid: err == nil, rounds: counted.asked(), waited: time.Since(started)}
	got.check(t, want)
	surveyor, _ := resolver.(verify.Surveyor)
	checkCauses(t, report.Explain(t.Context(), resolver, surveyor), want.cause)
	if w != nil && !f.asksResolvers() {
		w.checkUnheard(t, expected)
	}
	if f.virtual != nil {
		return got.untilText()
	}
	return got.String()
}

func (f fault) asksResolvers() bool {
	return f.options.Query == verify.QueryBoth || f.options.Query == verify.QueryResolvers
}

// outcome is what a wait came to.
type outcome struct {
	report verify.Report
	valid  bool
	rounds int
	waited time.Duration
}

// check holds the outcome against what it should be.
func (o outcome) check(t *testing.T, want ending) {
	t.Helper()
	texts := []string{o.report.Text()}
	for _, w := range o.report.Warnings() {
		texts = append(texts, w.Summary, w.Detail)
	}
	text := strings.Join(texts, "\n\n")
	switch {
	case o.valid != (len(o.report.Unmet()) == 0):
		t.Errorf("valid = %t, with %q unmet", o.valid, o.report.Unmet())
	case o.valid != (want.rounds != 0):
		t.Errorf("valid = %t after %d rounds, want %t\n%s", o.valid, o.rounds, !o.valid, text)
	case o.valid && want.rounds != anyRound && o.rounds != want.rounds:
		t.Errorf("valid after %d rounds, want %d\n%s", o.rounds, want.rounds, text)
	}
	if !regexp.MustCompile(want.says).MatchString(text) {
		t.Errorf("the report does not say %q:\n%s", want.says, text)
	}
	checkShown(t, text, o.report.Failing())
	for _, values := range o.report.Observed() {
		checkShown(t, values...)
	}
}

func (o outcome) String() string {
	unit := "rounds"
	if o.rounds == 1 {
		unit = "round"
	}
	if o.valid {
		return fmt.Sprintf("valid in %d %s", o.rounds, unit)
	}
	return fmt.Sprintf("never valid: %d %s", o.rounds, unit)
}

// untilText tells the outcome by time, where the number of rounds is left to chance.
func (o outcome) untilText() string {
	n := 0
	for _, f := range o.report.Findings {
		n += len(f.PassedOver)
	}
	switch {
	case !o.valid:
		return fmt.Sprintf("never valid: %s", o.waited)
	case n > 0:
		return fmt.Sprintf("valid, %d passed over", n)
	}
	return "valid"
}

// checkCauses holds the causes and notes of a report against the one that must be among them.
func checkCauses(t *testing.T, report verify.Report, want string) {
	t.Helper()
	var codes []string
	for _, f := range report.Findings {
		for _, cause := range slices.Concat(f.Causes(), f.Notes()) {
			codes = append(codes, cause.Code)
			checkShown(t, cause.Sentence, cause.Remedy, cause.Now)
		}
	}
	if want != "" && !slices.Contains(codes, want) {
		t.Errorf("causes %q, want %q among them\n%s", codes, want, report.Text())
	}
}

// checkShown holds texts against what a terminal may be sent.
func checkShown(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("the text holds what is not printable, at %d: %q", i, text)
		}
	}
}

// How the cells wait.
const (
	consecutive = 2                    // rounds in a row that must match
	neverRounds = 3                    // rounds after which what is not valid counts as never valid
	pause       = 2 * time.Millisecond // the first one between rounds
	// cachedWait bounds the wait for resolvers: while they remember an answer, there is no use in asking again.
	cachedWait = 2 * time.Second
)

var errEnough = errors.New("asked often enough")

// rounds counts the rounds in which a record is asked for, and ends the wait where there are too many.
type rounds struct {
	verify.Resolver
	of     verify.Expectation
	last   answer.Via // who is asked last
	limit  int        // 0 for none
	stop   context.CancelCauseFunc
	before func(round int) // of the last servers

	mu sync.Mutex
	n  map[answer.Via]int
}

func (r *rounds) Ask(ctx context.Context, q answer.Question) (answer.Set, error) {
	if q.Fresh && q.Name == r.of.Owner && q.Type == r.of.Type {
		r.mu.Lock()
		over := r.limit > 0 && r.n[q.Via] == r.limit
		if !over {
			r.n[q.Via]++
		}
		n := r.n[q.Via]
		r.mu.Unlock()
		switch {
		case over:
			r.stop(errEnough)
			return answer.Set{}, ctx.Err()
		case r.before != nil && q.Via == r.last:
			r.before(n)
		}
	}
	return r.Resolver.Ask(ctx, q)
}

// asked returns the rounds of the servers that were asked last.
func (r *rounds) asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cmp.Or(r.n[r.last], r.n[answer.Authorities])
}

// matrix gathers the cells, by fault.
type matrix struct {
	mu    sync.Mutex
	cells map[string]*[3]string
}

func (m *matrix) put(fault string, c content, cell string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cells == nil {
		m.cells = make(map[string]*[3]string)
	}
	if m.cells[fault] == nil {
		m.cells[fault] = new([3]string)
	}
	m.cells[fault][c] = cell
}

// String shows the faults that were run, a line for each.
func (m *matrix) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FAULT\tRECORD\tMISSING\tWRONG\tRIGHT")
	for _, f := range faults() {
		if cells := m.cells[f.name]; cells != nil {
			fmt.Fprintf(w, "%s\t%s\t%s\n", f.name, f.subject.orSPF().kind, strings.Join(cells[:], "\t"))
		}
	}
	_ = w.Flush() // A strings.Builder takes everything.
	return fmt.Sprintf("%d faults\n%s", len(m.cells), &b)
}
