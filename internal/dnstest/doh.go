package dnstest

import (
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/miekg/dns"
)

// DoHHandler lets a handler be asked over HTTP by POST (RFC 8484 §4.1), for tests that make a web server of
// their own; others have [Server.ListenHTTPS].
func DoHHandler(handler dns.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, dns.MaxMsgSize))
		req := new(dns.Msg)
		switch {
		case r.Header.Get("Content-Type") != dnsMessage:
			http.Error(w, "the body has to be "+dnsMessage, http.StatusUnsupportedMediaType)
			return
		case err != nil || req.Unpack(body) != nil:
			http.Error(w, "the body is no DNS message", http.StatusBadRequest)
			return
		}
		reply := &dohReply{request: r}
		handler.ServeDNS(reply, req)
		switch {
		case reply.closed:
			panic(http.ErrAbortHandler)
		case reply.wire == nil:
			<-r.Context().Done() // As silent as a datagram that is dropped.
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", dnsMessage)
		_, _ = w.Write(reply.wire) // A client that is gone is no concern of the server's.
	})
}

// dohReply is the way of a reply to an HTTP client.
type dohReply struct {
	request *http.Request
	wire    []byte
	closed  bool
}

var _ dns.ResponseWriter = (*dohReply)(nil)

func (r *dohReply) LocalAddr() net.Addr {
	if addr, ok := r.request.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return addr
	}
	return &net.TCPAddr{}
}

func (r *dohReply) RemoteAddr() net.Addr {
	addr, err := net.ResolveTCPAddr("tcp", r.request.RemoteAddr)
	if err != nil {
		return &net.TCPAddr{}
	}
	return addr
}

func (r *dohReply) WriteMsg(m *dns.Msg) error {
	wire, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = r.Write(wire)
	return err
}

func (r *dohReply) Write(wire []byte) (int, error) {
	if r.wire != nil {
		return 0, errors.New("an HTTP request has one reply")
	}
	r.wire = wire
	return len(wire), nil
}

func (r *dohReply) Close() error {
	r.closed = true
	return nil
}

func (r *dohReply) TsigStatus() error   { return nil }
func (r *dohReply) TsigTimersOnly(bool) {}
func (r *dohReply) Hijack()             {}
