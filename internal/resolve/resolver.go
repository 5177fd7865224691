package resolve

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Resolver is a recursive server with the way to ask it. Resolvers are the same when they compare equal with
// ==. The zero Resolver is invalid.
type Resolver struct {
	scheme scheme
	// addr is where it listens. Of an https resolver that is named by its host, it holds the port alone.
	addr netip.AddrPort
	// host is the name in the certificate of a tls resolver, and the host of an https one; the zero Name
	// where the address stands for it.
	host dnsname.Name
	path string // of an https resolver, escaped
}

// scheme is the text before "://" of a resolver.
type scheme string

const (
	schemePlain scheme = ""      // UDP, and TCP where that does not do (RFC 1035 §4.2, RFC 7766)
	schemeTCP   scheme = "tcp"   // TCP alone
	schemeTLS   scheme = "tls"   // DNS over TLS (RFC 7858)
	schemeHTTPS scheme = "https" // DNS over HTTPS (RFC 8484)
)

const (
	tlsPort   = 853 // RFC 7858 §3.1
	httpsPort = 443
)

// defaultPort returns the port that is left out where a resolver is written.
func (s scheme) defaultPort() uint16 {
	switch s {
	case schemeTLS:
		return tlsPort
	case schemeHTTPS:
		return httpsPort
	}
	return dnsPort
}

// PlainResolver returns the resolver that is asked by plain DNS at an address.
func PlainResolver(addr netip.AddrPort) Resolver { return Resolver{addr: addr} }

// ParseResolver reads a resolver:
//
//	192.0.2.53  192.0.2.53:5353  2001:db8::53  [2001:db8::53]:53   UDP, and TCP where that does not do
//	tcp://192.0.2.53                                               TCP alone
//	tls://dns.example@192.0.2.53  tls://192.0.2.53                 DNS over TLS, with the name or the address in the certificate
//	https://dns.example/dns-query  https://192.0.2.53/dns-query    DNS over HTTPS
//
// The port is 53, 853 for tls and 443 for https where none is given. Link-local addresses carry their zone
// ("fe80::1%eth0"). Names are refused where they would need a resolver to be resolved.
func ParseResolver(s string) (Resolver, error) {
	r, err := parseResolver(strings.TrimSpace(s))
	if err != nil {
		return Resolver{}, fmt.Errorf("resolver %s: %w", record.DisplayQuoted(redact(s)), err)
	}
	return r, nil
}

func parseResolver(text string) (Resolver, error) {
	if err := listFault(text); err != nil {
		return Resolver{}, err
	}
	before, rest, ok := strings.Cut(text, "://")
	if !ok {
		addr, err := parseAddrPort(text, dnsPort)
		return PlainResolver(addr), err
	}
	return parseURL(scheme(strings.ToLower(before)), rest, text)
}

// MustParseResolver is [ParseResolver] for texts that are fixed in the program. It panics on an error.
func MustParseResolver(s string) Resolver {
	r, err := ParseResolver(s)
	if err != nil {
		panic(err)
	}
	return r
}

// parseURL reads what stands behind "://". The text is all of it.
func parseURL(kind scheme, rest, text string) (Resolver, error) {
	switch kind {
	case schemeTCP:
		addr, err := parseAddrPort(rest, dnsPort)
		return Resolver{scheme: kind, addr: addr}, err
	case schemeTLS:
		return parseTLS(rest)
	case schemeHTTPS:
		return parseHTTPS(text)
	case "http":
		return Resolver{}, errors.New("DNS over HTTP without TLS is not supported; write https://")
	case "udp", "dns":
		return Resolver{}, errors.New("plain DNS has no scheme; write the address alone, like 192.0.2.53")
	}
	if strings.Contains(string(kind), "@") {
		return Resolver{}, errUser
	}
	return Resolver{}, fmt.Errorf("the scheme %s is not supported; it must be tcp, tls or https, or left out for plain DNS", record.DisplayQuoted(string(kind)))
}

// parseTLS reads "name@address" or "address".
func parseTLS(rest string) (Resolver, error) {
	r := Resolver{scheme: schemeTLS}
	name, address, named := cutLast(rest, "@")
	if !named {
		address = rest
	}
	if strings.Contains(name, ":") && named && !hasAddress(name) {
		return Resolver{}, errUser
	}
	var err error
	if r.addr, err = parseAddrPort(address, tlsPort); err != nil {
		switch {
		case !named && hasNoAddress(rest):
			return Resolver{}, errors.New("a name is not resolved; write it with the address to connect to, like tls://dns.example@192.0.2.53")
		case named && hasAddress(name) && hasNoAddress(address):
			return Resolver{}, errors.New("the name and the address are swapped; the name in the certificate stands before @, the address behind it, like tls://dns.example@192.0.2.53")
		}
		return Resolver{}, err
	}
	if named {
		r.host, err = parseHost(name)
	}
	return r, err
}

// hasNoAddress reports whether a text is a name, perhaps with a port.
func hasNoAddress(text string) bool {
	host, _, err := net.SplitHostPort(text)
	if err != nil {
		host = text
	}
	_, err = parseHost(host)
	return err == nil
}

// parseHost reads the name of a host. Addresses are none.
func parseHost(text string) (dnsname.Name, error) {
	if _, err := netip.ParseAddr(text); err == nil {
		return dnsname.Name{}, fmt.Errorf("%s is an address, and before @ stands the name in the certificate; if the certificate is for the address, leave out %s", record.DisplayQuoted(text), record.DisplayQuoted(text+"@"))
	}
	name, err := dnsname.Parse(text)
	if err != nil || name == dnsname.Root {
		return dnsname.Name{}, errors.New("the host is not a valid host name")
	}
	return name, nil
}

// parseHTTPS reads the URL of a DNS over HTTPS service.
func parseHTTPS(text string) (Resolver, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil && strings.Contains(text, "@"), err == nil && u.User != nil:
		return Resolver{}, errUser
	case err != nil:
		// Its text repeats the URL, which is said already.
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err
		}
		return Resolver{}, fmt.Errorf("it is not a URL: %w", err)
	}
	switch {
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.ContainsAny(u.Path, "{}"):
		return Resolver{}, errors.New("the URL must end with its path, like https://dns.example/dns-query; remove the text after it, like ? or {?dns}")
	case u.Hostname() == "":
		return Resolver{}, errors.New("the URL has no host; write it like https://dns.example/dns-query")
	case u.Path == "" || u.Path == "/":
		return Resolver{}, errors.New("the URL has no path; most services have /dns-query, like https://dns.example/dns-query")
	}
	port, err := parsePort(u.Port(), httpsPort)
	if err != nil {
		return Resolver{}, err
	}
	r := Resolver{scheme: schemeHTTPS, path: u.EscapedPath()}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		r.addr = netip.AddrPortFrom(addr.Unmap(), port)
		if addr.Zone() != "" {
			return Resolver{}, errors.New("a URL cannot hold a link-local address with its zone")
		}
		return r, checkHost(addr.Unmap())
	}
	r.addr = netip.AddrPortFrom(netip.Addr{}, port)
	r.host, err = parseHost(u.Hostname())
	return r, err
}

// parsePort reads a port; none is the default.
func parsePort(text string, otherwise uint16) (uint16, error) {
	if text == "" {
		return otherwise, nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s is not a port; ports are 1 to 65535", record.DisplayQuoted(text))
	case port == 0:
		return 0, fmt.Errorf("port 0 is not a valid port; for port %d, leave it out", otherwise)
	}
	return uint16(port), nil
}

// parseAddrPort reads an IP address with or without a port.
func parseAddrPort(text string, otherwise uint16) (netip.AddrPort, error) {
	bare := text
	if strings.HasPrefix(bare, "[") && strings.HasSuffix(bare, "]") {
		bare = bare[1 : len(bare)-1]
	}
	server, err := netip.ParseAddrPort(text)
	if addr, bareErr := netip.ParseAddr(bare); bareErr == nil {
		server, err = netip.AddrPortFrom(addr, otherwise), nil
	}
	if err != nil {
		return netip.AddrPort{}, addressFault(text)
	}
	if server.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("port 0 is not a valid port; for port %d, leave it out", otherwise)
	}
	addr := server.Addr().Unmap()
	return netip.AddrPortFrom(addr, server.Port()), checkHost(addr)
}

// checkHost returns an error for addresses that are no host's.
func checkHost(addr netip.Addr) error {
	if addr.IsUnspecified() || addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return fmt.Errorf("%s is not the address of one host", addr)
	}
	return nil
}

// ParseBootstrap reads an address at which the host of an https resolver is reached.
func ParseBootstrap(s string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("bootstrap %s: it must be an IP address without a port, like 192.0.2.53 or 2001:db8::53; the port stands in the URL", record.DisplayQuoted(redact(s)))
	}
	return addr.Unmap(), checkBootstrap(addr.Unmap())
}

func checkBootstrap(addr netip.Addr) error {
	if !addr.IsValid() {
		return errors.New("the bootstrap addresses must be valid")
	}
	if err := checkHost(addr); err != nil {
		return fmt.Errorf("bootstrap %q: %w", addr, err)
	}
	return nil
}

// IsValid reports whether r is not the zero Resolver.
func (r Resolver) IsValid() bool { return r != Resolver{} }

// String returns the resolver as [ParseResolver] reads it, with the port where that is not the default.
func (r Resolver) String() string {
	if !r.IsValid() {
		return "invalid Resolver"
	}
	at := r.authority()
	switch r.scheme {
	case schemePlain:
		return at
	case schemeTLS:
		if r.host.IsValid() {
			at = r.host.String() + "@" + at
		}
	}
	return string(r.scheme) + "://" + at + r.path
}

// authority returns the address, or the host of a URL, with the port where that is not the default.
func (r Resolver) authority() string {
	host := r.addr.Addr().String()
	if !r.addr.IsValid() {
		host = r.host.String()
	}
	switch {
	case r.addr.Port() != r.scheme.defaultPort():
		return net.JoinHostPort(host, strconv.Itoa(int(r.addr.Port())))
	case r.scheme == schemeHTTPS && r.addr.Addr().Is6():
		return "[" + host + "]"
	}
	return host
}

// Addr returns the address of the resolver; the zero AddrPort where it is known by the name of its host
// alone.
func (r Resolver) Addr() netip.AddrPort {
	if !r.addr.IsValid() {
		return netip.AddrPort{}
	}
	return r.addr
}

// IsTrusted reports whether nobody on the way can change the resolver's answers: it is asked over TLS, or on
// this machine. Only then the AD bit means anything (RFC 4035 §4.9.3).
func (r Resolver) IsTrusted() bool {
	return r.scheme == schemeTLS || r.scheme == schemeHTTPS || r.addr.Addr().IsLoopback()
}

// server returns the resolver as reports show it, without what may be secret in its URL.
func (r Resolver) server() answer.Server {
	s := answer.Server{Addr: r.Addr()}
	if r.scheme != schemePlain {
		r.path = shownPath(r.path)
		s.URL = r.String()
	}
	return s
}

// shownServers returns the resolvers as reports show them. Those that look alike without their secrets are numbered.
func shownServers(resolvers []Resolver) map[Resolver]answer.Server {
	servers := make(map[Resolver]answer.Server)
	alike := make(map[answer.Server]int)
	for _, r := range resolvers {
		s := r.server()
		if alike[s]++; alike[s] > 1 {
			s.URL += fmt.Sprintf(" (%d)", alike[s])
		}
		servers[r] = s
	}
	return servers
}
