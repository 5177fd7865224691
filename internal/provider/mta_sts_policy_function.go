package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type mtaSTSPolicyFunction struct{}

func newMTASTSPolicyFunction() function.Function { return mtaSTSPolicyFunction{} }

func (mtaSTSPolicyFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "mta_sts_policy"
}

func (mtaSTSPolicyFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Make the MTA-STS policy file of a domain",
		MarkdownDescription: "Returns the MTA-STS policy file (RFC 8461 §3.2) for the same argument as [`records`](records.md). The `id` in the record of `records` is that of this file. " +
			"Lines end in CRLF. The text is unknown while any part of the argument is. An argument that `records` refuses is the same error here. " +
			"The data source [`maildomain_mta_sts`](../data-sources/mta_sts.md) returns the same file.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "config",
				AllowUnknownValues:  true,
				MarkdownDescription: "Same object as for [`records`](records.md), with `mta_sts`.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (mtaSTSPolicyFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	result, err := recordsOf(argument)
	switch {
	case err != nil:
		resp.Error = err
	case !wholly(argument):
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
	case result.MTASTS.Mode == "":
		resp.Error = argumentError(0, "mta_sts: it is missing; write the policy, such as { mode = \"testing\" }")
	default:
		resp.Error = resp.Result.Set(ctx, types.StringValue(result.MTASTS.String()))
	}
}
