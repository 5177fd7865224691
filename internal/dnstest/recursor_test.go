package dnstest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// world is a hierarchy with a recursor and a clock that stands still.
type world struct {
	*dnstest.Hierarchy
	zone     *dnstest.Zone // example.com at ns1 and ns2
	recursor *dnstest.Recursor
	clock    *dnstest.Clock
}

func newWorld(t *testing.T, opts ...dnstest.RecursorOption) world {
	t.Helper()
	clock := dnstest.NewClock(time.Unix(1000, 0))
	h := dnstest.New(t, dnstest.WithClock(clock.Now))
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Records(`
		@     3600 SOA ns1 hostmaster 1 3600 600 86400 60
		a     300 TXT a
		x.ent 300 TXT x
		c     200 CNAME a
		c2    300 CNAME c
		out   300 CNAME www.example.net.
		gone  300 CNAME nothing
		loop  300 CNAME loop2
		loop2 300 CNAME loop
		*.w   300 TXT wild
		old   300 DNAME ent
		sub   300 CNAME www.sub.example.com.
	`))
	return world{h, zone, h.Recursor(opts...), clock}
}

// TestRecursor asks a recursor for everything that a hierarchy can answer, twice: the second answer
// comes from the cache and is the same.
func TestRecursor(t *testing.T) {
	t.Parallel()
	const soa = "authority: example.com. 60 IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 60"
	tests := []struct{ name, rrtype, want string }{
		{"a.example.com", "TXT", "NOERROR ra\nanswer: a.example.com. 300 IN TXT \"a\""},
		{"A.eXample.com", "TXT", "NOERROR ra\nanswer: A.eXample.com. 300 IN TXT \"a\""},
		{"a.example.com", "MX", "NOERROR ra\n" + soa},
		{"ent.example.com", "TXT", "NOERROR ra\n" + soa},
		{"no.example.com", "TXT", "NXDOMAIN ra\n" + soa},
		{"c2.example.com", "TXT", "NOERROR ra\nanswer: c2.example.com. 300 IN CNAME c.example.com.\n" +
			"answer: c.example.com. 200 IN CNAME a.example.com.\nanswer: a.example.com. 300 IN TXT \"a\""},
		{"c2.example.com", "CNAME", "NOERROR ra\nanswer: c2.example.com. 300 IN CNAME c.example.com."},
		{"out.example.com", "TXT", "NOERROR ra\nanswer: out.example.com. 300 IN CNAME www.example.net.\nanswer: www.example.net. 300 IN TXT \"out\""},
		{"gone.example.com", "TXT", "NXDOMAIN ra\nanswer: gone.example.com. 300 IN CNAME nothing.example.com.\n" + soa},
		{"b.w.example.com", "TXT", "NOERROR ra\nanswer: b.w.example.com. 300 IN TXT \"wild\""},
		{"x.old.example.com", "TXT", "NOERROR ra\nanswer: x.old.example.com. 300 IN CNAME x.ent.example.com.\nanswer: x.ent.example.com. 300 IN TXT \"x\""},
		{"sub.example.com", "TXT", "NOERROR ra\nanswer: sub.example.com. 300 IN CNAME www.sub.example.com.\n" + "authority: example.com. 60 IN SOA"},
		{"loop.example.com", "TXT", "SERVFAIL ra"},
		{"example.com", "NS", "NOERROR ra\nanswer: example.com. 3600 IN NS ns1.example.com.\nanswer: example.com. 3600 IN NS ns2.example.com."},
		{"example.net", "DS", "NOERROR ra\nauthority: net. 300 IN SOA a.nic.net. hostmaster.net. 2 3600 600 86400 300"},
		{"no-such-tld", "NS", "NXDOMAIN ra\nauthority: . 300 IN SOA a.root. hostmaster. 3 3600 600 86400 300"},
		{".", "NS", "NOERROR ra\nanswer: . 3600 IN NS a.root."},
		{"a.example.com", "ANY", "NOTIMP"},
		{"example.com", "AXFR", "REFUSED"},
	}
	for _, test := range tests {
		t.Run(test.name+" "+test.rrtype, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Zone("example.net", dnstest.Records("www TXT out"))
			got := summary(recurse(t, w.recursor, test.name, test.rrtype))
			if !strings.HasSuffix(test.want, " SOA") {
				equal(t, "first answer", got, test.want)
			}
			asked := w.Count(dnstest.Not(dnstest.Direct))
			equal(t, "second answer", summary(recurse(t, w.recursor, test.name, test.rrtype)), got)
			if again := w.Count(dnstest.Not(dnstest.Direct)); again != asked && !strings.HasPrefix(test.want, "SERVFAIL") {
				t.Errorf("the second question led to %d more questions, want none", again-asked)
			}
		})
	}
}

// TestRecursorPath checks which questions a recursor asks, and which it spares.
func TestRecursorPath(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := func(name, rrtype string) string {
		w.ResetQuestions()
		recurse(t, w.recursor, name, rrtype)
		var servers []string
		for _, q := range w.Questions(dnstest.Not(dnstest.Direct)) {
			if q.RD || q.UDPSize != 1232 || q.Recursor != "recursor1" {
				t.Errorf("question of the recursor %+v, want RD clear, EDNS and its name", q)
			}
			servers = append(servers, q.Server+"/"+q.Type)
		}
		return strings.Join(servers, " ")
	}
	for _, test := range []struct{ about, name, rrtype, want string }{
		{"from the root", "a.example.com", "TXT", "a.root/TXT a.nic.com/TXT ns1.example.com/TXT"},
		{"cached", "a.example.com", "TXT", ""},
		{"servers cached", "a.example.com", "MX", "ns1.example.com/MX"},
		{"no such name", "no.example.com", "TXT", "ns1.example.com/TXT"},
		{"no such name, another type", "no.example.com", "MX", ""},
		{"below no such name (RFC 8020)", "x.y.no.example.com", "MX", ""},
		{"empty non-terminal", "ent.example.com", "TXT", "ns1.example.com/TXT"},
		{"below an empty non-terminal", "x.ent.example.com", "TXT", "ns1.example.com/TXT"},
		{"alias within the zone", "c2.example.com", "TXT", "ns1.example.com/TXT"},
		{"alias cached on the way", "c.example.com", "TXT", ""},
		{"alias, another type", "c.example.com", "MX", ""},
		{"another top-level domain", "www.example.net", "TXT", "a.root/TXT"},
	} {
		equal(t, test.about, path(test.name, test.rrtype), test.want)
	}
}

// TestRecursorClock checks that TTLs run down by the clock of the hierarchy.
func TestRecursorClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	recurse(t, w.recursor, "a.example.com", "TXT")
	recurse(t, w.recursor, "new.example.com", "TXT")
	w.zone.Set("a TXT changed", "new TXT published")
	show := func(name string) string {
		reply := recurse(t, w.recursor, name, "TXT")
		return strings.Join(texts(append(reply.Answer, reply.Ns...)), " ")
	}
	const soa = " IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 60"
	equal(t, "old record", show("a.example.com"), `a.example.com. 300 IN TXT "a"`)
	equal(t, "old denial", show("new.example.com"), "example.com. 60"+soa)
	w.clock.Advance(59*time.Second + 999*time.Millisecond)
	equal(t, "old record, 59 s later", show("a.example.com"), `a.example.com. 241 IN TXT "a"`)
	equal(t, "old denial, 59 s later", show("new.example.com"), "example.com. 1"+soa)
	w.clock.Advance(time.Millisecond)
	equal(t, "new record, 60 s later", show("new.example.com"), `new.example.com. 300 IN TXT "published"`)
	w.clock.Advance(239 * time.Second)
	equal(t, "old record, 299 s later", show("a.example.com"), `a.example.com. 1 IN TXT "a"`)
	w.clock.Advance(time.Second)
	equal(t, "new record, 300 s later", show("a.example.com"), `a.example.com. 300 IN TXT "changed"`)
	equal(t, "questions from the root", w.Count(dnstest.To("a.root")), 1)
	w.clock.Advance(time.Hour)
	show("a.example.com")
	equal(t, "questions from the root, when its referrals are gone", w.Count(dnstest.To("a.root")), 2)
}

// TestCached looks into the cache.
func TestCached(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type shown struct {
		Found   bool
		Outcome dnstest.Outcome
		Name    string
		TTL     time.Duration
		Records []string
	}
	look := func(name, rrtype string) shown {
		c, ok := w.recursor.Cached(name, rrtype)
		return shown{ok, c.Outcome, c.Name, c.TTL, brief(c.Records)}
	}
	soa := []string{"example.com. SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 60"}
	equal(t, "at first", look("a.example.com", "TXT"), shown{})
	for _, name := range []string{"c.example.com", "no.example.com", "ent.example.com"} {
		recurse(t, w.recursor, name, "TXT")
	}
	w.clock.Advance(10 * time.Second)
	for _, test := range []struct {
		name, rrtype string
		want         shown
	}{
		{"A.example.com.", "txt", shown{true, dnstest.Answered, "a.example.com", 290 * time.Second, []string{`a.example.com. TXT "a"`}}},
		{"c.example.com", "CNAME", shown{true, dnstest.Answered, "c.example.com", 190 * time.Second, []string{"c.example.com. CNAME a.example.com."}}},
		{"a.example.com", "MX", shown{}},
		{"no.example.com", "MX", shown{true, dnstest.NoName, "no.example.com", 50 * time.Second, soa}},
		{"x.no.example.com", "MX", shown{true, dnstest.NoName, "no.example.com", 50 * time.Second, soa}},
		{"ent.example.com", "TXT", shown{true, dnstest.NoData, "ent.example.com", 50 * time.Second, soa}},
		{"ent.example.com", "MX", shown{}},
	} {
		equal(t, test.name+" "+test.rrtype, look(test.name, test.rrtype), test.want)
	}
	w.recursor.FlushName("x.no.example.com")
	equal(t, "denial flushed by a name below", look("no.example.com", "MX"), shown{})
	equal(t, "another name kept", look("ent.example.com", "TXT").Found, true)
	w.recursor.Flush()
	equal(t, "all flushed", look("ent.example.com", "TXT"), shown{})
	equal(t, "questions that looking asked", w.Count(dnstest.To("recursor1")), 3)
}

// TestNoNameOvertaken checks that a name that is found takes the place of its older denial.
func TestNoNameOvertaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	recurse(t, w.recursor, "new.example.com", "TXT")
	w.clock.Advance(60 * time.Second)
	w.zone.Add("new TXT here")
	recurse(t, w.recursor, "new.example.com", "TXT")
	reply := recurse(t, w.recursor, "new.example.com", "MX")
	equal(t, "another type of the name", reply.Rcode, dns.RcodeSuccess)
}

// TestNotRecursive checks that without RD only the cache answers.
func TestNotRecursive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	equal(t, "not cached", summary(ask(t, w.recursor, "a.example.com", "TXT")), "REFUSED ra")
	recurse(t, w.recursor, "a.example.com", "TXT")
	equal(t, "cached", summary(ask(t, w.recursor, "a.example.com", "TXT")), "NOERROR ra\nanswer: a.example.com. 300 IN TXT \"a\"")
}

// TestRecursorFaults checks what a recursor makes of servers that misbehave.
func TestRecursorFaults(t *testing.T) {
	t.Parallel()
	const good = "NOERROR ra\nanswer: a.example.com. 300 IN TXT \"a\""
	tests := []struct {
		name  string
		fault dnstest.Fault
		one   string // with the fault at the first of two servers
		both  string // with the fault at both
	}{
		{"Drop", dnstest.Drop, good, "SERVFAIL ra"},
		{"first dropped", dnstest.First(2, dnstest.Drop), good, good},
		{"SERVFAIL", dnstest.RCode(dns.RcodeServerFailure), good, "SERVFAIL ra"},
		{"REFUSED", dnstest.RCode(dns.RcodeRefused), good, "SERVFAIL ra"},
		{"Lame", dnstest.Lame, good, "SERVFAIL ra"},
		{"NoAA", dnstest.NoAA, good, "SERVFAIL ra"},
		{"WrongID", dnstest.WrongID, good, "SERVFAIL ra"},
		{"WrongQuestion", dnstest.WrongQuestion, good, "SERVFAIL ra"},
		{"NoQuestion", dnstest.NoQuestion, good, "SERVFAIL ra"},
		{"Garbage", dnstest.Garbage, good, "SERVFAIL ra"},
		{"NoEDNS", dnstest.NoEDNS, good, good},
		{"Truncate", dnstest.Truncate, good, good},
		{"Truncate and CloseTCP", dnstest.Chain(dnstest.Truncate, dnstest.CloseTCP), good, "SERVFAIL ra"},
		{"truncated over TCP", dnstest.Mutate(func(m *dns.Msg) { m.Truncated = true }), good, "SERVFAIL ra"},
		{"Empty", dnstest.Empty, "NOERROR ra", "NOERROR ra"},
		{"Delay", dnstest.Delay(time.Hour), good, "SERVFAIL ra"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, dnstest.Patience(time.Millisecond))
			w.zone.Server("ns1").Inject(test.fault)
			equal(t, "at one server", summary(recurse(t, w.recursor, "a.example.com", "TXT")), test.one)
			w = newWorld(t, dnstest.Patience(time.Millisecond))
			w.zone.Server("ns1").Inject(test.fault)
			w.zone.Server("ns2").Inject(test.fault)
			equal(t, "at both servers", summary(recurse(t, w.recursor, "a.example.com", "TXT")), test.both)
		})
	}
}

// TestRecursorDown checks that servers that are down are unreachable for a recursor too, and that the
// client learns why there is no answer. The failure is not cached.
func TestRecursorDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone.Server("ns1").Down()
	equal(t, "one down", recurse(t, w.recursor, "a.example.com", "TXT").Rcode, dns.RcodeSuccess)
	w.zone.Server("ns2").Down(dnstest.UDP)
	m := query("a.example.com", "MX")
	m.RecursionDesired = true
	m.SetEdns0(1232, false)
	reply := exchange(t, w.recursor.Addr(), dnstest.UDP, m)
	got := extendedError(reply)
	if reply.Rcode != dns.RcodeServerFailure || !strings.HasPrefix(got, "22 zone example.com: ") || !strings.HasSuffix(got, "nothing listens there") {
		t.Errorf("both down = %s, extended error %q, want SERVFAIL with 22 that names the zone", summary(reply), got)
	}
	w.zone.Server("ns2").Up()
	equal(t, "one up again", recurse(t, w.recursor, "a.example.com", "MX").Rcode, dns.RcodeSuccess)
}

// TestRecursorUnreachable checks delegations that lead nowhere.
func TestRecursorUnreachable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		build func(*dnstest.Hierarchy)
	}{
		{"address without a server", func(h *dnstest.Hierarchy) { h.Zone("com").Set("ns1.example A 127.0.0.250") }},
		{"server without an address", func(h *dnstest.Hierarchy) { h.Zone("com").Set("example NS nowhere.example.net.") }},
		{"server within, without glue", func(h *dnstest.Hierarchy) { h.Zone("com").Delete("ns1.example") }},
		{"zones whose servers are in each other", func(h *dnstest.Hierarchy) {
			h.Zone("com").Set("example NS ns1.other.com.", "other NS ns1.example.com.")
		}},
		{"zones that lead ever on", func(h *dnstest.Hierarchy) {
			h.Zone("com").Set("example NS ns.z0.net.")
			for i := range 20 {
				h.Zone("net").Add(fmt.Sprintf("z%d NS ns.z%d.net.", i, i+1))
			}
		}},
		{"a server that only refers to itself", func(h *dnstest.Hierarchy) { h.Zone("com").Set("example NS a.nic.com.") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			h.Zone("example.com", dnstest.Records("a TXT a"))
			test.build(h)
			equal(t, "answer", summary(recurse(t, h.Recursor(), "a.example.com", "TXT")), "SERVFAIL ra")
		})
	}
}

// TestRecursorDelegations checks that a recursor finds zones however they are delegated.
func TestRecursorDelegations(t *testing.T) {
	t.Parallel()
	a := dnstest.Records("a TXT a")
	tests := []struct {
		name  string
		build func(*dnstest.Hierarchy)
		want  string
	}{
		{"server outside", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Servers("ns1.host.net."), a) }, "NOERROR ra"},
		{"server in a sibling", func(h *dnstest.Hierarchy) {
			h.Zone("host.com")
			h.Zone("example.com", dnstest.Servers("ns1.host.com."), a)
		}, "NOERROR ra"},
		{"server at IPv6", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.ServerAt("ns1", "::1"), a) }, "NOERROR ra"},
		{"on the parent's servers", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.OnParent(), a) }, "NOERROR ra"},
		{"child names others", func(h *dnstest.Hierarchy) { h.Zone("example.com", a).Set("@ NS nowhere.example.net.") }, "NOERROR ra"},
		{"put between", func(h *dnstest.Hierarchy) { h.Zone("a.example.com", dnstest.Records("@ TXT a")); h.Zone("example.com") }, "NOERROR ra"},
		{"undelegated", func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Undelegated(), a) }, "NXDOMAIN ra"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			test.build(h)
			reply := recurse(t, h.Recursor(), "a.example.com", "TXT")
			reply.Answer, reply.Ns = nil, nil
			equal(t, "answer", summary(reply), test.want)
		})
	}
}

// TestPrefer checks that two recursors can see a zone through different servers.
func TestPrefer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone.Server("ns2").Hold()
	w.zone.Set("a TXT new")
	behind := w.Recursor(dnstest.Prefer("ns2.example.com"))
	equal(t, "name", behind.Name(), "recursor2")
	equal(t, "through ns1", texts(recurse(t, w.recursor, "a.example.com", "TXT").Answer), []string{`a.example.com. 300 IN TXT "new"`})
	equal(t, "through ns2", texts(recurse(t, behind, "a.example.com", "TXT").Answer), []string{`a.example.com. 300 IN TXT "a"`})
}

// TestRecursorAnswersLarge checks that a recursor fetches what is too large for UDP, and cuts it for its
// own clients.
func TestRecursorAnswersLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone.SetTXT("large", strings.Repeat("x", 3000))
	equal(t, "over UDP", recurse(t, w.recursor, "large.example.com", "TXT").Truncated, true)
	m := query("large.example.com", "TXT")
	m.RecursionDesired = true
	reply := exchange(t, w.recursor.Addr(), dnstest.TCP, m)
	if len(reply.Answer) != 1 || reply.Truncated {
		t.Errorf("over TCP = %s, want the record", summary(reply))
	}
	equal(t, "questions to the authority over TCP", w.Count(dnstest.Over(dnstest.TCP), dnstest.To("ns1.example.com")), 1)
}

// TestRecursorFault checks that recursors take faults too: here one that claims to have validated.
func TestRecursorFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.recursor.Inject(dnstest.Mutate(func(m *dns.Msg) { m.AuthenticatedData = true }))
	equal(t, "AD", recurse(t, w.recursor, "a.example.com", "TXT").AuthenticatedData, true)
}
