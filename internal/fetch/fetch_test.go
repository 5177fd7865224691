package fetch_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/fetch"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// hosts are addresses by name and type.
type hosts map[string][]string

func (h hosts) Lookup(_ context.Context, name string, t spf.RRType) ([]string, error) {
	if values, ok := h[name+" fails"]; ok {
		return nil, errors.New(values[0])
	}
	return h[name+" "+string(t)], nil
}

var names = hosts{
	"mta-sts.example.com A":  {"11.0.0.1"},
	"private.example.com A":  {"10.0.0.1"},
	"local.example.com A":    {"127.0.0.1"},
	"local.example.com AAAA": {"::1"},
	"meta.example.com A":     {"169.254.169.254"},
	"mixed.example.com A":    {"10.0.0.1", "11.0.0.1"},
	"other.example.com A":    {"11.0.0.1"},
	"dead.example.com fails": {"SERVFAIL"},
}

// start serves HTTPS on this machine, and returns a client that comes there by public addresses.
func start(t *testing.T) (client fetch.Client, dialled func() []string) {
	t.Helper()
	ca, err := dnstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Certificate("mta-sts.example.com", "mixed.example.com")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "https://private.example.com/", http.StatusMovedPermanently)
		case "/large":
			_, _ = io.Copy(w, io.LimitReader(endless{}, 10<<20)) // The client goes away.
		case "/header":
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		case "/full":
			_, _ = io.Copy(w, io.LimitReader(endless{}, fetch.MaxBody))
		default:
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "hello "+r.Host)
		}
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	var asked []string
	return fetch.Client{Resolver: names, Roots: ca.Pool(), Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		asked = append(asked, address)
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}}, func() []string { return asked }
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestFetch(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		address string
		want    string // the status, whether it is cut, and the beginning of the body; or the error
		dialled string
	}{
		"a file":              {"https://mta-sts.example.com/a", "200 false hello mta-sts.example.com", "11.0.0.1:443"},
		"port 443":            {"https://mta-sts.example.com:443/a", "200 false hello mta-sts.example.com", "11.0.0.1:443"},
		"a redirect":          {"https://mta-sts.example.com/moved", "301 false <a href=", "11.0.0.1:443"},
		"10 MiB":              {"https://mta-sts.example.com/large", "200 true xxx", "11.0.0.1:443"},
		"64 KiB":              {"https://mta-sts.example.com/full", "200 false xxx", "11.0.0.1:443"},
		"a large header":      {"https://mta-sts.example.com/header", "server response headers exceeded", "11.0.0.1:443"},
		"a public address":    {"https://mixed.example.com/a", "200 false hello mixed.example.com", "11.0.0.1:443"},
		"another certificate": {"https://other.example.com/a", "certificate is valid for", "11.0.0.1:443"},
		"a private address":   {"https://private.example.com/", "the host has the address 10.0.0.1, a private address (RFC 1918): it is not asked", ""},
		"this machine":        {"https://local.example.com/", "it is not asked", ""},
		"metadata":            {"https://meta.example.com/", "it is not asked", ""},
		"an address":          {"https://127.0.0.1/", "it is not asked", ""},
		"an IPv6 address":     {"https://[::ffff:10.0.0.1]/", "it is not asked", ""},
		"no address":          {"https://none.example.com/", "the host has no address", ""},
		"DNS fails":           {"https://dead.example.com/", "SERVFAIL", ""},
		"http":                {"http://mta-sts.example.com/", "does not start with https://", ""},
		"a file on disk":      {"file:///etc/passwd", "does not start with https://", ""},
		"a user":              {"https://a:b@mta-sts.example.com/", "contains a user name", ""},
		"another port":        {"https://mta-sts.example.com:8443/", "names the port 8443", ""},
		"no URL":              {"https://a b\x00/", "not a URL", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, dialled := start(t)
			page, err := client.Fetch(t.Context(), tt.address)
			got := fmt.Sprintf("%d %t %s", page.Status, page.Cut, page.Body)
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("Fetch(%q) = %.200q, want %q", tt.address, got, tt.want)
			}
			if all := strings.Join(dialled(), " "); all != tt.dialled {
				t.Errorf("Fetch(%q) dialled %q, want %q", tt.address, all, tt.dialled)
			}
			if len(page.Body) > fetch.MaxBody {
				t.Errorf("Fetch(%q) has read %d octets", tt.address, len(page.Body))
			}
			if err == nil && page.Ends.IsZero() {
				t.Errorf("Fetch(%q) does not say when the certificate ends", tt.address)
			}
		})
	}
}

// A host that is silent, or whose file does not end, costs a bounded time.
func TestFetchGivesUp(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]bool{"silent": false, "a slow body": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ca, err := dnstest.NewCA()
				if err != nil {
					t.Fatal(err)
				}
				certificate, err := ca.CertificateFor(time.Now().Add(-time.Hour), time.Now().Add(time.Hour), "mta-sts.example.com")
				if err != nil {
					t.Fatal(err)
				}
				client := fetch.Client{Resolver: names, Roots: ca.Pool(), Dial: func(context.Context, string, string) (net.Conn, error) {
					near, far := net.Pipe()
					go func() {
						if !slow {
							_, _ = io.Copy(io.Discard, far) // It ends with the connection.
							return
						}
						conn := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
						if conn.HandshakeContext(context.Background()) != nil {
							return
						}
						// An answer that comes before the question is no answer to it (net/http drops the connection).
						asked := bufio.NewReader(conn)
						if _, err := http.ReadRequest(asked); err != nil {
							return
						}
						go func() { _, _ = io.Copy(io.Discard, asked) }()
						_, failed := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
						for failed == nil {
							time.Sleep(time.Second)
							_, failed = io.WriteString(conn, "x")
						}
					}()
					return near, nil
				}}
				start := time.Now()
				_, err = client.Fetch(t.Context(), "https://mta-sts.example.com/")
				if err == nil || !strings.Contains(err.Error(), "did not arrive within 10s") || time.Since(start) != fetch.Timeout {
					t.Errorf("Fetch took %v and returned %v, want %v", time.Since(start), err, fetch.Timeout)
				}
				time.Sleep(2 * time.Second) // The host finds out that nobody reads any more.
			})
		})
	}
}
