package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// datagram is a question that came over UDP.
type datagram struct {
	id   uint16
	from netip.AddrPort
}

// retries serves UDP: it notes each datagram, and answers one by the function, which gets all that came so far.
func retries(t *testing.T, answer func(all []datagram) (to datagram, ok bool)) (netip.AddrPort, func() []datagram) {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	var all []datagram
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			query := new(dns.Msg)
			if query.Unpack(buffer[:n]) != nil {
				continue
			}
			all = append(all, datagram{query.Id, from})
			if to, ok := answer(all); ok {
				reply := new(dns.Msg).SetReply(query)
				reply.Id = to.id
				packed, _ := reply.Pack()
				_, _ = conn.WriteToUDPAddrPort(packed, to.from)
			}
		}
	}()
	stop := func() []datagram {
		conn.Close()
		<-stopped
		return all
	}
	t.Cleanup(func() { stop() })
	addr, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	return addr, stop
}

// Each time a question is sent it has another id and port, and an answer to any of them counts.
func TestRetriesHaveTheirOwnIDAndPort(t *testing.T) {
	t.Parallel()
	const tries = 4
	tests := map[string]struct {
		answer func(all []datagram) (datagram, bool)
		sent   int
		fails  string
	}{
		"the last is answered":     {func(all []datagram) (datagram, bool) { return all[len(all)-1], len(all) == tries }, tries, ""},
		"the first is, late":       {func(all []datagram) (datagram, bool) { return all[0], len(all) == 3 }, 3, ""},
		"none is":                  {func([]datagram) (datagram, bool) { return datagram{}, false }, tries, "timeout"},
		"the id of another's port": {func(all []datagram) (datagram, bool) { return datagram{all[0].id, all[len(all)-1].from}, len(all) == 2 }, tries, "datagrams that do not answer the question were ignored"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, stop := retries(t, tt.answer)
			query := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeTXT)
			id := query.Id
			_, err := datagrams{tries: tries}.roundTrip(t.Context(), addr, query, 200*time.Millisecond)
			if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("roundTrip = %v, want an error: %q", err, tt.fails)
			}
			if query.Id != id {
				t.Error("the question of the caller was changed")
			}
			all := stop()
			if len(all) != tt.sent {
				t.Fatalf("%d datagrams were sent, want %d", len(all), tt.sent)
			}
			ids, ports := make(map[uint16]bool), make(map[netip.AddrPort]bool)
			for _, d := range all {
				ids[d.id], ports[d.from] = true, true
			}
			// Of 65536 ids, few are alike by chance.
			if len(ports) != len(all) || len(ids) < len(all)-1 {
				t.Errorf("%d datagrams had %d ids and %d ports: %v", len(all), len(ids), len(ports), all)
			}
		})
	}
}

// A question that is cancelled, or without time, leaves nothing open.
func TestRetriesEndWithTheirContext(t *testing.T) {
	t.Parallel()
	addr, _ := retries(t, func([]datagram) (datagram, bool) { return datagram{}, false })
	query := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeTXT)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := (datagrams{tries: 3}).roundTrip(ctx, addr, query, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("roundTrip = %v, want it cancelled", err)
	}
	for _, wait := range []time.Duration{0, -time.Second, time.Nanosecond} {
		if _, err := (datagrams{tries: 3}).roundTrip(t.Context(), addr, query, wait); !isTimeout(err) {
			t.Errorf("roundTrip within %v = %v, want a timeout", wait, err)
		}
	}
}
