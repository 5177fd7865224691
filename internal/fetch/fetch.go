// Package fetch gets small files over HTTPS from hosts that strangers name: policies, logos and certificates. It asks
// public addresses on port 443 alone, follows no redirects, and reads a bounded number of octets in a bounded time.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

const (
	// MaxBody bounds the octets of a file that are read (RFC 8461 §3.3).
	MaxBody = 64 << 10
	// Timeout limits the time of a fetch, from the question to DNS to the last octet.
	Timeout = 10 * time.Second

	maxHeader    = 64 << 10
	maxAddresses = 4 // of a host that are tried
	port         = "443"
)

// Client fetches files. It implements [audit.Web], and is safe for concurrent use.
type Client struct {
	// Resolver finds the addresses of hosts.
	Resolver spf.Resolver
	// Roots are the authorities whose certificates are trusted; nil for those of the system.
	Roots *x509.CertPool
	// Dial connects to an address that was found to be public; nil for the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

var _ audit.Web = Client{}

// Fetch gets a file. Every answer, whatever its status, is returned without an error, redirects among them.
func (c Client) Fetch(ctx context.Context, address string) (audit.Page, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return audit.Page{}, errors.New("the address is not a URL")
	case u.Scheme != "https" || u.Hostname() == "":
		return audit.Page{}, errors.New("the address does not start with https:// and a host")
	case u.User != nil:
		return audit.Page{}, errors.New("the address contains a user name, which is never sent")
	case u.Port() != "" && u.Port() != port:
		return audit.Page{}, fmt.Errorf("the address names the port %s, and only %s is allowed", record.Display(u.Port()), port)
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return audit.Page{}, errors.New("the address is not a URL")
	}
	transport := &http.Transport{
		DialContext: c.dial, TLSClientConfig: &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader, ForceAttemptHTTP2: false,
	}
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return audit.Page{}, plain(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // What was read of it is all that is wanted.
	page := audit.Page{Status: resp.StatusCode, ContentType: resp.Header.Get("Content-Type")}
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		page.Ends = resp.TLS.PeerCertificates[0].NotAfter
	}
	page.Body, err = io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if len(page.Body) > MaxBody {
		page.Body, page.Cut = page.Body[:MaxBody], true
		return page, nil
	}
	if err != nil {
		return audit.Page{}, plain(ctx, err)
	}
	return page, nil
}

// plain returns an error without the URL, which the reader knows.
func plain(ctx context.Context, err error) error {
	late, ok := errors.AsType[net.Error](err)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || ok && late.Timeout() {
		return fmt.Errorf("the file did not arrive within %s", Timeout)
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return errors.New(record.Display(err.Error()))
}

// dial connects to the first address of a host that answers. Each address is looked at when it is dialled, so that no
// answer of DNS that comes later leads elsewhere.
func (c Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout) // The transport goes on with it when nobody waits any more.
	defer cancel()
	addrs, err := c.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	dial := c.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	for i, addr := range addrs {
		if !netblock.IsPublic(addr) {
			err = fmt.Errorf("the host has the address %s, %s: it is not asked", addr, netblock.Of(addr).What)
			continue
		}
		conn, dialErr := within(ctx, len(addrs)-i, func(ctx context.Context) (net.Conn, error) {
			return dial(ctx, network, net.JoinHostPort(addr.String(), port))
		})
		if dialErr == nil {
			// The transport goes on with a handshake that nobody waits for any more.
			return conn, conn.SetDeadline(time.Now().Add(Timeout))
		}
		err = dialErr
	}
	return nil, err
}

// within dials with one of so many shares of the time that is left, so that an address that does not answer leaves the others theirs.
func within(ctx context.Context, shares int, dial func(ctx context.Context) (net.Conn, error)) (net.Conn, error) {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, time.Until(deadline)/time.Duration(shares))
	defer cancel()
	return dial(ctx)
}

func (c Client) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr.Unmap().WithZone("")}, nil
	}
	var addrs []netip.Addr
	var failed error
	for _, t := range []spf.RRType{spf.TypeA, spf.TypeAAAA} {
		values, err := c.Resolver.Lookup(ctx, host, t)
		if err != nil {
			failed = err
		}
		for _, v := range values[:min(len(values), maxAddresses)] {
			if addr, err := netip.ParseAddr(v); err == nil {
				addrs = append(addrs, addr)
			}
		}
	}
	switch {
	case len(addrs) > 0:
		return addrs, nil
	case failed != nil:
		return nil, failed
	}
	return nil, errors.New("the host has no address")
}
