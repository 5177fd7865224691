package dnstest

import (
	"context"
	"math"
	"sync"

	"github.com/miekg/dns"
)

// Exchange is one question on its way through a server: what came in, and what is about to go out.
type Exchange struct {
	Question Question
	Request  *dns.Msg // as it arrived; not to be changed
	Outcome  Outcome  // what kind of reply the server prepared
	Reply    *dns.Msg // what will be sent, already cut to size; nil sends nothing
	Wire     []byte   // where not nil, sent instead of Reply, octet for octet
	// Writer is the way to the client, for what Reply and Wire cannot express: several replies, or a
	// TCP connection closed behind one. It is nobody's but the handler's: not to be kept.
	Writer dns.ResponseWriter
}

// Drop sends nothing. A TCP connection stays open.
func (x *Exchange) Drop() { x.Reply, x.Wire = nil, nil }

// Close sends nothing, and closes the connection if it is TCP.
func (x *Exchange) Close() {
	x.Drop()
	// An error says that the connection is closed already, which is what was asked for.
	_ = x.Writer.Close()
}

// edns reports whether the client understands EDNS.
func (x *Exchange) edns() bool { return x.Request.IsEdns0() != nil }

// Fault stands between the reply that a server prepared and the wire. It may change, delay, drop or
// replace the reply. ctx ends when the hierarchy is closed: a fault that waits must obey it. Faults
// run concurrently, one call for each question.
//
// The faults with a memory, such as [First] and [Every], count for each value that was made: injected
// into two servers, one value counts the questions of both.
type Fault func(ctx context.Context, x *Exchange)

// Chain applies faults one after the other.
func Chain(faults ...Fault) Fault {
	return func(ctx context.Context, x *Exchange) {
		for _, f := range faults {
			f(ctx, x)
		}
	}
}

// When applies a fault to the questions that all filters choose.
func When(f Fault, filters ...Filter) Fault {
	return func(ctx context.Context, x *Exchange) {
		if all(x.Question, filters) {
			f(ctx, x)
		}
	}
}

// OnUDP applies a fault to questions over UDP only.
func OnUDP(f Fault) Fault { return When(f, Over(UDP)) }

// OnTCP applies a fault to questions over TCP only.
func OnTCP(f Fault) Fault { return When(f, Over(TCP)) }

// OnOutcome applies a fault to the replies of one kind only.
func OnOutcome(o Outcome, f Fault) Fault {
	return func(ctx context.Context, x *Exchange) {
		if x.Outcome == o {
			f(ctx, x)
		}
	}
}

// First applies a fault to the first n questions that reach it.
func First(n int, f Fault) Fault { return counted(f, func(i int) bool { return i <= n }) }

// After applies a fault to all questions that reach it but the first n.
func After(n int, f Fault) Fault { return counted(f, func(i int) bool { return i > n }) }

// Every applies a fault to every nth question that reaches it: Every(2, Drop) is a server that flaps.
func Every(n int, f Fault) Fault { return counted(f, func(i int) bool { return i%n == 0 }) }

func counted(f Fault, applies func(i int) bool) Fault {
	var mu sync.Mutex
	count := 0
	return func(ctx context.Context, x *Exchange) {
		mu.Lock()
		if count < math.MaxInt {
			count++
		}
		i := count
		mu.Unlock()
		if applies(i) {
			f(ctx, x)
		}
	}
}

// Cycle applies each fault in turn, one for each question; nil leaves a reply as it is.
func Cycle(faults ...Fault) Fault {
	var mu sync.Mutex
	next := 0
	return func(ctx context.Context, x *Exchange) {
		mu.Lock()
		f := faults[next]
		next = (next + 1) % len(faults)
		mu.Unlock()
		if f != nil {
			f(ctx, x)
		}
	}
}

// Gate holds replies back until it is opened, so that a test can look at what is under way without a
// clock. The zero Gate is closed; a Gate must not be copied.
type Gate struct {
	once   sync.Once
	opened chan struct{}
	open   sync.Once
}

func (g *Gate) channel() chan struct{} {
	g.once.Do(func() { g.opened = make(chan struct{}) })
	return g.opened
}

// Open lets all replies through, those that wait and those to come.
func (g *Gate) Open() { g.open.Do(func() { close(g.channel()) }) }

// Fault is the fault that holds replies back. A reply that still waits when the hierarchy is closed is
// dropped.
func (g *Gate) Fault(ctx context.Context, x *Exchange) {
	select {
	case <-g.channel():
	case <-ctx.Done():
		x.Drop()
	}
}
