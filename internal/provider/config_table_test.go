package provider_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The argument of the function records has no schema. The tables of its page have the attributes of the data source's.
func TestTableOfConfig(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/functions/records.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		got = append(got, row[1])
	}
	var want []string
	var add func(attributes []*tfprotov6.SchemaAttribute)
	add = func(attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			if a.Optional || a.Required {
				want = append(want, a.Name)
			}
			if slices.Contains([]string{"services", "keys", "extra"}, a.Name) {
				add(a.NestedType.Attributes)
			}
		}
	}
	add(newPlugin(t).schemas.DataSourceSchemas["maildomain_records"].Block.Attributes)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes: -schema +tables\n%s", diff)
	}
}
