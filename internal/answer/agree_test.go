package answer_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestAgreed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers answer.Set
		want    []string
		says    string
	}{
		"all the same":                {zone(found(1, "a", "b"), found(2, "a", "b")), []string{"a", "b"}, ""},
		"none anywhere":               {zone(fails(1, answer.NoData), fails(2, answer.NXDomain)), nil, ""},
		"one address of a server":     {zone(found(1, "a"), otherAddress(fails(1, answer.Unreachable))), []string{"a"}, ""},
		"one has more":                {zone(found(1, "a"), found(2, "a", "b")), nil, "ns1.example.com (192.0.2.1) answers «a», and ns2.example.com (192.0.2.2) answers «a», «b»"},
		"one has none":                {zone(found(1, "a"), fails(2, answer.NXDomain)), nil, "NXDOMAIN"},
		"one is silent":               {zone(found(1, "a"), fails(2, answer.Timeout)), nil, "ns2.example.com (192.0.2.2): no answer in time"},
		"a failure is not an absence": {zone(fails(1, answer.ServFail)), nil, "SERVFAIL"},
		"nobody to ask":               {zone(), nil, "none to ask"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.answers.Agreed()
			if (err != nil) != (tt.says != "") || err != nil && (!errors.Is(err, answer.ErrDisagree) || !strings.Contains(err.Error(), tt.says)) {
				t.Fatalf("Agreed error = %v, want one that says %q", err, tt.says)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Agreed = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers answer.Set
		want    []string
		silent  int
		err     error
		says    string
	}{
		"all":                       {answers: zone(found(1, "a")), want: []string{"a"}},
		"one of three silent":       {answers: zone(found(1, "a"), found(2, "a"), fails(3, answer.Timeout)), want: []string{"a"}, silent: 1},
		"three of five unreachable": {answers: zone(found(1, "a"), found(2, "a"), fails(3, answer.Unreachable), fails(4, answer.Timeout), fails(5, answer.Timeout)), want: []string{"a"}, silent: 3},
		"one address of a server":   {answers: zone(found(1, "a"), otherAddress(fails(1, answer.Timeout))), want: []string{"a"}},
		"one of two silent":         {answers: zone(found(1, "a"), fails(2, answer.Timeout)), silent: 1, err: answer.ErrTooFew, says: "(only ns1.example.com (192.0.2.1) answers): ns2.example.com (192.0.2.2): no answer in time"},
		"two addresses of one server": {
			answers: zone(found(1, "a"), otherAddress(found(1, "a")), fails(2, answer.Timeout)), silent: 1, err: answer.ErrTooFew, says: "only ns1",
		},
		"five of five silent": {
			answers: zone(fails(1, answer.Timeout), fails(2, answer.Timeout), fails(3, answer.Timeout), fails(4, answer.Timeout), fails(5, answer.Timeout)), silent: 5, err: answer.ErrTooFew,
			says: "(none answers): ns1.example.com (192.0.2.1): no answer in time; ns2.example.com (192.0.2.2): no answer in time; ns3.example.com (192.0.2.3): no answer in time; and 2 more",
		},
		"three of three silent": {
			answers: zone(fails(1, answer.Timeout), fails(2, answer.Timeout), fails(3, answer.Timeout)), silent: 3, err: answer.ErrTooFew,
			says: "ns3.example.com (192.0.2.3): no answer in time$",
		},
		"all silent":          {answers: zone(fails(1, answer.Timeout), fails(2, answer.Timeout)), silent: 2, err: answer.ErrTooFew, says: "(none answers)"},
		"one fails":           {answers: zone(found(1, "a"), found(2, "a"), fails(3, answer.ServFail)), err: answer.ErrDisagree, says: "SERVFAIL"},
		"one silent, differ":  {answers: zone(found(1, "a"), found(2, "b"), fails(3, answer.Timeout)), silent: 1, err: answer.ErrDisagree, says: "answers «b»"},
		"one silent, no data": {answers: zone(fails(1, answer.NoData), fails(2, answer.NXDomain), fails(3, answer.Timeout)), silent: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, silent, err := tt.answers.Settled()
			if !errors.Is(err, tt.err) || err != nil && !strings.Contains(err.Error()+"$", tt.says) {
				t.Fatalf("Settled error = %v, want %v that says %q", err, tt.err, tt.says)
			}
			if !slices.Equal(got, tt.want) || len(silent) != tt.silent {
				t.Errorf("Settled = %q, %d silent, want %q, %d", got, len(silent), tt.want, tt.silent)
			}
		})
	}
}

func TestWhy(t *testing.T) {
	t.Parallel()
	detailed := fails(1, answer.Timeout)
	detailed.Detail = "over UDP and TCP"
	for want, a := range map[string]answer.Answer{"no answer in time": fails(1, answer.Timeout), "no answer in time: over UDP and TCP": detailed} {
		if got := a.Why(); got != want {
			t.Errorf("Why() = %q, want %q", got, want)
		}
	}
}

func TestLookupError(t *testing.T) {
	t.Parallel()
	e := answer.LookupError{Name: dnsname.MustParse("a.example.com"), At: dnsname.MustParse("example.com"), Outcome: answer.ServFail}
	tests := map[string]struct {
		reason       answer.Reason
		detail, want string
	}{
		"a failure":           {answer.Failure, "", "the name servers of a.example.com cannot be found: server failure (SERVFAIL) at example.com"},
		"with a detail":       {answer.NotDelegated, "broken", "the name servers of a.example.com cannot be found: server failure (SERVFAIL) at example.com: broken"},
		"resolvers that fail": {answer.NoResolver, "the resolvers fail", "the name servers of a.example.com cannot be found: the resolvers fail"},
		"resolvers without":   {answer.NoNameServers, "no NS", "the name servers of a.example.com cannot be found: no NS"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := e
			err.Reason, err.Detail = tt.reason, tt.detail
			if got := err.Error(); got != tt.want {
				t.Errorf("Error() = %q, want %q", got, tt.want)
			}
		})
	}
}

// Names come from zones, which may be anybody's.
func TestServerString(t *testing.T) {
	t.Parallel()
	addr := netip.MustParseAddrPort("192.0.2.1:53")
	for in, want := range map[string]string{
		"az-09.example.com":      "az-09.example.com (192.0.2.1)",
		"a/b@c[d{e`f:g.example.": "a\\047b\\064c\\091d\\123e\\096f\\058g.example (192.0.2.1)",
	} {
		if got := (answer.Server{Name: dnsname.FromDNS(in), Addr: addr}).String(); got != want {
			t.Errorf("String() of %q = %q, want %q", in, got, want)
		}
	}
}

func zone(list ...answer.Answer) answer.Set {
	return answer.Set{Zone: dnsname.MustParse("example.com"), List: list}
}

func found(n byte, values ...string) answer.Answer {
	return answer.Answer{Server: server(n), Outcome: answer.Found, Values: values}
}

func fails(n byte, o answer.Outcome) answer.Answer {
	return answer.Answer{Server: server(n), Outcome: o}
}

func server(n byte) answer.Server {
	return answer.Server{
		Name: dnsname.MustParse(fmt.Sprintf("ns%d.example.com", n)),
		Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 53),
	}
}

// otherAddress moves an answer to another address of the same server.
func otherAddress(a answer.Answer) answer.Answer {
	a.Server.Addr = netip.MustParseAddrPort("[2001:db8::1]:53")
	return a
}
