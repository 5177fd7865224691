package audit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// maxInFlight is how many questions of an audit wait for their answers at a time.
const maxInFlight = 32

func lookupError(err error) (*answer.LookupError, bool) {
	return errors.AsType[*answer.LookupError](err)
}

// A question is a name and a type to ask DNS for.
type question struct {
	name string
	typ  string
}

// A reader asks each question once.
type reader struct {
	dns    DNS
	domain dnsname.Name
	slots  chan struct{}

	mu      sync.Mutex
	facts   map[question]*pending[Fact]
	lookups map[question]*pending[lookup]
	pages   map[question]*pending[fetched]
}

// A lookup is the answer of recursive servers.
type lookup struct {
	values []string
	err    error
}

// pending is an answer that may still be under way.
type pending[T any] struct {
	done  chan struct{}
	value T
}

func newReader(dns DNS, domain dnsname.Name) *reader {
	return &reader{
		dns: dns, domain: domain, slots: make(chan struct{}, maxInFlight),
		facts: make(map[question]*pending[Fact]), lookups: make(map[question]*pending[lookup]), pages: make(map[question]*pending[fetched]),
	}
}

// once returns the answer to a question, which the first caller asks.
func once[T any](r *reader, known map[question]*pending[T], q question, ask func() T) T {
	r.mu.Lock()
	p, ok := known[q]
	if !ok {
		p = &pending[T]{done: make(chan struct{})}
		known[q] = p
	}
	r.mu.Unlock()
	if ok {
		<-p.done
		return p.value
	}
	defer close(p.done)
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	p.value = ask()
	return p.value
}

// fact asks the authoritative servers.
func (r *reader) fact(ctx context.Context, name dnsname.Name, t record.Type) Fact {
	return once(r, r.facts, question{name.String(), string(t)}, func() Fact {
		f := Fact{Name: name, Type: t}
		if !name.IsValid() {
			f.Err = dnsname.ErrEmpty
			return f
		}
		f.Set, f.Err = r.dns.Ask(ctx, answer.Question{Name: name, Type: t, Via: answer.Authorities})
		return f
	})
}

// A source is where a view gets its facts from: live DNS, or live DNS with the records that are to be published.
type source interface {
	fact(ctx context.Context, name dnsname.Name, t record.Type) Fact
	recursive(ctx context.Context, name string, t spf.RRType) ([]string, error)
}

// recursive asks recursive servers.
func (r *reader) recursive(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	got := once(r, r.lookups, question{strings.ToLower(name), string(t)}, func() lookup {
		values, err := r.dns.Lookup(ctx, name, t)
		return lookup{values, err}
	})
	return got.values, got.err
}

// published has the records as if they were live.
type published struct {
	*reader
	records record.Set
}

func (p published) fact(ctx context.Context, name dnsname.Name, t record.Type) Fact {
	return p.follow(ctx, name, t, nil)
}

// follow returns the future records of a name, through future aliases.
func (p published) follow(ctx context.Context, name dnsname.Name, t record.Type, trail []dnsname.Name) Fact {
	values := p.at(name, t)
	targets := p.at(name, record.CNAME)
	live := p.reader.fact
	switch {
	case t != record.CNAME && len(targets) > 0 && !slices.Contains(trail, name):
		f := p.follow(ctx, dnsname.FromDNS(targets[0]), t, append(slices.Clip(trail), name))
		f.Name, f.Type = name, t
		f.Set.List = slices.Clone(f.Set.List)
		for i := range f.Set.List {
			f.Set.List[i].Aliases = append([]dnsname.Name{dnsname.FromDNS(targets[0])}, f.Set.List[i].Aliases...)
		}
		return f
	case len(values) == 0:
		return live(ctx, name, t)
	}
	was := live(ctx, name, t)
	for _, v := range was.Values() {
		if t == record.TXT && len(was.Aliases()) == 0 && !slices.ContainsFunc(values, func(planned string) bool { return sameKind(planned, v) }) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return Fact{Name: name, Type: t, Set: answer.Set{Zone: was.Set.Zone, List: []answer.Answer{{
		Outcome: answer.Found, Values: slices.Compact(values), TTL: p.ttl(name, t), Authoritative: true,
	}}}}
}

// at returns the values that are to be published.
func (p published) at(name dnsname.Name, t record.Type) []string {
	var values []string
	for _, key := range p.records.Keys() {
		if r := p.records[key]; r.Owner == name && r.Type == t {
			values = append(values, r.Value)
		}
	}
	return values
}

func (p published) ttl(name dnsname.Name, t record.Type) uint32 {
	for _, key := range p.records.Keys() {
		if r := p.records[key]; r.Owner == name && r.Type == t {
			return r.TTL
		}
	}
	return 0
}

// sameKind reports whether one TXT value takes the place of another, of which an owner has one.
func sameKind(a, b string) bool {
	return a == b || record.IsDKIM(a) && record.IsDKIM(b) || record.FormatOf(a) != "" && record.FormatOf(a) == record.FormatOf(b)
}

// asked answers the questions of SPF for a view, and notes the facts that it took.
type asked struct {
	*gatherer
}

var _ spf.Resolver = asked{}

// Lookup implements [spf.Resolver]. Names of the domain are put to its authoritative servers.
func (a asked) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	n, err := dnsname.Parse(name)
	if err != nil || t == spf.TypePTR || !n.IsIn(a.config.Domain) {
		return a.source.recursive(ctx, name, t)
	}
	f := a.fact(ctx, n, record.Type(t))
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case !f.Known():
		return nil, errors.New(f.unknown())
	case t == spf.TypeMX:
		return record.MailHosts(f.Values()), nil
	}
	return f.Values(), nil
}
