package resolve_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// expected returns the expectation of a record at its owner.
func expected(owner string, typ record.Type, value string) verify.Expectation {
	return verify.Expectation{Key: owner, Owner: dnsname.MustParse(owner), Type: typ, Value: value}
}

// wait waits for one record, and lets act change DNS once three questions about the watched name have come.
func wait(t *testing.T, h *dnstest.Hierarchy, w verify.Waiter, e verify.Expectation, o verify.Options, watched string, act func()) verify.Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := h.Await(ctx, 3, dnstest.Direct, dnstest.About(watched)); err == nil {
			act()
		}
	}()
	w.Pause = time.Millisecond
	report, err := w.Wait(ctx, []verify.Expectation{e}, o)
	if err != nil {
		t.Errorf("Wait: %v\n%s", err, report.Text())
	}
	cancel()
	<-done
	return report
}

const (
	testKey = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	testSPF = "v=spf1 -all"
)

// As long as a record is missing, a resolver that is asked about it, or about a name above it that is missing as
// well, answers that it is not there for as long as the zone allows, to all its users (RFC 2308, RFC 8020).
func TestWaitingSeedsNoNegativeAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		build   func(h *dnstest.Hierarchy)
		record  verify.Expectation
		options verify.Options
		watched string // where it is missing
		publish func(h *dnstest.Hierarchy)
		about   []string // all that resolvers may be asked about the domain
	}{
		"a selector": {
			build:   func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Servers("ns1", "ns2")) },
			record:  expected("sel1._domainkey.example.com", record.TXT, testKey),
			watched: "sel1._domainkey.example.com",
			publish: func(h *dnstest.Hierarchy) { h.Zone("example.com").SetTXT("sel1._domainkey", testKey) },
			about:   []string{"SOA example.com"},
		},
		"the apex of a domain that is not delegated": {
			build: func(h *dnstest.Hierarchy) {
				h.Zone("example.com", dnstest.Undelegated(), dnstest.Records(`@ TXT "`+testSPF+`"`))
			},
			record:  expected("example.com", record.TXT, testSPF),
			watched: "example.com",
			publish: func(h *dnstest.Hierarchy) { h.Zone("example.com").Delegate() },
			about:   []string{"SOA example.com"}, // once it is there
		},
		"_dmarc": {
			build:   func(h *dnstest.Hierarchy) { h.Zone("example.com") },
			record:  expected("_dmarc.example.com", record.TXT, "v=DMARC1; p=reject"),
			watched: "_dmarc.example.com",
			publish: func(h *dnstest.Hierarchy) { h.Zone("example.com").SetTXT("_dmarc", "v=DMARC1; p=reject") },
			about:   []string{"SOA example.com"},
		},
		"a selector in a delegated _domainkey": {
			build: func(h *dnstest.Hierarchy) {
				h.Zone("example.com")
				h.Zone("_domainkey.example.com", dnstest.Servers("ns1.vendor.net."))
			},
			record:  expected("sel1._domainkey.example.com", record.TXT, testKey),
			watched: "sel1._domainkey.example.com",
			publish: func(h *dnstest.Hierarchy) { h.Zone("_domainkey.example.com").SetTXT("sel1", testKey) },
			about:   []string{"SOA _domainkey.example.com"},
		},
		"a _domainkey that is delegated with the selector": {
			build:   func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Servers("ns1", "ns2")) },
			record:  expected("sel1._domainkey.example.com", record.TXT, testKey),
			watched: "sel1._domainkey.example.com",
			publish: func(h *dnstest.Hierarchy) {
				h.Zone("_domainkey.example.com", dnstest.Servers("ns1.vendor.net."), dnstest.Records(`sel1 TXT "`+testKey+`"`))
			},
			about: []string{"SOA _domainkey.example.com", "SOA example.com"}, // each once it is there
		},
		"the key behind a CNAME": {
			build: func(h *dnstest.Hierarchy) {
				h.Zone("example.com", dnstest.Records(`sel1._domainkey CNAME sel1.dkim.example.net.`))
				h.Zone("example.net")
			},
			record:  expected("sel1._domainkey.example.com", record.CNAME, "sel1.dkim.example.net"),
			options: verify.Options{Follow: true},
			watched: "sel1.dkim.example.net",
			publish: func(h *dnstest.Hierarchy) { h.Zone("example.net").SetTXT("sel1.dkim", testKey) },
			about:   []string{"SOA example.com"},
		},
		"the undelegated domain behind a CNAME": {
			build: func(h *dnstest.Hierarchy) {
				h.Zone("example.com", dnstest.Records(`sel1._domainkey CNAME sel1.dkim.example.net.`))
				h.Zone("example.net", dnstest.Undelegated(), dnstest.Records(`sel1.dkim TXT "`+testKey+`"`))
			},
			record:  expected("sel1._domainkey.example.com", record.CNAME, "sel1.dkim.example.net"),
			options: verify.Options{Follow: true},
			watched: "sel1.dkim.example.net",
			publish: func(h *dnstest.Hierarchy) { h.Zone("example.net").Delegate() },
			about:   []string{"SOA example.com"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			tt.build(h)
			r := h.Recursor()
			c := newClient(t, h)
			w := verify.Waiter{Resolver: c, Surveyor: c, Progress: func(verify.Report) { lookAround(t, c, tt.record) }}
			tt.options.Consecutive = 2
			wait(t, h, w, tt.record, tt.options, tt.watched, func() {
				expectNothingMissing(t, r)
				tt.publish(h)
			})
			expectNothingMissing(t, r)
			var about []string
			for _, q := range questions(h, dnstest.To(r.Name()), dnstest.Not(dnstest.OfType("A")), dnstest.Not(dnstest.OfType("AAAA"))) {
				if q != "NS com" && q != "NS net" {
					about = append(about, q)
				}
			}
			if diff := cmp.Diff(tt.about, about); diff != "" {
				t.Errorf("the recursor was asked (-want +got):\n%s", diff)
			}
			// Whoever asks a resolver now finds the record.
			q := questionOf(tt.record)
			q.Via = answer.Resolvers
			if got := ask(t, c, q).List[0]; !slices.Contains(got.Values, tt.record.Value) {
				t.Errorf("the recursor answers %+v, want %q", got, tt.record.Value)
			}
		})
	}
}

func questionOf(e verify.Expectation) answer.Question { return about(e.Owner.String(), e.Type) }

// lookAround does what a diagnosis does while a record is missing: it surveys the zone and asks about other names, that
// the domain was appended twice among them.
func lookAround(t *testing.T, c *resolve.Client, e verify.Expectation) {
	// Where the zone is not delegated, both say so.
	_, _ = c.Survey(t.Context(), e.Owner)
	for _, other := range []string{e.Owner.String() + ".example.com", "no-such-name." + e.Owner.String(), "probe-7f3a._domainkey.example.com"} {
		_, _ = c.Ask(t.Context(), fresh(about(other, e.Type)))
	}
}

// expectNothingMissing looks for negative answers in a recursor's cache, about the domains of the tests and all
// names that may stand in them.
func expectNothingMissing(t *testing.T, r *dnstest.Recursor) {
	t.Helper()
	for _, name := range []string{
		"example.com", "_domainkey.example.com", "sel1._domainkey.example.com", "_dmarc.example.com",
		"example.net", "dkim.example.net", "sel1.dkim.example.net",
	} {
		for _, typ := range []string{"TXT", "CNAME", "NS", "SOA", "A", "AAAA", "DS"} {
			if cached, ok := r.Cached(name, typ); ok && cached.Outcome != dnstest.Answered {
				t.Errorf("the recursor remembers %q for %s %s, from %s, for %v", cached.Outcome, typ, name, cached.Name, cached.TTL)
			}
		}
	}
}

// The test above could not fail if the recursor forgot what is missing, or were not asked.
func TestRecursorSeedsNegativeAnswer(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com")
	c := newClient(t, h)
	q := about("sel1._domainkey.example.com", record.TXT)
	q.Via = answer.Resolvers
	for _, publish := range []func(){func() {}, func() { zone.SetTXT("sel1._domainkey", testKey) }} {
		publish()
		if got := ask(t, c, fresh(q)).List[0].Outcome; got != answer.NXDomain {
			t.Errorf("the recursor answers %v, want NXDOMAIN before the record is published and after", got)
		}
	}
}

func TestWaitingThroughChanges(t *testing.T) {
	t.Parallel()
	www := expected("www.example.com", record.TXT, "ok")
	tests := map[string]struct {
		build  func(h *dnstest.Hierarchy)
		change func(h *dnstest.Hierarchy)
		want   []string
	}{
		"the domain is delegated": {
			build: func(h *dnstest.Hierarchy) {
				h.Zone("example.com", dnstest.Undelegated(), dnstest.Records(`www TXT ok`))
			},
			change: func(h *dnstest.Hierarchy) { h.Zone("example.com").Delegate() },
			want:   []string{"ns1.example.com"},
		},
		"the name is delegated": {
			build: func(h *dnstest.Hierarchy) { h.Zone("example.com", dnstest.Servers("ns1", "ns2")) },
			change: func(h *dnstest.Hierarchy) {
				h.Zone("www.example.com", dnstest.Servers("ns1.vendor.net."), dnstest.Records(`@ TXT ok`))
			},
			want: []string{"ns1.vendor.net"},
		},
		"the domain moves, and its old servers refuse": {
			build: func(h *dnstest.Hierarchy) {
				h.Zone("example.com", dnstest.Servers("ns1.old.net.", "ns1.new.net."))
				h.Zone("example.com").Set(`@ NS ns1.old.net.`)
				h.Zone("com").Set(`example NS ns1.old.net.`)
			},
			change: func(h *dnstest.Hierarchy) {
				h.Server("ns1.old.net").Inject(dnstest.When(dnstest.RCode(dns.RcodeRefused), dnstest.Within("example.com")))
				h.Zone("example.com").Set(`@ NS ns1.new.net.`, `www TXT ok`)
				h.Zone("com").Set(`example NS ns1.new.net.`)
			},
			want: []string{"ns1.new.net"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			tt.build(h)
			report := wait(t, h, verify.Waiter{Resolver: newClient(t, h)}, www, verify.Options{}, "www.example.com", func() { tt.change(h) })
			var servers []string
			for _, s := range report.Findings[0].Seen {
				servers = append(servers, s.Server.Name.String())
			}
			if diff := cmp.Diff(tt.want, servers); diff != "" {
				t.Errorf("servers in the last round (-want +got):\n%s", diff)
			}
		})
	}
}
