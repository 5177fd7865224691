package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

type spfDataSource struct{}

var _ datasource.DataSource = spfDataSource{}

func newSPFDataSource() datasource.DataSource { return spfDataSource{} }

type spfModel struct {
	Domain       types.String             `tfsdk:"domain"`
	Existing     types.String             `tfsdk:"existing"`
	Services     map[string]*serviceModel `tfsdk:"services"`
	Mechanisms   []types.String           `tfsdk:"mechanisms"`
	Remove       []types.String           `tfsdk:"remove"`
	All          types.String             `tfsdk:"all"`
	AllowPassAll types.Bool               `tfsdk:"allow_pass_all"`
	TTL          types.Int64              `tfsdk:"ttl"`
	Value        types.String             `tfsdk:"value"`
	Records      types.Map                `tfsdk:"records"`
	Warnings     types.List               `tfsdk:"warnings"`
}

func (spfDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_spf"
}

func (spfDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Merges the one SPF record of a domain (RFC 7208 §3.2) from the record that it has, the services that send for it, and terms of your own. " +
			"It asks no DNS. Services that send from another owner (`host`) give that owner an SPF record of its own, merged by itself.",
		Attributes: map[string]schema.Attribute{
			"domain": domainAttribute(),
			"existing": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The SPF record that the domain has now, as it stands in DNS, without quotes: `v=spf1 include:spf.protection.outlook.com ~all`. " +
					"Its terms come first and keep their order. Left out: the domain has none.",
			},
			"services": servicesAttribute("Their SPF terms are merged in the order of these names. Left out: none."),
			"mechanisms": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Further terms of your own, such as `ip4:192.0.2.0/24` or `include:_spf.example.net`, behind those of the services. Left out: none.",
			},
			"remove": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Terms that leave the record, such as `include:old.example.net`, compared by mechanism, argument and prefix length. " +
					"Left out: nothing is removed.",
			},
			"all": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What the record says of every other sender: `fail` (`-all`), `softfail` (`~all`), `neutral` (`?all`), `pass` (`+all`, which also needs `allow_pass_all`), " +
					"or `keep`, which takes over what `existing` ends in. Left out: `fail`, as Catglobe recommends.",
				Validators: []validator.String{stringvalidator.OneOf(stringsOf(spf.AllValues())...)},
			},
			"allow_pass_all": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether the record may pass every sender, or half of all addresses and more. Left out: `false`; such a record is an error, " +
					"since with it anyone can send as the domain.",
			},
			"ttl": ttlAttribute(fmt.Sprintf("TTL of the records in seconds. Left out: %d.", compose.DefaultTTL)),
			"value": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "The SPF record of the domain itself, whole and unquoted. Null where it needs none: no service asks for SPF there, " +
					"or the domain lies in the service's own zone.",
			},
			"records": recordsAttribute("The records by their keys: `<domain>/spf`, and `<domain>/spf/<name>` for each other owner that a service sends from."),
			"warnings": schema.ListAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "What to look at: how the merge differs from what was given. The same sentences are warnings of the plan.",
			},
		},
	}
}

func (spfDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model spfModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, diags := model.config(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.SPF(config)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(result.Warnings)...)
	resp.Diagnostics.Append(model.set(ctx, result)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
