package dmarc_test

import (
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
)

func TestSame(t *testing.T) {
	t.Parallel()
	const plain = "v=DMARC1; p=reject; rua=mailto:r@example.com"
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"the same":               {plain, plain, true},
		"order and blanks":       {plain, "v=DMARC1;rua=mailto:r@example.com;p=REJECT ;", true},
		"defaults":               {plain, plain + "; adkim=r; aspf=r; psd=u; fo=0; pct=100; t=n; sp=reject", true},
		"no longer counts":       {plain, plain + "; rf=afrf; ri=86400; x=1", true},
		"an address of no use":   {plain, plain + ",mailto", true},
		"another policy":         {plain, "v=DMARC1; p=none; rua=mailto:r@example.com", false},
		"another for subdomains": {plain, plain + "; sp=none", false},
		"another for no names":   {plain, plain + "; np=none", false},
		"a test":                 {plain, plain + "; t=y", false},
		"a part of the mail":     {plain, plain + "; pct=20", false},
		"the same part":          {plain + "; pct=020", plain + ";pct = 20", true},
		"none of the mail":       {plain + "; pct=0", plain + "; t=y", false},
		"a part past all":        {plain, plain + "; pct=200", true},
		"strict for DKIM":        {plain, plain + "; adkim=s", false},
		"strict for SPF":         {plain, plain + "; aspf=s", false},
		"a public suffix":        {plain, plain + "; psd=y", false},
		"no reports":             {plain, "v=DMARC1; p=reject", false},
		"reports elsewhere":      {plain, "v=DMARC1; p=reject; rua=mailto:s@example.com", false},
		"failure reports":        {plain, plain + "; ruf=mailto:r@example.com", false},
		"failure options":        {plain + "; ruf=mailto:r@example.com; fo=1:d", plain + "; ruf=mailto:r@example.com; fo=d:1", true},
		"other failure options":  {plain + "; ruf=mailto:r@example.com; fo=1:d", plain + "; ruf=mailto:r@example.com; fo=1", false},
		"a policy of no use":     {plain, plain + "; sp=no", false},
		"no records":             {"x", "x", true},
		"no record":              {plain, "x", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
				if got := dmarc.Same(pair[0], pair[1]); got != tt.want {
					t.Errorf("Same(%q, %q) = %t, want %t", pair[0], pair[1], got, tt.want)
				}
			}
		})
	}
}
