package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// onLoopback is a transport of a machine without a network.
type onLoopback struct{ transport }

func (l onLoopback) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	if !to.Addr().IsLoopback() {
		return nil, &net.OpError{Op: "dial", Net: "udp", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}
	}
	return l.transport.roundTrip(ctx, to, query, wait)
}

// Resolvers may have a view of their own: what they see of a public zone is not taken for what the world sees, and
// private servers are asked only where that is allowed. The servers of these tests have loopback addresses, which are as little public as private ones.
func TestAskThroughSplitHorizon(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		domain string
		mix    func(parent, zone *dnstest.Zone)
		reason answer.Reason
		want   []string // what the error says where the addresses are not allowed
	}{
		"a public server in the delegation": {
			domain: "example.com",
			mix:    func(parent, _ *dnstest.Zone) { parent.Add(`ns1.example A 192.175.48.1`) },
			reason: answer.SplitHorizon,
			want:   []string{"ns1.example.com (127.0.0.", "(split horizon)", "set `resolvers`"},
		},
		"a public server in the zone": {
			domain: "example.com",
			mix:    func(_, zone *dnstest.Zone) { zone.Add(`ns1 A 192.175.48.1`) },
			reason: answer.SplitHorizon,
			want:   []string{"ns1.example.com (127.0.0.", "(split horizon)", "set `resolvers`"},
		},
		"no public server, below a public registry": {
			domain: "example.com",
			mix:    func(_, _ *dnstest.Zone) {},
			reason: answer.SplitHorizon,
			want:   []string{"example.com is a public zone", "ns1.example.com (127.0.0.", "ns2.example.com (127.0.0.", "set `resolvers`"},
		},
		"a private top-level domain": {
			domain: "example.internal",
			mix:    func(_, _ *dnstest.Zone) {},
			reason: answer.PrivateServers,
			want:   []string{"name servers of example.internal have private addresses, and are not asked", "ns1.example.internal (127.0.0.", "name their networks in `private_networks`"},
		},
		"a public server below a private top-level domain": {
			domain: "example.internal",
			mix:    func(parent, _ *dnstest.Zone) { parent.Add(`ns1.example A 192.175.48.1`) },
			reason: answer.SplitHorizon,
			want:   []string{"example.internal is a public zone", "ns1.example.internal (127.0.0."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			zone := h.Zone(tt.domain, dnstest.Servers("ns1", "ns2"), dnstest.Records(`www TXT ok`))
			tt.mix(h.Zone(strings.TrimPrefix(tt.domain, "example.")), zone)
			q := answer.Question{Name: dnsname.MustParse("www." + tt.domain), Type: record.TXT, Via: answer.Authorities}
			for _, allowed := range []bool{true, false} {
				c, err := New(Config{Resolvers: []Resolver{PlainResolver(h.Recursor().Addr())}, AuthoritativePort: h.Port()})
				if err != nil {
					t.Fatal(err)
				}
				if !allowed {
					// The servers above are on this machine as well, and are to be asked.
					c.private = nil
					for _, s := range h.Servers() {
						if !slices.Contains(zone.Servers(), s) {
							c.private = append(c.private, netip.PrefixFrom(s.Addr().Addr(), 32))
						}
					}
				}
				c.udp, c.tcp = onLoopback{c.udp}, onLoopback{c.tcp}
				answers, err := c.Ask(t.Context(), q)
				if allowed {
					if err != nil || len(answers.List) < 2 || answers.List[0].Outcome != answer.Found {
						t.Errorf("Ask = %+v, %v, want what the servers have", answers, err)
					}
					continue
				}
				var lookup *answer.LookupError
				if !errors.As(err, &lookup) || lookup.Reason != tt.reason || lookup.At.String() != tt.domain {
					t.Fatalf("Ask = %+v, %v, want an error of the reason %v", answers, err, tt.reason)
				}
				for _, want := range tt.want {
					if !strings.Contains(lookup.Detail, want) {
						t.Errorf("Detail = %q, want it to contain %q", lookup.Detail, want)
					}
				}
			}
		})
	}
}
