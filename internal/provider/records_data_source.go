package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

type recordsDataSource struct{}

var _ datasource.DataSource = recordsDataSource{}

func newRecordsDataSource() datasource.DataSource { return recordsDataSource{} }

type recordsModel struct {
	Domain       types.String             `tfsdk:"domain"`
	Services     map[string]*serviceModel `tfsdk:"services"`
	Keys         map[string]*keyModel     `tfsdk:"keys"`
	Existing     types.String             `tfsdk:"existing"`
	Mechanisms   []types.String           `tfsdk:"mechanisms"`
	Remove       []types.String           `tfsdk:"remove"`
	All          types.String             `tfsdk:"all"`
	AllowPassAll types.Bool               `tfsdk:"allow_pass_all"`
	TTL          types.Int64              `tfsdk:"ttl"`
	Records      types.Map                `tfsdk:"records"`
	Warnings     types.List               `tfsdk:"warnings"`
}

func (recordsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_records"
}

func (recordsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"domain":   domainAttribute(),
		"services": servicesAttribute("All their records are taken. An element that is null is left out. Left out: none."),
		"keys":     keysAttribute(),
		"ttl":      ttlAttribute(fmt.Sprintf("TTL of all records in seconds. Left out: what a service's template says, and otherwise %d.", compose.DefaultTTL)),
		"records": recordsAttribute("The records by their keys: `<domain>/spf`, `<domain>/spf/<name>` for each other owner that a service sends from, `<domain>/keys/<selector>`, " +
			"and `<domain>/<service>/<id>` with the id that the service's template gives the record."),
		"warnings": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "What to look at: how the SPF merge differs from what was given, what templates ask for and do not get, keys under 2048 bits. The same sentences are warnings of the plan.",
		},
	}
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

func (recordsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model recordsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, diags := model.config(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.Records(config)
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
func (m *recordsModel) config(ctx context.Context) (compose.RecordsConfig, diag.Diagnostics) {
	domain, diags := domainValue(m.Domain)
	present := maps.Clone(m.Services)
	maps.DeleteFunc(present, func(_ string, s *serviceModel) bool { return s == nil })
	services, more := composeServices(ctx, present)
	diags.Append(more...)
	presentKeys := maps.Clone(m.Keys)
	maps.DeleteFunc(presentKeys, func(_ string, k *keyModel) bool { return k == nil })
	keys, more := composeKeys(presentKeys)
	diags.Append(more...)
	diags.Append(rejectEmpty(path.Root("existing"), m.Existing, "Leave `existing` out, or set it to null, where the domain has no SPF record yet.")...)
	return compose.RecordsConfig{
		Domain:       domain,
		Services:     services,
		Keys:         keys,
		Existing:     m.Existing.ValueString(),
		Mechanisms:   stringValues(m.Mechanisms),
		Remove:       stringValues(m.Remove),
		All:          spf.All(m.All.ValueString()),
		AllowPassAll: m.AllowPassAll.ValueBool(),
		TTL:          ttlValue(m.TTL),
	}, diags
}
