package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
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
