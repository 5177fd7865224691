package realdns

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// Ports lie below those that systems hand out to clients, as those of dnstest do.
	firstPort, lastPort = 10000, 32767
	portTries           = 100
	// relayTime is how long a relay waits for the reply to a datagram.
	relayTime = 5 * time.Second
)

var (
	loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	// reserved is where a socket stands for a port that a server has at loopback, so that labs in other processes
	// look for another.
	reserved = netip.AddrFrom4([4]byte{127, 0, 0, 254})
)

// freePort returns a port that is free at loopback for UDP and TCP. It is reserved until the test ends.
func freePort(t *testing.T) uint16 {
	t.Helper()
	for range portTries {
		port := uint16(firstPort + rand.IntN(lastPort-firstPort+1))
		holder, err := net.ListenPacket("udp", netip.AddrPortFrom(reserved, port).String())
		if err != nil {
			continue
		}
		packets, stream, err := listen(netip.AddrPortFrom(loopback, port))
		if err != nil {
			_ = holder.Close()
			continue
		}
		_, _ = packets.Close(), stream.Close()
		t.Cleanup(func() { _ = holder.Close() })
		return port
	}
	t.Fatalf("no free port found in %d tries", portTries)
	return 0
}

func listen(addr netip.AddrPort) (net.PacketConn, net.Listener, error) {
	packets, err := net.ListenPacket("udp", addr.String())
	if err != nil {
		return nil, nil, err
	}
	stream, err := net.Listen("tcp", addr.String())
	if err != nil {
		return nil, nil, errors.Join(err, packets.Close())
	}
	return packets, stream, nil
}

// relay gives a server that listens at loopback another address: BIND listens only at addresses that an interface
// has by name, and the further ones of 127.0.0.0/8 are not among them. It passes on octets as they are, over UDP
// and TCP, until the test ends.
func relay(t *testing.T, from, to netip.AddrPort) *Traffic {
	t.Helper()
	traffic := new(Traffic)
	packets, stream, err := listen(from)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { traffic.relayPackets(packets, to) })
	running.Go(func() { traffic.relayStreams(stream, to) })
	t.Cleanup(func() {
		_, _ = packets.Close(), stream.Close()
		running.Wait()
	})
	return traffic
}

// Traffic counts what went through a relay.
type Traffic struct {
	Datagrams   atomic.Int64 // questions over UDP
	Answered    atomic.Int64 // of these, those that were answered
	Truncated   atomic.Int64 // of these, those with the TC bit
	Connections atomic.Int64 // over TCP
}

// Reset starts counting anew.
func (f *Traffic) Reset() {
	for _, n := range []*atomic.Int64{&f.Datagrams, &f.Answered, &f.Truncated, &f.Connections} {
		n.Store(0)
	}
}

func (f *Traffic) String() string {
	return fmt.Sprintf("%d datagrams, of which %d were not answered and %d were cut; %d connections",
		f.Datagrams.Load(), f.Datagrams.Load()-f.Answered.Load(), f.Truncated.Load(), f.Connections.Load())
}

// truncatedBit is in the third octet of a message (RFC 1035 §4.1.1).
const truncatedBit = 0x02

// relayPackets passes on datagrams, each with a socket of its own for the reply, until the socket is closed.
func (f *Traffic) relayPackets(client net.PacketConn, to netip.AddrPort) {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		buffer := make([]byte, 1<<16)
		n, addr, err := client.ReadFrom(buffer)
		if err != nil {
			return
		}
		f.Datagrams.Add(1)
		running.Go(func() {
			server, err := net.Dial("udp", to.String())
			if err != nil {
				return
			}
			defer server.Close()
			// What is lost here is lost as on any network: the client asks again.
			_ = server.SetDeadline(time.Now().Add(relayTime))
			_, _ = server.Write(buffer[:n])
			if n, err := server.Read(buffer); err == nil {
				f.Answered.Add(1)
				if n > 2 && buffer[2]&truncatedBit != 0 {
					f.Truncated.Add(1)
				}
				_, _ = client.WriteTo(buffer[:n], addr)
			}
		})
	}
}

// relayStreams passes on connections until the listener is closed. Those that are open end with the server.
func (f *Traffic) relayStreams(listener net.Listener, to netip.AddrPort) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		f.Connections.Add(1)
		go func() {
			defer client.Close()
			server, err := net.Dial("tcp", to.String())
			if err != nil {
				return
			}
			defer server.Close()
			go func() {
				_, _ = io.Copy(server, client)
				_ = server.Close()
			}()
			_, _ = io.Copy(client, server)
		}()
	}
}
