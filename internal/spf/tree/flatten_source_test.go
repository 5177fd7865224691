package tree

import (
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

func TestSourceLabel(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		isDomain bool
		want     string
	}{
		{"acme", false, "acme"},
		{"google_workspace", false, "google_workspace"},
		{"my-news", false, "my--news"},
		{"sendgrid.net", true, "sendgrid-net"},
		{"x-y.example", true, "x--y-example"},
		{"x.y.example", true, "x-y-example"},
		{"_spf.acme.example", true, "_spf-acme-example"},
		{"xn--bcher-kva.example", true, "xn----bcher--kva-example"},
		{"Acme Mail", false, "acme-mail-1421472133"},
		{"acme.example", false, "acme-example-6572991754"},
		{"-acme", false, "--acme-9937748569"},
		{"", false, "-0221373772"},
		{strings.Repeat("x", 55), false, strings.Repeat("x", 55)},
		{strings.Repeat("x", 56), false, strings.Repeat("x", 44) + "-1385412044"},
		{strings.Repeat("x", 50) + ".example", true, strings.Repeat("x", 44) + "-0174192695"},
	}
	for _, tt := range tests {
		if got := sourceLabel(tt.name, tt.isDomain); got != tt.want {
			t.Errorf("sourceLabel(%q, %v) = %q, want %q", tt.name, tt.isDomain, got, tt.want)
		}
	}
}

func FuzzSourceLabel(f *testing.F) {
	f.Add("acme", "acme.example")
	f.Add("x-y.example", "x.y.example")
	f.Add("acme-2", "acme")
	f.Add("a--b", "a-.-b.example")
	f.Fuzz(func(t *testing.T, a, b string) {
		labels := make(map[string]string)
		for _, name := range []string{a, b} {
			for _, isDomain := range []bool{false, true} {
				if _, err := spf.ParseTerms("include:" + name); isDomain && qname.Malformed(name) == "" && err != nil {
					continue // no domain-spec
				}
				for part := range spf.MaxLookups {
					label := flatLabel(sourceLabel(name, isDomain), part)
					key := fmt.Sprint(name, isDomain, part)
					if other, taken := labels[label]; taken && other != key {
						t.Errorf("%q and %q have the label %q", other, key, label)
					}
					labels[label] = key
					if n, err := dnsname.ParseIn(label, spftest.OwnerName); err != nil || n.String() != label+"."+spftest.Owner {
						t.Errorf("%q has the label %q: %v", name, label, err)
					}
				}
			}
		}
	})
}
