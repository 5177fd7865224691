package dnstest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// secureLab is a recursor that knows a.example.com.
func secureLab(t *testing.T) (*dnstest.Hierarchy, *dnstest.Recursor) {
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records("a TXT a"))
	return h, h.Recursor()
}

// question returns the octets of a question for a.example.com.
func questionWire(t *testing.T) []byte {
	t.Helper()
	m := query("a.example.com", "TXT")
	m.RecursionDesired = true
	return pack(t, m)
}

func TestListenTLS(t *testing.T) {
	t.Parallel()
	h, recursor := secureLab(t)
	l := recursor.ListenTLS("dns.example", "other.example")
	equal(t, "Resolver", l.Resolver(), "tls://dns.example@"+l.Addr().String())
	client := &dns.Client{Net: "tcp-tls", Timeout: patience, TLSConfig: &tls.Config{ServerName: "other.example", RootCAs: h.CA().Pool()}}
	conn, err := client.Dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	m := query("a.example.com", "TXT")
	m.RecursionDesired = true
	for range 2 {
		reply, _, err := client.ExchangeWithConn(m, conn)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "answer", brief(reply.Answer), []string{`a.example.com. TXT "a"`})
	}
	equal(t, "questions over TLS", recursor.Count(dnstest.Over(dnstest.TLS)), 2)
	equal(t, "Accepted and Open", []int{l.Accepted(), l.Open()}, []int{1, 1})
	l.HangUp()
	if _, _, err := client.ExchangeWithConn(m, conn); err == nil {
		t.Error("the connection stands after HangUp, want it closed")
	}
	if _, _, err := client.Exchange(m, l.Addr().String()); err != nil {
		t.Errorf("a new connection after HangUp: %v", err)
	}
}

func TestListenHTTPS(t *testing.T) {
	t.Parallel()
	h, recursor := secureLab(t)
	l := recursor.ListenHTTPS()
	equal(t, "Resolver", l.Resolver(), "https://"+l.Addr().String()+dnstest.DoHPath)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: h.CA().Pool()}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: patience}

	resp, err := client.Post(l.Resolver(), "application/dns-message", bytes.NewReader(questionWire(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	reply := new(dns.Msg)
	if err := reply.Unpack(body); err != nil {
		t.Fatal(err)
	}
	equal(t, "answer", brief(reply.Answer), []string{`a.example.com. TXT "a"`})
	equal(t, "protocol", resp.Proto, "HTTP/2.0")
	equal(t, "media type", resp.Header.Get("Content-Type"), "application/dns-message")
	q := recursor.Questions(dnstest.Over(dnstest.HTTPS))[0]
	if q.Addr != l.Addr() || !q.Client.Addr().IsLoopback() {
		t.Errorf("question = %+v, want it at %v from loopback", q, l.Addr())
	}

	for name, test := range map[string]struct {
		media string
		body  []byte
		want  int
	}{
		"media type": {"text/plain", questionWire(t), http.StatusUnsupportedMediaType},
		"message":    {"application/dns-message", []byte("x"), http.StatusBadRequest},
	} {
		resp, err := client.Post(l.Resolver(), test.media, bytes.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		equal(t, "status of a wrong "+name, resp.StatusCode, test.want)
	}
	recursor.Inject(func(_ context.Context, x *dnstest.Exchange) { x.Close() })
	if resp, err := client.Post(l.Resolver(), "application/dns-message", bytes.NewReader(questionWire(t))); err == nil {
		resp.Body.Close()
		t.Errorf("a closed exchange = %v, want an error", resp.Status)
	}
}

// TestSilenceOverHTTPS checks that a reply that is dropped leaves the request open, until the hierarchy closes.
func TestSilenceOverHTTPS(t *testing.T) {
	t.Parallel()
	h, err := dnstest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	recursor := h.Recursor()
	recursor.Inject(dnstest.Drop)
	l := recursor.ListenHTTPS("dns.example")
	u, err := url.Parse(l.Resolver())
	if err != nil || u.Hostname() != "dns.example" || l.Addr().String() != "127.0.0.1:"+u.Port() {
		t.Errorf("Resolver = %q at %v, %v, want the name with the port", l.Resolver(), l.Addr(), err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: h.CA().Pool(), ServerName: "dns.example"}}}
	done := make(chan error, 1)
	go func() {
		resp, err := client.Post("https://"+l.Addr().String()+dnstest.DoHPath, "application/dns-message", bytes.NewReader(questionWire(t)))
		if err == nil {
			resp.Body.Close()
		}
		done <- err
	}()
	if err := h.Await(t.Context(), 1, dnstest.Over(dnstest.HTTPS)); err != nil {
		t.Fatal(err)
	}
	equal(t, "Open", l.Open(), 1)
	h.Close()
	if err := <-done; err == nil {
		t.Error("a dropped reply ended well, want an error once the hierarchy closes")
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	ca, err := dnstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	other, err := dnstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	good, err := ca.Certificate("dns.example", "192.0.2.53")
	if err != nil {
		t.Fatal(err)
	}
	expired, err := ca.CertificateFor(time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour), "dns.example")
	if err != nil {
		t.Fatal(err)
	}
	self, err := dnstest.SelfSigned("dns.example")
	if err != nil {
		t.Fatal(err)
	}
	fromPEM := x509.NewCertPool()
	if !fromPEM.AppendCertsFromPEM(ca.PEM()) {
		t.Error("PEM holds no certificate")
	}
	for name, test := range map[string]struct {
		cert  tls.Certificate
		host  string
		roots *x509.CertPool
		want  string
	}{
		"name":            {good, "dns.example", ca.Pool(), ""},
		"address":         {good, "192.0.2.53", fromPEM, ""},
		"another name":    {good, "www.example", ca.Pool(), "valid for dns.example"},
		"another address": {good, "192.0.2.1", ca.Pool(), "valid for 192.0.2.53"},
		"expired":         {expired, "dns.example", ca.Pool(), "expired"},
		"self-signed":     {self, "dns.example", ca.Pool(), "unknown authority"},
		"another CA":      {good, "dns.example", other.Pool(), "unknown authority"},
	} {
		_, err := test.cert.Leaf.Verify(x509.VerifyOptions{DNSName: test.host, Roots: test.roots})
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: Verify = %v, want %q", name, err, test.want)
		}
	}
}
