package provider

import (
	"context"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// config translates the configuration of the data source.
func (m *spfModel) config(ctx context.Context) (compose.SPFConfig, diag.Diagnostics) {
	domain, diags := domainValue(m.Domain)
	services, more := composeServices(ctx, m.Services)
	diags.Append(more...)
	diags.Append(rejectEmpty(path.Root("existing"), m.Existing, "Leave `existing` out, or set it to null, where the domain has no SPF record yet.")...)
	return compose.SPFConfig{
		Domain:       domain,
		Services:     services,
		Existing:     m.Existing.ValueString(),
		AdoptLive:    m.AdoptLive.ValueBool(),
		Mechanisms:   stringValues(m.Mechanisms),
		Remove:       stringValues(m.Remove),
		All:          spf.All(m.All.ValueString()),
		AllowPassAll: m.AllowPassAll.ValueBool(),
		Flatten:      stringValues(m.Flatten),
		MaxSize:      int(m.MaxSize.ValueInt64()),
		TTL:          ttlValue(m.TTL),

		WarnOnPermError: m.OnPermError.ValueString() == "warn",
	}, diags
}

// set puts the result into the model.
func (m *spfResultModel) set(ctx context.Context, result compose.SPFResult) diag.Diagnostics {
	m.Value, m.Tree = stringOrNull(result.Value), stringOrNull(result.Tree)
	m.Warnings = warningsValue(result.Warnings)
	m.Adopted, m.ExtraTXT = stringList(result.Adopted), stringList(result.ExtraTXT)
	m.AnswerSize = types.Int64Null()
	if result.AnswerSize > 0 {
		m.AnswerSize = types.Int64Value(int64(result.AnswerSize))
	}
	m.setCost(result.Cost)
	m.Records, m.FlattenedRecords = recordsValue(result.Records), recordsValue(result.Flattened)
	var diags diag.Diagnostics
	m.Flattened, diags = flattenedValue(ctx, result.Sources)
	return diags
}

// setCost puts what evaluating the record costs into the model; nil where that is not known.
func (m *spfResultModel) setCost(cost *spf.Cost) {
	if cost == nil {
		m.LookupCount, m.VoidLookupCount, m.Lookups = types.Int64Null(), types.Int64Null(), types.MapNull(types.Int64Type)
		return
	}
	m.LookupCount = types.Int64Value(int64(cost.Lookups))
	m.VoidLookupCount = types.Int64Value(int64(cost.Void()))
	lookups := make(map[string]attr.Value, len(cost.Terms))
	for _, t := range cost.Terms {
		lookups[t.Term] = types.Int64Value(int64(t.Lookups))
	}
	m.Lookups = types.MapValueMust(types.Int64Type, lookups)
}

type flattenedModel struct {
	IPv4Addresses types.Number `tfsdk:"ipv4_addresses"`
	IPv6Addresses types.Number `tfsdk:"ipv6_addresses"`
	CIDRs         types.Int64  `tfsdk:"cidrs"`
	Records       types.Int64  `tfsdk:"records"`
}

func flattenedValue(ctx context.Context, sources map[string]spf.FlatSource) (types.Map, diag.Diagnostics) {
	object := types.ObjectType{AttrTypes: map[string]attr.Type{
		"ipv4_addresses": types.NumberType, "ipv6_addresses": types.NumberType, "cidrs": types.Int64Type, "records": types.Int64Type,
	}}
	models := make(map[string]flattenedModel, len(sources))
	for name, s := range sources {
		v6 := new(big.Float)
		if s.Addresses6 != nil {
			v6.SetInt(s.Addresses6)
		}
		models[name] = flattenedModel{
			IPv4Addresses: types.NumberValue(new(big.Float).SetUint64(s.Addresses4)),
			IPv6Addresses: types.NumberValue(v6),
			CIDRs:         types.Int64Value(int64(s.CIDRs)),
			Records:       types.Int64Value(int64(s.Records)),
		}
	}
	return types.MapValueFrom(ctx, object, models)
}
