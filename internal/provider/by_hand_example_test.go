package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// The story of a domain whose DNS somebody else runs: the plan shows the zone file, they put it into the zone as it
// stands, and the apply finds every record of it live.
func TestByHandExample(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com")
	zone.SetTXT("@", "v=spf1 include:_spf.example.net ~all")
	c, text := newExample(t, filepath.Join(dnsProviderExamples, "by-hand"))
	var values strings.Builder
	for variable, value := range dnsProviderVariables() {
		if strings.Contains(text, fmt.Sprintf("variable %q", variable)) {
			fmt.Fprintf(&values, "%s = %s\n", variable, value)
		}
	}
	write(t, filepath.Join(c.dir, "terraform.tfvars"), values.String())
	write(t, filepath.Join(c.dir, "lab.tf"), fmt.Sprintf("provider \"maildomain\" {\n  resolvers          = [%q]\n  authoritative_port = %d\n}\n", h.ResolverAddr(), h.Port()))

	file, ok := c.planned(t).Values.Outputs["zone_file"].Value.(string)
	if !ok {
		t.Fatal("the plan does not know the zone file")
	}
	zone.Set(strings.Split(strings.TrimSpace(file), "\n")...)
	if out := c.apply(t); !strings.Contains(out, "google._domainkey.example.com") {
		t.Errorf("the message to support does not name the key:\n%s", out)
	}
	c.plan(t, 0)
}
