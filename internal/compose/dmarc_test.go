package compose_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

// The policy becomes a record beside those of services; unknown attributes make its value alone unknown.
func TestDMARCAmongRecords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy  dmarc.Config
		unknown problem.Unknown
		record  string
		says    []string // of problems
	}{
		"known":              {dmarc.Config{Policy: "none", AggregateReports: []string{"r@example.com"}}, problem.Unknown{}, "_dmarc.example.com TXT v=DMARC1; p=none; rua=mailto:r@example.com", nil},
		"policy unknown":     {dmarc.Config{}, unknown("dmarc.policy"), "_dmarc.example.com TXT ?", nil},
		"reports unknown":    {dmarc.Config{Policy: "none"}, unknown("dmarc.aggregate_reports"), "_dmarc.example.com TXT ?", nil},
		"existing unknown":   {dmarc.Config{}, unknown("dmarc.existing"), "_dmarc.example.com TXT ?", nil},
		"psd unknown":        {dmarc.Config{Existing: "v=DMARC1; p=none; psd=y", FailureReports: []string{"r@example.com"}}, unknown("dmarc.psd"), "_dmarc.example.com TXT ?", nil},
		"wrong":              {dmarc.Config{Policy: "no", SPFAlignment: "s"}, problem.Unknown{}, "", []string{"dmarc.policy: DMARC policy", "dmarc.spf_alignment: DMARC policy"}},
		"wrong, and unknown": {dmarc.Config{Policy: "no"}, unknown("dmarc.testing"), "", []string{"dmarc.policy: DMARC policy"}},
		"one address unknown": {
			dmarc.Config{Policy: "none", AggregateReports: []string{"", "x"}},
			unknown("dmarc.aggregate_reports[0]"),
			"",
			[]string{"dmarc.aggregate_reports[1]: DMARC policy"},
		},
		"one option unknown": {
			dmarc.Config{Policy: "none", FailureOptions: []string{"", "x", "y"}},
			unknown("dmarc.failure_options[0]"),
			"",
			[]string{"dmarc.failure_options[1]: DMARC policy", "dmarc.failure_options[2]: DMARC policy"},
		},
		"missing": {dmarc.Config{}, problem.Unknown{}, "", []string{"dmarc.policy: DMARC policy"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := compose.Config{Domain: domain, DMARC: &tt.policy, Unknown: tt.unknown, Services: map[string]compose.Service{"google_workspace": {Groups: []string{"spf"}}}}
			got, err := compose.Records(c)
			var wrong compose.Problems
			errors.As(err, &wrong)
			if diff := cmp.Diff(tt.says, problems(wrong)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if record := partly(got)["example.com/dmarc"]; record != tt.record || got.Unknown.Whole() {
				t.Errorf("record = %q, unknown %v; want %q", record, got.Unknown, tt.record)
			}
			c.Domain = compose.Config{}.Domain
			if diff := cmp.Diff(tt.says, problems(compose.Check(c))); diff != "" {
				t.Errorf("problems without a domain (-want +got):\n%s", diff)
			}
		})
	}
}

// A policy is looked at beside the services of the domain.
func TestDMARCBesideServices(t *testing.T) {
	t.Parallel()
	reports := []string{"r@example.com"}
	const gives = `{"type":"TXT","host":"_dmarc","data":"v=DMARC1; p=none"}`
	tests := map[string]struct {
		policy   dmarc.Config
		known    []string
		services map[string]compose.Service
		keys     map[string]compose.Key
		says     []string // parts of the warnings
	}{
		"no DKIM":               {policy: dmarc.Config{Policy: "reject"}, says: []string{"RFC 9989 §7.4", "mailing lists"}},
		"no DKIM, acknowledged": {policy: dmarc.Config{Policy: "reject"}, known: []string{"dmarc-no-dkim", "dmarc-mailing-lists"}},
		"no DKIM, not rejected": {policy: dmarc.Config{Policy: "quarantine"}},
		"a key":                 {policy: dmarc.Config{Policy: "reject"}, keys: map[string]compose.Key{"s": {CNAME: "k.example.net"}}, says: []string{"mailing lists"}},
		"strict, below":         {policy: dmarc.Config{Policy: "none", SPFAlignment: "strict"}, services: map[string]compose.Service{"ses": ses()}, says: []string{"to a host below the domain"}},
		"strict, elsewhere": {
			policy: dmarc.Config{Policy: "none", SPFAlignment: "strict"}, services: map[string]compose.Service{"activecampaign": {Groups: []string{"dkim"}}}, says: []string{"to a domain of its own"},
		},
		"strict, at the domain": {policy: dmarc.Config{Policy: "none", SPFAlignment: "strict", DKIMAlignment: "strict"}, services: map[string]compose.Service{"microsoft365": {Groups: []string{"spf"}}}},
		"strict, signed below": {
			policy:   dmarc.Config{Policy: "none", DKIMAlignment: "strict"},
			services: map[string]compose.Service{"acme": templated(`{"type":"CNAME","host":"s._domainkey.em","pointsTo":"k.acme.example"}`)}, says: []string{"signs with em.example.com"},
		},
		"relaxed, below": {policy: dmarc.Config{Policy: "none"}, services: map[string]compose.Service{"ses": ses()}},
		"of a service": {
			policy: dmarc.Config{Policy: "none"}, services: map[string]compose.Service{"acme": {Template: templated(gives).Template, Allow: []string{"_dmarc"}}},
			says: []string{"`dmarc` sets the policy of the domain"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.policy.AggregateReports = reports
			got, err := compose.Records(compose.Config{Domain: domain, DMARC: &tt.policy, Acknowledge: tt.known, Services: tt.services, Keys: tt.keys})
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, w := range got.Warnings {
				if strings.HasPrefix(w.Path.String(), "dmarc") || strings.Contains(w.Text(), "`dmarc`") {
					texts = append(texts, w.Text())
				}
			}
			all := strings.Join(texts, "\n")
			for _, part := range tt.says {
				if !strings.Contains(all, part) {
					t.Errorf("warnings = %q, want %q", texts, part)
				}
			}
			if len(texts) != len(tt.says) {
				t.Errorf("warnings = %q, want %d", texts, len(tt.says))
			}
		})
	}
}
