package dnstest

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"github.com/miekg/dns"
)

// errUnreachable is what a recursor gets from an address at which nothing listens.
var errUnreachable = errors.New("nothing listens there")

// errNoReply is what a recursor gets from a server that sends nothing.
var errNoReply = errors.New("no reply")

// exchange asks the endpoint in the same process, without a socket: a dropped reply is known at once,
// and nothing waits for a timeout. Log, hooks and faults see the question like any other.
func (e *endpoint) exchange(ctx context.Context, from string, addr netip.AddrPort, t Transport, req *dns.Msg) (*dns.Msg, error) {
	if !e.listens(addr, t) {
		return nil, errUnreachable
	}
	// Both ways through the wire format, so that neither side can change the other's message.
	wire, err := req.Pack()
	if err != nil {
		return nil, err
	}
	received := new(dns.Msg)
	if err := received.Unpack(wire); err != nil {
		return nil, err
	}
	w := &capture{local: addr, transport: t}
	q := newQuestion(e.name, addr, t, received, e.h.now())
	q.Recursor = from
	e.handle(ctx, w, q, received)
	if len(w.replies) == 0 {
		return nil, errNoReply
	}
	reply := new(dns.Msg)
	if err := reply.Unpack(w.replies[0]); err != nil {
		return nil, err
	}
	return reply, nil
}

// listens reports whether the endpoint takes questions at an address.
func (e *endpoint) listens(addr netip.AddrPort, t Transport) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sockets {
		if s.addr == addr {
			return s.live[t] != nil
		}
	}
	return false
}

// capture is a response writer that keeps what is written.
type capture struct {
	local     netip.AddrPort
	transport Transport
	replies   [][]byte
	closed    bool
}

func (w *capture) WriteMsg(m *dns.Msg) error {
	wire, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = w.Write(wire)
	return err
}

func (w *capture) Write(wire []byte) (int, error) {
	if w.closed {
		return 0, net.ErrClosed
	}
	w.replies = append(w.replies, append([]byte(nil), wire...))
	return len(wire), nil
}

func (w *capture) LocalAddr() net.Addr { return netAddr(w.local, w.transport) }

// RemoteAddr is the unspecified address: the recursor asks from no socket.
func (w *capture) RemoteAddr() net.Addr {
	return netAddr(netip.AddrPortFrom(netip.IPv4Unspecified(), 0), w.transport)
}

func (w *capture) Close() error {
	w.closed = true
	return nil
}

func (w *capture) TsigStatus() error   { return nil }
func (w *capture) TsigTimersOnly(bool) {}
func (w *capture) Hijack()             {}

func netAddr(a netip.AddrPort, t Transport) net.Addr {
	if t == TCP {
		return net.TCPAddrFromAddrPort(a)
	}
	return net.UDPAddrFromAddrPort(a)
}
