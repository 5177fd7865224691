package resolve_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

func names(texts ...string) []dnsname.Name {
	var list []dnsname.Name
	for _, text := range texts {
		list = append(list, dnsname.MustParse(text))
	}
	return list
}

func survey(t *testing.T, c *resolve.Client, name string) answer.Survey {
	t.Helper()
	got, err := c.Survey(t.Context(), dnsname.MustParse(name))
	if err != nil {
		t.Fatalf("Survey(%s): %v", name, err)
	}
	return got
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("host.net", dnstest.Servers("ns1"))
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"), dnstest.Records(`www TXT ok`))
	zone.Set(`@ NS ns2`, `@ NS ns3`, `@ NS ns1.host.net.`)
	h.Zone("com").Set(`example NS ns1.example`, `example NS ns2.example`)
	zone.Server("ns3").Hold()
	zone.Add(`www TXT more`)
	got := survey(t, newClient(t, h), "www.example.com")
	old, now := zone.Server("ns3").Serial("example.com"), zone.Serial()
	if old == now {
		t.Fatalf("the server that is behind has the serial %d of the others", now)
	}
	at := func(server string) answer.Server {
		return answer.Server{Name: dnsname.MustParse(server), Addr: h.Server(server).Addr()}
	}
	want := answer.Survey{
		Zone:   dnsname.MustParse("example.com"),
		Parent: names("ns1.example.com", "ns2.example.com"),
		Own:    names("ns1.host.net", "ns2.example.com", "ns3.example.com"),
		Serials: []answer.Serial{
			{Server: at("ns1.example.com"), Outcome: answer.Found, Serial: now},
			{Server: at("ns1.host.net"), Outcome: answer.Refused},
			{Server: at("ns2.example.com"), Outcome: answer.Found, Serial: now},
			{Server: at("ns3.example.com"), Outcome: answer.Found, Serial: old},
		},
		Security: answer.Insecure,
	}
	if diff := cmp.Diff(want, got, compareValues); diff != "" {
		t.Errorf("Survey (-want +got):\n%s", diff)
	}
}

func TestSurveyIsFresh(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com")
	c := newClient(t, h)
	survey(t, c, "example.com")
	zone.Add(`www TXT more`)
	want := []answer.Serial{{Server: answer.Server{Name: dnsname.MustParse("ns1.example.com"), Addr: zone.Server("ns1").Addr()}, Outcome: answer.Found, Serial: zone.Serial()}}
	if diff := cmp.Diff(want, survey(t, c, "example.com").Serials, compareValues); diff != "" {
		t.Errorf("Serials after a change (-want +got):\n%s", diff)
	}
}

// validates answers as a resolver does that validates, for a zone that is signed well or badly.
func validates(bogus bool) dnstest.Fault {
	return func(ctx context.Context, x *dnstest.Exchange) {
		asked := x.Request.AuthenticatedData || x.Request.IsEdns0() != nil && x.Request.IsEdns0().Do()
		switch {
		case x.Request.CheckingDisabled:
		case bogus:
			dnstest.Chain(dnstest.RCode(dns.RcodeServerFailure), dnstest.ExtendedError(dns.ExtendedErrorCodeSignatureExpired, "since May"))(ctx, x)
		case asked:
			x.Reply.AuthenticatedData = true
		}
	}
}

func TestSurveySecurity(t *testing.T) {
	t.Parallel()
	soa := []dnstest.Filter{dnstest.OfType("SOA"), dnstest.About("example.com")}
	broken := dnstest.When(dnstest.RCode(dns.RcodeServerFailure), soa...)
	secure, bogus := dnstest.When(validates(false), soa...), dnstest.When(validates(true), soa...)
	flaps := dnstest.When(dnstest.First(1, dnstest.Chain(dnstest.RCode(dns.RcodeServerFailure),
		dnstest.ExtendedError(dns.ExtendedErrorCodeNoReachableAuthority, ""))), soa...)
	silent := dnstest.When(dnstest.Drop, soa...)
	noReason := dnstest.When(dnstest.RCode(dns.RcodeServerFailure), append(soa, func(q dnstest.Question) bool { return !q.CD })...)
	once := dnstest.When(dnstest.First(1, dnstest.RCode(dns.RcodeServerFailure)), soa...)
	tests := map[string]struct {
		resolvers []dnstest.Fault
		want      answer.Security
		detail    string
	}{
		"not signed, or not validated":  {[]dnstest.Fault{nil}, answer.Insecure, ""},
		"signed":                        {[]dnstest.Fault{secure}, answer.Secure, ""},
		"signed, and one validates":     {[]dnstest.Fault{nil, secure}, answer.Secure, ""},
		"bogus":                         {[]dnstest.Fault{bogus}, answer.Bogus, "extended error 7 (Signature Expired): since May"},
		"bogus, and the first is blind": {[]dnstest.Fault{nil, bogus}, answer.Bogus, "extended error 7 (Signature Expired): since May"},
		"SERVFAIL whatever is asked":    {[]dnstest.Fault{broken}, answer.Unchecked, ""},
		"SERVFAIL for another reason":   {[]dnstest.Fault{flaps}, answer.Unchecked, ""},
		"bogus, without a reason":       {[]dnstest.Fault{noReason}, answer.Bogus, ""},
		"SERVFAIL once, for no reason":  {[]dnstest.Fault{once}, answer.Unchecked, ""},
		"no answer":                     {[]dnstest.Fault{silent}, answer.Unchecked, ""},
		"one of two does not answer":    {[]dnstest.Fault{silent, nil}, answer.Insecure, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			h.Zone("example.com")
			c := newClient(t, h, timeout(time.Second), func(config *resolve.Config) {
				config.Resolvers = nil
				for _, fault := range tt.resolvers {
					r := h.Recursor()
					if fault != nil {
						r.Inject(fault)
					}
					config.Resolvers = append(config.Resolvers, resolve.PlainResolver(r.Addr()))
				}
			})
			got := survey(t, c, "sel._domainkey.example.com")
			if got.Security != tt.want || got.Detail != tt.detail {
				t.Errorf("Survey says %v (%q), want %v (%q)", got.Security, got.Detail, tt.want, tt.detail)
			}
		})
	}
}

// Each resolver hears of a zone once, whoever has records in it, and of nothing that may be missing.
func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault dnstest.Fault // of the second resolver
		want  answer.Security
		asked int // of the second resolver: by SOA with and without validation
	}{
		"not signed": {nil, answer.Insecure, 1},
		"bogus":      {dnstest.Bogus("example.com"), answer.Bogus, 2},
		"silent":     {dnstest.When(dnstest.Drop, dnstest.OfType("SOA"), dnstest.Over(dnstest.UDP)), answer.Insecure, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
			resolvers := []*dnstest.Recursor{h.Recursor(), h.Recursor()}
			if tt.fault != nil {
				resolvers[1].Inject(tt.fault)
			}
			c := newClient(t, h, timeout(time.Second), func(config *resolve.Config) {
				config.Resolvers = []resolve.Resolver{resolve.PlainResolver(resolvers[0].Addr()), resolve.PlainResolver(resolvers[1].Addr())}
			})
			var group sync.WaitGroup
			for _, name := range []string{"example.com", "sel1._domainkey.example.com", "sel2._domainkey.example.com", "example.com"} {
				group.Go(func() {
					for range 2 {
						got, err := c.Validate(t.Context(), dnsname.MustParse(name))
						if err != nil || got.Zone.String() != "example.com" || got.Security != tt.want {
							t.Errorf("Validate(%s) = %+v, %v, want %v of example.com", name, got, err, tt.want)
						}
					}
				})
			}
			group.Wait()
			for i, r := range resolvers {
				for _, q := range r.Questions(dnstest.Within("example.com"), dnstest.Direct) {
					if q.Type != "SOA" || q.Name != "example.com." && q.Name != "example.com" {
						t.Errorf("resolver %d was asked %s, want the SOA record of the zone alone", i, q)
					}
				}
			}
			if n := resolvers[0].Count(dnstest.OfType("SOA"), dnstest.Direct); n != 1 {
				t.Errorf("the first resolver was asked %d times, want once", n)
			}
			if n := resolvers[1].Count(dnstest.OfType("SOA"), dnstest.Direct); tt.asked > 0 && n != tt.asked {
				t.Errorf("the second resolver was asked %d times, want %d", n, tt.asked)
			}
			if _, cached := resolvers[0].Cached("sel1._domainkey.example.com", "CNAME"); cached {
				t.Error("the resolver remembers that a record is absent")
			}
		})
	}
}

// A zone that some server above does not know yet is not mentioned to resolvers: they might come to that one.
func TestSurveyOfHalfDelegatedZone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		missing string // at some server
		build   func(h *dnstest.Hierarchy)
	}{
		"by its domain": {"_domainkey.example.com", func(h *dnstest.Hierarchy) {
			h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
			h.Server("ns2.example.com").Hold()
			h.Zone("_domainkey.example.com", dnstest.Servers("ns1.vendor.net."))
		}},
		"by the registry": {"example.com", func(h *dnstest.Hierarchy) {
			h.Zone("com", dnstest.Servers("a.nic", "b.nic"))
			h.Server("b.nic.com").Hold()
			h.Zone("example.com", dnstest.Servers("ns1.vendor.net."))
			h.Zone("_domainkey.example.com", dnstest.Servers("ns1.vendor.net."))
		}},
		"by its own servers": {"_domainkey.example.com", func(h *dnstest.Hierarchy) {
			h.Zone("_domainkey.example.com", dnstest.Servers("ns1.vendor.net.", "ns2.vendor.net."))
			h.Server("ns2.vendor.net").Inject(dnstest.When(dnstest.Mutate(func(reply *dns.Msg) {
				reply.Rcode, reply.Answer = dns.RcodeNameError, nil
			}), dnstest.Within("_domainkey.example.com")))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			tt.build(h)
			for range 5 { // Which server is asked first is left to chance, and which zone is found with it.
				got, err := newClient(t, h).Survey(t.Context(), dnsname.MustParse("sel._domainkey.example.com"))
				var lookup *answer.LookupError
				if err != nil && !errors.As(err, &lookup) {
					t.Errorf("Survey: %v", err)
				}
				if got.Zone.IsIn(dnsname.MustParse(tt.missing)) && got.Security != answer.Unchecked {
					t.Errorf("Survey = %+v, want no word about its security", got)
				}
			}
			if asked := questions(h, dnstest.To("recursor1"), dnstest.Within(tt.missing)); len(asked) > 0 {
				t.Errorf("the recursor was asked %q, want nothing about %s", asked, tt.missing)
			}
		})
	}
}

func TestSurveyOfDeadServers(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
	zone.Server("ns1").Down()
	zone.Server("ns2").Inject(dnstest.RCode(dns.RcodeServerFailure))
	got := survey(t, newClient(t, h), "www.example.com")
	want := answer.Survey{
		Zone:   dnsname.MustParse("example.com"),
		Parent: names("ns1.example.com", "ns2.example.com"),
		Serials: []answer.Serial{
			{Server: answer.Server{Name: dnsname.MustParse("ns1.example.com"), Addr: zone.Server("ns1").Addr()}, Outcome: answer.Unreachable},
			{Server: answer.Server{Name: dnsname.MustParse("ns2.example.com"), Addr: zone.Server("ns2").Addr()}, Outcome: answer.ServFail},
		},
	}
	if diff := cmp.Diff(want, got, compareValues, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Survey (-want +got):\n%s", diff)
	}
}

func TestSurveyOfNoZone(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	h.Zone("com")
	_, err := newClient(t, h).Survey(t.Context(), dnsname.MustParse("www.example.com"))
	var lookup *answer.LookupError
	if !errors.As(err, &lookup) || lookup.Reason != answer.NotDelegated || !strings.Contains(lookup.Detail, "com") {
		t.Errorf("Survey = %v, want an error that says that com does not delegate it", err)
	}
	if _, err := newClient(t, h).Ask(t.Context(), about("www.example.com", record.TXT)); err == nil {
		t.Error("Ask found the zone")
	}
}
