package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// recordModel is the one record object that every data source and function yields.
type recordModel struct {
	Name     types.String `tfsdk:"name"`
	FQDN     types.String `tfsdk:"fqdn"`
	Type     types.String `tfsdk:"type"`
	TTL      types.Int64  `tfsdk:"ttl"`
	Value    types.String `tfsdk:"value"`
	Quoted   types.String `tfsdk:"quoted"`
	Priority types.Int64  `tfsdk:"priority"`
	Weight   types.Int64  `tfsdk:"weight"`
	Port     types.Int64  `tfsdk:"port"`
	Target   types.String `tfsdk:"target"`
}

// recordAttributes are the attributes of the record object in schemas.
func recordAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Owner relative to the domain: `@` for the domain itself, `_dmarc`, `selector1._domainkey`.",
		},
		"fqdn": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Absolute owner in lower case and A-labels, without a final dot.",
		},
		"type": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Record type: `TXT`, `CNAME`, `MX`, `SRV`, `A`, `AAAA`, `NS`, `TLSA` or `CAA`.",
		},
		"ttl": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Time to live in seconds.",
		},
		"value": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "Record data as a person reads it: TXT whole and unquoted, names without a final dot, " +
				"`10 mx.example.net` for MX.",
		},
		"quoted": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "Record data in presentation form (RFC 1035 §5.1): TXT as `\"…\" \"…\"` with strings of at most " +
				"255 octets, names with a final dot.",
		},
		"priority": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Preference of an MX or priority of an SRV record; null elsewhere.",
		},
		"weight": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Weight of an SRV record; null elsewhere.",
		},
		"port": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Port of an SRV record; null elsewhere.",
		},
		"target": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Target of a CNAME, MX or SRV record, without a final dot; null elsewhere.",
		},
	}
}

// recordsAttribute is the `records` attribute of data sources.
func recordsAttribute(description string) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		NestedObject:        schema.NestedAttributeObject{Attributes: recordAttributes()},
	}
}

// recordType is the type of the record object.
func recordType() types.ObjectType {
	attrs := make(map[string]attr.Type)
	for name, a := range recordAttributes() {
		attrs[name] = a.GetType()
	}
	return types.ObjectType{AttrTypes: attrs}
}

func newRecordModel(r record.Record) recordModel {
	parts := r.Parts()
	m := recordModel{
		Name:     types.StringValue(r.Name()),
		FQDN:     types.StringValue(r.Owner.String()),
		Type:     types.StringValue(string(r.Type)),
		TTL:      types.Int64Value(int64(r.TTL)),
		Value:    types.StringValue(r.Value),
		Quoted:   types.StringValue(r.Quoted()),
		Priority: numberOrNull(parts.Priority),
		Weight:   numberOrNull(parts.Weight),
		Port:     numberOrNull(parts.Port),
		Target:   types.StringNull(),
	}
	if parts.Target.IsValid() {
		m.Target = types.StringValue(parts.Target.String())
	}
	return m
}

func numberOrNull(n int) types.Int64 {
	if n < 0 {
		return types.Int64Null()
	}
	return types.Int64Value(int64(n))
}

// recordsValue is a set of records as the value of a `records` attribute.
func recordsValue(ctx context.Context, set record.Set) (basetypes.MapValue, diag.Diagnostics) {
	models := make(map[string]recordModel, len(set))
	for key, r := range maps.All(set) {
		models[key] = newRecordModel(r)
	}
	return types.MapValueFrom(ctx, recordType(), models)
}
