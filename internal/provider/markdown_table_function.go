package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type markdownTableFunction struct{}

func newMarkdownTableFunction() function.Function { return markdownTableFunction{} }

func (markdownTableFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "markdown_table"
}

func (markdownTableFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write records as a table for people",
		MarkdownDescription: "Returns records as a Markdown table of name, type, TTL in seconds and value, for the operator of the DNS. Names and values are code, so a reader can copy them and nothing in them becomes a link. " +
			"Octets outside printable ASCII are written as `\\DDD`. Rows are sorted by domain, owner and type. Records that no zone can hold, such as a CNAME beside other records, are an error. " +
			"The text is known once all values are known.",
		Parameters: []function.Parameter{recordsParameter()},
		Return:     function.StringReturn{},
	}
}

func (markdownTableFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	resp.Error = render(ctx, req, resp, record.MarkdownTable)
}
