package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type zoneFileFunction struct{}

func newZoneFileFunction() function.Function { return zoneFileFunction{} }

func (zoneFileFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "zone_file"
}

func (zoneFileFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write records as a zone file",
		MarkdownDescription: "Returns records as a zone file (RFC 1035 §5.1), for an import or for the operator of the DNS. Owners and targets are absolute, so the text is valid in any zone. " +
			"TTLs are in seconds; TXT values are cut into strings of at most 255 octets. Lines are sorted by domain, owner and type. " +
			"**Caution:** the file adds to a zone. Remove an SPF record that the zone already has: a domain may have only one. " +
			"Records that no zone can hold, such as a CNAME beside other records, are an error. The text is known once all values are known.",
		Parameters: []function.Parameter{recordsParameter()},
		Return:     function.StringReturn{},
	}
}

func (zoneFileFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	resp.Error = render(ctx, req, resp, record.ZoneFile)
}

// render sets the result to the text that a function makes of records; unknown while any of them is.
func render(ctx context.Context, req function.RunRequest, resp *function.RunResponse, text func(record.Set) (string, error)) *function.FuncError {
	input, failure := recordsArgument(ctx, req)
	switch {
	case failure != nil:
		return failure
	case input.unknown.Any():
		return resp.Result.Set(ctx, types.StringUnknown())
	}
	rendered, err := text(input.records)
	if err != nil {
		return recordsError(err)
	}
	return resp.Result.Set(ctx, rendered)
}
