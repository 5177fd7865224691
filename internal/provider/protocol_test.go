package provider_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	tfprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/catglobe/terraform-provider-maildomain/internal/provider"
)

// plugin is the provider as Terraform speaks to it, without a Terraform in between: thousands of calls a second, and
// values that no configuration can hold.
type plugin struct {
	server    tfprotov6.ProviderServer
	schemas   *tfprotov6.GetProviderSchemaResponse
	functions map[string]*tfprotov6.Function
}

func newPlugin(t testing.TB) plugin {
	t.Helper()
	return newPluginOf(t, provider.New("test"))
}

func newPluginOf(t testing.TB, serve func() tfprovider.Provider) plugin {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(serve())()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return plugin{server: server, schemas: schemas, functions: schemas.Functions}
}

// unknown stands in inputs for what is known only after apply.
type unknownValue struct{}

var unknown unknownValue

// number stands for a number as it is written.
type number string

// value makes a value of a type from strings, booleans, numbers, nil, unknown, maps and slices. Maps become objects and
// slices tuples where the type is dynamic.
func value(typ tftypes.Type, v any) tftypes.Value {
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(typ, nil)
	case unknownValue:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	case string, bool:
		return scalar(typ, v)
	case int:
		return scalar(typ, big.NewFloat(float64(v)))
	case number:
		n, _, err := big.ParseFloat(string(v), 10, 512, big.ToNearestEven)
		if err != nil {
			panic(err)
		}
		return scalar(typ, n)
	case []any:
		return listValue(typ, v)
	case map[string]any:
		return mapValue(typ, v)
	}
	panic(fmt.Sprintf("no value of %T", v))
}

func scalar(typ tftypes.Type, v any) tftypes.Value {
	if typ.Is(tftypes.DynamicPseudoType) {
		switch v.(type) {
		case string:
			typ = tftypes.String
		case bool:
			typ = tftypes.Bool
		default:
			typ = tftypes.Number
		}
	}
	return tftypes.NewValue(typ, v)
}

func listValue(typ tftypes.Type, v []any) tftypes.Value {
	elements := make([]tftypes.Value, len(v))
	of := make([]tftypes.Type, len(v))
	for i, e := range v {
		of[i] = elementType(typ)
		elements[i] = value(of[i], e)
		of[i] = elements[i].Type()
	}
	if typ.Is(tftypes.DynamicPseudoType) {
		typ = tftypes.Tuple{ElementTypes: of}
	}
	return tftypes.NewValue(typ, elements)
}

func mapValue(typ tftypes.Type, v map[string]any) tftypes.Value {
	elements := make(map[string]tftypes.Value, len(v))
	of := make(map[string]tftypes.Type, len(v))
	if object, ok := typ.(tftypes.Object); ok {
		for name, t := range object.AttributeTypes {
			elements[name] = value(t, v[name])
		}
		return tftypes.NewValue(typ, elements)
	}
	for name, e := range v {
		elements[name] = value(elementType(typ), e)
		of[name] = elements[name].Type()
	}
	if typ.Is(tftypes.DynamicPseudoType) {
		typ = tftypes.Object{AttributeTypes: of}
	}
	return tftypes.NewValue(typ, elements)
}

// elementType is the type of the elements of a list or map.
func elementType(typ tftypes.Type) tftypes.Type {
	switch typ := typ.(type) {
	case tftypes.List:
		return typ.ElementType
	case tftypes.Set:
		return typ.ElementType
	case tftypes.Map:
		return typ.ElementType
	}
	return tftypes.DynamicPseudoType
}

// call calls a function. The error is its text, with the name of the parameter before it.
func (p plugin) call(t testing.TB, name string, arguments ...any) (tftypes.Value, error) {
	t.Helper()
	definition := p.functions[name]
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, a := range arguments {
		typ := definition.Parameters[i].Type
		v := value(typ, a)
		encoded, err := tfprotov6.NewDynamicValue(typ, v)
		if err != nil {
			t.Fatalf("argument %d of %s: %v", i, name, err)
		}
		req.Arguments = append(req.Arguments, &encoded)
	}
	resp, err := p.server.CallFunction(t.Context(), req)
	if err != nil {
		t.Fatalf("%s(%v): %v", name, arguments, err)
	}
	if resp.Error != nil {
		return tftypes.Value{}, fmt.Errorf("%s", resp.Error.Text)
	}
	result, err := resp.Result.Unmarshal(definition.Return.Type)
	if err != nil {
		t.Fatalf("%s(%v): %v", name, arguments, err)
	}
	return result, nil
}

// config is the configuration of a data source, of a resource, or of the provider ("").
func (p plugin) config(t testing.TB, name string, attributes map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	schema := p.schemas.Provider
	if name != "" {
		schema = p.schemas.DataSourceSchemas[name]
		if s, ok := p.schemas.ResourceSchemas[name]; ok {
			schema = s
		}
	}
	typ := schema.ValueType()
	encoded, err := tfprotov6.NewDynamicValue(typ, value(typ, attributes))
	if err != nil {
		t.Fatalf("configuration of %s: %v", name, err)
	}
	return &encoded
}

// validate validates the configuration of a data source, of a resource, or of the provider ("").
func (p plugin) validate(t testing.TB, name string, attributes map[string]any) []*tfprotov6.Diagnostic {
	t.Helper()
	return p.validateValue(t, name, p.config(t, name, attributes))
}

func (p plugin) validateValue(t testing.TB, name string, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	t.Helper()
	var diags []*tfprotov6.Diagnostic
	var err error
	switch {
	case name == "":
		resp, failure := p.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
		diags, err = resp.Diagnostics, failure
	case p.schemas.ResourceSchemas[name] != nil:
		resp, failure := p.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: config})
		diags, err = resp.Diagnostics, failure
	default:
		resp, failure := p.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
		diags, err = resp.Diagnostics, failure
	}
	if err != nil {
		t.Fatalf("validate %s: %v", name, err)
	}
	return diags
}

// read validates and reads a data source, as a plan does once the configuration is known.
func (p plugin) read(t testing.TB, name string, attributes map[string]any) []*tfprotov6.Diagnostic {
	t.Helper()
	diags := p.validate(t, name, attributes)
	if len(failures(diags)) > 0 {
		return diags
	}
	resp, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: p.config(t, name, attributes)})
	if err != nil {
		t.Fatalf("read %s(%v): %v", name, attributes, err)
	}
	return append(diags, resp.Diagnostics...)
}

// failures are the errors among diagnostics, as "path: summary: detail".
func failures(diags []*tfprotov6.Diagnostic) []string {
	var texts []string
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			texts = append(texts, attributeText(d.Attribute)+": "+d.Summary+": "+d.Detail)
		}
	}
	return texts
}

// attributeText writes the place of a diagnostic as Terraform does.
func attributeText(at *tftypes.AttributePath) string {
	var b strings.Builder
	for i, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(string(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&b, "[%q]", string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&b, "[%d]", int64(step))
		default:
			fmt.Fprintf(&b, "[%v]", step)
		}
	}
	return b.String()
}

// callWith is call with the argument as a value.
func (p plugin) callWith(t testing.TB, name string, v tftypes.Value) (tftypes.Value, error) {
	t.Helper()
	definition := p.functions[name]
	encoded, err := tfprotov6.NewDynamicValue(definition.Parameters[0].Type, v)
	if err != nil {
		t.Fatalf("argument of %s: %v", name, err)
	}
	resp, err := p.server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: []*tfprotov6.DynamicValue{&encoded}})
	if err != nil {
		t.Fatalf("%s(%v): %v", name, v, err)
	}
	if resp.Error != nil {
		return tftypes.Value{}, fmt.Errorf("%s", resp.Error.Text)
	}
	result, err := resp.Result.Unmarshal(definition.Return.Type)
	if err != nil {
		t.Fatalf("%s(%v): %v", name, v, err)
	}
	return result, nil
}

// records converts the records that a function makes to the object that others take, as Terraform does.
func records(v tftypes.Value) tftypes.Value {
	names := map[string]tftypes.Type{
		"name": tftypes.String, "fqdn": tftypes.String, "type": tftypes.String, "ttl": tftypes.Number, "value": tftypes.String,
	}
	object := tftypes.Object{AttributeTypes: names}
	typ := tftypes.Map{ElementType: object}
	if !v.IsKnown() {
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	var elements map[string]tftypes.Value
	if err := v.As(&elements); err != nil {
		panic(err)
	}
	converted := make(map[string]tftypes.Value, len(elements))
	for key, e := range elements {
		var parts map[string]tftypes.Value
		if err := e.As(&parts); err != nil {
			panic(err)
		}
		kept := make(map[string]tftypes.Value, len(names))
		for name := range names {
			kept[name] = parts[name]
		}
		converted[key] = tftypes.NewValue(object, kept)
	}
	return tftypes.NewValue(typ, converted)
}
