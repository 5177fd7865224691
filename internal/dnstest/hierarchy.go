package dnstest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/miekg/dns"
)

// TB is the part of [testing.TB] that a hierarchy needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Hierarchy is a DNS of its own on loopback addresses. Its authoritative servers listen on one port,
// each on an address of its own. All methods are safe for concurrent use.
//
// Methods that return no error take input that is fixed in the program: what goes wrong there fails
// the test of [New], and panics in a hierarchy of [Start].
type Hierarchy struct {
	t       TB // who hears of mistakes in the calling program
	now     func() time.Time
	base    func() context.Context // ends when the hierarchy is closed
	cancel  context.CancelFunc
	reserve *reservation
	log     questionLog
	// authority makes the certificate authority when it is first needed.
	authority func() (*CA, error)

	mu        sync.Mutex
	closed    bool
	next      netip.Addr // the address that the next server tries first
	zones     map[string]*Zone
	servers   []*Server // in the order in which they were made
	recursors []*Recursor
}

// Option sets up a hierarchy.
type Option func(*settings)

type settings struct {
	now   func() time.Time
	port  uint16
	first netip.Addr
}

// WithClock makes caches and lagging servers go by another clock than the wall's: see [Clock].
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// WithPort fixes the port of the authoritative servers. Without it, a free one is found.
func WithPort(port uint16) Option { return func(s *settings) { s.port = port } }

// WithFirstAddr sets the address of the root server; further servers take those that follow.
// Without it, it is 127.0.0.2.
func WithFirstAddr(addr netip.Addr) Option { return func(s *settings) { s.first = addr } }

// New starts a hierarchy that holds the root zone, and closes it at the end of the test.
func New(t TB, opts ...Option) *Hierarchy {
	t.Helper()
	// Not t.Context(): it ends before the cleanups run, and servers outlive the questions of those.
	h, err := start(context.Background(), t, opts)
	if err != nil {
		t.Fatalf("dnstest: %v", err)
	}
	t.Cleanup(h.Close)
	return h
}

// Start starts a hierarchy that holds the root zone. It ends with [Hierarchy.Close]; the end of ctx
// ends what is under way.
func Start(ctx context.Context, opts ...Option) (*Hierarchy, error) {
	return start(ctx, program{}, opts)
}

// program stands for the test in a hierarchy of Start.
type program struct{}

func (program) Helper()                           {}
func (program) Cleanup(func())                    {}
func (program) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func start(ctx context.Context, t TB, opts []Option) (*Hierarchy, error) {
	s := settings{now: time.Now, first: netip.AddrFrom4([4]byte{127, 0, 0, 2})}
	for _, opt := range opts {
		opt(&s)
	}
	ctx, cancel := context.WithCancel(ctx)
	h := &Hierarchy{t: t, now: s.now, base: func() context.Context { return ctx }, cancel: cancel, authority: sync.OnceValues(NewCA)}
	err := tryPorts(s.port, func(port uint16) error {
		var err error
		if h.reserve, err = reserve(port); err != nil {
			return err
		}
		h.next, h.zones = s.first, map[string]*Zone{}
		if _, err = h.AddZone("."); err != nil {
			h.reserve.release()
		}
		return err
	})
	if err != nil {
		cancel()
		return nil, err
	}
	return h, nil
}

// Close ends all servers and waits until nothing of the hierarchy runs any more. It may be called
// twice.
func (h *Hierarchy) Close() {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.closed = true
	servers, recursors := slices.Clone(h.servers), slices.Clone(h.recursors)
	h.mu.Unlock()
	h.cancel()
	for _, r := range recursors {
		r.close()
	}
	for _, s := range servers {
		s.close()
	}
	h.reserve.release()
}

// must reports an error of a method that returns none. Such a method calls t.Helper, so that a test
// fails in its own line.
func (h *Hierarchy) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatalf("dnstest: %v", err)
	}
}

// Port returns the port of all authoritative servers.
func (h *Hierarchy) Port() uint16 { return h.reserve.port }

// Zone returns the zone with the given name. It makes the zone if there is none, as [Hierarchy.AddZone]
// does; options are for a zone that is to be made.
func (h *Hierarchy) Zone(name string, opts ...ZoneOption) *Zone {
	h.t.Helper()
	if z := h.zone(name); z != nil && len(opts) == 0 {
		return z
	}
	z, err := h.AddZone(name, opts...)
	h.must(err)
	return z
}

// zone returns a zone, nil where there is none.
func (h *Hierarchy) zone(name string) *Zone {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.zones[dns.CanonicalName(name)]
}

// Server returns the authoritative server with the given name.
func (h *Hierarchy) Server(name string) *Server {
	h.t.Helper()
	h.mu.Lock()
	s := h.findServer(dns.CanonicalName(name))
	h.mu.Unlock()
	if s == nil {
		h.must(fmt.Errorf("the hierarchy has no server %q", name))
	}
	return s
}

// findServer returns a server by its canonical name, nil where there is none. h.mu is held.
func (h *Hierarchy) findServer(name string) *Server {
	for _, s := range h.servers {
		if s.name == displayName(name) {
			return s
		}
	}
	return nil
}

// Servers returns the authoritative servers in the order in which they were made.
func (h *Hierarchy) Servers() []*Server {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.servers)
}

// Questions returns the questions to all servers and recursors that all filters choose, in the order of
// arrival. Questions that a recursor of the hierarchy asked are among them: see [Direct].
func (h *Hierarchy) Questions(filters ...Filter) []Question {
	chosen, _ := h.log.choose(append(slices.Clone(filters), isQuery))
	return chosen
}

// Updates returns the updates (RFC 2136) that all filters choose, in the order of arrival.
func (h *Hierarchy) Updates(filters ...Filter) []Question {
	chosen, _ := h.log.choose(append(slices.Clone(filters), isUpdate))
	return chosen
}

// Count returns the number of questions that all filters choose.
func (h *Hierarchy) Count(filters ...Filter) int { return len(h.Questions(filters...)) }

// Await returns when n questions that all filters choose have arrived, counted from the start or the
// last [Hierarchy.ResetQuestions]. The reply to the last of them may still be under way. It fails when
// ctx ends first.
func (h *Hierarchy) Await(ctx context.Context, n int, filters ...Filter) error {
	return h.log.await(ctx, n, append(slices.Clone(filters), isQuery))
}

// ResetQuestions forgets all questions and updates so far.
func (h *Hierarchy) ResetQuestions() { h.log.reset() }

// Summary shows which server listens where and what it serves, a line for each.
func (h *Hierarchy) Summary() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SERVER\tADDRESS\tSERVES")
	for _, s := range h.Servers() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name(), joinAddrs(s.Addrs()), strings.Join(s.zoneNames(), " "))
	}
	for _, r := range h.Recursors() {
		fmt.Fprintf(w, "%s\t%s\trecursion\n", r.Name(), joinAddrs(r.Addrs()))
	}
	_ = w.Flush() // A strings.Builder takes everything.
	return b.String()
}

func joinAddrs(addrs []netip.AddrPort) string {
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	return strings.Join(texts, " ")
}
