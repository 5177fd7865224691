package compose_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// TestSPFAgainstServices shows that no instruction beats a configured service in silence, in the data source and in the
// function.
func TestSPFAgainstServices(t *testing.T) {
	t.Parallel()
	services := map[string]compose.Service{"google_workspace": {Service: "google_workspace", Groups: []string{"spf"}}, "zendesk": {Service: "zendesk"}}
	tests := map[string]struct {
		config compose.SPFConfig
		value  string
		says   string // in the one problem, or in a warning where there is a value
		path   string
	}{
		"remove": {
			config: compose.SPFConfig{Remove: []string{"mx", "include:mail.zendesk.com"}}, path: "remove[1]",
			says: "Take `services[\"zendesk\"]` out where it no longer sends, or leave the group of its SPF terms out of its `groups`",
		},
		"remove, with a qualifier": {config: compose.SPFConfig{Remove: []string{"-include:_spf.google.com"}}, path: "remove[0]", says: `services["google_workspace"]`},
		"a neutral term": {
			config: compose.SPFConfig{Existing: "v=spf1 a ?include:_spf.google.com ~all"}, path: "existing",
			value: "v=spf1 a include:_spf.google.com include:mail.zendesk.com -all", says: "the senders of the service pass",
		},
		"a fail term":        {config: compose.SPFConfig{Existing: "v=spf1 a -include:_spf.google.com ~all"}, path: `services["google_workspace"]`, says: `take "-include:_spf.google.com" out, or the service`},
		"pass without leave": {config: compose.SPFConfig{All: spf.AllPass}, path: "domain", says: "Set `allow_pass_all = true`"},
		"keep nothing": {
			config: compose.SPFConfig{All: spf.AllKeep}, path: "domain", value: "v=spf1 include:_spf.google.com include:mail.zendesk.com -all", says: "Set `all` to the ending that is meant.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.config
			c.Domain, c.Services = domain, services
			live, liveErr := compose.SPF(t.Context(), c, memory{})
			pure, pureErr := compose.Records(compose.RecordsConfig{Domain: domain, Services: services, Existing: c.Existing, Remove: c.Remove, All: c.All})
			for _, got := range []struct {
				value    string
				warnings compose.Problems
				err      error
			}{{live.Value, live.Warnings, liveErr}, {pure.Records["example.com/spf"].Value, pure.Warnings, pureErr}} {
				all := got.warnings
				var ps compose.Problems
				if errors.As(got.err, &ps) {
					all = ps
				}
				if got.value != tt.value || (got.err == nil) != (tt.value != "") {
					t.Errorf("SPF = %q, %v, want %q", got.value, got.err, tt.value)
				}
				if !slices.ContainsFunc(all, func(p *compose.Problem) bool {
					return p.Path.String() == tt.path && strings.Contains(p.Detail, tt.says)
				}) {
					t.Errorf("SPF says %v, want %q at %s", all, tt.says, tt.path)
				}
			}
		})
	}
}
