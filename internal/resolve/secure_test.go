package resolve_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// secureLab is a hierarchy with a recursor that is asked over TLS or HTTPS.
type secureLab struct {
	*dnstest.Hierarchy
	zone     *dnstest.Zone
	recursor *dnstest.Recursor
	listener *dnstest.SecureListener
}

// listen puts a recursor behind a transport, with a certificate for dns.example.
var listen = map[dnstest.Transport]func(r *dnstest.Recursor, names ...string) *dnstest.SecureListener{
	dnstest.TLS:   (*dnstest.Recursor).ListenTLS,
	dnstest.HTTPS: (*dnstest.Recursor).ListenHTTPS,
}

func newSecureLab(t *testing.T, over dnstest.Transport) secureLab {
	t.Helper()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`www TXT ok`, `empty A 192.0.2.1`))
	recursor := h.Recursor()
	return secureLab{h, zone, recursor, listen[over](recursor, "dns.example")}
}

// client returns a client of the lab's listener.
func (l secureLab) client(t *testing.T, changes ...func(*resolve.Config)) *resolve.Client {
	t.Helper()
	c := newClient(t, l.Hierarchy, append([]func(*resolve.Config){func(config *resolve.Config) {
		config.Resolvers = []resolve.Resolver{resolve.MustParseResolver(l.listener.Resolver())}
		config.Bootstrap = []netip.Addr{l.listener.Addr().Addr()}
		config.RootCAs = l.CA().Pool()
		config.Timeout = time.Minute
	}}, changes...)...)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// viaResolvers returns a fresh question for TXT records to the resolvers.
func viaResolvers(name string) answer.Question {
	q := fresh(about(name, record.TXT))
	q.Via = answer.Resolvers
	return q
}

// eachSecure runs a test over TLS and over HTTPS.
func eachSecure(t *testing.T, test func(t *testing.T, over dnstest.Transport)) {
	t.Helper()
	for _, over := range []dnstest.Transport{dnstest.TLS, dnstest.HTTPS} {
		t.Run(string(over), func(t *testing.T) {
			t.Parallel()
			test(t, over)
		})
	}
}

func TestAskOverTLS(t *testing.T) {
	t.Parallel()
	eachSecure(t, func(t *testing.T, over dnstest.Transport) {
		l := newSecureLab(t, over)
		long := strings.Repeat("0123456789", 1000)
		l.zone.SetTXT("long", long)
		c := l.client(t)
		for name, want := range map[string]string{
			"www.example.com": ": found | ok", "long.example.com": ": found | " + long,
			"empty.example.com": ": no such record", "none.example.com": ": name does not exist (NXDOMAIN)",
		} {
			answers := ask(t, c, viaResolvers(name))
			if diff := cmp.Diff([]string{want}, lines(answers)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			server := answers.List[0].Server
			if server.URL != l.listener.Resolver() || server.String() != server.URL {
				t.Errorf("%s: server %+v, want the URL %s", name, server, l.listener.Resolver())
			}
			if known := over == dnstest.TLS; server.Addr.IsValid() != known || known && server.Addr != l.listener.Addr() {
				t.Errorf("%s: server at %v, want %v over TLS, and none over HTTPS", name, server.Addr, l.listener.Addr())
			}
		}
		if n := l.Count(dnstest.Direct, dnstest.Not(dnstest.Over(over))); n != 0 {
			t.Errorf("%d questions went another way, want none", n)
		}
		if n := l.listener.Accepted(); n != 1 {
			t.Errorf("4 questions took %d connections, want 1", n)
		}
		// Name servers are found through the same resolver.
		if diff := cmp.Diff([]string{"ns1.example.com: found | ok"}, lines(ask(t, c, about("www.example.com", record.TXT)))); diff != "" {
			t.Errorf("authorities (-want +got):\n%s", diff)
		}
	})
}

// A connection that the server closed meanwhile costs no answer.
func TestAskAfterHangUp(t *testing.T) {
	t.Parallel()
	eachSecure(t, func(t *testing.T, over dnstest.Transport) {
		l := newSecureLab(t, over)
		c := l.client(t)
		for range 3 {
			if got := ask(t, c, viaResolvers("www.example.com")).List[0]; got.Outcome != answer.Found {
				t.Fatalf("answer %v %s, want it found", got.Outcome, got.Detail)
			}
			l.listener.HangUp()
		}
		if n := l.listener.Accepted(); n != 3 {
			t.Errorf("3 questions, each followed by a hang-up, took %d connections, want 3", n)
		}
	})
}

// Questions at the same time do not wait for each other, and leave few connections behind.
func TestAskTogether(t *testing.T) {
	t.Parallel()
	eachSecure(t, func(t *testing.T, over dnstest.Transport) {
		l := newSecureLab(t, over)
		const n = 40
		var gate dnstest.Gate
		l.recursor.Inject(gate.Fault)
		c := l.client(t)
		var waiting []<-chan result
		for i := range n {
			waiting = append(waiting, start(t.Context(), c, viaResolvers("s"+strings.Repeat("x", i)+".example.com")))
		}
		await(t, l.Hierarchy, n, dnstest.Over(over))
		gate.Open()
		for _, done := range waiting {
			if got := <-done; got.err != nil || got.answers.List[0].Outcome != answer.NXDomain {
				t.Errorf("Ask = %v, %v, want NXDOMAIN", lines(got.answers), got.err)
			}
		}
		if open := eventually(func() bool { return l.listener.Open() <= 8 }); !open {
			t.Errorf("%d connections are kept, want at most 8", l.listener.Open())
		}
		c.CloseIdleConnections()
		if closed := eventually(func() bool { return l.listener.Open() == 0 }); !closed {
			t.Errorf("%d connections are open after CloseIdleConnections, want none", l.listener.Open())
		}
	})
}

// eventually waits for what other goroutines bring about over real sockets.
func eventually(done func() bool) bool {
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// The bootstrap addresses are tried in their order, whatever is wrong at the first.
func TestBootstrap(t *testing.T) {
	t.Parallel()
	l := newSecureLab(t, dnstest.HTTPS)
	closed, wrong := netip.MustParseAddr("127.0.0.99"), l.listener.Addr().Addr()
	c := l.client(t, func(config *resolve.Config) { config.Bootstrap = []netip.Addr{closed, wrong} })
	if got := ask(t, c, viaResolvers("www.example.com")).List[0]; got.Outcome != answer.Found {
		t.Errorf("answer %v %s, want it found at the second address", got.Outcome, got.Detail)
	}
	c = l.client(t, func(config *resolve.Config) {
		config.Bootstrap = []netip.Addr{closed, netip.MustParseAddr("127.0.0.98")}
	})
	got := ask(t, c, viaResolvers("www.example.com")).List[0]
	port := l.listener.Addr().Port()
	want := "at " + netip.AddrPortFrom(closed, port).String() + ": connection refused; at " +
		netip.AddrPortFrom(netip.MustParseAddr("127.0.0.98"), port).String() + ": connection refused"
	if got.Outcome != answer.Unreachable || got.Detail != want {
		t.Errorf("answer %v %q, want it unreachable, %q", got.Outcome, got.Detail, want)
	}
}

// Without bootstrap addresses, an address needs none, and the system looks up a name.
func TestWithoutBootstrap(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`www TXT ok`))
	recursor := h.Recursor()
	for _, l := range []*dnstest.SecureListener{recursor.ListenHTTPS(), recursor.ListenTLS(), recursor.ListenHTTPS("localhost")} {
		c := secureLab{h, nil, recursor, l}.client(t, func(config *resolve.Config) { config.Bootstrap = nil })
		if got := ask(t, c, viaResolvers("www.example.com")).List[0]; got.Outcome != answer.Found {
			t.Errorf("%s: %v %s, want it found", l.Resolver(), got.Outcome, got.Detail)
		}
	}
}

// A resolver may be asked over TCP alone.
func TestAskOverTCPAlone(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`www TXT ok`))
	recursor := h.Recursor()
	c := newClient(t, h, func(config *resolve.Config) {
		config.Resolvers = []resolve.Resolver{resolve.MustParseResolver("tcp://" + recursor.Addr().String())}
	})
	answers := ask(t, c, viaResolvers("www.example.com"))
	if got := answers.List[0]; got.Outcome != answer.Found || got.Server.String() != "tcp://"+recursor.Addr().String() {
		t.Errorf("answer of %v: %v %s, want it found", got.Server, got.Outcome, got.Detail)
	}
	if n := h.Count(dnstest.Direct, dnstest.Over(dnstest.UDP)); n != 0 {
		t.Errorf("%d questions went over UDP, want none", n)
	}
}

// Resolvers that are named twice are asked once.
func TestResolversAreUnique(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com", dnstest.Records(`www TXT ok`))
	same := resolve.MustParseResolver(h.ResolverAddr())
	c := newClient(t, h, func(config *resolve.Config) { config.Resolvers = []resolve.Resolver{same, same} })
	if got := ask(t, c, viaResolvers("www.example.com")).List; len(got) != 1 {
		t.Errorf("answers %v, want one", got)
	}
}

// The client remembers answers, and who does not answer, over every transport.
func TestSecureMemory(t *testing.T) {
	t.Parallel()
	eachSecure(t, func(t *testing.T, over dnstest.Transport) {
		l := newSecureLab(t, over)
		c := l.client(t, timeout(200*time.Millisecond))
		q := viaResolvers("www.example.com")
		q.Fresh = false
		for range 3 {
			if got := ask(t, c, q).List[0]; got.Outcome != answer.Found {
				t.Fatalf("answer %v %s, want it found", got.Outcome, got.Detail)
			}
		}
		if n := l.Count(dnstest.Over(over)); n != 1 {
			t.Errorf("the same question was asked %d times, want once", n)
		}
		l.recursor.Inject(dnstest.Drop)
		for range 3 {
			ask(t, c, viaResolvers("silent.example.com"))
		}
		l.ResetQuestions()
		q.Name = dnsname.MustParse("other.example.com")
		got := ask(t, c, q).List[0]
		if got.Outcome != answer.Timeout || !strings.HasPrefix(got.Detail, "not asked again") || l.Count(dnstest.Over(over)) != 0 {
			t.Errorf("answer %v %q, want the silent resolver left alone", got.Outcome, got.Detail)
		}
	})
}
