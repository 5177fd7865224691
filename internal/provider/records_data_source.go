package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

type recordsDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = recordsDataSource{}

func newRecordsDataSource() datasource.DataSource { return recordsDataSource{} }

func (recordsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_records"
}

func (recordsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"domain":      domainAttribute(),
		"services":    servicesAttribute("All their records are returned. Optional. Defaults to none."),
		"keys":        keysAttribute(),
		"ttl":         ttlAttribute(fmt.Sprintf("TTL of all records in seconds. Optional. Defaults to the value in the service's template, and otherwise `%d`.", compose.DefaultTTL)),
		"extra":       extraAttribute(),
		"acknowledge": acknowledgeAttribute(),
		"records": recordsAttribute("The records by their keys: `<domain>/spf`, if `existing`, `mechanisms`, `all` or a service sets SPF terms; `<domain>/spf/<name>` for each other owner that a service sends from, `<domain>/keys/<selector>`, `<domain>/dmarc`, " +
			"`<domain>/extra/<name>`, and `<domain>/<service>/<id>` with the id that the service's template gives the record."),
		"warnings": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "Warnings: differences between the SPF merge and its inputs, records that templates ask for but do not get, keys under 2048 bits. The plan shows the same sentences.",
		},
	}
	maps.Copy(attributes, policyAttributes())
	ofSPF := spfInputs()
	for _, name := range spfNames() {
		attributes[name] = ofSPF[name]
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns all mail records of a domain: the merged SPF record (RFC 7208 §3.2), DKIM records, policies, and the return path, mailbox and verification records of the groups that `services` name. " +
			"It asks no DNS, so it does not count SPF lookups: [`maildomain_spf`](spf.md) does. The function [`records`](../functions/records.md) returns the same records, accepts unknown values " +
			"and costs less in large fleets. This data source shows warnings, which a function cannot.",
		Attributes: attributes,
	}
}

// ValidateConfig refuses what is wrong whatever the unknown values turn out to be.
func (recordsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check(newConfig(config.parts))...)
}

// Read takes the configuration as the function takes its argument, so that both make the same of the same.
func (recordsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	records := newConfig(config.parts)
	if resp.Diagnostics.Append(config.check(records)...); resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.Records(records)
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
