package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// recordsParameter is the parameter of functions that take records.
func recordsParameter() function.Parameter {
	return function.MapParameter{
		Name:               "records",
		ElementType:        recordInputType(),
		AllowUnknownValues: true,
		MarkdownDescription: "Records, such as those of this provider's data sources, of several by `merge()`; `name`, `fqdn`, `type`, `ttl` and `value` count. " +
			"An element that is null is left out.",
	}
}

// recordInput is the part of the record object that functions need.
type recordInput struct {
	Name  types.String `tfsdk:"name"`
	FQDN  types.String `tfsdk:"fqdn"`
	Type  types.String `tfsdk:"type"`
	TTL   types.Int64  `tfsdk:"ttl"`
	Value types.String `tfsdk:"value"`
}

func recordInputType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"name": types.StringType, "fqdn": types.StringType, "type": types.StringType, "ttl": types.Int64Type, "value": types.StringType,
	}}
}

// recordsInput is what functions get to work with.
type recordsInput struct {
	known, pending record.Set // pending are those whose TTL or value is known only after apply
	unknown        bool       // not even owners and types are known
}

// recordsArgument reads the records that a function was called with. All that is wrong with them is told at once, in
// the order of their keys.
func recordsArgument(ctx context.Context, req function.RunRequest) (recordsInput, *function.FuncError) {
	var argument types.Map
	if err := req.Arguments.Get(ctx, &argument); err != nil {
		return recordsInput{}, err
	}
	if argument.IsUnknown() {
		return recordsInput{unknown: true}, nil
	}
	input := recordsInput{known: make(record.Set), pending: make(record.Set)}
	elements := argument.Elements()
	var wrong []string
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		object, ok := elements[key].(types.Object)
		if !ok || object.IsNull() {
			continue
		}
		if object.IsUnknown() {
			input.unknown = true
			continue
		}
		var in recordInput
		if diags := object.As(ctx, &in, objectAsOptions); diags.HasError() {
			return recordsInput{}, function.FuncErrorFromDiags(ctx, diags)
		}
		if in.Name.IsUnknown() || in.FQDN.IsUnknown() || in.Type.IsUnknown() {
			input.unknown = true
			continue
		}
		r, err := in.record()
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("records[%q]: %v", key, err))
			continue
		}
		if in.TTL.IsUnknown() || in.Value.IsUnknown() {
			input.pending[key] = r
		} else {
			input.known[key] = r
		}
	}
	if len(wrong) > 0 {
		return recordsInput{}, argumentError(0, errorLines(wrong))
	}
	return input, nil
}

// record translates one element. A value that is not known yet stays empty.
func (in recordInput) record() (record.Record, error) {
	owner, err := dnsname.Parse(in.FQDN.ValueString())
	if err != nil {
		return record.Record{}, fmt.Errorf("fqdn %w", err)
	}
	domain, err := domainOf(in.Name.ValueString(), owner)
	if err != nil {
		return record.Record{}, err
	}
	typ, err := record.ParseType(in.Type.ValueString())
	if err != nil {
		return record.Record{}, err
	}
	if in.TTL.IsNull() || in.TTL.ValueInt64() < 0 || in.TTL.ValueInt64() > 1<<31-1 {
		return record.Record{}, fmt.Errorf("ttl must be a number of seconds from 0 to %d (RFC 2181 §8)", 1<<31-1)
	}
	r := record.Record{Domain: domain, Owner: owner, Type: typ, TTL: uint32(in.TTL.ValueInt64())}
	if in.Value.IsUnknown() {
		return r, nil
	}
	return record.New(domain, owner, typ, r.TTL, in.Value.ValueString())
}

// domainOf returns the domain that an owner's relative name belongs to.
func domainOf(name string, owner dnsname.Name) (dnsname.Name, error) {
	domain := owner
	if name != "@" {
		for range dnsname.FromDNS(name).Labels() {
			domain = domain.Parent()
		}
	}
	if relative, ok := owner.In(domain); !ok || relative != name {
		return dnsname.Name{}, fmt.Errorf("name %q does not go with fqdn %q; write both as a data source gives them, or \"@\" for the domain itself", name, owner)
	}
	return domain, nil
}
