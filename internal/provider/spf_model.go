package provider

import (
	"context"
	"maps"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// spfResultValues are what the data source computes.
func spfResultValues(ctx context.Context, result compose.SPFResult) (map[string]attr.Value, diag.Diagnostics) {
	size := types.Int64Null()
	if result.AnswerSize > 0 {
		size = types.Int64Value(int64(result.AnswerSize))
	}
	flattened, diags := flattenedValue(ctx, result.Sources)
	values := map[string]attr.Value{
		"value": stringOrNull(result.Value), "tree": stringOrNull(result.Tree), "warnings": warningsValue(result.Warnings),
		"adopted": stringList(result.Adopted), "extra_txt": stringList(result.ExtraTXT), "answer_size": size,
		"records": recordsValue(result.Records), "flattened_records": recordsValue(result.Flattened), "flattened": flattened,
	}
	maps.Copy(values, costValues(result.Cost))
	return values, diags
}

// costValues are what evaluating the record costs; null where that is not known.
func costValues(cost *tree.Cost) map[string]attr.Value {
	if cost == nil {
		return map[string]attr.Value{"lookup_count": types.Int64Null(), "void_lookup_count": types.Int64Null(), "lookups": types.MapNull(types.Int64Type)}
	}
	lookups := make(map[string]attr.Value, len(cost.Terms))
	for _, t := range cost.Terms {
		lookups[t.Term] = types.Int64Value(int64(t.Lookups))
	}
	return map[string]attr.Value{
		"lookup_count": types.Int64Value(int64(cost.Lookups)), "void_lookup_count": types.Int64Value(int64(cost.Void())),
		"lookups": types.MapValueMust(types.Int64Type, lookups),
	}
}

type flattenedModel struct {
	IPv4Addresses types.Number `tfsdk:"ipv4_addresses"`
	IPv6Addresses types.Number `tfsdk:"ipv6_addresses"`
	CIDRs         types.Int64  `tfsdk:"cidrs"`
	Records       types.Int64  `tfsdk:"records"`
}

func flattenedValue(ctx context.Context, sources map[string]tree.FlatSource) (types.Map, diag.Diagnostics) {
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
