package dnstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// clientTimeout is how long a server waits for the next message on a TCP connection.
const clientTimeout = 5 * time.Minute

// endpoint is what servers and recursors have in common: sockets, faults and a log. Its exported
// methods are those of [Server] and [Recursor].
type endpoint struct {
	name    string // as it is shown
	h       *Hierarchy
	respond func(ctx context.Context, x *Exchange) // prepares the reply

	mu      sync.Mutex
	faults  []*Fault // pointers, so that one of two equal faults can be taken out
	hooks   []*func(Question)
	sockets []*socket
	ending  []*running // shut, and perhaps not yet stopped
	secure  []*SecureListener
	closed  bool
}

// socket is one address on which an endpoint listens.
type socket struct {
	addr netip.AddrPort
	live map[Transport]*running
}

// running is one transport of one address.
type running struct {
	server  *dns.Server
	stopped chan struct{} // closed when its goroutines are gone
}

// Name returns the name, in lower case and without its final dot.
func (e *endpoint) Name() string { return e.name }

// Addr returns the first address, with its port.
func (e *endpoint) Addr() netip.AddrPort { return e.Addrs()[0] }

// Addrs returns the addresses in the order in which they were given.
func (e *endpoint) Addrs() []netip.AddrPort {
	e.mu.Lock()
	defer e.mu.Unlock()
	var addrs []netip.AddrPort
	for _, s := range e.sockets {
		addrs = append(addrs, s.addr)
	}
	return addrs
}

// Inject puts a fault behind those already injected and returns what takes it out again.
func (e *endpoint) Inject(f Fault) (remove func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, &f)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.faults = slices.DeleteFunc(slices.Clone(e.faults), func(have *Fault) bool { return have == &f })
	}
}

// Heal takes out all faults. It does not undo [Server.Down], [Server.Hold] or [Server.Lag].
func (e *endpoint) Heal() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
}

// OnQuestion calls hook for every question and update, after it is logged and before its reply is
// prepared: what the hook changes, or injects, shows in that reply already. Hooks run concurrently, one
// call for each question. It returns what takes the hook out again.
func (e *endpoint) OnQuestion(hook func(Question)) (remove func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hooks = append(e.hooks, &hook)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.hooks = slices.DeleteFunc(slices.Clone(e.hooks), func(have *func(Question)) bool { return have == &hook })
	}
}

// Questions returns the questions to this server that all filters choose, in the order of arrival.
func (e *endpoint) Questions(filters ...Filter) []Question {
	return e.h.Questions(append(slices.Clone(filters), To(e.name))...)
}

// Count returns the number of questions to this server that all filters choose.
func (e *endpoint) Count(filters ...Filter) int { return len(e.Questions(filters...)) }

// Down closes the sockets of the given transports, all of them where none is given. Clients are then
// refused by the operating system, as by a host on which no server runs. It may be called from hooks
// and faults; a question under way over UDP is then left without a reply.
func (e *endpoint) Down(transports ...Transport) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sockets {
		for t, r := range s.live {
			if len(transports) == 0 || slices.Contains(transports, t) {
				r.shut()
				delete(s.live, t)
				e.ending = append(e.ending, r)
			}
		}
	}
}

// close ends the endpoint and waits for the questions under way.
func (e *endpoint) close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.Down()
	e.mu.Lock()
	ending, secure := e.ending, e.secure
	e.mu.Unlock()
	for _, l := range secure {
		l.close()
	}
	for _, r := range ending {
		<-r.stopped
	}
}

// Up opens again what [Server.Down] closed. Failure is reported as [Hierarchy] says.
func (e *endpoint) Up() {
	e.h.t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sockets {
		e.h.must(e.open(s))
	}
}

// open starts the transports of s that do not run. e.mu is held, or e not yet shared.
func (e *endpoint) open(s *socket) error {
	if e.closed {
		return errors.New("the hierarchy is closed")
	}
	for _, t := range []Transport{UDP, TCP} {
		if s.live[t] != nil {
			continue
		}
		r, err := e.start(t, s.addr)
		if err != nil {
			return listenError(s.addr, err)
		}
		s.live[t] = r
	}
	return nil
}

// start opens one transport.
func (e *endpoint) start(t Transport, addr netip.AddrPort) (*running, error) {
	if t == UDP {
		conn, err := net.ListenPacket("udp", addr.String())
		if err != nil {
			return nil, err
		}
		return e.serve(&dns.Server{PacketConn: conn}, conn)
	}
	listener, err := net.Listen("tcp", addr.String())
	if err != nil {
		return nil, err
	}
	return e.serve(&dns.Server{Listener: listener}, listener)
}

// listen opens both transports at an address. UDP comes first, so that of two hierarchies that try the
// same port one fails before it holds anything.
func (e *endpoint) listen(addr netip.AddrPort) error {
	s := &socket{addr: addr, live: map[Transport]*running{}}
	if err := e.open(s); err != nil {
		for _, r := range s.live {
			r.shut()
			<-r.stopped
		}
		return err
	}
	e.sockets = append(e.sockets, s)
	return nil
}

// serve starts a server over an open socket and returns when it is ready.
func (e *endpoint) serve(server *dns.Server, open io.Closer) (*running, error) {
	server.UDPSize = dns.MaxMsgSize
	if server.Handler == nil {
		server.Handler = e
	}
	server.MsgAcceptFunc = acceptRequests
	// A client that is slow, or asks a lot, is not what tests are about: nothing ends by itself.
	server.ReadTimeout = clientTimeout
	server.IdleTimeout = func() time.Duration { return clientTimeout }
	server.MaxTCPQueries = -1
	ready := make(chan struct{})
	server.NotifyStartedFunc = func() { close(ready) }
	r := &running{server: server, stopped: make(chan struct{})}
	ended := make(chan error, 1) // Once it has started, it ends by shut, and its error says no more.
	go func() {
		defer close(r.stopped)
		ended <- server.ActivateAndServe()
	}()
	select {
	case <-ready:
		return r, nil
	case err := <-ended:
		return nil, errors.Join(err, open.Close())
	}
}

// acceptRequests lets everything through but replies. The library's default would refuse updates
// (RFC 2136) by itself.
func acceptRequests(header dns.Header) dns.MsgAcceptAction {
	const isReply = 1 << 15 // QR (RFC 1035 §4.1.1)
	if header.Bits&isReply != 0 {
		return dns.MsgIgnore
	}
	return dns.MsgAccept
}

// ServeDNS makes servers and recursors a [dns.Handler], for tests that put them behind another
// transport, such as TLS or HTTPS. Over anything but UDP replies are not cut.
func (e *endpoint) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	_, transport := addrOf(w.LocalAddr())
	e.serveDNS(w, req, transport)
}

// serveDNS answers a question that came over a transport.
func (e *endpoint) serveDNS(w dns.ResponseWriter, req *dns.Msg, transport Transport) {
	local, _ := addrOf(w.LocalAddr())
	q := newQuestion(e.name, local, transport, req, e.h.now())
	q.Client, _ = addrOf(w.RemoteAddr())
	e.handle(e.h.base(), w, q, req)
}

// addrOf reads an address of the net package. It is not valid for one that is no IP address and port.
func addrOf(a net.Addr) (netip.AddrPort, Transport) {
	addr, err := netip.ParseAddrPort(a.String())
	if err != nil {
		addr = netip.AddrPort{}
	}
	if strings.HasPrefix(a.Network(), "udp") {
		return addr, UDP
	}
	return addr, TCP
}

// shut closes the socket at once; what is under way ends by itself.
func (r *running) shut() {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	// The only errors are that it waited for nothing, as it was told, or had stopped already.
	_ = r.server.ShutdownContext(now)
}

// handle takes one message through log, hooks, reply and faults.
func (e *endpoint) handle(ctx context.Context, w dns.ResponseWriter, q Question, req *dns.Msg) {
	e.h.log.add(q)
	for _, hook := range e.currentHooks() {
		callHook(*hook, q)
	}
	faults := e.currentFaults()
	x := &Exchange{Question: q, Request: req, Writer: w}
	if x.Reply = rejectMalformed(req); x.Reply != nil {
		x.Outcome = Rejected
	} else {
		e.respond(ctx, x)
	}
	fit(req, x.Reply, q.Transport)
	for _, f := range faults {
		(*f)(ctx, x)
	}
	x.send()
}

func (e *endpoint) currentHooks() []*func(Question) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.hooks)
}

func (e *endpoint) currentFaults() []*Fault {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.faults)
}

// callHook runs a hook in a goroutine of its own: a hook may end its goroutine, as t.Fatal does, and the
// handler's must go on to its end.
func callHook(hook func(Question), q Question) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		hook(q)
	}()
	<-done
}

// send writes what is left of the reply. A client that is gone is no concern of the server's.
func (x *Exchange) send() {
	switch {
	case x.Wire != nil:
		_, _ = x.Writer.Write(x.Wire)
	case x.Reply != nil:
		if err := x.Writer.WriteMsg(x.Reply); err != nil && !isNetworkError(err) {
			x.unpackable(err)
		}
	}
}

// unpackable tells the client that the server has no reply that can be sent, so that a mistake in a
// fault does not look like a lost packet.
func (x *Exchange) unpackable(err error) {
	text := fmt.Sprintf("the reply cannot be sent: %v", err)
	reply := emptyReply(x.Request, dns.RcodeServerFailure)
	if x.edns() {
		reply.SetEdns0(ednsSize, false)
		opt := reply.IsEdns0()
		opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeOther, ExtraText: text})
	}
	_ = x.Writer.WriteMsg(reply)
}

func isNetworkError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, net.ErrClosed)
}
