package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// words are texts that inputs give a meaning, and such as break out of one.
var fuzzWords = []string{
	"", "example.com", "a", "@", "*", "-", ".", "_dmarc", "s1", "spf", "keys", "microsoft365", "google_workspace", "amazon_ses", "mailchimp", "dkim", "mx",
	"v=spf1 -all", "v=spf1 include:a.example ~all", "v=spf1", "-all", "include:a.example", "ip4:192.0.2.1", "ip4:0.0.0.0/0", "redirect=a.example", "exists:%{i}.a.example", "%{", "%x%",
	"v=DKIM1; k=rsa; p=", "k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=", "-----BEGIN PUBLIC KEY-----\n", "v=DMARC1; p=none; rua=mailto:a@example.com",
	"v=STSv1; id=1", "version: STSv1\nmode: none\nmax_age: 0\n", "v=TLSRPTv1; rua=mailto:a@example.com", "v=BIMI1; l=; a=;",
	"TXT", "CNAME", "MX", "SRV", "A", "AAAA", "CAA", "TLSA", "NS", "10 mx.example.net", "0 issue \"ca.example\"", "192.0.2.1", "2001:db8::1", "1 2 3 a.example",
	"none", "reject", "strict", "y", "r@example.com", "mailto:r@example.net", "enforce", "https://example.com/l.svg", "published", "active", "revoked",
	"fail", "softfail", "keep", "pass", "error", "warn", "true", "300", "1e3", "route53", "cloudflare", "raw", "\x00", "\u202e", "“a”", "ä.example", "xn--", "\x1b[31m",
	termTemplate, rulesTemplate, `{"records":[]}`, `{"serviceName":"\u0000","records":[{"type":"MX"}]}`, "{", "null",
}

// fuzzText is one of the words, several of them, or a long one.
func fuzzText(d *dice) string {
	switch d.below(8) {
	case 0:
		return pick(d, fuzzWords...) + " " + pick(d, fuzzWords...)
	case 1:
		return pick(d, fuzzWords...) + string(rune(d.below(256))) + pick(d, fuzzWords...)
	case 2:
		return strings.Repeat(pick(d, fuzzWords...), 1+d.below(64))
	}
	return pick(d, fuzzWords...)
}

var fuzzNumbers = []number{"0", "1", "-1", "300", "1.5", "1e30", "-0.001", "2147483647", "2147483648", "9223372036854775808", "1e1000"}

// fuzzNames are the names of attributes that something takes.
var fuzzNames = []string{
	"domain", "services", "keys", "existing", "mechanisms", "remove", "all", "allow_pass_all", "ttl", "service", "template", "variables", "groups", "host", "allow",
	"public_key", "record", "cname", "name", "fqdn", "type", "value", "x", "rules", "h", "tenant", "region", "mail_from", "dkim_record", "microsoft365", "a/b", "",
	"dmarc", "policy", "testing", "aggregate_reports", "failure_options", "psd", "acknowledge", "parked", "hosts", "mta_sts", "mode", "max_age", "addresses", "tls_rpt", "reports",
	"bimi", "logo", "selector", "declined", "state",
}

// fuzzValue is any value that a type allows; a dynamic type allows all.
func fuzzValue(d *dice, typ tftypes.Type, depth int, known bool) tftypes.Value {
	switch c := d.below(14); {
	case c == 12:
		return tftypes.NewValue(typ, nil)
	case c == 13 && !known:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	switch of := typ.(type) {
	case tftypes.Object:
		parts := make(map[string]tftypes.Value, len(of.AttributeTypes))
		for _, name := range slices.Sorted(maps.Keys(of.AttributeTypes)) {
			parts[name] = fuzzValue(d, of.AttributeTypes[name], depth+1, known)
		}
		return tftypes.NewValue(typ, parts)
	case tftypes.Map:
		parts := make(map[string]tftypes.Value)
		for range d.below(4) {
			parts[pick(d, pick(d, fuzzNames...), fuzzText(d))] = fuzzValue(d, of.ElementType, depth+1, known)
		}
		return tftypes.NewValue(typ, parts)
	}
	if elements := elementType(typ); !elements.Is(tftypes.DynamicPseudoType) {
		list := make([]tftypes.Value, d.below(4))
		for i := range list {
			list[i] = fuzzValue(d, elements, depth+1, known)
		}
		return tftypes.NewValue(typ, list)
	}
	if typ.Is(tftypes.DynamicPseudoType) {
		return fuzzDynamic(d, depth, known)
	}
	switch {
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, d.below(2) == 1)
	case typ.Is(tftypes.Number):
		return value(typ, pick(d, fuzzNumbers...))
	}
	return tftypes.NewValue(typ, fuzzText(d))
}

// fuzzDynamic is a value of a type of its own.
func fuzzDynamic(d *dice, depth int, known bool) tftypes.Value {
	kinds := 7
	if depth > 4 {
		kinds = 3 // It has an end.
	}
	switch d.below(kinds) {
	case 1:
		return fuzzValue(d, tftypes.Bool, depth, known)
	case 2:
		return fuzzValue(d, tftypes.Number, depth, known)
	case 3:
		return fuzzValue(d, pick[tftypes.Type](d, tftypes.Set{ElementType: tftypes.String}, tftypes.List{ElementType: tftypes.String}, tftypes.Map{ElementType: tftypes.String}), depth, known)
	case 4:
		list := make([]tftypes.Value, d.below(4))
		of := make([]tftypes.Type, len(list))
		for i := range list {
			list[i] = fuzzDynamic(d, depth+1, known)
			of[i] = list[i].Type()
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: of}, list)
	case 5, 6:
		parts, of := make(map[string]tftypes.Value), make(map[string]tftypes.Type)
		for range d.below(6) {
			name := pick(d, fuzzNames...)
			parts[name] = fuzzDynamic(d, depth+1, known)
			of[name] = parts[name].Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: of}, parts)
	}
	return fuzzValue(d, tftypes.String, depth, known)
}

// blamesProvider reports whether a text for users is one that the framework wrote for developers, or that formatting
// went wrong in.
func blamesProvider(text string) bool {
	return slices.ContainsFunc([]string{"error in the provider", "bug in the provider", "provider developer", "Provider developer", "terraform-plugin-framework", "%!", "unexpected error"},
		func(part string) bool { return strings.Contains(text, part) })
}

// poke calls whatever the first choice names with values that follow.
func poke(t *testing.T, p plugin, d *dice) {
	t.Helper()
	functions := slices.Sorted(maps.Keys(p.functions))
	sources := []string{"maildomain_bimi", "maildomain_dkim", "maildomain_dmarc", "maildomain_dmarc_authorisation", "maildomain_mta_sts", "maildomain_parked", "maildomain_records", "maildomain_tls_rpt", "maildomain_service", "maildomain_spf"} // The others take nothing, or ask DNS.
	if i := d.below(len(functions) + len(sources) + 6); i < len(functions) {
		pokeFunction(t, p, d, functions[i])
	} else if i -= len(functions); i < len(sources) {
		pokeSource(t, p, d, sources[i])
	} else if i -= len(sources); i < 2 {
		pokeSource(t, p, d, pick(d, "maildomain_lookup", "maildomain_spf_check", "maildomain_validation", ""))
	} else {
		pokeFunction(t, p, d, "records")
	}
}

func pokeFunction(t *testing.T, p plugin, d *dice, name string) {
	t.Helper()
	definition := p.functions[name]
	req := &tfprotov6.CallFunctionRequest{Name: name}
	var shown []string
	parameters := slices.Clone(definition.Parameters)
	for variadic := definition.VariadicParameter; variadic != nil && d.below(2) == 1; {
		parameters = append(parameters, variadic)
	}
	for _, parameter := range parameters {
		v := fuzzValue(d, parameter.Type, 0, !parameter.AllowUnknownValues)
		for v.IsNull() && !parameter.AllowNullValue { // Terraform refuses those itself.
			v = fuzzValue(d, parameter.Type, 0, !parameter.AllowUnknownValues)
			if len(d.octets) == 0 {
				break
			}
		}
		if v.IsNull() {
			return
		}
		encoded, err := tfprotov6.NewDynamicValue(parameter.Type, v)
		if err != nil {
			t.Fatal(err)
		}
		req.Arguments, shown = append(req.Arguments, &encoded), append(shown, v.String())
	}
	resp, err := p.server.CallFunction(t.Context(), req)
	switch {
	case err != nil:
		t.Fatalf("%s(%s): %v", name, strings.Join(shown, ", "), err)
	case resp.Error != nil && (resp.Error.Text == "" || blamesProvider(resp.Error.Text)):
		t.Fatalf("%s: the error is %q for %s", name, resp.Error.Text, strings.Join(shown, ", "))
	case resp.Error == nil:
		if _, err := resp.Result.Unmarshal(definition.Return.Type); err != nil {
			t.Fatalf("%s(%s): %v", name, strings.Join(shown, ", "), err)
		}
	}
}

// pokeSource validates a configuration, and reads it where that asks no DNS.
func pokeSource(t *testing.T, p plugin, d *dice, name string) {
	t.Helper()
	schema := p.schemas.Provider
	if s, ok := p.schemas.DataSourceSchemas[name]; ok {
		schema = s
	} else if s, ok := p.schemas.ResourceSchemas[name]; ok {
		schema = s
	}
	known := d.below(2) == 1
	attributes := make(map[string]tftypes.Value)
	for _, a := range schema.Block.Attributes {
		typ := a.ValueType()
		attributes[a.Name] = tftypes.NewValue(typ, nil)
		switch {
		case a.Required:
			for range 8 {
				if attributes[a.Name] = fuzzValue(d, typ, 0, known); !attributes[a.Name].IsNull() {
					break
				}
			}
			if a.Name == "domain" && d.below(4) > 0 {
				attributes[a.Name] = tftypes.NewValue(typ, "example.com")
			}
			if attributes[a.Name].IsNull() {
				return // Terraform refuses that itself.
			}
		case a.Optional && a.Name != "adopt_live":
			attributes[a.Name] = fuzzValue(d, typ, 0, known)
		}
	}
	v := tftypes.NewValue(schema.ValueType(), attributes)
	encoded, err := tfprotov6.NewDynamicValue(schema.ValueType(), v)
	if err != nil {
		t.Fatal(err)
	}
	diags := p.validateValue(t, name, &encoded)
	if reads := p.schemas.DataSourceSchemas[name] != nil && name != "maildomain_lookup" && name != "maildomain_spf_check"; reads && known && len(failures(diags)) == 0 {
		resp, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: &encoded})
		if err != nil {
			t.Fatalf("%s %s: %v", name, v, err)
		}
		diags = append(diags, resp.Diagnostics...)
	}
	for _, diag := range diags {
		if text := fmt.Sprintf("%s: %s", diag.Summary, diag.Detail); blamesProvider(text) || diag.Detail == "" {
			t.Fatalf("%s: the diagnostic is %q for %s", name, text, v)
		}
	}
}

// Whatever functions, data sources, the resource and the provider block are given, nothing panics, and no error is one
// of the provider's code.
func TestWhateverIsGiven(t *testing.T) {
	t.Parallel()
	pokes := uint64(3_000)
	if testing.Short() {
		pokes = 100
	}
	p := newUnasking(t)
	for seed := range pokes {
		poke(t, p, rolled(seed))
	}
}

func FuzzWhateverIsGiven(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(rolled(seed).octets)
	}
	p := newUnasking(f)
	f.Fuzz(func(t *testing.T, octets []byte) { poke(t, p, &dice{octets: octets}) })
}

// newUnasking is a provider that asks no DNS: its resolvers are known only after apply.
func newUnasking(t testing.TB) plugin {
	t.Helper()
	p := newPlugin(t)
	resp, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.config(t, "", map[string]any{"resolvers": unknown})})
	if err != nil || len(failures(resp.Diagnostics)) > 0 {
		t.Fatalf("ConfigureProvider = %v, %v", resp, err)
	}
	return p
}
