package resolve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/miekg/dns"
)

const (
	// dnsMessage is the media type of a DNS message (RFC 8484 §6).
	dnsMessage = "application/dns-message"
	// maxHTTPHeader bounds the header of an answer, in octets.
	maxHTTPHeader = 32 << 10
)

// httpsExchanges is DNS over HTTPS (RFC 8484) to one resolver, over HTTP/2 where the server has it. Nothing stands
// in between: proxies of the environment are not used, and redirects are not followed.
type httpsExchanges struct {
	url       string
	connector connector
	http      *http.Transport

	mu        sync.Mutex
	asking    int           // questions under way
	abandoned chan struct{} // closed when there are none
	conns     map[*watched]bool
}

// watched is a connection that its owner knows of until it is closed.
type watched struct {
	net.Conn
	owner *httpsExchanges
}

func (w *watched) Close() error {
	w.owner.mu.Lock()
	delete(w.owner.conns, w)
	w.owner.mu.Unlock()
	return w.Conn.Close()
}

// watch notes a connection that was made.
func (x *httpsExchanges) watch(conn net.Conn) net.Conn {
	w := &watched{Conn: conn, owner: x}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.conns[w] = true
	return w
}

func newHTTPSExchanges(url string, to connector, patience time.Duration) *httpsExchanges {
	to.config.NextProtos = []string{"h2", "http/1.1"}
	x := &httpsExchanges{url: url, connector: to, conns: make(map[*watched]bool)}
	x.connector.watch = x.watch
	x.http = &http.Transport{
		DialTLSContext:         x.dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		IdleConnTimeout:        idleLifetime,
		MaxResponseHeaderBytes: maxHTTPHeader,
		// A connection that is cut off is found out, rather than kept for question after question.
		HTTP2: &http.HTTP2Config{SendPingTimeout: patience, PingTimeout: patience},
	}
	return x
}

// connectUntil is the key of the time, among the values of a request's context, until which a connection has to stand.
type connectUntil struct{}

func (x *httpsExchanges) roundTrip(ctx context.Context, _ netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	query = query.Copy()
	query.Id = 0 // So that equal questions are equal requests (RFC 8484 §4.1).
	packed, err := query.Pack()
	if err != nil {
		return nil, fmt.Errorf("%w: the question cannot be written: %w", errMalformed, err)
	}
	start := time.Now()
	ctx, cancel := context.WithDeadline(ctx, start.Add(wait))
	defer cancel()
	x.begin()
	msg, err := x.ask(ctx, query, packed, start.Add(connectTime(wait)))
	x.end(err == nil)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil && !errors.As(err, new(connectError)) {
		err = os.ErrDeadlineExceeded
	}
	return msg, err
}

// ask sends a question, once more where a connection turns out to be closed, and reads the answer.
func (x *httpsExchanges) ask(ctx context.Context, query *dns.Msg, packed []byte, connected time.Time) (*dns.Msg, error) {
	reused := false
	asking := httptrace.WithClientTrace(context.WithValue(ctx, connectUntil{}, connected), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused },
	})
	reply, age, err := x.post(asking, packed)
	if reused && errors.As(err, new(brokenOff)) && ctx.Err() == nil {
		// The server has closed the connection meanwhile, and perhaps the others that are kept.
		x.http.CloseIdleConnections()
		reply, age, err = x.post(asking, packed)
	}
	if err != nil {
		return nil, err
	}
	msg, err := unpack(reply, query)
	if err == nil {
		grow(msg, age)
	}
	return msg, err
}

// begin notes that a question is under way.
func (x *httpsExchanges) begin() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.asking == 0 {
		x.abandoned = make(chan struct{})
	}
	x.asking++
}

// end notes that a question is over. The last one takes with it the connections that are being made, as the HTTP
// library would go on without it; and where it was not answered, those that stand: they may be cut off.
func (x *httpsExchanges) end(answered bool) {
	x.mu.Lock()
	x.asking--
	last := x.asking == 0
	if last {
		close(x.abandoned)
	}
	x.mu.Unlock()
	if last && !answered {
		x.closeIdle()
	}
}

// dial makes a connection for the HTTP library, whose context goes on when a question is cancelled.
func (x *httpsExchanges) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	x.mu.Lock()
	abandoned := x.abandoned
	x.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-abandoned:
			cancel()
		case <-ctx.Done():
		}
	}()
	deadline, _ := ctx.Value(connectUntil{}).(time.Time)
	conn, err := x.connector.connect(ctx, deadline)
	if err != nil {
		return nil, err // Not a nil *tls.Conn in an interface.
	}
	return conn, nil
}

// post sends a message and returns the one that comes back, with its age in seconds.
func (x *httpsExchanges) post(ctx context.Context, packed []byte) (reply []byte, age uint32, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.url, bytes.NewReader(packed))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", dnsMessage)
	req.Header.Set("Accept", dnsMessage)
	req.Header.Set("User-Agent", "") // None is sent: it says nothing about the question (RFC 8484 §8.2).
	// It is not sent, and tells the HTTP library that a question may go again over another connection.
	req.Header["Idempotency-Key"] = nil
	resp, err := x.http.RoundTrip(req)
	if err != nil {
		return nil, 0, httpError(err)
	}
	defer resp.Body.Close()
	if err := checkHeader(resp); err != nil {
		return nil, 0, err
	}
	reply, err = io.ReadAll(io.LimitReader(resp.Body, dns.MaxMsgSize+1))
	switch {
	case err != nil:
		return nil, 0, httpError(err)
	case len(reply) > dns.MaxMsgSize:
		return nil, 0, fmt.Errorf("%w: it has more than %d octets", errMalformed, dns.MaxMsgSize)
	}
	seconds, err := strconv.ParseUint(resp.Header.Get("Age"), 10, 32)
	if err != nil {
		seconds = 0 // It comes from no cache.
	}
	return reply, uint32(seconds), nil
}

// checkHeader returns an error where a response holds no DNS message.
func checkHeader(resp *http.Response) error {
	code := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	switch {
	case resp.StatusCode == http.StatusOK:
	case resp.StatusCode/100 == 3:
		return fmt.Errorf("%w: HTTP status %s; redirects are not followed; write the URL that the service redirects to", errMalformed, code)
	case resp.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: HTTP status %s; the path of the URL may be wrong", errMalformed, code)
	default:
		return fmt.Errorf("%w: HTTP status %s", errMalformed, code)
	}
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || media != dnsMessage {
		return fmt.Errorf("%w: its content type is %q, not %s", errMalformed, resp.Header.Get("Content-Type"), dnsMessage)
	}
	return nil
}

// brokenOff is an error between a question and its answer.
type brokenOff struct{ error }

func (e brokenOff) Unwrap() error { return e.error }

// httpError says what went wrong between a question and its answer. The texts of the HTTP library count streams, and
// reports must not change from one question to the next.
func httpError(err error) error {
	var network net.Error
	switch {
	case errors.As(err, new(connectError)), isTimeout(err), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &network):
		return brokenOff{err}
	}
	return brokenOff{fmt.Errorf("%w: the server broke off before its answer was complete", errMalformed)}
}

// grow makes a message older than it says: one that an HTTP cache kept (RFC 8484 §5.1).
func grow(msg *dns.Msg, seconds uint32) {
	for _, section := range [][]dns.RR{msg.Answer, msg.Ns, msg.Extra} {
		for _, rr := range section {
			if header := rr.Header(); header.Rrtype != dns.TypeOPT {
				header.Ttl -= min(header.Ttl, seconds)
			}
		}
	}
}

// closeIdle closes all connections, unless a question is under way.
func (x *httpsExchanges) closeIdle() {
	x.http.CloseIdleConnections()
	x.mu.Lock()
	var idle []*watched
	if x.asking == 0 {
		idle = slices.Collect(maps.Keys(x.conns))
	}
	x.mu.Unlock()
	for _, conn := range idle {
		conn.Close()
	}
}
