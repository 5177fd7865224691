package provider_test

import (
	"fmt"
	"strings"
	"testing"
)

// A name server with a private address is not asked, however the resolvers were set, and the error names the way out.
func TestValidationAsksNoPrivateAddress(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"10.0.0.2", "169.254.169.254", "192.168.0.1"} {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.zone.SetTXT("@", spfA)
			l.Zone("com").Add("ns2.example A " + addr)
			out := newCLI(t, strings.Replace(l.one(spfA, ""), `"30s"`, `"2s"`, 1)).exits(t, 1, "apply", "-auto-approve")
			for _, want := range []string{"example.com is a public zone", fmt.Sprintf("ns2.example.com (%s:%d)", addr, l.Port()), "(split horizon)", "`private_networks`"} {
				if !says(want).MatchString(out) {
					t.Errorf("terraform apply printed:\n%s\nwant %q", out, want)
				}
			}
		})
	}
}
