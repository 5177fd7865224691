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
		Summary: "List what to look at in the mail records of a domain",
		MarkdownDescription: "Lists the warnings of [`records`](records.md) for the same argument, a sentence or more each, for outputs, `check` blocks and conditions: a function shows no warnings by itself. " +
			"They are those that the data source [`maildomain_records`](../data-sources/records.md) shows: how the SPF merge differs from what was given, what templates ask for and do not get, weak keys, policies that do not go with the rest. " +
			"The list is empty where there are none, and unknown while any part of the argument is: a value may bring a warning with it. An argument that `records` refuses is the same error here.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "config",
				AllowUnknownValues:  true,
				MarkdownDescription: "The argument of [`records`](records.md).",
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
