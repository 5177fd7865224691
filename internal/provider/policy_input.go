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

// policyInput reads the attributes of a policy, be it a data source or an attribute of one, and notes which are known only
// after apply. What is wrong with one counts as such, so that nothing is said of it twice.
type policyInput struct {
	parts map[string]input
	later compose.Later
}

func newPolicyInput(parts map[string]input) policyInput {
	return policyInput{parts: parts, later: make(compose.Later)}
}

// policy reads an attribute of the configuration that holds a policy. It returns false where there is none to look at.
func (r *reading) policy(in input, names ...string) (policyInput, bool) {
	r.unknown = r.unknown || in.unknown()
	if !in.known() {
		return policyInput{}, false
	}
	if !in.isObject() {
		in.fields() // It says what is wrong.
		return policyInput{}, false
	}
	faults := in.faults()
	p := newPolicyInput(in.attributes(names...))
	if in.faults() > faults { // What is misspelt may be any of those that are missing.
		for _, name := range names {
			if p.parts[name].absent() {
				p.put(name)
			}
		}
	}
	return p, true
}

func (p policyInput) put(name string) { p.later[name] = compose.PendingList{Whole: true} }

// text returns a text, empty where there is none.
func (p policyInput) text(name string) string {
	in := p.parts[name]
	text := in.text()
	if in.isText() && text == "" {
		in.failAs("Empty value", "it is an empty text; leave it out, or set it to null")
		p.put(name)
	}
	if !in.settled() {
		p.put(name)
	}
	return text
}

// texts returns the texts of a list, and nil where there is none.
func (p policyInput) texts(name string) []string {
	in := p.parts[name]
	faults := in.faults()
	texts, later := in.texts()
	switch {
	case later.Any():
		p.later[name] = later
	case in.faults() > faults:
		p.put(name)
	}
	return texts
}

// boolean returns a boolean, nil where there is none.
func (p policyInput) boolean(name string) *bool {
	in := p.parts[name]
	faults := in.faults()
	value := in.boolean()
	if in.unknown() || in.faults() > faults {
		p.put(name)
	}
	if !in.known() {
		return nil
	}
	return &value
}

// whole returns a whole number, and the one for where there is none.
func (p policyInput) whole(name string, least, most, otherwise int64) int64 {
	in := p.parts[name]
	faults := in.faults()
	value := in.whole(least, most)
	if in.unknown() || in.faults() > faults {
		p.put(name)
	}
	if !in.known() {
		return otherwise
	}
	return value
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
	var r reading
	c := compose.Config{Domain: r.domain(parts["domain"]), TTL: ttlInput(parts["ttl"])}
	c.Acknowledge, c.Pending.Acknowledge = parts["acknowledge"].texts()
	return c
}
