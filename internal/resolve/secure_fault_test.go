package resolve_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// expectFault asks a resolver once and compares outcome and detail.
func expectFault(t *testing.T, c *resolve.Client, outcome answer.Outcome, detail string) {
	t.Helper()
	got := ask(t, c, viaResolvers("www.example.com")).List[0]
	if match, err := regexp.MatchString("^"+detail+"$", got.Detail); got.Outcome != outcome || !match || err != nil {
		t.Errorf("answer %v %q, want %v %q", got.Outcome, got.Detail, outcome, detail)
	}
	if len(got.Values) > 0 {
		t.Errorf("values %q beside a failure, want none", got.Values)
	}
}

// What is wrong with a reply is told apart over TLS and HTTPS as over UDP and TCP.
func TestSecureReplies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		fault   dnstest.Fault
		outcome answer.Outcome
		detail  string // of both; what is in braces is for TLS and for HTTPS
	}{
		{"wrong id", dnstest.WrongID, answer.Malformed, "malformed answer: it answers another question"},
		{"wrong question", dnstest.WrongQuestion, answer.Malformed, "malformed answer: it answers another question"},
		{"garbage", dnstest.Garbage, answer.Malformed, "malformed answer: .+"},
		{"truncated", dnstest.Mutate(func(m *dns.Msg) { m.Truncated = true }), answer.Malformed, "malformed answer: it is truncated, although this transport carries any size"},
		{"closed", func(_ context.Context, x *dnstest.Exchange) { x.Close() }, answer.Malformed, "malformed answer: the server (closed the connection|broke off) before its answer was complete"},
		{"refused", dnstest.RCode(dns.RcodeRefused), answer.Refused, ""},
		{"failed", dnstest.Chain(dnstest.RCode(dns.RcodeServerFailure), dnstest.ExtendedError(dns.ExtendedErrorCodeNotReady, "")), answer.ServFail, `extended error 14 \(Not Ready\)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			eachSecure(t, func(t *testing.T, over dnstest.Transport) {
				l := newSecureLab(t, over)
				c := l.client(t)
				// Once on a fresh connection, and once on one that has served already.
				for _, used := range []bool{false, true} {
					if used {
						ask(t, c, viaResolvers("www.example.com"))
					}
					remove := l.recursor.Inject(tt.fault)
					expectFault(t, c, tt.outcome, tt.detail)
					remove()
				}
			})
		})
	}
}

// A server without EDNS is asked without it, over whatever transport.
func TestSecureWithoutEDNS(t *testing.T) {
	t.Parallel()
	eachSecure(t, func(t *testing.T, over dnstest.Transport) {
		l := newSecureLab(t, over)
		l.recursor.Inject(dnstest.NoEDNS)
		if got := ask(t, l.client(t), viaResolvers("www.example.com")).List[0]; got.Outcome != answer.Found {
			t.Errorf("answer %v %s, want it found", got.Outcome, got.Detail)
		}
	})
}

// A certificate that does not fit says why.
func TestCertificateFaults(t *testing.T) {
	t.Parallel()
	ca, other := newCA(t), newCA(t)
	past, future := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2120, 1, 2, 3, 4, 5, 0, time.UTC)
	issue := func(ca *dnstest.CA, from, to time.Time, names ...string) tls.Certificate {
		cert, err := ca.CertificateFor(from, to, names...)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}

	selfSigned, err := dnstest.SelfSigned("dns.example")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		cert   tls.Certificate
		detail string
	}{
		"another name": {issue(ca, past, future, "other.example"), "the certificate is valid for other.example, not dns.example"},
		"many names":   {issue(ca, past, future, "a.example", "b.example", "c.example", "d.example", "192.0.2.1"), "the certificate is valid for a.example, b.example, c.example, 2 more, not dns.example"},
		"no name":      {issue(ca, past, future), "the certificate is valid for no host, not dns.example"},
		"expired":      {issue(ca, past, past.AddDate(1, 0, 0), "dns.example"), "the certificate expired at 2021-01-02T03:04:05Z"},
		"not yet":      {issue(ca, future.AddDate(-1, 0, 0), future, "dns.example"), "the certificate is not valid before 2119-01-02T03:04:05Z, or this machine's clock is wrong"},
		"unknown":      {issue(other, past, future, "dns.example"), `the certificate is signed by "CN=dnstest authority", which this machine does not trust`},
		"self-signed":  {selfSigned, "the certificate is self-signed, and this machine does not trust it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{tt.cert}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { listener.Close() })
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					if err := conn.(*tls.Conn).Handshake(); err == nil {
						t.Error("the client took the certificate")
					}
					conn.Close()
				}
			}()
			addr := listener.Addr().String()
			_, port, _ := strings.Cut(addr, ":")
			for _, resolver := range []string{"tls://dns.example@" + addr, "https://dns.example:" + port + "/dns-query"} {
				c := clientOf(t, ca, resolver, time.Minute)
				expectFault(t, c, answer.Unreachable, regexp.QuoteMeta(tt.detail))
			}
		})
	}
}

// What speaks no TLS, or does not go through with it, is unreachable.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	tests := map[string]struct {
		answer func(conn net.Conn) error
		detail string
	}{
		"plain text": {func(conn net.Conn) error {
			_, err := conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			return err
		}, "the server does not speak TLS at this port"},
		"closed": {func(conn net.Conn) error {
			_, err := conn.Read(make([]byte, 4096)) // What is left unread would make a reset of it.
			return err
		}, "the server closed the connection during the TLS handshake"},
		"old version": {func(conn net.Conn) error {
			cert, err := ca.Certificate("127.0.0.1")
			if err != nil {
				return err
			}
			old := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
			if tls.Server(conn, old).Handshake() == nil {
				return errors.New("the client took TLS 1.1")
			}
			return nil
		}, "TLS handshake: .*protocol version.*"},
	}
	for name, tt := range tests {
		for _, url := range []string{"tls://%s", "https://%s/dns-query"} {
			t.Run(name+" "+url, func(t *testing.T) {
				t.Parallel()
				at := onTCP(url, func(conn net.Conn, _ *dnstest.CA) error {
					defer conn.Close()
					return tt.answer(conn)
				})(t, ca)
				expectFault(t, clientOf(t, ca, at.resolver, time.Minute), answer.Unreachable, tt.detail)
			})
		}
	}
}

// Whatever a web server answers that is no DNS message, is malformed, and said.
func TestHTTPFaults(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(code)
			_, _ = w.Write([]byte("<html>\x1b[31mno</html>"))
		}
	}
	body := func(media string, octets int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			_, _ = w.Write(make([]byte, octets))
		}
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		detail string
	}{
		"not found":      {status(http.StatusNotFound), "HTTP status 404 Not Found; the path of the URL may be wrong"},
		"server error":   {status(http.StatusInternalServerError), "HTTP status 500 Internal Server Error"},
		"gateway":        {status(http.StatusBadGateway), "HTTP status 502 Bad Gateway"},
		"no content":     {status(http.StatusNoContent), "HTTP status 204 No Content"},
		"HTML":           {status(http.StatusOK), `its content type is "text/html", not application/dns-message`},
		"no type":        {body("", 12), `its content type is "", not application/dns-message`},
		"escapes":        {body("\u202e", 12), `its content type is .*u202e.*`},
		"empty":          {body("application/dns-message", 0), ".+"},
		"largest":        {body("application/dns-message", dns.MaxMsgSize), ".+"},
		"oversized":      {body("application/dns-message", dns.MaxMsgSize+1), "it has more than 65535 octets"},
		"endless":        {body("application/dns-message", 1<<20), "it has more than 65535 octets"},
		"cut off":        {func(w http.ResponseWriter, _ *http.Request) { halfBody(w); panic(http.ErrAbortHandler) }, "the server broke off before its answer was complete"},
		"redirect":       {http.RedirectHandler("https://other.example/dns-query", http.StatusFound).ServeHTTP, "HTTP status 302 Found; redirects are not followed; write the URL that the service redirects to"},
		"moved for good": {http.RedirectHandler("/elsewhere", http.StatusPermanentRedirect).ServeHTTP, "HTTP status 308 Permanent Redirect; redirects are not followed.*"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			elsewhere := false
			server := newHTTPS(t, ca, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				elsewhere = elsewhere || r.URL.Path != dnstest.DoHPath
				tt.answer(w, r)
			}))
			expectFault(t, clientOf(t, ca, server.URL+dnstest.DoHPath, time.Minute), answer.Malformed, "malformed answer: "+tt.detail)
			if elsewhere {
				t.Error("another path was asked for")
			}
		})
	}
}

// A request is what RFC 8484 §4.1 wants, and the age of a response counts (§5.1).
func TestHTTPRequest(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`www 300 IN TXT ok`))
	handler := dnstest.DoHHandler(h.Recursor())
	ca := newCA(t)
	server := newHTTPS(t, ca, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for header, want := range map[string]string{"Content-Type": "application/dns-message", "Accept": "application/dns-message", "User-Agent": "", "Idempotency-Key": "", "Cookie": ""} {
			if got := r.Header.Get(header); got != want {
				t.Errorf("%s: %q, want %q", header, got, want)
			}
		}
		if r.Method != http.MethodPost || r.Proto != "HTTP/2.0" || r.URL.RawQuery != "" {
			t.Errorf("%s %s over %s, want POST without a query over HTTP/2", r.Method, r.URL, r.Proto)
		}
		w.Header().Set("Age", "100")
		handler.ServeHTTP(w, r)
	}))
	got := ask(t, clientOf(t, ca, server.URL+dnstest.DoHPath, time.Minute), viaResolvers("www.example.com")).List[0]
	if got.Outcome != answer.Found || got.TTL != 200 {
		t.Errorf("answer %v with a TTL of %d, want it found, with 200", got.Outcome, got.TTL)
	}
}
