package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// config translates the configuration of the data source.
func (m spfModel) config(ctx context.Context) (compose.SPFConfig, diag.Diagnostics) {
	domain, diags := domainValue(m.Domain)
	services, more := composeServices(ctx, m.Services)
	diags.Append(more...)
	diags.Append(rejectEmpty(path.Root("existing"), m.Existing, "Leave `existing` out, or set it to null, where the domain has no SPF record yet.")...)
	return compose.SPFConfig{
		Domain:       domain,
		Services:     services,
		Existing:     m.Existing.ValueString(),
		Mechanisms:   stringValues(m.Mechanisms),
		Remove:       stringValues(m.Remove),
		All:          spf.All(m.All.ValueString()),
		AllowPassAll: m.AllowPassAll.ValueBool(),
		TTL:          ttlValue(m.TTL),
	}, diags
}

// set puts the result into the model.
func (m *spfModel) set(ctx context.Context, result compose.SPFResult) diag.Diagnostics {
	m.Value = types.StringNull()
	if result.Value != "" {
		m.Value = types.StringValue(result.Value)
	}
	m.Warnings = warningsValue(result.Warnings)
	var diags diag.Diagnostics
	m.Records, diags = recordsValue(ctx, result.Records)
	return diags
}
