package resolve_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// comparables lets answers be compared.
var comparables = cmpopts.EquateComparable(answer.Server{})

// What resolvers say of DNSSEC is told, and counts where it is required.
func TestDNSSEC(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mode  resolve.DNSSEC
		fault dnstest.Fault
		name  string
		want  answer.Answer
	}{
		{resolve.DNSSECOff, nil, "www", answer.Answer{Outcome: answer.Found, Values: []string{"ok"}, TTL: 300}},
		{resolve.DNSSECOff, dnstest.Validated, "www", answer.Answer{Outcome: answer.Found, Values: []string{"ok"}, TTL: 300, Authentic: true}},
		{resolve.DNSSECReport, nil, "www", answer.Answer{Outcome: answer.Found, Values: []string{"ok"}, TTL: 300}},
		{resolve.DNSSECReport, dnstest.Validated, "www", answer.Answer{Outcome: answer.Found, Values: []string{"ok"}, TTL: 300, Authentic: true}},
		{resolve.DNSSECRequire, dnstest.Validated, "www", answer.Answer{Outcome: answer.Found, Values: []string{"ok"}, TTL: 300, Authentic: true}},
		{resolve.DNSSECRequire, nil, "www", answer.Answer{Outcome: answer.Unvalidated}},
		{resolve.DNSSECRequire, nil, "none", answer.Answer{Outcome: answer.Unvalidated}},
		{resolve.DNSSECRequire, nil, "empty", answer.Answer{Outcome: answer.Unvalidated}},
		{resolve.DNSSECRequire, dnstest.RCode(dns.RcodeServerFailure), "www", answer.Answer{Outcome: answer.ServFail}},
	}
	for _, tt := range tests {
		t.Run(string(tt.mode)+" "+tt.want.Outcome.String()+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			l := newSecureLab(t, dnstest.TLS)
			if tt.fault != nil {
				l.recursor.Inject(tt.fault)
			}
			c := l.client(t, func(config *resolve.Config) { config.DNSSEC = tt.mode })
			got := ask(t, c, viaResolvers(tt.name+".example.com")).List[0]
			if unvalidated := got.Outcome == answer.Unvalidated; unvalidated != (got.Detail != "") {
				t.Errorf("detail %q, want one exactly where the answer does not count", got.Detail)
			}
			got.Server, got.Serial, got.Detail = answer.Server{}, 0, ""
			if diff := cmp.Diff(tt.want, got, comparables); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if require := tt.mode == resolve.DNSSECRequire; c.RequiresDNSSEC() != require {
				t.Errorf("RequiresDNSSEC() = %v, want %v", c.RequiresDNSSEC(), require)
			}
			for _, q := range l.Questions(dnstest.Direct) {
				if !q.AD || q.DO != (tt.mode != resolve.DNSSECOff) {
					t.Errorf("%v came with AD %v and DO %v, want AD, and DO unless the mode is off", q, q.AD, q.DO)
				}
			}
		})
	}
}

// Searches for name servers, the servers themselves, and SPF of others are not held to DNSSEC.
func TestDNSSECElsewhere(t *testing.T) {
	t.Parallel()
	l := newSecureLab(t, dnstest.TLS)
	c := l.client(t, func(config *resolve.Config) { config.DNSSEC = resolve.DNSSECRequire })
	if diff := cmp.Diff([]string{"ns1.example.com: found | ok"}, lines(ask(t, c, about("www.example.com", record.TXT)))); diff != "" {
		t.Errorf("authorities (-want +got):\n%s", diff)
	}
	if got, err := c.Lookup(t.Context(), "www.example.com", "TXT"); err != nil || !slices.Equal(got, []string{"ok"}) {
		t.Errorf("Lookup = %q, %v, want the record", got, err)
	}
	for _, q := range l.Questions(dnstest.Direct, dnstest.To("ns1.example.com")) {
		if q.DO || q.AD || q.CD {
			t.Errorf("%+v came with DO, AD or CD, want none towards authoritative servers", q)
		}
	}
}

// What a server says of itself and of its answer comes along with every kind of answer.
func TestEDNSOptions(t *testing.T) {
	t.Parallel()
	asked := make(chan bool, 1)
	options := func(code uint16, text string) dnstest.Fault {
		return func(_ context.Context, x *dnstest.Exchange) {
			for _, option := range x.Request.IsEdns0().Option {
				if nsid, ok := option.(*dns.EDNS0_NSID); ok && nsid.Nsid == "" {
					select {
					case asked <- true:
					default:
					}
				}
			}
			opt := x.Reply.IsEdns0()
			opt.Option = append(opt.Option, &dns.EDNS0_NSID{Code: dns.EDNS0NSID, Nsid: "6e7331071b"}, &dns.EDNS0_EDE{InfoCode: code, ExtraText: text})
		}
	}
	tests := []struct {
		name  string
		fault dnstest.Fault
		want  answer.Answer
	}{
		{"stale", options(dns.ExtendedErrorCodeStaleAnswer, ""), answer.Answer{Outcome: answer.Found, Extended: "extended error 3 (Stale Answer)"}},
		{"bogus", dnstest.Chain(dnstest.RCode(dns.RcodeServerFailure), options(dns.ExtendedErrorCodeSignatureExpired, "of \x1b example.com")), answer.Answer{
			Outcome: answer.ServFail, Extended: `extended error 7 (Signature Expired): of \027 example.com`, Bogus: true,
			Detail: `extended error 7 (Signature Expired): of \027 example.com`,
		}},
		{"indeterminate", options(dns.ExtendedErrorCodeDNSSECIndeterminate, ""), answer.Answer{Outcome: answer.Found, Extended: "extended error 5 (DNSSEC Indeterminate)"}},
		{"blocked", dnstest.Chain(dnstest.RCode(dns.RcodeNameError), options(dns.ExtendedErrorCodeBlocked, "")), answer.Answer{Outcome: answer.NXDomain, Extended: "extended error 15 (Blocked)"}},
		{"two", dnstest.Chain(options(99, ""), dnstest.ExtendedError(dns.ExtendedErrorCodeDNSBogus, "")), answer.Answer{
			Outcome: answer.Found, Extended: "extended error 99; extended error 6 (DNSSEC Bogus)", Bogus: true,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			zone := h.Zone("example.com", dnstest.Records(`www TXT ok`))
			c := newClient(t, h)
			for _, via := range []answer.Via{answer.Authorities, answer.Resolvers} {
				q := fresh(about("www.example.com", record.TXT))
				q.Via = via
				inject := h.Recursors()[0].Inject
				if via == answer.Authorities {
					inject = zone.Server("ns1").Inject
				}
				authoritative := dnstest.Mutate(func(reply *dns.Msg) { reply.Authoritative = true })
				remove := inject(dnstest.When(dnstest.Chain(tt.fault, authoritative), dnstest.OfType("TXT")))
				got := ask(t, c, q).List[0]
				remove()
				want := tt.want
				want.NSID = `ns1\007\027`
				got.Server, got.TTL, got.Values, got.Authoritative = answer.Server{}, 0, nil, false
				if diff := cmp.Diff(want, got, comparables); diff != "" {
					t.Errorf("%s (-want +got):\n%s", via, diff)
				}
			}
			if !<-asked {
				t.Error("the server was not asked for its name")
			}
		})
	}
}
