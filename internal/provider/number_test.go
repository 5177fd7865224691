package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Numbers that are no whole ones, or far from the bounds, are told as such, wherever a number is wanted.
func TestNumbers(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	record := map[string]any{"name": "@", "fqdn": "example.com", "type": "TXT", "ttl": 60, "value": "x"}
	domain := map[string]any{"domain": "example.com"}
	tests := map[string]struct {
		check func(t *testing.T, v any) []string
		says  string
	}{
		"ttl of spf":     {validated(p, "maildomain_spf", domain, "ttl"), "ttl: Invalid argument: It must be a whole number from 1 to 2147483647."},
		"max_size":       {validated(p, "maildomain_spf", domain, "max_size"), "max_size: Invalid argument: It must be a whole number from 64 to 4096."},
		"ttl of dkim":    {validated(p, "maildomain_dkim", domain, "ttl"), "ttl: Invalid argument: It must be a whole number from 1 to 2147483647."},
		"ttl of records": {validated(p, "maildomain_records", domain, "ttl"), "ttl: Invalid argument: It must be a whole number from 1 to 2147483647."},
		"consecutive": {
			validated(p, "maildomain_validation", map[string]any{"records": map[string]any{}}, "consecutive"), "consecutive: Invalid number: It must be a whole number from 1 to 100.",
		},
		"retries":            {validated(p, "", nil, "retries"), "retries: Invalid number: It must be a whole number from 0 to 10."},
		"max_in_flight":      {validated(p, "", nil, "max_in_flight"), "max_in_flight: Invalid number: It must be a whole number from 1 to 1024."},
		"max_rate":           {validated(p, "", nil, "max_rate"), "max_rate: Invalid number: It must be a whole number from 1 to 1000."},
		"authoritative_port": {validated(p, "", nil, "authoritative_port"), "authoritative_port: Invalid number: It must be a whole number from 1 to 65535."},
		"ttl in records()": {func(t *testing.T, v any) []string {
			_, err := p.call(t, "records", with(domain, "ttl", v))
			return errorLinesOf(err)
		}, "example.com: ttl: it must be a whole number from 1 to 2147483647"},
		"ttl in rrsets()": {func(t *testing.T, v any) []string {
			_, err := p.call(t, "rrsets", map[string]any{"a": with(record, "ttl", v)})
			return errorLinesOf(err)
		}, `records["a"].ttl: it must be a whole number from 0 to 2147483647`},
	}
	for name, tt := range tests {
		for _, v := range []number{"1.5", "300.5", "-1", "-0.001", "1e30", "-1e300", "1e-30", "9223372036854775808", "18446744073709551617"} {
			t.Run(name+" of "+string(v), func(t *testing.T) {
				t.Parallel()
				if got := tt.check(t, v); len(got) != 1 || got[0] != tt.says {
					t.Errorf("errors = %q, want %q", got, tt.says)
				}
			})
		}
	}
}

// validated validates with one attribute more, and returns the errors.
func validated(p plugin, name string, attributes map[string]any, attribute string) func(*testing.T, any) []string {
	return func(t *testing.T, v any) []string {
		t.Helper()
		return failures(p.validate(t, name, with(attributes, attribute, v)))
	}
}

// A number that becomes a text has an end: 4,096 bits, which lie between 1e1000 and 1e2000.
func TestNumbersAsTexts(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	for v, says := range map[number]string{
		"12.5":    "",
		"1e2000":  `example.com: services["x"].variables["n"]: the number is too large or too small to be written as a text`,
		"1e-2000": `example.com: services["x"].variables["n"]: the number is too large or too small to be written as a text`,
	} {
		_, err := p.call(t, "records", map[string]any{"domain": "example.com", "services": map[string]any{"x": map[string]any{
			"template": `{"serviceName":"Acme","records":[{"type":"TXT","host":"@","data":"n=%n%"}]}`, "variables": map[string]any{"n": v},
		}}})
		if got := strings.Join(errorLinesOf(err), "\n"); got != says {
			t.Errorf("records() with the variable %s: error = %q, want %q", v, got, says)
		}
	}
}

func TestEmptyRequirement(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	got := failures(p.validate(t, "maildomain_validation", map[string]any{"records": map[string]any{}, "require": ""}))
	if len(got) != 1 || !strings.HasPrefix(got[0], "require: Invalid requirement: It is an empty text; write `all`") {
		t.Errorf("errors = %q, want one about the empty text", got)
	}
}

func TestNullsInTheProviderBlock(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	for _, name := range []string{"resolvers", "bootstrap"} {
		got := failures(p.validate(t, "", map[string]any{name: []any{"192.0.2.53", nil}}))
		if want := name + "[1]: Element that is null: " + name + "[1]: It is null; write a text"; len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("errors = %q, want one that starts with %q", got, want)
		}
	}
}

// A provider block that is known only after apply is no error: what asks no DNS works, and what does says which setting
// it waits for, or that it could not ask.
func TestUnknownProviderSettings(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"resolvers": unknown, "resolvers, in part": []any{"127.0.0.1:1", unknown}, "bootstrap": unknown, "dnssec": unknown, "authoritative_port": unknown,
		"timeout": unknown, "retries": unknown, "max_in_flight": unknown, "max_rate": unknown,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			name, _, _ := strings.Cut(name, ",")
			p := newPlugin(t)
			settings := map[string]any{name: v}
			if got := failures(p.validate(t, "", settings)); got != nil {
				t.Errorf("validation = %q, want no error", got)
			}
			if name == "timeout" || name == "retries" || name == "max_in_flight" || name == "max_rate" {
				settings["resolvers"] = []any{"127.0.0.1:1"} // Nobody listens there.
			}
			configured, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.config(t, "", settings)})
			if err != nil || len(failures(configured.Diagnostics)) > 0 {
				t.Fatalf("ConfigureProvider = %v, %v", configured, err)
			}
			says := "the provider's `" + name + "` is known only after apply"
			if settings["resolvers"] != nil && name != "resolvers" {
				says = "127.0.0.1:1"
			}
			diags := p.read(t, "maildomain_spf", map[string]any{"domain": "example.com", "adopt_live": true})
			if got := strings.Join(failures(diags), "\n"); !strings.Contains(strings.ToLower(got), strings.ToLower(says)) || !strings.HasPrefix(got, "adopt_live: Live record cannot be read") {
				t.Errorf("errors = %q, want %q", got, says)
			}
			if diags := p.read(t, "maildomain_spf", map[string]any{"domain": "example.com", "mechanisms": []any{"ip4:192.0.2.1"}}); len(failures(diags)) > 0 {
				t.Errorf("errors = %q, want none where nothing has to be asked", failures(diags))
			}
		})
	}
}
