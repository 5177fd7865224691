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
		"services":    servicesAttribute("All their records are taken. Optional. Defaults to none."),
		"keys":        keysAttribute(),
		"ttl":         ttlAttribute(fmt.Sprintf("TTL of all records in seconds. Optional. Defaults to what a service's template says, and otherwise `%d`.", compose.DefaultTTL)),
		"extra":       extraAttribute(),
		"acknowledge": acknowledgeAttribute(),
		"records": recordsAttribute("The records by their keys: `<domain>/spf`, where `existing`, `mechanisms`, `all` or a service says anything about SPF; `<domain>/spf/<name>` for each other owner that a service sends from, `<domain>/keys/<selector>`, `<domain>/dmarc`, " +
			"`<domain>/extra/<name>`, and `<domain>/<service>/<id>` with the id that the service's template gives the record."),
		"warnings": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "What to look at: how the SPF merge differs from what was given, what templates ask for and do not get, keys under 2048 bits. The same sentences are warnings of the plan.",
		},
	}
	maps.Copy(attributes, policyAttributes())
	ofSPF := spfInputs()
	for _, name := range []string{"existing", "mechanisms", "remove", "all", "allow_pass_all"} {
		attributes[name] = ofSPF[name]
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes all mail records that the services of a domain ask for: the merged SPF record (RFC 7208 §3.2), DKIM, and return path, mailbox and verification records where they are asked for. " +
			"It asks no DNS, so that SPF lookups are not counted; [`maildomain_spf`](spf.md) does that. The function [`records`](../functions/records.md) makes the same records, also from values that " +
			"are known only after apply, and costs less in large fleets; this data source shows warnings.",
		Attributes: attributes,
	}
}

// ValidateConfig refuses what is wrong whatever the unknown values turn out to be.
func (recordsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check(newRequest(config.parts).config)...)
}

// Read takes the configuration as the function takes its argument, so that both make the same of the same.
func (recordsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	request := newRequest(config.parts)
	if resp.Diagnostics.Append(config.check(request.config)...); resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.Records(request.config)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(request.config.Domain, result.Warnings)...)
	state, diags := config.state(ctx, map[string]attr.Value{
		"warnings": warningsValue(result.Warnings), "records": recordsValue(result.Records),
	})
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
