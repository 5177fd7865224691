package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

type tlsRPTParseFunction struct{}

func newTLSRPTParseFunction() function.Function { return tlsRPTParseFunction{} }

type parsedTLSRPTModel struct {
	Reports  types.List `tfsdk:"reports"`
	Warnings types.List `tfsdk:"warnings"`
}

func parsedTLSRPTTypes() map[string]attr.Type {
	texts := types.ListType{ElemType: types.StringType}
	return map[string]attr.Type{"reports": texts, "warnings": texts}
}

func (tlsRPTParseFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "tls_rpt_parse"
}

func (tlsRPTParseFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Take a TLS reporting record apart",
		MarkdownDescription: "Parses a TLS reporting record (RFC 8460 §3). It asks no DNS. The result has `reports` (URIs of the destinations, with `mailto:` or `https:`) and " +
			"`warnings` (sentences about parts that senders ignore). A text with a syntax error is an error.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "record", MarkdownDescription: "TXT value at `_smtp._tls`, such as `v=TLSRPTv1; rua=mailto:tls-reports@example.com`."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedTLSRPTTypes()},
	}
}

func (tlsRPTParseFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	r, err := tlsrpt.Parse(text)
	if err != nil {
		resp.Error = argumentError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, parsedTLSRPTModel{Reports: stringList(r.RUA), Warnings: stringList(r.Remarks)})
}
