package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// serviceModel is one element of `services`.
type serviceModel struct {
	Service   types.String            `tfsdk:"service"`
	Template  types.String            `tfsdk:"template"`
	Variables map[string]types.String `tfsdk:"variables"`
	Groups    types.List              `tfsdk:"groups"`
	Host      types.String            `tfsdk:"host"`
	Allow     []types.String          `tfsdk:"allow"`
}

// servicesAttribute is the `services` attribute of data sources.
func servicesAttribute(what string) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Mail senders of the domain, by a name of your choice: the key names a built-in service (`microsoft365`) unless `service` or " +
			"`template` does. " + what,
		NestedObject: schema.NestedAttributeObject{Attributes: serviceAttributes("Id of a built-in service. Left out: the key in the map is the id.")},
	}
}

// serviceAttributes are the attributes of one service, with the description of `service`.
func serviceAttributes(id string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"service": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: id,
		},
		"template": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Text of a [Domain Connect](https://www.domainconnect.org/) template, as from `file(\"acme.com.mail.json\")`, for a service that is not built in. " +
				"Left out: a built-in service is used.",
		},
		"variables": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "What the service hands out to you, by the names that its template gives, in any case. Only the variables of records that are asked for are demanded. " +
				"Left out: none.",
		},
		"groups": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Groups of the template's records to apply. Left out: those for sending in built-in services, all in others.",
		},
		"host": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Host below the domain that the service sends from, such as `news`. Left out: the domain itself.",
		},
		"allow": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Record types (`CAA`) or owners (`_acme-challenge`) that the template may publish beyond mail records; `[\"*\"]` allows all. `_dmarc` keeps the policy that the template has, which is left out otherwise. " +
				"Left out: none, since a template is not trusted.",
		},
	}
}

// composeServices translates `services`.
func composeServices(ctx context.Context, models map[string]*serviceModel) (map[string]compose.Service, diag.Diagnostics) {
	var diags diag.Diagnostics
	services := make(map[string]compose.Service, len(models))
	for key, m := range models {
		if m == nil {
			diags.AddAttributeError(path.Root("services").AtMapKey(key), "Service without settings",
				"The element is null. Write `{}` for a service without settings, or leave the element out.")
			continue
		}
		s, more := m.compose(ctx)
		diags.Append(more...)
		services[key] = s
	}
	return services, diags
}

// compose translates one service.
func (m *serviceModel) compose(ctx context.Context) (compose.Service, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := compose.Service{
		Service:   m.Service.ValueString(),
		Template:  m.Template.ValueString(),
		Host:      m.Host.ValueString(),
		Variables: make(map[string]string, len(m.Variables)),
		Allow:     stringValues(m.Allow),
	}
	for name, v := range m.Variables {
		if !v.IsNull() {
			s.Variables[name] = v.ValueString()
		}
	}
	if !m.Groups.IsNull() {
		s.Groups = []string{}
		diags.Append(m.Groups.ElementsAs(ctx, &s.Groups, false)...)
	}
	return s, diags
}

// stringValues returns the texts of a list; null elements are left out.
func stringValues(list []types.String) []string {
	texts := make([]string, 0, len(list))
	for _, v := range list {
		if !v.IsNull() {
			texts = append(texts, v.ValueString())
		}
	}
	return texts
}
