package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type recordsWarningsFunction struct{}

func newRecordsWarningsFunction() function.Function { return recordsWarningsFunction{} }

func (recordsWarningsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "records_warnings"
}

func (recordsWarningsFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "List the warnings about the mail records of a domain",
		MarkdownDescription: "Returns the warnings about the records of [`records`](records.md), for outputs, `check` blocks and conditions. A function cannot show warnings by itself. " +
			"The data source [`maildomain_records`](../data-sources/records.md) shows the same ones:\n\n- differences between the SPF merge and its inputs\n- records that templates ask for but do not get\n- weak keys\n- policies that contradict the other records\n\n" +
			"The list is empty if there are no warnings, and unknown while any part of the argument is. An argument that `records` refuses is the same error here.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "config",
				AllowUnknownValues:  true,
				MarkdownDescription: "Same object as for [`records`](records.md).",
			},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (recordsWarningsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	result, err := recordsOf(argument)
	switch {
	case err != nil:
		resp.Error = err
	case !wholly(argument):
		resp.Error = resp.Result.Set(ctx, types.ListUnknown(types.StringType))
	default:
		resp.Error = resp.Result.Set(ctx, warningsValue(result.Warnings))
	}
}
