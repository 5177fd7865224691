package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type txtChunksFunction struct{}

func newTXTChunksFunction() function.Function { return txtChunksFunction{} }

func (txtChunksFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "txt_chunks"
}

func (txtChunksFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Cut a TXT value into strings of at most 255 octets",
		MarkdownDescription: "Cuts a TXT value into strings of at most 255 octets, as DNS stores it (RFC 1035 §3.3.14). Readers join the strings without a blank, " +
			"so the function adds none. It never cuts a character of several octets in two. An empty value is one empty string.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "value", MarkdownDescription: "TXT value, whole and unquoted."},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (txtChunksFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var value string
	if resp.Error = req.Arguments.Get(ctx, &value); resp.Error != nil {
		return
	}
	if _, err := record.Canonical(record.TXT, value); err != nil {
		resp.Error = argumentError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, record.Chunks(value))
}
