package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

type dkimDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = dkimDataSource{}

func newDKIMDataSource() datasource.DataSource { return dkimDataSource{} }

func (dkimDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dkim"
}

func (dkimDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the DKIM records of a domain (RFC 6376 §3.6.1): the CNAMEs that its services ask for, and keys of your own by their selectors. It asks no DNS.",
		Attributes: map[string]schema.Attribute{
			"domain":      domainAttribute(),
			"services":    servicesAttribute("Only their DKIM records are returned. Optional. Defaults to none."),
			"keys":        keysAttribute(),
			"ttl":         ttlAttribute(fmt.Sprintf("TTL of the records in seconds. Optional. Defaults to the value in the service's template, and otherwise `%d`.", compose.DefaultTTL)),
			"acknowledge": acknowledgeAttribute(),
			"records": recordsAttribute("The records by their keys: `<domain>/<service>/<id>` for those of a service, with the id that its template gives the record, " +
				"and `<domain>/keys/<selector>`."),
			"warnings": schema.ListAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "Warnings, such as keys under 2048 bits. The plan shows the same sentences.",
			},
		},
	}
}

// ValidateConfig refuses what is wrong whatever the unknown values turn out to be.
func (dkimDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	records := newConfig(config.parts)
	resp.Diagnostics.Append(config.check(anyDomain(records))...)
}

func (dkimDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	records := newConfig(config.parts)
	if resp.Diagnostics.Append(config.check(anyDomain(records))...); resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.DKIM(records)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(records.Domain, result.Warnings)...)
	state, diags := config.state(ctx, map[string]attr.Value{
		"warnings": warningsValue(result.Warnings), "records": recordsValue(result.Records),
	})
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
