package resolve_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// A hangup is a resolver that takes a question to a point, and lets it wait there.
type hangup struct {
	resolver string
	reached  <-chan struct{} // closed when a client is at that point
	gone     <-chan struct{} // closed when it has left
}

// hangups are the points at which a question over each transport can wait, and what is said when the time is over.
var hangups = map[string]struct {
	start  func(t *testing.T, ca *dnstest.CA) hangup
	detail string
}{
	"udp, asked":       {silentUDP, "over UDP: i/o timeout; over TCP: connection refused"},
	"tcp, accepted":    {onTCP("tcp://%s", func(net.Conn, *dnstest.CA) error { return nil }), "i/o timeout"},
	"tcp, asked":       {onTCP("tcp://%s", readQuestion), "i/o timeout"},
	"tcp, answering":   {onTCP("tcp://%s", answerHalf), "i/o timeout"},
	"tls, handshake":   {onTCP("tls://%s", func(net.Conn, *dnstest.CA) error { return nil }), "the server did not complete the TLS handshake in time"},
	"tls, asked":       {onTCP("tls://%s", overTLS(readQuestion)), "i/o timeout"},
	"tls, answering":   {onTCP("tls://%s", overTLS(answerHalf)), "i/o timeout"},
	"https, handshake": {onTCP("https://%s/dns-query", func(net.Conn, *dnstest.CA) error { return nil }), "the server did not complete the TLS handshake in time"},
	"https, no HTTP":   {onTCP("https://%s/dns-query", overTLS(func(net.Conn, *dnstest.CA) error { return nil })), "i/o timeout"},
	"https, asked":     {onHTTPS(func(http.ResponseWriter) {}), "i/o timeout"},
	"https, answering": {onHTTPS(halfBody), "i/o timeout"},
}

func silentUDP(t *testing.T, _ *dnstest.CA) hangup {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	reached := make(chan struct{})
	go func() {
		if _, _, err := conn.ReadFrom(make([]byte, 512)); err == nil {
			close(reached)
		}
	}()
	return hangup{resolver: conn.LocalAddr().String(), reached: reached, gone: reached} // Nobody sees a datagram's sender leave.
}

// onTCP takes the first connection to a point.
func onTCP(url string, upTo func(net.Conn, *dnstest.CA) error) func(*testing.T, *dnstest.CA) hangup {
	return func(t *testing.T, ca *dnstest.CA) hangup {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		reached, gone := make(chan struct{}), make(chan struct{})
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			if err := upTo(conn, ca); err != nil {
				t.Errorf("the server: %v", err)
				return
			}
			close(reached)
			_, _ = io.Copy(io.Discard, conn) // A reset is a way to leave as well.
			close(gone)
		}()
		return hangup{strings.Replace(url, "%s", listener.Addr().String(), 1), reached, gone}
	}
}

// overTLS goes through the handshake first.
func overTLS(upTo func(net.Conn, *dnstest.CA) error) func(net.Conn, *dnstest.CA) error {
	return func(raw net.Conn, ca *dnstest.CA) error {
		cert, err := ca.Certificate("127.0.0.1")
		if err != nil {
			return err
		}
		conn := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}})
		if err := conn.Handshake(); err != nil {
			return err
		}
		return upTo(conn, ca)
	}
}

func readQuestion(conn net.Conn, _ *dnstest.CA) error {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint16(size[:])))
	return err
}

func answerHalf(conn net.Conn, ca *dnstest.CA) error {
	if err := readQuestion(conn, ca); err != nil {
		return err
	}
	_, err := conn.Write([]byte{0, 100, 1, 2, 3})
	return err
}

// onHTTPS takes the first request to a point.
func onHTTPS(upTo func(http.ResponseWriter)) func(*testing.T, *dnstest.CA) hangup {
	return func(t *testing.T, ca *dnstest.CA) hangup {
		reached, gone := make(chan struct{}), make(chan struct{})
		server := newHTTPS(t, ca, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			upTo(w)
			close(reached)
			<-r.Context().Done()
			close(gone)
		}))
		return hangup{server.URL + dnstest.DoHPath, reached, gone}
	}
}

// newHTTPS starts a web server with a certificate for its address.
func newHTTPS(t *testing.T, ca *dnstest.CA, handler http.Handler) *httptest.Server {
	t.Helper()
	cert, err := ca.Certificate("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func halfBody(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/dns-message")
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte{0, 0, 0})
	_ = http.NewResponseController(w).Flush()
}

// clientOf returns a client of one resolver.
func clientOf(t *testing.T, ca *dnstest.CA, resolver string, patience time.Duration) *resolve.Client {
	t.Helper()
	c, err := resolve.New(resolve.Config{
		Resolvers: []resolve.Resolver{resolve.MustParseResolver(resolver)}, Bootstrap: []netip.Addr{netip.MustParseAddr("127.0.0.1")},
		RootCAs: ca.Pool(), Timeout: patience, Tries: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func newCA(t *testing.T) *dnstest.CA {
	t.Helper()
	ca, err := dnstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// soon is how soon a cancelled question returns.
const soon = 200 * time.Millisecond

// Wherever a question waits, it returns as soon as it is cancelled, and leaves nothing behind.
func TestCancelEverywhere(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	for name, at := range hangups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cancelAt(t, ca, at.start(t, ca))
		})
	}
}

// cancelAt cancels a question at a point.
func cancelAt(t *testing.T, ca *dnstest.CA, at hangup) {
	t.Helper()
	c := clientOf(t, ca, at.resolver, time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := start(ctx, c, viaResolvers("www.example.com"))
	<-at.reached
	expectCancelledWithin(t, soon, cancel, done)
	<-at.gone
}

// expectCancelledWithin cancels and measures how long the call takes to return.
func expectCancelledWithin(t *testing.T, limit time.Duration, cancel context.CancelFunc, done <-chan result) {
	t.Helper()
	begin := time.Now()
	cancel()
	got := <-done
	if took := time.Since(begin); took > limit {
		t.Errorf("Ask returned %v after it was cancelled, want at most %v", took, limit)
	}
	if !errors.Is(got.err, context.Canceled) {
		t.Errorf("Ask = %+v, %v, want %v", got.answers, got.err, context.Canceled)
	}
}

// Wherever a server falls silent, the question ends in time.
func TestSilenceEverywhere(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	for name, at := range hangups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outwait(t, ca, at.start(t, ca), at.detail)
		})
	}
}

// outwait asks without cancelling, and expects to be told what did not come.
func outwait(t *testing.T, ca *dnstest.CA, at hangup, detail string) {
	t.Helper()
	const patience = 400 * time.Millisecond
	begin := time.Now()
	answers, err := clientOf(t, ca, at.resolver, patience).Ask(t.Context(), viaResolvers("www.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if got := answers.List[0]; got.Outcome != answer.Timeout || got.Detail != detail {
		t.Errorf("answer %v %q, want %v %q", got.Outcome, got.Detail, answer.Timeout, detail)
	}
	if took := time.Since(begin); took > 10*patience {
		t.Errorf("Ask took %v with a patience of %v", took, patience)
	}
	<-at.gone
}

// Waiting for the rate, for a slot and for another's exchange ends as soon as it is cancelled, over every
// transport.
func TestCancelInTheQueue(t *testing.T) {
	t.Parallel()
	waits := map[string]struct {
		config func(*resolve.Config)
		first  []string // keep the one about www.example.com waiting
	}{
		// An address may get five seconds' worth of questions at once.
		"for the rate":  {func(c *resolve.Config) { c.MaxRate = 1 }, []string{"a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com"}},
		"for a slot":    {func(c *resolve.Config) { c.MaxInFlight = 1 }, []string{"other.example.com"}},
		"for another's": {func(*resolve.Config) {}, []string{"www.example.com"}},
	}
	for name, wait := range waits {
		for _, over := range []dnstest.Transport{dnstest.UDP, dnstest.TCP, dnstest.TLS, dnstest.HTTPS} {
			t.Run(name+" over "+string(over), func(t *testing.T) {
				t.Parallel()
				h := dnstest.New(t)
				recursor := h.Recursor()
				recursor.Inject(dnstest.Drop)
				resolver, counted := recursor.Addr().String(), func() int { return 0 }
				switch {
				case over == dnstest.TCP:
					resolver = "tcp://" + resolver
				case listen[over] != nil:
					l := listen[over](recursor)
					resolver, counted = l.Resolver(), l.Open
				}
				c, err := resolve.New(withDefaults(resolve.Config{
					Resolvers: []resolve.Resolver{resolve.MustParseResolver(resolver)}, RootCAs: h.CA().Pool(), Timeout: time.Minute, Tries: 1,
				}, wait.config))
				if err != nil {
					t.Fatal(err)
				}
				first, cancelFirst := context.WithCancel(t.Context())
				defer cancelFirst()
				var holding []<-chan result
				for _, name := range wait.first {
					holding = append(holding, start(first, c, viaResolvers(name)))
					await(t, h, 1, dnstest.About(name))
				}
				second, cancelSecond := context.WithCancel(t.Context())
				waiting := start(second, c, viaResolvers("www.example.com"))
				for c.Waiting() <= len(wait.first) {
					runtime.Gosched()
				}
				expectCancelledWithin(t, soon, cancelSecond, waiting)
				for _, held := range holding {
					select {
					case got := <-held:
						t.Errorf("an earlier question ended with the last: %+v, %v", got.answers, got.err)
					default:
					}
				}
				for _, held := range holding {
					expectCancelledWithin(t, soon, cancelFirst, held)
				}
				if n := h.Count(dnstest.Direct); n != len(wait.first) {
					t.Errorf("the resolver was asked %d times, want %d", n, len(wait.first))
				}
				c.CloseIdleConnections()
				if closed := eventually(func() bool { return counted() == 0 }); !closed {
					t.Errorf("%d connections are open, want none", counted())
				}
			})
		}
	}
}

func withDefaults(config resolve.Config, change func(*resolve.Config)) resolve.Config {
	config.MaxRate = 1000
	change(&config)
	return config
}
