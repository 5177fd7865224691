package resolve_test

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// A question that waits for a connection returns as soon as it is cancelled, and ends in time.
func TestDialling(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	for _, url := range []string{"tcp://%s", "tls://%s", "https://%s/dns-query"} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			// Nobody sees a connection that does not come about.
			unseen := make(chan struct{})
			close(unseen)
			at := hangup{fmt.Sprintf(url, fullQueue(t)), unseen, unseen}
			cancelAt(t, ca, at)
			outwait(t, ca, at, "i/o timeout")
		})
	}
}

// fullQueue returns an address at which the system takes no more connections, and refuses none: Linux leaves the
// question for one unanswered while a listener's queue is full.
func fullQueue(t *testing.T) netip.AddrPort {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	bound := name.(*syscall.SockaddrInet4)
	addr := netip.AddrPortFrom(netip.AddrFrom4(bound.Addr), uint16(bound.Port))
	for range 16 { // A queue of no length holds one, on some systems two.
		conn, err := net.DialTimeout("tcp", addr.String(), 100*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("the queue of connections does not fill up")
	return addr
}
