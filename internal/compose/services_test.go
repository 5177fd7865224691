package compose_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

func TestApplyOne(t *testing.T) {
	t.Parallel()
	template := `{"serviceName":"Acme","records":[
		{"type":"SPFM","host":"@","spfRules":"include:%spf%"},
		{"type":"TXT","groupId":"verify","host":"@","data":"acme=%token%"},
		{"type":"TXT","host":"_dmarc","data":"v=DMARC1; p=none"}]}`
	got, err := compose.ApplyOne(domain, "acme", compose.Service{Template: template, Variables: map[string]string{"SPF": "spf.acme.example", "token": "x"}})
	if err != nil {
		t.Fatalf("ApplyOne: %v", err)
	}
	if len(got.Applied.Records) != 1 || len(got.Applied.SPF) != 1 || got.Info.Name != "Acme" || len(got.Info.Records) != 3 {
		t.Errorf("ApplyOne = %+v, want a record, SPF terms and what the template says", got)
	}
	if diff := cmp.Diff([]string{": Part of the service was left out"}, problems(got.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	builtin, err := compose.ApplyOne(domain, "google_workspace", compose.Service{Groups: []string{"spf"}})
	if err != nil || builtin.Info.ID != "google_workspace" || len(builtin.Applied.SPF) != 1 {
		t.Errorf("ApplyOne(google_workspace) = %+v, %v", builtin, err)
	}
}

func TestApplyOneProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		service compose.Service
		want    []string // path: summary
		text    string
	}{
		"unknown":          {compose.Service{Service: "catglob"}, []string{"service: Unknown mail service"}, `"catglobe"`},
		"both":             {compose.Service{Service: "catglobe", Template: "{}"}, []string{": Two sources for one service"}, "`template`"},
		"broken":           {compose.Service{Template: "{"}, []string{"template: Invalid service template"}, "not JSON"},
		"missing variable": {compose.Service{Service: "catglobe", Groups: []string{"spf"}}, []string{"variables: Missing service variable"}, "spf_include"},
		"unknown group":    {compose.Service{Service: "sendgrid", Groups: []string{"spf"}}, []string{"groups: Unknown group of a service"}, "manual"},
		"host":             {compose.Service{Service: "sendgrid", Groups: []string{"manual"}, Host: "*"}, []string{"host: Invalid host of a service"}, "wildcard"},
		"refused":          {compose.Service{Template: `{"records":[{"type":"NS","groupId":"g","host":"a","pointsTo":"ns.example"}]}`}, []string{"allow: Record refused"}, "leave its group \"g\" out of `groups`"},
		"conflict": {
			compose.Service{Template: `{"records":[{"type":"CNAME","host":"a","pointsTo":"b.example"},{"type":"CNAME","host":"a","pointsTo":"c.example"}]}`},
			[]string{": Conflicting records of one service"},
			`the service "acme" wants both`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compose.ApplyOne(domain, "acme", tt.service)
			var ps compose.Problems
			if !errors.As(err, &ps) || !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("ApplyOne error = %v, want Problems with %q", err, tt.text)
			}
			if diff := cmp.Diff(tt.want, problems(ps)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// A fleet is many domains with the same services, whose templates are parsed once.
func BenchmarkApplyFourServices(b *testing.B) {
	services := map[string]compose.Service{
		"catglobe":         catglobe("spf_include=spf.acme.example", "dkim_selector=cg1", "dkim_target=cg1.acme.example"),
		"microsoft365":     {Variables: map[string]string{"tenant": "acme"}},
		"google_workspace": {Groups: []string{"spf"}},
		"sendgrid":         {Variables: map[string]string{"return_path": "em1", "sendgrid_host": "u1.wl2.sendgrid.net"}},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := compose.DKIM(compose.Config{Domain: domain, Services: services}); err != nil {
			b.Fatal(err)
		}
	}
}
