package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

type dkimDataSource struct{}

var _ datasource.DataSource = dkimDataSource{}

func newDKIMDataSource() datasource.DataSource { return dkimDataSource{} }

type dkimModel struct {
	Domain   types.String             `tfsdk:"domain"`
	Services map[string]*serviceModel `tfsdk:"services"`
	Keys     map[string]*keyModel     `tfsdk:"keys"`
	TTL      types.Int64              `tfsdk:"ttl"`
	Records  types.Map                `tfsdk:"records"`
	Warnings types.List               `tfsdk:"warnings"`
}

func (dkimDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dkim"
}

func (dkimDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes the DKIM records of a domain (RFC 6376 §3.6.1): the CNAMEs that its services ask for, and keys of your own by their selectors. It asks no DNS.",
		Attributes: map[string]schema.Attribute{
			"domain":   domainAttribute(),
			"services": servicesAttribute("Their DKIM records are taken, and no others. Left out: none."),
			"keys":     keysAttribute(),
			"ttl":      ttlAttribute(fmt.Sprintf("TTL of the records in seconds. Left out: what a service's template says, and otherwise %d.", compose.DefaultTTL)),
			"records": recordsAttribute("The records by their keys: `<domain>/<service>/<id>` for those of a service, with the id that its template gives the record, " +
				"and `<domain>/keys/<selector>`."),
			"warnings": schema.ListAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "What to look at, such as keys under 2048 bits. The same sentences are warnings of the plan.",
			},
		},
	}
}

func (dkimDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dkimModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, diags := model.config(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.DKIM(config)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(result.Warnings)...)
	model.Warnings = warningsValue(result.Warnings)
	model.Records = recordsValue(result.Records)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// config translates the configuration of the data source.
func (m dkimModel) config(ctx context.Context) (compose.DKIMConfig, diag.Diagnostics) {
	domain, diags := domainValue(m.Domain)
	services, more := composeServices(ctx, m.Services)
	diags.Append(more...)
	keys, more := composeKeys(m.Keys)
	diags.Append(more...)
	return compose.DKIMConfig{Domain: domain, Services: services, Keys: keys, TTL: ttlValue(m.TTL)}, diags
}
