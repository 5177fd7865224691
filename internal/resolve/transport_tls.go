package resolve

import (
	"context"
	"crypto/tls"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// maxIdle bounds the connections to one resolver that are kept for following questions.
const maxIdle = 8

// tlsStreams is DNS over TLS (RFC 7858) to one resolver. One question at a time goes over a connection, which is
// then kept for a while, since handshakes are dear (RFC 7858 §3.4).
type tlsStreams struct {
	connector connector

	mu   sync.Mutex
	idle []*idleConn // the one used last stands last
}

// idleConn is a connection that waits for the next question.
type idleConn struct {
	*tls.Conn
	expiry *time.Timer
}

func (s *tlsStreams) roundTrip(ctx context.Context, _ netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	framed, err := frame(query)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	deadline := start.Add(wait)
	if conn := s.take(); conn != nil {
		msg, err := s.exchange(ctx, conn, framed, query, deadline)
		switch {
		case err == nil || ctx.Err() != nil:
			return msg, err
		case isTimeout(err):
			// Where a firewall has forgotten one connection, it has forgotten the others as well.
			s.closeIdle()
			return nil, err
		}
		// The server has closed it meanwhile, as servers do (RFC 7766 §6.2.3), or it holds what came too late for
		// another question.
	}
	conn, err := s.connector.connect(ctx, start.Add(connectTime(wait)))
	if err != nil {
		return nil, err
	}
	return s.exchange(ctx, conn, framed, query, deadline)
}

// exchange sends a question over a connection and reads the answer. It keeps the connection where all went well,
// and closes it otherwise.
func (s *tlsStreams) exchange(ctx context.Context, conn *tls.Conn, framed []byte, query *dns.Msg, deadline time.Time) (msg *dns.Msg, err error) {
	// What lies below TLS is closed: a goodbye over TLS could block in turn.
	abort := func() { conn.NetConn().Close() }
	stop := context.AfterFunc(ctx, abort)
	defer func() {
		if stop() && err == nil {
			s.keep(conn)
		} else {
			abort()
		}
	}()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if _, err := conn.Write(framed); err != nil {
		return nil, err
	}
	packed, err := readFrame(conn, deadline)
	if err != nil {
		return nil, closedEarly(err)
	}
	return unpack(packed, query)
}

// take returns a connection that waits, nil where none does.
func (s *tlsStreams) take() *tls.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	last := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	last.expiry.Stop()
	return last.Conn
}

// keep lets a connection wait for the next question.
func (s *tlsStreams) keep(conn *tls.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) >= maxIdle {
		conn.NetConn().Close()
		return
	}
	kept := &idleConn{Conn: conn}
	kept.expiry = time.AfterFunc(idleLifetime, func() { s.expire(kept) })
	s.idle = append(s.idle, kept)
}

// expire closes a connection, unless it was taken meanwhile.
func (s *tlsStreams) expire(kept *idleConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.idle, kept); i >= 0 {
		s.idle = slices.Delete(s.idle, i, i+1)
		kept.NetConn().Close()
	}
}

func (s *tlsStreams) closeIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kept := range s.idle {
		kept.expiry.Stop()
		kept.NetConn().Close()
	}
	s.idle = nil
}
