package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The description of every optional attribute says so, and what happens without it, in the words of the field.
func TestDescriptionsOfOptionalAttributes(t *testing.T) {
	t.Parallel()
	schemas := newPlugin(t).schemas
	check := func(where string, s *tfprotov6.Schema) {
		if s == nil || s.Block == nil {
			t.Fatalf("%s has no schema", where)
		}
		var walk func(at string, attributes []*tfprotov6.SchemaAttribute)
		walk = func(at string, attributes []*tfprotov6.SchemaAttribute) {
			for _, a := range attributes {
				name := at + "." + a.Name
				switch {
				case a.Optional && !strings.Contains(a.Description, "Optional.") && !strings.Contains(a.Description, "Required") && a.Name != "timeouts":
					t.Errorf("%s does not say that it is optional: %s", name, a.Description)
				case strings.Contains(a.Description, "Left out:"):
					t.Errorf("%s says what happens without it in words of its own: %s", name, a.Description)
				}
				if a.NestedType != nil {
					walk(name, a.NestedType.Attributes)
				}
			}
		}
		walk(where, s.Block.Attributes)
	}
	check("provider", schemas.Provider)
	for name, s := range schemas.DataSourceSchemas {
		check(name, s)
	}
	for name, s := range schemas.ResourceSchemas {
		check(name, s)
	}
}
