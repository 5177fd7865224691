package dnstest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Transport is what carries a question.
type Transport string

// The transports. Servers listen on UDP and TCP; see [Server.ListenTLS] and [Server.ListenHTTPS] for the others.
const (
	UDP   Transport = "udp"
	TCP   Transport = "tcp"
	TLS   Transport = "tls"
	HTTPS Transport = "https"
)

// Question is one question, or one update, that arrived at a server.
type Question struct {
	Server    string         // name of the server or recursor that was asked
	Addr      netip.AddrPort // its address and port that was asked
	Client    netip.AddrPort // who asked; not valid where a recursor of the hierarchy did
	Recursor  string         // name of the recursor of the hierarchy that asked; "" for any other client
	Transport Transport
	Name      string // in lower case, without its final dot; "." for the root
	Asked     string // the name exactly as it was asked
	Type      string // "TXT"; "TYPE65280" where the type has no name
	RD        bool   // recursion desired
	AD        bool   // told whether the answer is validated (RFC 6840 §5.7)
	CD        bool   // validation disabled
	DO        bool   // DNSSEC records wanted
	UDPSize   int    // what the client takes over UDP, in octets; 0 where it sent no EDNS
	Time      time.Time
	Update    bool // an update (RFC 2136): Name is the zone
}

// String shows the question on one line, as in "ns1.example.com udp TXT _dmarc.example.com".
func (q Question) String() string {
	verb := q.Type
	if q.Update {
		verb = "UPDATE"
	}
	return fmt.Sprintf("%s %s %s %s", q.Server, q.Transport, verb, q.Name)
}

// Filter chooses questions.
type Filter func(Question) bool

// To chooses questions to the server or recursor with the given name.
func To(server string) Filter {
	return func(q Question) bool { return sameName(q.Server, server) }
}

// About chooses questions for exactly this name.
func About(name string) Filter {
	return func(q Question) bool { return sameName(q.Asked, name) }
}

// Within chooses questions for a name or any name below it.
func Within(name string) Filter {
	return func(q Question) bool { return dns.IsSubDomain(dns.CanonicalName(name), dns.CanonicalName(q.Asked)) }
}

// OfType chooses questions for a type ("TXT").
func OfType(rrtype string) Filter {
	return func(q Question) bool { return strings.EqualFold(q.Type, rrtype) }
}

// Over chooses questions that came over a transport.
func Over(t Transport) Filter { return func(q Question) bool { return q.Transport == t } }

// At chooses questions to one address of a server ("::1").
func At(addr string) Filter {
	return func(q Question) bool { return q.Addr.Addr().String() == addr }
}

// Direct chooses questions that no recursor of the hierarchy asked.
func Direct(q Question) bool { return q.Recursor == "" }

// RecursionDesired chooses questions with the RD bit.
func RecursionDesired(q Question) bool { return q.RD }

// Not chooses the questions that f does not.
func Not(f Filter) Filter { return func(q Question) bool { return !f(q) } }

func sameName(a, b string) bool { return dns.CanonicalName(a) == dns.CanonicalName(b) }

func all(q Question, filters []Filter) bool {
	return !slices.ContainsFunc(filters, func(f Filter) bool { return !f(q) })
}

// questionLog is what a hierarchy was asked, in the order of arrival.
type questionLog struct {
	mu      sync.Mutex
	list    []Question
	arrived chan struct{} // closed when the next question arrives; nil where nobody waits
}

func (l *questionLog) add(q Question) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, q)
	if l.arrived != nil {
		close(l.arrived)
		l.arrived = nil
	}
}

func (l *questionLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
}

// choose returns the questions that all filters choose, and a channel that is closed when another arrives.
func (l *questionLog) choose(filters []Filter) ([]Question, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.arrived == nil {
		l.arrived = make(chan struct{})
	}
	var chosen []Question
	for _, q := range l.list {
		if all(q, filters) {
			chosen = append(chosen, q)
		}
	}
	return chosen, l.arrived
}

func (l *questionLog) await(ctx context.Context, n int, filters []Filter) error {
	for {
		chosen, arrived := l.choose(filters)
		if len(chosen) >= n {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d questions arrived: %w", len(chosen), n, context.Cause(ctx))
		}
	}
}

func isQuery(q Question) bool { return !q.Update }

func isUpdate(q Question) bool { return q.Update }

// newQuestion describes a message for the log.
func newQuestion(server string, local netip.AddrPort, t Transport, req *dns.Msg, now time.Time) Question {
	q := Question{
		Server: server, Addr: local, Transport: t, Time: now,
		RD: req.RecursionDesired, AD: req.AuthenticatedData, CD: req.CheckingDisabled, Update: req.Opcode == dns.OpcodeUpdate,
	}
	if len(req.Question) > 0 {
		first := req.Question[0]
		q.Asked = first.Name
		q.Name = displayName(dns.CanonicalName(first.Name))
		q.Type = dns.Type(first.Qtype).String()
	}
	if opt := req.IsEdns0(); opt != nil {
		q.UDPSize = int(opt.UDPSize())
		q.DO = opt.Do()
	}
	return q
}
