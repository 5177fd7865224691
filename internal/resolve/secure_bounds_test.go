package resolve_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// What a resolver may have the process do over TLS and HTTPS for one question, what the server of the test does included.
const (
	securePatience   = 300 * time.Millisecond
	secureSlack      = 2 * time.Second // of a busy machine
	secureOctets     = 8 << 20         // allocated in all
	secureSent       = 8 << 20         // sent by the server until it ends, with what the system buffers
	secureGoroutines = 8               // of this client; the HTTP library has its own two for each connection
)

// hostile is a resolver over TLS or HTTPS that does what it can.
type hostileResolver struct {
	census
	sent atomic.Int64 // octets of the endless
}

// look counts what runs while the server is asked.
func (h *hostileResolver) look() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count()
}

// pour writes without end, until the other side has enough.
func (h *hostileResolver) pour(w io.Writer, text string) {
	h.look()
	chunk := bytes.Repeat([]byte(text), 1+4096/len(text))
	for {
		n, err := w.Write(chunk)
		h.sent.Add(int64(n))
		if err != nil {
			return
		}
	}
}

// drip writes one octet now and then, until the other side has enough.
func (h *hostileResolver) drip(w io.Writer, done <-chan struct{}) {
	h.look()
	for ticks := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-ticks.C:
		case <-done:
			ticks.Stop()
			return
		}
		if _, err := w.Write([]byte("x")); err != nil {
			ticks.Stop()
			return
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
}

// talk answers by an own hand, after the handshake and the request over HTTP/1.1.
func (h *hostileResolver) talk(t *testing.T, ca *dnstest.CA, url string, say func(conn net.Conn)) string {
	t.Helper()
	cert, err := ca.Certificate("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return onTCP(url, func(raw net.Conn, _ *dnstest.CA) error {
		conn := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}})
		if err := conn.Handshake(); err != nil {
			return err
		}
		if _, err := conn.Read(make([]byte, 4096)); err != nil {
			return err
		}
		say(conn)
		return nil
	})(t, ca).resolver
}

// Nothing that a resolver sends over TLS or HTTPS, or does not, takes longer than the patience with it, or memory or
// goroutines without bound.
//
//nolint:paralleltest // It counts what the process does.
func TestHostileSecureResolvers(t *testing.T) {
	const overTLS, overHTTPS = "tls://%s", "https://%s/dns-query"
	header := "HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n"
	mute := func(h *hostileResolver, t *testing.T, ca *dnstest.CA, url string) string {
		return onTCP(url, func(net.Conn, *dnstest.CA) error { h.look(); return nil })(t, ca).resolver
	}
	chain := func(h *hostileResolver, t *testing.T, ca *dnstest.CA, url string) string {
		cert, err := ca.Certificate("127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		cert.Certificate = slices.Repeat(cert.Certificate[:1], 1+(512<<10)/len(cert.Certificate[0]))
		return onTCP(url, func(raw net.Conn, _ *dnstest.CA) error {
			h.look()
			if tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{cert}}).Handshake() == nil {
				return fmt.Errorf("the client took a chain of %d certificates", len(cert.Certificate))
			}
			return nil
		})(t, ca).resolver
	}
	said := func(say func(h *hostileResolver, conn net.Conn)) func(*hostileResolver, *testing.T, *dnstest.CA, string) string {
		return func(h *hostileResolver, t *testing.T, ca *dnstest.CA, url string) string {
			return h.talk(t, ca, url, func(conn net.Conn) { say(h, conn) })
		}
	}
	handled := func(handle func(h *hostileResolver, w http.ResponseWriter, r *http.Request)) func(*hostileResolver, *testing.T, *dnstest.CA, string) string {
		return func(h *hostileResolver, t *testing.T, ca *dnstest.CA, _ string) string {
			return newHTTPS(t, ca, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/dns-message")
				handle(h, w, r)
			})).URL + dnstest.DoHPath
		}
	}
	tests := map[string]struct {
		url    string
		listen func(h *hostileResolver, t *testing.T, ca *dnstest.CA, url string) string
	}{
		"TLS, no handshake":        {overTLS, mute},
		"HTTPS, no handshake":      {overHTTPS, mute},
		"TLS, chain of 512 KiB":    {overTLS, chain},
		"HTTPS, chain of 512 KiB":  {overHTTPS, chain},
		"TLS, drip of an answer":   {overTLS, said(func(h *hostileResolver, conn net.Conn) { h.drip(conn, nil) })},
		"TLS, endless answer":      {overTLS, said(func(h *hostileResolver, conn net.Conn) { h.pour(conn, "\xff") })},
		"HTTP/1.1, endless line":   {overHTTPS, said(func(h *hostileResolver, conn net.Conn) { h.pour(conn, "x") })},
		"HTTP/1.1, endless header": {overHTTPS, said(func(h *hostileResolver, conn net.Conn) { _, _ = io.WriteString(conn, header); h.pour(conn, "X: y\r\n") })},
		"HTTP/1.1, endless hints": {overHTTPS, said(func(h *hostileResolver, conn net.Conn) {
			h.pour(conn, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
		})},
		"HTTP/1.1, drip of headers": {overHTTPS, said(func(h *hostileResolver, conn net.Conn) { _, _ = io.WriteString(conn, header); h.drip(conn, nil) })},
		"HTTP/1.1, endless chunks": {overHTTPS, said(func(h *hostileResolver, conn net.Conn) {
			_, _ = io.WriteString(conn, header+"Transfer-Encoding: chunked\r\n\r\n")
			h.pour(conn, "1\r\nx\r\n")
		})},
		"HTTP/1.1, endless trailer": {overHTTPS, said(func(h *hostileResolver, conn net.Conn) {
			_, _ = io.WriteString(conn, header+"Transfer-Encoding: chunked\r\n\r\n0\r\n")
			h.pour(conn, "X: y\r\n")
		})},
		"HTTP/2, endless body": {overHTTPS, handled(func(h *hostileResolver, w http.ResponseWriter, _ *http.Request) { h.pour(w, "x") })},
		"HTTP/2, drip of a body": {overHTTPS, handled(func(h *hostileResolver, w http.ResponseWriter, r *http.Request) {
			h.drip(w, r.Context().Done())
		})},
		"HTTP/2, header of 512 KiB": {overHTTPS, handled(func(h *hostileResolver, w http.ResponseWriter, _ *http.Request) {
			h.look()
			for i := range 64 {
				w.Header().Set(fmt.Sprintf("X-%d", i), string(bytes.Repeat([]byte("x"), 8<<10)))
			}
		})},
		"HTTP/2, silence": {overHTTPS, handled(func(h *hostileResolver, _ http.ResponseWriter, r *http.Request) {
			h.look()
			<-r.Context().Done()
		})},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ca := newCA(t)
			var h hostileResolver
			h.look() // Makes room for the stacks.
			h.most = 0
			c := clientOf(t, ca, tt.listen(&h, t, ca, tt.url), securePatience)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			got, err := c.Ask(ctx, viaResolvers("www.example.com"))
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			h.mu.Lock()
			goroutines, by := h.most, h.by
			h.mu.Unlock()
			if err != nil || len(got.List) != 1 {
				t.Fatalf("Ask = %+v, %v, want what is wrong with the resolver", got, err)
			}
			octets := after.TotalAlloc - before.TotalAlloc
			t.Logf("%v after %v, %d KiB allocated, %d KiB sent, %d goroutines: %s", got.List[0].Outcome, took.Round(time.Millisecond), octets>>10, h.sent.Load()>>10, goroutines, got.List[0].Detail)
			if o := got.List[0].Outcome; o != answer.Timeout && o != answer.Unreachable && o != answer.Malformed {
				t.Errorf("the answer is %v, want a failure", o)
			}
			if took > securePatience+secureSlack || octets > secureOctets || goroutines > secureGoroutines {
				t.Errorf("it took %v, %d octets and %d goroutines %v; want at most %v, %d and %d",
					took, octets, goroutines, by, securePatience+secureSlack, secureOctets, secureGoroutines)
			}
			if n := h.sent.Load(); n > secureSent {
				t.Errorf("the client let %d octets be sent", n)
			}
			if len(got.List[0].Detail) > record.MaxDisplay {
				t.Errorf("the detail has %d octets, want at most %d", len(got.List[0].Detail), record.MaxDisplay)
			}
		})
	}
}
