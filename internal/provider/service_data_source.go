package provider

import (
	"cmp"
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

type serviceDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = serviceDataSource{}

func newServiceDataSource() datasource.DataSource { return serviceDataSource{} }

func (serviceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service"
}

func (serviceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := serviceAttributes("Id of a built-in service; [`maildomain_services`](services.md) lists them. Optional. Without it, `template` is used.")
	attributes["domain"] = domainAttribute()
	attributes["records"] = recordsAttribute("The records by their keys, `<domain>/<service>/<id>`; for a template of your own, `<service>` is its `providerId` and `serviceId` with a dot between them. " +
		"They do not include the SPF terms: these become part of the one SPF record, and are in `spf`.")
	attributes["spf"] = textsAttribute("SPF terms that the service adds to the record of the domain itself, such as `include:spf.protection.outlook.com`. Empty if it adds none.")
	attributes["spf_hosts"] = schema.MapAttribute{
		ElementType: types.ListType{ElemType: types.StringType},
		Computed:    true,
		MarkdownDescription: "SPF terms that the service adds to the records of other owners, those of hosts that it sends from: absolute owner, such as `mail.example.com`, to terms. " +
			"Empty if it adds none.",
	}
	attributes["name"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the service."}
	attributes["docs"] = schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the service's own page about its DNS records. Null for templates that name none."}
	attributes["template_variables"] = templateVariablesAttribute()
	attributes["template_groups"] = templateGroupsAttribute()
	attributes["notes"] = textsAttribute("Steps that the service needs besides DNS records, for the person who applies them. Empty if there are none.")
	attributes["warnings"] = textsAttribute("Records that the template asks for but does not get. The plan shows the same sentences. Empty if there are none.")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the records that one service asks for at one domain. Use it to look a service up, or to try a Domain Connect template. " +
			"For all records of a domain, use [`maildomain_records`](records.md). It asks no DNS.",
		Attributes: attributes,
	}
}

func textsAttribute(description string) schema.ListAttribute {
	return schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
}

// ValidateConfig refuses what is wrong whatever the unknown values turn out to be.
func (serviceDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	newServiceRequest(config.parts)
	resp.Diagnostics.Append(config.check(compose.Config{})...)
}

func (serviceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	domain, settings := newServiceRequest(config.parts)
	if resp.Diagnostics.Append(config.check(compose.Config{})...); resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.ApplyOne(domain, cmp.Or(settings.Service, "template"), settings)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(domain, result.Warnings)...)
	results, diags := serviceResults(ctx, domain, result)
	resp.Diagnostics.Append(diags...)
	state, diags := config.state(ctx, results)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// newServiceRequest reads the attributes. What is wrong with them goes to the problems of the inputs.
func newServiceRequest(parts map[string]input) (dnsname.Name, compose.Service) {
	domain := readDomain(parts["domain"])
	settings, known := readService(parts)
	if known && settings.Service == "" && settings.Template == "" {
		parts["service"].failAs("No service",
			"neither `service` nor `template` is set; name a built-in service, such as `service = \"microsoft365\"`, or give a template by `template = file(\"…\")`")
	}
	return domain, settings
}

// serviceResults are what the data source computes.
func serviceResults(ctx context.Context, domain dnsname.Name, result compose.OneService) (map[string]attr.Value, diag.Diagnostics) {
	info := result.Info
	source := info.ID
	if source == "" {
		source = strings.Trim(info.ProviderID+"."+info.ServiceID, ".")
	}
	records := make(record.Set, len(result.Applied.Records))
	for _, r := range result.Applied.Records {
		records[record.Key(domain, source, r.ID)] = r.Record
	}
	variables, diags := templateVariablesValue(ctx, info.Variables)
	groups, more := templateGroupsValue(ctx, info.Groups)
	terms, hosts := serviceTerms(domain, result.Applied.SPF)
	return map[string]attr.Value{
		"records": recordsValue(records), "spf": terms, "spf_hosts": hosts,
		"name": types.StringValue(info.Name), "docs": stringOrNull(info.Documentation),
		"template_variables": variables, "template_groups": groups,
		"notes": stringList(result.Applied.Notes), "warnings": warningsValue(result.Warnings),
	}, append(diags, more...)
}

// serviceTerms are the SPF terms for the domain itself, and those for other owners.
func serviceTerms(domain dnsname.Name, parts []service.SPF) (own types.List, others types.Map) {
	own = stringList(nil)
	hosts := make(map[string]attr.Value)
	for _, part := range parts {
		terms := stringList(strings.Fields(part.Terms.TermsString()))
		if part.Owner == domain {
			own = terms
		} else {
			hosts[part.Owner.String()] = terms
		}
	}
	return own, types.MapValueMust(types.ListType{ElemType: types.StringType}, hosts)
}
