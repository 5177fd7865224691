package resolve

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

func servFail() *dns.Msg { return new(dns.Msg).SetRcode(new(dns.Msg), dns.RcodeServerFailure) }

// failOn lets a resolver fail on so many names.
func (p *peers) failOn(t target, n int, pattern string, asked time.Time) {
	failed := servFail()
	for i := range n {
		p.fail(t, dnsname.MustParse(fmt.Sprintf(pattern, i)), failed, asked)
	}
}

func TestFailuresCount(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		happens func(p *peers, to target)
		want    admission
	}{
		"a name too few": {func(p *peers, to target) {
			p.failOn(to, failingAfter-1, "_dmarc.d%d.example", time.Now())
		}, admitted},
		"that many names": {func(p *peers, to target) {
			p.failOn(to, failingAfter, "_dmarc.d%d.example", time.Now())
		}, skipped},
		"one name again and again": {func(p *peers, to target) {
			for range 10 * failingAfter {
				p.fail(to, dnsname.MustParse("example.com"), servFail(), time.Now())
			}
		}, admitted},
		"all names of one domain": {func(p *peers, to target) {
			p.failOn(to, 10*failingAfter, "s%d.example.com", time.Now())
		}, admitted},
		"all names of one domain, and its top-level domain": {func(p *peers, to target) {
			p.fail(to, dnsname.MustParse("com"), servFail(), time.Now())
			p.failOn(to, failingAfter, "s%d.example.com", time.Now())
		}, skipped},
		"an answer between them": {func(p *peers, to target) {
			p.failOn(to, failingAfter-1, "a%d.example", time.Now())
			p.serve(to)
			p.failOn(to, failingAfter-1, "b%d.example", time.Now())
		}, admitted},
		"asked before an answer": {func(p *peers, to target) {
			asked := time.Now()
			time.Sleep(time.Millisecond)
			p.serve(to)
			p.failOn(to, failingAfter, "d%d.example", asked)
		}, admitted},
		"an answer since": {func(p *peers, to target) {
			p.failOn(to, failingAfter, "d%d.example", time.Now())
			p.serve(to)
		}, admitted},
		"a while later": {func(p *peers, to target) {
			p.failOn(to, failingAfter, "d%d.example", time.Now())
			time.Sleep(probeSick)
		}, retrying},
		"silent as well, a while later": {func(p *peers, to target) {
			p.failOn(to, failingAfter, "d%d.example", time.Now())
			for range sickAfter {
				p.silence(to, time.Now())
			}
			time.Sleep(probeSick)
		}, probing},
		"a failure ends the silence, and not the row": {func(p *peers, to target) {
			p.failOn(to, failingAfter, "d%d.example", time.Now())
			for range sickAfter {
				p.silence(to, time.Now())
			}
			p.answer(to)
		}, skipped},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPeers(20)
				to := target{addr: resolverAddr, resolver: PlainResolver(resolverAddr)}
				tt.happens(p, to)
				if got := p.admit(to, false); got != tt.want {
					t.Errorf("admit = %v, want %v", got, tt.want)
				}
				if got := p.admit(to, true); got != admitted {
					t.Errorf("admit(fresh) = %v, want admitted", got)
				}
			})
		})
	}
}

// flaky is a resolver that fails while it is told to, and on one name always.
func flaky(failing *atomic.Bool) func(query *dns.Msg) (*dns.Msg, error) {
	return func(query *dns.Msg) (*dns.Msg, error) {
		reply := new(dns.Msg).SetReply(query)
		reply.RecursionAvailable = true
		name := query.Question[0].Name
		if failing.Load() || strings.HasPrefix(name, "broken.") {
			reply.Rcode = dns.RcodeServerFailure
			return reply, nil
		}
		reply.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}, Txt: []string{"v=spf1 -all"}}}
		return reply, nil
	}
}

// What reads SPF records through a resolver that fails does not put hundreds of questions to it, is never told that
// there is nothing, and goes on once it answers.
func TestFailingResolver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var failing atomic.Bool
		failing.Store(true)
		c, sent := onWire(t, flaky(&failing), drop)
		begin := time.Now()
		for i := range 300 {
			name := fmt.Sprintf("spf%d.d%d.example", i, i)
			values, err := c.Lookup(t.Context(), name, spf.TypeTXT)
			want := fmt.Sprintf("%s TXT at 192.0.2.53: server failure (SERVFAIL)", name)
			if i >= failingAfter {
				want += ": " + detailFailing
			}
			if len(values) > 0 || err == nil || err.Error() != want {
				t.Fatalf("Lookup(%s) = %q, %v, want %s", name, values, err, want)
			}
		}
		if n, took := sent.Load(), time.Since(begin); n != failingAfter || took != 0 {
			t.Errorf("300 lookups sent %d questions and took %v, want %d and no time", n, took, failingAfter)
		}
		failing.Store(false)
		time.Sleep(probeSick)
		for i := range 2 {
			if values, err := c.Lookup(t.Context(), fmt.Sprintf("d%d.example", i), spf.TypeTXT); err != nil || len(values) != 1 {
				t.Errorf("once it answers: Lookup = %q, %v, want the record", values, err)
			}
		}
	})
}

// A question of a waiting loop is put whatever came before it, and what it finds out is good for all.
func TestFreshQuestionsFindTheWayBack(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "read", Net: "udp", Err: os.NewSyscallError("read", syscall.ECONNREFUSED)}
	for name, offline := range map[string]func(*dns.Msg) (*dns.Msg, error){
		"fails":   rcode(dns.RcodeServerFailure),
		"refused": func(*dns.Msg) (*dns.Msg, error) { return nil, refused },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var back, never atomic.Bool
				online := flaky(&never)
				c, _ := onWire(t, func(query *dns.Msg) (*dns.Msg, error) {
					if back.Load() {
						return online(query)
					}
					return offline(query)
				}, drop)
				look := func(i int, fresh bool) answer.Answer {
					q := answer.Question{Name: dnsname.MustParse(fmt.Sprintf("d%d.example", i)), Type: record.TXT, Via: answer.Resolvers, Fresh: fresh}
					answers, err := c.Ask(t.Context(), q)
					if err != nil || len(answers.List) != 1 {
						t.Fatalf("Ask(%d) = %+v, %v", i, answers, err)
					}
					return answers.List[0]
				}
				for i := range 2 * failingAfter {
					look(i, false)
				}
				back.Store(true)
				if got := look(100, false); !strings.Contains(got.Detail, "not asked again") || got.Outcome.Definite() {
					t.Errorf("before a fresh question: %+v, want that it was not asked again", got)
				}
				for i, fresh := range []bool{true, false} {
					if got := look(200+i, fresh); got.Outcome != answer.Found {
						t.Errorf("the question %d, fresh %v: %+v, want it found", i, fresh, got)
					}
				}
			})
		})
	}
}

// Names that fail among others that do not are asked about each time.
func TestFailingNamesAmongOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var never atomic.Bool
		c, sent := onWire(t, flaky(&never), drop)
		const rounds = 5 * failingAfter
		for i := range rounds {
			if _, err := c.Lookup(t.Context(), fmt.Sprintf("broken.d%d.example", i), spf.TypeTXT); err == nil || strings.Contains(err.Error(), detailFailing) {
				t.Errorf("Lookup of what fails = %v, want that the resolver was asked", err)
			}
			if _, err := c.Lookup(t.Context(), fmt.Sprintf("d%d.example", i), spf.TypeTXT); err != nil {
				t.Errorf("Lookup of what does not fail = %v", err)
			}
		}
		if n := sent.Load(); n != 2*rounds {
			t.Errorf("%d questions were sent, want %d", n, 2*rounds)
		}
	})
}

// A server whose answers are cut short over UDP is there, whatever becomes of TCP.
func TestTruncatedIsNotUnreachable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := onWire(t, func(query *dns.Msg) (*dns.Msg, error) {
			reply := new(dns.Msg).SetReply(query)
			reply.Truncated = true
			return reply, nil
		}, drop)
		c.tcp = wire{sent: new(atomic.Int64), answer: func(netip.AddrPort, *dns.Msg) (*dns.Msg, error) { return refuse(nil) }}
		for i := range 5 * sickAfter {
			_, err := c.Lookup(t.Context(), fmt.Sprintf("d%d.example", i), spf.TypeTXT)
			if want := "truncated over UDP; over TCP: connection refused"; err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("Lookup = %v, want an error that ends in %q", err, want)
			}
		}
	})
}

func TestUnsent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		errno syscall.Errno
		to    string
		want  bool
	}{
		"no route":                      {syscall.ENETUNREACH, "192.0.2.53:53", true},
		"a firewall here":               {syscall.EPERM, "192.0.2.53:53", true},
		"refused over there":            {syscall.ECONNREFUSED, "192.0.2.53:53", false},
		"refused by this machine":       {syscall.ECONNREFUSED, "127.0.0.53:53", true},
		"refused by this machine, IPv6": {syscall.ECONNREFUSED, "[::1]:53", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := onWire(t, drop, drop)
			over := wire{sent: new(atomic.Int64), answer: func(netip.AddrPort, *dns.Msg) (*dns.Msg, error) {
				return nil, &net.OpError{Op: "write", Net: "udp", Err: os.NewSyscallError("write", tt.errno)}
			}}
			got := c.attempt(t.Context(), over, authority(tt.to), new(dns.Msg).SetQuestion("example.", dns.TypeNS), time.Second)
			if got.outcome != answer.Unreachable || got.unsent != tt.want {
				t.Errorf("attempt = %+v, want it unreachable, unsent %v", got, tt.want)
			}
		})
	}
}
