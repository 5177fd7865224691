package dnstest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// TestDelegations asks for the same name from the root down and compares the referrals.
func TestDelegations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		build  func(*dnstest.Hierarchy)
		ask    string
		server string
		want   []string // authority and additional, without TTLs
	}{
		{
			"root to TLD", func(h *dnstest.Hierarchy) { h.Zone("example.com") }, "example.com", "a.root",
			[]string{"com. NS a.nic.com.", "a.nic.com. A 127.0.0.3"},
		},
		{
			"TLD to zone", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Servers("ns1", "ns2")) }, "x.example.com", "a.nic.com",
			[]string{
				"example.com. NS ns1.example.com.", "example.com. NS ns2.example.com.",
				"ns1.example.com. A 127.0.0.4", "ns2.example.com. A 127.0.0.5",
			},
		},
		{
			"TLD made by hand", func(h *dnstest.Hierarchy) { h.Zone("com", dnstest.Servers("x", "y")); h.Zone("example.com") }, "example.com", "y.com",
			[]string{"example.com. NS ns1.example.com.", "ns1.example.com. A 127.0.0.5"},
		},
		{
			"several labels below the TLD", func(h *dnstest.Hierarchy) { h.Zone("example.co.uk") }, "example.co.uk", "a.nic.uk",
			[]string{"example.co.uk. NS ns1.example.co.uk.", "ns1.example.co.uk. A 127.0.0.4"},
		},
		{
			"zone below a zone", func(h *dnstest.Hierarchy) { h.Zone("example.com"); h.Zone("a.b.example.com") }, "a.b.example.com", "ns1.example.com",
			[]string{"a.b.example.com. NS ns1.a.b.example.com.", "ns1.a.b.example.com. A 127.0.0.5"},
		},
		{
			"zone put between, seen from above", func(h *dnstest.Hierarchy) { h.Zone("a.b.example.com"); h.Zone("example.com") }, "a.b.example.com", "a.nic.com",
			[]string{"example.com. NS ns1.example.com.", "ns1.example.com. A 127.0.0.5"},
		},
		{
			"zone put between, seen from it", func(h *dnstest.Hierarchy) { h.Zone("a.b.example.com"); h.Zone("example.com") }, "a.b.example.com", "ns1.example.com",
			[]string{"a.b.example.com. NS ns1.a.b.example.com.", "ns1.a.b.example.com. A 127.0.0.4"},
		},
		{
			"server outside", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Servers("ns1.host.net.", "ns2.host.net.")) }, "example.com", "a.nic.com",
			[]string{"example.com. NS ns1.host.net.", "example.com. NS ns2.host.net."},
		},
		{
			"server outside, its zone", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Servers("ns1.host.net.", "ns2.host.net.")) }, "host.net", "a.nic.net",
			[]string{"host.net. NS ns1.host.net.", "ns1.host.net. A 127.0.0.5"},
		},
		{
			"server in a sibling", func(h *dnstest.Hierarchy) {
				h.Zone("host.com")
				h.Zone("example.com", dnstest.Servers("ns1.host.com."))
			}, "example.com", "a.nic.com",
			[]string{"example.com. NS ns1.host.com.", "ns1.host.com. A 127.0.0.4"},
		},
		{
			"on the parent's servers", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.OnParent()) }, "example.com", "a.root",
			[]string{"com. NS a.nic.com.", "a.nic.com. A 127.0.0.3"},
		},
		{
			"undelegated", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Undelegated()) }, "example.com", "a.nic.com",
			[]string{"com. SOA a.nic.com. hostmaster.com. 1 3600 600 86400 300"},
		},
		{
			"undelegated later", func(h *dnstest.Hierarchy) { h.Zone("example.com").Undelegate() }, "example.com", "a.nic.com",
			[]string{"com. SOA a.nic.com. hostmaster.com. 3 3600 600 86400 300"},
		},
		{
			"delegated later", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Undelegated()).Delegate() }, "example.com", "a.nic.com",
			[]string{"example.com. NS ns1.example.com.", "ns1.example.com. A 127.0.0.4"},
		},
		{
			"parent's own opinion", func(h *dnstest.Hierarchy) { h.Zone("example.com"); h.Zone("com").Set("example NS old.example.net.") }, "example.com", "a.nic.com",
			[]string{"example.com. NS old.example.net."},
		},
		{
			"child's own opinion", func(h *dnstest.Hierarchy) { h.Zone("example.com").Set("@ NS new.example.net.") }, "example.com", "a.nic.com",
			[]string{"example.com. NS ns1.example.com.", "ns1.example.com. A 127.0.0.4"},
		},
		{
			"several addresses", func(h *dnstest.Hierarchy) {
				h.Zone("example.com", dnstest.ServerAt("ns1", "127.0.0.77", "::1"))
			}, "example.com", "a.nic.com",
			[]string{"example.com. NS ns1.example.com.", "ns1.example.com. A 127.0.0.77", "ns1.example.com. AAAA ::1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			test.build(h)
			reply := ask(t, h.Server(test.server), test.ask, "NS")
			equal(t, test.ask+" at "+test.server, brief(append(reply.Ns, reply.Extra...)), test.want)
		})
	}
}

// TestAuthorities asks every server of a zone, at every address, for a record of the zone.
func TestAuthorities(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com",
		dnstest.Servers("ns1", "ns2.host.net."), dnstest.ServerAt("ns3", "::1", "127.0.0.99"), dnstest.Servers("ns4.host.net."),
		dnstest.Records("a TXT x"))
	var asked []string
	for _, s := range zone.Servers() {
		for _, addr := range s.Addrs() {
			for _, transport := range []dnstest.Transport{dnstest.UDP, dnstest.TCP} {
				reply := exchange(t, addr, transport, query("a.example.com", "TXT"))
				equal(t, fmt.Sprintf("%s at %v", s.Name(), addr), summary(reply), "NOERROR aa\nanswer: a.example.com. 300 IN TXT \"x\"")
			}
			equal(t, "port", addr.Port(), h.Port())
		}
		asked = append(asked, s.Name())
	}
	equal(t, "servers", asked, []string{"ns1.example.com", "ns2.host.net", "ns3.example.com", "ns4.host.net"})
	equal(t, "their address records", brief(ask(t, h.Server("ns2.host.net"), "ns4.host.net", "A").Answer),
		[]string{"ns4.host.net. A 127.0.0.7"})
}

// TestAddZoneErrors checks the sentences for zones that cannot be made.
func TestAddZoneErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		zone string
		opts []dnstest.ZoneOption
		want string
	}{
		{"empty name", "", nil, "a domain name is empty"},
		{"bad name", "a..b", nil, `"a..b" is not a domain name`},
		{"exists", "Example.COM.", nil, "zone example.com: the zone exists already"},
		{"bad record", "example.net", []dnstest.ZoneOption{dnstest.Records("www A x")}, `zone example.net: record "www A x"`},
		{"bad server", "example.net", []dnstest.ZoneOption{dnstest.Servers("a..b")}, "not a domain name"},
		{"bad address", "example.net", []dnstest.ZoneOption{dnstest.ServerAt("ns1", "127.0.0")}, "server ns1.example.net"},
		{"address taken", "example.net", []dnstest.ZoneOption{dnstest.ServerAt("ns1", "127.0.0.2")}, "because another program does"},
		{
			"address of another machine", "example.net",
			[]dnstest.ZoneOption{dnstest.ServerAt("ns1", "192.0.2.1")},
			`this machine has no address 192.0.2.1; on macOS run "sudo ifconfig lo0 alias 192.0.2.1 up"`,
		},
		{
			"IPv6 address of another machine", "example.net",
			[]dnstest.ZoneOption{dnstest.ServerAt("ns1", "2001:db8::1")},
			"this machine has no address 2001:db8::1",
		},
		{
			"primary of another zone", "example.net",
			[]dnstest.ZoneOption{dnstest.Primary("ns1.example.com.")},
			"ns1.example.com is not one of its servers",
		},
		{"own servers on the parent's", "example.net", []dnstest.ZoneOption{dnstest.OnParent(), dnstest.Servers("ns1")}, "OnParent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			h.Zone("example.com")
			_, err := h.AddZone(test.zone, test.opts...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("AddZone(%q) = %v, want an error that contains %q", test.zone, err, test.want)
			}
		})
	}
}

// TestStart starts a hierarchy for a program: on a fixed port, with a clear error where it is taken.
func TestStart(t *testing.T) {
	t.Parallel()
	h, err := dnstest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	_, err = dnstest.Start(t.Context(), dnstest.WithPort(h.Port()))
	want := fmt.Sprintf("cannot listen on 127.0.0.1:%d, because another program does", h.Port())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Start on a port in use = %v, want an error that contains %q", err, want)
	}
	_, err = dnstest.Start(t.Context(), dnstest.WithFirstAddr(netip.MustParseAddr("192.0.2.1")))
	if err == nil || !strings.Contains(err.Error(), "sudo ifconfig lo0 alias 192.0.2.1 up") {
		t.Errorf("Start on an address of another machine = %v, want an error that says what to run", err)
	}
	port := h.Port()
	h.Close()
	again, err := dnstest.Start(t.Context(), dnstest.WithPort(port))
	if err != nil {
		t.Fatalf("Start on a port that Close gave back: %v", err)
	}
	again.Close()
}

// TestStartMistake checks that a mistake in a program is a panic that says what it is.
func TestStartMistake(t *testing.T) {
	t.Parallel()
	h, err := dnstest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, `no server "ns9.example.com"`) {
			t.Errorf("panic = %q, want one that names the server", got)
		}
	}()
	h.Server("ns9.example.com")
}

// fakeTB is a test that fails by panicking.
type fakeTB struct{ *testing.T }

func (fakeTB) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// TestNewMistake checks that a mistake in a test fails it.
func TestNewMistake(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(*dnstest.Hierarchy)
		want string
	}{
		{"record", func(h *dnstest.Hierarchy) { h.Zone("example.com").Add("www A x") }, `record "www A x"`},
		{"server of a zone", func(h *dnstest.Hierarchy) { h.Zone("example.com").Server("ns2") }, `zone example.com: ns2.example.com is not one of its servers`},
		{"root delegated", func(h *dnstest.Hierarchy) { h.Zone(".").Delegate() }, "no parent"},
		{"options for a zone that exists", func(h *dnstest.Hierarchy) { h.Zone("com"); h.Zone("com", dnstest.Servers("ns1")) }, "exists already"},
		{"type in the cache", func(h *dnstest.Hierarchy) { h.Recursor().Cached("a", "TEXT") }, `"TEXT" is not a record type`},
		{"closed", func(h *dnstest.Hierarchy) { h.Close(); h.Zone("com") }, "hierarchy is closed"},
		{"recursor when closed", func(h *dnstest.Hierarchy) { h.Close(); h.Recursor() }, "hierarchy is closed"},
		{"up when closed", func(h *dnstest.Hierarchy) { s := h.Server("a.root"); h.Close(); s.Up() }, "hierarchy is closed"},
		{"recursor's address", func(h *dnstest.Hierarchy) { h.Recursor(dnstest.RecursorAt(h.Server("a.root").Addr())) }, "another program"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(fakeTB{t})
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "dnstest: ") || !strings.Contains(got, test.want) {
					t.Errorf("Fatalf(%q), want it to contain %q", got, test.want)
				}
			}()
			test.do(h)
		})
	}
}

// TestManyHierarchies starts hierarchies side by side and checks that each has a port of its own.
func TestManyHierarchies(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	var mu sync.Mutex
	ports := map[uint16]bool{}
	const many = 20
	for range many {
		h := dnstest.New(t)
		wg.Go(func() {
			h.Zone("example.com")
			mu.Lock()
			defer mu.Unlock()
			ports[h.Port()] = true
		})
	}
	wg.Wait()
	equal(t, "number of ports", len(ports), many)
}

// TestAddressTaken checks that a server moves to the next address where another program has the port.
func TestAddressTaken(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	taken, err := net.Listen("tcp", fmt.Sprintf("127.0.0.3:%d", h.Port()))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	h.Zone("com")
	equal(t, "address", h.Server("a.nic.com").Addr().Addr().String(), "127.0.0.4")
}

func TestSummary(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.ServerAt("ns1", "127.0.0.99", "::1"), dnstest.Servers("ns2"))
	h.Zone("sub.example.com", dnstest.OnParent())
	resolver := h.ResolverAddr()
	equal(t, "ResolverAddr again", h.ResolverAddr(), resolver)
	var got [][]string
	for line := range strings.Lines(h.Summary()) {
		got = append(got, strings.Fields(line))
	}
	at := func(addr string) string { return fmt.Sprintf("%s:%d", addr, h.Port()) }
	equal(t, "Summary", got, [][]string{
		{"SERVER", "ADDRESS", "SERVES"},
		{"a.root", at("127.0.0.2"), "."},
		{"a.nic.com", at("127.0.0.3"), "com"},
		{"ns1.example.com", at("127.0.0.99"), at("[::1]"), "example.com", "sub.example.com"},
		{"ns2.example.com", at("127.0.0.4"), "example.com", "sub.example.com"},
		{"recursor1", resolver, "recursion"},
	})
}

// TestClose closes a hierarchy in the middle of things and checks that no goroutine of it is left.
func TestClose(t *testing.T) {
	t.Parallel()
	// Goroutines inherit the label, so those of other tests are not counted.
	label := "hierarchy of " + t.Name()
	pprof.Do(t.Context(), pprof.Labels("test", label), func(ctx context.Context) {
		h, err := dnstest.Start(ctx)
		if err != nil {
			t.Fatal(err)
		}
		zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"))
		recursor := h.Recursor()
		var gate dnstest.Gate
		zone.Server("ns1").Inject(gate.Fault)
		zone.Server("ns2").Inject(dnstest.Delay(time.Hour))
		h.Server("a.nic.com").Down(dnstest.TCP)
		for _, s := range zone.Servers() {
			newConn(t, s, dnstest.UDP).send(pack(t, query("example.com", "SOA")))
			newConn(t, s, dnstest.TCP).send(pack(t, query("example.com", "SOA"))) // Stays open.
		}
		m := query("example.com", "SOA")
		m.RecursionDesired = true
		sendTo(t, recursor.Addr(), pack(t, m))
		if err := h.Await(ctx, 3, dnstest.To("ns1.example.com")); err != nil { // From both transports, and the recursor.
			t.Fatal(err)
		}
		if goroutinesWith(label) == 0 {
			t.Error("no goroutine has the label: this test would see none that is left")
		}
		h.Close()
		h.Close()
	})
	// The last thing that a goroutine does is not yet its end.
	deadline := time.Now().Add(patience)
	for goroutinesWith(label) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left after Close", goroutinesWith(label))
		}
	}
}

func goroutinesWith(label string) int {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		panic(err)
	}
	return strings.Count(b.String(), fmt.Sprintf("%q", label))
}

func sendTo(t *testing.T, addr netip.AddrPort, wire []byte) {
	t.Helper()
	c, err := net.Dial("udp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := (&dns.Conn{Conn: c}).Write(wire); err != nil {
		t.Fatal(err)
	}
}

// TestContextEnds checks that the end of the context of Start ends what is under way.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	h, err := dnstest.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	var gate dnstest.Gate
	root := h.Server("a.root")
	root.Inject(dnstest.First(1, dnstest.Chain(gate.Fault, dnstest.CloseTCP)))
	c := newConn(t, root, dnstest.TCP)
	c.send(pack(t, query(".", "SOA")))
	if err := h.Await(ctx, 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := c.read(); !errors.Is(err, io.EOF) {
		t.Errorf("read = %v, want the end of the connection, no reply and no timeout", err)
	}
}
