package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type rrsetsFunction struct{}

func newRRsetsFunction() function.Function { return rrsetsFunction{} }

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
			"sorted and without duplicates.\n\nThese are errors:\n\n- two different CNAMEs at one owner, or a CNAME beside other records (RFC 1034 §3.6.2)\n- two SPF records (RFC 7208 §4.5), DMARC records (RFC 9989 §4.10), MTA-STS records or TLS reporting records at one owner\n- two DKIM keys at one selector (RFC 6376 §3.6.2.2)\n\n" +
			"An unknown value leaves only the TTL and the lists of its own RRset unknown, so `for_each` works. An unknown owner leaves the whole result unknown.",
		Parameters: []function.Parameter{recordsParameter()},
		Return:     function.MapReturn{ElementType: rrsetType()},
	}
}

func (rrsetsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	input, err := recordsArgument(ctx, req)
	switch {
	case err != nil:
		resp.Error = err
		return
	case input.unknown.Whole():
		resp.Error = resp.Result.Set(ctx, types.MapUnknown(rrsetType()))
		return
	}
	sets, failure := rrsetModels(input.records, input.unknown)
	if failure != nil {
		resp.Error = recordsError(failure)
		return
	}
	resp.Error = resp.Result.Set(ctx, sets)
}

// rrsetModels groups records. Sets with unknown ones have unknown values.
func rrsetModels(records record.Set, unknown problem.Unknown) (map[string]rrsetModel, error) {
	// An unknown value may turn out to be that of another record of the same owner and type.
	type set struct {
		owner dnsname.Name
		typ   record.Type
	}
	values := make(map[set]string, len(records))
	for _, key := range records.Keys() {
		if r := records[key]; !unknown.Key(key).Any() {
			values[set{r.Owner, r.Type}] = r.Value
		}
	}
	for _, key := range unknown.Keys() {
		r := records[key]
		r.Value = values[set{r.Owner, r.Type}]
		records[key] = r
	}
	sets, err := record.RRsets(records)
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
	for _, key := range unknown.Keys() {
		key := record.RRset{Owner: records[key].Owner, Type: records[key].Type}.Key()
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
