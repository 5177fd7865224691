package bench

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	peer "blitiri.com.ar/go/spf"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
)

// menu is what random records are put together from. What breaks the syntax is left out: the peer looks at a term only
// when it comes to it, where RFC 7208 §4.6 has syntax errors found before anything else.
var menu = []string{
	"all", "-all", "~all", "?all", "ip4:192.0.2.1", "-ip4:192.0.2.0/24", "ip4:198.51.100.0/25", "ip4:0.0.0.0/1", "ip6:2001:db8::/32", "~ip6:2001:db8::1",
	"include:a.example.com", "-include:b.example.com", "?include:c.example.com", "include:missing.example.com", "redirect=a.example.com", "redirect=b.example.com",
	"x=y", "exp=missing.example.com", "include:%{d}", "include:a.%{d2}", "include:%{l}.example.com", "-include:a.example.com", "ip4:192.0.2.1/32",
}

// record puts a record together from numbers.
func (names menuRecord) String() string {
	terms := make([]string, len(names))
	for i, n := range names {
		terms[i] = menu[int(n)%len(menu)]
	}
	return "v=spf1 " + strings.Join(terms, " ")
}

type menuRecord []byte

// FuzzAgainstPeer evaluates random trees of records by both libraries.
func FuzzAgainstPeer(f *testing.F) {
	f.Add([]byte{4, 10, 1}, []byte{6, 1}, []byte{8, 2}, []byte{0}, byte(0))
	f.Add([]byte{14}, []byte{12, 15}, []byte{11, 3}, []byte{7, 1}, byte(1))
	f.Add([]byte{16, 18, 20, 1}, []byte{19}, []byte{13}, []byte{17, 1}, byte(2))
	clients := []string{"192.0.2.1", "192.0.2.77", "198.51.100.1", "203.0.113.9", "2001:db8::1", "2001:db8::2", "2001:db9::1"}
	f.Fuzz(func(t *testing.T, apex, a, b, c []byte, client byte) {
		if len(apex)+len(a)+len(b)+len(c) > 60 {
			return
		}
		zone := inMemory{"@": menuRecord(apex).String(), "a": menuRecord(a).String(), "b": menuRecord(b).String(), "c": menuRecord(c).String()}
		for _, txt := range zone {
			if _, err := spf.ParseWire(txt); err != nil {
				return // Two redirects, say.
			}
		}
		ip := clients[int(client)%len(clients)]
		ours, err := check.Checker{Resolver: zone}.Check(t.Context(), check.Query{IP: netip.MustParseAddr(ip), Sender: "a@example.com", HELO: "example.com"})
		if err != nil {
			t.Fatal(err)
		}
		theirs, theirErr := peer.CheckHostWithSender(net.ParseIP(ip), "example.com", "a@example.com", peer.WithResolver(zone))
		if string(ours.Result) != string(theirs) {
			t.Errorf("%s for %v:\nours: %s (%s)\npeer: %s (%v)\n%s", ip, zone, ours.Result, ours.Problem, theirs, theirErr, ours)
		}
	})
}
