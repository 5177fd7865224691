package resolve_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

var port = regexp.MustCompile(`(127\.0\.0\.\d+):\d+`)

// A silent server among several is a doubt and no error; what answers has to agree.
func TestWitnessedTXT(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		servers []string
		spoil   func(h *dnstest.Hierarchy, zone *dnstest.Zone)
		doubts  []string
		err     error
		says    string
	}{
		"all answer": {servers: []string{"ns1", "ns2"}, spoil: func(*dnstest.Hierarchy, *dnstest.Zone) {}},
		"one of four is dead": {
			servers: []string{"ns1", "ns2", "ns3", "ns4"}, spoil: func(_ *dnstest.Hierarchy, z *dnstest.Zone) { z.Server("ns4").Down() },
			doubts: []string{"ns4.example.com (127.0.0.7) does not answer (unreachable: over TCP: connection refused; over UDP: connection refused), and all servers that do agree."},
		},
		"one of three is silent": {
			servers: []string{"ns1", "ns2", "ns3"}, spoil: func(_ *dnstest.Hierarchy, z *dnstest.Zone) { z.Server("ns3").Inject(dnstest.Drop) },
			doubts: []string{"ns3.example.com (127.0.0.6) does not answer (no answer in time: over TCP: i/o timeout; over UDP: i/o timeout), and all servers that do agree."},
		},
		"one of two is dead": {
			servers: []string{"ns1", "ns2"}, spoil: func(_ *dnstest.Hierarchy, z *dnstest.Zone) { z.Server("ns2").Down() },
			err: answer.ErrTooFew, says: "too few name servers answer (only ns1.example.com (127.0.0.4) answers): ns2.example.com (127.0.0.5): unreachable: over TCP: connection refused",
		},
		"one is dead, and others differ": {
			servers: []string{"ns1", "ns2", "ns3"}, spoil: func(_ *dnstest.Hierarchy, z *dnstest.Zone) {
				z.Server("ns3").Down()
				z.Server("ns2").Hold()
				z.SetTXT("@", "v=spf1 ~all")
			},
			err: answer.ErrDisagree, says: "ns1.example.com (127.0.0.4) answers «v=spf1 ~all», and ns2.example.com",
		},
		"one fails": {
			servers: []string{"ns1", "ns2", "ns3"}, spoil: func(_ *dnstest.Hierarchy, z *dnstest.Zone) { z.Server("ns3").Inject(dnstest.RCode(2)) },
			err: answer.ErrDisagree, says: "ns3.example.com (127.0.0.6): server failure (SERVFAIL)",
		},
		"one without TCP": {
			servers: []string{"ns1", "ns2"}, spoil: func(_ *dnstest.Hierarchy, z *dnstest.Zone) { z.Server("ns2").Down(dnstest.TCP) },
			doubts: []string{"ns2.example.com (127.0.0.5) gives no answer over TCP, and was asked over UDP: such answers are easier to forge."},
		},
		"the resolver without TCP": {
			servers: []string{"ns1", "ns2"}, spoil: func(h *dnstest.Hierarchy, _ *dnstest.Zone) { h.Recursors()[0].Down(dnstest.TCP) },
		},
		"none with TCP, and a long answer": {
			servers: []string{"ns1"}, spoil: func(_ *dnstest.Hierarchy, z *dnstest.Zone) {
				z.SetTXT("@", "v=spf1 -all", strings.Repeat("a", 1600))
				z.Server("ns1").Down(dnstest.TCP)
			},
			err: answer.ErrTooFew, says: "too few name servers answer (none answers): ns1.example.com (127.0.0.4): unreachable: truncated over UDP; over TCP: connection refused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			zone := h.Zone("example.com", dnstest.Servers(tt.servers...), dnstest.Records(`@ TXT "v=spf1 -all"`))
			h.Recursor()
			tt.spoil(h, zone)
			values, doubts, err := newClient(t, h, timeout(time.Second)).WitnessedTXT(t.Context(), dnsname.MustParse("example.com"))
			for i := range doubts {
				doubts[i] = port.ReplaceAllString(doubts[i], "$1")
			}
			switch {
			case !errors.Is(err, tt.err) || err != nil && !strings.Contains(port.ReplaceAllString(err.Error(), "$1"), tt.says):
				t.Errorf("WitnessedTXT error = %v, want %v that says %q", err, tt.err, tt.says)
			case !slices.Equal(doubts, tt.doubts):
				t.Errorf("doubts %q, want %q", doubts, tt.doubts)
			case err == nil && !slices.Equal(values, []string{"v=spf1 -all"}):
				t.Errorf("values %q", values)
			}
		})
	}
}
