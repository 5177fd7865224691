package discover_test

import (
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
)

// Whatever wildcards there are, the configuration makes only record sets that are there.
func TestDiscoverAddsNothing(t *testing.T) {
	t.Parallel()
	wildcards := []string{
		"TXT note", "TXT v=spf1 -all", "TXT v=spf1 mx -all", "TXT v=DMARC1; p=none", "TXT v=DMARC1; p=rejct", "TXT v=DKIM1; p=", "TXT v=STSv1; id=1",
		"TXT v=TLSRPTv1; rua=mailto:a@example.net", "TXT v=BIMI1; l=; a=;", "MX 10 mxa.mailgun.org", "MX 0 .", "CNAME a.example.net", "CNAME example.com", "A 192.0.2.1",
	}
	zones := map[string][]string{
		"empty":    nil,
		"parked":   {"example.com MX 0 .", "example.com TXT v=spf1 -all", "*._domainkey.example.com TXT v=DKIM1; p=", "_dmarc.example.com TXT v=DMARC1; p=reject"},
		"policies": {"_dmarc.example.com TXT v=DMARC1; p=none", "_mta-sts.example.com TXT v=STSv1; id=1", "mta-sts.example.com A 192.0.2.7", "default._bimi.example.com TXT v=BIMI1; l=; a=;"},
		"services": {"example.com TXT v=spf1 include:_spf.google.com include:mailgun.org ~all", "example.com MX 1 smtp.google.com", "x.example.com MX 10 mxa.mailgun.org", "x.example.com MX 10 mxb.mailgun.org"},
	}
	for name, lines := range zones {
		for i, first := range wildcards {
			for _, second := range []string{first, wildcards[(i+1)%len(wildcards)]} {
				if testing.Short() && (first != second || i%4 != 0) {
					continue
				}
				all := append([]string{"*.example.com " + first}, lines...)
				if first != second && first[:5] != "CNAME" && second[:5] != "CNAME" {
					all = append(all, "*.example.com "+second)
				}
				t.Run(name+", "+first+", "+second, func(t *testing.T) {
					t.Parallel()
					z := newZone(all...)
					got := mustDiscover(t, discover.Query{Domain: example, Hosts: []string{"x", "y", "z.x"}}, z)
					for key, r := range got.Records {
						if set := r.Owner.String() + " " + string(r.Type); z.records[set] == nil {
							t.Errorf("%s adds %s %s", key, set, r.Value)
						}
					}
				})
			}
		}
	}
}
