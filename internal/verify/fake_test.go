package verify_test

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// fake answers as a function of the time since it was made, and remembers what it was asked.
type fake struct {
	start  time.Time
	answer func(q answer.Question, at time.Duration) (answer.Set, error)
	delay  time.Duration // before each answer

	mu    sync.Mutex
	asked []asked
}

type asked struct {
	answer.Question
	at time.Duration
}

func newFake(answer func(q answer.Question, at time.Duration) (answer.Set, error)) *fake {
	return &fake{start: time.Now(), answer: answer}
}

func (f *fake) Ask(ctx context.Context, q answer.Question) (answer.Set, error) {
	at := time.Since(f.start)
	f.mu.Lock()
	f.asked = append(f.asked, asked{q, at})
	f.mu.Unlock()
	if f.delay > 0 {
		select {
		case <-time.After(f.delay):
		case <-ctx.Done():
			return answer.Set{}, ctx.Err()
		}
	}
	return f.answer(q, at)
}

// count returns how many questions of a kind were asked.
func (f *fake) count(is func(asked) bool) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, a := range f.asked {
		if is(a) {
			n++
		}
	}
	return n
}

func (f *fake) lastAsked(t *testing.T) time.Duration {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) == 0 {
		t.Fatal("nothing was asked")
	}
	return f.asked[len(f.asked)-1].at
}

func name(s string) dnsname.Name { return dnsname.MustParse(s) }

// server returns the n-th name server of the zone, from 1 on.
func server(n byte) answer.Server {
	return answer.Server{
		Name: name("ns" + string('0'+rune(n)) + ".example.com"),
		Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 53),
	}
}

func found(n byte, values ...string) answer.Answer {
	return answer.Answer{Server: server(n), Outcome: answer.Found, Values: values, TTL: 3600, Authoritative: true}
}

func fails(n byte, o answer.Outcome) answer.Answer {
	a := answer.Answer{Server: server(n), Outcome: o}
	if o.Definite() {
		a.TTL, a.Authoritative = 900, true
	}
	return a
}

func zone(list ...answer.Answer) answer.Set {
	return answer.Set{Zone: name("example.com"), List: list}
}

const spfValue = "v=spf1 include:spf.protection.outlook.com include:spf.example.net -all"

var (
	spfRecord  = verify.Expectation{Key: "example.com/spf", Owner: name("example.com"), Type: record.TXT, Value: spfValue}
	dkimRecord = verify.Expectation{
		Key: "example.com/catglobe/dkim", Owner: name("cg1._domainkey.example.com"), Type: record.CNAME, Value: "cg1.dkim.example.net",
	}
)

// world is live DNS in short: the answers to "owner TYPE" of the authorities, and to "owner TYPE resolvers". What it
// does not hold does not exist, at one name server or at the resolver 192.0.2.53.
type world map[string][]answer.Answer

func (w world) answer(q answer.Question, _ time.Duration) (answer.Set, error) {
	key := q.Name.String() + " " + string(q.Type)
	if q.Via == answer.Resolvers {
		if list, ok := w[key+" resolvers"]; ok {
			return answer.Set{List: list}, nil
		}
		return answer.Set{List: []answer.Answer{recalls(fails(0, answer.NXDomain), 0)}}, nil
	}
	list, ok := w[key]
	switch {
	case !ok:
		list = []answer.Answer{fails(1, answer.NXDomain)}
	case len(list) == 0:
		return answer.Set{}, &answer.LookupError{Name: q.Name, At: name("example.com"), Reason: answer.Blocked}
	}
	if q.Name.IsIn(name("example.com")) {
		return zone(list...), nil
	}
	return answer.Set{Zone: name("example.net"), List: list}, nil
}

// recalls makes an answer one of the resolver 192.0.2.53, with what is left of its TTL.
func recalls(a answer.Answer, ttl uint32) answer.Answer {
	a.Server = answer.Server{Addr: netip.MustParseAddrPort("192.0.2.53:53")}
	a.TTL, a.Authoritative = ttl, false
	return a
}

// behindAlias makes an answer one that an alias led to.
func behindAlias(a answer.Answer, targets ...string) answer.Answer {
	for _, t := range targets {
		a.Aliases = append(a.Aliases, name(t))
	}
	return a
}

// surveyor gives every zone the same survey.
type surveyor struct {
	survey     answer.Survey
	comparison answer.Comparison
	err        error

	mu    sync.Mutex
	asked []dnsname.Name
}

func (s *surveyor) Compare(context.Context, dnsname.Name) (answer.Comparison, error) {
	return s.comparison, s.err
}

func (s *surveyor) Survey(_ context.Context, n dnsname.Name) (answer.Survey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, n)
	return s.survey, s.err
}
