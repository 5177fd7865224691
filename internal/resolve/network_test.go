package resolve

import (
	"context"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// withoutIPv6 is a transport of a machine that has no route to IPv6 addresses.
type withoutIPv6 struct{ transport }

func (w withoutIPv6) roundTrip(ctx context.Context, to netip.AddrPort, query *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	if to.Addr().Is6() {
		return nil, &net.OpError{Op: "dial", Net: "udp", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}
	}
	return w.transport.roundTrip(ctx, to, query, wait)
}

func TestAskWithoutIPv6(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Records(`www TXT ok`))
	zone.Set(`ns1 AAAA 2620:4f:8000::1`)
	h.Zone("com").Set(`a.nic AAAA 2620:4f:8000::2`, `ns1.example AAAA 2620:4f:8000::1`)
	c, err := New(Config{
		Resolvers:         []Resolver{MustParseResolver("2001:db8::53"), PlainResolver(h.Recursor().Addr())},
		AuthoritativePort: h.Port(),
		PrivateNetworks:   loopback, // One of the resolvers is elsewhere, which makes no lab.
		Timeout:           time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.udp, c.tcp = withoutIPv6{c.udp}, withoutIPv6{c.tcp}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	answers, err := c.Ask(ctx, answer.Question{Name: dnsname.MustParse("www.example.com"), Type: record.TXT, Via: answer.Authorities})
	if err != nil || len(answers.List) != 2 {
		t.Fatalf("Ask = %+v, %v, want one answer from each address", answers, err)
	}
	if got := answers.List[0]; got.Outcome != answer.Found || !got.Server.Addr.Addr().Is4() {
		t.Errorf("the IPv4 address: %+v, want it to be found", got)
	}
	if got := answers.List[1]; got.Outcome != answer.Unreachable || got.Detail != "network is unreachable" {
		t.Errorf("the IPv6 address: %+v, want it unreachable: network is unreachable", got)
	}
}
