package dnstest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"

	"github.com/miekg/dns"
)

// DoHPath is the path at which [Server.ListenHTTPS] answers (RFC 8484 §4.1.1).
const DoHPath = "/dns-query"

// dnsMessage is the media type of a DNS message (RFC 8484 §6).
const dnsMessage = "application/dns-message"

// SecureListener is an address at which a server or a recursor is asked over TLS. It closes with the hierarchy.
type SecureListener struct {
	listener *countingListener
	scheme   string
	host     string // the first name in the certificate; "" for the address
	close    func()
}

// Addr returns the address and port.
func (l *SecureListener) Addr() netip.AddrPort {
	addr, _ := addrOf(l.listener.Addr())
	return addr
}

// Resolver returns the listener as the provider's option "resolvers" takes it:
// "tls://dns.example@127.0.0.1:23053", "https://dns.example:23053/dns-query".
func (l *SecureListener) Resolver() string {
	switch {
	case l.scheme == "https" && l.host != "":
		return "https://" + net.JoinHostPort(l.host, strconv.Itoa(int(l.Addr().Port()))) + DoHPath
	case l.scheme == "https":
		return "https://" + l.Addr().String() + DoHPath
	case l.host != "":
		return "tls://" + l.host + "@" + l.Addr().String()
	}
	return "tls://" + l.Addr().String()
}

// Accepted returns how many connections have been made.
func (l *SecureListener) Accepted() int {
	l.listener.mu.Lock()
	defer l.listener.mu.Unlock()
	return l.listener.accepted
}

// Open returns how many of them are open.
func (l *SecureListener) Open() int {
	l.listener.mu.Lock()
	defer l.listener.mu.Unlock()
	return len(l.listener.open)
}

// HangUp closes all connections, and goes on listening.
func (l *SecureListener) HangUp() {
	l.listener.mu.Lock()
	defer l.listener.mu.Unlock()
	for conn := range l.listener.open {
		_ = conn.Conn.Close() // It may be closed already, which is what was asked for.
	}
}

// ListenTLS lets the server be asked over TLS (RFC 7858), at 127.0.0.1 with a free port. Its certificate is
// the hierarchy's for the given names, or for the address where there are none. Questions and faults go by the
// transport [TLS].
func (e *endpoint) ListenTLS(names ...string) *SecureListener {
	e.h.t.Helper()
	l, err := e.listenTLS(names)
	e.h.must(err)
	return l
}

// ListenHTTPS lets the server be asked over HTTPS (RFC 8484), as ListenTLS does over TLS. A reply that
// a fault drops leaves the request open.
func (e *endpoint) ListenHTTPS(names ...string) *SecureListener {
	e.h.t.Helper()
	l, err := e.listenHTTPS(names)
	e.h.must(err)
	return l
}

func (e *endpoint) listenTLS(names []string) (*SecureListener, error) {
	l, config, err := e.newSecureListener("tls", names)
	if err != nil {
		return nil, err
	}
	running, err := e.serve(&dns.Server{Listener: tls.NewListener(l.listener, config), Handler: over{e, TLS}}, l.listener)
	if err != nil {
		return nil, err
	}
	l.close = func() {
		running.shut()
		l.HangUp()
		<-running.stopped
	}
	return l, e.adopt(l)
}

func (e *endpoint) listenHTTPS(names []string) (*SecureListener, error) {
	l, config, err := e.newSecureListener("https", names)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+DoHPath, DoHHandler(over{e, HTTPS}))
	server := &http.Server{
		Handler:           mux,
		TLSConfig:         config,
		ReadHeaderTimeout: clientTimeout,
		BaseContext:       func(net.Listener) context.Context { return e.h.base() },
		ErrorLog:          log.New(io.Discard, "", 0), // Clients that go away are no news.
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.ServeTLS(l.listener, "", "") // It ends by Close, and its error says no more.
	}()
	l.close = func() {
		_ = server.Close()
		<-stopped
	}
	return l, e.adopt(l)
}

// newSecureListener opens a socket, and makes the certificate for it.
func (e *endpoint) newSecureListener(scheme string, names []string) (*SecureListener, *tls.Config, error) {
	l := &SecureListener{scheme: scheme}
	if len(names) > 0 {
		l.host = names[0]
	} else {
		names = []string{commonAddr.String()}
	}
	ca, err := e.h.authority()
	if err != nil {
		return nil, nil, err
	}
	cert, err := ca.Certificate(names...)
	if err != nil {
		return nil, nil, err
	}
	addr := netip.AddrPortFrom(commonAddr, 0)
	inner, err := net.Listen("tcp", addr.String())
	if err != nil {
		return nil, nil, listenError(addr, err)
	}
	l.listener = &countingListener{Listener: inner, open: make(map[*countedConn]bool)}
	return l, &tls.Config{Certificates: []tls.Certificate{cert}}, nil
}

// adopt makes a listener close with its server.
func (e *endpoint) adopt(l *SecureListener) error {
	e.mu.Lock()
	closed := e.closed
	if !closed {
		e.secure = append(e.secure, l)
	}
	e.mu.Unlock()
	if closed {
		l.close()
		return errors.New("the hierarchy is closed")
	}
	return nil
}

// over hands questions to an endpoint that came over another transport than their address says.
type over struct {
	e         *endpoint
	transport Transport
}

func (o over) ServeDNS(w dns.ResponseWriter, req *dns.Msg) { o.e.serveDNS(w, req, o.transport) }

// countingListener knows its connections.
type countingListener struct {
	net.Listener
	mu       sync.Mutex
	accepted int
	open     map[*countedConn]bool
}

func (l *countingListener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	conn := &countedConn{Conn: inner, listener: l}
	l.accepted++
	l.open[conn] = true
	return conn, nil
}

type countedConn struct {
	net.Conn
	listener *countingListener
}

func (c *countedConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.open, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
