package dnstest_test

import (
	"net"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// conn is a client connection that shows what is on the wire.
type conn struct {
	t *testing.T
	*dns.Conn
}

// newConn connects to the first address of a server.
func newConn(t *testing.T, s *dnstest.Server, transport dnstest.Transport) conn {
	t.Helper()
	c, err := net.Dial(string(transport), s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn{t, &dns.Conn{Conn: c, UDPSize: dns.MaxMsgSize}}
}

func (c conn) send(wire []byte) {
	c.t.Helper()
	if _, err := c.Write(wire); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// read returns the next message as it is on the wire.
func (c conn) read() ([]byte, error) {
	buf := make([]byte, dns.MaxMsgSize)
	n, err := c.Read(buf)
	return buf[:n], err
}

// roundTrip sends a message and returns the next one that arrives.
func (c conn) roundTrip(wire []byte) *dns.Msg {
	c.t.Helper()
	c.send(wire)
	got, err := c.read()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	reply := new(dns.Msg)
	if err := reply.Unpack(got); err != nil {
		c.t.Fatalf("unpack %x: %v", got, err)
	}
	return reply
}

func pack(t *testing.T, m *dns.Msg) []byte {
	t.Helper()
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}
