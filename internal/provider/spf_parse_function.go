package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

type spfParseFunction struct{}

func newSPFParseFunction() function.Function { return spfParseFunction{} }

type parsedSPFModel struct {
	Terms     []parsedTermModel     `tfsdk:"terms"`
	Modifiers []parsedModifierModel `tfsdk:"modifiers"`
	All       types.String          `tfsdk:"all"`
}

type parsedTermModel struct {
	Qualifier types.String `tfsdk:"qualifier"`
	Mechanism types.String `tfsdk:"mechanism"`
	Value     types.String `tfsdk:"value"`
}

type parsedModifierModel struct {
	Name  types.String `tfsdk:"name"`
	Value types.String `tfsdk:"value"`
}

func parsedSPFTypes() map[string]attr.Type {
	object := func(names ...string) types.ListType {
		attrs := make(map[string]attr.Type, len(names))
		for _, name := range names {
			attrs[name] = types.StringType
		}
		return types.ListType{ElemType: types.ObjectType{AttrTypes: attrs}}
	}
	return map[string]attr.Type{
		"terms":     object("qualifier", "mechanism", "value"),
		"modifiers": object("name", "value"),
		"all":       types.StringType,
	}
}

func (spfParseFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "spf_parse"
}

func (spfParseFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Take an SPF record apart",
		MarkdownDescription: "Parses an SPF record (RFC 7208 §4.6). It asks no DNS. The result is an object with these attributes:\n\n" +
			"- `terms`: list of objects in the order of the record, each with `qualifier` (`pass`, `fail`, `softfail`, `neutral`), `mechanism` (`include`, `ip4`, …) and `value` (the part after the mechanism's colon or slash, or empty)\n" +
			"- `modifiers`: list of objects with `name` and `value`\n- `all`: qualifier of `all`, null if the record has none\n\n" +
			"Names are in lower case, addresses without host bits. A record with a syntax error is an error.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "record", MarkdownDescription: "SPF record, such as `v=spf1 include:_spf.example.net -all`."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedSPFTypes()},
	}
}

func (spfParseFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	parsed, err := spf.Parse(text)
	if err != nil {
		resp.Error = argumentError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, newParsedSPFModel(parsed))
}

func newParsedSPFModel(r spf.Record) parsedSPFModel {
	m := parsedSPFModel{Terms: []parsedTermModel{}, Modifiers: []parsedModifierModel{}}
	for _, t := range r.Directives {
		// What follows the mechanism's name starts with a colon or, where only a prefix length does, a slash.
		value := strings.TrimPrefix(t.String(), t.Qualifier.String()+string(t.Mechanism))
		m.Terms = append(m.Terms, parsedTermModel{
			Qualifier: types.StringValue(t.Qualifier.Word()),
			Mechanism: types.StringValue(string(t.Mechanism)),
			Value:     types.StringValue(strings.TrimPrefix(value, ":")),
		})
	}
	for _, modifier := range r.Modifiers {
		m.Modifiers = append(m.Modifiers, parsedModifierModel{types.StringValue(modifier.Name), types.StringValue(modifier.Value)})
	}
	if ending, ok := r.Ending(); ok {
		m.All = types.StringValue(ending.Qualifier.Word())
	}
	return m
}
