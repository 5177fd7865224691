package dnstest_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// TestServeDNS puts a recursor behind TLS.
func TestServeDNS(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records("a TXT a"))
	recursor := h.Recursor()

	web := httptest.NewTLSServer(nil) // For its certificate.
	defer web.Close()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ready, stopped := make(chan struct{}), make(chan error, 1)
	server := &dns.Server{
		Listener:          tls.NewListener(inner, &tls.Config{Certificates: web.TLS.Certificates}),
		Handler:           recursor,
		NotifyStartedFunc: func() { close(ready) },
	}
	go func() { stopped <- server.ActivateAndServe() }()
	<-ready

	client := &dns.Client{Net: "tcp-tls", Timeout: patience, TLSConfig: web.Client().Transport.(*http.Transport).TLSClientConfig.Clone()}
	client.TLSConfig.ServerName = "example.com" // The certificate's.
	m := query("a.example.com", "TXT")
	m.RecursionDesired = true
	reply, _, err := client.Exchange(m, inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "answer", summary(reply), "NOERROR ra\nanswer: a.example.com. 300 IN TXT \"a\"")
	q := recursor.Questions()[0]
	if q.Addr.String() != inner.Addr().String() || q.Transport != dnstest.TCP || !q.Client.Addr().IsLoopback() {
		t.Errorf("question = %+v, want the address of the listener, TCP and a client on loopback", q)
	}
	if err := server.Shutdown(); err != nil {
		t.Error(err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
