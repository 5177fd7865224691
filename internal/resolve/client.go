// Package resolve is the DNS client: it finds the authoritative servers of a name and asks each of
// them, or asks recursive servers. Packages spf and verify ask DNS through it.
//
// Recursive servers are never asked about the name itself, nor about a name that may be missing: they
// remember for the negative TTL that it is (RFC 2308), and with it everything below (RFC 8020).
package resolve

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// The defaults of [Config].
const (
	DefaultTimeout     = 2 * time.Second
	DefaultTries       = 2
	DefaultMaxInFlight = 128
	DefaultMaxRate     = 500
)

// resolvConf is the file in which systems keep the addresses of their resolvers.
const resolvConf = "/etc/resolv.conf"

// Config configures a [Client]. Its zero value asks the system's resolvers, with all defaults.
type Config struct {
	// Resolvers are the recursive servers, in the order of preference; empty for those of the system,
	// which /etc/resolv.conf names.
	Resolvers []Resolver
	// Bootstrap are the addresses at which the hosts of https resolvers are reached, tried in this order until
	// one has a certificate of the host. Without them, the system looks the host up; a host that is an
	// address needs none.
	Bootstrap []netip.Addr
	// RootCAs are the authorities whose certificates are trusted; nil for those of the system, which on
	// Linux the environment variable SSL_CERT_FILE replaces.
	RootCAs *x509.CertPool
	// DNSSEC says what is made of signatures; empty for [DNSSECOff].
	DNSSEC DNSSEC
	// Timeout limits the time of a server to answer over UDP, and once more over TCP; 0 for
	// [DefaultTimeout]. A caller's deadline shortens it, so that the answers of other servers are not
	// lost for one that is dead.
	Timeout time.Duration
	// Tries is the number of datagrams, sent evenly over the time to answer, before TCP is tried; 0 for [DefaultTries].
	// That time is Timeout, or a third of what is left until the caller's deadline where that is less. A server that has
	// answered over UDP before has four times its slowest answer of it, and at least an eighth.
	Tries int
	// MaxInFlight bounds the exchanges that run at once; 0 for [DefaultMaxInFlight].
	MaxInFlight int
	// MaxRate bounds the questions a second to one server address; 0 for [DefaultMaxRate]. At most [TrialRate] go to
	// an authoritative server that has not answered about a zone of its own yet, and fewer to one that lets them time out.
	MaxRate int
	// PrivateNetworks are the networks in which authoritative servers are asked although their addresses are not public.
	// Others are not asked, whatever DNS says of them. Addresses of metadata services, and link-local ones, have to be
	// named by networks of their own.
	PrivateNetworks []netip.Prefix
	// AuthoritativePort is the port of authoritative servers; 0 for 53. Another one is for labs: where all
	// resolvers are on this machine, loopback addresses are asked then.
	AuthoritativePort uint16
}

// Client asks DNS. It is safe for concurrent use, and shares identical questions that are under way. Between calls
// it holds nothing but connections over TLS, for seconds: see [Client.CloseIdleConnections].
type Client struct {
	resolvers []Resolver  // those that are configured
	system    *systemList // those of the system, where none are configured
	private   networks
	shown     map[Resolver]answer.Server // how reports show the resolvers
	dnssec    DNSSEC
	timeout   time.Duration
	port      uint16

	udp, tcp  transport
	secure    map[Resolver]secureTransport // of the tls and https resolvers
	slots     *shares
	turns     *shares
	workers   chan struct{}
	peers     *peers
	answers   *cache[exchangeKey, response]
	exchanges *flights[exchangeKey, response]
	zones     *zones
	tops      *flights[question, beginning]
	cuts      *flights[cutKey, step]
	complete  *flights[completeKey, completed]

	validations *flights[dnsname.Name, answer.Validation] // by zone
	securities  *cache[dnsname.Name, answer.Validation]   // by zone
}

// New returns a client. It returns an error where the configuration makes no sense, or names no
// resolvers and the system has none.
func New(config Config) (*Client, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	var system *systemList
	resolvers := unique(config.Resolvers)
	if len(resolvers) == 0 {
		system = systemListOr(resolvConf, localResolvers())
		resolvers = system.resolvers
	}
	timeout := orDefault(config.Timeout, DefaultTimeout)
	turns := newShares(maxTurns, timeout)
	turns.patient = true
	c := &Client{
		turns:     turns,
		workers:   make(chan struct{}, maxWorkers),
		resolvers: resolvers,
		system:    system,
		private:   config.networks(resolvers),
		shown:     shownServers(resolvers),
		dnssec:    config.DNSSEC,
		timeout:   timeout,
		port:      orDefault(config.AuthoritativePort, dnsPort),
		udp:       datagrams{tries: orDefault(config.Tries, DefaultTries)},
		tcp:       streams{},
		secure:    config.secureTransports(timeout),
		slots:     newShares(orDefault(config.MaxInFlight, DefaultMaxInFlight), timeout/shortening),
		peers:     newPeers(orDefault(config.MaxRate, DefaultMaxRate)),
		answers:   newCache[exchangeKey, response](maxAnswers),
		zones:     newZones(),
		cuts:      newFlights[cutKey, step](nil), // What one of them found may lead to some of the names behind its key alone.

		securities: newCache[dnsname.Name, answer.Validation](maxZones),
	}
	c.exchanges = newFlights(c.recall)
	c.tops = newFlights(c.knownTop)
	c.complete = newFlights(c.completed)
	c.validations = newFlights(c.securities.get)
	return c, nil
}

// check returns an error where the configuration makes no sense.
func (config Config) check() error {
	if config.Timeout < 0 || config.Tries < 0 || config.MaxInFlight < 0 || config.MaxRate < 0 {
		return errors.New("the DNS client's timeout, tries, max_in_flight and max_rate must be positive")
	}
	if slices.Contains(config.Resolvers, Resolver{}) {
		return errors.New("the DNS client's resolvers must be valid")
	}
	for _, addr := range config.Bootstrap {
		if err := checkBootstrap(addr); err != nil {
			return err
		}
	}
	return config.DNSSEC.check(config.Resolvers)
}

// unique returns the resolvers in their order, each once: one that is named twice is no second opinion.
func unique(resolvers []Resolver) []Resolver {
	var list []Resolver
	for _, r := range resolvers {
		if !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// secureTransport is a transport to one resolver that keeps connections.
type secureTransport interface {
	transport
	closeIdle()
}

// secureTransports returns the transports of the resolvers that are asked over TLS.
func (config Config) secureTransports(patience time.Duration) map[Resolver]secureTransport {
	transports := make(map[Resolver]secureTransport)
	for _, r := range config.Resolvers {
		switch r.scheme {
		case schemeTLS:
			transports[r] = &tlsStreams{connector: newConnector(r, nil, config.RootCAs)}
		case schemeHTTPS:
			transports[r] = newHTTPSExchanges(r.String(), newConnector(r, config.Bootstrap, config.RootCAs), patience)
		}
	}
	return transports
}

// CloseIdleConnections closes the connections over TLS that are kept for following questions. They close by
// themselves after some seconds. The client stays usable.
func (c *Client) CloseIdleConnections() {
	for _, t := range c.secure {
		t.closeIdle()
	}
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Ask implements verify.Resolver.
func (c *Client) Ask(ctx context.Context, q answer.Question) (answer.Set, error) {
	code, ok := dns.StringToType[string(q.Type)]
	switch {
	case !q.Name.IsValid():
		return answer.Set{}, errors.New("the DNS question has no name")
	case !ok || !slices.Contains(record.Types(), q.Type) && !slices.Contains(answer.ReadTypes(), q.Type):
		return answer.Set{}, fmt.Errorf("%w %q at %s", record.ErrType, q.Type, q.Name)
	}
	asked := question{name: q.Name, code: code, fresh: q.Fresh, tcp: q.TCP, mixed: q.Mixed}
	if q.Fresh {
		c.recursors() // The machine may have come to another network since the round before.
	}
	ctx = sharing(ctx, q.Name)
	delay := delayOf(ctx) // It has waited for its turn.
	if delay == nil {
		ctx, delay = delayed(ctx)
	}
	switch q.Via {
	case answer.Authorities:
		ctx, end := budgeted(ctx, q.Name)
		answers, err := c.askAuthorities(ctx, asked, []dnsname.Name{q.Name})
		return answers, delay.explain(end(err))
	case answer.Resolvers:
		answers, err := c.askResolvers(ctx, asked)
		return answers, delay.explain(err)
	}
	return answer.Set{}, fmt.Errorf("%q is not a way to ask: it must be %q or %q", q.Via, answer.Authorities, answer.Resolvers)
}

// A question holds the name, the type and the manner in which a server is asked. Questions are comparable.
type question struct {
	name  dnsname.Name
	code  uint16 // the record type as DNS numbers it
	fresh bool   // goes around what the client remembers
	tcp   bool   // over TCP alone
	// unchecked asks resolvers for what they have, validated or not (the CD bit, RFC 4035 §3.2.2).
	unchecked bool
	mixed     bool // with every other letter of the name in upper case
}

// about returns the question about another name or type that is otherwise like q.
func (q question) about(name dnsname.Name, code uint16) question {
	q.name, q.code, q.mixed = name, code, false // It is the question of the caller alone.
	return q
}
