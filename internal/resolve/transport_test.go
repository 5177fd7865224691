package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// datagram is a question that came over UDP, with the socket that it came from.
type datagram struct {
	id   uint16
	from net.Conn
}

// retries is a server without sockets, so that time may be virtual: it notes each datagram, and answers one by the
// function, which gets all that came so far.
type retries struct {
	answer func(all []datagram) (to datagram, ok bool)

	mu    sync.Mutex
	all   []datagram
	group sync.WaitGroup
}

// open returns the near end of a socket of its own.
func (r *retries) open(context.Context, string, netip.AddrPort, time.Time) (net.Conn, error) {
	near, far := net.Pipe()
	r.group.Go(func() {
		defer far.Close()
		buffer := make([]byte, 1500)
		for {
			n, err := far.Read(buffer)
			if err != nil {
				return
			}
			query := new(dns.Msg)
			if query.Unpack(buffer[:n]) != nil {
				continue
			}
			r.mu.Lock()
			r.all = append(r.all, datagram{query.Id, far})
			to, ok := r.answer(r.all)
			r.mu.Unlock()
			if ok {
				reply := new(dns.Msg).SetReply(query)
				reply.Id = to.id
				packed, _ := reply.Pack()
				_, _ = to.from.Write(packed)
			}
		}
	})
	return near, nil
}

// Each time a question is sent it has another id and socket, and an answer to any of them counts.
func TestRetriesHaveTheirOwnIDAndPort(t *testing.T) {
	t.Parallel()
	const tries = 4
	tests := map[string]struct {
		answer func(all []datagram) (datagram, bool)
		sent   int
		fails  string
		took   time.Duration
	}{
		"the last is answered": {
			answer: func(all []datagram) (datagram, bool) { return all[len(all)-1], len(all) == tries }, sent: tries, took: 1500 * time.Millisecond,
		},
		"the first is, late": {
			answer: func(all []datagram) (datagram, bool) { return all[0], len(all) == 3 }, sent: 3, took: time.Second,
		},
		"none is": {
			answer: func([]datagram) (datagram, bool) { return datagram{}, false }, sent: tries, fails: "timeout", took: 2 * time.Second,
		},
		"the id of another's port": {
			answer: func(all []datagram) (datagram, bool) { return datagram{all[0].id, all[len(all)-1].from}, len(all) == 2 },
			sent:   tries, fails: "datagrams that do not answer the question were ignored", took: 2 * time.Second,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &retries{answer: tt.answer}
				query := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeTXT)
				query.Id = 1
				begin := time.Now()
				_, err := datagrams{tries: tries, open: server.open}.roundTrip(t.Context(), resolverAddr, query, 2*time.Second)
				if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("roundTrip = %v, want an error: %q", err, tt.fails)
				}
				if took := time.Since(begin); took != tt.took {
					t.Errorf("roundTrip took %v, want %v", took, tt.took)
				}
				if query.Id != 1 {
					t.Error("the question of the caller was changed")
				}
				server.group.Wait()
				if len(server.all) != tt.sent {
					t.Fatalf("%d datagrams were sent, want %d", len(server.all), tt.sent)
				}
				ids, sockets := make(map[uint16]bool), make(map[net.Conn]bool)
				for _, d := range server.all {
					ids[d.id], sockets[d.from] = true, true
				}
				// Of 65536 ids, few are alike by chance.
				if len(sockets) != len(server.all) || len(ids) < len(server.all)-1 {
					t.Errorf("%d datagrams had %d ids and %d sockets", len(server.all), len(ids), len(sockets))
				}
			})
		})
	}
}

// busyConn is a connection on a machine so busy that whoever reads from it runs late so many times, after the deadline:
// the read fails then, though an answer has come.
type busyConn struct {
	net.Conn

	late     time.Duration
	times    int
	deadline time.Time
}

func (b *busyConn) SetReadDeadline(t time.Time) error {
	b.deadline = t
	return b.Conn.SetReadDeadline(t)
}

func (b *busyConn) SetDeadline(t time.Time) error {
	b.deadline = t
	return b.Conn.SetDeadline(t)
}

func (b *busyConn) Read(into []byte) (int, error) {
	if b.times > 0 {
		b.times--
		time.Sleep(time.Until(b.deadline) + b.late)
	}
	return b.Conn.Read(into)
}

// A busy machine does not send a question again whose answer has come and was not read yet, nor does it take the server
// for silent.
func TestAnswersThatCameAreNotAskedForAgain(t *testing.T) {
	t.Parallel()
	const tries, wait = 4, 2 * time.Second
	first := func(all []datagram) (datagram, bool) { return all[0], len(all) == 1 }
	second := func(all []datagram) (datagram, bool) { return all[len(all)-1], len(all) == 2 }
	tests := map[string]struct {
		answer func(all []datagram) (datagram, bool)
		late   []time.Duration // by socket
		times  int             // 1 where it is 0
		sent   int
	}{
		"the first, read at the end of its pause":    {answer: first, late: []time.Duration{glance}, sent: 1},
		"the first, read in the next pause":          {answer: first, late: []time.Duration{100 * time.Millisecond}, sent: 1},
		"the first, read when all are due":           {answer: first, late: []time.Duration{1600 * time.Millisecond}, sent: 1},
		"the first, read after the end":              {answer: first, late: []time.Duration{time.Minute}, sent: 1},
		"the first, late to each look but the last":  {answer: first, late: []time.Duration{10 * time.Millisecond}, times: glances, sent: 1},
		"the second, read after the end":             {answer: second, late: []time.Duration{-wait, time.Second}, sent: tries},
		"the second, where the first is late for it": {answer: second, late: []time.Duration{600 * time.Millisecond, -wait}, sent: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &retries{answer: tt.answer}
				sockets := 0
				open := func(ctx context.Context, network string, to netip.AddrPort, deadline time.Time) (net.Conn, error) {
					conn, err := server.open(ctx, network, to, deadline)
					if sockets++; sockets <= len(tt.late) {
						conn = &busyConn{Conn: conn, late: tt.late[sockets-1], times: max(1, tt.times)}
					}
					return conn, err
				}
				query := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeTXT)
				if _, err := (datagrams{tries: tries, open: open}).roundTrip(t.Context(), resolverAddr, query, wait); err != nil {
					t.Errorf("roundTrip: %v, want the answer that has come", err)
				}
				server.group.Wait()
				if len(server.all) != tt.sent {
					t.Errorf("%d datagrams were sent, want %d", len(server.all), tt.sent)
				}
			})
		})
	}
}

// So it is with connections.
func TestFramesThatCameAreRead(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]time.Duration{"in time": -time.Second, "late": time.Millisecond, "very late": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer near.Close()
				go func() {
					defer far.Close()
					_, _ = far.Write([]byte{0, 3, 'a', 'b', 'c'})
				}()
				got, err := readFrame(&busyConn{Conn: near, late: late, times: 1}, time.Now().Add(2*time.Second))
				if err != nil || string(got) != "abc" {
					t.Errorf("readFrame = %q, %v, want what has come", got, err)
				}
			})
		})
	}
}

// Who sends datagrams all the time that answer nothing does not prolong the wait.
func TestStraysDoNotProlongTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		var group sync.WaitGroup
		group.Go(func() {
			for {
				if _, err := far.Write([]byte("stray")); err != nil {
					return
				}
				time.Sleep(glance / 4)
			}
		})
		begin := time.Now()
		query := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeTXT)
		var strays atomic.Bool
		_, err := awaitDatagram(&busyConn{Conn: near, late: time.Second, times: 1}, query, begin.Add(2*time.Second), &strays)
		if took := time.Since(begin); !isTimeout(err) || !strays.Load() || took > 3*time.Second {
			t.Errorf("awaitDatagram = %v after %v, with strays: %v; want a timeout at the end of the last look", err, took, strays.Load())
		}
		near.Close()
		group.Wait()
	})
}

// lateServer is a server without sockets that answers each datagram after a time, or never where that is 0.
type lateServer struct {
	after time.Duration
	sent  atomic.Int32
	group sync.WaitGroup
}

// open returns the near end of a socket of its own.
func (l *lateServer) open(context.Context, string, netip.AddrPort, time.Time) (net.Conn, error) {
	near, far := net.Pipe()
	after := l.after
	l.group.Go(func() {
		defer far.Close()
		buffer, query := make([]byte, 1500), new(dns.Msg)
		n, err := far.Read(buffer)
		if err != nil || query.Unpack(buffer[:n]) != nil {
			return
		}
		l.sent.Add(1)
		if after == 0 {
			_, _ = far.Read(buffer) // Until the near end is closed.
			return
		}
		time.Sleep(after)
		packed, _ := answered(query).Pack()
		_, _ = far.Write(packed)
	})
	return near, nil
}

func answered(query *dns.Msg) *dns.Msg {
	reply := new(dns.Msg).SetReply(query)
	reply.Authoritative = true
	return reply
}

// An answer that came while another datagram was made ready is read before the next one is sent.
func TestAnswersAreReadBeforeTheNextDatagram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 16 { // One in two would be read in time by chance.
			server := &lateServer{after: 700 * time.Millisecond}
			sockets := 0
			open := func(ctx context.Context, network string, to netip.AddrPort, deadline time.Time) (net.Conn, error) {
				if sockets++; sockets == 2 {
					time.Sleep(600 * time.Millisecond)
				}
				return server.open(ctx, network, to, deadline)
			}
			query := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeTXT)
			_, err := datagrams{tries: 4, open: open}.roundTrip(t.Context(), resolverAddr, query, 2*time.Second)
			server.group.Wait()
			if n := server.sent.Load(); err != nil || n != 2 {
				t.Errorf("roundTrip: %v after %d datagrams, want an answer after 2", err, n)
			}
		}
	})
}

// However long the timeout is, a question goes out again over UDP within a round: its time to answer is a third of what is
// left of the round, and an eighth of that at a server that has answered before. It goes out as often as tries says at most.
func TestQuestionsGoOutAgainWithinARound(t *testing.T) {
	t.Parallel()
	const round, tries, ms = 30 * time.Second, 2, time.Millisecond
	tests := map[string]struct {
		after    time.Duration
		answered bool // the server has answered before
		sent     int32
	}{
		"within half of a third": {after: 4900 * ms, sent: 1},
		"later":                  {after: 5100 * ms, sent: 2},
		"never":                  {after: 0, sent: tries},
		"answered before, within half of an eighth of a third": {after: 600 * ms, answered: true, sent: 1},
		"answered before, later":                               {after: 700 * ms, answered: true, sent: 2},
		"answered before, never":                               {after: 0, answered: true, sent: tries},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &lateServer{after: ms}
				defer server.group.Wait()
				c, _ := onWire(t, nil, func(query *dns.Msg) (*dns.Msg, error) { return answered(query), nil })
				c.timeout, c.udp = time.Hour, datagrams{tries: tries, open: server.open}
				ctx, cancel := context.WithTimeout(t.Context(), round)
				defer cancel()
				to := target{addr: netip.MustParseAddrPort("20.0.0.1:53")}
				q := question{name: dnsname.MustParse("www.example.com"), code: dns.TypeTXT, fresh: true}
				if tt.answered {
					if got, err := c.query(ctx, to, q); err != nil || got.msg == nil {
						t.Fatalf("query = %+v, %v, want an answer", got, err)
					}
				}
				server.after = tt.after
				server.sent.Store(0)
				got, err := c.query(ctx, to, q)
				if err != nil || got.msg == nil {
					t.Errorf("query = %+v, %v, want an answer over UDP or TCP", got, err)
				}
				if n := server.sent.Load(); n != tt.sent {
					t.Errorf("%d datagrams were sent, want %d", n, tt.sent)
				}
			})
		})
	}
}

// Sockets that are open at the same time have a port each.
func TestSocketsHaveTheirOwnPort(t *testing.T) {
	t.Parallel()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	to := netip.MustParseAddrPort(server.LocalAddr().String())
	ports := make(map[string]bool)
	const sockets = 4
	for range sockets {
		conn, err := dial(t.Context(), "udp", to, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() }) // Open until the end, so that no port is used again.
		ports[conn.LocalAddr().String()] = true
	}
	if len(ports) != sockets {
		t.Errorf("%d sockets have the ports %v, want one each", sockets, ports)
	}
}

// A question that is cancelled, or without time, leaves nothing open.
func TestRetriesEndWithTheirContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &retries{answer: func([]datagram) (datagram, bool) { return datagram{}, false }}
		udp := datagrams{tries: 3, open: server.open}
		query := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeTXT)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if _, err := udp.roundTrip(ctx, resolverAddr, query, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("roundTrip = %v, want it cancelled", err)
		}
		for _, wait := range []time.Duration{0, -time.Second, time.Nanosecond} {
			if _, err := udp.roundTrip(t.Context(), resolverAddr, query, wait); !isTimeout(err) {
				t.Errorf("roundTrip within %v = %v, want a timeout", wait, err)
			}
		}
		server.group.Wait()
	})
}
