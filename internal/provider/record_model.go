package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

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

// recordsAttribute is the `records` attribute of data sources. Its types say what the framework would find out itself,
// once for each null of each record.
func recordsAttribute(description string) schema.MapNestedAttribute {
	object := recordType()
	return schema.MapNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		CustomType:          types.MapType{ElemType: object},
		NestedObject:        schema.NestedAttributeObject{Attributes: recordAttributes(), CustomType: object},
	}
}

// recordType is the type of the record object.
func recordType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"name": types.StringType, "fqdn": types.StringType, "type": types.StringType, "ttl": types.Int64Type,
		"value": types.StringType, "quoted": types.StringType,
		"priority": types.Int64Type, "weight": types.Int64Type, "port": types.Int64Type, "target": types.StringType,
	}}
}

// recordsValue is a set of records as the value of a `records` attribute.
func recordsValue(set record.Set) types.Map { return partlyKnownRecords(set, problem.Unknown{}) }

// partlyKnownRecords is recordsValue for records with unknown parts, by their keys.
func partlyKnownRecords(set record.Set, unknown problem.Unknown) types.Map {
	object := recordType()
	records := make(map[string]attr.Value, len(set))
	for key, r := range set {
		records[key] = types.ObjectValueMust(object.AttrTypes, recordParts(r, unknown.Key(key)))
	}
	return types.MapValueMust(object, records)
}

// recordParts are the attributes of one record. What its type does not have is null even while the rest is unknown.
func recordParts(r record.Record, unknown problem.Unknown) map[string]attr.Value {
	parts := map[string]attr.Value{
		"name": types.StringUnknown(), "fqdn": types.StringUnknown(), "type": types.StringValue(string(r.Type)), "ttl": types.Int64Unknown(),
		"value": types.StringUnknown(), "quoted": types.StringUnknown(),
		"priority": types.Int64Null(), "weight": types.Int64Null(), "port": types.Int64Null(), "target": types.StringNull(),
	}
	if !unknown.Attribute(service.OwnerPart).Any() {
		parts["name"], parts["fqdn"] = types.StringValue(r.Name()), types.StringValue(r.Owner.String())
	}
	if !unknown.Attribute(service.TTLPart).Any() {
		parts["ttl"] = types.Int64Value(int64(r.TTL))
	}
	if unknown.Attribute(service.ValuePart).Any() {
		setUnknownParts(parts, r.Type)
		return parts
	}
	parts["value"], parts["quoted"] = types.StringValue(r.Value), types.StringValue(r.Quoted())
	known := r.Parts()
	for name, n := range map[string]int{"priority": known.Priority, "weight": known.Weight, "port": known.Port} {
		if n >= 0 {
			parts[name] = types.Int64Value(int64(n))
		}
	}
	if known.Target.IsValid() {
		parts["target"] = types.StringValue(known.Target.String())
	}
	return parts
}

// setUnknownParts marks the parts that records of a type have.
func setUnknownParts(parts map[string]attr.Value, t record.Type) {
	switch t {
	case record.SRV:
		parts["weight"], parts["port"] = types.Int64Unknown(), types.Int64Unknown()
		fallthrough
	case record.MX:
		parts["priority"] = types.Int64Unknown()
		fallthrough
	case record.CNAME:
		parts["target"] = types.StringUnknown()
	}
}
