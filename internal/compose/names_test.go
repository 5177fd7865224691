package compose_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// A service under the name of another source of records would take their keys, and so their place.
func TestServiceNames(t *testing.T) {
	t.Parallel()
	acme := templated(`{"type":"TXT","host":"x","data":"t"},{"type":"TXT","host":"s1._domainkey","data":"p="}`)
	makers := map[string]func(map[string]compose.Service) error{
		"Records": func(s map[string]compose.Service) error {
			_, err := compose.Records(compose.Config{Domain: domain, Services: s})
			return err
		},
		"DKIM": func(s map[string]compose.Service) error {
			_, err := compose.DKIM(compose.Config{Domain: domain, Services: s})
			return err
		},
		"SPF": func(s map[string]compose.Service) error {
			_, err := compose.SPF(t.Context(), compose.Config{Domain: domain, Services: s}, memory{})
			return err
		},
	}
	for maker, records := range makers {
		for _, name := range []string{"spf", "keys", "", "acme/x", "/"} {
			var ps compose.Problems
			if !errors.As(records(map[string]compose.Service{name: acme}), &ps) {
				t.Errorf("%s takes the name %q, want an error", maker, name)
				continue
			}
			want := []string{compose.Attribute("services").Key(name).String() + ": Name that a service cannot have"}
			if diff := cmp.Diff(want, problems(ps)); diff != "" {
				t.Errorf("%s with the name %q (-want +got):\n%s", maker, name, diff)
			}
			if len(ps) > 0 && !strings.Contains(ps[0].Detail, "keys of its records") {
				t.Errorf("%s with the name %q says %q, want why", maker, name, ps[0].Detail)
			}
		}
	}
	for _, name := range []string{"spf2", "Keys", "a.b", "ä"} {
		if _, err := compose.Records(compose.Config{Domain: domain, Services: map[string]compose.Service{name: templated(`{"type":"TXT","host":"x","data":"t"}`)}}); err != nil {
			t.Errorf("Records with a service %q: %v", name, err)
		}
	}
}
