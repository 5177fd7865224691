package compose_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestAuthorise(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 60)
	long := strings.Join([]string{label, label, label, "aa", "example.net"}, ".")
	tests := map[string]struct {
		host     string
		domains  []string // "" for one that is unknown
		any      bool
		records  []string
		warnings []string
		problems []string // each a path and a part of its text
	}{
		"two domains": {
			host: "reports.example.net", domains: []string{"example.com", "example.org"},
			records: []string{"example.com._report._dmarc.reports.example.net TXT v=DMARC1;", "example.org._report._dmarc.reports.example.net TXT v=DMARC1;"},
		},
		"every domain":       {host: "example.net", any: true, records: []string{"*._report._dmarc.example.net TXT v=DMARC1;"}},
		"every domain, long": {host: label[:45] + "." + long, any: true, problems: []string{"report_domain: 253"}},
		"a domain twice":     {host: "example.net", domains: []string{"example.com", "", "example.com"}, problems: []string{"domains[2]: example.com appears twice: remove one of the two."}},
		"the host's own":     {host: "example.net", domains: []string{"mail.example.net"}, records: []string{"mail.example.net._report._dmarc.example.net TXT v=DMARC1;"}, warnings: []string{"domains[0]: Leave the domain out."}},
		"too long":           {host: long, domains: []string{"example.com", label + ".example.com"}, problems: []string{"domains[1]: is longer than DNS allows"}},
		"an unknown host":    {domains: []string{"example.com", "example.com"}, problems: []string{"domains[1]: appears twice"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := compose.Authorisations{Any: tt.any}
			if tt.host != "" {
				of.Host = dnsname.MustParse(tt.host)
			}
			for _, d := range tt.domains {
				parsed, _ := dnsname.Parse(d)
				of.Domains = append(of.Domains, parsed)
			}
			records, warnings, err := compose.Authorise(of)
			var problems compose.Problems
			errors.As(err, &problems)
			if len(problems) == 0 {
				var got []string
				for _, key := range slices.Sorted(maps.Keys(records)) {
					r := records[key]
					got = append(got, r.Owner.String()+" "+string(r.Type)+" "+r.Value)
				}
				if diff := cmp.Diff(tt.records, got); diff != "" {
					t.Errorf("Authorise(%v) records (-want +got):\n%s", tt.domains, diff)
				}
			}
			checkSays(t, "warnings", warnings, tt.warnings)
			checkSays(t, "problems", problems, tt.problems)
		})
	}
}

// checkSays compares problems with their paths, and with a part of their texts.
func checkSays(t *testing.T, what string, got compose.Problems, want []string) {
	t.Helper()
	same := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		path, text, _ := strings.Cut(want[i], ": ")
		same = same && got[i].Path.String() == path && strings.Contains(got[i].Detail, text)
	}
	if !same {
		t.Errorf("%s = %v, want %q", what, got, want)
	}
}
