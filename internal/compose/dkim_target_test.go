package compose_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// A key whose target leads nowhere is refused, with the target to write where it can be told.
func TestDKIMKeyTargets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ selector, cname, says, right string }{
		"one label":        {"s1", "x", "one label", ""},
		"its own name":     {"s1", "s1._domainkey.example.com", "lead to itself", ""},
		"with a final dot": {"s1", "S1._domainkey.Example.com.", "lead to itself", ""},
		"a URL":            {"s1", "https://s1.u1.wl1.acme.example/", "not a name", "s1.u1.wl1.acme.example"},
		"a URL with login": {"s1", "https://secret@s1.acme.example", "not a name", "s1.acme.example"},
		"end twice":        {"s1", "s1.acme.example.acme.example", "ends in the same name twice", "s1.acme.example"},
		"a wildcard":       {"s1", "*.acme.example", "wildcard", ""},
		"a zone file line": {"s1", "s1._domainkey IN CNAME s1.acme.example.", "must look like", "s1.acme.example"},
		"whole selector":   {"s1._domainkey", "s1.acme.example", `write "s1"`, ""},
		"a key in PEM":     {"s1", "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----", "not shown", ""},
	}
	suggested := regexp.MustCompile(`write "([^"]+)"`)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dkim := func(cname string) error {
				_, err := compose.DKIM(compose.Config{Domain: dnsname.MustParse("example.com"), Keys: map[string]compose.Key{tt.selector: {CNAME: cname}}})
				return err
			}
			err := dkim(tt.cname)
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "secret") {
				t.Fatalf("DKIM with the target %q: error = %v, want one that says %q", tt.cname, err, tt.says)
			}
			if tt.right == "" {
				return
			}
			if m := suggested.FindStringSubmatch(err.Error()); len(m) < 2 || m[1] != tt.right {
				t.Errorf("DKIM with the target %q: error = %v, want one that says to write %q", tt.cname, err, tt.right)
			}
			if err := dkim(tt.right); err != nil {
				t.Errorf("DKIM with the target %q, which the error names: %v", tt.right, err)
			}
		})
	}
}
