package bench

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	peer "blitiri.com.ar/go/spf"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// latency is what every answer of the DNS servers takes.
const latency = 25 * time.Millisecond

// includes are the TXT records of names below example.com; "@" is the record that is read.
type includes map[string]string

// flat is a record with ten includes, each of which has addresses.
func flat() includes {
	t := includes{}
	var includes []string
	for i := range 10 {
		name := fmt.Sprintf("s%d", i)
		t[name] = fmt.Sprintf("v=spf1 ip4:192.0.2.%d -all", i)
		includes = append(includes, "include:"+name+".example.com")
	}
	t["@"] = "v=spf1 " + strings.Join(includes, " ") + " -all"
	return t
}

// diamond is a record whose three includes include one and the same.
func diamond() includes {
	t := includes{"bottom": "v=spf1 ip4:192.0.2.1 -all", "@": "v=spf1 include:a.example.com include:b.example.com include:c.example.com -all"}
	for _, name := range []string{"a", "b", "c"} {
		t[name] = "v=spf1 include:bottom.example.com -all"
	}
	return t
}

// serve puts a tree on a server behind a recursor whose answers take the latency.
func serve(b *testing.B, t includes) *dnstest.Recursor {
	b.Helper()
	h := dnstest.New(b)
	zone := h.Zone("example.com")
	for name, txt := range t {
		zone.SetTXT(name, txt)
	}
	recursor := h.Recursor()
	recursor.Inject(dnstest.Delay(latency))
	return recursor
}

// BenchmarkTree reads a tree over the network, each time with nothing remembered. The floor is the round trips that
// cannot be made at once: two for the flat tree, three for the diamond, less the record itself, which is
// given.
func BenchmarkTree(b *testing.B) {
	for name, t := range map[string]includes{"flat": flat(), "diamond": diamond()} {
		b.Run(name+"/ours", func(b *testing.B) { walkOurs(b, t) })
		b.Run(name+"/peer", func(b *testing.B) { walkPeer(b, t) })
	}
}

func walkOurs(b *testing.B, t includes) {
	recursor := serve(b, t)
	root, err := spf.Parse(t["@"])
	if err != nil {
		b.Fatal(err)
	}
	asked := recursor.Count()
	b.ReportAllocs()
	for b.Loop() {
		client, err := resolve.New(resolve.Config{Resolvers: []resolve.Resolver{resolve.PlainResolver(recursor.Addr())}, MaxRate: 1000})
		if err != nil {
			b.Fatal(err)
		}
		walked, err := tree.Walk(b.Context(), client, root, dnsname.MustParse("example.com"))
		if err != nil || walked.Unanswered() != nil {
			b.Fatal(err, walked.Unanswered())
		}
	}
	b.ReportMetric(float64(recursor.Count()-asked)/float64(b.N), "questions/op")
}

// walkPeer has the peer evaluate the tree for an address that nothing passes, so that it reads all of it.
func walkPeer(b *testing.B, t includes) {
	recursor := serve(b, t)
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, recursor.Addr().String())
	}}
	asked := recursor.Count()
	b.ReportAllocs()
	for b.Loop() {
		result, err := peer.CheckHostWithSender(net.ParseIP("203.0.113.1"), "example.com", "joe@example.com", peer.WithResolver(resolver), peer.WithContext(b.Context()))
		if result != peer.Fail {
			b.Fatal(result, err)
		}
	}
	b.ReportMetric(float64(recursor.Count()-asked)/float64(b.N), "questions/op")
}

// BenchmarkCheck evaluates ten includes without any latency.
func BenchmarkCheck(b *testing.B) {
	memory := inMemory(flat())
	b.Run("ours", func(b *testing.B) {
		query := check.Query{IP: netip.MustParseAddr("203.0.113.1"), Sender: "joe@example.com", HELO: "example.com"}
		b.ReportAllocs()
		for b.Loop() {
			got, err := check.Checker{Resolver: memory}.Check(b.Context(), query)
			if err != nil || got.Result != check.Fail {
				b.Fatal(got.Result, err)
			}
		}
	})
	b.Run("peer", func(b *testing.B) {
		ip := net.ParseIP("203.0.113.1")
		b.ReportAllocs()
		for b.Loop() {
			result, err := peer.CheckHostWithSender(ip, "example.com", "joe@example.com", peer.WithResolver(memory))
			if result != peer.Fail {
				b.Fatal(result, err)
			}
		}
	})
}

// twenty is a record of twenty terms.
func twenty() string {
	var terms []string
	for i := range 20 {
		terms = append(terms, fmt.Sprintf("ip4:192.0.2.%d", i))
	}
	return "v=spf1 " + strings.Join(terms, " ") + " -all"
}

// BenchmarkTwentyTerms reads, prints and merges a record of twenty terms. The peer has no parser of its own to
// call: it is measured evaluating the record, which it reads term by term on the way.
func BenchmarkTwentyTerms(b *testing.B) {
	text := twenty()
	b.Run("parse/ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := spf.Parse(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parse/peer", func(b *testing.B) {
		memory := inMemory(includes{"@": text})
		ip := net.ParseIP("203.0.113.1")
		b.ReportAllocs()
		for b.Loop() {
			if result, err := peer.CheckHostWithSender(ip, "example.com", "joe@example.com", peer.WithResolver(memory)); result != peer.Fail {
				b.Fatal(result, err)
			}
		}
	})
	parsed, err := spf.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("print/ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = parsed.String()
		}
	})
	b.Run("merge/ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (merge.Merge{Existing: &parsed}).Do(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// inMemory answers from a tree, to both libraries.
type inMemory includes

func (m inMemory) txt(name string) (string, bool) {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "."), "example.com"), ".")
	if name == "" {
		name = "@"
	}
	txt, ok := m[name]
	return txt, ok
}

func (m inMemory) Lookup(_ context.Context, name string, t spf.RRType) ([]string, error) {
	if txt, ok := m.txt(name); ok && t == spf.TypeTXT {
		return []string{txt}, nil
	}
	return nil, nil
}

func (m inMemory) LookupTXT(_ context.Context, name string) ([]string, error) {
	if txt, ok := m.txt(name); ok {
		return []string{txt}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (m inMemory) LookupMX(context.Context, string) ([]*net.MX, error) { return nil, nil }

func (m inMemory) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { return nil, nil }

func (m inMemory) LookupAddr(context.Context, string) (names []string, err error) { return nil, nil }
