package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// A transport carries one question to a server and brings back the answer to it. It returns within
// wait; when the context is over, at once, with any error. Transports of one resolver know the way
// themselves.
type transport interface {
	roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error)
}

// errMalformed is the class of errors about answers that are none.
var errMalformed = errors.New("malformed answer")

// udpBuffer holds more than the 1232 octets that are asked for: some servers know no EDNS limit.
const udpBuffer = 4096

// datagrams is DNS over UDP. It sends a question as often as tries says, evenly over the time to wait, each time with
// another id and from another port, so that who forges an answer has to guess anew (RFC 5452 §9.2): an answer to any of
// them counts, however late.
type datagrams struct {
	tries int
	// open returns a socket of its own, as dial does; nil for dial.
	open func(ctx context.Context, network string, to netip.AddrPort, deadline time.Time) (net.Conn, error)
}

// arrival holds the answer to one datagram, or the error of waiting for it.
type arrival struct {
	msg *dns.Msg
	err error
}

// transmissions holds the datagrams of one question that are under way, each with a socket of its own.
type transmissions struct {
	open     func(ctx context.Context, network string, to netip.AddrPort, deadline time.Time) (net.Conn, error)
	conns    []net.Conn
	queries  []*dns.Msg // that went out over each
	group    sync.WaitGroup
	strays   atomic.Bool
	arrivals chan arrival
}

// unanswered is the error of a question that no datagram answered in time. Until it is closed, its sockets are listened
// at, for as long again as an answer was waited for: one that comes late says that the server runs.
type unanswered struct {
	error
	transmissions *transmissions
	late          chan struct{} // holds something once an answer came
}

func (u *unanswered) Unwrap() error { return u.error }

// linger goes on listening at the sockets of a question.
func (u *unanswered) linger(until time.Time) {
	for i, conn := range u.transmissions.conns {
		query := u.transmissions.queries[i]
		u.transmissions.group.Go(func() {
			defer conn.Close()
			if _, err := awaitDatagram(conn, query, until, &u.transmissions.strays); err == nil {
				select {
				case u.late <- struct{}{}:
				default:
				}
			}
		})
	}
}

func (d datagrams) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	deadline := time.Now().Add(wait)
	b := &transmissions{open: d.open, arrivals: make(chan arrival, d.tries)}
	if b.open == nil {
		b.open = dial
	}
	lingering := false
	defer func() {
		if !lingering {
			b.close()
		}
	}()
	if err := b.send(ctx, to, query, deadline); err != nil {
		return nil, err
	}
	pause := max(time.Millisecond, wait/time.Duration(d.tries))
	// The first answer is waited for by this goroutine alone: mostly there is no need for more.
	msg, err := b.hear(ctx, query, deadline.Add(pause-wait))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !isTimeout(err):
		return msg, err
	}
	b.listen(0, query, deadline)
	next := time.NewTicker(pause)
	defer next.Stop()
	for pending := 1; ; {
		if len(b.arrivals) == 0 && len(b.conns) < d.tries && !time.Now().Before(deadline.Add(time.Duration(len(b.conns))*pause-wait)) {
			again := query.Copy()
			again.Id = dns.Id()
			if b.send(ctx, to, again, deadline) == nil { // Otherwise the ones before may still be answered.
				b.listen(len(b.conns)-1, again, deadline)
				pending++
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-next.C:
		case got := <-b.arrivals:
			pending--
			if got.err == nil || !isTimeout(got.err) {
				return got.msg, got.err
			}
			if pending > 0 {
				continue // Those sent later end in the same moment.
			}
			if b.strays.Load() {
				got.err = fmt.Errorf("%w; datagrams that do not answer the question were ignored", got.err)
			}
			lingering = true
			silence := &unanswered{error: got.err, transmissions: b, late: make(chan struct{}, 1)}
			silence.linger(deadline.Add(wait))
			return nil, silence
		}
	}
}

// send sends a question from a port of its own.
func (b *transmissions) send(ctx context.Context, to netip.AddrPort, query *dns.Msg, deadline time.Time) error {
	packed, err := query.Pack()
	if err != nil {
		return fmt.Errorf("%w: the question cannot be written: %w", errMalformed, err)
	}
	conn, err := b.open(ctx, "udp", to, deadline)
	if err != nil {
		return err
	}
	b.conns, b.queries = append(b.conns, conn), append(b.queries, query)
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	_, err = conn.Write(packed)
	return err
}

// hear returns what comes of the first datagram until a time.
func (b *transmissions) hear(ctx context.Context, query *dns.Msg, until time.Time) (*dns.Msg, error) {
	conn := b.conns[0]
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	return awaitDatagram(conn, query, until, &b.strays)
}

// listen has what comes of a datagram arrive until the deadline.
func (b *transmissions) listen(i int, query *dns.Msg, deadline time.Time) {
	conn := b.conns[i]
	b.group.Go(func() {
		msg, err := awaitDatagram(conn, query, deadline, &b.strays)
		b.arrivals <- arrival{msg, err}
	})
}

// close ends what is still waited for.
func (b *transmissions) close() {
	for _, conn := range b.conns {
		conn.Close()
	}
	b.group.Wait()
}

// awaitDatagram returns the first datagram until a time that answers the query. Others are noted and ignored: they
// may be forged, and the true answer still be on its way (RFC 5452 §9.1).
func awaitDatagram(conn net.Conn, query *dns.Msg, until time.Time, strays *atomic.Bool) (*dns.Msg, error) {
	buffer := make([]byte, udpBuffer)
	from, err := readUntil(conn, until)
	if err != nil {
		return nil, err
	}
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return nil, err
		}
		msg := new(dns.Msg)
		// What is truncated may be cut anywhere: its header is enough to ask again over TCP.
		if err := msg.Unpack(buffer[:n]); (err == nil || msg.Truncated) && isAnswer(msg, query) {
			return msg, nil
		}
		strays.Store(true)
	}
}

const (
	// glance is how long a connection is looked at once more when its time is over.
	glance = time.Millisecond
	// glances bounds how often, as each may itself end late.
	glances = 8
)

// A lastLook reads from a connection until a time. A read whose deadline is over fails even where an answer has arrived: on
// a busy machine, whoever waits for it may hear of the deadline first, and late. That is why it looks once more, and again
// where it came late to the end of that, so that no question is sent again whose answer is here already.
type lastLook struct {
	net.Conn

	until, end time.Time
	looks      int
}

// readUntil returns what reads from a connection until a time.
func readUntil(conn net.Conn, until time.Time) (*lastLook, error) {
	return &lastLook{Conn: conn, until: until}, conn.SetReadDeadline(until.Add(-glance))
}

func (l *lastLook) Read(into []byte) (int, error) {
	for {
		n, err := l.Conn.Read(into)
		now := time.Now()
		if !isTimeout(err) || l.looks == glances || l.looks > 0 && now.Sub(l.end) < glance {
			return n, err
		}
		l.looks++
		if l.end = now.Add(glance); l.end.Before(l.until) {
			l.end = l.until
		}
		if err := l.SetReadDeadline(l.end); err != nil {
			return n, err
		}
	}
}

// streams is DNS over TCP (RFC 7766), a connection for each question.
type streams struct{}

func (streams) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	framed, err := frame(query)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(wait)
	conn, err := dial(ctx, "tcp", to, deadline)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if _, err := conn.Write(framed); err != nil {
		return nil, err
	}
	packed, err := readFrame(conn, deadline)
	switch {
	case isTimeout(err):
		return nil, unheeded{err}
	case err != nil:
		return nil, closedEarly(err)
	}
	return unpack(packed, query)
}

// unheeded is the error of a question that went out over a connection, and was not answered in time.
type unheeded struct{ error }

func (e unheeded) Unwrap() error { return e.error }

// frame writes a question with its length before it, so that both go in one segment (RFC 7766 §8).
func frame(query *dns.Msg) ([]byte, error) {
	packed, err := query.Pack()
	if err != nil {
		return nil, fmt.Errorf("%w: the question cannot be written: %w", errMalformed, err)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...), nil
}

// readFrame reads a message with its length before it, until a time.
func readFrame(conn net.Conn, until time.Time) ([]byte, error) {
	from, err := readUntil(conn, until)
	if err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(from, size[:]); err != nil {
		return nil, err
	}
	packed := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err = io.ReadFull(from, packed)
	return packed, err
}

// unpack reads a message that has to be the answer to the query, and whole.
func unpack(packed []byte, query *dns.Msg) (*dns.Msg, error) {
	msg := new(dns.Msg)
	switch err := msg.Unpack(packed); {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	case !isAnswer(msg, query):
		return nil, fmt.Errorf("%w: it answers another question", errMalformed)
	case msg.Truncated:
		return nil, fmt.Errorf("%w: it is truncated, although this transport carries any size", errMalformed)
	}
	return msg, nil
}

// closedEarly says what it means that a connection ended where an answer was read.
func closedEarly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the server closed the connection before its answer was complete", errMalformed)
	}
	return err
}

// dial takes an address, never a name, so that nothing is looked up.
func dial(ctx context.Context, network string, to netip.AddrPort, deadline time.Time) (net.Conn, error) {
	dialer := net.Dialer{Deadline: deadline}
	return dialer.DialContext(ctx, network, to.String())
}

// isAnswer reports whether msg is the answer to query: same id, same question. Errors may come
// without the question, from servers that could not read it.
func isAnswer(msg, query *dns.Msg) bool {
	if !msg.Response || msg.Id != query.Id || msg.Opcode != query.Opcode {
		return false
	}
	if len(msg.Question) == 0 {
		return msg.Rcode != dns.RcodeSuccess && msg.Rcode != dns.RcodeNameError
	}
	got, want := msg.Question[0], query.Question[0]
	return len(msg.Question) == 1 && got.Qtype == want.Qtype && got.Qclass == want.Qclass &&
		strings.EqualFold(got.Name, want.Name)
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// failure tells what kind of failure a transport's error is.
func failure(err error) response {
	outcome := answer.Unreachable
	switch {
	case isTimeout(err):
		outcome = answer.Timeout
	case errors.Is(err, errMalformed):
		outcome = answer.Malformed
	}
	return response{outcome: outcome, detail: record.Display(errorText(err))}
}

// errorText leaves out what package net puts before the reason: the local port among it changes with
// every question, and reports must not.
func errorText(err error) string {
	var op *net.OpError
	if !errors.As(err, &op) {
		return err.Error()
	}
	cause := op.Err
	if call, ok := errors.AsType[*os.SyscallError](cause); ok {
		cause = call.Err
	}
	return strings.Replace(err.Error(), op.Error(), cause.Error(), 1)
}
