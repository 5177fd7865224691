package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// wire is a network without sockets, so that time may be virtual. What it does not answer is dropped.
type wire struct {
	answer func(to netip.AddrPort, query *dns.Msg) (*dns.Msg, error)
	sent   *atomic.Int64
}

func (w wire) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	w.sent.Add(1)
	if msg, err := w.answer(to, query); msg != nil || err != nil {
		return msg, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(wait):
		return nil, os.ErrDeadlineExceeded
	}
}

var resolverAddr = netip.MustParseAddrPort("192.0.2.53:53")

// onWire returns a client of all defaults on a network of a resolver and what answers the rest.
func onWire(t *testing.T, resolver, rest func(query *dns.Msg) (*dns.Msg, error)) (*Client, *atomic.Int64) {
	t.Helper()
	c, err := New(Config{Resolvers: []Resolver{PlainResolver(resolverAddr)}})
	if err != nil {
		t.Fatal(err)
	}
	w := wire{sent: new(atomic.Int64), answer: func(to netip.AddrPort, query *dns.Msg) (*dns.Msg, error) {
		if to == resolverAddr {
			return resolver(query)
		}
		return rest(query)
	}}
	c.udp, c.tcp = w, w
	return c, w.sent
}

func drop(*dns.Msg) (*dns.Msg, error) { return nil, nil }

func refuse(*dns.Msg) (*dns.Msg, error) {
	return nil, &net.OpError{Op: "read", Net: "udp", Err: os.NewSyscallError("read", syscall.ECONNREFUSED)}
}

func noRoute(*dns.Msg) (*dns.Msg, error) {
	return nil, &net.OpError{Op: "dial", Net: "udp", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}
}

// rcode answers all questions by a response code.
func rcode(code int) func(*dns.Msg) (*dns.Msg, error) {
	return func(query *dns.Msg) (*dns.Msg, error) { return new(dns.Msg).SetRcode(query, code), nil }
}

// isRegistryServer reports whether an address is one of the name servers that resolver knows.
func isRegistryServer(to netip.AddrPort) bool {
	addr := to.Addr()
	return netip.MustParsePrefix("192.175.48.0/24").Contains(addr) || netip.MustParsePrefix("2620:4f:8000::/48").Contains(addr)
}

// resolver knows four name servers of every zone, each with an address of either kind.
func resolver(query *dns.Msg) (*dns.Msg, error) {
	reply := new(dns.Msg).SetReply(query)
	reply.RecursionAvailable = true
	q := query.Question[0]
	if q.Qtype != dns.TypeNS {
		return reply, nil
	}
	for i := range 4 {
		host := fmt.Sprintf("ns%d.nic.%s", i, strings.TrimPrefix(q.Name, "."))
		n := byte(len(q.Name)*4 + i) // Names are short.
		header := func(name string, code uint16) dns.RR_Header {
			return dns.RR_Header{Name: name, Rrtype: code, Class: dns.ClassINET, Ttl: 86400}
		}
		reply.Answer = append(reply.Answer, &dns.NS{Hdr: header(q.Name, dns.TypeNS), Ns: host})
		reply.Extra = append(reply.Extra,
			&dns.A{Hdr: header(host, dns.TypeA), A: net.IPv4(192, 175, 48, n)},
			&dns.AAAA{Hdr: header(host, dns.TypeAAAA), AAAA: net.ParseIP(fmt.Sprintf("2620:4f:8000::%d", n))})
	}
	return reply, nil
}

// Many records, ten at a time as Terraform refreshes them or all at once as a wait does, on machines that
// cannot ask for them.
func TestManyQuestionsUnanswered(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		resolver, rest func(*dns.Msg) (*dns.Msg, error)
		questions      int // four for each domain
		workers        int
		fresh          bool
		reason         answer.Reason
		took           time.Duration // at most
		sent           int64         // at most
	}{
		"nothing answers":                       {drop, drop, 1000, 10, false, answer.NoResolver, 6 * time.Second, 100},
		"all refuse":                            {refuse, refuse, 1000, 10, false, answer.NoResolver, time.Second, 40},
		"no route":                              {noRoute, noRoute, 1000, 10, false, answer.NoResolver, time.Second, 40},
		"no route, and all are waited for":      {noRoute, noRoute, 1000, 1000, true, answer.NoResolver, time.Second, 4000},
		"the resolver fails":                    {rcode(dns.RcodeServerFailure), drop, 1000, 10, false, answer.NoResolver, time.Second, 40},
		"the resolver refuses":                  {rcode(dns.RcodeRefused), drop, 1000, 10, false, answer.NoResolver, time.Second, 40},
		"the resolver answers":                  {resolver, drop, 1000, 10, false, answer.Blocked, 6 * time.Second, 100},
		"the resolver answers, others refuse":   {resolver, refuse, 1000, 10, false, answer.Blocked, time.Second, 60},
		"the resolver answers, all waited for":  {resolver, drop, 1000, 1000, true, answer.Blocked, 25 * time.Second, 1500},
		"others refuse, and all are waited for": {resolver, refuse, 400, 400, true, answer.Blocked, 10 * time.Second, 1000},
	}
	for name, tt := range tests {
		part := inShort(5)
		tt.questions, tt.workers = tt.questions/part, max(10, tt.workers/part)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, sent := onWire(t, tt.resolver, tt.rest)
				c.slots.max /= part
				begin := time.Now()
				next := make(chan int)
				var group sync.WaitGroup
				for range tt.workers {
					group.Go(func() {
						for i := range next {
							askInVain(t, c, fmt.Sprintf("_dmarc.d%d.example", i/4), tt.fresh, tt.reason)
						}
					})
				}
				for i := range tt.questions {
					next <- i
				}
				close(next)
				group.Wait()
				if took, n := time.Since(begin), sent.Load(); took > tt.took || n > tt.sent {
					t.Errorf("%d questions took %v and sent %d messages, want at most %v and %d", tt.questions, took, n, tt.took, tt.sent)
				}
			})
		})
	}
}

func askInVain(t *testing.T, c *Client, name string, fresh bool, reason answer.Reason) {
	patience := 5 * time.Second
	if fresh {
		patience = 10 * time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := c.Ask(ctx, answer.Question{Name: dnsname.MustParse(name), Type: record.TXT, Via: answer.Authorities, Fresh: fresh})
	var lookup *answer.LookupError
	switch {
	case !errors.As(err, &lookup) || lookup.Reason != reason:
		t.Errorf("Ask(%s) = %v, want the reason %v", name, err, reason)
	case lookup.Name.String() != name:
		t.Errorf("Ask(%s) = %v, want an error that names it", name, err)
	}
}

// What is before a firewall is reached, whatever lies behind it.
func TestBlockedButForPrivateServers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		private := netip.MustParseAddrPort("10.0.0.53:53")
		c, _ := onWire(t, func(query *dns.Msg) (*dns.Msg, error) {
			reply, err := resolver(query)
			if name := query.Question[0].Name; name == "corp.example." && len(reply.Answer) > 0 {
				reply.Answer = []dns.RR{&dns.NS{Hdr: *reply.Answer[0].Header(), Ns: "ns.corp.example."}}
				reply.Extra = []dns.RR{&dns.A{
					Hdr: dns.RR_Header{Name: "ns.corp.example.", Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: private.Addr().AsSlice(),
				}}
			}
			return reply, err
		}, drop)
		c.private = networks{netip.MustParsePrefix("10.0.0.0/8")}
		w := c.udp.(wire)
		reach := w.answer
		w.answer = func(to netip.AddrPort, query *dns.Msg) (*dns.Msg, error) {
			if to != private {
				return reach(to, query)
			}
			reply := new(dns.Msg).SetReply(query)
			reply.Authoritative = true
			reply.Ns = []dns.RR{&dns.SOA{Hdr: dns.RR_Header{Name: "corp.example.", Rrtype: dns.TypeSOA, Class: dns.ClassINET}, Ns: ".", Mbox: "."}}
			return reply, nil
		}
		c.udp, c.tcp = w, w
		for range 20 {
			askInVain(t, c, "_dmarc.d1.example", false, answer.Blocked)
		}
		time.Sleep(probeDead)
		for _, fresh := range []bool{false, true} {
			q := answer.Question{Name: dnsname.MustParse("_dmarc.corp.example"), Type: record.TXT, Via: answer.Authorities, Fresh: fresh}
			answers, err := c.Ask(t.Context(), q)
			if err != nil || len(answers.List) != 1 || answers.List[0].Outcome != answer.NoData {
				t.Errorf("Ask = %+v, %v, want no data from the private server", answers, err)
			}
		}
	})
}

func TestBlockedSaysWhatWasTried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := onWire(t, resolver, refuse)
		_, err := c.Ask(t.Context(), answer.Question{Name: dnsname.MustParse("_dmarc.example.org"), Type: record.TXT, Via: answer.Authorities})
		// Four servers with two addresses each, of org and of example.org.
		const want = "the name servers of _dmarc.example.org cannot be found: unreachable at org: none of the 16 addresses of authoritative servers that were " +
			"asked at port 53 answers, those of top-level domains included, but the resolvers do: this network seems to let DNS questions through to its own resolvers only"
		if err == nil || err.Error() != want {
			t.Errorf("Ask = %v, want %s", err, want)
		}
	})
}

func TestBlockedCountsAddresses(t *testing.T) {
	t.Parallel()
	c, _ := onWire(t, resolver, refuse)
	for asked, want := range map[int]string{
		1: "the only address of an authoritative server that was asked at port 53 does not answer",
		2: "none of the 2 addresses of authoritative servers that were asked at port 53 answers",
	} {
		if got := c.blockedSearch(dnsname.MustParse("example.org"), asked).Detail; !strings.HasPrefix(got, want) {
			t.Errorf("with %d addresses: %q, want %q", asked, got, want)
		}
	}
}
