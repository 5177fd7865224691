package audit_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

var update = flag.Bool("update", false, "write testdata anew")

// faulty is a domain as they are met: a service that was left is still included, another has one of its keys only, and
// the policy asks for nothing.
var faulty = around + `
example.com TXT v=spf1 include:_spf.google.com include:mail.zendesk.com include:_spf.left.example a ?all
example.com MX 1 smtp.google.com
example.com A 11.0.0.80
_spf.google.com TXT v=spf1 include:_netblocks.google.com include:_netblocks2.google.com ~all
_netblocks.google.com TXT v=spf1 ip4:11.0.5.0/24 ~all
_netblocks2.google.com TXT v=spf1 ip6:2600:1::/32 ~all
smtp.google.com A 11.0.0.3
smtp.google.com AAAA 2600::3
mail.zendesk.com TXT v=spf1 ip4:11.0.6.0/24 ~all
google._domainkey.example.com TXT ` + rsaKey(1024, 65537, "") + `
zendesk1._domainkey.example.com CNAME zendesk1._domainkey.zendesk.com
zendesk1._domainkey.zendesk.com TXT ` + rsaKey(2048, 65537, "k=rsa; ") + `
_dmarc.example.com TXT v=DMARC1; p=none; pct=50; rua=mailto:dmarc@example.com
`

// The page that the guide has a picture of.
func TestPage(t *testing.T) {
	t.Parallel()
	c := audit.Config{Domain: domain, Now: now}
	for id, s := range map[string]compose.Service{"google_workspace": {Variables: map[string]string{"dkim_record": rsaKey(1024, 65537, "")}}, "zendesk": {}} {
		one, err := compose.ApplyOne(domain, id, s)
		if err != nil {
			t.Fatal(err)
		}
		c.Services = append(c.Services, audit.Service{Key: id, Info: one.Info, Applied: one.Applied})
	}
	slices.SortFunc(c.Services, func(a, b audit.Service) int { return strings.Compare(a.Key, b.Key) })
	got := run(t, newWorld(faulty), c).Markdown()
	path := filepath.Join("testdata", "page.md")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the page is another (-want +got); write it anew with -update, and draw the picture by make pictures:\n%s", diff)
	}
}
