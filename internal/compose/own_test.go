package compose_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// What the owner publishes stands no better beside a record of a service than that of another service does.
func TestRecordsConflictsWithOwn(t *testing.T) {
	t.Parallel()
	acme := func(records string, variables ...string) map[string]compose.Service {
		s := templated(records)
		s.Allow, s.Variables = []string{"*"}, make(map[string]string)
		for _, v := range variables {
			name, value, _ := strings.Cut(v, "=")
			s.Variables[name] = value
		}
		return map[string]compose.Service{"acme": s}
	}
	own := map[string]compose.Key{"s1": {CNAME: "k.example.net"}}
	tests := map[string]struct {
		config     compose.Config
		want, says string
	}{
		"a key at a host from a variable": {
			compose.Config{Services: acme(`{"type":"CNAME","host":"%h%","pointsTo":"k.acme.example"}`, "h=s1._domainkey"), Keys: own},
			`keys: Two DKIM records with one selector`,
			"Keep one of them: remove services[\"acme\"] or apply it to another name by `host`, or give keys[\"s1\"] another selector.",
		},
		"the same key twice": {
			compose.Config{Services: acme(`{"type":"CNAME","host":"s1._domainkey","pointsTo":"k.example.net"}`), Keys: own},
			`keys: Two DKIM records with one selector`, "a DKIM selector has one record",
		},
		"selectors that differ by case": {
			compose.Config{Keys: map[string]compose.Key{"s1": {CNAME: "k.example.net"}, "S1": {}}, Unknown: unknown("keys[S1].cname")},
			`keys: Two DKIM records with one selector`, `keys["S1"] wants`,
		},
		"an address beside a key": {
			compose.Config{Services: acme(`{"type":"A","groupId":"web","host":"s1._domainkey","pointsTo":"192.0.2.1"}`), Keys: own},
			`keys: Conflicting records of services and of your own`, `set services["acme"].groups to [] (without "web")`,
		},
		"a delegation above a key": {
			compose.Config{Services: acme(`{"type":"NS","host":"_domainkey","pointsTo":"ns.acme.example"}`), Keys: own},
			`keys: Conflicting records of services and of your own`, "delegated to other name servers",
		},
		"a CNAME beside the SPF record": {
			compose.Config{Services: acme(`{"type":"CNAME","host":"@","pointsTo":"a.example"}`), Mechanisms: []string{"mx"}},
			`domain: Conflicting records of services and of your own`,
			"the domain's own SPF record wants «example.com TXT (SPF)», which cannot stand beside each other: a CNAME stands alone at its name",
		},
		"a CNAME beside an unknown SPF record": {
			compose.Config{Services: acme(`{"type":"CNAME","host":"@","pointsTo":"a.example"}`), Mechanisms: []string{""}, Unknown: unknown("mechanisms[0]")},
			`domain: Conflicting records of services and of your own`, "leave out `existing`, `mechanisms` and `all`",
		},
		"a TXT beside the SPF record": {
			compose.Config{Services: acme(`{"type":"TXT","host":"@","data":"t","txtConflictMatchingMode":"All"}`), Options: merge.Options{All: merge.AllFail}}, "", "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			_, err := compose.Records(tt.config)
			var ps compose.Problems
			if tt.want == "" {
				if err != nil {
					t.Errorf("Records error = %v, want none", err)
				}
				return
			}
			if !errors.As(err, &ps) || !errors.Is(err, compose.ErrConflict) {
				t.Fatalf("Records error = %v, want a conflict", err)
			}
			if diff := cmp.Diff([]string{tt.want}, problems(ps)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if !strings.Contains(ps[0].Detail, tt.says) {
				t.Errorf("detail = %q, want %q in it", ps[0].Detail, tt.says)
			}
		})
	}
}

// An empty text is no SPF term: alone, it would make a record that lets nobody send.
func TestEmptyTerms(t *testing.T) {
	t.Parallel()
	c := compose.Config{Domain: domain, Mechanisms: []string{"", "mx"}, Remove: []string{"mx", " \n"}}
	for name, run := range map[string]func() error{
		"Records": func() error { _, err := compose.Records(c); return err },
		"SPF":     func() error { _, err := compose.SPF(t.Context(), c, memory{}); return err },
		"Check":   func() error { return compose.Check(compose.Config{Mechanisms: c.Mechanisms, Remove: c.Remove}) },
	} {
		ps, _ := errors.AsType[compose.Problems](run())
		if got, want := problems(ps), []string{"mechanisms[0]: Empty value", "remove[1]: Empty value"}; !slices.Equal(got, want) {
			t.Errorf("%s: problems = %q, want %q", name, got, want)
		}
	}
}
