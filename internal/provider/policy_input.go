package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// filled returns a text that is not empty where there is one, and empty where there is none.
func (in input) filled() string {
	text := in.text()
	if in.isText() && text == "" {
		in.failAs("Empty value", "it is an empty text; leave it out, or set it to null")
	}
	return text
}

// policyResults makes the results of a data source from its configuration. It returns compose.Problems.
type policyResults func(parts map[string]input) (map[string]attr.Value, compose.Problems, error)

// results reads the configuration and makes the results.
func (p policyResults) results(ctx context.Context, from tfsdk.Config) (*configured, map[string]attr.Value, compose.Problems, diag.Diagnostics) {
	config, diags := readConfig(ctx, from)
	if diags.HasError() {
		return config, nil, nil, diags
	}
	values, warnings, err := p(config.parts)
	problems := inputSentences(config.problems)
	if more, ok := errors.AsType[compose.Problems](err); ok {
		problems = append(problems, more...)
	}
	if len(problems) > 0 {
		diags.Append(errorDiagnostics(problems)...)
	}
	return config, values, warnings, diags
}

// validate refuses what is wrong whatever the unknown values turn out to be.
func (p policyResults) validate(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	_, _, _, diags := p.results(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
}

// read makes the results, and shows the warnings.
func (p policyResults) read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, values, warnings, diags := p.results(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(config.domain(), warnings)...)
	values["warnings"] = warningsValue(warnings)
	state, diags := config.state(ctx, values)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// policyTTLAttribute is the `ttl` attribute of data sources whose records no service asks for.
func policyTTLAttribute() schema.NumberAttribute {
	return ttlAttribute("TTL of the records in seconds. Optional. Defaults to `3600`.")
}

// warningsAttribute is the `warnings` attribute of data sources.
func warningsAttribute(what string) schema.ListAttribute {
	return schema.ListAttribute{
		ElementType:         types.StringType,
		Computed:            true,
		MarkdownDescription: what + " The plan shows the same sentences.",
	}
}

// domainConfig reads what policies have in common: the domain, the TTL, and what is acknowledged.
func domainConfig(parts map[string]input) compose.Config {
	c := compose.Config{Domain: readDomain(parts["domain"]), TTL: readTTL(parts["ttl"]), Acknowledge: parts["acknowledge"].texts()}
	c.Unknown = unknownOf(parts, "domain", "ttl", "acknowledge")
	return c
}
