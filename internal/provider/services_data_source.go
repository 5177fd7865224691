package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

type servicesDataSource struct{}

var _ datasource.DataSource = servicesDataSource{}

func newServicesDataSource() datasource.DataSource { return servicesDataSource{} }

type servicesModel struct {
	Services map[string]builtinModel `tfsdk:"services"`
}

// builtinModel is what is known of a built-in service.
type builtinModel struct {
	Name      types.String `tfsdk:"name"`
	Docs      types.String `tfsdk:"docs"`
	Evidence  types.String `tfsdk:"evidence"`
	Checked   types.String `tfsdk:"checked"`
	Variables types.List   `tfsdk:"template_variables"`
	Groups    types.List   `tfsdk:"template_groups"`
	Notes     types.List   `tfsdk:"notes"`
}

func (servicesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_services"
}

func (servicesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the built-in mail services with the facts in their templates. `keys(data.maildomain_services.this.services)` are their ids. " +
			"[The guide to services](../guides/services.md) has the same as a table, and a page for each. It asks no DNS.",
		Attributes: map[string]schema.Attribute{
			"services": schema.MapNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Services by their ids, which are the keys of `services` in other data sources.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the service."},
					"docs": schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the service's own page about its DNS records. Null if there is none."},
					"evidence": schema.StringAttribute{
						Computed: true,
						MarkdownDescription: "Evidence for the facts:\n  - `V`: read in official documentation or source.\n  - `I`: reported in issues.\n  - `O`: seen in many published configurations.\n" +
							"  - `?`: not verified.",
					},
					"checked":            schema.StringAttribute{Computed: true, MarkdownDescription: "Date on which the facts were last compared with their source, such as `2026-11-23`."},
					"template_variables": templateVariablesAttribute(),
					"template_groups":    templateGroupsAttribute(),
					"notes":              textsAttribute("Steps that the service needs besides DNS records, for any groups. Empty if there are none."),
				}},
			},
		},
	}
}

func (servicesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	model := servicesModel{Services: make(map[string]builtinModel)}
	for _, info := range service.Catalogue() {
		built, diags := newBuiltinModel(ctx, info)
		resp.Diagnostics.Append(diags...)
		model.Services[info.ID] = built
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func newBuiltinModel(ctx context.Context, info service.Info) (builtinModel, diag.Diagnostics) {
	m := builtinModel{
		Name: types.StringValue(info.Name), Docs: stringOrNull(info.Documentation),
		Evidence: types.StringValue(info.Evidence), Checked: types.StringValue(info.Checked), Notes: stringList(info.Notes),
	}
	var diags, more diag.Diagnostics
	m.Variables, diags = templateVariablesValue(ctx, info.Variables)
	m.Groups, more = templateGroupsValue(ctx, info.Groups)
	return m, append(diags, more...)
}

// templateVariableModel is a variable of a template.
type templateVariableModel struct {
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	Where       types.String `tfsdk:"where"`
	Default     types.String `tfsdk:"default"`
	Groups      types.List   `tfsdk:"groups"`
}

func templateVariablesAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The variables of the template, in the order in which its records need them.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":        schema.StringAttribute{Computed: true, MarkdownDescription: "Name, as `variables` takes it in any case."},
			"description": schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the variable. Null if the template has none."},
			"where":       schema.StringAttribute{Computed: true, MarkdownDescription: "Place where its value is found. Null if the template names none."},
			"default": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Default value. It may contain other variables, and `%fqdn_dashed%` (the name with hyphens for dots) or `%fqdn_doubled%` (the same, with its hyphens doubled). Null if the variable must be set, or if another variable decides its value.",
			},
			"groups": textsAttribute("Groups whose records need the variable. Empty if only records without a group do."),
		}},
	}
}

func templateVariablesValue(ctx context.Context, variables []service.Variable) (types.List, diag.Diagnostics) {
	models := make([]templateVariableModel, len(variables))
	for i, v := range variables {
		models[i] = templateVariableModel{
			Name: types.StringValue(v.Name), Description: stringOrNull(v.Description), Where: stringOrNull(v.Where),
			Default: stringOrNull(v.Default), Groups: stringList(v.Groups),
		}
	}
	object := types.ObjectType{AttrTypes: map[string]attr.Type{
		"name": types.StringType, "description": types.StringType, "where": types.StringType, "default": types.StringType,
		"groups": types.ListType{ElemType: types.StringType},
	}}
	return types.ListValueFrom(ctx, object, models)
}

// templateGroupModel is a group of a template's records.
type templateGroupModel struct {
	ID          types.String `tfsdk:"id"`
	Description types.String `tfsdk:"description"`
	Default     types.Bool   `tfsdk:"default"`
}

func templateGroupsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The groups of the template's records, in its order.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":          schema.StringAttribute{Computed: true, MarkdownDescription: "Id, as `groups` takes it."},
			"description": schema.StringAttribute{Computed: true, MarkdownDescription: "Purpose of its records. Null if the template has none."},
			"default":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the group is applied if `groups` is not set."},
		}},
	}
}

func templateGroupsValue(ctx context.Context, groups []service.Group) (types.List, diag.Diagnostics) {
	models := make([]templateGroupModel, len(groups))
	for i, g := range groups {
		models[i] = templateGroupModel{ID: types.StringValue(g.ID), Description: stringOrNull(g.Description), Default: types.BoolValue(g.Default)}
	}
	object := types.ObjectType{AttrTypes: map[string]attr.Type{
		"id": types.StringType, "description": types.StringType, "default": types.BoolType,
	}}
	return types.ListValueFrom(ctx, object, models)
}
