package provider_test

import (
	"context"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/catglobe/terraform-provider-maildomain/internal/provider"
)

// fleetVariables are those of four services, as the domains of a fleet commonly have them.
var fleetVariables = map[string]map[string]string{
	"catglobe":         {"spf_include": "spf.catglobe.example", "dkim_selector": "cg1", "dkim_target": "cg1.dkim.catglobe.example"},
	"google_workspace": {"dkim_record": "v=DKIM1; k=rsa; p=" + fleetKey},
	"microsoft365":     {"tenant": "acme"},
	"sendgrid":         {"return_path": "em1", "sendgrid_host": "u1.wl2.sendgrid.net"},
}

func serve(b *testing.B) tfprotov6.ProviderServer {
	b.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		b.Fatal(err)
	}
	// Terraform asks for the schemas before it asks for anything else.
	if _, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		b.Fatal(err)
	}
	return server
}

func dynamic(b *testing.B, t tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	b.Helper()
	value, err := tfprotov6.NewDynamicValue(t, v)
	if err != nil {
		b.Fatal(err)
	}
	return &value
}

// object is a value whose type is that of its attributes.
func object(attributes map[string]tftypes.Value) tftypes.Value {
	kinds := make(map[string]tftypes.Type, len(attributes))
	for name, v := range attributes {
		kinds[name] = v.Type()
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, attributes)
}

// fleetPolicies are the policies of such a domain.
func fleetPolicies() map[string]tftypes.Value {
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	list := func(s string) tftypes.Value {
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: []tftypes.Type{tftypes.String}}, []tftypes.Value{text(s)})
	}
	return map[string]tftypes.Value{
		"dmarc":   object(map[string]tftypes.Value{"policy": text("quarantine"), "aggregate_reports": list("dmarc@example.com")}),
		"mta_sts": object(map[string]tftypes.Value{"mode": text("enforce"), "mx": list("smtp.google.com"), "host": text("sts.example.net")}),
		"tls_rpt": object(map[string]tftypes.Value{"reports": list("tls@example.com")}),
	}
}

// BenchmarkRecordsFunction is what one call costs within the provider, from the request to the response: for a domain with
// four services, and for one that has policies too.
func BenchmarkRecordsFunction(b *testing.B) {
	b.Run("services", func(b *testing.B) { benchmarkRecords(b, nil) })
	b.Run("policies", func(b *testing.B) { benchmarkRecords(b, fleetPolicies()) })
}

func benchmarkRecords(b *testing.B, policies map[string]tftypes.Value) {
	b.Helper()
	server := serve(b)
	services := make(map[string]tftypes.Value)
	for name, variables := range fleetVariables {
		values := make(map[string]tftypes.Value)
		for variable, v := range variables {
			values[variable] = tftypes.NewValue(tftypes.String, v)
		}
		services[name] = object(map[string]tftypes.Value{"variables": object(values)})
	}
	attributes := map[string]tftypes.Value{"domain": tftypes.NewValue(tftypes.String, "example.com"), "services": object(services)}
	maps.Copy(attributes, policies)
	argument := object(attributes)
	request := &tfprotov6.CallFunctionRequest{Name: "records", Arguments: []*tfprotov6.DynamicValue{dynamic(b, tftypes.DynamicPseudoType, argument)}}
	functions, ok := server.(interface {
		CallFunction(context.Context, *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error)
	})
	if !ok {
		b.Fatal("the provider has no functions")
	}
	b.ReportAllocs()
	for b.Loop() {
		response, err := functions.CallFunction(b.Context(), request)
		if err != nil || response.Error != nil {
			b.Fatal(err, response.Error)
		}
	}
}

// BenchmarkRecordsDataSource is what one data source costs within the provider in a plan: Terraform has its configuration
// validated, and reads it.
func BenchmarkRecordsDataSource(b *testing.B) {
	server := serve(b)
	schemas, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	whole, ok := schemas.DataSourceSchemas["maildomain_records"].ValueType().(tftypes.Object)
	if !ok {
		b.Fatal("the data source has no object type")
	}
	of, ok := whole.AttributeTypes["services"].(tftypes.Map)
	if !ok {
		b.Fatal("services is no map")
	}
	one, ok := of.ElementType.(tftypes.Object)
	if !ok {
		b.Fatal("a service is no object")
	}
	services := make(map[string]tftypes.Value)
	for name, variables := range fleetVariables {
		values := make(map[string]tftypes.Value)
		for variable, v := range variables {
			values[variable] = tftypes.NewValue(tftypes.String, v)
		}
		services[name] = filled(one, map[string]tftypes.Value{"variables": tftypes.NewValue(one.AttributeTypes["variables"], values)})
	}
	config := dynamic(b, whole, filled(whole, map[string]tftypes.Value{
		"domain": tftypes.NewValue(tftypes.String, "example.com"), "services": tftypes.NewValue(of, services),
	}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := server.ValidateDataResourceConfig(b.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: "maildomain_records", Config: config}); err != nil {
			b.Fatal(err)
		}
		response, err := server.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: "maildomain_records", Config: config})
		if err != nil || len(response.Diagnostics) > 0 {
			b.Fatal(err, response.Diagnostics)
		}
	}
}

// filled is an object with null for the attributes that are not given.
func filled(t tftypes.Object, attributes map[string]tftypes.Value) tftypes.Value {
	values := make(map[string]tftypes.Value, len(t.AttributeTypes))
	for name, kind := range t.AttributeTypes {
		if v, ok := attributes[name]; ok {
			values[name] = v
		} else {
			values[name] = tftypes.NewValue(kind, nil)
		}
	}
	return tftypes.NewValue(t, values)
}

// fleetKey is a public key of 2048 bits, made for this benchmark.
const fleetKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvTSEmF8MIH/XRn10OajJpCwtqRVKP3YZCg8c5f29f3ELbMPzWMClE7SUDVBCVhimCe17o57DoV4H7SN+AEbn1pn6rKrU83mnQ20NYRSRQ06KJMPSH3YrIvVDPKqyeVXBlaVg/i7K5DX7mCZvUODOtnpY" +
	"wnmk0isOH03SZ81bG53To77Re02U3aE8c+kW3HZl4JLNLrOhNPQOufovxPQecyrAy4jzF59GOeWj0j3PddWPdXKTB5IfxjaLd4UZf6xUHQa9wUraconVCeLZxPftqprXPj7cSsZ1bYpTT65QZo7p4M2qyJVyBoTFX/kDApAr2YKHsPdpYeaFgj/XQVQ4KwIDAQAB"
