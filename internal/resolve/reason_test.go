package resolve_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// authoritiesDown closes every server but the recursors, as a firewall in front of them does that rejects.
func authoritiesDown(h *dnstest.Hierarchy) {
	for _, s := range h.Servers() {
		s.Inject(dnstest.When(dnstest.Drop, dnstest.Direct))
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		build   func(h *dnstest.Hierarchy, r *dnstest.Recursor)
		first   string // asked before, where it is set
		name    string
		reason  answer.Reason
		outcome answer.Outcome
		at      string
	}{
		"not delegated": {
			build: func(h *dnstest.Hierarchy, _ *dnstest.Recursor) { h.Zone("com") },
			name:  "_dmarc.example.com", reason: answer.NotDelegated, outcome: answer.NXDomain, at: "example.com",
		},
		"no such top-level domain": {
			build: func(*dnstest.Hierarchy, *dnstest.Recursor) {},
			name:  "_dmarc.example.x", reason: answer.NotDelegated, outcome: answer.NXDomain, at: "example.x",
		},
		"a resolver that denies everything": {
			build: func(h *dnstest.Hierarchy, r *dnstest.Recursor) {
				h.Zone("example.com")
				r.Inject(dnstest.RCode(dns.RcodeNameError))
			},
			name: "_dmarc.example.com", reason: answer.Failure, outcome: answer.NXDomain, at: "com",
		},
		"a resolver that denies everything, an unknown top-level domain too": {
			build: func(_ *dnstest.Hierarchy, r *dnstest.Recursor) { r.Inject(dnstest.RCode(dns.RcodeNameError)) },
			name:  "_dmarc.example.x", reason: answer.Failure, outcome: answer.NXDomain, at: "x",
		},
		"a resolver that does not find out about the top-level domain": {
			build: func(h *dnstest.Hierarchy, r *dnstest.Recursor) {
				h.Zone("com")
				r.Inject(dnstest.When(dnstest.RCode(dns.RcodeServerFailure), func(q dnstest.Question) bool { return q.Name == "com." || q.Name == "com" }))
			},
			name: "_dmarc.example.com", reason: answer.Failure, outcome: answer.NXDomain, at: "example.com",
		},
		"known to the registry, without servers": {
			build: func(h *dnstest.Hierarchy, _ *dnstest.Recursor) {
				h.Zone("com", dnstest.Records(`ns1.example A 192.0.2.1`))
			},
			name: "example.com", reason: answer.NotDelegated, outcome: answer.NoData, at: "example.com",
		},
		"without glue": {
			build: func(h *dnstest.Hierarchy, _ *dnstest.Recursor) {
				h.Zone("example.com", dnstest.Servers("ns1"))
				h.Zone("com").Delete("ns1.example")
			},
			name: "www.example.com", reason: answer.NoAddress, outcome: answer.Unreachable, at: "example.com",
		},
		"the registry fails": {
			build: func(h *dnstest.Hierarchy, _ *dnstest.Recursor) {
				h.Zone("example.co.uk")
				h.Zone("co.uk")
				h.Server("ns1.co.uk").Inject(dnstest.When(dnstest.RCode(dns.RcodeServerFailure), dnstest.Direct))
			},
			name: "_dmarc.example.co.uk", reason: answer.Failure, outcome: answer.ServFail, at: "co.uk",
		},
		"port 53 is closed": {
			build: func(h *dnstest.Hierarchy, _ *dnstest.Recursor) {
				h.Zone("example.com")
				authoritiesDown(h)
			},
			name: "_dmarc.example.com", reason: answer.Blocked, outcome: answer.Unreachable, at: "com",
		},
		"port 53 is closed, for a name that resolvers do not know": {
			build: func(h *dnstest.Hierarchy, _ *dnstest.Recursor) {
				h.Zone("com")
				authoritiesDown(h)
			},
			name: "_dmarc.example.com", reason: answer.NotDelegated, outcome: answer.NXDomain, at: "example.com",
		},
		"port 53 is closed, and the resolver fails as well": {
			build: func(h *dnstest.Hierarchy, r *dnstest.Recursor) {
				h.Zone("example.com")
				authoritiesDown(h)
				r.Inject(dnstest.When(dnstest.Drop, dnstest.About("example.com")))
			},
			name: "_dmarc.example.com", reason: answer.Failure, outcome: answer.Timeout, at: "com",
		},
		"the servers of one top-level domain are gone": {
			build: func(h *dnstest.Hierarchy, r *dnstest.Recursor) {
				h.Zone("example.com")
				h.Zone("example.org")
				h.Server("a.nic.com").Inject(dnstest.When(dnstest.Drop, dnstest.Direct))
				r.Inject(dnstest.When(dnstest.RCode(dns.RcodeServerFailure), dnstest.About("example.com")))
			},
			first: "_dmarc.example.org",
			name:  "_dmarc.example.com", reason: answer.Failure, outcome: answer.Timeout, at: "com",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			tt.build(h, h.Recursor())
			c := newClient(t, h, timeout(time.Second))
			if tt.first != "" {
				ask(t, c, about(tt.first, record.TXT))
			}
			_, err := c.Ask(t.Context(), about(tt.name, record.TXT))
			var lookup *answer.LookupError
			if !errors.As(err, &lookup) || lookup.Reason != tt.reason || lookup.Outcome != tt.outcome || lookup.At.String() != tt.at {
				t.Errorf("Ask = %+v (%v), want reason %v: %v at %s", lookup, err, tt.reason, tt.outcome, tt.at)
			}
		})
	}
}

// A private zone that no public server delegates: that its own servers are dead says nothing about others.
func TestReasonOfDeadPrivateZone(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("corp.test")
	h.Recursor().Inject(dnstest.When(dnstest.RCode(dns.RcodeNameError), dnstest.OfType("NS"), dnstest.Not(dnstest.About("corp.test"))))
	zone.Server("ns1").Inject(dnstest.When(dnstest.Drop, dnstest.Direct))
	answers := ask(t, newClient(t, h, timeout(time.Second)), about("_dmarc.corp.test", record.TXT))
	if got := lines(answers); len(got) != 1 || answers.List[0].Outcome != answer.Timeout {
		t.Errorf("answers %q, want one server that does not answer in time", got)
	}
}

// A resolver that denies whatever it is asked says so in the error: nothing is known about the domain.
func TestDenyingResolverIsNamed(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("example.com")
	h.Recursor().Inject(dnstest.RCode(dns.RcodeNameError))
	_, err := newClient(t, h).Ask(t.Context(), about("_dmarc.example.com", record.TXT))
	want := "the resolver " + h.ResolverAddr() + " denies even the top-level domain com"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Ask = %v, want an error with %q", err, want)
	}
}

// Where resolvers fail, it is they that an error blames, and not the domain.
func TestFailingResolverIsNamed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault dnstest.Fault
		want  string
	}{
		"silent":  {dnstest.Drop, "cannot be asked: no answer in time: over UDP: "},
		"refuses": {dnstest.RCode(dns.RcodeRefused), "fails on every question: refused (REFUSED)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			h.Zone("example.com")
			h.Recursor().Inject(tt.fault)
			_, err := newClient(t, h, timeout(time.Second)).Ask(t.Context(), about("_dmarc.example.com", record.TXT))
			var lookup *answer.LookupError
			want := "the name servers of _dmarc.example.com cannot be found: the resolver " + h.ResolverAddr() + " " + tt.want
			if !errors.As(err, &lookup) || lookup.Reason != answer.NoResolver || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("Ask = %v, want %s", err, want)
			}
		})
	}
}
