package dnstest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"syscall"
)

// Ports are taken from below the ranges that operating systems hand out to clients (RFC 6335 §6 and
// Linux' own), so that no outgoing connection is in the way.
const (
	firstPort = 10000
	lastPort  = 32767
	portTries = 100
)

// reservation holds a port for one hierarchy: a UDP socket that nobody reads, on an address that every
// machine has. Servers come and go while it stands, and hierarchies in other tests and processes look
// for another port.
type reservation struct {
	conn net.PacketConn
	port uint16
}

func reserve(port uint16) (*reservation, error) {
	addr := netip.AddrPortFrom(commonAddr, port)
	conn, err := net.ListenPacket("udp", addr.String())
	if err != nil {
		return nil, listenError(addr, err)
	}
	return &reservation{conn: conn, port: port}, nil
}

// release gives the port back.
func (r *reservation) release() {
	_ = r.conn.Close() // Nothing was ever written to it, so nothing is lost.
}

// commonAddr is the address of reservations and recursors.
var commonAddr = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// tryPorts calls try with ports until one is not in use. A fixed port is tried once.
func tryPorts(fixed uint16, try func(port uint16) error) error {
	if fixed != 0 {
		return try(fixed)
	}
	var err error
	for range portTries {
		port := uint16(firstPort + rand.IntN(lastPort-firstPort+1))
		if err = try(port); !errors.Is(err, syscall.EADDRINUSE) {
			return err
		}
	}
	return fmt.Errorf("no free port found in %d tries: %w", portTries, err)
}

// listenError says what a person can do about an address that cannot be bound.
func listenError(addr netip.AddrPort, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL) && addr.Addr().Is4():
		return fmt.Errorf("cannot listen on %v, because this machine has no address %v; on macOS run \"sudo ifconfig lo0 alias %v up\": %w",
			addr, addr.Addr(), addr.Addr(), err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("cannot listen on %v, because this machine has no address %v: enable IPv6 on its loopback interface: %w",
			addr, addr.Addr(), err)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("cannot listen on %v, because another program does: %w", addr, err)
	}
	return fmt.Errorf("cannot listen on %v: %w", addr, err)
}
