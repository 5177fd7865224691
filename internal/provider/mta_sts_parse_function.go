package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
)

type mtaSTSParseFunction struct{}

func newMTASTSParseFunction() function.Function { return mtaSTSParseFunction{} }

type parsedMTASTSModel struct {
	ID       types.String `tfsdk:"id"`
	Mode     types.String `tfsdk:"mode"`
	MaxAge   types.Int64  `tfsdk:"max_age"`
	MX       types.List   `tfsdk:"mx"`
	Warnings types.List   `tfsdk:"warnings"`
}

func parsedMTASTSTypes() map[string]attr.Type {
	texts := types.ListType{ElemType: types.StringType}
	return map[string]attr.Type{"id": types.StringType, "mode": types.StringType, "max_age": types.Int64Type, "mx": texts, "warnings": texts}
}

func (mtaSTSParseFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "mta_sts_parse"
}

func (mtaSTSParseFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Take an MTA-STS record or policy apart",
		MarkdownDescription: "Parses an MTA-STS record or an MTA-STS policy file (RFC 8461 §3.1, §3.2). It asks neither DNS nor the web. The result is an object with these attributes:\n\n" +
			"- `id`: id of a record; for a policy, the id that this provider derives from its content\n- `mode`: `enforce`, `testing` or `none`; null for a record\n- `max_age`: seconds; null for a record\n- `mx`: patterns of mail hosts; null for a record\n" +
			"- `warnings`: sentences about parts that senders ignore\n\nA text with a syntax error is an error: senders treat such a domain as one without MTA-STS.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "text", MarkdownDescription: "TXT value at `_mta-sts`, such as `v=STSv1; id=20260401`, or the content of the file `mta-sts.txt`, whose lines end in CRLF or LF."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedMTASTSTypes()},
	}
}

func (mtaSTSParseFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	model, err := newParsedMTASTSModel(text)
	if err != nil {
		resp.Error = argumentError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, model)
}

func newParsedMTASTSModel(text string) (parsedMTASTSModel, error) {
	if !mtasts.IsPolicy(text) {
		r, err := mtasts.Parse(text)
		return parsedMTASTSModel{
			ID: types.StringValue(r.ID), Mode: types.StringNull(), MaxAge: types.Int64Null(), MX: types.ListNull(types.StringType), Warnings: stringList(r.Remarks),
		}, err
	}
	p, err := mtasts.ParsePolicy(text)
	patterns := make([]string, len(p.MX))
	for i, mx := range p.MX {
		patterns[i] = mx.String()
	}
	return parsedMTASTSModel{
		ID: types.StringValue(p.ID()), Mode: types.StringValue(string(p.Mode)), MaxAge: types.Int64Value(p.MaxAge), MX: stringList(patterns), Warnings: stringList(p.Remarks),
	}, err
}
