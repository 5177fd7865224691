package provider

import (
	"cmp"
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

type serviceDataSource struct{}

var _ datasource.DataSource = serviceDataSource{}

func newServiceDataSource() datasource.DataSource { return serviceDataSource{} }

type serviceDataModel struct {
	Domain types.String `tfsdk:"domain"`
	serviceModel
	serviceResultModel
}

// serviceResultModel is what the data source computes.
type serviceResultModel struct {
	Records           types.Map    `tfsdk:"records"`
	SPF               types.List   `tfsdk:"spf"`
	SPFHosts          types.Map    `tfsdk:"spf_hosts"`
	Name              types.String `tfsdk:"name"`
	Docs              types.String `tfsdk:"docs"`
	TemplateVariables types.List   `tfsdk:"template_variables"`
	TemplateGroups    types.List   `tfsdk:"template_groups"`
	Notes             types.List   `tfsdk:"notes"`
	Warnings          types.List   `tfsdk:"warnings"`
}

func (serviceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service"
}

func (serviceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := serviceAttributes("Id of a built-in service; [`maildomain_services`](services.md) lists them. Left out: `template` is used.")
	attributes["domain"] = domainAttribute()
	attributes["records"] = recordsAttribute("The records by their keys, `<domain>/<service>/<id>`; for a template of your own, `<service>` is its `providerId` and `serviceId` with a dot between them. " +
		"The terms of SPF are not among them: they are merged into the one SPF record, and stand in `spf`.")
	attributes["spf"] = textsAttribute("SPF terms that the service adds to the record of the domain itself, such as `include:spf.protection.outlook.com`. Empty where it adds none.")
	attributes["spf_hosts"] = schema.MapAttribute{
		ElementType: types.ListType{ElemType: types.StringType},
		Computed:    true,
		MarkdownDescription: "SPF terms that the service adds to the records of other owners, those of hosts that it sends from: absolute owner, such as `mail.example.com`, to terms. " +
			"Empty where it adds none.",
	}
	attributes["name"] = schema.StringAttribute{Computed: true, MarkdownDescription: "What the service is called."}
	attributes["docs"] = schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the service's own page about its DNS records. Null for templates that name none."}
	attributes["template_variables"] = templateVariablesAttribute()
	attributes["template_groups"] = templateGroupsAttribute()
	attributes["notes"] = textsAttribute("What the service asks for beside DNS records, for the person who applies them. Empty where nothing.")
	attributes["warnings"] = textsAttribute("What the template asks for and does not get. The same sentences are warnings of the plan. Empty where nothing.")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Applies one service to one domain and shows what it asks for: to look a service up, or to try a Domain Connect template out. " +
			"For the records of a domain, [`maildomain_records`](records.md) takes all its services together. It asks no DNS.",
		Attributes: attributes,
	}
}

func textsAttribute(description string) schema.ListAttribute {
	return schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
}

func (serviceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model serviceDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	domain, diags := domainValue(model.Domain)
	settings, more := model.compose(ctx)
	diags.Append(more...)
	if settings.Service == "" && settings.Template == "" {
		diags.AddAttributeError(path.Root("service"), "No service",
			"Neither `service` nor `template` is set. Name a built-in service, such as `service = \"microsoft365\"`, or give a template by `template = file(\"…\")`.")
	}
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.ApplyOne(domain, cmp.Or(settings.Service, "template"), settings)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(result.Warnings)...)
	resp.Diagnostics.Append(model.set(ctx, domain, result)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// set puts the result into the model.
func (m *serviceResultModel) set(ctx context.Context, domain dnsname.Name, result compose.OneService) diag.Diagnostics {
	info := result.Info
	source := info.ID
	if source == "" {
		source = strings.Trim(info.ProviderID+"."+info.ServiceID, ".")
	}
	records := make(record.Set, len(result.Applied.Records))
	for _, r := range result.Applied.Records {
		records[record.Key(domain, source, r.ID)] = r.Record
	}
	m.Records = recordsValue(records)
	m.setSPF(domain, result.Applied.SPF)
	m.Name, m.Docs = types.StringValue(info.Name), stringOrNull(info.Documentation)
	m.Notes, m.Warnings = stringList(result.Applied.Notes), warningsValue(result.Warnings)
	var diags, more diag.Diagnostics
	m.TemplateVariables, diags = templateVariablesValue(ctx, info.Variables)
	m.TemplateGroups, more = templateGroupsValue(ctx, info.Groups)
	return append(diags, more...)
}

// setSPF puts the terms of each owner into the model.
func (m *serviceResultModel) setSPF(domain dnsname.Name, parts []service.SPF) {
	m.SPF = stringList(nil)
	hosts := make(map[string]attr.Value)
	for _, part := range parts {
		terms := stringList(strings.Fields(part.Terms.TermsString()))
		if part.Owner == domain {
			m.SPF = terms
		} else {
			hosts[part.Owner.String()] = terms
		}
	}
	m.SPFHosts = types.MapValueMust(types.ListType{ElemType: types.StringType}, hosts)
}
