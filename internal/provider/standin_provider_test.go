package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// standIn is a DNS provider without DNS: it has the schema of the real one, so that Terraform checks configurations
// as it does for that, and keeps what it is given. The embedded interface is nil: what is not written below is
// never called, or the stand-in panics.
type standIn struct {
	tfprotov6.ProviderServer
	resources map[string]*tfprotov6.Schema
}

func (p standIn) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	resources := make([]tfprotov6.ResourceMetadata, 0, len(p.resources))
	for name := range p.resources {
		resources = append(resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	return &tfprotov6.GetMetadataResponse{Resources: resources}, nil
}

func (p standIn) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:        &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}},
		ResourceSchemas: p.resources,
	}, nil
}

func (standIn) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (standIn) ValidateProviderConfig(_ context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

func (standIn) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (standIn) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (standIn) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (p standIn) UpgradeResourceState(_ context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	typ := p.resources[req.TypeName].ValueType()
	state, err := req.RawState.Unmarshal(typ)
	if err != nil {
		return nil, err
	}
	upgraded, err := tfprotov6.NewDynamicValue(typ, state)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &upgraded}, err
}

func (standIn) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState}, nil
}

// PlanResourceChange leaves unknown what the provider would compute at creation.
func (p standIn) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	created, err := req.PriorState.IsNull()
	if err != nil {
		return nil, err
	}
	if !created {
		return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState}, nil
	}
	planned, err := p.change(req.TypeName, req.ProposedNewState, func(attribute *tfprotov6.SchemaAttribute, value tftypes.Value) tftypes.Value {
		if attribute.Computed && value.IsNull() {
			return tftypes.NewValue(value.Type(), tftypes.UnknownValue)
		}
		return value
	})
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

// ApplyResourceChange computes texts, and nothing else.
func (p standIn) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	state, err := p.change(req.TypeName, req.PlannedState, func(attribute *tfprotov6.SchemaAttribute, value tftypes.Value) tftypes.Value {
		switch {
		case value.IsKnown():
			return value
		case value.Type().Is(tftypes.String):
			return tftypes.NewValue(tftypes.String, "computed "+attribute.Name)
		default:
			return tftypes.NewValue(value.Type(), nil)
		}
	})
	return &tfprotov6.ApplyResourceChangeResponse{NewState: state}, err
}

// ImportResourceState knows a resource by the id that it was asked for, and nothing else of it.
func (p standIn) ImportResourceState(_ context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	typ, ok := p.resources[req.TypeName].ValueType().(tftypes.Object)
	if !ok {
		return nil, fmt.Errorf("%s is no object", req.TypeName)
	}
	values := make(map[string]tftypes.Value, len(typ.AttributeTypes))
	for name, attribute := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	for _, block := range p.resources[req.TypeName].Block.BlockTypes {
		values[block.TypeName] = tftypes.NewValue(typ.AttributeTypes[block.TypeName], []tftypes.Value{})
	}
	values["id"] = tftypes.NewValue(tftypes.String, req.ID)
	state, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, values))
	return &tfprotov6.ImportResourceStateResponse{
		ImportedResources: []*tfprotov6.ImportedResource{{TypeName: req.TypeName, State: &state}},
	}, err
}

// change passes each attribute at the top of a resource through a function. What is to be destroyed stays null.
func (p standIn) change(resource string, in *tfprotov6.DynamicValue, attribute func(*tfprotov6.SchemaAttribute, tftypes.Value) tftypes.Value) (*tfprotov6.DynamicValue, error) {
	schema := p.resources[resource]
	value, err := in.Unmarshal(schema.ValueType())
	if err != nil || value.IsNull() {
		return in, err
	}
	var values map[string]tftypes.Value
	if err := value.As(&values); err != nil {
		return nil, err
	}
	for _, a := range schema.Block.Attributes {
		values[a.Name] = attribute(a, values[a.Name])
	}
	out, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), values))
	return &out, err
}

// providerSchema is a file of testdata/schemas: what `terraform providers schema -json` says of some resources.
type providerSchema struct {
	Provider  string // namespace and type
	Source    string // where the schema was read
	Read      string // and when
	LeftOut   string `json:"left_out"` // of the resources that are there
	Resources map[string]*tfprotov6.Schema
}

func readProviderSchema(path string) (providerSchema, error) {
	var file struct {
		providerSchema
		Schemas map[string]struct {
			Version int64
			Block   jsonBlock
		} `json:"resource_schemas"`
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return providerSchema{}, err
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return providerSchema{}, fmt.Errorf("%s: %w", path, err)
	}
	schema := file.providerSchema
	schema.Resources = make(map[string]*tfprotov6.Schema, len(file.Schemas))
	for name, resource := range file.Schemas {
		block, err := resource.Block.schema()
		if err != nil {
			return providerSchema{}, fmt.Errorf("%s: %s: %w", path, name, err)
		}
		schema.Resources[name] = &tfprotov6.Schema{Version: resource.Version, Block: block}
	}
	return schema, nil
}

// jsonBlock, jsonAttribute and jsonType are the JSON that Terraform writes schemas in.
type jsonBlock struct {
	Attributes map[string]jsonAttribute
	BlockTypes map[string]struct {
		NestingMode string `json:"nesting_mode"`
		MinItems    int64  `json:"min_items"`
		MaxItems    int64  `json:"max_items"`
		Block       jsonBlock
	} `json:"block_types"`
}

type jsonAttribute struct {
	Type                         jsonType
	Required, Optional, Computed bool
	Sensitive                    bool
	NestedType                   *struct {
		NestingMode string `json:"nesting_mode"`
		Attributes  map[string]jsonAttribute
	} `json:"nested_type"`
}

type jsonType struct{ tftypes.Type }

func (t *jsonType) UnmarshalJSON(text []byte) error {
	var primitive string
	if err := json.Unmarshal(text, &primitive); err == nil {
		known := map[string]tftypes.Type{"string": tftypes.String, "number": tftypes.Number, "bool": tftypes.Bool}
		if t.Type = known[primitive]; t.Type == nil {
			return fmt.Errorf("unknown type %q", primitive)
		}
		return nil
	}
	var kind string
	var rest json.RawMessage
	if err := json.Unmarshal(text, &[]any{&kind, &rest}); err != nil {
		return err
	}
	if kind == "object" {
		return t.unmarshalObject(rest)
	}
	var element jsonType
	if err := json.Unmarshal(rest, &element); err != nil {
		return err
	}
	switch kind {
	case "list":
		t.Type = tftypes.List{ElementType: element.Type}
	case "set":
		t.Type = tftypes.Set{ElementType: element.Type}
	case "map":
		t.Type = tftypes.Map{ElementType: element.Type}
	default:
		return fmt.Errorf("unknown type %q", kind)
	}
	return nil
}

func (t *jsonType) unmarshalObject(text []byte) error {
	var attributes map[string]jsonType
	if err := json.Unmarshal(text, &attributes); err != nil {
		return err
	}
	object := tftypes.Object{AttributeTypes: make(map[string]tftypes.Type, len(attributes))}
	for name, attribute := range attributes {
		object.AttributeTypes[name] = attribute.Type
	}
	t.Type = object
	return nil
}

func (b jsonBlock) schema() (*tfprotov6.SchemaBlock, error) {
	block := &tfprotov6.SchemaBlock{}
	var err error
	if block.Attributes, err = attributes(b.Attributes); err != nil {
		return nil, err
	}
	modes := map[string]tfprotov6.SchemaNestedBlockNestingMode{
		"list": tfprotov6.SchemaNestedBlockNestingModeList, "set": tfprotov6.SchemaNestedBlockNestingModeSet,
	}
	for name, nested := range b.BlockTypes {
		mode, ok := modes[nested.NestingMode]
		if !ok {
			return nil, fmt.Errorf("%s: unknown nesting mode %q", name, nested.NestingMode)
		}
		inner, err := nested.Block.schema()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		block.BlockTypes = append(block.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Nesting: mode, MinItems: nested.MinItems, MaxItems: nested.MaxItems, Block: inner,
		})
	}
	return block, nil
}

func attributes(in map[string]jsonAttribute) ([]*tfprotov6.SchemaAttribute, error) {
	modes := map[string]tfprotov6.SchemaObjectNestingMode{
		"single": tfprotov6.SchemaObjectNestingModeSingle, "list": tfprotov6.SchemaObjectNestingModeList,
		"set": tfprotov6.SchemaObjectNestingModeSet, "map": tfprotov6.SchemaObjectNestingModeMap,
	}
	var out []*tfprotov6.SchemaAttribute
	for name, a := range in {
		attribute := &tfprotov6.SchemaAttribute{
			Name: name, Type: a.Type.Type, Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive,
		}
		if a.NestedType != nil {
			inner, err := attributes(a.NestedType.Attributes)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			mode, ok := modes[a.NestedType.NestingMode]
			if !ok {
				return nil, fmt.Errorf("%s: unknown nesting mode %q", name, a.NestedType.NestingMode)
			}
			attribute.NestedType = &tfprotov6.SchemaObject{Nesting: mode, Attributes: inner}
		} else if a.Type.Type == nil {
			return nil, fmt.Errorf("%s has no type", name)
		}
		out = append(out, attribute)
	}
	return out, nil
}
