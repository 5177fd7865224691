package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// State is what all servers together say about an expectation, or about all of them.
type State int

// The states. The zero State is Unclear.
const (
	Unclear State = iota // servers could not be asked, or they disagree
	Valid                // the servers that are required serve it
	Invalid              // every server that can be reached serves something else
)

// Seen is what one server said about one expectation.
type Seen struct {
	answer.Answer
	Verdict Verdict
	Text    string // what is there instead; empty where it is the record itself
}

// Finding is what all servers said about one expectation.
type Finding struct {
	Expectation
	Via  answer.Via
	Zone dnsname.Name
	Seen []Seen
	// Err is set where there was no server to ask; Seen is empty then.
	Err error
	// PassedOver are servers that did not answer for so long that they no longer count.
	PassedOver []answer.Server
	// Disagreements and AliasedServers are as in [answer.Set].
	Disagreements  []answer.Disagreement
	AliasedServers []dnsname.Name
	// Required is what was asked of the servers.
	Required Require
	// Causes say why it is not met, likely, and Notes what is worth knowing where it is.
	Causes, Notes []Cause
	// sources, redirects and above are as in [answer.Set].
	sources   map[answer.Server]dnsname.Name
	redirects []dnsname.Name
	above     []answer.Server
	// key is what was answered about the key behind a DKIM CNAME, where that counts.
	key []answer.Answer
}

// count returns how many servers have the verdict.
func (f Finding) count(v Verdict) int {
	n := 0
	for _, s := range f.Seen {
		if s.Verdict == v {
			n++
		}
	}
	return n
}

// Met reports whether as many servers match as are required. Servers that did not answer count against "all"
// and "strict" unless they are passed over.
func (f Finding) Met() bool {
	matches, differs := f.count(Matches), f.count(Mismatch)
	silent := len(f.Seen) - matches - differs
	switch f.Required.mode {
	case requireStrict:
		return matches > 0 && matches == len(f.Seen)
	case requireAny:
		return matches > 0
	case requireCount:
		serving, _ := f.serving()
		return serving >= f.Required.count
	default:
		return matches > 0 && differs == 0 && silent == len(f.PassedOver)
	}
}

// serving returns how many servers serve the record, and how many there are. A server that has a name is one whatever
// its addresses, and serves the record where each of those that answer does.
func (f Finding) serving() (serving, servers int) {
	serves := make(map[answer.Server]bool)
	for _, s := range f.Seen {
		id := s.Server
		if id.Name.IsValid() && id.URL == "" {
			id = answer.Server{Name: id.Name}
		}
		known, ok := serves[id]
		serves[id] = s.Verdict == Matches && (known || !ok)
	}
	for _, ok := range serves {
		if ok {
			serving++
		}
	}
	return serving, len(serves)
}

// State judges one pass, without waiting for servers that are silent: under "all" those that
// answered decide, and one that fails or refuses leaves it open. A record is Invalid only where every server that says
// what there is says so, or where the zone above says that there is no such domain.
func (f Finding) State() State {
	matches, differs := f.count(Matches), f.count(Mismatch)
	lookup, _ := errors.AsType[*answer.LookupError](f.Err)
	open := slices.ContainsFunc(f.Seen, func(s Seen) bool { return s.Verdict == Unknown && !s.Outcome.Silent() })
	switch {
	case f.Required.mode == requireAll && matches > 0 && differs == 0 && !open, f.Required.mode != requireAll && f.Met():
		return Valid
	case matches == 0 && differs > 0:
		return Invalid
	case lookup != nil && lookup.Reason == answer.NotDelegated:
		return Invalid
	}
	return Unclear
}

// Values returns the values that the servers serve at the owner, each once, sorted.
func (f Finding) Values() []string {
	var values []string
	for _, s := range f.Seen {
		values = append(values, s.Values...)
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// negativeTTL returns for how long asking resolvers again is in vain: what does not match is a negative answer at
// each of them, and they keep that for its TTL (RFC 2308 §5). It returns 0 where any other answer may change
// at once, as those of authorities may.
func (f Finding) negativeTTL() time.Duration {
	if f.Via != answer.Resolvers {
		return 0
	}
	unmet := f.key
	for _, s := range f.Seen {
		// With a key asked for, a CNAME that is found has the verdict on the key.
		if s.Verdict != Matches && (len(f.key) == 0 || s.Outcome != answer.Found) {
			unmet = append(slices.Clip(unmet), s.Answer)
		}
	}
	var shortest uint32
	for _, a := range unmet {
		if a.Outcome != answer.NoData && a.Outcome != answer.NXDomain || a.TTL == 0 {
			return 0
		}
		if shortest == 0 || a.TTL < shortest {
			shortest = a.TTL
		}
	}
	return time.Duration(shortest) * time.Second
}

// verdicts tells findings apart by who says what of which record, and leaves out the words.
func (r Report) verdicts() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %t %t", f.Key, f.Via, f.Met(), f.Err != nil)
		for _, s := range f.Seen {
			fmt.Fprintf(&b, " %s=%d", s.Server, s.Verdict)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// errUnanswered stands for the answers to a question that did not come in time, be it that servers are slow or that they
// lead from one to the next.
var errUnanswered = errors.New("the question was not answered within the time")

// unanswered reports whether an error says that the time was over.
func unanswered(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, errUnanswered)
}

// probe asks once about each expectation. Its findings come in the order of the expectations. What is not answered when
// the context is over is left open, and the rest is judged all the same.
func probe(ctx context.Context, r Resolver, expected []Expectation, o Options, via answer.Via, fresh bool) []Finding {
	b := newBatch(via, fresh)
	type pair struct{ own, key *reply }
	pairs := make([]pair, len(expected))
	for i, e := range expected {
		pairs[i].own = b.want(e.Owner, e.Type)
		if o.Follow && e.Type == record.CNAME && IsDKIMOwner(e.Owner) {
			pairs[i].key = b.want(e.Owner, record.TXT)
		}
	}
	b.ask(ctx, r)
	findings := make([]Finding, len(expected))
	for i, e := range expected {
		findings[i] = find(e, o.Require, via, *pairs[i].own)
	}
	flatten(ctx, r, b, findings)
	for i, f := range findings {
		key := pairs[i].key
		if key != nil && unanswered(key.err) {
			f = f.open(key.err)
		}
		f.Notes = append(f.Notes, f.notes()...)
		if key != nil && f.Err == nil {
			f = follow(f, *key)
		}
		f.Causes = arrange(append(f.Causes, f.causes()...))
		findings[i] = f
	}
	return findings
}

// open returns the finding of a question that was not answered in time, as the error says.
func (f Finding) open(err error) Finding {
	why := errUnanswered
	if errors.Is(err, answer.ErrHeldBack) {
		why = fmt.Errorf("%w, and %w", answer.ErrHeldBack, errUnanswered)
	}
	return Finding{Expectation: f.Expectation, Via: f.Via, Required: f.Required, Err: why}
}

// overtime returns the error of a round that did not come to its end: [answer.ErrHeldBack] where the client's own limits
// are why.
func overtime(findings []Finding, otherwise error) error {
	if slices.ContainsFunc(findings, Finding.heldBack) {
		return fmt.Errorf("%w: %w", answer.ErrHeldBack, otherwise)
	}
	return otherwise
}

// heldBack reports whether the client's own limits kept a record from being asked about in time.
func (f Finding) heldBack() bool { return errors.Is(f.Err, answer.ErrHeldBack) }

// HeldBack reports whether the client's own limits kept records from being asked about in time, and nothing else is
// unclear: where servers do not answer, it is for them that others wait.
func (r Report) HeldBack() bool {
	other := func(f Finding) bool { return f.State() == Unclear && !f.heldBack() }
	return slices.ContainsFunc(r.Findings, Finding.heldBack) && !slices.ContainsFunc(r.Findings, other)
}

type reply struct {
	answers answer.Set
	err     error
}

// A batch asks each question once, however many want its answer.
type batch struct {
	via     answer.Via
	fresh   bool
	replies map[answer.Question]*reply
	open    []answer.Question
}

func newBatch(via answer.Via, fresh bool) *batch {
	return &batch{via: via, fresh: fresh, replies: make(map[answer.Question]*reply)}
}

// want returns the place where the answer will stand once the batch was asked.
func (b *batch) want(name dnsname.Name, t record.Type) *reply {
	q := answer.Question{Name: name, Type: t, Via: b.via, Fresh: b.fresh}
	if b.replies[q] == nil {
		b.replies[q] = &reply{}
		b.open = append(b.open, q)
	}
	return b.replies[q]
}

// ask asks all that was not asked yet at once; the resolver bounds what is in flight. Nothing is asked once the
// context is over.
func (b *batch) ask(ctx context.Context, r Resolver) {
	open := b.open
	b.open = nil
	take := func(i int, set answer.Set, err error) { *b.replies[open[i]] = reply{set, err} }
	if err := ctx.Err(); err != nil {
		for i := range open {
			take(i, answer.Set{}, err)
		}
		return
	}
	if many, ok := r.(Batcher); ok {
		many.AskEach(ctx, open, take)
		return
	}
	var group sync.WaitGroup
	for i, q := range open {
		group.Go(func() {
			set, err := r.Ask(ctx, q)
			take(i, set, err)
		})
	}
	group.Wait()
}

func find(e Expectation, required Require, via answer.Via, r reply) Finding {
	f := Finding{
		Expectation: e, Via: via, Required: required, Zone: r.answers.Zone, Err: r.err,
		Disagreements: r.answers.Disagreements, AliasedServers: r.answers.AliasedServers, sources: r.answers.Sources, redirects: r.answers.Redirects, above: r.answers.Above,
	}
	if unanswered(r.err) {
		return f.open(r.err)
	}
	for _, a := range required.counting(r.answers.List) {
		verdict, text := match(e, a)
		f.Seen = append(f.Seen, Seen{Answer: a, Verdict: verdict, Text: text()})
	}
	if f.Err == nil && len(f.Seen) == 0 {
		f.Err = fmt.Errorf("no server was found to ask about %s", e.Owner)
	}
	return f
}

// counting returns the answers that count. "strict" wants every server at each of its addresses.
func (r Require) counting(list []answer.Answer) []answer.Answer {
	if r.mode == requireStrict {
		return list
	}
	return answer.Answering(list)
}
