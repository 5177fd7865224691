package check

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// An evaluation is one check. Its counts run over all records that take part (RFC 7208 §4.6.4).
type evaluation struct {
	identity

	resolver spf.Resolver
	client   netip.Addr
	receiver string
	time     time.Time
	maxVoids int

	lookups int
	voids   int
	names   *clientNames // once ptr or the macro p asked for them
	way     []string     // the domains whose records are being evaluated, each one led to by the one before
}

func newEvaluation(c Checker, q Query) *evaluation {
	e := &evaluation{
		identity: q.identity(),
		resolver: c.Resolver,
		client:   q.IP.Unmap().WithZone(""),
		receiver: q.Receiver,
		time:     q.Time,
		maxVoids: c.MaxVoids,
	}
	if e.maxVoids == 0 {
		e.maxVoids = spf.MaxVoidLookups
	}
	if e.receiver == "" {
		e.receiver = unknown
	}
	return e
}

// countTerm counts a term of the domain's record that looks something up, before it does (RFC 7208 §4.6.4). The PTR
// lookup of a macro p is another one.
func (e *evaluation) countTerm(domain string, step *Step) error {
	e.lookups++
	if spf.HasNameMacro(step.domainSpec()) {
		e.lookups++
	}
	if e.lookups <= spf.MaxLookups {
		return nil
	}
	e.lookups = spf.MaxLookups // the one too many is not made
	if loop := e.loop(); loop != nil {
		return loop
	}
	return permErrorf("%s of %s would be one lookup more than the %d that are allowed (RFC 7208 §4.6.4)",
		qname.Show(step.text()), qname.Show(domain), spf.MaxLookups)
}

// loop returns the problem of records that lead to each other, where a limit was met on the way round, and nil otherwise.
func (e *evaluation) loop() error {
	for i, domain := range e.way {
		if next := slices.Index(e.way[i+1:], domain); next >= 0 {
			names := make([]string, next+1)
			for k := range names {
				names[k] = qname.Show(e.way[i+k])
			}
			return permErrorf("%s, in a loop that ends only at the limit of lookups (RFC 7208 §4.6.4)", spf.DescribeLoop(names))
		}
	}
	return nil
}

// ask asks DNS. Its error is a *problem with lookup set where that failed (RFC 7208 §4.4), and what [evaluation.over]
// returns where the context is over.
func (e *evaluation) ask(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	if ctx.Err() != nil {
		return nil, e.over(ctx, nil)
	}
	answers, err := e.resolver.Lookup(ctx, name, t)
	switch {
	case err == nil:
		return answers, nil
	case ctx.Err() != nil:
		return nil, e.over(ctx, err)
	}
	text := fmt.Sprintf("DNS could not be asked for the %s records of %s: %s (RFC 7208 §4.4)", t, qname.Show(name), record.Display(err.Error()))
	return nil, &problem{result: TempError, text: text, lookup: true}
}

// over returns the error for a context that is over: a temperror where [Checker.Timeout] ended it, otherwise its cause.
// What the resolver said then may say why.
func (e *evaluation) over(ctx context.Context, said error) error {
	if cause := context.Cause(ctx); !errors.Is(cause, errTooLong) {
		return cause
	}
	text := errTooLong.Error() + " (RFC 7208 §4.6.4)"
	if said != nil && said.Error() != ctx.Err().Error() {
		text += ": " + record.Display(said.Error())
	}
	return &problem{result: TempError, text: text}
}

// askFor asks on behalf of a term, and counts a void answer.
func (e *evaluation) askFor(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	answers, err := e.ask(ctx, name, t)
	if err == nil && len(answers) == 0 {
		err = e.countVoid(name, t)
	}
	return answers, err
}

// countVoid counts a void answer to a term's question (RFC 7208 §4.6.4).
func (e *evaluation) countVoid(name string, t spf.RRType) error {
	e.voids++
	if e.maxVoids < 0 || e.voids <= e.maxVoids {
		return nil
	}
	if loop := e.loop(); loop != nil {
		return loop
	}
	return permErrorf("there is no %s record at %s, and no more than %d lookups may have no answer (RFC 7208 §4.6.4)",
		t, qname.Show(name), e.maxVoids)
}

// addressType is the type of the records that hold addresses of the client's family (RFC 7208 §5).
func (e *evaluation) addressType() spf.RRType {
	if e.client.Is4() {
		return spf.TypeA
	}
	return spf.TypeAAAA
}
