package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type rrsetsFunction struct{}

func newRRsetsFunction() function.Function { return rrsetsFunction{} }

// rrsetInput is the part of the record object that the function needs.
type rrsetInput struct {
	Name  types.String `tfsdk:"name"`
	FQDN  types.String `tfsdk:"fqdn"`
	Type  types.String `tfsdk:"type"`
	TTL   types.Int64  `tfsdk:"ttl"`
	Value types.String `tfsdk:"value"`
}

func rrsetInputType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"name": types.StringType, "fqdn": types.StringType, "type": types.StringType, "ttl": types.Int64Type, "value": types.StringType,
	}}
}

type rrsetModel struct {
	Name   types.String `tfsdk:"name"`
	FQDN   types.String `tfsdk:"fqdn"`
	Type   types.String `tfsdk:"type"`
	TTL    types.Int64  `tfsdk:"ttl"`
	Values types.List   `tfsdk:"values"`
	Quoted types.List   `tfsdk:"quoted"`
}

func rrsetType() types.ObjectType {
	texts := types.ListType{ElemType: types.StringType}
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"name": types.StringType, "fqdn": types.StringType, "type": types.StringType, "ttl": types.Int64Type, "values": texts, "quoted": texts,
	}}
}

func (rrsetsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "rrsets"
}

func (rrsetsFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Group records into RRsets",
		MarkdownDescription: "Groups records by owner and type, for DNS providers whose resource is a whole RRset (Route 53, Azure, Google Cloud, Hetzner, PowerDNS, hashicorp/dns). " +
			"The keys of the result are `<fqdn>/<type>`, such as `example.com/TXT`. Each RRset has `name`, `fqdn`, `type`, `ttl` (the smallest of its records, in seconds), `values` and `quoted`, " +
			"sorted and each once. Two different CNAMEs at one owner, or a CNAME beside other records, are an error (RFC 1034 §3.6.2). " +
			"A value that is known only after apply leaves only its own RRset's lists unknown, so that `for_each` works.",
		Parameters: []function.Parameter{
			function.MapParameter{
				Name:               "records",
				ElementType:        rrsetInputType(),
				AllowUnknownValues: true,
				MarkdownDescription: "Records, such as those of this provider's data sources, of several by `merge()`; `name`, `fqdn`, `type`, `ttl` and `value` count. " +
					"An element that is null is left out.",
			},
		},
		Return: function.MapReturn{ElementType: rrsetType()},
	}
}

func (rrsetsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Map
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	unknown := types.MapUnknown(rrsetType())
	if argument.IsUnknown() {
		resp.Error = resp.Result.Set(ctx, unknown)
		return
	}
	known, pending := make(record.Set), make(record.Set)
	for key, element := range argument.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsNull() {
			continue
		}
		if object.IsUnknown() {
			resp.Error = resp.Result.Set(ctx, unknown)
			return
		}
		var in rrsetInput
		if diags := object.As(ctx, &in, objectAsOptions); diags.HasError() {
			resp.Error = function.FuncErrorFromDiags(ctx, diags)
			return
		}
		if in.Name.IsUnknown() || in.FQDN.IsUnknown() || in.Type.IsUnknown() {
			resp.Error = resp.Result.Set(ctx, unknown)
			return
		}
		r, err := in.record()
		if err != nil {
			resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("records[%q]: %v", key, err))
			return
		}
		if in.TTL.IsUnknown() || in.Value.IsUnknown() {
			pending[key] = r
		} else {
			known[key] = r
		}
	}
	sets, err := rrsetModels(known, pending)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, sets)
}

// record translates one element. A value that is not known yet stays empty.
func (in rrsetInput) record() (record.Record, error) {
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

// rrsetModels groups the known records, and the pending ones into sets whose values are unknown.
func rrsetModels(known, pending record.Set) (map[string]rrsetModel, error) {
	// What is not known yet may turn out to be what is known of the same owner and type.
	for key, r := range pending {
		for _, other := range known {
			if other.Owner == r.Owner && other.Type == r.Type {
				r.Value = other.Value
				pending[key] = r
			}
		}
	}
	all := make(record.Set, len(known)+len(pending))
	maps.Copy(all, known)
	maps.Copy(all, pending)
	sets, err := record.RRsets(all)
	if err != nil {
		return nil, err
	}
	models := make(map[string]rrsetModel, len(sets))
	for key, s := range sets {
		models[key] = rrsetModel{
			Name: types.StringValue(s.Name()), FQDN: types.StringValue(s.Owner.String()), Type: types.StringValue(string(s.Type)),
			TTL: types.Int64Value(int64(s.TTL)), Values: stringList(s.Values), Quoted: stringList(s.Quoted()),
		}
	}
	for _, r := range pending {
		key := record.RRset{Owner: r.Owner, Type: r.Type}.Key()
		m := models[key]
		m.TTL, m.Values, m.Quoted = types.Int64Unknown(), types.ListUnknown(types.StringType), types.ListUnknown(types.StringType)
		models[key] = m
	}
	return models, nil
}

func stringList(texts []string) types.List {
	values := make([]attr.Value, len(texts))
	for i, text := range texts {
		values[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, values)
}
