package resolve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// idleLifetime is the time for which a connection over TLS is kept for the next question.
const idleLifetime = 10 * time.Second

// connector connects to one resolver over TLS.
type connector struct {
	at     []string // where to, "host:port", tried in this order
	config *tls.Config
	watch  func(net.Conn) net.Conn // sees what goes below TLS; may be nil
}

// newConnector returns the connector of a tls or https resolver. The bootstrap addresses stand in for a host
// that is a name; without them, the system looks it up. Whatever the address, the certificate has to be valid for
// what the resolver is called.
func newConnector(r Resolver, bootstrap []netip.Addr, roots *x509.CertPool) connector {
	host := r.addr.Addr().WithZone("").String()
	if r.host.IsValid() {
		host = r.host.String()
	}
	c := connector{config: &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: roots}}
	switch {
	case r.addr.IsValid():
		c.at = []string{r.addr.String()}
	case len(bootstrap) == 0:
		c.at = []string{net.JoinHostPort(host, strconv.Itoa(int(r.addr.Port())))}
	}
	if len(c.at) == 0 {
		for _, addr := range bootstrap {
			c.at = append(c.at, netip.AddrPortFrom(addr, r.addr.Port()).String())
		}
	}
	return c
}

// connectTime returns the part of the time to wait that may pass until a connection stands: what is left is for
// the question.
func connectTime(wait time.Duration) time.Duration { return wait * 3 / 4 }

// connect returns a connection to the first address that has the right certificate. Each address gets an even
// part of the time. Errors are of type connectError.
func (c connector) connect(ctx context.Context, deadline time.Time) (*tls.Conn, error) {
	var errs []error
	for i, at := range c.at {
		left := time.Until(deadline) / time.Duration(len(c.at)-i)
		conn, err := c.connectTo(ctx, at, time.Now().Add(left))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	if len(errs) == 1 {
		return nil, connectError{text: errorText(errs[0]), timeout: isTimeout(errs[0]), unmade: errors.As(errs[0], new(unmade))}
	}
	failed := connectError{timeout: true, unmade: true}
	var each []string
	for i, err := range errs {
		each = append(each, fmt.Sprintf("at %s: %s", c.at[i], errorText(err)))
		failed.timeout = failed.timeout && isTimeout(err)
		failed.unmade = failed.unmade && errors.As(err, new(unmade))
	}
	failed.text = strings.Join(each, "; ")
	return nil, failed
}

// connectError says why there is no connection. It is a [net.Error].
type connectError struct {
	text    string
	timeout bool // at every address
	unmade  bool // at every address, before TLS began
}

func (e connectError) Error() string   { return e.text }
func (e connectError) Timeout() bool   { return e.timeout }
func (e connectError) Temporary() bool { return e.timeout }

// unmade is an error of a connection that did not come about, before anything was said over it.
type unmade struct{ error }

func (e unmade) Unwrap() error { return e.error }

func (c connector) connectTo(ctx context.Context, at string, deadline time.Time) (*tls.Conn, error) {
	dialer := net.Dialer{Deadline: deadline}
	raw, err := dialer.DialContext(ctx, "tcp", at)
	if unknown, ok := errors.AsType[*net.DNSError](err); ok {
		return nil, unmade{connectError{
			text:    fmt.Sprintf("the system could not look up %s; give its addresses as `bootstrap`", unknown.Name),
			timeout: unknown.IsTimeout,
		}}
	}
	if err != nil {
		return nil, unmade{err}
	}
	if c.watch != nil {
		raw = c.watch(raw)
	}
	conn := tls.Client(raw, c.config)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, handshakeError(err)
	}
	return conn, nil
}

// handshakeError says what went wrong between the first octet over TLS and the check of the certificate.
func handshakeError(err error) error {
	var record tls.RecordHeaderError
	switch text := certificateText(err); {
	case text != "":
		return errors.New(text)
	case isTimeout(err):
		return connectError{text: "the server did not complete the TLS handshake in time", timeout: true}
	case errors.As(err, &record):
		return errors.New("the server does not speak TLS at this port")
	case errors.Is(err, io.EOF):
		return errors.New("the server closed the connection during the TLS handshake")
	}
	return fmt.Errorf("TLS handshake: %w", err)
}

// maxCertificateNames bounds the names of a certificate that an error shows.
const maxCertificateNames = 3

// certificateText says why a certificate is not accepted, empty where that is not what the error says. It holds
// no time of the day: reports are compared.
func certificateText(err error) string {
	var (
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		authority x509.UnknownAuthorityError
		failed    *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &hostname):
		return fmt.Sprintf("the certificate is valid for %s, not %s", certificateNames(hostname.Certificate), hostname.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return validity(invalid.Cert, time.Now())
	case errors.As(err, &authority) && authority.Cert != nil:
		if issuer := authority.Cert.Issuer.String(); issuer != authority.Cert.Subject.String() {
			return fmt.Sprintf("the certificate is signed by %q, which this machine does not trust", issuer)
		}
		return "the certificate is self-signed, and this machine does not trust it"
	case errors.As(err, &failed):
		return "the certificate is not accepted: " + strings.TrimPrefix(failed.Err.Error(), "x509: ")
	}
	return ""
}

// validity says why a certificate does not hold at a time.
func validity(cert *x509.Certificate, now time.Time) string {
	if now.Before(cert.NotBefore) {
		return fmt.Sprintf("the certificate is not valid before %s, or this machine's clock is wrong", cert.NotBefore.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("the certificate expired at %s", cert.NotAfter.UTC().Format(time.RFC3339))
}

func certificateNames(cert *x509.Certificate) string {
	names := append([]string(nil), cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no host"
	}
	if more := len(names) - maxCertificateNames; more > 0 {
		names = append(names[:maxCertificateNames], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
