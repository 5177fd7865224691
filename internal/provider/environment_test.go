package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Mistakes in the environment variable are told in its own form, which is not that of the configuration.
func TestResolversOfTheEnvironmentWrittenWrong(t *testing.T) {
	const list = "separated by commas, without quotes and brackets"
	for name, tt := range map[string]struct{ value, says, not string }{
		"a host name":           {"dns.example.net", "host names are not resolved", list},
		"blanks between":        {"192.0.2.53 192.0.2.54", list, "text of its own"},
		"semicolons between":    {"192.0.2.53;192.0.2.54", list, "text of its own"},
		"a list of HCL":         {`["192.0.2.53", "192.0.2.54"]`, list, "text of its own"},
		"a list without quotes": {"[192.0.2.53,192.0.2.54]", list, "text of its own"},
		"quotes":                {`"192.0.2.53"`, list, "text of its own"},
		"nothing but commas":    {" , ,", "is set, but names no resolver", "text of its own"},
		"blanks alone":          {"  ", "is set, but names no resolver", "text of its own"},
		"a port that is none":   {"192.0.2.53,192.0.2.54:99999", "ports are 1 to 65535", list},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("MAILDOMAIN_RESOLVERS", tt.value)
			p := newPlugin(t)
			typ := p.schemas.Provider.ValueType()
			config, err := tfprotov6.NewDynamicValue(typ, value(typ, map[string]any{}))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &config})
			if err != nil || len(resp.Diagnostics) == 0 {
				t.Fatalf("ConfigureProvider = %v, %v, want an error of the provider", resp, err)
			}
			for _, d := range resp.Diagnostics {
				if !strings.Contains(d.Detail, "MAILDOMAIN_RESOLVERS") || !strings.Contains(d.Detail, tt.says) || strings.Contains(d.Detail, tt.not) {
					t.Errorf("error %q, want it to name the variable and to say %q, and not %q", d.Detail, tt.says, tt.not)
				}
			}
		})
	}
}

// There is nothing to import, and the error says what to do instead.
func TestValidationIsNotImported(t *testing.T) {
	t.Parallel()
	resp, err := newPlugin(t).server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "maildomain_validation", ID: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, "Remove the import and apply the resource block") {
		t.Errorf("diagnostics %v, want one that says what to do", resp.Diagnostics)
	}
}
