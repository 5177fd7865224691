package provider

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
)

type bimiParseFunction struct{}

func newBIMIParseFunction() function.Function { return bimiParseFunction{} }

type parsedBIMIModel struct {
	Declined          types.Bool   `tfsdk:"declined"`
	Logo              types.String `tfsdk:"logo"`
	Certificate       types.String `tfsdk:"certificate"`
	Avatar            types.String `tfsdk:"avatar"`
	LocalPartPrefixes types.List   `tfsdk:"local_part_prefixes"`
	Warnings          types.List   `tfsdk:"warnings"`
}

func parsedBIMITypes() map[string]attr.Type {
	texts := types.ListType{ElemType: types.StringType}
	return map[string]attr.Type{
		"declined": types.BoolType, "logo": types.StringType, "certificate": types.StringType, "avatar": types.StringType,
		"local_part_prefixes": texts, "warnings": texts,
	}
}

func (bimiParseFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "bimi_parse"
}

func (bimiParseFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Take a BIMI record apart",
		MarkdownDescription: "Parses a BIMI assertion record (Internet-Draft draft-brand-indicators-for-message-identification). It asks neither DNS nor the web. The result is an object with these attributes:\n\n" +
			"- `declined`: whether the record declines a logo\n- `logo`: `l`, the HTTPS URI of an SVG image, or empty\n- `certificate`: `a`, the HTTPS URI of a mark certificate, or empty\n- `avatar`: `avp`, `brand` (the default) or `personal`\n" +
			"- `local_part_prefixes`: `lps`; null if the tag is missing, empty if every local part may have a logo of its own\n- `warnings`: sentences about parts that receivers ignore\n\nA text with a syntax error is an error: receivers show no logo for it.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "record", MarkdownDescription: "TXT value at `<selector>._bimi`, such as `v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem`."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedBIMITypes()},
	}
}

func (bimiParseFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	r, err := bimi.Parse(text)
	if err != nil {
		resp.Error = argumentError(0, err.Error())
		return
	}
	prefixes := types.ListNull(types.StringType)
	if r.Prefixes != nil {
		prefixes = stringList(r.Prefixes)
	}
	resp.Error = resp.Result.Set(ctx, parsedBIMIModel{
		Declined:          types.BoolValue(r.Declined()),
		Logo:              types.StringValue(r.Location),
		Certificate:       types.StringValue(r.Evidence),
		Avatar:            types.StringValue(string(cmp.Or(r.Avatar, bimi.Brand))),
		LocalPartPrefixes: prefixes,
		Warnings:          stringList(r.Remarks),
	})
}
