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
		MarkdownDescription: "Writes records as a Markdown table of name, type, TTL in seconds and value, to hand to whoever runs the DNS. Names and values stand in code, so that they can be copied as they are and nothing in them becomes a link; " +
			"octets outside printable ASCII are written as `\\DDD`. Rows are sorted by domain, owner and type. What no zone can hold, as a CNAME beside other records, is an error. " +
			"The text is known once all values are.",
		Parameters: []function.Parameter{recordsParameter()},
		Return:     function.StringReturn{},
	}
}

func (markdownTableFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	resp.Error = render(ctx, req, resp, record.MarkdownTable)
}
