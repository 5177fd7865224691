package provider

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// goList finds a list as Go prints it: in brackets, without commas.
var goList = regexp.MustCompile(`\["?[a-z]+"? "?[a-z]`)

// stringAttributes returns the attributes at top level that have validators of texts, of everything that has a schema.
func stringAttributes(t *testing.T) map[string][]validator.String {
	t.Helper()
	found := make(map[string][]validator.String)
	add := func(of, name string, attribute any) {
		if a, ok := attribute.(interface{ StringValidators() []validator.String }); ok && len(a.StringValidators()) > 0 {
			found[of+"."+name] = a.StringValidators()
		}
	}
	p := &mailDomainProvider{version: "test"}
	var configuration provider.SchemaResponse
	p.Schema(t.Context(), provider.SchemaRequest{}, &configuration)
	for name, a := range configuration.Schema.Attributes {
		add("provider", name, a)
	}
	for i, source := range p.DataSources(t.Context()) {
		var resp datasource.SchemaResponse
		source().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
		for name, a := range resp.Schema.Attributes {
			add(fmt.Sprintf("data%d", i), name, a)
		}
	}
	for _, r := range p.Resources(t.Context()) {
		var resp resource.SchemaResponse
		r().Schema(t.Context(), resource.SchemaRequest{}, &resp)
		for name, a := range resp.Schema.Attributes {
			add("resource", name, a)
		}
	}
	return found
}

// TestChoices gives each attribute with validators of texts what it does not take: the text lists what it takes as a
// sentence does, and what it tells to write is taken.
func TestChoices(t *testing.T) {
	t.Parallel()
	refuse := func(validators []validator.String, value string) (texts []string) {
		for _, v := range validators {
			resp := validator.StringResponse{}
			v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("x"), ConfigValue: types.StringValue(value)}, &resp)
			for _, d := range resp.Diagnostics {
				texts = append(texts, d.Detail())
			}
		}
		return texts
	}
	choices := 0
	attributes := stringAttributes(t)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		validators := attributes[name]
		one, isChoice := strings.CutPrefix(validators[0].Description(t.Context()), "one of ")
		if isChoice {
			choices++
		}
		for _, value := range []string{"", "nonsense", "[nonsense]", "FAIL", " off ", "WARN", "Authoritative", "true"} {
			for _, text := range refuse(validators, value) {
				if goList.MatchString(text) || strings.Contains(text, "value must be one of") {
					t.Errorf("%s = %q: %s", name, value, text)
				}
				for _, write := range advicetest.Written(text) {
					if again := refuse(validators, write); isChoice && len(again) > 0 {
						t.Errorf("%s = %q is advised to be %q: %s", name, value, write, again)
					}
				}
				for _, word := range regexp.MustCompile(`, | or `).Split(one, -1) {
					if isChoice && !strings.Contains(text, `"`+word+`"`) {
						t.Errorf("%s = %q: %s: it does not say %q", name, value, text, word)
					}
				}
			}
		}
		if texts := refuse(validators, "nonsense\x00"); len(texts) == 0 {
			t.Errorf("%s takes anything", name)
		}
	}
	if choices < 4 { // query of two, on_drift and dnssec
		t.Errorf("%d attributes have a choice, of %q", choices, slices.Sorted(maps.Keys(attributes)))
	}
}

// TestChoicesOfInputs does the same for options that are read from inputs, and for arguments of functions.
func TestChoicesOfInputs(t *testing.T) {
	t.Parallel()
	all := []string{"fail", "softfail", "neutral", "pass", "keep"}
	merge := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "pass" })
	styles := make([]string, 0)
	for _, s := range record.Styles() {
		styles = append(styles, s.Name)
	}
	part := func(name, value string) map[string]input {
		in := input{notes: new(notes)}
		parts := make(map[string]input)
		for _, attribute := range append(recordsAttributes(), "adopt_live", "flatten", "max_size", "on_permerror") {
			parts[attribute] = in.at(compose.Attribute(attribute), nil)
		}
		parts["domain"] = in.at(compose.Attribute("domain"), types.StringValue("example.com"))
		parts[name] = in.at(compose.Attribute(name), types.StringValue(value))
		return parts
	}
	ofInput := func(name string) func(string) string {
		return func(value string) string {
			parts := part(name, value)
			newConfig(parts)
			return parts["domain"].notes.problems.Error()
		}
	}
	tests := map[string]struct {
		words []string
		try   func(string) string
	}{
		"all":          {all, ofInput("all")},
		"on_permerror": {[]string{"error", "warn"}, ofInput("on_permerror")},
		"spf_merge": {merge, func(value string) string {
			_, _, err := mergeArguments(types.ListValueMust(types.StringType, nil), value)
			if err == nil {
				return ""
			}
			return err.Error()
		}},
		"txt_encode": {styles, func(value string) string {
			_, err := record.EncodeTXT("a", value)
			if err == nil {
				return ""
			}
			return err.Error()
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, value := range []string{"", "-all", "~all", "?all", "+all", "all", "hardfail", "hard fail", "FAIL", " Keep", "WARN", "Raw", "reject", "none", `["fail"]`, "+", "PASS"} {
				text := tt.try(value)
				if text == "" || goList.MatchString(text) {
					t.Errorf("%q: %q", value, text)
				}
				for _, word := range tt.words {
					if !strings.Contains(text, word) {
						t.Errorf("%q: %s: it does not say %q", value, text, word)
					}
				}
				for _, write := range advicetest.Written(text) {
					if again := tt.try(write); again != "" || write == "pass" && !strings.EqualFold(value, "pass") {
						t.Errorf("%q is advised to be %q: %s", value, write, again)
					}
				}
			}
		})
	}
	for value, want := range map[string]string{"-all": "fail", "hardfail": "fail", "FAIL": "fail", "~all": "softfail", "soft fail": "softfail", "?all": "neutral", "+all": "", "all": "", "": ""} {
		if got := strings.Join(advicetest.Written(ofInput("all")(value)), ","); got != want {
			t.Errorf("all = %q is advised to be %q, want %q", value, got, want)
		}
	}
}
